package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Faults of providers, and their consequences.
func TestFaultyProviders(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		body    string
		fault   upstream.Fault
		status  int
		aborted bool
		failed  bool
		output  int64 // tokens recorded
		wait    time.Duration
	}{
		{"cut before the response", chatBody, upstream.CutAfter(0), 502, false, true, 0, 0},
		{"cut in the middle of a body", chatBody, upstream.CutAfter(1), 502, false, true, 0, 0},
		{"silent before the response", chatBody, upstream.StallAfter(0), 502, false, true, 0, time.Minute},
		{"silent in the middle of a body", chatBody, upstream.StallAfter(1), 502, false, true, 0, time.Minute},
		// "This is a mock" is 14 characters, 4 tokens.
		{"stream cut", streamBody, upstream.CutAfter(4), 200, true, false, 4, 0},
		{"stream stalls", streamBody, upstream.StallAfter(4), 200, true, false, 4, time.Minute},
		{"stream reports an error", streamBody, upstream.ErrorAfter(4), 200, false, true, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := &rig{ledger: &ledger{}, fake: &upstream.Fake{}}
				r.fake.Choose = always(upstream.Reply{Fault: test.fault})
				start := time.Now()
				w, aborted := serve(t.Context(), r, r.fake, test.body)
				assert.Equal(t, test.wait, time.Since(start))
				assert.Equal(t, test.status, w.Code, w.Body.String())
				assert.Equal(t, test.aborted, aborted)
				o := r.last(t)
				assert.Equal(t, test.failed, o.Failed)
				assert.Equal(t, test.output, o.Usage.OutputTokens)
				if !test.failed {
					assert.EqualValues(t, chatIn, o.Usage.InputTokens)
					assert.Contains(t, w.Body.String(), " mock")
				}
			})
		})
	}
}

// endless yields the same bytes forever.
type endless struct {
	ctx  context.Context
	data string
}

func (e endless) Read(p []byte) (int, error) { return copy(p, e.data), e.ctx.Err() }
func (e endless) Close() error               { return nil }

// An invalid HTTP status is the provider's fault, and the next provider is tried.
func TestImpossibleStatuses(t *testing.T) {
	t.Parallel()
	for _, status := range []int{-1, 0, 42, 99, 101, 199, 1000, 99999} {
		r := newRig(t, recording(&recorder{respond: responding(status, "application/json", `{}`)}))
		got := r.do(t, "POST", chatPath, chatBody)
		assert.Equal(t, 502, got.status)
		assert.Equal(t, "provider_error", got.code())
		assert.Contains(t, got.body, fmt.Sprintf("OpenAI sent the invalid status %d", status))
		assert.True(t, r.last(t).Failed)

		r = newRig(t)
		r.fake.Choose = onlyFrom("openai", upstream.Reply{Status: status})
		got = r.do(t, "POST", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions", chatBody,
			"X-Lava-Fallbacks", `[{"url":"https://api.anthropic.com/v1/messages","model":"claude-sonnet-4-5"}]`)
		assert.Equal(t, 200, got.status, got.body)
	}
}

func TestProvidersThatNeverEnd(t *testing.T) {
	t.Parallel()
	send := func(kind, data string) roundTrip {
		return func(req *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: endless{req.Context(), data}, ContentLength: -1}, nil
		}
	}
	t.Run("an endless line", func(t *testing.T) {
		t.Parallel()
		r := &rig{ledger: &ledger{}}
		w, aborted := serve(t.Context(), r, send("text/event-stream", strings.Repeat("x", 1000)), streamBody)
		assert.True(t, aborted)
		assert.LessOrEqual(t, w.Body.Len(), 2<<20)
		assert.True(t, r.last(t).Failed)
	})
	t.Run("a client that leaves an endless body", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			r := &rig{ledger: &ledger{}, fake: &upstream.Fake{}}
			r.fake.Choose = always(upstream.Reply{Fault: upstream.StallAfter(1)})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, aborted := serve(ctx, r, r.fake, chatBody)
			assert.True(t, aborted)
			assert.True(t, r.last(t).Failed)
		})
	})
}

// speaking is a provider that sends fixed bytes on each connection and closes it.
func speaking(t *testing.T, response string) func(*gateway.Config) {
	t.Helper()
	provider, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = provider.Close() })
	go func() {
		for {
			conn, err := provider.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, response)
			_ = conn.Close()
		}
	}()
	base, err := url.Parse("http://" + provider.Addr().String())
	require.NoError(t, err)
	return func(c *gateway.Config) { c.Upstream = upstream.To(base, http.DefaultTransport) }
}

// If a response breaks before any of it was sent, the client gets an error.
func TestBrokenResponses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, response, says string }{
		{"shorter than announced", "Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"usage\":{}}", "closed the connection"},
		{"no chunks", "Transfer-Encoding: chunked\r\n\r\n{\"id\":\"x\"}\r\n", "can't be read"},
		{"no chunks, JSON", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{\"id\":\"x\"}\r\n", "can't be read"},
		{"no chunks, speech", "Content-Type: audio/mpeg\r\nTransfer-Encoding: chunked\r\n\r\n{\"id\":\"x\"}\r\n", "can't be read"},
		{"nothing at all", "Content-Type: audio/mpeg\r\nContent-Length: 10\r\n\r\n", "closed the connection"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, speaking(t, "HTTP/1.1 200 OK\r\n"+test.response))
			for _, path := range []string{chatPath, "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions"} {
				got := r.do(t, "POST", path, chatBody)
				assert.Equal(t, 502, got.status)
				assert.Equal(t, "provider_error", got.code())
				assert.Contains(t, got.body, test.says)
				assert.True(t, r.last(t).Failed)
			}
		})
	}
}

// A redirect isn't a response, whatever its body reports.
func TestRedirects(t *testing.T) {
	t.Parallel()
	const body = `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":9}}`
	for _, status := range []int{300, 301, 302, 303, 307, 308, 399} {
		p := &recorder{respond: responding(status, "application/json", body, "Location", "https://api.openai.com/elsewhere")}
		r := newRig(t, recording(p))
		r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		got := r.do(t, "POST", chatPath, chatBody)
		assert.Equal(t, status, got.status)
		assert.Equal(t, "https://api.openai.com/elsewhere", got.header.Get("Location"))
		assert.Equal(t, body, got.body)
		assert.True(t, r.last(t).Failed)
		assert.Zero(t, r.last(t).Usage)
		for _, path := range []string{"/v1/rewrite/anthropic/https://api.openai.com/v1/chat/completions", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions", "/v1/chat/completions"} {
			got := r.do(t, "POST", path, strings.Replace(chatBody, `{"model"`, `{"max_tokens":9,"model"`, 1))
			assert.Equal(t, 502, got.status, path)
			assert.Equal(t, "provider_error", got.code())
			assert.Contains(t, got.body, "redirect")
			assert.Empty(t, got.header.Get("Location"))
			assert.True(t, r.last(t).Failed)
			assert.Zero(t, r.last(t).Usage)
		}
	}
	// An unexpected response makes the gateway try the next provider.
	p := &recorder{}
	p.respond = func(req *http.Request) (*http.Response, error) {
		if req.URL.Host == "api.openai.com" {
			return response(302, "text/html", "", "Location", "/login"), nil
		}
		return response(200, "application/json", body), nil
	}
	r := newRig(t, recording(p))
	got := r.do(t, "POST", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions", chatBody,
		"x-lava-fallbacks", `[{"url":"https://api.groq.com/openai/v1","model":"llama-3.3-70b-versatile"}]`)
	assert.Equal(t, 200, got.status, got.body)
	assert.Equal(t, "groq", r.last(t).Provider)

	// "Not modified" is what the client asked for.
	p = &recorder{respond: responding(304, "", "")}
	r = newRig(t, recording(p))
	got = r.do(t, "GET", "/v1/forward?u=https://api.openai.com/v1/models", "", "If-None-Match", `"x"`)
	assert.Equal(t, 304, got.status)
	assert.False(t, r.last(t).Failed)
}

// A client that disconnects is charged for what was sent to it, and the connection to the provider is closed.
func TestClientHangsUp(t *testing.T) {
	t.Parallel()
	freed := make(chan struct{})
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 4 {
			_, _ = fmt.Fprint(w, "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"12345678\"}}]}\n\n")
		}
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
		close(freed)
	}))
	t.Cleanup(provider.Close)
	base, _ := url.Parse(provider.URL)
	recorded := make(chan struct{}, 1)
	r := newRig(t, func(c *gateway.Config) {
		c.Upstream = upstream.To(base, http.DefaultTransport)
		c.Billing.(*ledger).recorded = recorded
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, r.url+chatPath, strings.NewReader(streamBody))
	req.Header.Set("Authorization", "Bearer "+goodKey)
	resp, err := r.client.Do(req)
	require.NoError(t, err)
	buf := make([]byte, 4*60)
	_, err = io.ReadFull(resp.Body, buf)
	require.NoError(t, err)
	cancel()
	_ = resp.Body.Close()
	<-freed
	<-recorded
	o := r.last(t)
	assert.False(t, o.Failed)
	assert.EqualValues(t, chatIn, o.Usage.InputTokens)
	assert.EqualValues(t, 8, o.Usage.OutputTokens, "4 chunks of 8 characters")
}

// A provider's error is passed on and recorded, but not charged.
func TestProviderErrors(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(429, "application/json", `{"error":{"message":"slow down"},"usage":{"prompt_tokens":9}}`, "Retry-After", "3")}
	r := newRig(t, recording(p))
	got := r.do(t, "POST", chatPath, chatBody, "x-lava-metadata-a", "b")
	assert.Equal(t, 429, got.status)
	assert.Equal(t, "3", got.header.Get("Retry-After"))
	assert.Contains(t, got.body, "slow down")
	assert.Equal(t, gateway.Outcome{Provider: "openai", Model: "gpt-4o-mini", Endpoint: "POST https://api.openai.com/v1/chat/completions",
		Metadata: map[string]string{"a": "b"}, Failed: true}, r.last(t))
}

// Bytes that a provider breaks off are passed on to the last one.
func TestBrokenBytes(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: func(*http.Request) (*http.Response, error) {
		resp := response(200, "audio/mpeg", "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("audio"), iotest.ErrReader(io.ErrUnexpectedEOF)))
		return resp, nil
	}}
	r := newRig(t, recording(p))
	resp := r.open(t, "POST", "/v1/forward?u=https://api.openai.com/v1/audio/speech", `{"model":"tts-1","input":"Hello","voice":"alloy"}`)
	got, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, "audio", string(got))
}
