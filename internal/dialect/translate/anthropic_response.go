package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type anthropicResponse struct {
	ID           string           `json:"id"`
	Type         string           `json:"type"`
	Role         string           `json:"role"`
	Model        string           `json:"model"`
	Content      []anthropicBlock `json:"content"`
	StopReason   *string          `json:"stop_reason"`
	StopSequence *string          `json:"stop_sequence"`
	Usage        anthropicUsage   `json:"usage"`
}

type anthropicUsage struct {
	Input         int64 `json:"input_tokens"`
	CacheCreation int64 `json:"cache_creation_input_tokens"`
	CacheRead     int64 `json:"cache_read_input_tokens"`
	Output        int64 `json:"output_tokens"`
}

// writeAnthropicUsage reports what was read from and written to a cache apart
// from the input, as Anthropic does.
func writeAnthropicUsage(u dialect.Usage) anthropicUsage {
	written := u.CacheWriteTokens + u.CacheWrite1hTokens
	return anthropicUsage{
		Input: max(0, u.InputTokens-u.CachedTokens-written), CacheCreation: written, CacheRead: u.CachedTokens, Output: u.OutputTokens,
	}
}

func readAnthropicStop(reason string) Stop {
	switch s := Stop(reason); s {
	case MaxTokens, StopSequence, ToolUse, Refusal, ContextWindow:
		return s
	}
	return EndTurn
}

// ReadResponse reads a message.
func (anthropic) ReadResponse(body []byte) (*Response, error) {
	var in struct {
		anthropicResponse
		Content []json.RawMessage `json:"content"`
	}
	if err := decodeAnswer(body, &in); err != nil {
		return nil, err
	}
	c := Choice{Stop: readAnthropicStop(value(in.StopReason)), Sequence: value(in.StopSequence)}
	for _, raw := range in.Content {
		var b anthropicBlock
		if decodeAnswer(raw, &b) != nil {
			continue
		}
		if p, err := b.read("content"); err == nil { // other blocks are of tools that nobody asked for
			c.Parts = append(c.Parts, p)
		}
	}
	return &Response{ID: in.ID, Model: in.Model, Choices: []Choice{c}}, nil
}

// WriteResponse writes a message, of which there is one.
func (anthropic) WriteResponse(r *Response) []byte {
	out := anthropicResponse{ID: r.ID, Type: "message", Role: "assistant", Model: r.Model, Content: []anthropicBlock{}, Usage: writeAnthropicUsage(r.Usage)}
	if len(r.Choices) > 0 {
		c := r.Choices[0]
		reason := string(c.Stop)
		out.StopReason = &reason
		if c.Stop == StopSequence && c.Sequence != "" {
			out.StopSequence = &c.Sequence
		}
		out.Content = answerBlocks(c.Parts)
	}
	return marshal(out)
}

// answerBlocks writes what a model said, less images, which clients of this
// format don't expect.
func answerBlocks(list []Part) []anthropicBlock {
	var known []Part
	for _, p := range list {
		if _, ok := p.(Media); !ok {
			known = append(known, p)
		}
	}
	blocks, _ := writeAnthropicBlocks(known, "") // only media can fail
	return blocks
}

type anthropicErrorBody struct {
	Type  string `json:"type"`
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

// ReadError reads a refusal.
func (anthropic) ReadError(status int, body []byte) Error {
	var in anthropicErrorBody
	_ = decodeAnswer(body, &in) // a body of another kind has no message
	return errorFrom(status, in.Error.Message, body)
}

// WriteError writes a refusal, with the type that Anthropic has for the status.
func (anthropic) WriteError(e Error) []byte {
	out := anthropicErrorBody{Type: "error"}
	out.Error.Message, out.Error.Type = e.message(), anthropicErrorType(e.Status)
	return marshal(out)
}

func anthropicErrorType(status int) string {
	switch status {
	case 401:
		return "authentication_error"
	case 402:
		return "billing_error"
	case 403:
		return "permission_error"
	case 404:
		return "not_found_error"
	case 413:
		return "request_too_large"
	case 429:
		return "rate_limit_error"
	case 503, 529:
		return "overloaded_error"
	case 504:
		return "timeout_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}

// anthropicErrorStatus is the status that an error within a stream would have had.
func anthropicErrorStatus(kind string) int {
	for _, status := range [...]int{400, 401, 402, 403, 404, 413, 429, 504, 529} {
		if anthropicErrorType(status) == kind {
			return status
		}
	}
	return 500
}
