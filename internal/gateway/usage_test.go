package gateway_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/gateway"
)

// Usage in unusual places or spellings, repeated with lower counts, or missing. Characters: "Hello there" is 3
// tokens, "abcdefgh" is 2.
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
		{"only one of the two", openai, chat("gpt-4o"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":5}}`, 5, 2},
		{"zeros for a text", openai, chat("gpt-4o"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}`, 3, 2},
		// https://github.com/envoyproxy/ai-gateway/pull/1631
		{"message_delta with zero input", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":0,\"output_tokens\":16}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 15, 16},
		// https://github.com/sgl-project/sglang/pull/33419
		{"message_delta with less of the cache", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":30,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":15,\"cache_read_input_tokens\":0,\"cache_creation_input_tokens\":0,\"output_tokens\":16}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 145, 16},
		// https://github.com/maximhq/bifrost/issues/5354
		{"message_delta that splits the same input", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":5000,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":0}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":1000,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":4000,\"output_tokens\":20}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 5000, 20},
		{"message_delta whose count isn't a number", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":15.0}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"abcdefgh\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":null}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 15, 2},
		{"Google's last event with less", gemini + "streamGenerateContent%3Falt=sse", contents, events,
			"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]}}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":30}}\n\ndata: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":5}}\n\n", 10, 35},
		// https://github.com/vercel/ai/issues/14382, docs.mistral.ai/api
		{"Mistral's cache", "https://api.mistral.ai/v1/chat/completions", chat("mistral-large-latest"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":100,"completion_tokens":5,"total_tokens":105,"num_cached_tokens":64}}`, 100, 5},
		// https://github.com/BerriAI/litellm/issues/11920
		{"message_delta with nulls", anthropic, chat("claude-sonnet-4-5"), events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":25,\"cache_creation_input_tokens\":null,\"cache_read_input_tokens\":7,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"type\":\"message_delta\",\"usage\":{\"cache_creation_input_tokens\":null,\"cache_read_input_tokens\":null,\"input_tokens\":null,\"output_tokens\":43,\"server_tool_use\":null}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n", 32, 43},
		// https://github.com/Wei-Shaw/sub2api/issues/5771
		{"xAI's reasoning in addition to the completion", "https://api.x.ai/v1/chat/completions", chat("grok-4.20"), jsonBody,
			`{"id":"c","choices":[{"message":{"content":"abcdefgh"}}],"usage":{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,"prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":2809}}}`, 10120, 4308},
		// https://github.com/strands-agents/harness-sdk/pull/4139
		{"a response cut off in a call", "https://api.openai.com/v1/responses", `{"model":"gpt-4o","stream":true,"input":"Hello there"}`, events,
			"event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"id\":\"fc_1\",\"type\":\"function_call\",\"arguments\":\"\",\"call_id\":\"call_1\",\"name\":\"write\"}}\n\nevent: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"response\":{\"id\":\"resp_1\",\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"usage\":{\"input_tokens\":81,\"output_tokens\":1035,\"output_tokens_details\":{\"reasoning_tokens\":832},\"total_tokens\":1116}}}\n\n", 81, 1035},
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

// unreadable is OpenAI's format, but its responses can't be translated.
type unreadable struct{ openai.Format }

func (f unreadable) Find(u *url.URL) (dialect.Endpoint, bool) {
	e, ok := f.Format.Find(u)
	e.Format = f
	return e, ok
}

func (unreadable) ReadResponse([]byte) (*dialect.Response, error) { return nil, errors.New("odd") }

// Generated and reported tokens are charged even if no client can read the response.
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

// A response in another format has no message where the provider's own has it. The client must not get an empty
// message instead.
func TestResponseOfAnotherFormat(t *testing.T) {
	t.Parallel()
	const chat, message = `{"id":"c","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{}}`, `{"id":"m","type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}`
	for _, test := range []struct{ path, body string }{
		{"anthropic/https://api.openai.com/v1/chat/completions", message},
		{"anthropic/https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", message},
		{"openai/https://api.anthropic.com/v1/messages", chat},
		{"openai/https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse", chat},
	} {
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", test.body)}))
		model := "gpt-4o"
		if strings.Contains(test.path, "api.anthropic.com") {
			model = "claude-sonnet-4-5"
		}
		got := r.do(t, "POST", "/v1/rewrite/"+test.path, `{"model":"`+model+`","max_tokens":10,"messages":[{"role":"user","content":"Hello there"}]}`)
		assert.Equal(t, 502, got.status, got.body)
		assert.Contains(t, got.body, "not in its format")
	}
}

// Bedrock's InvokeModel, whose bodies are in the models' own formats, from Amazon's user guide ("Inference request
// parameters and response fields for foundation models").
func TestInvokeModel(t *testing.T) {
	t.Parallel()
	chunk := func(event string) []byte {
		return eventstream.AppendEvent(nil, "chunk", []byte(`{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(event))+`","p":"abcd"}`))
	}
	join := func(events ...string) string {
		var b []byte
		for _, e := range events {
			b = append(b, chunk(e)...)
		}
		return string(b)
	}
	for _, test := range []struct {
		name, model, method, request, kind, response string
		header                                       []string
		usage                                        billing.Usage
		cost                                         string
	}{
		{"Titan's embeddings", "amazon.titan-embed-text-v2:0", "invoke", `{"inputText":"Hello there"}`, "application/json",
			`{"embedding":[0.1,0.2],"embeddingsByType":{"float":[0.1,0.2]},"inputTextTokenCount":1000}`, nil,
			billing.Usage{InputTokens: 1000}, "0.00002"},
		{"Claude", "anthropic.claude-sonnet-4-5-20250929-v1:0", "invoke", `{"anthropic_version":"bedrock-2023-05-31","max_tokens":9,"messages":[{"role":"user","content":"Hello there"}]}`, "application/json",
			`{"id":"msg_bdrk_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":100,"cache_read_input_tokens":50,"output_tokens":10}}`, nil,
			billing.Usage{InputTokens: 150, OutputTokens: 10}, ""},
		{"Nova", "amazon.nova-lite-v1:0", "invoke", `{"messages":[{"role":"user","content":[{"text":"Hello there"}]}]}`, "application/json",
			`{"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},"stopReason":"end_turn","usage":{"inputTokens":100,"outputTokens":10,"totalTokens":110,"cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0}}`, nil,
			billing.Usage{InputTokens: 100, OutputTokens: 10}, "0.0000084"}, // 100×0.06 + 10×0.24
		{"Titan's text", "amazon.titan-text-express-v1", "invoke", `{"inputText":"Hello there"}`, "application/json",
			`{"inputTextTokenCount":5,"results":[{"tokenCount":61,"outputText":"Hi","completionReason":"FINISH"}]}`, nil,
			billing.Usage{InputTokens: 5, OutputTokens: 61}, ""},
		{"Llama", "meta.llama3-8b-instruct-v1:0", "invoke", `{"prompt":"Hello there"}`, "application/json",
			`{"generation":"Hi","prompt_token_count":7,"generation_token_count":3,"stop_reason":"stop"}`, nil,
			billing.Usage{InputTokens: 7, OutputTokens: 3}, ""},
		{"Mistral: headers", "mistral.mistral-7b-instruct-v0:2", "invoke", `{"prompt":"Hello there"}`, "application/json",
			`{"outputs":[{"text":"Hi","stop_reason":"stop"}]}`, []string{"X-Amzn-Bedrock-Input-Token-Count", "12", "X-Amzn-Bedrock-Output-Token-Count", "4"},
			billing.Usage{InputTokens: 12, OutputTokens: 4}, ""},
		{"in OpenAI's format", "openai.gpt-oss-120b-1:0", "invoke", `{"messages":[{"role":"user","content":"Hello there"}]}`, "application/json",
			`{"id":"c","choices":[{"message":{"content":"Hi"}}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}`, nil,
			billing.Usage{InputTokens: 9, OutputTokens: 2}, ""},
		{"nothing reported", "mistral.mistral-7b-instruct-v0:2", "invoke", `{"prompt":"Hello there"}`, "application/json",
			`{"outputs":[{"text":"abcdefgh","stop_reason":"stop"}]}`, nil,
			billing.Usage{InputTokens: 3, OutputTokens: 2}, ""},
		{"Claude's stream", "anthropic.claude-sonnet-4-5-20250929-v1:0", "invoke-with-response-stream", `{"messages":[{"role":"user","content":"Hello there"}]}`, eventstream.ContentType,
			join(`{"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":100,"output_tokens":1}}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}`,
				`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":10}}`, `{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":100,"outputTokenCount":10,"invocationLatency":900,"firstByteLatency":400}}`), nil,
			billing.Usage{InputTokens: 100, OutputTokens: 10}, ""},
		{"Llama's stream", "meta.llama3-8b-instruct-v1:0", "invoke-with-response-stream", `{"prompt":"Hello there"}`, eventstream.ContentType,
			join(`{"generation":"Hi","prompt_token_count":7,"generation_token_count":1,"stop_reason":null}`,
				`{"generation":"","prompt_token_count":null,"generation_token_count":3,"stop_reason":"stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":3}}`), nil,
			billing.Usage{InputTokens: 7, OutputTokens: 3}, ""},
		{"a stream without metrics", "meta.llama3-8b-instruct-v1:0", "invoke-with-response-stream", `{"prompt":"Hello there"}`, eventstream.ContentType,
			join(`{"generation":"abcdefgh"}`), nil, billing.Usage{InputTokens: 3, OutputTokens: 2}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response, test.header...)}))
			got := r.do(t, "POST", "/v1/forward?u=https://bedrock-runtime.us-east-1.amazonaws.com/model/"+test.model+"/"+test.method, test.request)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.response, got.body)
			o := r.last(t)
			assert.Equal(t, test.model, o.Model)
			assert.Equal(t, test.usage, o.Usage)
			if test.cost != "" {
				assert.Equal(t, test.cost, (o.InputCost + o.OutputCost).Plain())
			}
		})
	}
}

// Cohere's own API, from its reference (https://docs.cohere.com/v2/reference/chat).
func TestCohere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path, request, kind, response string
		usage                               billing.Usage
		cost                                string
	}{
		{"chat: tokens added by Cohere are not billed", "v2/chat", `{"model":"command-a-03-2025","messages":[{"role":"user","content":"Hello there"}]}`, "application/json",
			`{"id":"c1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},"usage":{"billed_units":{"input_tokens":5,"output_tokens":418},"tokens":{"input_tokens":71,"output_tokens":418}}}`,
			billing.Usage{InputTokens: 71, OutputTokens: 418}, "0.0041925"}, // 5×2.50 + 418×10
		{"chat stream", "v2/chat", `{"model":"command-a-03-2025","stream":true,"messages":[{"role":"user","content":"Hello there"}]}`, "text/event-stream",
			"event: message-start\ndata: {\"id\":\"c2\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\"}}}\n\nevent: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"Hi\"}}}}\n\nevent: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\",\"usage\":{\"billed_units\":{\"input_tokens\":3.0,\"output_tokens\":6.0},\"tokens\":{\"input_tokens\":69.0,\"output_tokens\":6.0}}}}\n\n",
			billing.Usage{InputTokens: 69, OutputTokens: 6}, "0.0000675"},
		{"chat stream that was cut off", "v2/chat", `{"model":"command-a-03-2025","stream":true,"messages":[{"role":"user","content":"Hello there"}]}`, "text/event-stream",
			"event: content-delta\ndata: {\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"abcdefgh\"}}}}\n\n",
			billing.Usage{InputTokens: 3, OutputTokens: 2}, "0.0000275"},
		{"embed", "v2/embed", `{"model":"embed-v4.0","texts":["Hello there"],"input_type":"search_query"}`, "application/json",
			`{"id":"e","embeddings":{"float":[[0.1]]},"texts":["Hello there"],"meta":{"api_version":{"version":"2"},"billed_units":{"input_tokens":1000}}}`,
			billing.Usage{InputTokens: 1000}, "0.00012"},
		{"rerank", "v2/rerank", `{"model":"rerank-v3.5","query":"q","documents":["a"]}`, "application/json",
			`{"id":"r","results":[{"index":0,"relevance_score":0.9}],"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1}}}`,
			billing.Usage{}, "0.002"},
		{"rerank without a count", "v2/rerank", `{"model":"rerank-v3.5","query":"q","documents":["a"]}`, "application/json", `{"id":"r","results":[]}`, billing.Usage{}, "0.002"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response)}))
			got := r.do(t, "POST", "/v1/forward?u=https://api.cohere.com/"+test.path, test.request)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.response, got.body)
			o := r.last(t)
			assert.False(t, o.Failed)
			assert.Equal(t, test.usage, o.Usage)
			assert.Equal(t, test.cost, (o.InputCost + o.OutputCost).Plain())
			assert.NotContains(t, o.Metadata, "lava_unpriced")
		})
	}
}

// The record names what could not be priced.
func TestUnpricedRequestsAreNamed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, method, url, request, response, want string }{
		{"an unknown operation", "POST", "https://api.cohere.com/v1/classify", `{"model":"m"}`, `{}`, "operation"},
		{"a method of Google's", "POST", "https://generativelanguage.googleapis.com/v1beta/models/imagen-4:predict", `{}`, `{}`, "operation"},
		{"a model of another maker", "POST", "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/mistralai/models/mistral-medium-3:rawPredict", `{"stream":false}`, `{"usage":{"prompt_tokens":1000,"completion_tokens":100}}`, "operation"},
		{"priority", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5"}`, `{"service_tier":"priority","usage":{"input_tokens":10,"output_tokens":1}}`, "service_tier"},
		{"Anthropic's priority", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"}`, `{"usage":{"service_tier":"priority","input_tokens":10,"output_tokens":1}}`, "service_tier"},
		// https://platform.claude.com/docs/en/build-with-claude/fast-mode: only Claude Opus 4.8 and 5 have a price for it.
		{"a fast mode without a price", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","speed":"fast"}`, `{"usage":{"service_tier":"standard","speed":"fast","input_tokens":10,"output_tokens":1}}`, "service_tier"},
		{"one with a price", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-opus-5","speed":"fast"}`, `{"usage":{"service_tier":"standard","speed":"fast","input_tokens":10,"output_tokens":1}}`, ""},
		{"the usual speed, anywhere", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-opus-5"}`, `{"usage":{"service_tier":"standard","speed":"standard","inference_geo":"global","input_tokens":10,"output_tokens":1}}`, ""},
		// https://github.com/Wei-Shaw/sub2api/issues/1999: no other count includes the tool's tokens.
		{"images that OpenAI's tool made", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5.5"}`, `{"usage":{"input_tokens":1820,"output_tokens":210},"tool_usage":{"image_gen":{"output_tokens":7024}}}`, "image_generation"},
		// https://github.com/BerriAI/litellm/pull/31355
		{"Anthropic's web searches", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"}`, `{"usage":{"input_tokens":9548,"output_tokens":528,"server_tool_use":{"web_search_requests":2}}}`, "web_search"},
		{"none", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"}`, `{"usage":{"input_tokens":10,"output_tokens":1,"server_tool_use":{"web_search_requests":0}}}`, ""},
		// openai-go's ResponseFunctionWebSearch; https://platform.openai.com/docs/pricing, "Built-in tools": to open a page costs nothing.
		{"OpenAI's web searches", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5"}`, `{"id":"r","output":[{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search","query":"q"}},{"type":"message","content":[]}],"usage":{"input_tokens":10,"output_tokens":1}}`, "web_search"},
		{"OpenAI's opened pages", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5"}`, `{"id":"r","output":[{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"open_page","url":"https://example.com"}},{"type":"message","content":[]}],"usage":{"input_tokens":10,"output_tokens":1}}`, ""},
		{"a chat model that searches", "POST", "https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o-search-preview"}`, `{"id":"c","choices":[{"message":{"role":"assistant","content":"Sunny.","annotations":[{"type":"url_citation","url_citation":{"start_index":0,"end_index":6,"url":"https://example.com","title":"t"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":1}}`, "web_search"},
		{"a chat without citations", "POST", "https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o"}`, `{"id":"c","choices":[{"message":{"role":"assistant","content":"a \"url_citation\"","annotations":[]},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":1}}`, ""},
		// https://ai.google.dev/gemini-api/docs/google-search, "Understanding the grounding response" and "Pricing"
		{"Google's grounding", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[{"content":{"parts":[{"text":"Spain"}]},"groundingMetadata":{"webSearchQueries":["UEFA Euro 2024 winner","who won euro 2024"],"groundingChunks":[{"web":{"uri":"https://example.com","title":"t"}}]}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2}}`, "web_search"},
		{"Google without searches", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[{"content":{"parts":[{"text":"Spain"}]},"groundingMetadata":{}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2}}`, ""},
		// https://platform.openai.com/docs/pricing, "Built-in tools", and the items of openai-go's ResponseOutputItemUnion
		{"OpenAI's searches of files and code", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-4o"}`, `{"id":"r","output":[{"type":"file_search_call","id":"fs_1","status":"completed","queries":["q"],"results":null},{"type":"code_interpreter_call","id":"ci_1","code":"1","container_id":"cntr_1","status":"completed","outputs":null},{"type":"file_search_call","id":"fs_2","status":"completed","queries":["q"],"results":null}],"usage":{"input_tokens":10,"output_tokens":1}}`, "file_search,code_interpreter"},
		{"a shell that OpenAI runs", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5.5"}`, `{"id":"r","output":[{"type":"shell_call","id":"sh_1","status":"completed","action":{"commands":["ls"]},"environment":{"type":"container_reference","container_id":"cntr_1"}}],"usage":{"input_tokens":10,"output_tokens":1}}`, "shell"},
		{"a shell of one's own, a computer, a server of tools", "POST", "https://api.openai.com/v1/responses", `{"model":"computer-use-preview"}`, `{"id":"r","output":[{"type":"shell_call","id":"sh_1","status":"completed","action":{"commands":["ls"]},"environment":{"type":"local"}},{"type":"computer_call","id":"cu_1","call_id":"c","action":{"type":"screenshot"},"status":"completed"},{"type":"mcp_call","id":"mcp_1","name":"f","arguments":"{}","server_label":"s"}],"usage":{"input_tokens":10,"output_tokens":1}}`, ""},
		{"an image without usage of its own", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5"}`, `{"id":"r","output":[{"type":"image_generation_call","id":"ig_1","status":"completed","result":"iVBORw0KGgo="}],"usage":{"input_tokens":10,"output_tokens":1}}`, "image_generation"},
		// https://platform.claude.com/docs/en/agents-and-tools/tool-use/code-execution-tool, "Usage and pricing"
		{"Anthropic's code execution", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"}`, `{"container":{"id":"container_011CPR5CNjB747bTd36fQLFk","expires_at":"2025-05-23T21:13:31.749448Z"},"usage":{"input_tokens":10,"output_tokens":1,"server_tool_use":{"web_search_requests":1}}}`, "web_search,code_execution"},
		{"Anthropic without a container", "POST", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5"}`, `{"container":null,"usage":{"input_tokens":10,"output_tokens":1,"server_tool_use":{"web_fetch_requests":1,"web_search_requests":0}}}`, ""},
		// https://ai.google.dev/gemini-api/docs/maps-grounding, "The grounding response"
		{"Google's maps", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[{"content":{"parts":[{"text":"Here"}]},"groundingMetadata":{"groundingChunks":[{"maps":{"uri":"https://maps.google.com/?cid=1","title":"Il Pastaio","placeId":"places/1"}}],"googleMapsWidgetContextToken":"w"}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2}}`, "google_maps"},
		{"Google's store of documents", "POST", "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[{"content":{"parts":[{"text":"Here"}]},"groundingMetadata":{"groundingChunks":[{"retrievedContext":{"uri":"gs://b/d","title":"d","text":"t"}}]}}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2}}`, "retrieval"},
		// Batches and files: their cost is known only later. That of OpenAI's and Anthropic's batches is recorded then.
		{"OpenAI's batches", "POST", "https://api.openai.com/v1/batches", `{"input_file_id":"file-abc123","endpoint":"/v1/chat/completions","completion_window":"24h"}`, `{"id":"batch_abc123","object":"batch","status":"validating"}`, ""},
		{"OpenAI's videos", "POST", "https://api.openai.com/v1/videos", `{"model":"sora-2","prompt":"A calico cat playing a piano on stage"}`, `{"id":"video_123","object":"video","model":"sora-2","status":"queued","progress":0,"created_at":1712697600,"size":"1024x1792","seconds":"8","quality":"standard"}`, "operation"},
		{"Anthropic's batches", "POST", "https://api.anthropic.com/v1/messages/batches", `{"requests":[{"custom_id":"a","params":{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[]}}]}`, `{"id":"msgbatch_1","type":"message_batch","processing_status":"in_progress"}`, ""},
		{"Gemini's batches", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:batchGenerateContent", `{"batch":{"display_name":"b","input_config":{"file_name":"files/1"}}}`, `{"name":"batches/1","metadata":{"state":"BATCH_STATE_PENDING"}}`, "operation"},
		{"Vertex' batches", "POST", "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/batchPredictionJobs", `{"displayName":"b","model":"publishers/google/models/gemini-2.5-flash"}`, `{"name":"projects/p/locations/us-central1/batchPredictionJobs/1","state":"JOB_STATE_PENDING"}`, "operation"},
		{"Mistral's batches", "POST", "https://api.mistral.ai/v1/batch/jobs", `{"input_files":["1"],"model":"mistral-small-latest","endpoint":"/v1/chat/completions"}`, `{"id":"1","status":"QUEUED"}`, "operation"},
		// https://docs.x.ai/docs/guides/live-search: without a cost, that of the sources is unknown
		{"xAI's sources", "POST", "https://api.x.ai/v1/chat/completions", `{"model":"grok-3"}`, `{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1,"num_sources_used":4}}`, "web_search"},
		{"xAI's sources with the cost", "POST", "https://api.x.ai/v1/chat/completions", `{"model":"grok-3"}`, `{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":1,"num_sources_used":4,"cost_in_usd_ticks":1037756000}}`, ""},
		{"Gemini's priority", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"serviceTier":"priority"}}`, ""},
		{"Google's on demand", "POST", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, `{"candidates":[],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2,"trafficType":"ON_DEMAND"}}`, ""},
		{"flex", "POST", "https://api.openai.com/v1/responses", `{"model":"gpt-5"}`, `{"service_tier":"flex","usage":{"input_tokens":10,"output_tokens":1}}`, ""},
		{"on demand", "POST", "https://api.groq.com/openai/v1/chat/completions", `{"model":"llama-3.3-70b-versatile"}`, `{"service_tier":"on_demand","usage":{"prompt_tokens":10,"completion_tokens":1}}`, ""},
		// https://platform.openai.com/docs/pricing: moderations are free.
		{"OpenAI's moderations", "POST", "https://api.openai.com/v1/moderations", `{"model":"omni-moderation-latest","input":"x"}`, `{"id":"modr-1","model":"omni-moderation-latest","results":[]}`, ""},
		{"reading is free", "GET", "https://api.openai.com/v1/files", ``, `{}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, "application/json", test.response)}))
			got := r.do(t, test.method, "/v1/forward?u="+test.url, test.request, "X-Lava-Metadata-Team", "c")
			require.Equal(t, 200, got.status, got.body)
			want := map[string]string{"team": "c"}
			if test.want != "" {
				want["lava_unpriced"] = test.want
			}
			assert.Equal(t, want, r.last(t).Metadata)
		})
	}
}

// What was created earlier was recorded then: "OpenAI doesn't charge for retrieval GETs"
// (github.com/BerriAI/litellm/issues/25015).
func TestStoredObjects(t *testing.T) {
	t.Parallel()
	const (
		openai   = "https://api.openai.com/v1"
		response = `{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o-2024-08-06","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]}],"usage":{"input_tokens":7,"output_tokens":14,"total_tokens":21}}`
	)
	for _, test := range []struct{ method, url, kind, response string }{
		{"GET", openai + "/responses/resp_1", "application/json", response},
		{"GET", openai + "/responses/resp_1%3Fstream%3Dtrue", "text/event-stream", "data: {\"type\":\"response.completed\",\"response\":" + response + "}\n\n"},
		{"POST", openai + "/responses/resp_1/cancel", "application/json", response},
		{"GET", openai + "/chat/completions/chatcmpl-1", "application/json", `{"id":"chatcmpl-1","model":"gpt-4o","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":14}}`},
		{"GET", openai + "/batches/batch_1", "application/json", `{"id":"batch_1","status":"completed","model":"gpt-4o","usage":{"input_tokens":7,"output_tokens":14}}`},
		{"GET", "https://api.anthropic.com/v1/messages/batches/b/results", "application/x-jsonl", `{"result":{"message":{"model":"claude-haiku-4-5","usage":{"input_tokens":7,"output_tokens":14}}}}`},
		{"DELETE", openai + "/responses/resp_1", "application/json", `{"id":"resp_1","deleted":true}`},
	} {
		t.Run(test.method+" "+test.url, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response)}))
			got := r.do(t, test.method, "/v1/forward?u="+test.url, "")
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.response, got.body)
			o := r.last(t)
			assert.False(t, o.Failed)
			assert.Zero(t, o.Usage)
			assert.Zero(t, o.InputCost+o.OutputCost)
			assert.Empty(t, o.Metadata)
		})
	}
}

// A provider without public prices reports the cost of a request itself.
func TestReportedCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, target, kind, response, want string }{
		// https://openrouter.ai/docs/use-cases/usage-accounting
		{"OpenRouter", "https://openrouter.ai/api/v1/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"completion_tokens":2,"cost":0.95,"cost_details":{"upstream_inference_cost":19},"prompt_tokens":194,"total_tokens":196}}`, "19.95"},
		// With the caller's own key, cost is OpenRouter's share, and the provider takes the rest
		// (github.com/ORO-AI/oro/releases/tag/v3.0.3); without, the details repeat it (…/v3.0.4).
		{"OpenRouter, with the caller's own key", "https://openrouter.ai/api/v1/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":0,"is_byok":true,"cost_details":{"upstream_inference_cost":0.0105}}}`, "0.0105"},
		{"OpenRouter, without", "https://openrouter.ai/api/v1/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":0.0105,"is_byok":false,"cost_details":{"upstream_inference_cost":0.0105}}}`, "0.0105"},
		{"OpenRouter, cheaper than its provider", "https://openrouter.ai/api/v1/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"cost":0.01,"is_byok":false,"cost_details":{"upstream_inference_cost":0.0105}}}`, "0.01"},
		{"OpenRouter's streams", "https://openrouter.ai/api/v1/chat/completions", "text/event-stream",
			"data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"\"}}],\"usage\":{\"prompt_tokens\":194,\"completion_tokens\":2,\"cost\":0.00014}}\n\ndata: [DONE]\n\n", "0.00014"},
		// https://docs.perplexity.ai/guides/pricing, https://github.com/langchain-ai/langchain/pull/36724
		{"Perplexity", "https://api.perplexity.ai/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"prompt_tokens":194,"completion_tokens":2,"total_tokens":196,"cost":{"input_tokens_cost":0.0001,"output_tokens_cost":0.00504,"request_cost":0.006,"total_cost":0.01114}}}`, "0.01114"},
		{"a public price takes precedence", "https://api.openai.com/v1/chat/completions", "application/json",
			`{"id":"c","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":0,"cost":5}}`, "0.00015"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response)}))
			r.do(t, "POST", "/v1/forward?u="+test.target, chatBody)
			o := r.last(t)
			cost, err := billing.ParseAmount(test.want)
			require.NoError(t, err)
			assert.Equal(t, cost, o.InputCost+o.OutputCost)
		})
	}
}

// Some ways to process a request have their own price, and so does a model that takes over from another.
func TestOtherPrices(t *testing.T) {
	t.Parallel()
	const (
		anthropic = "https://api.anthropic.com/v1/messages"
		google    = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
		counts    = `"input_tokens":1000,"cache_read_input_tokens":10000,"cache_creation_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":2000},"output_tokens":500`
		metadata  = `{"candidates":[],"usageMetadata":{"promptTokenCount":1000,"candidatesTokenCount":100,"serviceTier":`
	)
	for _, test := range []struct{ name, target, model, response, want, wantModel string }{
		// https://github.com/BerriAI/litellm/pull/38378, https://github.com/anomalyco/models.dev/pull/4123
		{"Anthropic's fast mode", anthropic, "claude-opus-5", `{"usage":{"speed":"fast",` + counts + `}}`, "0.07", "claude-opus-5"},
		{"its standard speed", anthropic, "claude-opus-5", `{"usage":{"speed":"standard",` + counts + `}}`, "0.035", "claude-opus-5"},
		// https://platform.claude.com/docs/en/about-claude/pricing
		{"fast in the United States", anthropic, "claude-opus-5", `{"usage":{"speed":"fast","inference_geo":"us",` + counts + `}}`, "0.077", "claude-opus-5"},
		// https://github.com/theopenco/llmgateway/pull/2549
		{"Gemini's priority", google, "gemini-2.5-flash", metadata + `"priority"}}`, "0.00099", "gemini-2.5-flash"},
		{"Gemini's flex", google, "gemini-2.5-flash", metadata + `"flex"}}`, "0.000275", "gemini-2.5-flash"},
		{"Gemini's standard", google, "gemini-2.5-flash", metadata + `"standard"}}`, "0.00055", "gemini-2.5-flash"},
		// https://github.com/maximhq/bifrost/pull/5387, https://github.com/earendil-works/pi/pull/8308
		{"a model that took over", anthropic, "claude-fable-5", `{"model":"claude-opus-4-8","usage":{"input_tokens":2,"cache_creation_input_tokens":0,"cache_read_input_tokens":79214,"output_tokens":13658,"iterations":[
			{"type":"message","model":"claude-fable-5","input_tokens":2,"output_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0},
			{"type":"fallback_message","model":"claude-opus-4-8","input_tokens":2,"output_tokens":13658,"cache_creation_input_tokens":0,"cache_read_input_tokens":79214}]}}`, "0.381067", "claude-opus-4-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, "application/json", test.response)}))
			r.do(t, "POST", "/v1/forward?u="+test.target, `{"model":"`+test.model+`","max_tokens":9}`)
			o := r.last(t)
			cost, err := billing.ParseAmount(test.want)
			require.NoError(t, err)
			assert.Equal(t, cost, o.InputCost+o.OutputCost)
			assert.Equal(t, test.wantModel, o.Model)
			assert.Empty(t, o.Metadata)
		})
	}
}

// Cohere's first version streams JSON values, one per line.
// https://docs.cohere.com/v1/reference/chat-stream, https://github.com/infiniflow/ragflow/pull/17455
func TestLinesOfJSON(t *testing.T) {
	t.Parallel()
	const body = `{"is_finished":false,"event_type":"stream-start","generation_id":"g"}
{"is_finished":false,"event_type":"text-generation","text":"Hello"}

{"is_finished":true,"event_type":"stream-end","finish_reason":"COMPLETE","response":{"response_id":"r","text":"Hello","meta":{"billed_units":{"input_tokens":69,"output_tokens":317},"tokens":{"input_tokens":69,"output_tokens":317}}}}`
	for _, kind := range []string{"application/stream+json", "application/x-ndjson; charset=utf-8", "application/jsonl"} {
		r := newRig(t, recording(&recorder{respond: responding(200, kind, body)}))
		got := r.do(t, "POST", "/v1/forward?u=https://api.cohere.com/v1/chat", `{"model":"command-r","stream":true,"message":"Say hello"}`)
		assert.Equal(t, body, got.body)
		o := r.last(t)
		assert.False(t, o.Failed)
		assert.Equal(t, billing.Usage{InputTokens: 69, OutputTokens: 317}, o.Usage)
	}
}
