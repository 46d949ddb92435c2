package gateway_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestRefusedRequestsCarryTheirID(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, "POST", chatPath, chatBody, "Authorization", "Bearer "+refusedKey)
	assert.Equal(t, 402, got.status)
	assert.Equal(t, "req_refused", got.header.Get("x-lava-request-id"))
}

// A wrong key leads to 401 on every endpoint, whatever else is wrong.
func TestCredentialsComeFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, path, body, header, value string }{
		{"no URL", "/v1/forward", "", "", ""},
		{"unknown host", "/v1/forward?u=https://example.com/x", "", "", ""},
		{"http", "/v1/forward?u=http://api.openai.com/v1/models", "", "", ""},
		{"an upgrade", chatPath, chatBody, "Upgrade", "websocket"},
		{"bad metadata", chatPath, chatBody, "X-Lava-Metadata", "{"},
		{"broken JSON", chatPath, "{", "", ""},
		{"unknown model", chatPath, `{"model":"gpt-99"}`, "", ""},
		{"no model", chatPath, `{}`, "", ""},
		{"rewrite without a URL", "/v1/rewrite/openai/", "", "", ""},
		{"rewrite from an unknown format", "/v1/rewrite/cohere/https://api.openai.com/v1/chat/completions", chatBody, "", ""},
		{"rewrite with bad fallbacks", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions", chatBody, "X-Lava-Fallbacks", "{"},
		{"no model at the model's endpoint", "/v1/chat/completions", `{}`, "", ""},
		{"unknown model at the model's endpoint", "/v1/chat/completions", `{"model":"gpt-99"}`, "", ""},
		{"broken messages", "/v1/messages", `{`, "", ""},
	} {
		for _, key := range []string{"aks_test_other", "lava_sk_other", token(map[string]any{"secret_key": "aks_test_other"})} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				got := r.do(t, "POST", test.path, test.body, "Authorization", "Bearer "+key, test.header, test.value)
				assert.Equal(t, 401, got.status, got.body)
				assert.Equal(t, "authentication_failed", got.code())
			})
		}
	}
}

// Providers are tried one after the other until one succeeds. The account's chain is read only when it is needed.
func TestCallGoesOn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		statuses []int // of the providers, in order
		want     int
		recorded string // the recorded provider
		chains   int    // how many times the chain was read
	}{
		{"the first responds", []int{200}, 200, "openai", 0},
		{"the first rejects", []int{400}, 400, "openai", 0},
		{"the second responds", []int{503, 200}, 200, "anthropic", 1},
		{"the third responds", []int{503, 429, 200}, 200, "groq", 1},
		{"nobody does", []int{503, 429, 500}, 500, "groq", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := &ledger{fallbacks: []gateway.Fallback{
				{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"},
				{URL: "https://api.groq.com/openai/v1/chat/completions", Model: "llama-3.3-70b-versatile"},
			}}
			asked, open := 0, 0
			g := newGateway(gateway.Config{Billing: l, Upstream: roundTrip(func(*http.Request) (*http.Response, error) {
				assert.Zero(t, open, "connections that are still open")
				require.Less(t, asked, len(test.statuses))
				resp := response(test.statuses[asked], "application/json", `{"id":"x","content":[],"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"input_tokens":1,"output_tokens":1}}`)
				resp.Body = closer{resp.Body, func() { open-- }}
				asked++
				open++
				return resp, nil
			})})
			w := rewrite(t, g, chatBody)
			assert.Equal(t, test.want, w.Code, w.Body.String())
			assert.Equal(t, len(test.statuses), asked)
			assert.Zero(t, open)
			assert.Equal(t, test.chains, l.chains)
			assert.Equal(t, 1, l.count())
			assert.Equal(t, test.recorded, l.last(t).Provider)
			assert.Equal(t, test.want != 200, l.last(t).Failed)
		})
	}
}

// closer runs a function when a body is closed.
type closer struct {
	io.Reader
	closed func()
}

func (c closer) Close() error { c.closed(); return nil }

// After the client has disconnected, no other provider is tried.
func TestCallOfAClientThatHasGone(t *testing.T) {
	t.Parallel()
	ctx, hangUp := context.WithCancel(t.Context())
	l := &ledger{fallbacks: []gateway.Fallback{{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"}}}
	g := newGateway(gateway.Config{Billing: l, Upstream: roundTrip(func(req *http.Request) (*http.Response, error) {
		assert.Equal(t, "api.openai.com", req.URL.Host)
		hangUp()
		return nil, req.Context().Err()
	})})
	req := httptest.NewRequestWithContext(ctx, "POST", rewriteChat, strings.NewReader(chatBody))
	req.Header.Set("Authorization", "Bearer "+goodKey)
	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { g.Rewrite(httptest.NewRecorder(), req) })
	assert.Equal(t, 1, l.count())
	assert.True(t, l.last(t).Failed)
	assert.Zero(t, l.chains)
}

// After a panic there is a record, with the provider that was being called.
func TestCallThatPanics(t *testing.T) {
	t.Parallel()
	l := &ledger{fallbacks: []gateway.Fallback{{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"}}}
	g := newGateway(gateway.Config{Billing: l, Upstream: roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "api.anthropic.com" {
			panic("oops")
		}
		return response(503, "application/json", `{}`), nil
	})})
	assert.PanicsWithValue(t, "oops", func() { rewrite(t, g, chatBody) })
	assert.Equal(t, 1, l.count())
	assert.Equal(t, "anthropic", l.last(t).Provider)
	assert.True(t, l.last(t).Failed)
}
