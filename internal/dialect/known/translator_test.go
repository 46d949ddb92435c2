package known_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/sse"
)

// streamOf returns a response as a stream in a format, translated from another format's stream.
func streamOf(t testing.TB, from, to Chat, stream []byte, u Usage) []byte {
	t.Helper()
	s := NewTranslator(from, to, &Request{WantsUsage: true}, opening)
	var out []byte
	for _, e := range eventsOf(t, from, stream) {
		out = s.Event(out, classOf(from, e.Type, e.Data), e.Type, e.Data)
	}
	out, err := s.End(out, u)
	require.NoError(t, err)
	return out
}

// opening is what the gateway knows about a response before it begins.
var opening = Opening{ID: "id_1", Model: "m", Created: time.Unix(1767225600, 0), Usage: func() Usage { return Usage{InputTokens: 7} }}

// classOf returns the class that the gateway determines for an event.
func classOf(format Chat, kind string, data []byte) ending.Class {
	return format.NewMeter("").Read(kind, data)
}

// eventsOf reads the events of a stream from its framing.
func eventsOf(t testing.TB, format Chat, stream []byte) []sse.Event {
	t.Helper()
	var list []sse.Event
	if format == Bedrock {
		r := eventstream.NewReader(bytes.NewReader(stream), 1<<20)
		for {
			m, _, err := r.Next()
			if errors.Is(err, io.EOF) {
				return list
			}
			require.NoError(t, err)
			list = append(list, sse.Event{Type: m.Header(eventstream.EventType) + m.Header(eventstream.ExceptionType), Data: bytes.Clone(m.Payload)})
		}
	}
	r := sse.NewReader(bytes.NewReader(stream), 1<<20)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		require.NoError(t, err)
		e.Data = bytes.Clone(e.Data)
		list = append(list, e)
	}
}

// written is a whole response as a stream in OpenAI's, Anthropic's or another's format, exactly as providers send it.
var written = map[string]string{
	"openai": `data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"content":" there"},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":""}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":" \"Oslo\"}"}}]},"finish_reason":null}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1694268190,"model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}

data: [DONE]

`,
	"anthropic": `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":25,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"get_weather","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \"Oslo\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":89}}

event: message_stop
data: {"type":"message_stop"}

`,
	"google": "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello\"}],\"role\":\"model\"},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":4},\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r1\"}\r\n\r\n" +
		"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\" there\"},{\"functionCall\":{\"id\":\"call_1\",\"name\":\"get_weather\",\"args\":{\"city\": \"Oslo\"}}}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":4,\"candidatesTokenCount\":8},\"modelVersion\":\"gemini-2.5-flash\",\"responseId\":\"r1\"}\r\n\r\n",
	"bedrock": func() string {
		var b []byte
		for _, e := range [][2]string{
			{"messageStart", `{"p":"abc","role":"assistant"}`},
			{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abcdef"}`},
			{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":" there"}}`},
			{"contentBlockStop", `{"contentBlockIndex":0}`},
			{"contentBlockStart", `{"contentBlockIndex":1,"start":{"toolUse":{"name":"get_weather","toolUseId":"call_1"}}}`},
			{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\":"}}}`},
			{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":" \"Oslo\"}"}}}`},
			{"contentBlockStop", `{"contentBlockIndex":1}`},
			{"messageStop", `{"stopReason":"tool_use"}`},
			{"metadata", `{"metrics":{"latencyMs":42},"usage":{"inputTokens":4,"outputTokens":8,"totalTokens":12}}`},
		} {
			b = eventstream.AppendEvent(b, e[0], []byte(e[1]))
		}
		return string(b)
	}(),
}

// Each provider's documented stream, in each client's format, byte for byte.
func TestStreams(t *testing.T) {
	t.Parallel()
	u := Usage{InputTokens: 20, OutputTokens: 10, CachedTokens: 5}
	chunk := func(id, model, delta, finish string) string {
		return `data: {"id":"` + id + `","object":"chat.completion.chunk","created":1767225600,"model":"` + model + `","choices":[{"index":0,"delta":` + delta + `,"logprobs":null,"finish_reason":` + finish + "}]}\n\n"
	}
	const usage = `"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":5,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}`
	openai := chunk("msg_1", "claude-sonnet-4-5", `{"role":"assistant","content":"","refusal":null}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{"content":"Hello"}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{"content":" there"}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":""}}]}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{"tool_calls":[{"index":0,"function":{"arguments":" \"Oslo\"}"}}]}`, "null") +
		chunk("msg_1", "claude-sonnet-4-5", `{}`, `"tool_calls"`) +
		`data: {"id":"msg_1","object":"chat.completion.chunk","created":1767225600,"model":"claude-sonnet-4-5","choices":[],` + usage + "}\n\ndata: [DONE]\n\n"
	assert.Equal(t, openai, string(streamOf(t, Anthropic, OpenAI, []byte(written["anthropic"]), u)))

	anthropic := `event: message_start
data: {"type":"message_start","message":{"id":"chatcmpl-123","type":"message","role":"assistant","model":"gpt-4o-mini","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"server_tool_use":null,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" there"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_1","name":"get_weather","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" \"Oslo\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":15,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":10,"server_tool_use":null}}

event: message_stop
data: {"type":"message_stop"}

`
	assert.Equal(t, anthropic, string(streamOf(t, OpenAI, Anthropic, []byte(written["openai"]), u)))

	google := `data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"}]},"index":0}],"modelVersion":"gpt-4o-mini","responseId":"chatcmpl-123"}

data: {"candidates":[{"content":{"role":"model","parts":[{"text":" there"}]},"index":0}],"modelVersion":"gpt-4o-mini","responseId":"chatcmpl-123"}

data: {"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"call_1","name":"get_weather","args":{"city":"Oslo"}}}]},"index":0}],"modelVersion":"gpt-4o-mini","responseId":"chatcmpl-123"}

data: {"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":20,"candidatesTokenCount":10,"cachedContentTokenCount":5,"totalTokenCount":30},"modelVersion":"gpt-4o-mini","responseId":"chatcmpl-123"}

`
	assert.Equal(t, google, string(streamOf(t, OpenAI, Google, []byte(written["openai"]), u)))
}

// wholeOf assembles a stream, by way of Anthropic's events, which mark where each part begins.
func wholeOf(t testing.TB, format Chat, stream []byte) (text, arguments, signature string, kinds []string) {
	t.Helper()
	for _, e := range eventsOf(t, Anthropic, streamOf(t, format, Anthropic, stream, Usage{})) {
		var v struct {
			Block struct {
				Type, Name, Data string
			} `json:"content_block"`
			Delta struct {
				Text, Thinking, Signature string
				JSON                      string `json:"partial_json"`
				StopReason                string `json:"stop_reason"`
			}
		}
		require.NoError(t, unmarshal(e.Data, &v))
		if v.Block.Type != "" {
			kinds = append(kinds, v.Block.Type+v.Block.Name+v.Block.Data)
		}
		text += v.Delta.Text + v.Delta.Thinking
		arguments += v.Delta.JSON
		signature += v.Delta.Signature
		if v.Delta.StopReason != "" {
			kinds = append(kinds, v.Delta.StopReason)
		}
	}
	return text, arguments, signature, kinds
}

// Every provider's stream has the same content in every client's format.
func TestStreamPairs(t *testing.T) {
	t.Parallel()
	for from := range formats {
		for to := range formats {
			t.Run(from+" to "+to, func(t *testing.T) {
				stream := []byte(written[from])
				if from != to {
					stream = streamOf(t, formats[from], formats[to], stream, Usage{InputTokens: 1, OutputTokens: 1})
				}
				text, arguments, _, kinds := wholeOf(t, formats[to], stream)
				assert.Equal(t, "Hello there", text)
				assert.JSONEq(t, `{"city":"Oslo"}`, arguments)
				assert.Equal(t, []string{"text", "tool_useget_weather", "tool_use"}, kinds)
			})
		}
	}
}

// Thoughts and their signatures are streamed too, if there is a place for them.
func TestThoughtsInStreams(t *testing.T) {
	t.Parallel()
	const stream = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","model":"m"}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"eHh4"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Yes"}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}

`
	for to, want := range map[string]struct {
		signature string
		kinds     []string
	}{
		"anthropic": {"c2ln", []string{"thinking", "redacted_thinkingeHh4", "text", "end_turn"}},
		"google":    {"c2ln", []string{"thinking", "redacted_thinkingeHh4", "text", "end_turn"}},
		"bedrock":   {"c2ln", []string{"thinking", "redacted_thinkingeHh4", "text", "end_turn"}},
	} {
		t.Run(to, func(t *testing.T) {
			text, _, signature, kinds := wholeOf(t, formats[to], streamOf(t, Anthropic, formats[to], []byte(stream), Usage{}))
			assert.Equal(t, "HmYes", text)
			assert.Equal(t, want.signature, signature)
			assert.Equal(t, want.kinds, kinds)
		})
	}
	// OpenAI's clients get what they must send back at the end, in full: the official Node SDK keeps the last value
	// of each unknown field.
	out := string(streamOf(t, Anthropic, OpenAI, []byte(stream), Usage{}))
	assert.Contains(t, out, `"delta":{"reasoning_content":"Hm"}`)
	assert.Contains(t, out, `"delta":{"reasoning_details":[{"type":"reasoning.text","text":"Hm","signature":"c2ln","format":"anthropic-claude-v1","index":0},`+
		`{"type":"reasoning.encrypted","data":"eHh4","format":"anthropic-claude-v1","index":1}]},"logprobs":null,"finish_reason":"stop"`)
}

// Two choices stream in parallel if both formats support several.
func TestSeveralAnswersInStreams(t *testing.T) {
	t.Parallel()
	const stream = "data: {\"responseId\":\"r\",\"candidates\":[{\"index\":0,\"content\":{\"parts\":[{\"text\":\"a\"}]}},{\"index\":1,\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}\n\n" +
		"data: {\"candidates\":[{\"index\":1,\"finishReason\":\"MAX_TOKENS\"},{\"index\":0,\"finishReason\":\"STOP\"}]}\n\n"
	out := string(streamOf(t, Google, OpenAI, []byte(stream), Usage{}))
	for _, part := range []string{
		`"index":0,"delta":{"content":"a"}`, `"index":1,"delta":{"role":"assistant","content":"b","refusal":null}`,
		`"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"`, `"index":1,"delta":{},"logprobs":null,"finish_reason":"length"`,
	} {
		assert.Contains(t, out, part)
	}
}

// Some servers number all calls 0, and distinguish them by id.
func TestCallsWithoutNumbers(t *testing.T) {
	t.Parallel()
	const stream = `data: {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"g","arguments":"{"}}]}}]}

data: {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"arguments":"}"}}]}}]}

data: {"id":"x","choices":[{"index":0,"delta":{"content":"y"},"finish_reason":"tool_calls"},{"index":1,"delta":{"content":"not asked for"}}]}

data: [DONE]

`
	text, arguments, _, kinds := wholeOf(t, OpenAI, []byte(stream))
	assert.Equal(t, "y", text)
	assert.Equal(t, "{}{}", arguments)
	assert.Equal(t, []string{"tool_usef", "tool_useg", "text", "tool_use"}, kinds)
}

func TestStreamFaults(t *testing.T) {
	t.Parallel()
	t.Run("a missing end", func(t *testing.T) {
		s := NewTranslator(OpenAI, Anthropic, &Request{}, opening)
		s.Event(nil, ending.Content, "", []byte(`{"id":"x","choices":[{"index":0,"delta":{"content":"a"}}]}`))
		_, err := s.End(nil, Usage{})
		assert.ErrorIs(t, err, ErrIncomplete)
	})
	t.Run("nothing follows an error", func(t *testing.T) {
		for name, format := range formats {
			s := NewTranslator(Google, format, &Request{}, opening)
			out := s.Event(nil, ending.Failure, "", []byte(`{"error":{"code":503,"message":"busy"}}`))
			assert.Contains(t, string(out), "busy", name)
			assert.Empty(t, s.Event(nil, ending.Last, "", []byte(`{"candidates":[{"finishReason":"STOP"}]}`)))
			out, err := s.End(nil, Usage{})
			require.NoError(t, err)
			assert.Empty(t, out)
			assert.Empty(t, s.Fail(nil, Error{Status: 500}))
		}
	})
}
