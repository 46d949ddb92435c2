package upstream

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// How a response ends, and how the request's limit truncates it.

// FinishReason is why a model stops, in OpenAI's words: those that follow, which each
// format has its own word for, or a provider's own word, which is passed on.
type FinishReason string

// The reasons that are translated.
const (
	FinishStop          FinishReason = "stop"
	FinishLength        FinishReason = "length"
	FinishToolCalls     FinishReason = "tool_calls"
	FinishContentFilter FinishReason = "content_filter"
	FinishRefusal       FinishReason = "refusal"
)

// finishWords are a format's words for reasons; other reasons are unchanged.
type finishWords map[FinishReason]string

func (words finishWords) of(reason FinishReason) string {
	if word, ok := words[reason]; ok {
		return word
	}
	return string(reason)
}

// outputLimits are the fields that limit the number of output tokens, in all formats; the first element is the object
// that contains the field.
var outputLimits = [...][2]string{
	{"", "maxCompletionTokens"}, {"", "maxTokens"}, {"", "maxOutputTokens"},
	{"generationConfig", "maxOutputTokens"}, {"inferenceConfig", "maxTokens"},
	{"textGenerationConfig", "maxTokenCount"}, {"", "maxGenLen"}, // Titan's and Llama's own
}

// outputLimit returns the request's limit of output tokens; false if it sets none.
func (c *call) outputLimit() (int64, bool) {
	for _, place := range outputLimits {
		within := c.parsed()
		if place[0] != "" {
			within = either(within, place[0])
		}
		if n, ok := either(within, place[1]).number(); ok && n >= 0 {
			return int64(n), true
		}
	}
	return 0, false
}

// tokens returns the numbers of thought tokens and of all output tokens. Text and calls are counted together.
func (t *turn) tokens() (reasoning, all int64) {
	if t.reasoning != "" {
		reasoning = dialect.EstimateTokens(int64(utf8.RuneCountInString(t.reasoning)))
	}
	said := utf8.RuneCountInString(t.text)
	for _, tool := range t.tools {
		said += utf8.RuneCountInString(tool.Name) + utf8.RuneCountInString(tool.Arguments)
	}
	if said == 0 && (reasoning > 0 || t.finish == FinishLength) {
		return reasoning, reasoning
	}
	return reasoning, reasoning + dialect.EstimateTokens(int64(said))
}

// cut truncates a turn to a number of tokens: first the thoughts are kept, then the text, then the calls, the last of
// which may be incomplete.
func (t *turn) cut(limit int64) {
	const charactersPerToken = 4 // as dialect.EstimateTokens counts
	t.finish = FinishLength
	t.reasoning, _ = cutText(t.reasoning, limit*charactersPerToken)
	thought, _ := t.tokens()
	room := (limit - thought) * charactersPerToken
	t.text, room = cutText(t.text, room)
	for i := range t.tools {
		call := &t.tools[i]
		if call.Name, room = cutText(call.Name, room); room == 0 {
			t.tools = t.tools[:i]
			return
		}
		call.Arguments, room = cutText(call.Arguments, room)
	}
}

// cutText returns as much of a text as fits, in characters, and the remaining room.
func cutText(text string, room int64) (string, int64) {
	for i := range text {
		if room == 0 {
			return text[:i], 0
		}
		room--
	}
	return text, room
}

// object returns a call's arguments as an object; incomplete ones are empty.
func (t ToolCall) object() json.RawMessage {
	if arguments := json.RawMessage(t.Arguments); parseValue(arguments).isObject() && json.Valid(arguments) {
		return arguments
	}
	return json.RawMessage("{}")
}
