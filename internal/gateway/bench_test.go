package gateway_test

import (
	"bytes"
	"context"
	"io"
	"net"
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

// provider is a server that answers at once, as OpenAI would.
func provider(tb testing.TB) *url.URL {
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
	to := provider(tb)
	proxy := &httputil.ReverseProxy{Transport: transport(), Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.Path, r.Out.URL.RawQuery = "http", to.Host, "/v1/chat/completions", ""
	}}
	server := httptest.NewServer(proxy)
	tb.Cleanup(server.Close)
	return server.URL
}

func meteredGateway(tb testing.TB) string {
	g := gateway.New(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(tb), transport()), WriteError: writeError})
	server := httptest.NewServer(http.HandlerFunc(g.Forward))
	tb.Cleanup(server.Close)
	return server.URL
}

const anthropicBody = `{"model":"gpt-4o-mini","max_tokens":100,"messages":[{"role":"user","content":"Hello there"}]}`

// translatingGateway takes Anthropic's format for the same provider.
func translatingGateway(tb testing.TB) string {
	g := gateway.New(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(tb), transport()), WriteError: writeError})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = gateway.RewritePrefix+"anthropic/https://api.openai.com/v1/chat/completions", "", ""
		g.Rewrite(w, r)
	}))
	tb.Cleanup(server.Close)
	return server.URL
}

type admitAll struct{}

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
				req, _ := http.NewRequest("POST", addr, strings.NewReader(body))
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

// Ten thousand streams at full speed, and not one is cut: a proxy that starts to
// answer before it has read the request loses a few percent (golang/go#40747).
func TestNoStreamIsCut(t *testing.T) {
	streams := 10_000
	if testing.Short() {
		streams = 500
	}
	t.Run("tcp", func(t *testing.T) { countCuts(t, streams, meteredGateway(t), transport()) })
	t.Run("in memory", func(t *testing.T) {
		g := gateway.New(gateway.Config{Billing: admitAll{}, Upstream: upstream.To(provider(t), transport()), WriteError: writeError})
		l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(g.Forward)}}
		server.Start()
		t.Cleanup(server.Close)
		in := transport()
		in.DialContext = l.dial
		t.Cleanup(in.CloseIdleConnections)
		countCuts(t, streams, "http://gateway", in)
	})
}

func countCuts(t *testing.T, streams int, origin string, transport *http.Transport) {
	client := &http.Client{Transport: transport}
	var next, cut atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for next.Add(1) <= int64(streams) {
				req, _ := http.NewRequest("POST", origin+chatPath, strings.NewReader(streamBody))
				req.Header.Set("Authorization", "Bearer "+goodKey)
				resp, err := client.Do(req)
				if err != nil {
					cut.Add(1)
					continue
				}
				b, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil || bytes.Count(b, []byte(" word")) != 20 || !bytes.HasSuffix(b, []byte("data: [DONE]\n\n")) {
					cut.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, cut.Load(), "of %d streams", streams)
}

// pipes is a listener without a port.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "gateway", Net: "pipe"} }
