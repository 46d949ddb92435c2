package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Any http.Handler can be a provider, in process, and streams as one.
func TestHandlerAsUpstream(t *testing.T) {
	t.Parallel()
	first, second := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"1\"}}]}\n\n")
		close(first)
		<-second
		_, _ = fmt.Fprint(w, "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n")
	})
	r := newRig(t, func(c *gateway.Config) {
		c.Upstream = &upstream.Router{Hosts: map[string]http.RoundTripper{"api.openai.com": upstream.Handler(h)}, Default: c.Upstream}
	})
	resp := r.open(t, "POST", chatPath, streamBody)
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, line, `"content":"1"`, "the first event arrives before the second is written")
	<-first
	close(second)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	assert.EqualValues(t, 3, r.last(t).Usage.OutputTokens)
}

// A panic in a handler looks like a broken connection.
func TestHandlerThatPanics(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oops") })
	r := newRig(t, func(c *gateway.Config) { c.Upstream = upstream.Handler(h) })
	got := r.do(t, "POST", chatPath, chatBody)
	assert.Equal(t, 502, got.status)
	assert.True(t, r.last(t).Failed)
}

// Headers of Lava and of the connection are removed; all others are passed on.
func TestForwardHeaders(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json", `{}`,
		"X-Ratelimit-Remaining", "7", "Connection", "X-Hop", "X-Hop", "1", "Access-Control-Allow-Origin", "*", "X-Lava-Request-Id", "forged")}
	r := newRig(t, recording(p))
	tok := token(map[string]any{"provider_key": "sk-mine"})
	got := r.do(t, "POST", chatPath, chatBody, "Authorization", "", "X-Api-Key", tok, "OpenAI-Organization", "org_1",
		"X-Lava-Metadata", `{"a":"b"}`, "X-Lava-Fallbacks", "[]", "Accept-Encoding", "br", "User-Agent", "sdk/1")
	require.Equal(t, 200, got.status, got.body)

	assert.Equal(t, http.Header{
		"Authorization":       {"Bearer sk-mine"},
		"Accept-Encoding":     {"identity"},
		"Content-Type":        {"application/json"},
		"Openai-Organization": {"org_1"},
		"User-Agent":          {"sdk/1"},
	}, p.header)
	assert.Equal(t, "api.openai.com", p.host)
	assert.Equal(t, chatBody, p.body)

	assert.Equal(t, "7", got.header.Get("X-Ratelimit-Remaining"))
	assert.Equal(t, "req_1", got.header.Get("X-Lava-Request-Id"))
	assert.Empty(t, got.header.Get("X-Hop"))
	assert.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
}

func TestForwardSendsTheProvidersKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, header, want string }{
		{"https://api.openai.com/v1/models", "Authorization", "Bearer sk-mine"},
		{"https://api.anthropic.com/v1/models", "X-Api-Key", "sk-mine"},
		{"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "X-Goog-Api-Key", "sk-mine"},
		{"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "Authorization", "Bearer sk-mine"},
		{"https://api.elevenlabs.io/v1/text-to-speech/abc", "Xi-Api-Key", "sk-mine"},
		{"https://openrouter.ai/api/v1/chat/completions", "Authorization", "Bearer sk-mine"},
		{"https://google.serper.dev/search", "X-Api-Key", "sk-mine"},
	} {
		t.Run(test.target, func(t *testing.T) {
			t.Parallel()
			p := &recorder{}
			r := newRig(t, recording(p))
			got := r.do(t, "POST", "/v1/forward?u="+test.target, `{"model":"gemini-2.5-flash"}`,
				"Authorization", "Bearer "+token(map[string]any{"provider_key": "sk-mine"}))
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.want, p.header.Get(test.header))
			for _, place := range []string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Xi-Api-Key"} {
				if place != test.header {
					assert.Empty(t, p.header.Get(place))
				}
			}
			assert.True(t, r.last(t).Unmanaged)
		})
	}
}
