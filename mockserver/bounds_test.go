package mockserver

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
)

// What a server keeps for inspection does not grow forever.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	var l eventLog
	const all = 3*maxEvents + 7
	for i := range all {
		l.add(Event{CustomerID: strconv.Itoa(i)})
	}
	require.Equal(t, all, l.count())
	kept := sinceMark(&l, 0)
	require.Len(t, kept, maxEvents)
	require.Equal(t, strconv.Itoa(all-maxEvents), kept[0].CustomerID)
	require.Equal(t, strconv.Itoa(all-1), kept[maxEvents-1].CustomerID)
	require.Len(t, sinceMark(&l, all-5), 5)
	require.Empty(t, sinceMark(&l, all))
	require.LessOrEqual(t, len(l.latest), 2*maxEvents)
}

func TestResponsesAreBounded(t *testing.T) {
	t.Parallel()
	var rs responses
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	claim := func(key string) (*response, bool) {
		a, first := rs.claim(responseKey{Key: key}, billing.KeyHash{}, now)
		if first {
			close(a.done)
			rs.gate.RUnlock()
		}
		return a, first
	}
	for i := range maxResponses + 10 {
		_, first := claim(strconv.Itoa(i))
		require.True(t, first)
	}
	require.Len(t, rs.byKey, maxResponses)
	_, first := claim("10")
	require.False(t, first, "the latest responses are kept")
	old, first := claim("9")
	require.True(t, first)

	// Replayed responses are limited too, and a key that was used again is not lost together with its first response.
	kept := rs.snapshot(now)
	require.Len(t, kept, maxResponses)
	rs.forget(keptResponse{responseKey{Key: "9"}, &response{}})
	again, first := claim("9")
	require.False(t, first)
	require.Same(t, old, again)
	now = now.Add(idempotencyLife)
	claim("later")
	require.Len(t, rs.byKey, 1)
	require.Len(t, rs.queue, 1)
}

func sinceMark(l *eventLog, mark int) []Event {
	events, _ := l.since(mark)
	return events
}
