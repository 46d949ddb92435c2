package mockserver_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

type listedCalls struct {
	Data []struct {
		ID       string `json:"call_id"`
		Endpoint string
		Status   int
		Line     string
	}
	Position int
}

func listCalls(t *testing.T, s *mockserver.Server, query string) (list listedCalls) {
	t.Helper()
	a := send(t, s, "GET", "/_mock/calls"+query, "")
	require.Equal(t, 200, a.status, "%s", a.body)
	require.NoError(t, json.Unmarshal(a.body, &list))
	return list
}

func TestCallsOverHTTP(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
	require.Equal(t, 200, a.status)
	send(t, s, "GET", "/v1/meter", "")

	list := listCalls(t, s, "")
	require.Len(t, list.Data, 5)
	require.Equal(t, 5, list.Position)
	assert.Equal(t, "meters.create", list.Data[0].Endpoint)
	assert.Contains(t, list.Data[4].Line, "GET /v1/meter 404 unmatched")
	require.Len(t, listCalls(t, s, "?after=4").Data, 1)
	require.Len(t, listCalls(t, s, "?endpoint=gateway.forward").Data, 1)
	require.Len(t, listCalls(t, s, "?customer="+shop.customer).Data, 1)
	require.Equal(t, 400, send(t, s, "GET", "/_mock/calls?endpoint=meters.make", "").status)

	one := send(t, s, "GET", "/_mock/calls/"+a.header.Get("X-Lava-Request-Id"), "").object(t)
	assert.Equal(t, "gpt-4o-mini", one["request_body"].(map[string]any)["model"])
	assert.NotEmpty(t, one["ledger_entries"])
	tries := one["providers"].([]any)
	require.Len(t, tries, 1)
	assert.Equal(t, "openai", tries[0].(map[string]any)["provider"])
	assert.Equal(t, "Why is the sky blue?", tries[0].(map[string]any)["messages"].([]any)[0].(map[string]any)["text"])
	require.Equal(t, 404, send(t, s, "GET", "/_mock/calls/req_1", "").status)
}

// A control request with a key sees the calls of its merchant, and not those of other merchants' spend keys, whatever
// their outcome.
func TestCallsOfOneMerchant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	other := s.NewMerchant()
	spend := sendAs(t, s, other.SecretKey(), "POST", "/v1/spend_keys", `{"name":"Narrow","allowed_models":["gpt-4o"]}`).object(t)["key"].(string)
	require.Equal(t, 403, sendAs(t, s, spend, "POST", "/v1/chat/completions", chatBody).status)
	for key, want := range map[string]int{s.SecretKey(): 0, other.SecretKey(): 2, "": 2} {
		list := sendAs(t, s, key, "GET", "/_mock/calls", "").object(t)
		require.Len(t, list["data"], want, "%s", key)
	}
}

// A wait for a call returns it when it ends, or nothing after the timeout.
func TestWaitingForCallsOverHTTP(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mockserver.Start(t, mockserver.InMemory())
		got := make(chan listedCalls)
		for i := range 2 {
			go func() { got <- listCalls(t, s, fmt.Sprintf("?after=%d&wait=30s", i)) }() //nolint:testifylint // two must wait at once
		}
		synctest.Wait()
		send(t, s, "GET", "/v1/meters", "")
		assert.Len(t, (<-got).Data, 1)
		began := time.Now()
		last := <-got
		assert.Empty(t, last.Data)
		assert.Equal(t, 1, last.Position)
		assert.Equal(t, 30*time.Second, time.Since(began))
	})
}
