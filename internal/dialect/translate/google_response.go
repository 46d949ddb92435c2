package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type googleAnswer struct {
	Candidates []googleCandidate `json:"candidates"`
	Feedback   *struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback,omitempty"`
	Usage      *googleUsage       `json:"usageMetadata,omitempty"`
	Model      string             `json:"modelVersion,omitempty"`
	ResponseID string             `json:"responseId,omitempty"`
	Error      *googleErrorDetail `json:"error,omitempty"`
}

type googleCandidate struct {
	Content      googleContent `json:"content"`
	FinishReason string        `json:"finishReason,omitempty"`
	Index        int           `json:"index"`
}

type googleUsage struct {
	Prompt     int64 `json:"promptTokenCount"`
	Candidates int64 `json:"candidatesTokenCount"`
	Thoughts   int64 `json:"thoughtsTokenCount,omitempty"`
	Cached     int64 `json:"cachedContentTokenCount,omitempty"`
	Total      int64 `json:"totalTokenCount"`
}

// writeGoogleUsage reports thoughts apart from the answer, as Google does.
func writeGoogleUsage(u dialect.Usage) *googleUsage {
	return &googleUsage{
		Prompt: u.InputTokens, Candidates: max(0, u.OutputTokens-u.ReasoningTokens), Thoughts: u.ReasoningTokens,
		Cached: u.CachedTokens, Total: u.InputTokens + u.OutputTokens,
	}
}

// googleStops are the reasons to finish. A call of a tool is no reason of its own.
var googleStops = map[Stop]string{
	EndTurn: "STOP", StopSequence: "STOP", ToolUse: "STOP", MaxTokens: "MAX_TOKENS", ContextWindow: "MAX_TOKENS", Refusal: "SAFETY",
}

func readGoogleStop(reason string, called bool) Stop {
	switch reason {
	case "MAX_TOKENS":
		return MaxTokens
	case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE",
		"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
		return Refusal
	}
	if called {
		return ToolUse
	}
	return EndTurn
}

// ReadResponse reads generated content.
func (google) ReadResponse(body []byte) (*Response, error) {
	var in googleAnswer
	if err := decodeAnswer(body, &in); err != nil {
		return nil, err
	}
	r := &Response{ID: in.ResponseID, Model: in.Model}
	calls := 0
	for _, c := range in.Candidates {
		var choice Choice
		called := false
		for _, p := range c.Content.Parts {
			part, err := p.read("parts")
			if err != nil || part == nil {
				continue // code that Google ran, which nobody asked for
			}
			if call, ok := part.(ToolCall); ok {
				calls++
				if call.ID == "" {
					call.ID = madeID(in.ResponseID, calls) // unique in a conversation, as the answer's id is
				}
				part, called = call, true
			}
			choice.Parts = append(choice.Parts, part)
		}
		choice.Stop = readGoogleStop(c.FinishReason, called)
		r.Choices = append(r.Choices, choice)
	}
	if len(r.Choices) == 0 && in.Feedback != nil {
		r.Choices = []Choice{{Stop: Refusal}}
	}
	return r, nil
}

// WriteResponse writes generated content.
func (google) WriteResponse(r *Response) []byte {
	out := googleAnswer{Candidates: []googleCandidate{}, Model: r.Model, ResponseID: r.ID, Usage: writeGoogleUsage(r.Usage)}
	for i, c := range r.Choices {
		content := googleContent{Role: "model", Parts: []googlePart{}}
		for _, p := range c.Parts {
			parts, _ := writeGooglePart(p, nil, "") // answers hold nothing that can't be written
			content.Parts = append(content.Parts, parts...)
		}
		out.Candidates = append(out.Candidates, googleCandidate{Content: content, FinishReason: googleStops[c.Stop], Index: i})
	}
	return marshal(out)
}

type googleErrorBody struct {
	Error googleErrorDetail `json:"error"`
}

type googleErrorDetail struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Status  string `json:"status"`
}

// ReadError reads a refusal, which streams that are arrays put into one.
func (google) ReadError(status int, body []byte) Error {
	var in googleErrorBody
	var list []googleErrorBody
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		in = list[0]
	} else {
		_ = decodeAnswer(body, &in) // a body of another kind has no message
	}
	return errorFrom(status, in.Error.Message, body)
}

// WriteError writes a refusal, with the word that Google has for the status.
func (google) WriteError(e Error) []byte { return marshal(googleErrorBody{e.google()}) }

func (e Error) google() googleErrorDetail {
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
	return googleErrorDetail{Code: e.Status, Message: e.message(), Status: name}
}
