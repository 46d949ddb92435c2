package anthropic

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type response struct {
	ID           string    `json:"id"`
	Type         string    `json:"type"`
	Role         string    `json:"role"`
	Model        string    `json:"model"`
	Content      []block   `json:"content"`
	StopReason   *string   `json:"stop_reason"`
	StopSequence *string   `json:"stop_sequence"`
	Usage        usageBody `json:"usage"`
}

// deltaUsage is the usage at the end of a stream.
type deltaUsage struct {
	Input         int64     `json:"input_tokens"`
	CacheCreation int64     `json:"cache_creation_input_tokens"`
	CacheRead     int64     `json:"cache_read_input_tokens"`
	Output        int64     `json:"output_tokens"`
	ServerToolUse *struct{} `json:"server_tool_use"` // null: none of the provider's own tools are used
}

// usageBody is the usage of a message.
type usageBody struct {
	deltaUsage
	CacheLifetime cacheLifetime `json:"cache_creation"`
	ServiceTier   string        `json:"service_tier"`
}

type cacheLifetime struct {
	FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
	OneHour     int64 `json:"ephemeral_1h_input_tokens"`
}

// writeUsage reports cache reads and writes separately from the input, as Anthropic does.
func writeUsage(u dialect.Usage) usageBody {
	written := u.CacheWriteTokens + u.CacheWrite1hTokens
	out := usageBody{
		deltaUsage:    deltaUsage{Input: max(0, u.InputTokens-u.CachedTokens-written), CacheCreation: written, CacheRead: u.CachedTokens, Output: u.OutputTokens},
		CacheLifetime: cacheLifetime{FiveMinutes: u.CacheWriteTokens, OneHour: u.CacheWrite1hTokens}, ServiceTier: "standard",
	}
	if u.Tier == "batch" {
		out.ServiceTier = "batch"
	}
	return out
}

// ReadResponse reads a message.
func (Format) ReadResponse(body []byte) (*dialect.Response, error) {
	var in struct {
		ID           string            `json:"id"`
		Model        string            `json:"model"`
		Content      []json.RawMessage `json:"content"`
		StopReason   *string           `json:"stop_reason"`
		StopSequence *string           `json:"stop_sequence"`
	}
	if err := wire.DecodeResponse(body, &in); err != nil {
		return nil, err
	}
	if in.Content == nil && in.StopReason == nil {
		return nil, dialect.ErrNoMessage
	}
	events := []dialect.Event{{Kind: dialect.Begin}}
	for i, raw := range in.Content {
		var block outputBlock
		if wire.DecodeResponse(raw, &block) == nil {
			events = append(block.read(events, i), dialect.Event{Kind: dialect.PartEnd, Part: i})
		}
	}
	return dialect.Assemble(in.ID, in.Model, readFinish(events, in.StopReason, in.StopSequence)), nil
}

// WriteResponse writes a message; there is only one choice.
func (Format) WriteResponse(r *dialect.Response) []byte {
	out := response{ID: r.ID, Type: "message", Role: "assistant", Model: r.Model, Content: []block{}, Usage: writeUsage(r.Usage)}
	if len(r.Choices) > 0 {
		c := r.Choices[0]
		reason := string(c.Stop)
		out.StopReason = &reason
		if c.Stop == dialect.StopSequence && c.Sequence != "" {
			out.StopSequence = &c.Sequence
		}
		out.Content = responseBlocks(c.Parts)
	}
	return wire.Marshal(out)
}

// responseBlocks writes a model's output without images, which clients of this format don't expect.
func responseBlocks(list []dialect.Part) []block {
	var known []dialect.Part
	for _, p := range list {
		if _, ok := p.(dialect.Media); !ok {
			known = append(known, p)
		}
	}
	blocks, _ := writeBlocks(known) // only media could fail
	return blocks
}

type errorBody struct {
	Type  string `json:"type"`
	Error struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error"`
}

// ReadError reads an error response.
func (Format) ReadError(status int, body []byte) dialect.Error {
	var in errorBody
	_ = wire.DecodeResponse(body, &in) // other bodies have no message
	return dialect.ErrorFrom(status, in.Error.Message, body)
}

// WriteError writes an error response, with the type that Anthropic has for the status.
func (Format) WriteError(e dialect.Error) (int, []byte) { return e.Status, writeError(e) }

func writeError(e dialect.Error) []byte {
	out := errorBody{Type: "error"}
	out.Error.Message, out.Error.Type = e.TextWith("prompt is too long"), errorType(e.Status)
	return wire.Marshal(out)
}

func errorType(status int) string {
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
	case 408, 504:
		return "timeout_error"
	}
	if status >= 500 {
		return "api_error"
	}
	return "invalid_request_error"
}
