package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

const (
	rewriteChat = gateway.RewritePrefix + "openai/https://api.openai.com/v1/chat/completions"
	toClaude    = `[{"url":"https://api.anthropic.com/v1/messages","model":"claude-sonnet-4-5"}]`
	toGemini    = `[{"url":"https://generativelanguage.googleapis.com/v1beta/models/x:generateContent","model":"gemini-2.5-flash"},` + `{"url":"https://api.anthropic.com/v1/messages","model":"claude-sonnet-4-5"}]`
)

// A provider fails in each of the ways that make the gateway try the next. The client sees one response in its own
// format, and there is one record, with the provider that sent it.
func TestFallbacks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		reply upstream.Reply
		body  string
	}{
		{"an error of the server", upstream.Reply{Status: 503}, chatBody},
		{"too many requests", upstream.Reply{Status: 429}, chatBody},
		{"no connection", upstream.Reply{Fault: upstream.CutAfter(0)}, chatBody},
		{"a body that breaks off", upstream.Reply{Fault: upstream.CutAfter(1)}, chatBody},
		{"an error of the server, streamed", upstream.Reply{Status: 500}, streamBody},
		{"a stream that never begins", upstream.Reply{ContentType: "text/event-stream", Body: []byte{}}, streamBody},
		{"a stream that begins with an error", upstream.Reply{ContentType: "text/event-stream", Body: []byte("data: {\"error\":{\"message\":\"busy\"}}\n\n")}, streamBody},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.Choose = onlyFrom("openai", test.reply)
			got := r.do(t, "POST", rewriteChat, test.body, "X-Lava-Fallbacks", toClaude)
			require.Equal(t, 200, got.status, got.body)
			if test.body == streamBody {
				assert.True(t, strings.HasSuffix(got.body, "data: [DONE]\n\n"), got.body)
				assert.NotContains(t, got.body, "busy")
			} else {
				assert.Contains(t, got.body, said)
				assert.Contains(t, got.body, `"object":"chat.completion"`)
			}
			require.Equal(t, 1, r.count(), "one record")
			o := r.last(t)
			assert.Equal(t, "anthropic", o.Provider)
			assert.Equal(t, "claude-sonnet-4-5", o.Model)
			assert.Equal(t, "POST https://api.anthropic.com/v1/messages", o.Endpoint)
			assert.Equal(t, billing.Usage{InputTokens: chatIn, OutputTokens: chatOut}, o.Usage)
			assert.Equal(t, "req_1", got.header.Get("X-Lava-Request-Id"))
			assert.Equal(t, "openai", r.admitted[0].Provider, "admission is for the first")
		})
	}
}

// An error that comes with the status of a success counts as an error: if its code allows it, the next provider is
// tried. https://github.com/BerriAI/litellm/pull/21755
func TestFallbackFromErrorsInSuccesses(t *testing.T) {
	t.Parallel()
	for code, provider := range map[string]string{"429": "anthropic", "502": "anthropic", "400": "openai", "null": "anthropic"} {
		p := &recorder{respond: func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "api.openai.com" {
				return response(200, "application/json", `{"error":{"code":`+code+`,"message":"x"}}`), nil
			}
			return response(200, "application/json", `{"id":"m","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1,"output_tokens":2}}`), nil
		}}
		r := newRig(t, recording(p))
		r.do(t, "POST", rewriteChat, chatBody, "X-Lava-Fallbacks", toClaude)
		assert.Equal(t, provider, r.last(t).Provider, code)
	}
}

// After a timeout of a silent provider, the next one is tried.
func TestFallbackFromSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, fake := &ledger{fallbacks: []gateway.Fallback{{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"}}}, &upstream.Fake{}
		fake.Choose = onlyFrom("openai", upstream.Reply{Fault: upstream.StallAfter(0)})
		g := newGateway(gateway.Config{Billing: l, Upstream: fake, IdleTimeout: time.Minute})
		start := time.Now()
		w := rewrite(t, g, chatBody)
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, time.Minute, time.Since(start))
		assert.Equal(t, "anthropic", l.last(t).Provider)
	})
}

func TestNoFallback(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, header string
		from               string // the provider with the reply
		reply              upstream.Reply
		status             int
		provider           string
		says               string
	}{
		{"a rejection of the request", rewriteChat, toClaude, "openai", upstream.Reply{Status: 400}, 400, "openai", "invalid_request_error"},
		{"no chain", rewriteChat, "", "", upstream.Reply{Status: 503}, 503, "openai", "server_error"},
		{"the end of the chain", rewriteChat, toGemini, "", upstream.Reply{Status: 503}, 503, "anthropic", "server_error"},
		{"the first in the chain responds", rewriteChat, toGemini, "openai", upstream.Reply{Status: 503}, 200, "google", "gemini-2.5-flash"},
		{"the second in the chain responds", rewriteChat, toGemini, "google", upstream.Reply{Status: 503}, 200, "openai", "gpt-4o-mini"},
		{"forwarded requests have none", chatPath, toClaude, "openai", upstream.Reply{Status: 503}, 503, "openai", "server_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fake.Choose = onlyFrom(test.from, test.reply)
			got := r.do(t, "POST", test.path, chatBody, "X-Lava-Fallbacks", test.header)
			assert.Equal(t, test.status, got.status)
			assert.Contains(t, got.body, test.says)
			assert.Equal(t, test.provider, r.last(t).Provider)
			assert.Equal(t, 1, r.count())
		})
	}
	t.Run("no fallback after the response has begun", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.fake.Choose = onlyFrom("openai", upstream.Reply{Fault: upstream.CutAfter(3)})
		resp := r.open(t, "POST", rewriteChat, streamBody, "X-Lava-Fallbacks", toClaude)
		b, err := io.ReadAll(resp.Body)
		require.Error(t, err)
		assert.Contains(t, string(b), "This")
		assert.Equal(t, "openai", r.last(t).Provider)
	})
}

// The account's chain applies to requests without their own. Entries that can't be used are skipped.
func TestAccountFallbacks(t *testing.T) {
	t.Parallel()
	claude := gateway.Fallback{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"}
	for _, test := range []struct {
		name, path, header, body string
		chain                    []gateway.Fallback
		forbidden                []string
		provider                 string
	}{
		{"it is used", rewriteChat, "", chatBody, []gateway.Fallback{claude}, nil, "anthropic"},
		{"by model too", "/v1/chat/completions", "", chatBody, []gateway.Fallback{claude}, nil, "anthropic"},
		{"a header replaces it", rewriteChat, toGemini, chatBody, []gateway.Fallback{claude}, nil, "google"},
		{"an empty header switches it off", rewriteChat, "[]", chatBody, []gateway.Fallback{claude}, nil, "openai"},
		{"a base URL is enough", rewriteChat, "", chatBody, []gateway.Fallback{{URL: "https://api.anthropic.com/v1", Model: "claude-sonnet-4-5"}}, nil, "anthropic"},
		{"unknown hosts are skipped", rewriteChat, "", chatBody, []gateway.Fallback{{URL: "https://example.com/x", Model: "y"}, claude}, nil, "anthropic"},
		{"unknown models too", rewriteChat, "", chatBody, []gateway.Fallback{{URL: claude.URL, Model: "y"}, claude}, nil, "anthropic"},
		{"and providers that the key does not allow", rewriteChat, toGemini, chatBody, nil, []string{"google"}, "anthropic"},
		{"and formats that can't express the request", rewriteChat, toGemini, strings.TrimSuffix(chatBody, "}") + `,"response_format":{"type":"json_object"}}`, nil, []string{"google"}, "openai"},
		{"without a model in the entry, it is the same", rewriteChat, "", chatBody, []gateway.Fallback{{URL: "https://api.openai.com/v1/chat/completions"}}, nil, "openai"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.fallbacks, r.forbidden = test.chain, test.forbidden
			r.fake.Choose = onlyFrom("openai", upstream.Reply{Status: 503})
			r.do(t, "POST", test.path, test.body, "X-Lava-Fallbacks", test.header)
			assert.Equal(t, test.provider, r.last(t).Provider)
			assert.Equal(t, 1, r.count())
		})
	}
}

func TestStreamsAreAskedForUsage(t *testing.T) {
	t.Parallel()
	t.Run("and everything else is unchanged", func(t *testing.T) {
		t.Parallel()
		p := &recorder{}
		r := newRig(t, recording(p))
		r.do(t, "POST", chatPath, `{ "stream":true, "model":"gpt-4o",  "messages":[1.0,1e2], "big":12345678901234567890 }`)
		assert.Equal(t, `{ "stream":true, "model":"gpt-4o",  "messages":[1.0,1e2], "big":12345678901234567890 ,"stream_options":{"include_usage":true}}`, p.body)
		r.do(t, "POST", chatPath, `{"stream_options":{"include_usage":false,"x":1},"stream":true,"model":"gpt-4o"}`)
		assert.Equal(t, `{"stream_options":{"include_usage":true,"x":1},"stream":true,"model":"gpt-4o"}`, p.body)
	})
	t.Run("a provider that reports usage anyway is not asked", func(t *testing.T) {
		t.Parallel()
		p := &recorder{}
		r := newRig(t, recording(p))
		body := `{"stream":true,"model":"mistral-small-latest"}`
		r.do(t, "POST", "/v1/forward?u=https://api.mistral.ai/v1/chat/completions", body)
		assert.Equal(t, body, p.body)
	})
}

// The caller's key is for one provider: a fallback would send it to another.
func TestFallbacksKeepTheProvidersKey(t *testing.T) {
	t.Parallel()
	var hosts []string
	p := &recorder{}
	p.respond = func(req *http.Request) (*http.Response, error) {
		hosts = append(hosts, req.URL.Host)
		return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
	}
	r := newRig(t, recording(p))
	chain := `[{"url":"https://api.anthropic.com/v1/messages","model":"claude-sonnet-4-5"},{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"}]`
	got := r.do(t, "POST", rewriteChat, chatBody, "X-Lava-Fallbacks", chain, "Authorization", "Bearer "+token(map[string]any{"provider_key": "sk-mine"}))
	assert.Equal(t, http.StatusServiceUnavailable, got.status)
	assert.Equal(t, []string{"api.openai.com", "api.openai.com"}, hosts)
}

// A free model runs on an empty wallet, and its fallback must be free too.
func TestFallbackOfAFreeModel(t *testing.T) {
	t.Parallel()
	for _, broke := range []bool{false, true} {
		r := newRig(t)
		r.broke = broke
		r.fake.Choose = onlyFrom("openrouter", upstream.Reply{Status: 503})
		got := r.do(t, "POST", gateway.RewritePrefix+"openai/https://openrouter.ai/api/v1/chat/completions",
			strings.Replace(chatBody, "gpt-4o-mini", "free/model", 1), "X-Lava-Fallbacks", toClaude)
		require.Equal(t, 1, r.count())
		assert.True(t, r.admitted[0].Unpriced)
		if broke {
			assert.Equal(t, 503, got.status)
			assert.Equal(t, "openrouter", r.last(t).Provider)
		} else {
			assert.Equal(t, 200, got.status, got.body)
			assert.Equal(t, "anthropic", r.last(t).Provider)
		}
	}
}
