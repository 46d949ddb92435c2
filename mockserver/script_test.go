package mockserver

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A dropped reply is removed together with its text, whatever the reason.
func TestDroppedRepliesAreNotKept(t *testing.T) {
	t.Parallel()
	s, err := New(InMemory())
	require.NoError(t, err)
	defer func() { _ = s.Close() }()
	s.Script(Reply{Text: "a"}, Reply{Text: "b"})
	require.Len(t, s.scripts.byID, 2)
	s.ResetScript()
	require.Empty(t, s.scripts.byID)

	reset, deleted := s.NewMerchant(), s.NewMerchant()
	s.Script(Reply{Text: "for all"})
	reset.Script(Reply{Text: "a"})
	deleted.Script(Reply{Text: "b"})
	reset.Reset()
	require.Len(t, s.scripts.byID, 2)
	require.NoError(t, s.DeleteMerchant(deleted.ID()))
	require.Len(t, s.scripts.byID, 1)
}

// A request that found a reply before a restore does not use up the restored reply with the same id.
func TestARestoreEndsTheRepliesOfRequestsUnderWay(t *testing.T) {
	t.Parallel()
	s, err := New(InMemory())
	require.NoError(t, err)
	defer func() { _ = s.Close() }()
	s.Script(Reply{Text: "old", Times: 1})
	found := s.scriptedReplies()
	require.Len(t, found, 1)

	other, err := New(InMemory())
	require.NoError(t, err)
	defer func() { _ = other.Close() }()
	other.Script(Reply{Text: "new", Times: 1})
	data, err := other.Snapshot()
	require.NoError(t, err)
	require.NoError(t, s.Restore(data))

	restored := s.scriptedReplies()
	require.Len(t, restored, 1)
	require.Equal(t, found[0].ID, restored[0].ID)
	require.Equal(t, "new", restored[0].reply.Text)
	require.False(t, s.takeReply(found[0]))
	require.True(t, s.takeReply(restored[0]))
	require.False(t, s.takeReply(restored[0]), "it is used up")
}
