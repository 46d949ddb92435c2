package gateway_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
	"github.com/lavapayments/lava-go/internal/gateway"
)

// What providers report in other places, in other spellings, again with less, or not at
// all. Characters: "Hello there" is 3 tokens, "abcdefgh" is 2.
func TestUsageThatIsHardToRead(t *testing.T) {
	t.Parallel()
	const (
		moonshot  = "https://api.moonshot.ai/v1/chat/completions"
		groq      = "https://api.groq.com/openai/v1/chat/completions"
		openai    = "https://api.openai.com/v1/chat/completions"
		anthropic = "https://api.anthropic.com/v1/messages"
		gemini    = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:"
		events    = "text/event-stream"
		jsonBody  = "application/json"
	)
	chat := func(model string) string {
		return `{"model":"` + model + `","stream":true,"messages":[{"role":"user","content":"Hello there"}]}`
	}
	const contents = `{"contents":[{"role":"user","parts":[{"text":"Hello there"}]}]}`
	for _, test := range []struct {
		name, target, request, kind, response string
		input, output                         int64
	}{
		{"in the last choice", moonshot, chat("kimi-k2"), events,
			"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"abcdefgh\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":1336,\"completion_tokens\":31}}]}\n\ndata: [DONE]\n\n", 1336, 31},
		{"in x_groq", groq, chat("llama-3.3-70b-versatile"), events,
			"data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"abcdefgh\"}}],\"x_groq\":{\"id\":\"req_1\"}}\n\ndata: {\"id\":\"c\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x_groq\":{\"id\":\"req_1\",\"usage\":{\"prompt_tokens\":18,\"completion_tokens\":5}}}\n\ndata: [DONE]\n\n", 18, 5},
		{"in every chunk, the last with less", openai, chat("gpt-4o"), events,
			"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0}}\n\ndata: [DONE]\n\n", 9, 2},
		{"with a fraction", openai, `{"model":"gpt-4o"}`, jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":512.0,"completion_tokens":8.0,"total_tokens":520.0}}`, 512, 8},
		{"in words", openai, chat("gpt-4o"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":"many","completion_tokens":{}}}`, 3, 2},
		{"one of the two", openai, chat("gpt-4o"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":5}}`, 5, 2},
		{"zeros for a text", openai, chat("gpt-4o"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`, 3, 2},
		// https://github.com/envoyproxy/ai-gateway/pull/1631
		{"message_delta with zero input", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":0,\"output_tokens\":16}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 15, 16},
		// https://github.com/sgl-project/sglang/pull/33419
		{"message_delta with less of the cache", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":30,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":15,\"cache_read_input_tokens\":0,\"cache_creation_input_tokens\":0,\"output_tokens\":16}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 145, 16},
		{"message_delta whose count is no number", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15.0}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"abcdefgh\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":null}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 15, 2},
		{"Google's last event with less", gemini + "streamGenerateContent%3Falt=sse", contents, events,
			"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":30}}\n\ndata: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":5}}\n\n", 10, 35},
		{"Google without candidates' count", gemini + "generateContent", contents, jsonBody,
			`{"candidates":[{"content":{"parts":[{"text":"abcdefgh"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1e1}}`, 10, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response)}))
			got := r.do(t, "POST", "/v1/forward?u="+test.target, test.request)
			require.Equal(t, 200, got.status, got.body)
			o := r.last(t)
			assert.False(t, o.Failed)
			assert.Equal(t, billing.Usage{InputTokens: test.input, OutputTokens: test.output}, o.Usage)
			assert.NotZero(t, o.InputCost+o.OutputCost)
		})
	}
}

// unreadable is OpenAI's format with responses that can't be translated.
type unreadable struct{ openai.Format }

func (f unreadable) Find(u *url.URL) (dialect.Endpoint, bool) {
	e, ok := f.Format.Find(u)
	e.Format = f
	return e, ok
}

func (unreadable) ReadResponse([]byte) (*dialect.Response, error) { return nil, errors.New("odd") }

// What a provider has generated and reported is charged, also if no client can read it.
// https://github.com/symfony/ai/issues/2422
func TestUntranslatableResponseIsCharged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body   string
		failed bool
		usage  billing.Usage
	}{
		{`{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}`, false, billing.Usage{InputTokens: 10, OutputTokens: 5}},
		{`{"id":"c","choices":[]}`, true, billing.Usage{}},
	} {
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", test.body)}),
			func(c *gateway.Config) { c.Formats = dialect.Set{unreadable{}, anthropic.Format{}} })
		got := r.do(t, "POST", "/v1/rewrite/anthropic/https://api.openai.com/v1/chat/completions",
			`{"model":"gpt-4o","max_tokens":10,"messages":[{"role":"user","content":"Hello there"}]}`)
		assert.Equal(t, 502, got.status, got.body)
		assert.Equal(t, test.failed, r.last(t).Failed)
		assert.Equal(t, test.usage, r.last(t).Usage)
	}
}
