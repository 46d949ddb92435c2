package gateway_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestForwardChat(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, "POST", chatPath, chatBody)
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, "req_1", got.header.Get("x-lava-request-id"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))

	var completion struct {
		ID      string
		Choices []struct{ Message struct{ Content string } }
		Usage   struct {
			Prompt     int64 `json:"prompt_tokens"`
			Completion int64 `json:"completion_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &completion))
	assert.Equal(t, "This is a mock response to: Hello there", completion.Choices[0].Message.Content)

	o := r.last(t)
	assert.Equal(t, completion.Usage.Prompt, o.Usage.InputTokens)
	assert.Equal(t, completion.Usage.Completion, o.Usage.OutputTokens)
	assert.Equal(t, completion.ID, o.ResponseID)
	assert.EqualValues(t, chatIn, o.Usage.InputTokens)
	assert.Equal(t, "openai", o.Provider)
	assert.Equal(t, "gpt-4o-mini", o.Model)
	assert.Equal(t, "POST https://api.openai.com/v1/chat/completions", o.Endpoint)
	assert.False(t, o.Failed)
	assert.False(t, o.Unmanaged)
	// gpt-4o-mini costs 0.15 and 0.60 per million.
	assert.Equal(t, amount(t, "0.00000045"), o.InputCost)
	assert.Equal(t, gateway.Destination{Provider: "openai", Model: "gpt-4o-mini"}, r.admitted[0])
}

// The same request gets the same response, byte for byte.
func TestForwardIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := newRig(t), newRig(t)
	assert.Equal(t, a.do(t, "POST", chatPath, chatBody).body, b.do(t, "POST", chatPath, chatBody).body)
}

// Java's HttpClient offers HTTP/2 in its first request to an http URL, and accepts a response of HTTP/1.1. A WebSocket
// can't do without its protocol.
func TestForwardUpgrades(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, upgrade, connection string
		status                    int
	}{
		{"Java's HttpClient", "h2c", "Upgrade, HTTP2-Settings", 200},
		{"a WebSocket", "websocket", "Upgrade", 400},
		{"either", "h2c, websocket", "Upgrade, HTTP2-Settings", 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{respond: responding(200, "application/json", `{"id":"chatcmpl-1","choices":[]}`)}
			r := newRig(t, recording(p))
			got := r.do(t, "POST", chatPath, chatBody, "Connection", tt.connection, "Upgrade", tt.upgrade, "HTTP2-Settings", "AAEAAEAAAAIAAAAAAAMAAABkAAQBAAAAAAUAAEAA")
			require.Equal(t, tt.status, got.status, got.body)
			if tt.status != 200 {
				assert.Equal(t, "forward_endpoint_not_supported", got.code())
				return
			}
			assert.Empty(t, p.header.Values("Upgrade"))
			assert.Empty(t, p.header.Values("HTTP2-Settings"))
		})
	}
}
