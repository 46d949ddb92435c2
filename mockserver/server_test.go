package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestAdvanceRenews(t *testing.T) {
	start := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	s := mockserver.Start(t, mockserver.At(start))
	shop := openShop(t, s)
	events := s.Advance(60 * 24 * time.Hour)
	require.Len(t, events, 2, "two renewals")
	require.Equal(t, time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC), events[0].At)
	require.Equal(t, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC), events[1].At)
	require.Equal(t, start.Add(60*24*time.Hour), s.Now())
	sub, err := shop.client.Customers.GetSubscription(t.Context(), shop.customer)
	require.NoError(t, err)
	require.Equal(t, events[1].At, sub.CycleStartAt)

	require.Panics(t, func() { s.Advance(-1) })
	require.Panics(t, func() { s.AdvanceTo(start) })
}

func TestTheClockStandsStill(t *testing.T) {
	s := mockserver.Start(t)
	require.Equal(t, s.Now(), s.Now())
	require.WithinDuration(t, time.Now(), s.Now(), time.Minute)
	require.Zero(t, s.Now().Nanosecond()%int(time.Millisecond))
}

// In a bubble of testing/synctest even real time is the test's to turn.
func TestInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime())
		shop := openShop(t, s)
		time.Sleep(32 * 24 * time.Hour)
		sub, err := shop.client.Customers.GetSubscription(t.Context(), shop.customer)
		require.NoError(t, err)
		require.True(t, sub.CycleStartAt.After(sub.StartedAt), "the renewal has happened by itself")
	})
}

func TestIdsAreReproducible(t *testing.T) {
	ids := func(seed uint64) []string {
		s := mockserver.Start(t, mockserver.Seed(seed), mockserver.At(time.Unix(1e9, 0)))
		shop := openShop(t, s)
		return []string{shop.meter.MeterID, shop.plan.PlanID, shop.customer}
	}
	require.Equal(t, ids(1), ids(1))
	require.NotEqual(t, ids(1), ids(2))
}

func TestDeclinedCard(t *testing.T) {
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{Card: "4000 0000 0000 0002"})
	var declined *mockserver.Error
	require.ErrorAs(t, err, &declined)
	require.Equal(t, "payment_declined", declined.Code)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
	require.ErrorAs(t, err, &declined)
	require.Equal(t, http.StatusConflict, declined.Status)
}

func TestSecretKeysOfOptions(t *testing.T) {
	_, err := mockserver.New(mockserver.SecretKey("aks_live_x"))
	require.ErrorContains(t, err, "aks_test_")
	s := mockserver.Start(t, mockserver.SecretKey("aks_test_first"), mockserver.SecretKey("aks_test_second"))
	require.Equal(t, "aks_test_first", s.SecretKey())
	require.Equal(t, 200, sendAs(t, s, "aks_test_second", "GET", "/v1/meters", "").status)
	_, err = mockserver.New(mockserver.SecretKey("aks_test_twice"), mockserver.SecretKey("aks_test_twice"))
	require.Error(t, err)
}

func TestManyServersAtOnce(t *testing.T) {
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			shop := openShop(t, mockserver.Start(t, mockserver.InMemory()))
			page, err := shop.client.Customers.List(t.Context(), lava.CustomersListParams{})
			require.NoError(t, err)
			require.Len(t, page.Data, 1)
		})
	}
}

// program is an application with no idea of the mock server.
func program(ctx context.Context) (int, error) {
	client, err := lava.New()
	if err != nil {
		return 0, err
	}
	n := 0
	for _, err := range client.Customers.All(ctx, lava.CustomersListParams{}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// An application that makes its client with lava.New is tested as it stands.
func TestAnAppUnderTest(t *testing.T) {
	s := mockserver.Start(t)
	s.Setenv(t)
	openShop(t, s)
	n, err := program(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
