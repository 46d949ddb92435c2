package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type openAIResponse struct {
	ID      string         `json:"id"`
	Object  string         `json:"object"`
	Created int64          `json:"created"`
	Model   string         `json:"model"`
	Choices []openAIChoice `json:"choices"`
	Usage   *openAIUsage   `json:"usage,omitempty"`
}

type openAIChoice struct {
	Index        int            `json:"index"`
	Message      *openAIMessage `json:"message,omitempty"`
	Delta        *openAIDelta   `json:"delta,omitempty"`
	Logprobs     any            `json:"logprobs"`
	FinishReason *string        `json:"finish_reason"`
}

type openAIUsage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
	PromptBy   struct {
		Cached int64 `json:"cached_tokens"`
		Audio  int64 `json:"audio_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionBy struct {
		Reasoning int64 `json:"reasoning_tokens"`
		Audio     int64 `json:"audio_tokens"`
	} `json:"completion_tokens_details"`
}

func writeOpenAIUsage(u dialect.Usage) *openAIUsage {
	out := &openAIUsage{Prompt: u.InputTokens, Completion: u.OutputTokens, Total: u.InputTokens + u.OutputTokens}
	out.PromptBy.Cached, out.PromptBy.Audio = u.CachedTokens, u.AudioInputTokens
	out.CompletionBy.Reasoning, out.CompletionBy.Audio = u.ReasoningTokens, u.AudioOutputTokens
	return out
}

// openAIStops are the reasons to stop. OpenAI has one word for the end of a turn
// and a stop sequence, and one for all limits of length.
var openAIStops = map[Stop]string{
	EndTurn: "stop", StopSequence: "stop", MaxTokens: "length", ContextWindow: "length", ToolUse: "tool_calls", Refusal: "content_filter",
}

func readOpenAIStop(reason string) Stop {
	switch reason {
	case "length":
		return MaxTokens
	case "tool_calls", "function_call":
		return ToolUse
	case "content_filter":
		return Refusal
	}
	return EndTurn
}

// ReadResponse reads a chat completion.
func (openAI) ReadResponse(body []byte) (*Response, error) {
	var in openAIResponse
	if err := decodeAnswer(body, &in); err != nil {
		return nil, err
	}
	r := &Response{ID: in.ID, Model: in.Model}
	for _, c := range in.Choices {
		choice := Choice{Stop: EndTurn}
		if c.FinishReason != nil {
			choice.Stop = readOpenAIStop(*c.FinishReason)
		}
		if c.Message != nil {
			c.Message.Audio = nil // a recording of what is said in words too
			list, err := c.Message.read("choices")
			if err != nil {
				return nil, err
			}
			choice.Parts = list
		}
		r.Choices = append(r.Choices, choice)
	}
	return r, nil
}

// WriteResponse writes a chat completion. The time of its making is not known to
// other providers, and so left zero (assumption translated-created).
func (openAI) WriteResponse(r *Response) []byte {
	out := openAIResponse{ID: r.ID, Object: "chat.completion", Model: r.Model, Choices: []openAIChoice{}, Usage: writeOpenAIUsage(r.Usage)}
	for i, c := range r.Choices {
		reason := openAIStops[c.Stop]
		m := openAIMessage{Role: "assistant", Content: json.RawMessage("null")}
		text := ""
		for _, p := range c.Parts {
			switch p := p.(type) {
			case Text:
				text += p.Text
			case Thought:
				m.Reasoning += p.Text
			case ToolCall:
				m.ToolCalls = append(m.ToolCalls, writeOpenAICall(p))
			}
		}
		if text != "" || len(m.ToolCalls) == 0 {
			m.Content = marshal(text)
		}
		out.Choices = append(out.Choices, openAIChoice{Index: i, Message: &m, FinishReason: &reason})
	}
	return marshal(out)
}

type openAIErrorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   any     `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// ReadError reads a refusal.
func (openAI) ReadError(status int, body []byte) Error {
	var in openAIErrorBody
	_ = decodeAnswer(body, &in) // a body of another kind has no message
	return errorFrom(status, in.Error.Message, body)
}

// WriteError writes a refusal, with the type and code that OpenAI has for the
// status.
func (openAI) WriteError(e Error) []byte {
	var out openAIErrorBody
	out.Error.Message, out.Error.Type = e.message(), "invalid_request_error"
	code := ""
	switch {
	case e.Status == 401:
		code = "invalid_api_key"
	case e.Status == 429:
		out.Error.Type, code = "requests", "rate_limit_exceeded"
	case e.Status >= 500:
		out.Error.Type = "server_error"
	}
	if code != "" {
		out.Error.Code = &code
	}
	return marshal(out)
}
