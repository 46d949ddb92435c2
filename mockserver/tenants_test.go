package mockserver_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// Merchants that are deleted and reset during requests, streams and deliveries leave nothing behind, and take nothing
// from other merchants.
func TestMerchantsGoWithEverythingUnderWay(t *testing.T) {
	t.Parallel()
	const stream = `{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"Tell me a story"}]}`
	s := mockserver.Start(t)
	var delivered atomic.Int64
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		delivered.Add(1)
	})))
	s.Script(mockserver.Reply{Text: strings.Repeat("once upon a time ", 10), ChunkDelay: 100 * time.Microsecond})
	stays := s.NewMerchant()
	hook := lava.CreateWebhookParams{Name: "App", URL: "https://app.example.com/hook"}
	_, err := stays.Client().Webhooks.Create(t.Context(), hook)
	require.NoError(t, err)

	const tenants, rounds = 6, 8
	send := func(key, method, path, body string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("Authorization", "Bearer "+key)
		resp, err := s.HTTPClient().Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err = errors.Join(err, resp.Body.Close()); err != nil {
			t.Error("a response was cut off because its merchant was deleted:", err)
		}
		assert.Less(t, resp.StatusCode, 500, "%s %s", method, path)
	}
	var all sync.WaitGroup
	gone := make([]string, tenants)
	for i := range tenants {
		all.Go(func() {
			tenant := s.NewMerchant()
			gone[i] = tenant.ID()
			_, err := tenant.Client().Webhooks.Create(t.Context(), hook)
			scenario, failed := tenant.Scenario(mockserver.Subscribed)
			if err = errors.Join(err, failed); err != nil {
				t.Error(err)
				return
			}
			var calls sync.WaitGroup
			for n := range rounds {
				calls.Go(func() { send(tenant.SecretKey(), "POST", "/v1/chat/completions", stream) })
				calls.Go(func() { send(scenario.ForwardToken.Reveal(), "POST", "/v1/chat/completions", stream) })
				calls.Go(func() { send(tenant.SecretKey(), "POST", "/v1/customers", fmt.Sprintf(`{"reference_id":"u%d"}`, n)) })
				calls.Go(func() {
					send(stays.SecretKey(), "POST", "/v1/customers", fmt.Sprintf(`{"reference_id":"t%d-%d"}`, i, n))
				})
				calls.Go(func() { send(stays.SecretKey(), "POST", "/v1/chat/completions", stream) })
			}
			if i%2 == 0 {
				tenant.Reset()
				_ = tenant.Unused()
			}
			if err := s.DeleteMerchant(tenant.ID()); err != nil {
				t.Error(err)
			}
			calls.Wait()
		})
	}
	all.Wait()
	require.NoError(t, s.Settle(t.Context()))

	created := s.Calls().To("customers.create").Where(func(c mockserver.Call) bool { return c.MerchantID == stays.ID() })
	require.Len(t, created, tenants*rounds)
	requests, err := stays.Client().Requests.List(t.Context(), lava.ListRequestsParams{Limit: 100})
	require.NoError(t, err)
	require.Len(t, requests.Data, tenants*rounds, "all of the other merchant's requests are recorded")
	require.Len(t, s.Deliveries(), tenants*rounds)
	require.GreaterOrEqual(t, delivered.Load(), int64(tenants*rounds))
	for _, id := range gone {
		require.NotContains(t, s.MerchantIDs(), id)
		for _, c := range s.Calls() {
			require.NotEqual(t, id, c.MerchantID, "%s", c)
		}
		for _, e := range s.Events() {
			require.NotEqual(t, id, e.MerchantID)
		}
		for _, c := range s.ProviderCalls() {
			call, ok := s.Call(c.CallID)
			require.True(t, ok)
			require.NotEqual(t, id, call.MerchantID)
		}
	}
}
