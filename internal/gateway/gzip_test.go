package gateway_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
)

func zip(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

// A compressed response is read even though the gateway asked for none.
func TestCompressedResponses(t *testing.T) {
	t.Parallel()
	t.Run("json", func(t *testing.T) {
		t.Parallel()
		body := zip(`{"id":"z","usage":{"prompt_tokens":4,"completion_tokens":5}}`)
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", body, "Content-Encoding", "gzip")}))
		got := r.do(t, "POST", chatPath, chatBody, "Accept-Encoding", "gzip")
		assert.Equal(t, body, got.body, "bytes pass unchanged")
		assert.Equal(t, billing.Usage{InputTokens: 4, OutputTokens: 5}, r.last(t).Usage)
	})
	t.Run("events", func(t *testing.T) {
		t.Parallel()
		events := "data: {\"id\":\"z\",\"choices\":[{\"delta\":{}}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":5}}\n\ndata: [DONE]\n\n"
		r := newRig(t, recording(&recorder{respond: responding(200, "text/event-stream", zip(events), "Content-Encoding", "gzip")}))
		got := r.do(t, "POST", chatPath, chatBody, "Accept-Encoding", "gzip")
		assert.Equal(t, events, got.body)
		assert.Empty(t, got.header.Get("Content-Encoding"))
		assert.Equal(t, billing.Usage{InputTokens: 4, OutputTokens: 5}, r.last(t).Usage)
	})
}

// Codex and others compress what they send. https://github.com/QuantumNous/new-api/issues/4913
func TestCompressedRequests(t *testing.T) {
	t.Parallel()
	const response = `{"id":"z","usage":{"prompt_tokens":4,"completion_tokens":5}}`
	body := zip(chatBody)
	t.Run("passed on unchanged", func(t *testing.T) {
		t.Parallel()
		p := &recorder{respond: responding(200, "application/json", response)}
		r := newRig(t, recording(p))
		got := r.do(t, "POST", chatPath, body, "Content-Encoding", "gzip")
		require.Equal(t, 200, got.status, got.body)
		assert.Equal(t, body, p.body)
		assert.Equal(t, "gzip", p.header.Get("Content-Encoding"))
		assert.Equal(t, "gpt-4o-mini", r.last(t).Model)
		assert.NotZero(t, r.last(t).InputCost)
	})
	t.Run("decompressed if the gateway changes it", func(t *testing.T) {
		t.Parallel()
		for _, path := range []string{chatPath, "/v1/rewrite/openai/https://api.anthropic.com/v1/messages"} {
			p := &recorder{respond: responding(200, "text/event-stream", "data: [DONE]\n\n")}
			r := newRig(t, recording(p))
			body := zip(strings.Replace(streamBody, "gpt-4o-mini", "claude-haiku-4-5", 1))
			if path == chatPath {
				body = zip(streamBody)
			}
			resp := r.open(t, "POST", path, body, "Content-Encoding", "gzip")
			assert.Equal(t, 200, resp.StatusCode)
			assert.True(t, json.Valid([]byte(p.body)), p.body)
			assert.Empty(t, p.header.Get("Content-Encoding"))
		}
	})
	for _, test := range []struct {
		name, encoding, body string
		status               int
		says                 string
	}{
		{"zstd", "zstd", "\x28\xb5\x2f\xfd", 400, "zstd"},
		{"brotli", "br", "x", 400, "br"},
		{"deflate", "deflate", "x", 400, "deflate"},
		{"twice", "gzip, gzip", zip(zip(chatBody)), 400, "gzip, gzip"},
		{"not what it says", "gzip", chatBody, 400, "content-encoding"},
		{"cut", "gzip", body[:len(body)-6], 400, "content-encoding"},
		{"a bomb", "gzip", zip(strings.Repeat(" ", 2<<20) + chatBody), 413, "1048576"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{}
			r := newRig(t, recording(p), func(c *gateway.Config) { c.MaxBody = 1 << 20 })
			got := r.do(t, "POST", chatPath, test.body, "Content-Encoding", test.encoding)
			assert.Equal(t, test.status, got.status, got.body)
			assert.Contains(t, got.body, test.says)
			assert.Empty(t, r.admitted)
			assert.Empty(t, p.url, "nothing was sent")
		})
	}
}

// Some clients compress without saying so, but the first bytes show it.
// https://github.com/QuantumNous/new-api/issues/4913
func TestUndeclaredCompression(t *testing.T) {
	t.Parallel()
	for body, encoding := range map[string]string{
		zip(chatBody): "gzip", "\x28\xb5\x2f\xfd\x04\x58\x41\x00\x00{}": "zstd",
	} {
		for _, path := range []string{chatPath, rewriteChat} {
			got := newRig(t).do(t, "POST", path, body)
			assert.Equal(t, 400, got.status)
			assert.Contains(t, got.body, "it seems to be compressed with "+encoding)
		}
	}
}
