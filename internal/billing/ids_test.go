package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	at := date(2026, 1, 1)
	first := NewID("con", at, 1, 1)
	require.Regexp(t, `^con_test_[0-9A-HJKMNP-TV-Z]{26}$`, first)
	require.Equal(t, first, NewID("con", at, 1, 1), "ids are deterministic")
	require.NotEqual(t, first, NewID("con", at, 2, 1), "another seed")
	require.Less(t, first, NewID("con", at, 1, 2), "ids of one instant sort by creation")
	require.Less(t, NewID("con", at, 1, 1<<20), NewID("con", at.AddDate(0, 0, 1), 1, 1), "and ids sort by time")
}
