package mockserver_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var fallbackMethods = methods{
	"FallbackChain.Retrieve": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.FallbackChain.Retrieve(t.Context())
			if err != nil {
				return err
			}
			require.Empty(t, got)
			return nil
		},
	},
	"FallbackChain.Update": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			chain := []lava.Fallback{{URL: "https://api.openai.com/v1/chat/completions", Model: "gpt-4o-mini"}}
			if err := c.FallbackChain.Update(t.Context(), chain); err != nil {
				return err
			}
			got, err := c.FallbackChain.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, chain, got)
			require.NoError(t, c.FallbackChain.Update(t.Context(), nil))
			got, err = c.FallbackChain.Retrieve(t.Context())
			require.NoError(t, err)
			require.Empty(t, got, "cleared")
			return nil
		},
		bad: []badCall{
			{"six fallbacks", func(ctx context.Context, s *account) error {
				return s.FallbackChain.Update(ctx, make([]lava.Fallback, 6))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "fallback_chain"},
			{"no chain", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "PATCH", "account/fallback", struct{}{}, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "fallback_chain"},
			{"a URL without a scheme", func(ctx context.Context, s *account) error {
				return s.FallbackChain.Update(ctx, []lava.Fallback{{URL: "api.openai.com", Model: "m"}})
			}, lava.ErrInvalidRequest, 400, "invalid_request", "fallback_chain[0].url"},
		},
	},
}

func TestTheFallbackChainIsKept(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.Nil(t, send(t, s, "GET", "/v1/account/fallback", "").object(t)["fallback_chain"])
	chain := `[{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"}]`
	require.Equal(t, 200, send(t, s, "PATCH", "/v1/account/fallback", `{"fallback_chain":`+chain+`}`).status)
	require.JSONEq(t, `{"fallback_chain":`+chain+`}`, string(send(t, s, "GET", "/v1/account/fallback", "").body))
	require.Equal(t, 200, send(t, s, "PATCH", "/v1/account/fallback", `{"fallback_chain":null}`).status)
	require.Nil(t, send(t, s, "GET", "/v1/account/fallback", "").object(t)["fallback_chain"])
}

// The account's chain takes over when a provider fails. The record names the provider that responded, and the
// customer pays once.
func TestFallbacks(t *testing.T) {
	t.Parallel()
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
