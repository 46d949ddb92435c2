package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSpendKeyEndpoints(t *testing.T) {
	t.Parallel()
	const messages = `"messages":[{"role":"user","content":"hi"}]`
	for _, test := range []struct {
		name, path, body string
		provider, model  string
		url              string
	}{
		{"GPT", "/v1/chat/completions", `{"model":"gpt-4o",` + messages + `}`, "openai", "gpt-4o", "https://api.openai.com/v1/chat/completions"},
		{"by its date", "/v1/chat/completions", `{"model":"gpt-4.1-2025-04-14",` + messages + `}`, "openai", "gpt-4.1-2025-04-14", "https://api.openai.com/v1/chat/completions"},
		{"Gemini, where Google speaks OpenAI's format", "/v1/chat/completions", `{"model":"gemini-2.5-flash",` + messages + `}`, "google", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"},
		{"a provider by name", "/v1/chat/completions", `{"model":"groq/llama-3.3-70b-versatile",` + messages + `}`, "groq", "llama-3.3-70b-versatile", "https://api.groq.com/openai/v1/chat/completions"},
		{"Claude in OpenAI's format", "/v1/chat/completions", `{"model":"claude-sonnet-4-5",` + messages + `}`, "anthropic", "claude-sonnet-4-5", "https://api.anthropic.com/v1/messages"},
		{"GPT in Anthropic's", "/v1/messages", `{"model":"gpt-4o","max_tokens":5,` + messages + `}`, "openai", "gpt-4o", "https://api.openai.com/v1/chat/completions"},
		{"Gemini in Anthropic's", "/v1/messages", `{"model":"gemini-2.5-flash","max_tokens":5,` + messages + `}`, "google", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"},
		{"a model at Bedrock", "/v1/chat/completions", `{"model":"amazon.nova-lite-v1:0",` + messages + `}`, "bedrock", "amazon.nova-lite-v1:0", "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse"},
		{"Claude", "/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":5,` + messages + `}`, "anthropic", "claude-sonnet-4-5", "https://api.anthropic.com/v1/messages"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{respond: responding(200, "application/json", `{"id":"x","choices":[{"message":{},"finish_reason":"stop"}],"content":[],"candidates":[{"finishReason":"STOP"}],"stopReason":"end_turn","usage":{"prompt_tokens":1,"input_tokens":1,"inputTokens":1}}`)} // of all formats
			r := newRig(t, recording(p))
			got := r.do(t, "POST", test.path, test.body)
			require.Equal(t, 200, got.status, got.body)
			o := r.last(t)
			assert.Equal(t, test.provider, o.Provider)
			assert.Equal(t, test.model, o.Model)
			assert.Equal(t, "POST "+test.url, o.Endpoint)
			assert.Equal(t, test.url, p.url)
			if !strings.Contains(test.url, test.model) {
				assert.Contains(t, p.body, `"model":"`+test.model+`"`)
			}
			assert.Positive(t, o.InputCost)
			want := "openai"
			if test.path == "/v1/messages" {
				want = "anthropic"
			}
			assert.Equal(t, test.provider == "anthropic", p.header.Get("Anthropic-Version") != "")
			assert.Equal(t, want, r.admitted[0].Shape)
		})
	}
	for _, test := range []struct{ path, body, code, says string }{
		{"/v1/chat/completions", `{}`, "forward_model_invalid", "is required"},
		{"/v1/chat/completions", `{"model":"gpt-4o-mimi"}`, "forward_model_not_supported", "did you mean"},
		{"/v1/chat/completions", `{"model":"eleven_flash_v2_5"}`, "forward_model_not_supported", "ElevenLabs does not support conversations"},
		{"/v1/messages", `{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"search_result"}]}]}`, "invalid_request", "messages[0].content[0].type"},
		{"/v1/messages", `[]`, "invalid_request", "JSON object"},
	} {
		t.Run(fmt.Sprintf("%s %s", test.path, test.body), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", test.path, test.body)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
		})
	}
}

// If a model has several providers, one that the key allows is chosen.
func TestAllowedProviders(t *testing.T) {
	t.Parallel()
	const body = `{"model":"gpt-oss-120b","messages":[{"role":"user","content":"hi"}]}`
	r := newRig(t)
	require.Equal(t, 200, r.do(t, "POST", "/v1/chat/completions", body).status)
	first := r.last(t).Provider
	r.forbidden = []string{first}
	require.Equal(t, 200, r.do(t, "POST", "/v1/chat/completions", body).status)
	assert.NotEqual(t, first, r.last(t).Provider)
}
