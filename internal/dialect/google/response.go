package google

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type response struct {
	Candidates []candidate `json:"candidates"`
	Feedback   *struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback,omitempty"`
	Usage      *usage       `json:"usageMetadata,omitempty"`
	Model      string       `json:"modelVersion,omitempty"`
	ResponseID string       `json:"responseId,omitempty"`
	Error      *errorDetail `json:"error,omitempty"`
}

type candidate struct {
	Content      content `json:"content"`
	FinishReason string  `json:"finishReason,omitempty"`
	Index        int     `json:"index"`
}

type usage struct {
	Prompt     int64 `json:"promptTokenCount"`
	Candidates int64 `json:"candidatesTokenCount"`
	Thoughts   int64 `json:"thoughtsTokenCount,omitempty"`
	Cached     int64 `json:"cachedContentTokenCount,omitempty"`
	Total      int64 `json:"totalTokenCount"`
}

// writeUsage reports thoughts apart from the response, as Google does.
func writeUsage(u dialect.Usage) *usage {
	return &usage{
		Prompt: u.InputTokens, Candidates: max(0, u.OutputTokens-u.ReasoningTokens), Thoughts: u.ReasoningTokens,
		Cached: u.CachedTokens, Total: u.InputTokens + u.OutputTokens,
	}
}

// stops are the reasons to finish. A call of a tool is no reason of its own.
var stops = map[dialect.Stop]string{
	dialect.EndTurn: "STOP", dialect.StopSequence: "STOP", dialect.ToolUse: "STOP", dialect.MaxTokens: "MAX_TOKENS", dialect.ContextWindow: "MAX_TOKENS", dialect.Refusal: "SAFETY",
}

func readStop(reason string, called bool) dialect.Stop {
	switch reason {
	case "MAX_TOKENS":
		return dialect.MaxTokens
	case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		return dialect.Refusal
	}
	if called {
		return dialect.ToolUse
	}
	return dialect.EndTurn
}

// ReadResponse reads generated content.
func (Format) ReadResponse(body []byte) (*dialect.Response, error) {
	var in response
	if err := wire.DecodeResponse(body, &in); err != nil {
		return nil, err
	}
	r := &dialect.Response{ID: in.ResponseID, Model: in.Model}
	calls := 0
	for _, c := range in.Candidates {
		var choice dialect.Choice
		called := false
		for _, p := range c.Content.Parts {
			part, err := p.read("parts")
			if err != nil || part == nil {
				continue // code that Google ran, which nobody asked for
			}
			if call, ok := part.(dialect.ToolCall); ok {
				calls++
				if call.ID == "" {
					call.ID = madeID(in.ResponseID, calls) // unique in a conversation, as the response's id is
				}
				part, called = call, true
			}
			choice.Parts = append(choice.Parts, part)
		}
		choice.Stop = readStop(c.FinishReason, called)
		r.Choices = append(r.Choices, choice)
	}
	if len(r.Choices) == 0 && in.Feedback != nil {
		r.Choices = []dialect.Choice{{Stop: dialect.Refusal}}
	}
	return r, nil
}

// WriteResponse writes generated content.
func (Format) WriteResponse(r *dialect.Response) []byte {
	out := response{Candidates: []candidate{}, Model: r.Model, ResponseID: r.ID, Usage: writeUsage(r.Usage)}
	for i, c := range r.Choices {
		content := content{Role: "model", Parts: []part{}}
		for _, p := range c.Parts {
			parts, _ := writePart(p, nil, "") // responses hold nothing that can't be written
			content.Parts = append(content.Parts, parts...)
		}
		out.Candidates = append(out.Candidates, candidate{Content: content, FinishReason: stops[c.Stop], Index: i})
	}
	return wire.Marshal(out)
}

type errorBody struct {
	Error errorDetail `json:"error"`
}

type errorDetail struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
}

// ReadError reads a refusal, which streams that are arrays put into one.
func (Format) ReadError(status int, body []byte) dialect.Error {
	var in errorBody
	var list []errorBody
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		in = list[0]
	} else {
		_ = wire.DecodeResponse(body, &in) // a body of another kind has no message
	}
	return dialect.ErrorFrom(status, in.Error.Message, body)
}

// WriteError writes a refusal, with the word that Google has for the status.
func (Format) WriteError(e dialect.Error) (int, []byte) {
	detail := writeErrorDetail(e)
	return detail.Code, wire.Marshal(errorBody{detail})
}

// writeErrorDetail is the same in responses and in streams.
func writeErrorDetail(e dialect.Error) errorDetail {
	e = e.Standard()
	name, ok := map[int]string{
		400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
		429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
	}[e.Status]
	switch {
	case ok:
	case e.Status >= 500:
		name = "INTERNAL"
	default:
		name = "FAILED_PRECONDITION"
	}
	return errorDetail{Code: e.Status, Message: e.Text(), Status: name}
}
