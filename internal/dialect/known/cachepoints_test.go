package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// Clients of OpenAI's format may say what to cache, in the way of OpenRouter and LiteLLM
// (openrouter.ai/docs/features/prompt-caching, docs.litellm.ai/docs/completion/prompt_caching): in parts, messages
// and tools.
func TestCachePointsOfOpenAIsClients(t *testing.T) {
	t.Parallel()
	const body = `{"model":"m","messages":[{"role":"system","content":[{"type":"text","text":"Long.","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"user","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"B"}]}],
		"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}`
	r, err := OpenAI.ReadRequest([]byte(body))
	require.NoError(t, err)
	r.Model = "claude-sonnet-4-5"
	out, err := Anthropic.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"claude-sonnet-4-5","max_tokens":4096,"system":[{"type":"text","text":"Long.","cache_control":{"type":"ephemeral","ttl":"1h"}}],
		"messages":[{"role":"user","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"B"}]}],
		"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral","ttl":"1h"}}]}`, string(out))
	out, err = Bedrock.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"text":"Long."},{"cachePoint":{"type":"default","ttl":"1h"}}]`, fieldOf(t, out, "system"))
	out, err = OpenAI.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.NotContains(t, string(out), "cache_control", "OpenAI caches automatically, and has no such field")

	r, err = OpenAI.ReadRequest([]byte(`{"model":"m","messages":[{"role":"user","content":"A","cache_control":{"type":"ephemeral"}}]}`))
	require.NoError(t, err)
	assert.Equal(t, []Part{Text{Text: "A"}, CachePoint{}}, r.Messages[0].Parts)
}

// OpenRouter accepts them in texts.
func TestCachePointsToOpenRouter(t *testing.T) {
	t.Parallel()
	r, err := Anthropic.ReadRequest([]byte(`{"max_tokens":9,"system":[{"type":"text","text":"Long.","cache_control":{"type":"ephemeral"}}],
		"messages":[{"role":"user","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}`))
	require.NoError(t, err)
	out, err := OpenAI.WriteRequest(r, Traits{CachePoints: true})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"role":"system","content":[{"type":"text","text":"Long.","cache_control":{"type":"ephemeral"}}]},
		{"role":"user","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]`, fieldOf(t, out, "messages"))
}
