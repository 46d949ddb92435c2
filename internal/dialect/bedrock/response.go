package bedrock

import (
	"encoding/json"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type response struct {
	Output struct {
		Message struct {
			Role    string            `json:"role"`
			Content []json.RawMessage `json:"content"`
		} `json:"message"`
	} `json:"output"`
	StopReason string  `json:"stopReason"`
	Usage      usage   `json:"usage"`
	Metrics    metrics `json:"metrics"`
}

type usage struct {
	Input      int64 `json:"inputTokens"`
	Output     int64 `json:"outputTokens"`
	Total      int64 `json:"totalTokens"`
	CacheRead  int64 `json:"cacheReadInputTokens,omitempty"`
	CacheWrite int64 `json:"cacheWriteInputTokens,omitempty"`

	Details []cacheDetail `json:"cacheDetails,omitempty"`
}

// cacheDetail is the number of tokens written to a cache of one lifetime.
type cacheDetail struct {
	Lifetime string `json:"ttl"`
	Tokens   int64  `json:"inputTokens"`
}

type metrics struct {
	Latency int64 `json:"latencyMs"`
}

// writeUsage reports cache reads and writes separately from the input, as Bedrock does.
func writeUsage(u dialect.Usage) usage {
	written := u.CacheWriteTokens + u.CacheWrite1hTokens
	out := usage{
		Input: max(0, u.InputTokens-u.CachedTokens-written), Output: u.OutputTokens, Total: u.InputTokens + u.OutputTokens,
		CacheRead: u.CachedTokens, CacheWrite: written,
	}
	for _, d := range [...]cacheDetail{{"5m", u.CacheWriteTokens}, {"1h", u.CacheWrite1hTokens}} {
		if d.Tokens > 0 {
			out.Details = append(out.Details, d)
		}
	}
	return out
}

func readStop(reason string) dialect.Stop {
	switch reason {
	case "guardrail_intervened", "content_filtered", "malformed_model_output", "malformed_tool_use":
		return dialect.Refusal
	}
	return anthropic.ReadStop(reason)
}

func writeStop(s dialect.Stop) string {
	if s == dialect.Refusal {
		return "content_filtered"
	}
	return string(s)
}

// ReadResponse reads a response. It has no id of its own.
func (Format) ReadResponse(body []byte) (*dialect.Response, error) {
	var in response
	if err := wire.DecodeResponse(body, &in); err != nil {
		return nil, err
	}
	if in.Output.Message.Content == nil && in.StopReason == "" {
		return nil, dialect.ErrNoMessage
	}
	events := []dialect.Event{{Kind: dialect.Begin}}
	for i, raw := range in.Output.Message.Content {
		var block outputBlock
		if wire.DecodeResponse(raw, &block) == nil {
			events = append(block.read(events, i), dialect.Event{Kind: dialect.PartEnd, Part: i})
		}
	}
	return dialect.Assemble("", "", append(events, dialect.Event{Kind: dialect.Finish, Stop: readStop(in.StopReason)})), nil
}

// WriteResponse writes a response; there is only one choice.
func (Format) WriteResponse(r *dialect.Response) []byte {
	var out response
	out.Output.Message.Role = "assistant"
	out.Output.Message.Content = []json.RawMessage{}
	out.StopReason, out.Usage = string(dialect.EndTurn), writeUsage(r.Usage)
	if len(r.Choices) > 0 {
		out.StopReason = writeStop(r.Choices[0].Stop)
		for _, p := range r.Choices[0].Parts {
			if blocks, err := (documentNames{}).writeBlocks([]dialect.Part{p}); err == nil { // without images of an unsupported type
				out.Output.Message.Content = append(out.Output.Message.Content, wire.Marshal(blocks[0]))
			}
		}
	}
	return wire.Marshal(out)
}

// tooLong is Bedrock's message for a prompt that does not fit into a model.
const tooLong = "Input is too long for requested model"

type errorBody struct {
	Type    string `json:"__type,omitempty"`
	Message string `json:"message"`
}

// ReadError reads an error response.
func (Format) ReadError(status int, body []byte) dialect.Error {
	var in errorBody
	_ = wire.DecodeResponse(body, &in) // other bodies have no message
	return dialect.ErrorFrom(status, in.Message, body)
}

// WriteError writes an error response. Its type, which Amazon puts into a header too, is
// where SDKs look next.
func (Format) WriteError(e dialect.Error) (int, []byte) {
	kind := errorType(e.Status)
	e = e.Standard()
	if e.Status == dialect.QuotaUsedUp {
		e.Status = http.StatusBadRequest
	}
	return e.Status, wire.Marshal(errorBody{Type: kind, Message: e.TextWith(tooLong)})
}

func errorType(class int) string {
	switch class {
	case 401, 403:
		return "AccessDeniedException"
	case dialect.QuotaUsedUp:
		return "ServiceQuotaExceededException"
	case 404:
		return "ResourceNotFoundException"
	case 408:
		return "ModelTimeoutException"
	case 424:
		return "ModelErrorException"
	case 429:
		return "ThrottlingException"
	case 503, dialect.Overloaded:
		return "ServiceUnavailableException"
	}
	if class >= 500 {
		return "InternalServerException"
	}
	return "ValidationException"
}

// exception returns the type of an error in a stream. The SDKs know five types.
func exception(class int) string {
	switch class {
	case dialect.QuotaUsedUp, 429:
		return "throttlingException"
	case 408, 424, 504:
		return "modelStreamErrorException"
	case 503, dialect.Overloaded:
		return "serviceUnavailableException"
	}
	if class >= 500 {
		return "internalServerException"
	}
	return "validationException"
}
