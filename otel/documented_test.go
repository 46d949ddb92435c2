package lavaotel_test

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

const (
	jsonType   = "application/json"
	sseType    = "text/event-stream; charset=utf-8"
	amazonType = "application/vnd.amazon.eventstream"
)

// documented are responses from the providers' documentation, with texts shortened.
var documented = []struct {
	source, address, mediaType, body string

	id, model     string
	reasons       []string
	input, output int64
	cached        int64
}{
	{
		source: "OpenAI API reference, Create chat completion", address: chatURL, mediaType: jsonType,
		body: `{
  "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
  "object": "chat.completion",
  "created": 1741569952,
  "model": "gpt-4.1-2025-04-14",
  "choices": [
    {
      "index": 0,
      "message": {"role": "assistant", "content": "Hello! How can I assist you today?", "refusal": null, "annotations": []},
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 19,
    "completion_tokens": 10,
    "total_tokens": 29,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
  },
  "service_tier": "default"
}`,
		id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", model: "gpt-4.1-2025-04-14", reasons: []string{"stop"}, input: 19, output: 10,
	},
	{
		source: "OpenAI API reference, The chat completion chunk object, with stream_options", address: chatURL, mediaType: sseType,
		body: `data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"\"usage\":{\"prompt_tokens\":9}"},"logprobs":null,"finish_reason":null}],"usage":null}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,"prompt_tokens_details":{"cached_tokens":1920}}}

data: [DONE]

`,
		id: "chatcmpl-123", model: "gpt-4o-mini", reasons: []string{"stop"}, input: 2006, output: 300, cached: 1920,
	},
	{
		source: "OpenAI API reference, Create chat completion, with n: 2 in a stream", address: chatURL, mediaType: sseType,
		body: "data: {\"id\":\"chatcmpl-2\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}\r\n\r\n" +
			"data: {\"id\":\"chatcmpl-2\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n" +
			"data: {\"id\":\"chatcmpl-2\",\"model\":\"gpt-4o\",\"choices\":[],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":20}}\r\n\r\ndata: [DONE]\r\n\r\n",
		id: "chatcmpl-2", model: "gpt-4o", reasons: []string{"stop", "length"}, input: 8, output: 20,
	},
	{
		source: "OpenAI API reference, Create a model response", address: responsesURL, mediaType: jsonType,
		body: `{
  "id": "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
  "object": "response",
  "created_at": 1741476542,
  "status": "completed",
  "error": null,
  "incomplete_details": null,
  "model": "gpt-4.1-2025-04-14",
  "output": [{"type": "message", "id": "msg_67ccd2bf17f0819081ff3bb2cf6508e6", "status": "completed", "role": "assistant",
    "content": [{"type": "output_text", "text": "In a peaceful grove", "annotations": []}]}],
  "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 123},
  "metadata": {}
}`,
		id: "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", model: "gpt-4.1-2025-04-14", reasons: []string{"completed"}, input: 36, output: 87,
	},
	{
		source: "OpenAI API reference, Create a model response, streaming, incomplete", address: responsesURL, mediaType: sseType,
		body: `event: response.created
data: {"type":"response.created","response":{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654","object":"response","status":"in_progress","error":null,"incomplete_details":null,"model":"gpt-4.1-2025-04-14","usage":null}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","item_id":"msg_67c9fdcf37fc8190ba82116e33fb28c5","output_index":0,"content_index":0,"delta":"Hi"}

event: response.incomplete
data: {"type":"response.incomplete","response":{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654","object":"response","status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"},"model":"gpt-4.1-2025-04-14","usage":{"input_tokens":37,"output_tokens":11,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":48}}}

`,
		id: "resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654", model: "gpt-4.1-2025-04-14", reasons: []string{"max_output_tokens"}, input: 37, output: 11,
	},
	{
		source: "Anthropic, Streaming messages", address: messagesURL, mediaType: sseType,
		body: `event: message_start
data: {"type": "message_start", "message": {"id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyS", "type": "message", "role": "assistant", "content": [], "model": "claude-sonnet-4-5-20250929", "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 25, "output_tokens": 1}}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "!"}}

event: message_delta
data: {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence":null}, "usage": {"output_tokens": 15}}

event: message_stop
data: {"type": "message_stop"}

`,
		id: "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyS", model: "claude-sonnet-4-5-20250929", reasons: []string{"end_turn"}, input: 25, output: 15,
	},
	{
		source: "Anthropic, Prompt caching: total input is cache_read + cache_creation + input", address: messagesURL, mediaType: jsonType,
		body: `{"id":"msg_013Zva2CMHLNnXjNJJKqJ2EF","type":"message","role":"assistant","model":"claude-opus-4-1-20250805","content":[{"type":"text","text":"Hi! My name is Claude."}],
"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":50,"cache_read_input_tokens":100000,"cache_creation_input_tokens":248,"output_tokens":503}}`,
		id: "msg_013Zva2CMHLNnXjNJJKqJ2EF", model: "claude-opus-4-1-20250805", reasons: []string{"end_turn"}, input: 100298, output: 503, cached: 100000,
	},
	{
		source: "Google, GenerateContentResponse: candidates exclude thoughts", address: geminiURL + ":generateContent", mediaType: jsonType,
		body: `{"candidates":[{"content":{"parts":[{"text":"Rayleigh scattering."}],"role":"model"},"finishReason":"STOP","index":0}],
"usageMetadata":{"promptTokenCount":294912,"cachedContentTokenCount":290000,"candidatesTokenCount":20,"totalTokenCount":295000,"thoughtsTokenCount":68,"promptTokensDetails":[{"modality":"TEXT","tokenCount":294912}]},
"modelVersion":"gemini-2.5-flash","responseId":"mAitaLmkHPPlz7IPvtfUqQ4"}`,
		id: "mAitaLmkHPPlz7IPvtfUqQ4", model: "gemini-2.5-flash", reasons: []string{"STOP"}, input: 294912, output: 88, cached: 290000,
	},
	{
		source: "Google, streamGenerateContent without alt=sse: an array that grows", address: geminiURL + ":streamGenerateContent", mediaType: jsonType,
		body: `[{"candidates":[{"content":{"parts":[{"text":"Ray"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":1},"modelVersion":"gemini-2.5-flash","responseId":"r1"}
,
{"candidates":[{"content":{"parts":[{"text":"leigh."}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":4},"modelVersion":"gemini-2.5-flash","responseId":"r1"}
]`,
		id: "r1", model: "gemini-2.5-flash", reasons: []string{"MAX_TOKENS"}, input: 7, output: 4,
	},
	{
		source: "Amazon, Converse", address: bedrockURL + "/converse", mediaType: jsonType,
		body: `{"output":{"message":{"content":[{"text":"<br>"}],"role":"assistant"}},"stopReason":"end_turn",
"usage":{"inputTokens":30,"outputTokens":628,"totalTokens":658,"cacheReadInputTokens":10,"cacheWriteInputTokens":5},"metrics":{"latencyMs":1275}}`,
		reasons: []string{"end_turn"}, input: 45, output: 628, cached: 10,
	},
	{
		source: "Amazon, ConverseStream", address: bedrockURL + "/converse-stream", mediaType: amazonType,
		body: frame("event", "messageStart", `{"role":"assistant"}`) +
			frame("event", "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hi"}}`) +
			frame("event", "messageStop", `{"stopReason":"max_tokens"}`) +
			frame("event", "metadata", `{"usage":{"inputTokens":125,"outputTokens":60,"totalTokens":185},"metrics":{"latencyMs":1175}}`),
		reasons: []string{"max_tokens"}, input: 125, output: 60,
	},
	{
		source: "Cohere, Chat: billed tokens count", address: "https://api.cohere.com/v2/chat", mediaType: jsonType,
		body: `{"id":"c14c80c3-18eb-4519-9460-6c92edd8cfb4","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"LLMs."}]},
"usage":{"billed_units":{"input_tokens":5,"output_tokens":418},"tokens":{"input_tokens":71,"output_tokens":418}}}`,
		id: "c14c80c3-18eb-4519-9460-6c92edd8cfb4", reasons: []string{"COMPLETE"}, input: 5, output: 418,
	},
}

// frame returns a frame of Amazon's event stream, without valid checksums.
func frame(kind, name, data string) string {
	var headers bytes.Buffer
	for _, h := range [][2]string{{":" + kind + "-type", name}, {":content-type", jsonType}, {":message-type", kind}} {
		headers.WriteByte(byte(len(h[0])))
		headers.WriteString(h[0])
		headers.WriteByte(7)
		headers.Write(binary.BigEndian.AppendUint16(nil, uint16(len(h[1]))))
		headers.WriteString(h[1])
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(12+headers.Len()+len(data)+4))
	head = binary.BigEndian.AppendUint32(head, uint32(headers.Len()))
	return string(head) + "\x00\x00\x00\x00" + headers.String() + data + "\x00\x00\x00\x00"
}

// Documented responses are parsed, as a whole or byte by byte.
func TestDocumentedResponses(t *testing.T) {
	t.Parallel()
	for _, d := range documented {
		for _, size := range []int{1, 7, len(d.body)} {
			tel := newTelemetry()
			sdk := sdkOf(t, tel, respond(http.StatusOK, d.mediaType, d.body))
			resp, err := sdk.Do(postRequest(t, d.address, `{"model":"asked"}`))
			require.NoError(t, err)
			buf := make([]byte, size)
			for err == nil {
				_, err = resp.Body.Read(buf)
			}
			require.NoError(t, resp.Body.Close())

			got := tel.one(t)
			assert.False(t, got.Failed, "%s: %v", d.source, got.Attrs["error.type"])
			for key, want := range map[string]any{
				"gen_ai.response.id": d.id, "gen_ai.response.model": d.model, "gen_ai.response.finish_reasons": d.reasons,
				"gen_ai.usage.input_tokens": d.input, "gen_ai.usage.output_tokens": d.output, "gen_ai.usage.cache_read.input_tokens": d.cached,
			} {
				if want == "" || want == int64(0) {
					assert.NotContains(t, got.Attrs, key, d.source)
				} else {
					assert.Equal(t, want, got.Attrs[key], "%s: %s", d.source, key)
				}
			}
		}
	}
}

// sdkOf returns an HTTP client for a provider's SDK that uses the gateway.
func sdkOf(t testing.TB, tel *telemetry, to http.RoundTripper) *http.Client {
	t.Helper()
	gateway, err := tel.client(t, to).Transport(lava.TransportParams{})
	require.NoError(t, err)
	return &http.Client{Transport: gateway}
}

func postRequest(t testing.TB, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", jsonType)
	return req
}
