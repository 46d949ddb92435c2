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
	assert.Equal(t, "other", o.Provider)
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

// The caller's own key for a host opens any host: requests there are counted, and cost nothing.
func TestUnknownHostsByOwnKey(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json", `{"usage":{"prompt_tokens":7,"completion_tokens":3}}`)}
	r := newRig(t, recording(p))
	own := []string{"Authorization", "Bearer " + token(map[string]any{"provider_key": "sk-mine"})}
	for _, test := range []struct{ name, path, body, url string }{
		{"any API", "/v1/forward?u=https://api.example.com/v2/search?q=x", `{"q":"x"}`, "https://api.example.com/v2/search?q=x"},
		{"a chat", "/v1/forward?u=https://llm.example.com/v1/chat/completions", chatBody, "https://llm.example.com/v1/chat/completions"},
		{"by rewrite", "/v1/rewrite/openai/https://llm.example.com/v1/chat/completions", chatBody, "https://llm.example.com/v1/chat/completions"},
	} {
		got := r.do(t, "POST", test.path, test.body, own...)
		require.Equal(t, 200, got.status, got.body)
		assert.Equal(t, test.url, p.url)
		assert.Equal(t, "Bearer sk-mine", p.header.Get("Authorization"))
		o := r.last(t)
		assert.Equal(t, "other", o.Provider)
		assert.Equal(t, "POST "+strings.TrimSuffix(test.url, "?q=x"), o.Endpoint)
		assert.True(t, o.Unmanaged)
		assert.False(t, o.Failed)
		assert.Zero(t, o.InputCost+o.OutputCost)
	}
	assert.Equal(t, 3, r.count())

	got := r.do(t, "POST", "/v1/forward?u=http://llm.example.com/v1/chat/completions", chatBody, own...)
	assert.Equal(t, 400, got.status, "the key would be sent in the clear")

	got = r.do(t, "POST", "/v1/forward?u=https://llm.example.com/v1/chat/completions", chatBody)
	assert.Equal(t, "forward_endpoint_not_supported", got.code())
	assert.Contains(t, got.body, "llm.example.com")
	assert.Contains(t, got.body, "AllowUnknownHosts")
	assert.Contains(t, got.body, "-allow-unknown-hosts")
	assert.Contains(t, got.body, "provider_key")
}

// Azure has the deployment's name in the path, and its body needs no model (github.com/BerriAI/litellm/issues/3372,
// the openai package's AzureOpenAI).
func TestDeployments(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json",
		`{"choices":[{"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`)}
	r := newRig(t, recording(p))
	const azure = "https://my-resource.openai.azure.com/openai/deployments/gpt-4o/"
	for _, test := range []struct{ path, body, url string }{
		{"/v1/forward?u=" + azure + "chat/completions%3Fapi-version=2024-10-21", `{"messages":[{"role":"user","content":"hi"}]}`, azure + "chat/completions?api-version=2024-10-21"},
		{"/v1/forward?u=" + azure + "embeddings", `{"input":"x"}`, azure + "embeddings"},
		{"/v1/rewrite/openai/" + azure + "chat/completions", `{"messages":[{"role":"user","content":"hi"}]}`, azure + "chat/completions"},
		{"/v1/rewrite/anthropic/" + azure + "chat/completions", `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`, azure + "chat/completions"},
	} {
		got := r.do(t, "POST", test.path, test.body, "Authorization", "Bearer "+token(map[string]any{"provider_key": "azure-key"}))
		require.Equal(t, 200, got.status, got.body)
		assert.Equal(t, test.url, p.url)
		assert.Equal(t, "gpt-4o", r.last(t).Model)
		assert.EqualValues(t, 7, r.last(t).Usage.InputTokens)
	}
}

// Providers without published prices are known, and cost nothing.
func TestProvidersWithoutPrices(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ provider, path string }{
		{"openrouter", "/v1/forward?u=https://openrouter.ai/api/v1/chat/completions"},
		{"openrouter", "/v1/rewrite/anthropic/https://openrouter.ai/api/v1/chat/completions/v1/messages"},
		{"perplexity", "/v1/forward?u=https://api.perplexity.ai/chat/completions"},
		{"voyage", "/v1/forward?u=https://api.voyageai.com/v1/embeddings"},
		{"serper", "/v1/forward?u=https://google.serper.dev/search"},
	} {
		p := &recorder{respond: responding(200, "application/json", `{"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":7,"completion_tokens":3}}`)}
		r := newRig(t, recording(p))
		got := r.do(t, "POST", test.path, `{"model":"some/model","max_tokens":5,"input":"x","messages":[{"role":"user","content":"hi"}]}`)
		require.Equal(t, 200, got.status, got.body)
		o := r.last(t)
		assert.Equal(t, test.provider, o.Provider)
		assert.False(t, o.Failed)
		assert.Zero(t, o.InputCost+o.OutputCost)
		assert.True(t, r.admitted[0].Unpriced)
	}
}

// Which requests the wallet must pay for.
func TestUnpriced(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, body string
		want       bool
	}{
		{chatPath, chatBody, false},
		{"/v1/forward?u=https://api.openai.com/v1/responses", `{"prompt":{"id":"p"}}`, false}, // the response names the model
		{"/v1/forward?u=https://api.openai.com/v1/models/gpt-4o", "", true},
		{"/v1/forward?u=https://api.anthropic.com/v1/messages/count_tokens", `{"model":"claude-sonnet-4-5"}`, true},
		{"/v1/forward?u=https://api.openai.com/v1/files", "", true},
		{"/v1/forward?u=https://api.targon.com/v1/chat/completions", `{"model":"x"}`, true}, // its prices aren't published
		{"/v1/forward?u=https://llm.chutes.ai/v1/chat/completions", `{"model":"Qwen/Qwen3-Coder-30B-A3B-Instruct"}`, true},
	} {
		r := newRig(t, recording(&recorder{}))
		method := "POST"
		if test.body == "" {
			method = "GET"
		}
		r.do(t, method, test.path, test.body)
		require.Len(t, r.admitted, 1, test.path)
		assert.Equal(t, test.want, r.admitted[0].Unpriced, test.path)
	}
}
