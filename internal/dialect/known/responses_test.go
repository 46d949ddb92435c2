package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// answers are a model's possible responses, and the formats that can express them.
var answers = []struct {
	name    string
	formats string
	choices []Choice
}{
	{"text", all, []Choice{{Parts: []Part{Text{Text: "Hello, ü😀 <b>\n"}}, Stop: EndTurn}}},
	{"nothing", all, []Choice{{Stop: EndTurn}}},
	{"cut short", all, []Choice{{Parts: []Part{Text{Text: "Hel"}}, Stop: MaxTokens}}},
	{"refused", all, []Choice{{Parts: []Part{Text{Text: "No."}}, Stop: Refusal}}},
	{"a call", all, []Choice{{Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"city":"Oslo"}`)}}, Stop: ToolUse}}},
	{"text and calls", all, []Choice{{Parts: []Part{Text{Text: "I'll look."},
		ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"city":"Oslo"}`)}, ToolCall{ID: "c2", Name: "time", Arguments: raw(`{}`)}}, Stop: ToolUse}}},
	{"thoughts", all, []Choice{{Parts: []Part{Thought{Text: "Hm, "}, Text{Text: "Yes."}}, Stop: EndTurn}}},
	{"signed thoughts", all, []Choice{{Parts: []Part{Thought{Text: "Hm, ", Signature: Signature{By: Claude, Value: signature}}, Text{Text: "Yes."}}, Stop: EndTurn}}},
	{"encrypted thoughts", all, []Choice{{Parts: []Part{Thought{Redacted: signature}, Text{Text: "Yes."}}, Stop: EndTurn}}},
	{"a signed call", all, []Choice{{Parts: []Part{Thought{Signature: Signature{By: Gemini, Value: signature}}, ToolCall{ID: "c1", Name: "f", Arguments: raw(`{}`)}}, Stop: ToolUse}}},
	{"two texts", "anthropic bedrock", []Choice{{Parts: []Part{Text{Text: "One."}, Text{Text: "Two."}}, Stop: EndTurn}}},
	{"a stop sequence", "anthropic bedrock", []Choice{{Parts: []Part{Text{Text: "One."}}, Stop: StopSequence}}},
	{"which stop sequence", "anthropic", []Choice{{Parts: []Part{Text{Text: "One."}}, Stop: StopSequence, Sequence: "END"}}},
	{"a full context", "anthropic bedrock", []Choice{{Parts: []Part{Text{Text: "One."}}, Stop: ContextWindow}}},
	{"several answers", "openai google", []Choice{{Parts: []Part{Text{Text: "One."}}, Stop: EndTurn}, {Parts: []Part{Text{Text: "Two."}}, Stop: MaxTokens}}},
	{"wrong arguments", all, []Choice{{Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{"INVALID_JSON":"{\"city\":"}`)}}, Stop: ToolUse}}},
}

func TestAnswerRoundTrips(t *testing.T) {
	t.Parallel()
	for _, a := range answers {
		for from := range formats {
			for to := range formats {
				if !can(from, a.formats) || !can(to, a.formats) {
					continue
				}
				t.Run(a.name+", "+from+" to "+to, func(t *testing.T) {
					got := &Response{ID: "id_1", Model: "m", Choices: a.choices}
					for _, format := range []Chat{formats[from], formats[to], formats[from]} {
						var err error
						got, err = format.ReadResponse(format.WriteResponse(got))
						require.NoError(t, err)
					}
					assert.Equal(t, a.choices, got.Choices)
					if from != "bedrock" && to != "bedrock" { // whose responses have neither
						assert.Equal(t, "id_1", got.ID)
						assert.Equal(t, "m", got.Model)
					}
				})
			}
		}
	}
}

// The reported usage is the same in all formats.
func TestUsage(t *testing.T) {
	t.Parallel()
	u := Usage{InputTokens: 100, OutputTokens: 50, CachedTokens: 60, CacheWriteTokens: 20, ReasoningTokens: 30}
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			body := format.WriteResponse(&Response{Choices: []Choice{{Stop: EndTurn}}, Usage: u})
			got, ok := format.ReadUsage(body)
			require.True(t, ok)
			assert.EqualValues(t, 100, got.InputTokens)
			assert.EqualValues(t, 50, got.OutputTokens)
			assert.EqualValues(t, 60, got.CachedTokens)
		})
	}
}

// An error keeps its status and its message.
func TestErrors(t *testing.T) {
	t.Parallel()
	for from, body := range map[string]string{
		"openai":    `{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
		"anthropic": `{"type":"error","error":{"type":"rate_limit_error","message":"slow down"},"request_id":"req_1"}`,
		"google":    `[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]`,
		"bedrock":   `{"message":"slow down"}`,
	} {
		e := formats[from].ReadError(429, []byte(body))
		assert.Equal(t, Error{Status: 429, Message: "slow down"}, e, from)
		for to, want := range map[string]string{
			"openai":    `{"error":{"message":"slow down","type":"requests","param":null,"code":"rate_limit_exceeded"}}`,
			"anthropic": `{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}`,
			"google":    `{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}`,
			"bedrock":   `{"__type":"ThrottlingException","message":"slow down"}`,
		} {
			status, body := formats[to].WriteError(e)
			assert.Equal(t, 429, status)
			assert.JSONEq(t, want, string(body), to)
		}
	}
	for _, test := range []struct{ body, want string }{
		{"upstream connect error", "upstream connect error"}, {"<html>oops</html>", "Bad Gateway"},
		{"<html><title>502 Proxy Error</title></html>", "502 Proxy Error"}, {`{"error":"too many tokens: 9"}`, "too many tokens: 9"},
		{`{"object":"error","message":"Invalid model"}`, "Invalid model"}, {`{"detail":[{"loc":["body","n"],"msg":"too large"}]}`, "n: too large"},
		{"", "Bad Gateway"}, {"{}", "Bad Gateway"},
	} {
		_, body := OpenAI.WriteError(Anthropic.ReadError(502, []byte(test.body)))
		assert.Contains(t, string(body), test.want)
	}
}
