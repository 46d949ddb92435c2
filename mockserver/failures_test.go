package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// An injected 503 doesn't use up an idempotency key: the retry is the first to have an effect.
func TestAFailureIsNotKeptForTheKey(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		s.Fail(mockserver.Failure{Endpoint: "secret_keys.create", Times: 2, Status: 503})
		for range 2 {
			a := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
			require.Equal(t, 503, a.status)
			require.JSONEq(t, `{"error":{"message":"service unavailable","code":"internal_error","status":503}}`, string(a.body))
		}
		require.Equal(t, 201, post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`).status)
		require.Len(t, send(t, s, "GET", "/v1/secret_keys", "").object(t)["data"], 2)
		require.Equal(t, 409, post(t, s, "/v1/secret_keys", "k1", `{"name":"b"}`).status, "the key belongs to the third call")
	})
}

// A 504 although the call took effect, as from a proxy: the retry gets the lost response.
func TestALostResponseIsReplayed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		s.Fail(mockserver.Failure{Endpoint: "secret_keys.create", Times: 1, At: mockserver.AfterEffect, Status: 504})
		require.Equal(t, 504, post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`).status)
		again := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
		require.Equal(t, 201, again.status)
		key := again.object(t)["secret_key"].(string)
		require.Equal(t, 200, sendAs(t, s, key, "GET", "/v1/meters", "").status, "the secret is in the response and works")
		require.Len(t, send(t, s, "GET", "/v1/secret_keys", "").object(t)["data"], 2, "it took effect once")
	})
}

// The client retries lost calls if it is safe, and nothing is billed twice, wherever the connection was cut.
func TestTheClientBillsOnce(t *testing.T) {
	t.Parallel()
	for _, at := range []mockserver.FailurePoint{mockserver.BeforeEffect, mockserver.AfterEffect} {
		for _, retried := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %v", at, retried), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := mockserver.Start(t, mockserver.InMemory())
					shop := openShop(t, s)
					client := s.Client()
					if retried {
						client = s.Client(lava.WithIdempotentRetries())
					}
					s.Fail(mockserver.Failure{Endpoint: "requests.create", Times: 1, At: at, Cut: true})
					s.Fail(mockserver.Failure{Endpoint: "plans.create", Times: 1, At: at, Cut: true})

					_, err := client.Requests.Create(t.Context(), lava.CreateRequestParams{
						RequestID: "r1", CustomerID: shop.customer, MeterSlug: shop.meter.MeterSlug,
					})
					require.NoError(t, err, "the request id makes it safe to retry")
					require.Equal(t, "24", shop.credits(t).TotalRemaining.String(), "one dollar, charged once")

					_, err = client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
						Name: "Two", PeriodAmount: dec("1"), BillingInterval: lava.IntervalMonth,
					})
					plans, listErr := client.Subscriptions.ListPlans(t.Context(), lava.ListPlansParams{})
					require.NoError(t, listErr)
					switch {
					case retried:
						require.NoError(t, err)
						require.Len(t, plans.Data, 3, "Free, Pro and one Two")
					case at == mockserver.BeforeEffect:
						require.ErrorIs(t, err, io.EOF)
						require.Len(t, plans.Data, 2)
					default:
						require.ErrorIs(t, err, io.EOF)
						require.Len(t, plans.Data, 3)
					}
				})
			})
		}
	}
}

// A rate limit says when to retry, and the client waits until then.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		s.Fail(mockserver.Failure{Times: 1, Status: 429, RetryAfter: 7 * time.Second})
		began := time.Now()
		_, err := s.Client().Meters.List(t.Context(), lava.ListMetersParams{})
		require.NoError(t, err)
		require.Equal(t, 7*time.Second, time.Since(began))

		s.Fail(mockserver.Failure{Times: 1, Status: 429, RetryAfter: 1500 * time.Millisecond})
		a := send(t, s, "GET", "/v1/meters", "")
		require.Equal(t, "2", a.header.Get("Retry-After"), "whole seconds")
		require.Equal(t, "rate_limit_exceeded", a.object(t)["error"].(map[string]any)["code"])
	})
}

// Latency is real time. A call whose client disconnects during it has no effect, unless the latency comes after the
// effect.
func TestLatency(t *testing.T) {
	t.Parallel()
	for at, want := range map[mockserver.FailurePoint]int{mockserver.BeforeEffect: 0, mockserver.AfterEffect: 1} {
		synctest.Test(t, func(t *testing.T) {
			s := mockserver.Start(t, mockserver.InMemory())
			s.Fail(mockserver.Failure{Endpoint: "customers.create", At: at, Latency: 3 * time.Second})
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := s.Client().Customers.Create(ctx, lava.CreateCustomerParams{Name: "Ada"})
			require.ErrorIs(t, err, context.DeadlineExceeded)
			synctest.Wait()
			require.Len(t, send(t, s, "GET", "/v1/customers", "").object(t)["data"], want)
			require.Equal(t, time.Second, time.Since(began))

			_, err = s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{Name: "Ada"})
			require.NoError(t, err)
			require.Equal(t, 4*time.Second, time.Since(began))
		})
	}
}

// The point at which a gateway call fails determines what has happened.
func TestWhereTheGatewayFails(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		for _, tt := range []struct {
			at                mockserver.FailurePoint
			reached, recorded int
			credits           string
		}{
			{mockserver.BeforeEffect, 0, 0, "25"},
			{mockserver.AfterProvider, 1, 0, "25"},
			{mockserver.AfterEffect, 1, 1, "24"},
		} {
			for _, cut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s stream %v cut %v", tt.at, stream, cut), func(t *testing.T) {
					t.Parallel()
					s := mockserver.Start(t, mockserver.InMemory())
					shop := openShop(t, s)
					failure := mockserver.Failure{Endpoint: "gateway.forward", Times: 1, At: tt.at, Cut: cut}
					if !cut {
						failure.Status = 500
					}
					s.Fail(failure)
					body := map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": "Hello"}}, "stream": stream}
					encoded, err := json.Marshal(body)
					require.NoError(t, err)
					status, err := readAll(t, s, shop.token(t), string(encoded))
					switch begun := stream && tt.at != mockserver.BeforeEffect; {
					case cut || begun:
						require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
					default:
						require.NoError(t, err)
						require.Equal(t, 500, status)
					}
					require.Len(t, s.ProviderCalls(), tt.reached)
					requests, err := shop.client.Requests.List(t.Context(), lava.ListRequestsParams{CustomerID: shop.customer})
					require.NoError(t, err)
					require.Len(t, requests.Data, tt.recorded)
					require.Equal(t, tt.credits, shop.credits(t).TotalRemaining.String())

					status, err = readAll(t, s, shop.token(t), string(encoded))
					require.NoError(t, err)
					require.Equal(t, 200, status, "later calls succeed")
				})
			}
		}
	}
}

// readAll forwards a chat and reads the response to its end.
func readAll(t *testing.T, s *mockserver.Server, token, body string) (status int, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+chatPath, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.HTTPClient().Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.ReadAll(resp.Body)
	return resp.StatusCode, err
}

// A failure can apply to only one customer, key or merchant.
func TestFailuresForSome(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	other := addCustomer(t, s)
	sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
	require.NoError(t, err)
	spend := send(t, s, "POST", "/v1/spend_keys", `{"name":"k"}`).object(t)
	tenant := s.NewMerchant()

	s.Fail(mockserver.Failure{Customer: shop.customer, Status: 500})
	for _, call := range [][3]string{
		{"GET", "/v1/customers/" + shop.customer, ""},
		{"GET", "/v1/requests?customer_id=" + shop.customer, ""},
		{"POST", "/v1/checkout_sessions", `{"customer_id": "` + shop.customer + `"}`},
		{"DELETE", "/v1/subscriptions/" + sub.SubscriptionID, ""},
	} {
		require.Equal(t, 500, send(t, s, call[0], call[1], call[2]).status, call[1])
	}
	require.Equal(t, 500, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
	require.Equal(t, 200, send(t, s, "GET", "/v1/customers/"+other, "").status)
	require.Equal(t, 200, send(t, s, "GET", "/v1/customers", "").status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"r"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"metadata":{"customer_id":"`+shop.customer+`"}}`).status, "metadata does not name a customer")
	s.Disarm()
	s.Fail(mockserver.Failure{Customer: "ada", Status: 500})
	require.Equal(t, 500, send(t, s, "POST", "/v1/customers", `{"metadata":{"reference_id":"bob"},"reference_id":"ada"}`).status)
	require.Equal(t, 400, send(t, s, "POST", "/v1/requests", `{"metadata":{"customer_id":"con_test_other"},"customer_id":"`+shop.customer+`"}`).status)
	require.Equal(t, shop.customer, s.LatestCalls(1)[0].CustomerID)
	s.Disarm()

	s.Fail(mockserver.Failure{Key: spend["spend_key_id"].(string), Status: 500})
	require.Equal(t, 500, sendAs(t, s, spend["key"].(string), "POST", "/v1/chat/completions", chatBody).status)
	require.Equal(t, 200, send(t, s, "POST", "/v1/chat/completions", chatBody).status)
	s.Disarm()

	tenant.Fail(mockserver.Failure{Status: 500})
	require.Equal(t, 500, sendAs(t, s, tenant.SecretKey(), "GET", "/v1/meters", "").status)
	require.Equal(t, 500, sendAs(t, s, tenant.SecretKey(), "POST", chatPath, chatBody).status)
	require.Equal(t, 200, send(t, s, "GET", "/v1/meters", "").status)
	require.Equal(t, 200, send(t, s, "POST", chatPath, chatBody).status)
	require.Equal(t, 401, sendAs(t, s, "aks_test_wrong", "GET", "/v1/meters", "").status)
}

func TestFailuresOfNonsense(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for want, f := range map[string]mockserver.Failure{
		`there is no endpoint "subscription.create"; did you mean "subscriptions.create"?`: {Endpoint: "subscription.create", Status: 500},
		`status: 42 is not the status of an error: use 400 to 599`:                         {Status: 42},
		`times: -1 is negative`: {Status: 500, Times: -1},
		`code: "insuficient_credits" is not one of Lava's codes; did you mean "insufficient_credits"?`:           {Status: 402, Code: "insuficient_credits"},
		`code: "teapot" is not one of Lava's codes; there are authentication_failed, `:                           {Status: 418, Code: "teapot"},
		`at: only calls to gateway endpoints reach a provider, and meters.create is not a gateway endpoint`:      {Endpoint: "meters.create", At: mockserver.AfterProvider, Status: 500},
		`endpoint: calls to models.list have no key, so their merchant is unknown: leave out merchant, customer`: {Endpoint: "models.list", Key: "sk_test_1", Status: 500},
	} {
		require.Contains(t, panicOf(func() { s.Fail(f) }), want)
	}
	require.Contains(t, panicOf(func() { s.NewMerchant().Fail(mockserver.Failure{Endpoint: "services.list", Status: 500}) }), "have no key")
	require.Empty(t, s.Unused(), "a rejected failure is not armed")
}

// A test fails if it arms something that is never used.
func TestWhatNothingHasMetFailsTheTest(t *testing.T) {
	t.Parallel()
	log := &testLog{}
	s := mockserver.Start(log)
	s.Fail(mockserver.Failure{Endpoint: "meters.create", Status: 503})
	s.Fail(mockserver.Failure{Customer: "ada", After: 2, Cut: true})
	s.Fail(mockserver.Failure{Endpoint: "meters.list", Status: 500})
	s.Fail(mockserver.Failure{Endpoint: "meters.list", Status: 502})
	s.Decline(mockserver.Decline{Purpose: mockserver.PaymentRenewal, Times: 1})
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped})
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada"}`).status)
	require.Equal(t, 500, send(t, s, "GET", "/v1/meters", "").status)
	require.Equal(t, []string{
		"Fail: no call to meters.create met status 503 before effect: no such calls came after it was armed",
		"Fail: no call of customer ada met cut before effect: 2 such calls had to pass first, but only 1 came",
		"Fail: no call to meters.list met status 502 before effect: what was armed earlier took precedence each time",
		"Decline: no renewal charge was declined: no charges came after it was armed",
		"FailWebhooks: dropped has not happened: no deliveries or attempts came after it was armed",
	}, s.Unused())
	for _, f := range log.cleanups {
		f()
	}
	require.True(t, log.failed)
	require.Equal(t, "mockserver: Fail: no call to meters.create met status 503 before effect: no such calls came after it was armed", log.lines[0])
	s.Disarm()
	require.Empty(t, s.Unused())
}

// The same rule for everything armed: it must be used as many times as Times says.
func TestWhatComesTooSeldomFailsTheTest(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"App","url":"https://app.example.com/hook"}`).status)
	s.Fail(mockserver.Failure{Endpoint: "customers.create", Times: 2, Status: 503})
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDuplicated, Times: 2})
	s.Decline(mockserver.Decline{Purpose: mockserver.PaymentTopUp, Times: 3})
	s.Script(mockserver.Reply{Text: "hello", Times: 2})
	require.Equal(t, 503, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada"}`).status)
	once := []string{
		"Fail: only 1 of 2 calls to customers.create met status 503 before effect: no more such calls came; without Times, one is enough",
		"Decline: none of 3 auto top up charges were declined: no charges came after it was armed",
		"FailWebhooks: duplicated has happened 0 times of 2: no deliveries or attempts came after it was armed",
		`Script: reply 1 was used 0 times of 2: {"text":"hello","times":2}`,
	}
	require.Equal(t, once, s.Unused())
	require.Equal(t, 503, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada"}`).status)
	once[2] = "FailWebhooks: duplicated has happened 1 times of 2: no more deliveries or attempts came; without Times, one is enough"
	require.Equal(t, once[1:], s.Unused())
}

// Armed failures are state: a server that restores a snapshot fails like the first would have.
func TestFailuresSurviveASnapshot(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Fail(mockserver.Failure{Endpoint: "meters.list", After: 1, Times: 1, Status: 500})
	require.Equal(t, 200, send(t, s, "GET", "/v1/meters", "").status)
	data, err := s.Snapshot()
	require.NoError(t, err)
	other := mockserver.Start(t)
	require.NoError(t, other.Restore(data))
	require.Equal(t, 500, send(t, other, "GET", "/v1/meters", "").status)
	require.Equal(t, 200, send(t, other, "GET", "/v1/meters", "").status)
	s.Disarm()
}

// A failure is recorded in the call it strikes.
func TestFailuresOfCalls(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Fail(mockserver.Failure{Times: 1, Status: 500})
	send(t, s, "GET", "/v1/meters", "")
	send(t, s, "GET", "/v1/meters", "")
	calls := s.Calls()
	require.Equal(t, "status 500 before effect", calls[0].Failure)
	require.Empty(t, calls[1].Failure)
}

// panicOf returns the value that a function panics with, as text.
func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}
