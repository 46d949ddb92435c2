package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// provide responds immediately, in OpenAI's format.
func provide(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if !bytes.Contains(body, []byte(`"stream":true`)) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_1"}`)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w).Flush
	for range words {
		_, _ = io.WriteString(w, `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-mini","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}`+"\n\n")
		_ = flush()
	}
	_, _ = io.WriteString(w, `data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}`+"\n\n"+
		`data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":9}}`+"\n\ndata: [DONE]\n\n")
}

// words is the number of events with text in a stream from provide.
const words = 50

// provider is a server that responds with provide.
func provider(tb testing.TB) *url.URL {
	tb.Helper()
	server := httptest.NewServer(http.HandlerFunc(provide))
	tb.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(tb, err)
	return u
}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 128
	t.MaxIdleConns = 256
	return t
}

func meteredGateway(tb testing.TB) string {
	tb.Helper()
	g := newGateway(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(tb), transport())})
	server := httptest.NewServer(http.HandlerFunc(g.Forward))
	tb.Cleanup(server.Close)
	return server.URL
}

type admitAll struct{}

func (admitAll) Authenticate(context.Context, gateway.Token) error { return nil }

func (admitAll) Admit(context.Context, gateway.Token, gateway.Destination) (gateway.Admission, error) {
	return gateway.Admission{RequestID: "req_1", Record: func(o gateway.Outcome) error {
		if o.Failed || o.Usage.InputTokens != 9 {
			panic("not metered")
		}
		return nil
	}}, nil
}

func (admitAll) Allows(gateway.Token, string, string) bool { return true }

// The cost of a call in the gateway itself: a long conversation, and no network.
func BenchmarkCall(b *testing.B) {
	const whole = `{"id":"chatcmpl-1","choices":[{"message":{"role":"assistant","content":"Hello!"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9}}`
	const events = "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n"
	turn := `{"role":"user","content":"` + strings.Repeat("All work and no play makes Jack a dull boy. ", 16) + `"},`
	body := func(model, rest string) string {
		return `{"model":"` + model + `","max_tokens":9,"messages":[` + strings.TrimSuffix(strings.Repeat(turn, 20), ",") + `]` + rest + `}`
	}
	for _, test := range []struct{ name, path, body, kind, response string }{
		{"forward", chatPath, body("gpt-4o-mini", ""), "application/json", whole},
		{"forward/stream", chatPath, body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
		{"same format/stream", rewriteChat, body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
		{"by model", "/v1/chat/completions", body("openai/gpt-4o-mini", ""), "application/json", whole},
		{"by model/stream", "/v1/chat/completions", body("openai/gpt-4o-mini", `,"stream":true,"stream_options":{}`), "text/event-stream", events},
		{"adapted, without a change", "/v1/chat/completions", body("groq/openai/gpt-oss-20b", ""), "application/json", whole},
		{"adapted", "/v1/chat/completions", strings.Replace(body("groq/openai/gpt-oss-20b", ""), "max_tokens", "max_completion_tokens", 1), "application/json", whole},
		{"translated", "/v1/messages", body("gpt-4o-mini", ""), "application/json", whole},
		{"translated/stream", "/v1/messages", body("gpt-4o-mini", `,"stream":true`), "text/event-stream", events},
	} {
		b.Run(test.name, func(b *testing.B) {
			provider := roundTrip(func(req *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, req.Body)
				return response(200, test.kind, test.response), nil
			})
			h := routes(newGateway(gateway.Config{Billing: admitAll{}, Upstream: provider}))
			b.ReportAllocs()
			b.SetBytes(int64(len(test.body)))
			for b.Loop() {
				req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, test.path, strings.NewReader(test.body))
				req.Header.Set("Authorization", "Bearer "+goodKey)
				w := discard{header: http.Header{}}
				h.ServeHTTP(&w, req)
				if w.status != 200 {
					b.Fatal(w.status)
				}
			}
		})
	}
}
