package lava_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestGatewayRequest(t *testing.T) {
	t.Parallel()
	body := map[string]any{"model": "m", "stream": false}
	tests := []struct {
		name    string
		address string
		params  lava.GatewayParams
		line    string
		body    string
		header  map[string]string
	}{
		{
			"json", chatURL, lava.GatewayParams{Body: body},
			"POST /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions", `{"model":"m","stream":false}`,
			map[string]string{"Content-Type": "application/json"},
		},
		{
			"bytes and headers", "https://api.elevenlabs.io/v1/x?a=b%20c&d=e",
			lava.GatewayParams{
				Method: "PUT", Body: []byte("\x00raw"),
				SetHeader: setHeader(http.Header{"content-type": {"audio/mpeg"}, "X-Two": {"1", "2"}, "authorization": {"Bearer stolen"}, "Idempotency-Key": {"mine"}}),
			},
			"PUT /v1/forward?u=https%3A%2F%2Fapi.elevenlabs.io%2Fv1%2Fx%3Fa%3Db%2520c%26d%3De", "\x00raw",
			map[string]string{"Content-Type": "audio/mpeg", "X-Two": "1", "Idempotency-Key": "mine"},
		},
		{
			"own content type before ours", chatURL, lava.GatewayParams{Body: body, SetHeader: setHeader(http.Header{"Content-Type": {"application/x-json"}})},
			"POST /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions", `{"model":"m","stream":false}`,
			map[string]string{"Content-Type": "application/x-json"},
		},
		{
			"reader", chatURL, lava.GatewayParams{Body: strings.NewReader("streamed")},
			"POST /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions", "streamed", map[string]string{"Content-Length": "8"},
		},
		{
			"empty body", chatURL, lava.GatewayParams{Body: ""},
			"POST /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions", "", map[string]string{"Content-Length": "0", "Transfer-Encoding": ""},
		},
		{
			"no body", "https://api.openai.com/v1/models", lava.GatewayParams{Method: "GET"},
			"GET /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fmodels", "", map[string]string{"Content-Type": "", "Idempotency-Key": ""},
		},
		{
			"translated", "https://api.anthropic.com/v1/messages?beta=true",
			lava.GatewayParams{Format: lava.FormatOpenAI, Body: "{}", Fallbacks: []lava.Fallback{{URL: "https://api.openai.com", Model: "é😀"}}},
			"POST /v1/rewrite/openai/https://api.anthropic.com/v1/messages?beta=true", "{}",
			map[string]string{"X-Lava-Fallbacks": `[{"url":"https://api.openai.com","model":"\u00e9\ud83d\ude00"}]`},
		},
		{
			"metadata", chatURL, lava.GatewayParams{Metadata: map[string]string{"team": "Köln"}},
			"POST /v1/forward?u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fchat%2Fcompletions", "", map[string]string{"X-Lava-Metadata": `{"team":"K\u00f6ln"}`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			api := newFakeAPI(t, respond(200, `{"ok":true}`))
			client := api.client(t)
			resp, err := client.Gateway(t.Context(), tt.address, tt.params)
			require.NoError(t, err)
			var ok struct{ OK bool }
			require.NoError(t, resp.Decode(&ok))
			require.True(t, ok.OK)
			seen := api.seen()[0]
			require.Equal(t, tt.line, seen.Method+" "+seen.URI)
			require.Equal(t, tt.body, seen.Body)
			for name, want := range tt.header {
				require.Equal(t, want, seen.Header.Get(name), name)
			}
			require.Len(t, seen.Header.Values("Authorization"), 1)
			require.True(t, strings.HasPrefix(seen.Header.Get("Authorization"), "Bearer eyJzZWNyZXRfa2V5"))
		})
	}
}

// The address of a provider works as well as the one in client.Providers.
func TestGatewayTakesProviders(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	for _, address := range []string{chatURL, client.Providers.OpenAI + "/chat/completions"} {
		_, err := client.Gateway(t.Context(), address, lava.GatewayParams{})
		require.NoError(t, err)
	}
	require.Equal(t, api.seen()[0].URI, api.seen()[1].URI)
}

func TestGatewayRefusesBadParams(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	for _, tt := range []struct {
		address string
		params  lava.GatewayParams
		want    string
	}{
		{"", lava.GatewayParams{}, "absolute URL"},
		{"api.openai.com/v1", lava.GatewayParams{}, "absolute URL"},
		{"file:///etc/passwd", lava.GatewayParams{}, "absolute URL"},
		{"https://a b/", lava.GatewayParams{}, "absolute URL"},
		{chatURL, lava.GatewayParams{Format: "cobol"}, "format \"cobol\" is unknown"},
		{chatURL, lava.GatewayParams{Fallbacks: []lava.Fallback{{}}}, "need a Format"},
		{chatURL, lava.GatewayParams{Body: make(chan int)}, "can't be written as JSON"},
	} {
		_, err := client.Gateway(t.Context(), tt.address, tt.params)
		require.ErrorContains(t, err, tt.want)
	}
	require.Empty(t, api.seen())
}

func TestGatewayErrorsAreTheProviders(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Lava-Request-Id", "req_7")
		w.Header().Set("Retry-After", "2")
		writeJSON(w, 429, `{"error":{"message":"Rate limit reached for sk-hunter2","type":"tokens","code":"rate_limit_exceeded"}}`)
	})
	_, err := api.client(t).Gateway(t.Context(), chatURL, lava.GatewayParams{Payer: lava.ForMerchant{ProviderKey: lava.NewSecret("sk-hunter2")}})
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, lava.ErrProvider)
	require.NotErrorIs(t, err, lava.ErrRateLimited)
	require.Equal(t, "api.openai.com", failed.Provider)
	require.Equal(t, []string{chatURL}, failed.Tried)
	require.Equal(t, "rate_limit_exceeded", failed.Code)
	require.Equal(t, "Rate limit reached for [redacted]", failed.Message)
	require.Equal(t, "req_7", failed.RequestID)
	require.Equal(t, 2*time.Second, failed.RetryAfter)
	require.True(t, json.Valid(failed.Body))
	require.Empty(t, failed.IdempotencyKey)
}

func TestGatewayTimeout(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() })
	_, err := api.client(t).Gateway(t.Context(), chatURL, lava.GatewayParams{Timeout: 20 * time.Millisecond})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "within 20ms")
}

func TestResponseDecode(t *testing.T) {
	t.Parallel()
	resp, err := newFakeAPI(t, respond(200, "<html>")).client(t).Gateway(t.Context(), chatURL, lava.GatewayParams{})
	require.NoError(t, err)
	require.ErrorContains(t, resp.Decode(new(int)), "<html>")
	require.Error(t, lava.Response{}.Decode(new(int)), "there is no body")
}
