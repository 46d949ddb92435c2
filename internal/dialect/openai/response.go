package openai

import (
	"net/http"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type response struct {
	ID      string           `json:"id"`
	Object  string           `json:"object"`
	Created int64            `json:"created"`
	Model   string           `json:"model"`
	Choices []responseChoice `json:"choices"`
	Usage   *usageBody       `json:"usage,omitempty"`
}

type responseChoice struct {
	Index        int              `json:"index"`
	Message      *responseMessage `json:"message,omitempty"`
	Delta        *delta           `json:"delta,omitempty"`
	Logprobs     any              `json:"logprobs"`
	FinishReason *string          `json:"finish_reason"`
}

// responseMessage is the message of a response to a client. Fields that aren't OpenAI's own are omitted if they aren't needed.
type responseMessage struct {
	Role    string  `json:"role"`
	Content *string `json:"content"`
	Refusal *string `json:"refusal"`
	thoughts
	Images    []madeImage `json:"images,omitempty"`
	ToolCalls []toolCall  `json:"tool_calls,omitempty"`
}

type usageBody struct {
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

func writeUsage(u dialect.Usage) *usageBody {
	out := &usageBody{Prompt: u.InputTokens, Completion: u.OutputTokens, Total: u.InputTokens + u.OutputTokens}
	out.PromptBy.Cached, out.PromptBy.Audio = u.CachedTokens, u.AudioInputTokens
	out.CompletionBy.Reasoning, out.CompletionBy.Audio = u.ReasoningTokens, u.AudioOutputTokens
	return out
}

// stops are the reasons to stop. OpenAI has a single word for the end of a turn and a stop sequence, and one for all
// limits of length.
var stops = map[dialect.Stop]string{
	dialect.EndTurn: "stop", dialect.StopSequence: "stop", dialect.MaxTokens: "length", dialect.ContextWindow: "length", dialect.ToolUse: "tool_calls", dialect.Refusal: "content_filter",
}

// readStop reads why a model stopped, in the words of OpenAI and of other providers of its format: FinishReasonEnum
// in docs.mistral.ai/api, api-docs.deepseek.com/api/create-chat-completion,
// docs.z.ai/api-reference/llm/chat-completion, and those of other formats, which proxies pass on. An interrupted
// response counts as truncated, not as complete.
func readStop(reason string) dialect.Stop {
	switch strings.ToLower(reason) {
	case "length", "max_tokens", "model_length", "insufficient_system_resource", "network_error", "error", "abort":
		return dialect.MaxTokens
	case "tool_calls", "function_call", "tool_use":
		return dialect.ToolUse
	case "content_filter", "safety", "sensitive", "refusal":
		return dialect.Refusal
	}
	return dialect.EndTurn
}

// ReadResponse reads a chat completion.
func (Format) ReadResponse(body []byte) (*dialect.Response, error) {
	var in reply
	if err := wire.DecodeResponse(body, &in); err != nil {
		return nil, err
	}
	var events []dialect.Event
	for i, c := range in.Choices {
		events = c.read(events, i, c.Message)
	}
	return dialect.Assemble(in.ID, in.Model, events), nil
}

// WriteResponse writes a chat completion. Its creation time is that of the request, because other providers report
// none (assumption translated-created).
func (Format) WriteResponse(r *dialect.Response) []byte {
	out := response{ID: r.ID, Object: "chat.completion", Created: unix(r.Created), Model: r.Model, Choices: []responseChoice{}, Usage: writeUsage(r.Usage)}
	for i, c := range r.Choices {
		reason := stops[c.Stop]
		m := responseMessage{Role: "assistant"}
		text := dialect.TextOf(c.Parts)
		m.thoughts, m.ToolCalls = writeState(c.Parts, clientState)
		for _, p := range c.Parts {
			if media, ok := p.(dialect.Media); ok && media.IsImage() {
				m.Images = append(m.Images, writeImage(media))
			}
		}
		if text != "" || len(m.ToolCalls) == 0 {
			m.Content = &text
		}
		out.Choices = append(out.Choices, responseChoice{Index: i, Message: &m, FinishReason: &reason})
	}
	return wire.Marshal(out)
}

// unix returns a time in seconds; 0 if unknown.
func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

type errorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   any     `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// ReadError reads an error response.
func (Format) ReadError(status int, body []byte) dialect.Error {
	var in errorBody
	_ = wire.DecodeResponse(body, &in) // other bodies have no message
	return dialect.ErrorFrom(status, in.Error.Message, body)
}

// WriteError writes an error response, with the type and code that OpenAI has for its class. A
// quota that is used up has the status of a rate limit.
func (Format) WriteError(e dialect.Error) (int, []byte) {
	body := writeError(e)
	e = e.Standard()
	if e.Status == dialect.QuotaUsedUp {
		e.Status = http.StatusTooManyRequests
	}
	return e.Status, body
}

func writeError(e dialect.Error) []byte {
	var out errorBody
	out.Error.Message, out.Error.Type = e.Text(), "invalid_request_error"
	code := ""
	switch status := e.Standard().Status; {
	case e.TooLong:
		out.Error.Param, code = "messages", "context_length_exceeded"
	case status == http.StatusUnauthorized:
		code = "invalid_api_key"
	case status == dialect.QuotaUsedUp:
		out.Error.Type, code = "insufficient_quota", "insufficient_quota"
	case status == http.StatusNotFound:
		code = "model_not_found"
	case status == http.StatusTooManyRequests:
		out.Error.Type, code = "requests", "rate_limit_exceeded"
	case status == http.StatusServiceUnavailable:
		out.Error.Type, code = "server_error", "server_is_overloaded"
	case status >= 500:
		out.Error.Type = "server_error"
	}
	if code != "" {
		out.Error.Code = &code
	}
	return wire.Marshal(out)
}
