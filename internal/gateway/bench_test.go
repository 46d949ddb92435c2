package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Every gateway benchmark has its floor beside it: a bare reverse proxy before
// the same provider. The bar is 0.6 of its requests per second, at 64
// connections:
//
//	go test -run '^$' -bench . ./internal/gateway
func BenchmarkForward(b *testing.B) {
	b.Run("json/proxy", func(b *testing.B) { bench(b, bareProxy, chatBody) })
	b.Run("json/gateway", func(b *testing.B) { bench(b, meteredGateway, chatBody) })
	b.Run("events/proxy", func(b *testing.B) { bench(b, bareProxy, streamBody) })
	b.Run("events/gateway", func(b *testing.B) { bench(b, meteredGateway, streamBody) })
	b.Run("json/translated", func(b *testing.B) { bench(b, translatingGateway, anthropicBody) })
	b.Run("events/translated", func(b *testing.B) {
		bench(b, translatingGateway, strings.TrimSuffix(anthropicBody, "}")+`,"stream":true}`)
	})
}

// provider is a server that responds at once, as OpenAI would.
func provider(tb testing.TB) *url.URL {
	tb.Helper()
	const chunks = 20
	var whole, events bytes.Buffer
	whole.WriteString(`{"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I help you today?","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_1"}`)
	for range chunks {
		events.WriteString(`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-mini","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}],"usage":null}` + "\n\n")
	}
	parts := bytes.SplitAfter(events.Bytes(), []byte("\n\n"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !bytes.Contains(body, []byte(`"stream":true`)) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(whole.Bytes())
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		flush := http.NewResponseController(w).Flush
		for _, p := range parts {
			_, _ = w.Write(p)
			_ = flush()
		}
		_, _ = io.WriteString(w, "data: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n")
	}))
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

func bareProxy(tb testing.TB) string {
	tb.Helper()
	to := provider(tb)
	proxy := &httputil.ReverseProxy{Transport: transport(), Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.Path, r.Out.URL.RawQuery = "http", to.Host, "/v1/chat/completions", ""
	}}
	server := httptest.NewServer(proxy)
	tb.Cleanup(server.Close)
	return server.URL
}

func meteredGateway(tb testing.TB) string {
	tb.Helper()
	g := newGateway(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(tb), transport())})
	server := httptest.NewServer(http.HandlerFunc(g.Forward))
	tb.Cleanup(server.Close)
	return server.URL
}

const anthropicBody = `{"model":"gpt-4o-mini","max_tokens":100,"messages":[{"role":"user","content":"Hello there"}]}`

// translatingGateway takes Anthropic's format for the same provider.
func translatingGateway(tb testing.TB) string {
	tb.Helper()
	g := newGateway(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(tb), transport())})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = gateway.RewritePrefix+"anthropic/https://api.openai.com/v1/chat/completions", "", ""
		g.Rewrite(w, r)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

type admitAll struct{}

func (admitAll) Authenticate(context.Context, string) error { return nil }

func (admitAll) Admit(context.Context, gateway.Token, gateway.Destination) (gateway.Admission, error) {
	return gateway.Admission{RequestID: "req_1", Record: func(o gateway.Outcome) error {
		if o.Failed || o.Usage.InputTokens != 9 {
			panic("not metered")
		}
		return nil
	}}, nil
}

func (admitAll) Allows(gateway.Token, string, string) bool { return true }

func bench(b *testing.B, target func(testing.TB) string, body string) {
	b.Helper()
	const connections = 64
	addr := target(b) + chatPath
	client := &http.Client{Transport: transport()}
	cred := "Bearer " + token(map[string]any{"customer_id": "con_1", "meter_slug": "m"})
	var next atomic.Int64
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, addr, strings.NewReader(body))
				req.Header.Set("Authorization", cred)
				req.Header.Set("Content-Type", "application/json")
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// What a call costs the gateway itself: a long conversation, and no network.
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
