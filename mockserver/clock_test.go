package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
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
	now := s.Now()
	require.Equal(t, now, s.Now())
	require.WithinDuration(t, time.Now(), s.Now(), time.Minute)
	require.Zero(t, s.Now().Nanosecond()%int(time.Millisecond))
}

// In a testing/synctest bubble, the test controls even real time.
func TestInABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime())
		shop := openShop(t, s)
		time.Sleep(32 * 24 * time.Hour)
		sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
		require.NoError(t, err)
		require.True(t, sub.CycleStartAt.After(sub.StartedAt), "the renewal happened automatically")
	})
}

// Jumps have limits, and the clock can reach them.
func TestLimitsOfTheClock(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]mockserver.Option{"frozen": mockserver.At(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)), "real": mockserver.RealTime()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, opt)
			openShop(t, s)
			jump := func(body string) answer { return send(t, s, "POST", "/_mock/clock", body) }
			for body, want := range map[string]string{
				`{"to":"2400-01-01T00:00:00Z"}`:      "to: 2400-01-01T00:00:00Z is more than 100 years after ",
				`{"to":"9999-01-01T00:00:00Z"}`:      "can't go beyond the year 9998",
				`{"to":"9998-12-31T23:59:59-12:00"}`: "can't go beyond the year 9998",
				`{"advance":"2562047h"}`:             "advance: ",
			} {
				a := jump(body)
				require.Equal(t, 400, a.status, body)
				require.Contains(t, string(a.body), want, body)
			}
			require.Panics(t, func() { s.Advance(1<<63 - 1) })
			require.Panics(t, func() { s.AdvanceTo(s.Now().AddDate(100, 0, 1)) })

			for range 4 { // beyond the range of a time.Duration
				before := s.Now()
				require.NotEmpty(t, s.AdvanceTo(before.AddDate(100, 0, 0)))
				require.WithinDuration(t, before.AddDate(100, 0, 0), s.Now(), time.Minute)
			}
		})
	}
	for _, year := range []int{1969, 9999} {
		_, err := mockserver.New(mockserver.At(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)))
		require.ErrorContains(t, err, strconv.Itoa(year))
	}
}

// Times up to a year after the last instant can still be written.
func TestTheLastYear(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(9998, 12, 31, 0, 0, 0, 0, time.UTC)))
	shop := openShop(t, s)
	_, err := shop.client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{Name: "Yearly", BillingInterval: lava.IntervalYear})
	require.NoError(t, err)
	s.AdvanceTo(time.Date(9998, 12, 31, 23, 59, 59, 0, time.UTC))
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	require.NoError(t, s.Restore(snapshot))
	require.Equal(t, 400, send(t, s, "POST", "/v1/spend_keys", `{"name":"k","expires_at":"9999-12-31T23:59:59-01:00"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/spend_keys", `{"name":"k","expires_at":"9999-12-31T23:59:59Z"}`).status)
	_, err = s.Snapshot()
	require.NoError(t, err)
}

// A jump ends when its caller disconnects, and does not block the next one.
func TestAJumpEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	openShop(t, s)
	reached, stay := make(chan struct{}, 10), make(chan struct{})
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		reached <- struct{}{}
		<-stay
	})))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
	jump := func(ctx context.Context) { // returns when the server has ended it
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"/_mock/clock", strings.NewReader(`{"advance":"2000h"}`))
		r.RemoteAddr = "127.0.0.1:1"
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	start := func() (leave, gone func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			jump(ctx)
		}()
		return cancel, func() { <-done }
	}
	leave, gone := start()
	<-reached // at the first renewal
	at := s.Now()
	require.Equal(t, newYear.AddDate(0, 1, 0), at)
	require.Equal(t, 200, send(t, s, "GET", "/v1/customers", "").status, "other calls are not blocked")
	leaveSecond, secondGone := start()
	leaveSecond()
	secondGone() // the second call can be cancelled while it waits
	leave()
	gone()
	close(stay)
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, at, s.Now(), "the clock has stopped there")
	jump(t.Context())
	require.True(t, s.Now().After(at))
}

// A jump that is requested during another one continues from its end.
func TestJumpsAddUp(t *testing.T) {
	t.Parallel()
	for name, second := range map[string]func(*testing.T, *mockserver.Server){
		"of methods":   func(_ *testing.T, s *mockserver.Server) { s.Advance(time.Hour) },
		"of endpoints": func(t *testing.T, s *mockserver.Server) { send(t, s, "POST", "/_mock/clock", `{"advance":"1h"}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory(), mockserver.At(newYear))
				openShop(t, s)
				reached, stay := make(chan struct{}, 10), make(chan struct{})
				require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					reached <- struct{}{}
					<-stay
				})))
				require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
				var wg sync.WaitGroup
				wg.Go(func() { s.Advance(2000 * time.Hour) })
				<-reached // at the first renewal
				wg.Go(func() { second(t, s) })
				synctest.Wait()
				close(stay)
				wg.Wait()
				require.Equal(t, newYear.Add(2001*time.Hour), s.Now())
			})
		})
	}
}

// A jump on which too much falls due stops, and the next one continues.
func TestAJumpOfTooManyCycles(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear), mockserver.InMemory())
	plan := send(t, s, "POST", "/v1/plans", `{"name":"Daily","period_amount":"0","billing_interval":"day"}`).object(t)["plan_id"]
	for i := range 30 {
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", fmt.Sprintf(`{"reference_id":"c%d"}`, i)).status)
		require.Equal(t, 201, send(t, s, "POST", "/v1/subscriptions", fmt.Sprintf(`{"customer_id":"c%d","plan_id":%q}`, i, plan)).status)
	}
	to := newYear.AddDate(100, 0, 0)
	a := send(t, s, "POST", "/_mock/clock", `{"to":"2126-01-01T00:00:00Z"}`)
	require.Equal(t, 400, a.status)
	require.Contains(t, string(a.body), "to: more than 1000000 subscription cycles end before 2126-01-01T00:00:00Z: jump there in steps")
	require.Equal(t, newYear, s.Now(), "nothing was carried out")
	require.Panics(t, func() { s.AdvanceTo(to) })
	s.AdvanceTo(newYear.AddDate(50, 0, 0))
	s.AdvanceTo(to)
	require.Equal(t, to, s.Now())
}

// Advancing to the time of NextDue makes that happen.
func TestNextDue(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	_, ok := s.NextDue()
	require.False(t, ok)
	shop := openShop(t, s)
	due, ok := s.NextDue()
	require.True(t, ok)
	require.Equal(t, mockserver.Due{At: newYear.AddDate(0, 1, 0), Kind: mockserver.DueRenewal, MerchantID: s.MerchantIDs()[0], CustomerID: shop.customer, ID: due.ID}, due)
	_, ok = s.NewMerchant().NextDue()
	require.False(t, ok, "it belongs to another merchant")

	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.NotFoundHandler()))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{}`).status)
	require.NoError(t, s.Settle(t.Context()))
	due, _ = s.NextDue()
	require.Equal(t, mockserver.DueDelivery, due.Kind)
	require.Equal(t, s.Deliveries()[0].ID, due.ID)
	require.Len(t, s.Deliveries()[0].Attempts, 1)
	s.AdvanceTo(due.At)
	require.Len(t, s.Deliveries()[0].Attempts, 2)

	a := send(t, s, "GET", "/_mock/clock/next", "")
	require.Contains(t, string(a.body), `"kind":"delivery"`)
}
