package mockserver_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestAdvanceRenews(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	s := mockserver.Start(t, mockserver.At(start))
	shop := openShop(t, s)
	events := s.Advance(60 * 24 * time.Hour)
	require.Len(t, events, 2, "two renewals")
	require.Equal(t, time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC), events[0].At)
	require.Equal(t, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), events[1].At)
	require.Equal(t, start.Add(60*24*time.Hour), s.Now())
	sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
	require.NoError(t, err)
	require.Equal(t, events[1].At, sub.CycleStartAt)

	require.Panics(t, func() { s.Advance(-1) })
	require.Panics(t, func() { s.AdvanceTo(start) })
}

func TestTheClockStandsStill(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.Equal(t, s.Now(), s.Now())
	require.WithinDuration(t, time.Now(), s.Now(), time.Minute)
	require.Zero(t, s.Now().Nanosecond()%int(time.Millisecond))
}

// In a bubble of testing/synctest even real time is the test's to turn.
func TestInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime())
		shop := openShop(t, s)
		time.Sleep(32 * 24 * time.Hour)
		sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
		require.NoError(t, err)
		require.True(t, sub.CycleStartAt.After(sub.StartedAt), "the renewal has happened by itself")
	})
}
