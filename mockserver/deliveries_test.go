package mockserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// receiver is an application that receives events. It responds with the status that fail returns, or with 200 and
// remembers the event.
type receiver struct {
	t      *testing.T
	secret string
	fail   func(attempt int) int // status, or 0 to succeed; may be nil

	mu       sync.Mutex
	attempts int
	events   []lava.WebhookEvent
	done     func() // called on each success; may be nil
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.attempts++
	if r.fail != nil {
		if status := r.fail(r.attempts); status != 0 {
			http.Error(w, "not now", status)
			return
		}
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the test misses the event
	}
	event, err := lava.ConstructEvent(body, req.Header.Get(lava.WebhookSignatureHeader), r.secret)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.events = append(r.events, *event)
	if r.done != nil {
		r.done()
	}
}

func (r *receiver) types() []lava.WebhookEventType {
	r.mu.Lock()
	defer r.mu.Unlock()
	types := make([]lava.WebhookEventType, len(r.events))
	for i, e := range r.events {
		types[i] = e.Type
	}
	return types
}

// listen registers a webhook whose deliveries reach r in process.
func (r *receiver) listen(s *mockserver.Server, url string) *lava.WebhookCreated {
	r.t.Helper()
	w, err := s.Client().Webhooks.Create(r.t.Context(), lava.CreateWebhookParams{Name: "app", URL: url})
	require.NoError(r.t, err)
	r.secret = w.Secret.Reveal()
	require.NoError(r.t, s.HandleWebhooks(url, r))
	return w
}

const hookURL = "https://app.example.com/hooks/lava"

func addCustomer(t *testing.T, s *mockserver.Server) string {
	t.Helper()
	c, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{Name: "Ada Lovelace"})
	require.NoError(t, err)
	return c.CustomerID
}

func TestDeliveriesInOrder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		r := &receiver{t: t}
		r.listen(s, hookURL)
		shop := openShop(t, s)
		require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
		require.Equal(t, 200, send(t, s, "DELETE", "/v1/customers/"+shop.customer, "").status)
		require.NoError(t, s.Settle(t.Context()))
		require.Equal(t, []lava.WebhookEventType{
			lava.EventCustomerCreated, lava.EventCustomerBalanceUpdated, lava.EventCustomerBalanceUpdated, lava.EventCustomerDeleted,
		}, r.types())
		require.Equal(t, shop.customer, r.events[0].Customer.CustomerID)
		require.Equal(t, shop.plan.PlanID, r.events[0].Customer.Subscription.PlanID)
		require.Nil(t, r.events[3].Customer.Subscription)
		for _, d := range s.Deliveries() {
			require.Equal(t, mockserver.DeliveryDelivered, d.Status)
			require.Len(t, d.Attempts, 1)
			require.Equal(t, hookURL, d.Attempts[0].URL)
			require.Zero(t, d.NextAttempt)
		}
	})
}

// The data of an event is the customer as the API shows it.
func TestDeliveredBody(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	r := &receiver{t: t}
	r.listen(s, hookURL)
	id := addCustomer(t, s)
	require.NoError(t, s.Settle(t.Context()))
	var body map[string]any
	require.NoError(t, json.Unmarshal(s.Deliveries()[0].Body, &body))
	require.Equal(t, map[string]any{
		"event": "customer.created",
		"data":  send(t, s, "GET", "/v1/customers/"+id, "").object(t),
	}, body)

	// JavaScript writes these characters as they are, and a receiver may compare bytes.
	const metadata = `"metadata":{"a":"<&>"}`
	created := send(t, s, "POST", "/v1/customers", "{"+metadata+"}")
	require.Contains(t, string(created.body), metadata)
	require.NoError(t, s.Settle(t.Context()))
	require.Contains(t, string(s.Deliveries()[1].Body), metadata)
}

// What was sent can be compared with what the receiver has calculated, and a rejected delivery says why it probably was.
func TestWhyADeliveryWasRejected(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "its secret is not the webhook's, or it verified a body that was parsed and encoded again, not the bytes that arrived",
		401: "the receiver probably could not verify the signature",
		403: "protection against CSRF",
		404: "the receiver has no handler for POST at this path",
		405: "the receiver has no handler for POST at this path",
		500: "",
	} {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.At(newYear))
		r := &receiver{t: t, fail: func(int) int { return status }}
		webhook := r.listen(s, hookURL)
		s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookWrongSignature, Times: 1, After: 1})
		addCustomer(t, s)
		require.NoError(t, s.Settle(t.Context()))
		d := s.Deliveries()[0]
		require.Contains(t, d.Hint, want)
		require.Equal(t, want == "", d.Hint == "")
		require.Equal(t, http.Header{
			"Content-Type": {"application/json"}, "User-Agent": {"lava-go-mockserver"},
			lava.WebhookSignatureHeader: {lava.SignWebhook(d.Body, webhook.Secret.Reveal())},
		}, d.Attempts[0].Header)
		require.Empty(t, d.Attempts[0].Failure)

		s.Advance(5 * time.Second)
		d = s.Deliveries()[0]
		require.Equal(t, "nothing is wrong with the receiver: a test armed this failure, wrong signature", d.Hint)
		require.Equal(t, mockserver.WebhookWrongSignature, d.Attempts[1].Failure)
		require.NotEqual(t, d.Attempts[0].Header, d.Attempts[1].Header)
		list := string(send(t, s, "GET", "/_mock/deliveries", "").body)
		require.Contains(t, list, `"failure":"wrong_signature"`)
		require.Contains(t, list, d.Attempts[1].Header.Get(lava.WebhookSignatureHeader))

		r.fail = func(int) int { return 0 }
		s.Advance(time.Minute)
		require.Equal(t, mockserver.DeliveryDelivered, s.Deliveries()[0].Status)
		require.Empty(t, s.Deliveries()[0].Hint)
	}
}

// The receiver is down for three attempts, then up: one effect, four attempts, and no waiting in real time.
func TestRetries(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		r := &receiver{t: t, fail: func(n int) int {
			if n <= 3 {
				return http.StatusServiceUnavailable
			}
			return 0
		}}
		r.listen(s, hookURL)
		addCustomer(t, s)
		require.NoError(t, s.Settle(t.Context()))
		require.Equal(t, start.Add(5*time.Second), s.Deliveries()[0].NextAttempt)

		s.Advance(time.Hour)
		require.Equal(t, []lava.WebhookEventType{lava.EventCustomerCreated}, r.types())
		d := s.Deliveries()[0]
		require.Equal(t, mockserver.DeliveryDelivered, d.Status)
		var after []time.Duration
		var errs []string
		for _, a := range d.Attempts {
			after = append(after, a.At.Sub(start))
			errs = append(errs, a.Error)
		}
		require.Equal(t, []time.Duration{0, 5 * time.Second, 35 * time.Second, 155 * time.Second}, after)
		require.Equal(t, []string{"responded with 503 Service Unavailable", "responded with 503 Service Unavailable", "responded with 503 Service Unavailable", ""}, errs)
		require.Equal(t, "not now\n", d.Attempts[0].Response)
	}, mockserver.At(start))
}

func TestGivingUpAndResending(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	down := true
	r := &receiver{t: t, fail: func(int) int {
		if down {
			return http.StatusInternalServerError
		}
		return 0
	}}
	r.listen(s, hookURL)
	addCustomer(t, s)
	s.Advance(2 * time.Hour)
	d := s.Deliveries()[0]
	require.Equal(t, mockserver.DeliveryGivenUp, d.Status)
	require.Len(t, d.Attempts, 6)
	require.Equal(t, time.Hour+12*time.Minute+35*time.Second, d.Attempts[5].At.Sub(d.CreatedAt))
	s.Advance(100 * time.Hour)
	require.Len(t, s.Deliveries()[0].Attempts, 6)

	down = false
	require.NoError(t, s.Resend(d.ID))
	require.NoError(t, s.Settle(t.Context()))
	again := s.Deliveries()[0]
	require.Equal(t, mockserver.DeliveryDelivered, again.Status)
	require.Len(t, again.Attempts, 7)
	require.Equal(t, d.Body, again.Body)
	require.Len(t, r.types(), 1)
	require.ErrorContains(t, s.Resend("whd_test_nope"), "whd_test_nope")
}

// A delivery waits for earlier ones, so that a receiver never gets the end before the beginning. Other webhooks don't
// wait.
func TestAReceiverThatIsDownDelaysOnlyItself(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	slow := &receiver{t: t, fail: func(n int) int {
		if n == 1 {
			return http.StatusBadGateway
		}
		return 0
	}}
	slow.listen(s, "http://slow.example.com/")
	fast := &receiver{t: t}
	fast.listen(s, "http://fast.example.com/")
	id := addCustomer(t, s)
	require.Equal(t, 200, send(t, s, "DELETE", "/v1/customers/"+id, "").status)
	require.NoError(t, s.Settle(t.Context()))
	both := []lava.WebhookEventType{lava.EventCustomerCreated, lava.EventCustomerDeleted}
	require.Equal(t, both, fast.types())
	require.Empty(t, slow.types())
	s.Advance(5 * time.Second)
	require.Equal(t, both, slow.types())
}

// A receiver sees the server as it was at the instant of the event, and may call it.
func TestAReceiverAsksTheServer(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)))
	shop := openShop(t, s)
	var cycles []time.Time
	r := &receiver{t: t, done: func() {
		sub, err := shop.client.Customers.RetrieveSubscription(context.Background(), shop.customer)
		if err == nil {
			cycles = append(cycles, sub.CycleStartAt)
		}
	}}
	r.listen(s, hookURL)
	require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
	events := s.Advance(90 * 24 * time.Hour)
	require.Len(t, events, 2+1)
	require.Equal(t, []time.Time{
		time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 4, 15, 0, 0, 0, 0, time.UTC),
	}, cycles)
}

func TestOnlyWhatHappensAfterRegistration(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	addCustomer(t, s)
	r := &receiver{t: t}
	w := r.listen(s, hookURL)
	require.NoError(t, s.Settle(t.Context()))
	require.Empty(t, s.Deliveries())

	r.fail = func(int) int { return http.StatusTeapot }
	addCustomer(t, s)
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, 200, send(t, s, "DELETE", "/v1/webhooks/"+w.WebhookID, "").status)
	s.Advance(time.Minute)
	d := s.Deliveries()
	require.Len(t, d, 1)
	require.Equal(t, mockserver.DeliveryGivenUp, d[0].Status)
	require.Equal(t, "the webhook was deleted", d[0].Attempts[1].Error)
	require.Equal(t, 1, r.attempts)
}

// A receiver that hangs does not block others.
func TestAReceiverThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.WebhookTimeout(100*time.Millisecond))
		const url = "https://hangs.example.com/"
		require.NoError(t, s.HandleWebhooks(url, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // after this, its context ends with the connection
			<-r.Context().Done()
		})))
		_, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "bad", URL: url})
		require.NoError(t, err)
		good := &receiver{t: t}
		good.listen(s, hookURL)
		addCustomer(t, s)
		require.NoError(t, s.Settle(t.Context()))
		require.Len(t, good.types(), 1)
		require.Equal(t, "no response within 100ms", s.Deliveries()[0].Attempts[0].Error)
	})
}

func TestSettleHonorsItsContext(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	entered := make(chan struct{})
	require.NoError(t, s.HandleWebhooks(hookURL, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})))
	_, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "hangs", URL: hookURL})
	require.NoError(t, err)
	addCustomer(t, s)
	<-entered // delivered automatically
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Settle(ctx), context.Canceled)
	require.NoError(t, s.Close())
	require.ErrorIs(t, s.Settle(t.Context()), http.ErrServerClosed)
	require.Empty(t, s.Deliveries()[0].Attempts, "an attempt that was cut off says nothing about the receiver")
}

// Close returns after the handlers, so that what they use can be removed. It does not wait forever for one that
// hangs.
func TestCloseWaitsForHandlers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		takes time.Duration
		err   string
	}{
		{"that ends", time.Second, ""},
		{"that hangs", time.Hour, "still runs 5s after"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, err := mockserver.New(mockserver.InMemory())
				require.NoError(t, err)
				entered, leave, ended := make(chan struct{}), make(chan struct{}), false
				defer close(leave)
				require.NoError(t, s.HandleWebhooks(hookURL, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					close(entered)
					select {
					case <-time.After(tt.takes): // in the bubble's time
					case <-leave:
					}
					ended = true
				})))
				_, err = s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "slow", URL: hookURL})
				require.NoError(t, err)
				addCustomer(t, s)
				<-entered
				err = s.Close()
				if tt.err != "" {
					require.ErrorContains(t, err, tt.err)
					return
				}
				require.NoError(t, err)
				require.True(t, ended)
			})
		})
	}
}

// With a running clock, renewals and retries are delivered on time, without a call to the server.
func TestDeliveriesInRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime())
		shop := openShop(t, s)
		require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
		start := time.Now()
		r := &receiver{t: t, fail: func(n int) int {
			if n == 1 {
				return http.StatusServiceUnavailable
			}
			return 0
		}}
		r.listen(s, hookURL)
		time.Sleep(32 * 24 * time.Hour)
		synctest.Wait()
		require.Equal(t, []lava.WebhookEventType{lava.EventCustomerBalanceUpdated}, r.types())
		d := s.Deliveries()[0]
		const soon = 10 * time.Millisecond
		require.WithinDuration(t, d.CreatedAt, d.Attempts[0].At, soon)
		require.WithinDuration(t, d.CreatedAt.Add(5*time.Second), d.Attempts[1].At, soon)
		require.True(t, d.CreatedAt.After(start.Add(27*24*time.Hour)))
	})
}

// Printed values are a single line with the essentials, without secrets.
func TestWhatIsPrinted(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook?key=hidden"}`).status)
	shop := openShop(t, s)
	require.NoError(t, s.Settle(t.Context()))

	due, ok := s.NextDue()
	require.True(t, ok)
	require.Regexp(t, `^2026-01-01T00:00:\d\dZ delivery of customer con_test_\w+: \w+$`, fmt.Sprint(due))
	entries, err := s.Ledger(shop.customer)
	require.NoError(t, err)
	require.Regexp(t, `^\[2026-01-01T00:00:00Z grant: cycle \+25 = 25, bundle 0 = 0, by \w+\]$`, fmt.Sprint(entries))
	text := fmt.Sprintf("%v", s.Deliveries())
	require.Regexp(t, `^\[2026-01-01T00:00:00Z \w+ of customer.created to wh_test_\w+: pending, attempt 1 at 2026-01-01T00:00:00Z got 418, next at 2026-01-01T00:00:\d\dZ`, text)
	require.NotContains(t, text, "hidden")
	require.NotContains(t, text, "+15551234567")
}
