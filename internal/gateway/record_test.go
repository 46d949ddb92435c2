package gateway_test

import (
	"bytes"
	"encoding/binary"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Usage in the providers' own formats, and what is recorded for it. The costs are computed by hand from public
// prices.
func TestMeterReadsEachFormat(t *testing.T) {
	t.Parallel()
	const (
		openai    = "https://api.openai.com/v1"
		anthropic = "https://api.anthropic.com/v1/messages"
		google    = "https://generativelanguage.googleapis.com/v1beta"
		events    = "text/event-stream"
		jsonBody  = "application/json"
	)
	for _, test := range []struct {
		name, target, request string
		kind, response        string
		usage                 billing.Usage
		input, output         string
		id                    string
	}{
		{"chat, cached and reasoning", openai + "/chat/completions", `{"model":"gpt-4o"}`, jsonBody,
			`{"id":"c1","usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400},"completion_tokens_details":{"reasoning_tokens":60}}}`,
			billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.002", "0.001", "c1"}, // 600×2.50 + 400×1.25; 100×10
		{"chat stream, usage after the finish", openai + "/chat/completions", `{"model":"gpt-4o","stream":true}`, events,
			"data: {\"id\":\"c2\",\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":null}\n\ndata: {\"id\":\"c2\",\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: {\"id\":\"c2\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\n\ndata: [DONE]\n\n",
			billing.Usage{InputTokens: 7, OutputTokens: 3}, "0.0000175", "0.00003", "c2"},
		{"chat stream, no space, CRLF, no last blank line", openai + "/chat/completions", `{"model":"gpt-4o","stream":true}`, events,
			"data:{\"id\":\"c3\",\"choices\":[{}]}\r\n\r\ndata:{\"id\":\"c3\",\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}\r\n\r\ndata: [DONE]",
			billing.Usage{InputTokens: 7, OutputTokens: 3}, "0.0000175", "0.00003", "c3"},
		{"reasoning in addition to completion tokens, as at xAI", "https://api.x.ai/v1/chat/completions", `{"model":"grok-3-mini"}`, jsonBody,
			`{"id":"x","usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":241,"completion_tokens_details":{"reasoning_tokens":200}}}`,
			billing.Usage{InputTokens: 32, OutputTokens: 209}, "", "", "x"},
		{"DeepSeek's cache hits", "https://api.deepseek.com/v1/chat/completions", `{"model":"deepseek-v4-flash"}`, jsonBody,
			`{"id":"d","usage":{"prompt_tokens":100,"completion_tokens":10,"prompt_cache_hit_tokens":60,"prompt_cache_miss_tokens":40}}`,
			billing.Usage{InputTokens: 100, OutputTokens: 10}, "0.00000922", "0.0000066", "d"}, // 40×0.22 + 60×0.007; 10×0.66
		{"responses", openai + "/responses", `{"model":"gpt-4o","input":"x"}`, jsonBody,
			`{"id":"resp_1","model":"gpt-4o-2024-08-06","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":5,"total_tokens":15}}`,
			billing.Usage{InputTokens: 10, OutputTokens: 5}, "0.00002", "0.00005", "resp_1"},
		{"responses stream", openai + "/responses", `{"model":"gpt-4o","stream":true}`, events,
			"event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_2\",\"usage\":null}}\n\nevent: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"hi\"}\n\nevent: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_2\",\"usage\":{\"input_tokens\":10,\"output_tokens\":5}}}\n\n",
			billing.Usage{InputTokens: 10, OutputTokens: 5}, "0.000025", "0.00005", "resp_2"},
		{"flexible processing is half the price", openai + "/responses", `{"model":"gpt-5"}`, jsonBody,
			`{"id":"r","service_tier":"flex","usage":{"input_tokens":1000,"output_tokens":100}}`,
			billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.000625", "0.0005", "r"},
		{"a response in the background", openai + "/responses", `{"model":"gpt-4o","input":"Write a long poem.","background":true}`, jsonBody,
			`{"id":"resp_3","object":"response","status":"queued","background":true,"error":null,"model":"gpt-4o-2024-08-06","output":[],"usage":null}`,
			billing.Usage{}, "0", "0", "resp_3"}, // what it uses is recorded later
		// github.com/BerriAI/litellm/pull/19500: 40 and 80 dollars for audio
		{"audio in a chat", openai + "/chat/completions", `{"model":"gpt-4o-audio-preview"}`, jsonBody,
			`{"id":"a","usage":{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"audio_tokens":60},"completion_tokens_details":{"audio_tokens":40}}}`,
			billing.Usage{InputTokens: 100, OutputTokens: 50}, "0.0025", "0.0033", "a"}, // 40×2.50 + 60×40; 10×10 + 40×80
		// developers.openai.com/api/docs/models/gpt-5.4: "prompts with >272K input tokens are priced at 2x"
		{"OpenAI: up to 272,000 tokens are not long", openai + "/chat/completions", `{"model":"gpt-5.4"}`, jsonBody,
			`{"id":"b","usage":{"prompt_tokens":272000,"completion_tokens":1000}}`, billing.Usage{InputTokens: 272000, OutputTokens: 1000}, "0.68", "0.015", "b"},
		{"OpenAI: more than 272,000 tokens are long", openai + "/chat/completions", `{"model":"gpt-5.4"}`, jsonBody,
			`{"id":"b","usage":{"prompt_tokens":272001,"completion_tokens":1000}}`, billing.Usage{InputTokens: 272001, OutputTokens: 1000}, "1.360005", "0.0225", "b"},
		{"embeddings", openai + "/embeddings", `{"model":"text-embedding-3-small","input":"x"}`, jsonBody,
			`{"data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":1000,"total_tokens":1000}}`,
			billing.Usage{InputTokens: 1000}, "0.00002", "0", ""},
		{"images by tokens", openai + "/images/generations", `{"model":"gpt-image-1","prompt":"x"}`, jsonBody,
			`{"data":[{"b64_json":"x"}],"usage":{"input_tokens":50,"output_tokens":1000,"input_tokens_details":{"text_tokens":10,"image_tokens":40}}}`,
			billing.Usage{InputTokens: 50, OutputTokens: 1000}, "0.00045", "0.04", ""}, // 10×5 + 40×10; 1000×40
		// https://github.com/BerriAI/litellm/issues/31142: without a breakdown, the output is images.
		{"images with their own output price", openai + "/images/generations", `{"model":"gpt-image-1.5","prompt":"x"}`, jsonBody,
			`{"data":[{"b64_json":"x"}],"usage":{"input_tokens":50,"output_tokens":4100,"total_tokens":4150,"input_tokens_details":{"text_tokens":50,"image_tokens":0}}}`,
			billing.Usage{InputTokens: 50, OutputTokens: 4100}, "0.00025", "0.1312", ""}, // 50×5; 4100×32
		{"images in a stream", openai + "/images/generations", `{"model":"gpt-image-1.5","prompt":"x","stream":true}`, events,
			"event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"x\",\"usage\":{\"input_tokens\":50,\"output_tokens\":4100,\"total_tokens\":4150,\"input_tokens_details\":{\"text_tokens\":50,\"image_tokens\":0}}}\n\n",
			billing.Usage{InputTokens: 50, OutputTokens: 4100}, "0.00025", "0.1312", ""},
		// https://github.com/Menci/Floway/pull/350: 479 + 13312 + 373 = 14164.
		{"the cache in addition to the prompt, as the total shows", openai + "/chat/completions", `{"model":"gpt-4o"}`, jsonBody,
			`{"id":"c4","usage":{"prompt_tokens":479,"completion_tokens":373,"total_tokens":14164,"prompt_tokens_details":{"cached_tokens":13312}}}`,
			billing.Usage{InputTokens: 13791, OutputTokens: 373}, "0.0178375", "0.00373", "c4"}, // 479×2.50 + 13312×1.25; 373×10
		{"images by the piece", openai + "/images/generations", `{"model":"dall-e-3","prompt":"x"}`, jsonBody,
			`{"data":[{"url":"https://x"},{"url":"https://y"}]}`,
			billing.Usage{}, "0", "0.08", ""},
		{"speech by characters", openai + "/audio/speech", `{"model":"tts-1","input":"Grüße!"}`, "audio/mpeg", "\xff\xfbsound",
			billing.Usage{InputCharacters: 6}, "0.00009", "0", ""},
		{"Anthropic: input_tokens excludes the cache", anthropic, `{"model":"claude-sonnet-4-5"}`, jsonBody,
			`{"id":"msg_1","usage":{"input_tokens":10,"cache_read_input_tokens":100,"cache_creation_input_tokens":60,"cache_creation":{"ephemeral_5m_input_tokens":40,"ephemeral_1h_input_tokens":20},"output_tokens":5}}`,
			billing.Usage{InputTokens: 170, OutputTokens: 5}, "0.00033", "0.000075", "msg_1"}, // 10×3 + 100×0.30 + 40×3.75 + 20×6
		{"Anthropic: message_delta is cumulative", anthropic, `{"model":"claude-sonnet-4-5","stream":true}`, events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_2\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":4}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":9}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
			billing.Usage{InputTokens: 15, OutputTokens: 9}, "0.0000315", "0.000135", "msg_2"},
		// https://github.com/maximhq/bifrost/issues/6501. anthropic-sdk-go, BetaUsage.Iterations: a compaction's
		// tokens are not included in the top-level fields, those of messages are.
		{"Anthropic: a compaction", anthropic, `{"model":"claude-opus-4-5"}`, jsonBody,
			`{"id":"msg_4","usage":{"input_tokens":23000,"output_tokens":1000,"iterations":[{"type":"compaction","input_tokens":180000,"output_tokens":3500},{"type":"message","input_tokens":23000,"output_tokens":1000}]}}`,
			billing.Usage{InputTokens: 203000, OutputTokens: 4500}, "1.015", "0.1125", "msg_4"}, // 203000×5; 4500×25
		{"Anthropic: a compaction in a stream", anthropic, `{"model":"claude-opus-4-5","stream":true}`, events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_5\",\"usage\":{\"input_tokens\":23000,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":1000,\"iterations\":[{\"type\":\"compaction\",\"input_tokens\":80000,\"cache_read_input_tokens\":100000,\"output_tokens\":3500},{\"type\":\"message\",\"input_tokens\":23000,\"output_tokens\":1000}]}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
			billing.Usage{InputTokens: 203000, OutputTokens: 4500}, "0.565", "0.1125", "msg_5"}, // 103000×5 + 100000×0.50
		// https://github.com/ccusage/ccusage/issues/1115, https://github.com/getagentseal/codeburn/pull/659: an advisor's
		// tokens are not in the top-level fields either, and cost what its model does.
		{"Anthropic: an advisor", anthropic, `{"model":"claude-sonnet-4-6"}`, jsonBody,
			`{"id":"msg_6","usage":{"input_tokens":1000,"output_tokens":100,"iterations":[{"type":"message","input_tokens":500,"output_tokens":45},{"type":"advisor_message","model":"claude-opus-4-7","input_tokens":159419,"output_tokens":7805},{"type":"message","input_tokens":500,"output_tokens":55}]}}`,
			billing.Usage{InputTokens: 160419, OutputTokens: 7905}, "0.800095", "0.196625", "msg_6"}, // 1000×3 + 159419×5; 100×15 + 7805×25
		// https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai, https://github.com/BerriAI/litellm/pull/34672
		{"Claude at Vertex AI", "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict",
			`{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"x"}]}`, jsonBody,
			`{"id":"msg_vrtx_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","content":[{"type":"text","text":"y"}],"usage":{"input_tokens":1000,"output_tokens":100}}`,
			billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.003", "0.0015", "msg_vrtx_1"},
		{"Claude at Vertex AI, streamed", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/claude-haiku-4-5@20251001:streamRawPredict",
			`{"anthropic_version":"vertex-2023-10-16","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]}`, events,
			"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_vrtx_2\",\"usage\":{\"input_tokens\":1000,\"output_tokens\":1}}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"usage\":{\"output_tokens\":100}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
			billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.001", "0.0005", "msg_vrtx_2"},
		// https://github.com/BerriAI/litellm/issues/41341: in the US everything costs 1.1 times as much.
		{"Anthropic: where it ran", anthropic, `{"model":"claude-opus-5","inference_geo":"us"}`, jsonBody,
			`{"id":"msg_7","usage":{"input_tokens":1000,"output_tokens":100,"service_tier":"standard","inference_geo":"us"}}`,
			billing.Usage{InputTokens: 1000, OutputTokens: 100}, "0.0055", "0.00275", "msg_7"},
		// https://github.com/BerriAI/litellm/issues/36760: 14×5 + 8851×10; 4×25.
		{"Bedrock: an hour's cache", "https://bedrock-runtime.us-east-1.amazonaws.com/model/global.anthropic.claude-opus-4-5-20251101-v1%3A0/converse", `{"messages":[]}`, jsonBody,
			`{"output":{"message":{"role":"assistant","content":[{"text":"y"}]}},"usage":{"inputTokens":14,"outputTokens":4,"totalTokens":8869,"cacheReadInputTokens":0,"cacheWriteInputTokens":8851,"cacheDetails":[{"ttl":"1h","inputTokens":8851},{"ttl":"5m","inputTokens":0}]}}`,
			billing.Usage{InputTokens: 8865, OutputTokens: 4}, "0.08858", "0.0001", ""},
		// https://docs.x.ai/developers/cost-tracking: 10^10 ticks are a dollar, and tools of the server are in it.
		{"xAI: the cost of a search", "https://api.x.ai/v1/chat/completions", `{"model":"grok-3"}`, jsonBody,
			`{"id":"x2","usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":41,"num_sources_used":4,"cost_in_usd_ticks":1037756000}}`,
			billing.Usage{InputTokens: 32, OutputTokens: 9}, "0", "0.1037756", "x2"},
		{"xAI: the cost of a model without a price", "https://api.x.ai/v1/chat/completions", `{"model":"grok-99"}`, jsonBody,
			`{"id":"x3","usage":{"prompt_tokens":32,"completion_tokens":9,"total_tokens":41,"cost_in_usd_ticks":37756000}}`,
			billing.Usage{InputTokens: 32, OutputTokens: 9}, "0", "0.0037756", "x3"},
		{"Anthropic: long prompts", anthropic, `{"model":"claude-sonnet-4-5"}`, jsonBody,
			`{"id":"msg_3","usage":{"input_tokens":1,"cache_read_input_tokens":200000,"output_tokens":10}}`,
			billing.Usage{InputTokens: 200001, OutputTokens: 10}, "0.120006", "0.000225", "msg_3"}, // 1×6 + 200000×0.60; 10×22.50
		// https://github.com/vercel/ai/pull/15488, https://ai.google.dev/gemini-api/docs/flex-inference
		{"Google: flexible processing", google + "/models/gemini-3.5-flash:streamGenerateContent%3Falt=sse", `{"contents":[]}`, events,
			"data: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":205,\"serviceTier\":\"flex\"}}\n\n",
			billing.Usage{InputTokens: 7, OutputTokens: 205}, "0.00000525", "0.0009225", ""},
		// https://github.com/BerriAI/litellm/pull/37724
		{"Google: flexible traffic", google + "/models/gemini-3.5-flash:generateContent", `{"contents":[]}`, jsonBody,
			`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":205,"trafficType":"ON_DEMAND_FLEX"}}`,
			billing.Usage{InputTokens: 7, OutputTokens: 205}, "0.00000525", "0.0009225", ""},
		// https://github.com/BerriAI/litellm/issues/33681
		{"Google: embedded images", google + "/models/gemini-embedding-2:embedContent", `{"content":{}}`, jsonBody,
			`{"embedding":{"values":[0.1]},"usageMetadata":{"promptTokenCount":258,"promptTokenDetails":[{"modality":"IMAGE","tokenCount":258}]}}`,
			billing.Usage{InputTokens: 258}, "0.0001161", "0", ""}, // 258×0.45
		{"Google: candidates exclude thoughts", google + "/models/gemini-2.5-pro:generateContent", `{"contents":[]}`, jsonBody,
			`{"responseId":"g1","usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":10,"thoughtsTokenCount":30,"cachedContentTokenCount":40,"toolUsePromptTokenCount":20,"totalTokenCount":160}}`,
			billing.Usage{InputTokens: 120, OutputTokens: 40}, "0.000105", "0.0004", "g1"}, // 80×1.25 + 40×0.125; 40×10
		{"Google stream: counts are cumulative", google + "/models/gemini-2.5-pro:streamGenerateContent?alt=sse", `{"contents":[]}`, events,
			"data: {\"responseId\":\"g2\",\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":2}}\r\n\r\ndata: {\"responseId\":\"g2\",\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":10,\"candidatesTokenCount\":5}}\r\n\r\n",
			billing.Usage{InputTokens: 10, OutputTokens: 5}, "0.0000125", "0.00005", "g2"},
		{"Google stream as an array", google + "/models/gemini-2.5-pro:streamGenerateContent", `{"contents":[]}`, jsonBody,
			`[{"responseId":"g3","usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2}},` + "\r\n" + `{"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":5}}]`,
			billing.Usage{InputTokens: 10, OutputTokens: 5}, "0.0000125", "0.00005", "g3"},
		{"Bedrock: inputTokens excludes the cache", "https://bedrock-runtime.us-west-2.amazonaws.com/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0/converse", `{"messages":[]}`, jsonBody,
			`{"output":{},"usage":{"inputTokens":10,"cacheReadInputTokens":100,"cacheWriteInputTokens":40,"outputTokens":5,"totalTokens":155}}`,
			billing.Usage{InputTokens: 150, OutputTokens: 5}, "0.000231", "0.0000825", ""}, // 10×3.30 + 100×0.33 + 40×4.125; 5×16.50
		{"Google in OpenAI's format", google + "/openai/chat/completions", `{"model":"gemini-2.5-pro"}`, jsonBody,
			`{"id":"g4","usage":{"prompt_tokens":10,"completion_tokens":5}}`,
			billing.Usage{InputTokens: 10, OutputTokens: 5}, "0.0000125", "0.00005", "g4"},
		{"ElevenLabs by characters", "https://api.elevenlabs.io/v1/text-to-speech/voice", `{"model_id":"eleven_flash_v2_5","text":"Hello"}`, "audio/mpeg", "x",
			billing.Usage{InputCharacters: 5}, "0.00025", "0", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := &recorder{respond: responding(200, test.kind, test.response)}
			r := newRig(t, recording(p))
			got := r.do(t, "POST", "/v1/forward?u="+strings.ReplaceAll(test.target, "?", "%3F"), test.request)
			require.Equal(t, 200, got.status, got.body)
			o := r.last(t)
			assert.False(t, o.Failed)
			assert.Equal(t, test.usage, o.Usage)
			assert.Equal(t, test.id, o.ResponseID)
			if test.input != "" {
				assert.Equal(t, test.input, o.InputCost.Plain())
				assert.Equal(t, test.output, o.OutputCost.Plain())
			}
			if !strings.Contains(test.response, `"choices":[],`) {
				assert.Equal(t, test.response, got.body, "the response is passed on byte for byte")
			}
		})
	}
}

// The fakes' own usage is in their responses, is recorded, and is never zero.
func TestFakesAreMetered(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, target, body string }{
		{"chat", "https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`},
		{"compatible", "https://api.groq.com/openai/v1/chat/completions", `{"model":"llama-3.3-70b-versatile","stream":true,"messages":[{"role":"user","content":"hi"}]}`},
		{"completions", "https://api.openai.com/v1/completions", `{"model":"gpt-3.5-turbo-instruct","stream":true,"prompt":"hi"}`},
		{"responses", "https://api.openai.com/v1/responses", `{"model":"gpt-4o","input":"hi"}`},
		{"responses stream", "https://api.openai.com/v1/responses", `{"model":"gpt-4o","input":"hi","stream":true}`},
		{"embeddings", "https://api.openai.com/v1/embeddings", `{"model":"text-embedding-3-small","input":["hi","ho"],"encoding_format":"base64"}`},
		{"images", "https://api.openai.com/v1/images/generations", `{"model":"gpt-image-1","prompt":"hi"}`},
		{"speech events", "https://api.openai.com/v1/audio/speech", `{"model":"gpt-4o-mini-tts","input":"hi","voice":"alloy","stream_format":"sse"}`},
		{"speech", "https://api.openai.com/v1/audio/speech", `{"model":"gpt-4o-mini-tts","input":"hi","voice":"alloy"}`},
		{"messages", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`},
		{"messages stream", "https://api.anthropic.com/v1/messages", `{"model":"claude-sonnet-4-5","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`},
		{"generate", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", `{"contents":[{"parts":[{"text":"hi"}]}]}`},
		{"generate stream", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent%3Falt=sse", `{"contents":[{"parts":[{"text":"hi"}]}]}`},
		{"generate array", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent", `{"contents":[{"parts":[{"text":"hi"}]}]}`},
		{"embed", "https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:embedContent", `{"content":{"parts":[{"text":"hi"}]}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			got := r.do(t, "POST", "/v1/forward?u="+test.target, test.body, "Anthropic-Version", "2023-06-01")
			require.Equal(t, 200, got.status, got.body)
			o := r.last(t)
			assert.False(t, o.Failed)
			assert.Positive(t, o.Usage.InputTokens)
			assert.Positive(t, o.InputCost)
			assert.NotContains(t, got.body, `"choices":[],`)
		})
	}
}

// wav is a recording of silence.
func wav(d time.Duration) []byte {
	const rate = 16_000
	samples := make([]byte, int(d.Seconds()*rate))
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, uint32(36+len(samples)))
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = append(b, 1, 0, 1, 0)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = append(b, 1, 0, 8, 0)
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(samples)))
	return append(b, samples...)
}

func TestTranscriptionsAreMeteredBySeconds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, target, field, model, format, cost string }{
		{"json", "https://api.openai.com/v1/audio/transcriptions", "model", "whisper-1", "json", "0.009"}, // 90 s at 0.36 an hour
		{"verbose", "https://api.openai.com/v1/audio/transcriptions", "model", "whisper-1", "verbose_json", "0.009"},
		{"text has no usage", "https://api.openai.com/v1/audio/transcriptions", "model", "whisper-1", "text", "0.009"},
		{"ElevenLabs", "https://api.elevenlabs.io/v1/speech-to-text", "model_id", "scribe_v1", "", "0.0055"}, // at 0.22
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			require.NoError(t, form.WriteField(test.field, test.model))
			require.NoError(t, form.WriteField("response_format", test.format))
			file, err := form.CreateFormFile("file", "a.wav")
			require.NoError(t, err)
			_, _ = file.Write(wav(90 * time.Second))
			require.NoError(t, form.Close())

			r := newRig(t)
			got := r.do(t, "POST", "/v1/forward?u="+test.target, body.String(), "Content-Type", form.FormDataContentType())
			require.Equal(t, 200, got.status, got.body)
			o := r.last(t)
			assert.Equal(t, 90*time.Second, o.Usage.InputDuration)
			assert.Equal(t, test.model, o.Model)
			assert.Equal(t, test.cost, o.InputCost.Plain())
		})
	}
}

func TestResponsesWithoutUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, kind, response string
		failed               bool
		output               int64
	}{
		{"valid, so estimated", "application/json", `{"choices":[{"message":{"content":"12345678"}}]}`, false, 2},
		{"no JSON", "application/json", `<html>`, true, 0},
		{"truncated JSON that claims to be complete", "application/json", `{"choices":[{"message":{"content":"123`, true, 0},
		{"a web page", "text/html", `<html>oops</html>`, true, 0},
		{"nothing at all", "application/json", ``, true, 0},
		{"an error with the status of a success", "application/json", `{"error":{"message":"overloaded","code":503}}`, true, 0},
		{"no error", "application/json", `{"error":null,"choices":[{"message":{"content":"12345678"}}]}`, false, 2},
		{"an empty stream", "text/event-stream", ``, true, 0},
		{"a stream of noise", "text/event-stream", "hello\n\n\x00\xff\n\ndata: x\n\n", true, 0},
		{"a stream without usage", "text/event-stream", "data: {\"choices\":[{\"delta\":{\"content\":\"12345678\"}}]}\n\n", false, 2},
		{"an error in the stream", "text/event-stream", "data: {\"choices\":[{\"delta\":{\"content\":\"1\"}}]}\n\ndata: {\"error\":{\"message\":\"x\"}}\n\n", true, 0},
		{"a negative count", "application/json", `{"usage":{"prompt_tokens":-5,"completion_tokens":-1}}`, false, 0},
		{"an absurd count", "application/json", `{"usage":{"prompt_tokens":9000000000000000000}}`, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, test.kind, test.response)}))
			got := r.do(t, "POST", chatPath, chatBody)
			assert.Equal(t, 200, got.status)
			assert.Equal(t, test.response, got.body)
			o := r.last(t)
			assert.Equal(t, test.failed, o.Failed)
			assert.Equal(t, test.output, o.Usage.OutputTokens)
			assert.GreaterOrEqual(t, o.Usage.InputTokens, int64(0))
		})
	}
}

// Google sends errors as a list if a stream was requested, even one of events.
func TestErrorInsteadOfAStream(t *testing.T) {
	t.Parallel()
	const path = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent"
	for _, query := range []string{"", "?alt=sse"} {
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", `[{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}]`)}))
		got := r.do(t, "POST", path+query, `{"contents":[{"parts":[{"text":"Hello"}]}]}`)
		assert.Equal(t, 200, got.status)
		assert.True(t, r.last(t).Failed, query)
	}
}

func TestScriptedReplies(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.fake.Choose = always(upstream.Reply{Status: 503})
	first := r.do(t, "POST", chatPath, chatBody)
	assert.Equal(t, 503, first.status)
	assert.True(t, r.last(t).Failed)
	r.fake.Choose = always(upstream.Reply{Usage: &upstream.Usage{InputTokens: 100, OutputTokens: 50, CachedTokens: 20}, Text: "scripted"})
	second := r.do(t, "POST", chatPath, chatBody)
	assert.Contains(t, second.body, `"content":"scripted"`)
	assert.Equal(t, billing.Usage{InputTokens: 100, OutputTokens: 50}, r.last(t).Usage)
}

// Bedrock's binary streams are also passed on and metered without translation.
func TestForwardBedrock(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const host = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/"
	body := conversations["bedrock"]("")[0]
	got := r.do(t, "POST", "/v1/forward?u="+host+"converse", body)
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, billing.Usage{InputTokens: chatIn, OutputTokens: chatOut}, r.last(t).Usage)
	got = r.do(t, "POST", "/v1/forward?u="+host+"converse-stream", body)
	require.Equal(t, 200, got.status)
	assert.Equal(t, said, collect(t, "bedrock", strings.NewReader(got.body), got.header.Get("Content-Type")).text)
	o := r.last(t)
	assert.Equal(t, billing.Usage{InputTokens: chatIn, OutputTokens: chatOut}, o.Usage)
	assert.Equal(t, "bedrock", o.Provider)
	assert.Equal(t, "0.00000018", o.InputCost.Plain(), "3 tokens at 0.06")
	r.fake.Choose = always(upstream.Reply{Fault: upstream.ErrorAfter(2)})
	r.do(t, "POST", "/v1/forward?u="+host+"converse-stream", body)
	assert.True(t, r.last(t).Failed)
}
