package google

import (
	"encoding/json"
	"net/http"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// response is a response for a client.
type response struct {
	Candidates []candidate `json:"candidates"`
	Usage      *usage      `json:"usageMetadata,omitempty"`
	Model      string      `json:"modelVersion,omitempty"`
	ResponseID string      `json:"responseId,omitempty"`
}

type candidate struct {
	Content      content `json:"content"`
	FinishReason string  `json:"finishReason,omitempty"`
	Index        int     `json:"index"`
}

// reply is a provider's response, whole or one of a stream.
type reply struct {
	Candidates []struct {
		Content struct {
			Parts outputParts `json:"parts"`
		} `json:"content"`
		FinishReason  string `json:"finishReason"`
		FinishMessage string `json:"finishMessage"`
		Index         *int   `json:"index"`
	} `json:"candidates"`
	Feedback   json.RawMessage `json:"promptFeedback"`
	Model      string          `json:"modelVersion"`
	ResponseID string          `json:"responseId"`
}

// outputParts are parts of a model's output; unreadable ones are dropped.
type outputParts []outputPart

type outputPart struct {
	Text         wire.Text `json:"text"`
	Thought      bool      `json:"thought"`
	Signature    string    `json:"thoughtSignature"`
	FunctionCall *call     `json:"functionCall"`
	InlineData   *blob     `json:"inlineData"`
}

func (p *outputParts) UnmarshalJSON(b []byte) error {
	_ = json.Unmarshal(b, (*[]outputPart)(p)) // without parts of another type
	return nil
}

type usage struct {
	Prompt     int64 `json:"promptTokenCount"`
	Candidates int64 `json:"candidatesTokenCount"`
	Thoughts   int64 `json:"thoughtsTokenCount,omitempty"`
	Cached     int64 `json:"cachedContentTokenCount,omitempty"`
	Total      int64 `json:"totalTokenCount"`
}

// writeUsage reports thoughts separately from the response, as Google does.
func writeUsage(u dialect.Usage) *usage {
	return &usage{
		Prompt: u.InputTokens, Candidates: max(0, u.OutputTokens-u.ReasoningTokens), Thoughts: u.ReasoningTokens,
		Cached: u.CachedTokens, Total: u.InputTokens + u.OutputTokens,
	}
}

// stops are the reasons to finish. Google has none for tool calls.
var stops = map[dialect.Stop]string{
	dialect.EndTurn: "STOP", dialect.StopSequence: "STOP", dialect.ToolUse: "STOP", dialect.MaxTokens: "MAX_TOKENS", dialect.ContextWindow: "MAX_TOKENS", dialect.Refusal: "SAFETY",
}

// readStop reads why a model stopped. Every other reason means that output is missing, and there are more of them each
// year, such as NO_IMAGE (github.com/BerriAI/litellm/issues/40477): the response ends as a refusal, because a normal end
// would look complete.
func readStop(reason string) dialect.Stop {
	switch reason {
	case "STOP", "FINISH_REASON_UNSPECIFIED":
		return dialect.EndTurn
	case "MAX_TOKENS", "CONTINUATION":
		return dialect.MaxTokens
	}
	return dialect.Refusal
}

// ReadResponse reads generated content.
func (Format) ReadResponse(body []byte) (*dialect.Response, error) {
	var in reply
	if err := wire.DecodeResponse(body, &in); err != nil {
		return nil, err
	}
	return dialect.Assemble(in.ResponseID, in.Model, new(reader).read(nil, &in)), nil
}

// WriteResponse writes generated content.
func (Format) WriteResponse(r *dialect.Response) []byte {
	out := response{Candidates: []candidate{}, Model: r.Model, ResponseID: r.ID, Usage: writeUsage(r.Usage)}
	for i, c := range r.Choices {
		parts, _ := writeParts(c.Parts, false) // can't fail for a response
		out.Candidates = append(out.Candidates, candidate{Content: content{Role: "model", Parts: parts}, FinishReason: stops[c.Stop], Index: i})
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

// ReadError reads an error response, which streams that are arrays put into one.
func (Format) ReadError(status int, body []byte) dialect.Error {
	var in errorBody
	var list []errorBody
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		in = list[0]
	} else {
		_ = wire.DecodeResponse(body, &in) // other bodies have no message
	}
	return dialect.ErrorFrom(status, in.Error.Message, body)
}

// WriteError writes an error response, with the word that Google has for its class.
func (Format) WriteError(e dialect.Error) (int, []byte) {
	detail := writeErrorDetail(e)
	return detail.Code, wire.Marshal(errorBody{detail})
}

// statusNames are Google's words for classes of errors; some classes without a word of their own use a similar one.
var statusNames = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
	429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
	408: "DEADLINE_EXCEEDED", 413: "INVALID_ARGUMENT", 422: "INVALID_ARGUMENT",
}

// writeErrorDetail writes an error, in the same form for responses and streams.
func writeErrorDetail(e dialect.Error) errorDetail {
	e = e.Standard()
	if e.Status == dialect.QuotaUsedUp {
		e.Status = http.StatusTooManyRequests
	}
	name, ok := statusNames[e.Status]
	switch {
	case ok:
	case e.Status >= 500:
		name = "INTERNAL"
	default:
		name = "FAILED_PRECONDITION"
	}
	return errorDetail{Code: e.Status, Message: e.TextWith("The input token count exceeds the maximum number of tokens allowed"), Status: name}
}
