package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type bedrockAnswer struct {
	Output struct {
		Message struct {
			Role    string            `json:"role"`
			Content []json.RawMessage `json:"content"`
		} `json:"message"`
	} `json:"output"`
	StopReason string         `json:"stopReason"`
	Usage      bedrockUsage   `json:"usage"`
	Metrics    bedrockMetrics `json:"metrics"`
}

type bedrockUsage struct {
	Input      int64 `json:"inputTokens"`
	Output     int64 `json:"outputTokens"`
	Total      int64 `json:"totalTokens"`
	CacheRead  int64 `json:"cacheReadInputTokens,omitempty"`
	CacheWrite int64 `json:"cacheWriteInputTokens,omitempty"`
}

type bedrockMetrics struct {
	Latency int64 `json:"latencyMs"`
}

// writeBedrockUsage reports what was read from and written to a cache apart from
// the input, as Bedrock does.
func writeBedrockUsage(u dialect.Usage) bedrockUsage {
	written := u.CacheWriteTokens + u.CacheWrite1hTokens
	return bedrockUsage{
		Input: max(0, u.InputTokens-u.CachedTokens-written), Output: u.OutputTokens, Total: u.InputTokens + u.OutputTokens,
		CacheRead: u.CachedTokens, CacheWrite: written,
	}
}

func readBedrockStop(reason string) Stop {
	switch reason {
	case "guardrail_intervened", "content_filtered":
		return Refusal
	}
	return readAnthropicStop(reason)
}

func writeBedrockStop(s Stop) string {
	if s == Refusal {
		return "content_filtered"
	}
	return string(s)
}

// ReadResponse reads an answer. It has no id of its own.
func (bedrock) ReadResponse(body []byte) (*Response, error) {
	var in bedrockAnswer
	if err := decodeAnswer(body, &in); err != nil {
		return nil, err
	}
	c := Choice{Stop: readBedrockStop(in.StopReason)}
	for _, raw := range in.Output.Message.Content {
		var b bedrockBlock
		if decodeAnswer(raw, &b) != nil {
			continue
		}
		if p, err := b.read("content"); err == nil { // other blocks are of tools that nobody asked for
			c.Parts = append(c.Parts, p)
		}
	}
	return &Response{Choices: []Choice{c}}, nil
}

// WriteResponse writes an answer, of which there is one.
func (bedrock) WriteResponse(r *Response) []byte {
	var out bedrockAnswer
	out.Output.Message.Role = "assistant"
	out.Output.Message.Content = []json.RawMessage{}
	out.StopReason, out.Usage = string(EndTurn), writeBedrockUsage(r.Usage)
	if len(r.Choices) > 0 {
		out.StopReason = writeBedrockStop(r.Choices[0].Stop)
		for _, p := range r.Choices[0].Parts {
			if blocks, err := writeBedrockBlocks([]Part{p}, ""); err == nil { // less images of an odd type
				out.Output.Message.Content = append(out.Output.Message.Content, marshal(blocks[0]))
			}
		}
	}
	return marshal(out)
}

type bedrockErrorBody struct {
	Type    string `json:"__type,omitempty"`
	Message string `json:"message"`
}

// ReadError reads a refusal.
func (bedrock) ReadError(status int, body []byte) Error {
	var in bedrockErrorBody
	_ = decodeAnswer(body, &in) // a body of another kind has no message
	return errorFrom(status, in.Message, body)
}

// WriteError writes a refusal. Its type, which Amazon puts into a header too, is
// where SDKs look next.
func (bedrock) WriteError(e Error) []byte {
	return marshal(bedrockErrorBody{Type: bedrockErrorType(e.Status), Message: e.message()})
}

func bedrockErrorType(status int) string {
	switch status {
	case 401, 403:
		return "AccessDeniedException"
	case 404:
		return "ResourceNotFoundException"
	case 408:
		return "ModelTimeoutException"
	case 424:
		return "ModelErrorException"
	case 429:
		return "ThrottlingException"
	case 503, 529:
		return "ServiceUnavailableException"
	}
	if status >= 500 {
		return "InternalServerException"
	}
	return "ValidationException"
}
