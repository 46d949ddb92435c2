package ending_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

func TestOfEvent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		kind, data string
		want       ending.Class
	}{
		// OpenAI's chunks
		{"the mark", "", `[DONE]`, ending.Terminal},
		{"the mark with space around it", "", " [DONE]\r", ending.Terminal},
		{"text that mentions the mark", "", `{"choices":[{"delta":{"content":"[DONE]"}}]}`, ending.Content},
		{"a chunk", "", `{"choices":[{"delta":{"content":"x"}}]}`, ending.Content},
		{"a finish reason is not the end", "", `{"choices":[{"finish_reason":"stop"}]}`, ending.Content},
		{"usage alone", "", `{"choices":[],"usage":{"prompt_tokens":1}}`, ending.UsageOnly},
		{"usage alone, spaced", "", `{ "usage" : {"prompt_tokens":1} , "choices" : [ ] }`, ending.UsageOnly},
		{"usage with the last choice", "", `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}`, ending.Content},
		{"no usage yet", "", `{"choices":[],"usage":null}`, ending.Content},
		{"no choices, for another reason", "", `{"choices":[],"prompt_filter_results":[]}`, ending.Content},
		{"a tool's type is not the event's", "", `{"choices":[{"delta":{"tool_calls":[{"type":"error"}]}}]}`, ending.Content},

		// Errors
		{"an error", "", `{"error":{"message":"x"}}`, ending.Failure},
		{"an error that is not first", "", `{"id":"x","choices":[],"error":{"message":"x"}}`, ending.Failure},
		{"an error with space before it", "", "{ \n\"error\" : {\"message\":\"x\"}}", ending.Failure},
		{"an error as text", "", `{"error":"overloaded"}`, ending.Failure},
		{"no error, first", "", `{"error":null,"choices":[{"delta":{"content":"x"}}]}`, ending.Content},
		{"no error, last", "", `{"choices":[],"error":null}`, ending.Content},
		{"no error, empty", "", `{"error":"","choices":[]}`, ending.Content},
		// https://openrouter.ai/docs/api-reference/errors, https://github.com/nodetool-ai/nodetool/pull/5755
		{"an error in the choice", "", `{"choices":[{"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"x"}}]}`, ending.Failure},
		{"no error in the choice", "", `{"choices":[{"delta":{"content":"x"},"error":null}]}`, ending.Content},
		{"an error in one choice of two", "", `{"choices":[{"error":{"message":"x"}},{"delta":{"content":"x"}}]}`, ending.Content},
		{"an error further down", "", `{"choices":[{"delta":{"error":{"message":"x"}}}]}`, ending.Content},
		{"text that looks like an error", "", `{"choices":[{"delta":{"content":"{\"error\":{}}"}}]}`, ending.Content},
		{"an error as a separate object", "", `{"object":"error","message":"x","type":"server_error","param":null,"code":null}`, ending.Failure},
		{"an event of that name", "error", `{"message":"x"}`, ending.Failure},
		{"an event of that type", "", `{"type":"error","message":"x"}`, ending.Failure},
		{"an error in an event of another name", "completion", `{"error":{"message":"x"}}`, ending.Failure},
		{"the default name", "message", `{"error":{"message":"x"}}`, ending.Failure},

		// OpenAI's typed events
		{"response completed", "response.completed", `{"response":{}}`, ending.Terminal},
		{"response incomplete, without a name", "", `{"type":"response.incomplete","response":{}}`, ending.Terminal},
		{"response failed", "response.failed", `{"response":{"error":{"code":"x"}}}`, ending.Failure},
		{"response failed, without a name", "", `{"type":"response.failed","response":{"error":{"code":"x"}}}`, ending.Failure},
		{"response created", "response.created", `{"response":{"error":null}}`, ending.Content},
		{"speech", "", `{"type":"speech.audio.done","usage":{}}`, ending.Terminal},
		{"a transcript", "", `{"type":"transcript.text.done","text":"x"}`, ending.Terminal},
		{"an image", "image_generation.completed", `{}`, ending.Terminal},
		{"an edited image", "image_edit.completed", `{}`, ending.Terminal},
		{"part of an image", "image_generation.partial_image", `{}`, ending.Content},

		// Anthropic
		{"message stop", "message_stop", `{}`, ending.Terminal},
		{"message stop, without data", "message_stop", ``, ending.Terminal},
		{"message stop, without a name", "", `{"type":"message_stop"}`, ending.Terminal},
		{"a stop reason is not the end", "message_delta", `{"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}`, ending.Content},
		{"Anthropic's error", "error", `{"type":"error","error":{"type":"overloaded_error"}}`, ending.Failure},
		{"ping", "ping", `{"type":"ping"}`, ending.Content},
		{"text about an error", "content_block_delta", `{"delta":{"text":"an \"error\": {}"}}`, ending.Content},

		// Google
		{"a candidate", "", `{"candidates":[{"content":{"parts":[{"text":"x"}]}}]}`, ending.Content},
		{"a finish reason", "", `{"candidates":[{"finishReason":"STOP"}]}`, ending.Last},
		{"a finish reason, spaced", "", `{"candidates": [ {"content": {}, "finishReason" : "STOP"} ]}`, ending.Last},
		{"the second candidate's", "", `{"candidates":[{"index":0},{"index":1,"finishReason":"MAX_TOKENS"}]}`, ending.Last},
		{"an empty finish reason", "", `{"candidates":[{"finishReason":""}]}`, ending.Content},
		{"a finish reason in the text", "", `{"candidates":[{"content":{"parts":[{"text":"\"finishReason\":\"STOP\""}]}}]}`, ending.Content},
		{"a finish reason in arguments", "", `{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"finishReason":"STOP"}}}]}}]}`, ending.Content},
		{"a blocked prompt", "", `{"promptFeedback":{"blockReason":"SAFETY"}}`, ending.Last},
		{"a blocked prompt without a reason", "", `{"promptFeedback":{},"usageMetadata":{}}`, ending.Last},
		{"feedback next to a candidate", "", `{"promptFeedback":{"safetyRatings":[]},"candidates":[{"content":{}}]}`, ending.Content},
		{"Google's error", "", `{"error":{"code":503}}`, ending.Failure},

		// Others
		{"an empty event", "", ``, ending.Heartbeat},
		{"a blank event", "ping", " \n", ending.Heartbeat},
		{"no JSON", "", `anything`, ending.Content},
		{"half of JSON", "", `{"choices":[{"del`, ending.Content},
		{"a number", "", `7`, ending.Content},
		{"metadata of another framework", "metadata", `{"run_id":"x"}`, ending.Content},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, ending.OfEvent(test.kind, []byte(test.data)))
		})
	}
}

func TestOfFrame(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]ending.Class{
		"messageStart": ending.Content, "contentBlockDelta": ending.Content, "messageStop": ending.Content,
		"metadata": ending.Terminal, "throttlingException": ending.Failure, "": ending.Content,
	} {
		assert.Equal(t, want, ending.OfFrame(kind, nil), kind)
	}
}

// The body is that of github.com/theopenco/llmgateway/pull/3616.
func TestBareError(t *testing.T) {
	t.Parallel()
	const tail = "{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"This model is currently experiencing high demand.\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}"
	assert.Equal(t, tail, string(ending.BareError([]byte(tail+"\n"))))
	for _, other := range []string{"", "\n", ": ping\n", "event: x\n\n", `{"error":null}`, `{"error":{"code":503`, `{"id":"c","choices":[]}`} {
		assert.Nil(t, ending.BareError([]byte(other)), other)
	}
}

func TestIsDone(t *testing.T) {
	t.Parallel()
	assert.True(t, ending.IsDone([]byte(" [DONE]\n")))
	assert.False(t, ending.IsDone([]byte(`"[DONE]"`)))
	assert.False(t, ending.IsDone(nil))
}

func FuzzOfEvent(f *testing.F) {
	f.Add("", []byte(`{"error":`))
	f.Add("", []byte(`{"candidates":[{"finishReason":`))
	f.Add("message", []byte(`{"type":"message_stop`))
	f.Fuzz(func(_ *testing.T, kind string, data []byte) { ending.OfEvent(kind, data) })
}

func BenchmarkOfEvent(b *testing.B) {
	data := []byte(`{"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}`)
	b.ReportAllocs()
	for b.Loop() {
		ending.OfEvent("", data)
	}
}

// The last chunk of InvokeModel's streams has Amazon's metrics.
func TestOfInvokedFrame(t *testing.T) {
	t.Parallel()
	chunk := func(event string) []byte {
		return []byte(`{"bytes":"` + base64.StdEncoding.EncodeToString([]byte(event)) + `","p":"abcdef"}`)
	}
	assert.Equal(t, ending.Content, ending.OfFrame("chunk", chunk(`{"type":"content_block_delta","delta":{"text":"amazon-bedrock-invocationMetrics"}}`)))
	assert.Equal(t, ending.Last, ending.OfFrame("chunk", chunk(`{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":8}}`)))
	assert.Equal(t, ending.Content, ending.OfFrame("chunk", []byte(`{"bytes":"!"}`)))
	assert.Equal(t, ending.Content, ending.OfFrame("chunk", []byte(`{}`)))
}
