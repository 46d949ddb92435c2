package gateway_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/billing"
)

// A provider that compresses although it was asked not to is still read.
func TestCompressedResponses(t *testing.T) {
	t.Parallel()
	zip := func(s string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(s))
		_ = w.Close()
		return b.String()
	}
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
