package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestForwardUnknownHostsByOption(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json", `{"id":"x","usage":{"prompt_tokens":4,"completion_tokens":5}}`)}
	r := newRig(t, recording(p), func(c *gateway.Config) { c.AllowUnknownHosts = true })
	got := r.do(t, "POST", "/v1/forward?u=http://127.0.0.1:9999/v1/chat/completions", chatBody)
	require.Equal(t, 200, got.status, got.body)
	o := r.last(t)
	assert.Equal(t, "127.0.0.1:9999", o.Provider)
	assert.EqualValues(t, 4, o.Usage.InputTokens)
	assert.Zero(t, o.InputCost)
}

func TestModels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, code, says string }{
		{"no model", `{"messages":[]}`, "forward_model_invalid", "model: is required"},
		{"model null", `{"model":null}`, "forward_model_invalid", "model: is required"},
		{"model of a wrong type", `{"model":4}`, "forward_model_invalid", "must be a string"},
		{"unknown model", `{"model":"gpt-4o-mimi"}`, "forward_model_not_supported", "did you mean gpt-4o-mini?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", chatPath, test.body)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
		})
	}
	t.Run("unknown models by option", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(c *gateway.Config) { c.AllowUnknownModels = true })
		got := r.do(t, "POST", chatPath, strings.Replace(chatBody, "gpt-4o-mini", "gpt-99", 1))
		require.Equal(t, 200, got.status)
		assert.NotZero(t, r.last(t).Usage.InputTokens)
		assert.Zero(t, r.last(t).InputCost)
	})
}
