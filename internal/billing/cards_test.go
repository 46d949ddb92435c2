package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyTestCards(t *testing.T) {
	t.Parallel()
	_, err := TestCard("4111 1111 1111 1111", 12, 2030)
	require.ErrorContains(t, err, "4242")
	require.NotContains(t, err.Error(), "4111", "a number that may be real is not repeated")
	_, err = TestCard(goodCard, 13, 2030)
	require.Error(t, err)
}
