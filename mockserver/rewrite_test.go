package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

const claudeURL = "https://api.anthropic.com/v1/messages"

// Translated requests are metered as direct ones, and charged to the customer. The
// path holds a whole URL.
func TestTranslatedRequests(t *testing.T) {
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		got, err := shop.client.Gateway(t.Context(), claudeURL, lava.GatewayRequestParams{
			Format: lava.FormatOpenAI, BillTo: lava.ForCustomer{CustomerID: shop.customer, MeterSlug: shop.meter.MeterSlug},
			Body: map[string]any{"model": "claude-sonnet-4-5", "messages": []any{map[string]any{"role": "user", "content": "Hello"}}},
		})
		require.NoError(t, err)
		var completion struct {
			Object string
			Usage  struct {
				Prompt     int64 `json:"prompt_tokens"`
				Completion int64 `json:"completion_tokens"`
			}
		}
		require.NoError(t, got.Decode(&completion))
		require.Equal(t, "chat.completion", completion.Object)
		r, err := shop.client.Requests.Retrieve(t.Context(), got.Header.Get("X-Lava-Request-Id"))
		require.NoError(t, err)
		require.Equal(t, "anthropic", r.Provider)
		require.Equal(t, "claude-sonnet-4-5", r.Model)
		require.Equal(t, "POST /v1/messages", r.Endpoint)
		require.Equal(t, completion.Usage.Prompt, r.ModelUsage.InputTokens)
		require.Equal(t, completion.Usage.Completion, r.ModelUsage.OutputTokens)
		// 2 tokens at 3.00 a million and 8 at 15.00.
		require.Equal(t, "0.000126", r.Cost.String())
		require.Equal(t, "24", shop.credits(t).TotalRemaining.String())
	})
}

// The account's chain takes over when a provider fails; the record says who
// answered, and the customer pays once.
func TestFallbacks(t *testing.T) {
	s := mockserver.Start(t)
	shop := openShop(t, s)
	require.NoError(t, shop.client.FallbackChain.Update(t.Context(), []lava.Fallback{{URL: claudeURL, Model: "claude-sonnet-4-5"}}))
	s.Script(mockserver.Reply{Provider: "openai", Status: http.StatusServiceUnavailable})
	const path = "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions"
	a := sendAs(t, s, shop.token(t), "POST", path, chatBody)
	require.Equal(t, 200, a.status, "%s", a.body)
	require.Equal(t, "claude-sonnet-4-5", a.object(t)["model"])
	r, err := shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
	require.NoError(t, err)
	require.Equal(t, "anthropic", r.Provider)
	require.Equal(t, "24", shop.credits(t).TotalRemaining.String())

	require.NoError(t, shop.client.FallbackChain.Update(t.Context(), nil))
	require.Equal(t, 503, sendAs(t, s, shop.token(t), "POST", path, chatBody).status)
}

// A spend key's providers limit which of those that offer a model is chosen, and
// where a request falls back to.
func TestSpendKeyChoosesAmongItsProviders(t *testing.T) {
	s := mockserver.Start(t)
	const body = `{"model":"gpt-oss-120b","messages":[{"role":"user","content":"Hello"}]}`
	newest := func() string {
		page, err := s.Client().Requests.List(t.Context(), lava.RequestsListParams{Limit: 1})
		require.NoError(t, err)
		return page.Data[0].Provider
	}
	require.Equal(t, 200, send(t, s, "POST", "/v1/chat/completions", body).status)
	first := newest()
	require.NotEqual(t, "cerebras", first)
	created := send(t, s, "POST", "/v1/spend_keys", `{"name":"Chat","allowed_providers":["cerebras","anthropic"]}`)
	require.Equal(t, 201, created.status, "%s", created.body)
	key := created.object(t)["key"].(string)
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", body).status)
	require.Equal(t, "cerebras", newest())
	require.Equal(t, 403, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status, "no provider of the model is allowed")

	require.NoError(t, s.Client().FallbackChain.Update(t.Context(), []lava.Fallback{
		{URL: "https://api.openai.com/v1/chat/completions", Model: "gpt-4o"}, {URL: claudeURL, Model: "claude-sonnet-4-5"},
	}))
	s.Script(mockserver.Reply{Provider: "cerebras", Status: http.StatusTooManyRequests})
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", body).status)
	require.Equal(t, "anthropic", newest())
}
