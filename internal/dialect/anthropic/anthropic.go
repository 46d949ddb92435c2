// Package anthropic is the wire format of Anthropic's messages.
package anthropic

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "anthropic" }

// Headers returns the format's headers. Anthropic insists on a version.
func (Format) Headers() dialect.Headers { return headers }

var headers = dialect.Headers{
	Credential: dialect.Credential{Header: "X-Api-Key"},
	Prefix:     "Anthropic-",
	Required:   map[string]string{"Anthropic-Version": "2023-06-01"},
}

// Find returns the endpoint that a URL names. OpenAI's assistants have
// /threads/{id}/messages, which is something else.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path := strings.TrimSuffix(u.Path, "/")
	switch {
	case strings.Contains(path, "/threads/"):
		return dialect.Endpoint{}, false
	case strings.HasSuffix(path, "/messages"):
		return f.Conversation(u), true
	case strings.HasSuffix(path, "/messages/count_tokens"):
		return dialect.Endpoint{Format: f, Operation: dialect.CountTokens}, true
	}
	return dialect.Endpoint{}, false
}

// ReadFacts reads model and stream.
func (Format) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	f.Stream = body.True("stream")
	return f.SetModel(body.Get("model"))
}

// CountPrompt counts the characters of a prompt.
func (Format) CountPrompt(body []byte) int64 {
	return dialect.CountPrompt(body, "tools", "messages", "system")
}

// Conversation returns the endpoint for messages.
func (f Format) Conversation(*url.URL) dialect.Endpoint {
	return dialect.Endpoint{Format: f, Operation: dialect.Messages, Converses: true, NeedsModel: true, UsesTokens: true}
}

// CutPath cuts off /messages, and the /v1 that may be before it.
func (Format) CutPath(path string) (string, bool) {
	base, ok := strings.CutSuffix(strings.TrimSuffix(path, "/"), "/messages")
	return strings.TrimSuffix(base, "/v1"), ok
}

// Path is where messages are.
func (Format) Path() string { return "/messages" }

// URL returns place: model and stream are in the body.
func (Format) URL(place *url.URL, _ dialect.Endpoint) *url.URL {
	u := *place
	return &u
}

// FieldNames are Anthropic's words for OpenAI's fields.
func (Format) FieldNames() map[string]string {
	return map[string]string{
		"response_format": "output_config.format", "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
		"stop": "stop_sequences", "reasoning_effort": "output_config.effort",
	}
}

// StreamType is the media type of streams.
func (Format) StreamType(*dialect.Request) string { return "text/event-stream; charset=utf-8" }
