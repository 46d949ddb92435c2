package upstream

import (
	"strconv"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// The chat completion is the most frequent response, so it is encoded by hand, in a tenth of the time that
// encoding/json takes.

type chatBody struct {
	ID          string
	Object      string
	Created     int64
	Model       string
	Choices     []chatChoice
	Usage       any
	Fingerprint string
	XGroq       any
}

type chatChoice struct {
	Index        int
	Message      *chatMessage
	Delta        *chatMessage
	Logprobs     any
	FinishReason any
	NativeReason any // OpenRouter
	Usage        any // Moonshot
}

type chatMessage struct {
	Role      string
	Content   any
	Refusal   any
	Audio     any
	ToolCalls []chatToolCall

	// One of these contains the model's thoughts.
	ReasoningContent string
	Reasoning        string
	ReasoningDetails []object
}

type chatToolCall struct {
	Index    *int // in streams
	ID       string
	Type     string
	Function chatFunction
}

type chatFunction struct {
	Name      string
	Arguments string
}

// append appends the body, with the provider's own fields.
func (h *habits) append(b []byte, body *chatBody) []byte {
	b = jsonscan.AppendString(append(b, `{"id":`...), body.ID)
	b = appendText(b, `,"object":`, body.Object)
	b = strconv.AppendInt(append(b, `,"created":`...), body.Created, 10)
	b = jsonscan.AppendString(append(b, `,"model":`...), body.Model)
	b = append(b, `,"choices":[`...)
	for i := range body.Choices {
		if i > 0 {
			b = append(b, ',')
		}
		b = body.Choices[i].append(b)
	}
	b = append(b, ']')
	b = appendAny(b, `,"usage":`, body.Usage)
	b = appendText(b, `,"system_fingerprint":`, body.Fingerprint)
	b = appendAny(b, `,"x_groq":`, body.XGroq)
	if len(h.fields) > 0 {
		b = append(append(b, ','), marshal(h.fields)[1:]...)
		return b
	}
	return append(b, '}')
}

// chatEvent writes the body as an event of a stream.
func (a *response) chatEvent(h *habits, body *chatBody) []byte {
	return a.event(func(b []byte) []byte { return append(h.append(append(b, "data: "...), body), "\n\n"...) })
}

func (c *chatChoice) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"index":`...), int64(c.Index), 10)
	if c.Message != nil {
		b = c.Message.append(append(b, `,"message":`...))
	}
	if c.Delta != nil {
		b = c.Delta.append(append(b, `,"delta":`...))
	}
	b = appendAny(b, `,"logprobs":`, c.Logprobs)
	if c.FinishReason == nil {
		b = append(b, `,"finish_reason":null`...)
	}
	b = appendAny(b, `,"finish_reason":`, c.FinishReason)
	b = appendAny(b, `,"native_finish_reason":`, c.NativeReason)
	b = appendAny(b, `,"usage":`, c.Usage)
	return append(b, '}')
}

func (m *chatMessage) append(b []byte) []byte {
	start := len(b)
	b = appendText(b, `,"role":`, m.Role)
	b = appendAny(b, `,"content":`, m.Content)
	b = appendAny(b, `,"refusal":`, m.Refusal)
	b = appendAny(b, `,"audio":`, m.Audio)
	for i := range m.ToolCalls {
		if i == 0 {
			b = append(b, `,"tool_calls":[`...)
		} else {
			b = append(b, ',')
		}
		b = m.ToolCalls[i].append(b)
	}
	if len(m.ToolCalls) > 0 {
		b = append(b, ']')
	}
	b = appendText(b, `,"reasoning_content":`, m.ReasoningContent)
	b = appendText(b, `,"reasoning":`, m.Reasoning)
	if len(m.ReasoningDetails) > 0 {
		b = appendAny(b, `,"reasoning_details":`, m.ReasoningDetails)
	}
	return closeObject(b, start)
}

func (c *chatToolCall) append(b []byte) []byte {
	start := len(b)
	if c.Index != nil {
		b = strconv.AppendInt(append(b, `,"index":`...), int64(*c.Index), 10)
	}
	b = appendText(b, `,"id":`, c.ID)
	b = appendText(b, `,"type":`, c.Type)
	b = append(b, `,"function":`...)
	inner := len(b)
	b = appendText(b, `,"name":`, c.Function.Name)
	b = jsonscan.AppendString(append(b, `,"arguments":`...), c.Function.Arguments)
	return closeObject(closeObject(b, inner), start)
}

// closeObject turns the fields from start on, each with a preceding comma, into an object.
func closeObject(b []byte, start int) []byte {
	if len(b) == start {
		return append(b, "{}"...)
	}
	b[start] = '{'
	return append(b, '}')
}

// appendText appends a field, unless it is empty. The key is given in raw form, with the preceding comma.
func appendText(b []byte, key, text string) []byte {
	if text == "" {
		return b
	}
	return jsonscan.AppendString(append(b, key...), text)
}

// appendAny appends a field, unless it is nil.
func appendAny(b []byte, key string, v any) []byte {
	if v == nil {
		return b
	}
	return appendValue(append(b, key...), v)
}

// chatUsage is OpenAI's usage. Other endpoints encode it with encoding/json.
type chatUsage struct {
	Usage
	audioTokens int64 // of the output
}

func openAIUsage(u Usage) *chatUsage { return &chatUsage{Usage: u} }

func (u *chatUsage) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"prompt_tokens":`...), u.InputTokens, 10)
	b = strconv.AppendInt(append(b, `,"completion_tokens":`...), u.OutputTokens, 10)
	b = strconv.AppendInt(append(b, `,"total_tokens":`...), u.InputTokens+u.OutputTokens, 10)
	b = strconv.AppendInt(append(b, `,"prompt_tokens_details":{"cached_tokens":`...), u.CachedTokens, 10)
	b = strconv.AppendInt(append(b, `,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":`...), u.ReasoningTokens, 10)
	b = strconv.AppendInt(append(b, `,"audio_tokens":`...), u.audioTokens, 10)
	return append(b, `,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`...)
}

// MarshalJSON implements json.Marshaler.
func (u *chatUsage) MarshalJSON() ([]byte, error) { return u.append(nil), nil }
