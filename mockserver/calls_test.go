package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// A call is kept with its merchant, its customer, and its result.
func TestACallIsKept(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/customers", strings.NewReader(`{"reference_id":"user_42"}`))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.SecretKey())
		req.Header.Set("Idempotency-Key", "order-7")
		for range 2 {
			req.Body, _ = req.GetBody()
			resp, err := s.HTTPClient().Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}

		all := s.Calls()
		require.Len(t, all, 2)
		c := all[0]
		assert.Equal(t, 1, c.Position)
		assert.Equal(t, "POST", c.Method)
		assert.Equal(t, "/v1/customers", c.Path)
		assert.Equal(t, mockserver.Endpoint("customers.create"), c.Endpoint)
		assert.Equal(t, 201, c.Status)
		assert.True(t, strings.HasPrefix(c.MerchantID, "mer_"))
		assert.Equal(t, "order-7", c.IdempotencyKey)
		assert.JSONEq(t, `{"reference_id":"user_42"}`, string(c.RequestBody()))
		assert.Contains(t, string(c.ResponseBody()), c.CustomerID)
		assert.True(t, strings.HasPrefix(c.CustomerID, "con_"))
		assert.Equal(t, s.Now(), c.At)
		assert.Positive(t, c.Took)
		assert.False(t, c.Rejected())
		assert.False(t, c.Replayed)
		assert.True(t, all[1].Replayed)
		assert.Empty(t, all[1].Events, "a replayed response has no effects")

		customer := send(t, s, "GET", "/v1/customers/user_42", "")
		require.Equal(t, 200, customer.status)
		last := s.Calls()[2]
		assert.Equal(t, c.CustomerID, last.CustomerID, "also by reference id")
		assert.Equal(t, customer.header.Get("X-Lava-Request-Id"), last.ID)
	})
}

// The effects of a call lead back to it.
func TestTheThreadOfACall(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		_, err := shop.client.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "Hook", URL: "https://app.example.com/hook"})
		require.NoError(t, err)
		a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
		require.Equal(t, 200, a.status, "%s", a.body)

		all := s.Calls().To("gateway.forward")
		require.Len(t, all, 1)
		c := all[0]
		assert.Equal(t, a.header.Get("X-Lava-Request-Id"), c.ID)
		assert.Equal(t, shop.customer, c.CustomerID)

		entries, err := s.Ledger(shop.customer)
		require.NoError(t, err)
		charge := entries[len(entries)-1]
		assert.Equal(t, mockserver.EntryCharge, charge.Kind)
		assert.Equal(t, []string{charge.ID}, c.LedgerEntries)
		assert.Equal(t, c.ID, charge.CallID)
		assert.Empty(t, entries[0].CallID, "the checkout wasn't a call")

		events := s.Events()
		event := events[len(events)-1]
		assert.Equal(t, []string{event.ID}, c.Events)
		assert.Equal(t, c.ID, event.CallID)

		deliveries := s.Deliveries()
		require.Len(t, deliveries, 1)
		assert.Equal(t, []string{deliveries[0].ID}, c.Deliveries)
		assert.Equal(t, c.ID, deliveries[0].CallID)

		tries := s.ProviderCalls()
		require.Len(t, tries, 1)
		assert.Equal(t, []string{tries[0].ID}, c.ProviderCalls)
		assert.Equal(t, c.ID, tries[0].CallID)

		funded := send(t, s, "POST", "/v1/wallet/fund", fmt.Sprintf(`{"payment_method_id":%q,"amount":"20.00"}`, cardOf(t, shop)))
		require.Equal(t, 200, funded.status, "%s", funded.body)
		payments := s.Payments()
		last := s.Calls()[len(s.Calls())-1]
		assert.Equal(t, []string{payments[len(payments)-1].ID}, last.Payments)
		assert.Equal(t, last.ID, payments[len(payments)-1].CallID)
	})
}

func cardOf(t *testing.T, s shop) string {
	t.Helper()
	methods, err := s.client.PaymentMethods.List(t.Context())
	require.NoError(t, err)
	return methods[0].PaymentMethodID
}

// A renewal that happens to be carried out by a call is part of the call, but not caused by it.
func TestWhatWasDueIsNotTheCallsDoing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory(), mockserver.RealTime())
		shop := openShop(t, s)
		for range 3 { // the alarm may carry out some first
			time.Sleep(31 * 24 * time.Hour)
			send(t, s, "GET", "/v1/customers/"+shop.customer, "")
		}
		for _, c := range s.Calls() {
			if c.Method == http.MethodGet {
				assert.Empty(t, c.Events)
				assert.Empty(t, c.Payments)
			}
		}
		for _, p := range s.Payments() {
			assert.Empty(t, p.CallID)
		}
	})
	s := mockserver.Start(t, mockserver.InMemory())
	shop := openShop(t, s)
	before := len(s.Events())
	s.Advance(40 * 24 * time.Hour)
	renewals := s.Events()[before:]
	require.NotEmpty(t, renewals)
	assert.Empty(t, renewals[0].CallID, "Advance isn't a call")
	assert.NotEmpty(t, renewals[0].ID)
	assert.Empty(t, s.Calls().For(shop.customer))
}

// A call that was cut off is kept, without a response.
func TestACallIsKeptWhateverBecomesOfIt(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		s.Script(mockserver.Reply{Fault: mockserver.StallAfter(1)})
		ctx, cancel := context.WithCancel(t.Context())
		for _, err := range s.Client().GatewayStream(ctx, chatURL, lava.GatewayParams{Body: chat(true)}) {
			if err == nil {
				cancel()
			}
		}
		cancel()
		all, err := s.WaitForCalls(t.Context(), func(all mockserver.Calls) bool { return len(all) == 1 })
		require.NoError(t, err)
		assert.Equal(t, mockserver.Endpoint("gateway.forward"), all[0].Endpoint)
		assert.Equal(t, 200, all[0].Status)
		assert.Contains(t, string(all[0].ResponseBody()), "data: ")
	})
}

// A stream is kept before the client sees its end.
func TestAStreamIsKeptBeforeItsEndIsSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		for i := range 20 {
			for _, err := range s.Client().GatewayStream(t.Context(), chatURL, lava.GatewayParams{Body: chat(true)}) {
				require.NoError(t, err)
			}
			require.Len(t, s.Calls(), i+1)
		}
	})
}

// A wait that times out reports the calls that were made.
func TestWaitingForCallsInVain(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	send(t, s, "GET", "/v1/meter", "")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("no time"))
	_, err := s.WaitForCalls(ctx, func(all mockserver.Calls) bool { return len(all) == 2 })
	require.ErrorIs(t, err, context.Canceled)
	assert.Contains(t, err.Error(), "GET /v1/meter 404 unmatched")
}

// Control requests aren't calls of the application.
func TestControlIsNoCall(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	send(t, s, "GET", "/_mock/clock", "")
	assert.Empty(t, s.Calls())
}

// A call is found by the id in its response, with its requests to providers.
func TestCallByID(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	var response lava.Response
	_, err := s.Client().Gateway(lava.ContextWithResponse(t.Context(), &response), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Body: map[string]any{"model": "gpt-4o-mini", "messages": []any{map[string]any{"role": "user", "content": "Hi."}}},
	})
	require.NoError(t, err)
	send(t, s, "GET", "/nowhere", "")
	id := response.Header().Get("X-Lava-Request-Id")
	call, ok := s.Call(id)
	require.True(t, ok)
	require.Equal(t, mockserver.Endpoint("gateway.forward"), call.Endpoint)
	require.Equal(t, s.ProviderCalls()[0].ID, call.Tries()[0].ID)
	require.Equal(t, "Hi.", call.Tries()[0].LastUserText())
	_, ok = s.Call("req_none")
	require.False(t, ok)

	require.Empty(t, s.LatestCalls(0))
	require.Len(t, s.LatestCalls(5), 2)
	require.Equal(t, "/nowhere", s.LatestCalls(1)[0].Path)
}

// If merchants share a server, lines about calls name the merchant.
func TestLinesNameTheMerchant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.Equal(t, 200, send(t, s, "GET", "/v1/meters", "").status)
	require.NotContains(t, s.Calls().String(), "merchant")
	other := s.NewMerchant()
	require.Equal(t, 200, sendAs(t, s, other.SecretKey(), "GET", "/v1/meters", "").status)
	require.Regexp(t, "^GET /v1/meters 200 meters.list [^,]*, merchant "+s.MerchantIDs()[0]+"\n.*, merchant "+other.ID()+"$", s.Calls().String())
	require.Contains(t, string(send(t, s, "GET", "/_mock/calls", "").body), `, merchant `)
}

// A call has the headers of both sides, without credentials.
func TestHeadersOfACall(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		exchange(t, s, sent{method: "POST", path: "/v1/customers", body: `{}`, header: map[string]string{
			"Authorization": "Bearer " + s.SecretKey(), "Content-Type": "text/plain", "Idempotency-Key": "order-7", "User-Agent": "shop/1.2", "X-Api-Key": "anything",
		}})
		c := s.Calls()[0]
		got := c.RequestHeader()
		for name, want := range map[string]string{
			"Authorization": "[redacted]", "X-Api-Key": "[redacted]", "Content-Type": "text/plain", "Idempotency-Key": "order-7", "User-Agent": "shop/1.2",
		} {
			require.Equal(t, []string{want}, got[name], name)
		}
		require.Equal(t, []string{"application/json"}, c.ResponseHeader()["Content-Type"])
		require.Equal(t, c.ID, c.ResponseHeader().Get("X-Lava-Request-Id"))
		var shown struct {
			RequestHeader  http.Header `json:"request_header"`
			ResponseHeader http.Header `json:"response_header"`
		}
		require.NoError(t, json.Unmarshal(send(t, s, "GET", "/_mock/calls/"+c.ID, "").body, &shown))
		require.Equal(t, got, shown.RequestHeader)
		require.Equal(t, c.ResponseHeader(), shown.ResponseHeader)
		require.Empty(t, mockserver.Call{}.RequestHeader())
	})
}

// Text is found wherever a call shows it, and secrets are not.
func TestSearchInCalls(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Text: "Rayleigh scattering."})
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"ada","metadata":{"team":"engines"}}`).status)
	require.Equal(t, 200, send(t, s, "POST", "/v1/chat/completions", `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"Why is the sky blue?"}]}`).status)
	require.Equal(t, 404, send(t, s, "GET", "/v1/meters/met_nowhere", "").status)
	for text, want := range map[string][]mockserver.Endpoint{
		"ENGINES":          {"customers.create"},
		"sky blue":         {"gateway.chat_completions"},
		"rayleigh":         {"gateway.chat_completions"},
		"max_tokens":       {"gateway.chat_completions"}, // only in what Anthropic received
		"met_nowhere":      {"meters.get"},
		"no meter":         {"meters.get"},
		"":                 {"customers.create", "gateway.chat_completions", "meters.get"},
		"nothing":          nil,
		s.SecretKey():      nil,
		s.SecretKey()[:14]: nil,
	} {
		var found []mockserver.Endpoint
		for _, c := range s.Calls().Containing(text) {
			found = append(found, c.Endpoint)
		}
		require.Equal(t, want, found, text)
		var listed struct {
			Data []struct{ Endpoint mockserver.Endpoint }
		}
		require.NoError(t, json.Unmarshal(send(t, s, "GET", "/_mock/calls?contains="+url.QueryEscape(text), "").body, &listed))
		require.Len(t, listed.Data, len(want), text)
	}
}
