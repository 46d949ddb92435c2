// Package google is the wire format of Google's generateContent and related
// endpoints.
package google

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "google" }

// Headers returns the format's headers.
func (Format) Headers() dialect.Headers { return headers }

var headers = dialect.Headers{
	Credential: dialect.Credential{Header: "X-Goog-Api-Key", Query: "key"},
	Prefix:     "X-Goog-",
}

// Find returns the endpoint that a URL names: /models/{model}:{method}.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path, method, ok := dialect.CutLast(strings.TrimSuffix(u.Path, "/"), ":")
	if !ok {
		return dialect.Endpoint{}, false
	}
	_, model, ok := dialect.CutLast(path, "/models/")
	if !ok {
		if _, model, ok = dialect.CutLast(path, "/tunedModels/"); !ok {
			return dialect.Endpoint{}, false
		}
	}
	e := dialect.Endpoint{Format: f, Operation: dialect.Other}
	if strings.HasSuffix(path, "/publishers/anthropic/models/"+model) {
		return findClaude(e, model, method), true
	}
	switch method {
	case "generateContent", "streamGenerateContent":
		e = f.Conversation(u)
		e.Stream = method == "streamGenerateContent"
		e.Array = e.Array && e.Stream
	case "embedContent", "batchEmbedContents":
		e.Operation, e.NeedsModel, e.UsesTokens = dialect.Embed, true, true
	case "countTokens":
		e.Operation = dialect.CountTokens
	}
	e.Model = model
	return e, true
}

// ReadFacts reads the model of a client that writes it into the body, though the
// path has it. Streams have a path of their own.
func (Format) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	return f.SetModel(body.Get("model"))
}

// CountPrompt counts the characters of a prompt.
func (Format) CountPrompt(body []byte) int64 {
	return dialect.CountPrompt(body, "tools", "contents", "content", "requests", "systemInstruction")
}

// Conversation returns the endpoint for generated content. Its streams are arrays
// unless the URL asks for events.
func (f Format) Conversation(u *url.URL) dialect.Endpoint {
	return dialect.Endpoint{Format: f, Operation: dialect.Generate, Converses: true, NeedsModel: true, UsesTokens: true,
		Array: !strings.Contains(u.RawQuery, "alt=sse")}
}

// CutPath removes nothing.
func (Format) CutPath(path string) (string, bool) { return path, false }

// Path is what comes before the model.
func (Format) Path() string { return "/models/" }

// URL adds model and method to the part before the model, and asks for events.
func (Format) URL(place *url.URL, e dialect.Endpoint) *url.URL {
	u := *place
	u.RawQuery = withoutAlt(u.RawQuery)
	u.Path += strings.TrimPrefix(e.Model, "models/")
	if !e.Stream {
		u.Path += ":generateContent"
		return &u
	}
	u.Path += ":streamGenerateContent"
	if !e.Array {
		u.RawQuery = strings.TrimSuffix("alt=sse&"+u.RawQuery, "&")
	}
	return &u
}

// withoutAlt removes the choice of a stream's framing from a query, and leaves the rest unchanged.
func withoutAlt(query string) string {
	if !strings.Contains(query, "alt") {
		return query
	}
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(part, "="); name != "alt" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

// FieldNames are Google's words for OpenAI's fields.
func (Format) FieldNames() map[string]string {
	return map[string]string{
		"messages": "contents", "tool_choice": "toolConfig.functionCallingConfig",
		"temperature": "generationConfig.temperature", "top_p": "generationConfig.topP", "top_k": "generationConfig.topK",
		"max_tokens": "generationConfig.maxOutputTokens", "stop": "generationConfig.stopSequences", "seed": "generationConfig.seed",
		"n": "generationConfig.candidateCount", "response_format": "generationConfig.responseMimeType",
		"presence_penalty": "generationConfig.presencePenalty", "frequency_penalty": "generationConfig.frequencyPenalty",
		"reasoning_effort": "generationConfig.thinkingConfig.thinkingLevel",
	}
}

// StreamType is the media type of streams: an array, or events.
func (Format) StreamType(r *dialect.Request) string {
	if r.Array {
		return "application/json; charset=UTF-8"
	}
	return "text/event-stream; charset=utf-8"
}
