// Package openai is the wire format of OpenAI's API: chat completions, which can be
// translated, and the other endpoints. Most other providers use it too.
package openai

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "openai" }

// Headers returns the format's headers. Azure's servers take the key in one of
// their own.
func (Format) Headers() dialect.Headers { return headers }

var headers = dialect.Headers{
	Credential: dialect.Credential{Header: "Authorization", Scheme: "Bearer ", Others: []string{"Api-Key"}},
	Prefix:     "Openai-",
}

// endpoints are recognized by the end of their paths.
var endpoints = []struct {
	suffix string
	dialect.Endpoint
}{
	{"/chat/completions", chatCompletions},
	{"/responses", dialect.Endpoint{Operation: dialect.Responses, UsesTokens: true}},
	{"/responses/compact", dialect.Endpoint{Operation: dialect.Responses, UsesTokens: true}},
	{"/responses/input_tokens", dialect.Endpoint{Operation: dialect.CountTokens}},
	{"/moderations", dialect.Endpoint{Operation: dialect.Moderation}},
	{"/embeddings", dialect.Endpoint{Operation: dialect.Embeddings, NeedsModel: true, UsesTokens: true}},
	{"/multimodalembeddings", dialect.Endpoint{Operation: dialect.Embed, NeedsModel: true, UsesTokens: true}},     // Voyage
	{"/contextualizedembeddings", dialect.Endpoint{Operation: dialect.Embed, NeedsModel: true, UsesTokens: true}}, // Voyage
	{"/images/generations", dialect.Endpoint{Operation: dialect.Images}},
	{"/images/edits", dialect.Endpoint{Operation: dialect.Images}},
	{"/images/variations", dialect.Endpoint{Operation: dialect.Images}},
	{"/audio/speech", dialect.Endpoint{Operation: dialect.Speech}},
	{"/audio/transcriptions", dialect.Endpoint{Operation: dialect.Transcription}},
	{"/audio/translations", dialect.Endpoint{Operation: dialect.Transcription}},
	{"/agents/completions", dialect.Endpoint{Operation: dialect.Completions, UsesTokens: true}}, // Mistral: an agent has its model
	{"/completions", dialect.Endpoint{Operation: dialect.Completions, NeedsModel: true, UsageOnRequest: true, UsesTokens: true}},
}

var chatCompletions = dialect.Endpoint{Operation: dialect.ChatCompletions, Converses: true, NeedsModel: true, UsageOnRequest: true, UsesTokens: true}

// Find returns the endpoint that a URL names. Azure's contains the name of a deployment, which replaces the model, so
// the body needs none.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path := strings.TrimSuffix(u.Path, "/")
	for _, known := range endpoints {
		if base, ok := strings.CutSuffix(path, known.suffix); ok {
			e := known.Endpoint
			e.Format = f
			if _, deployment, ok := dialect.CutLast(base, "/openai/deployments/"); ok {
				e.Model, e.Deployment = deployment, true
			}
			return e, true
		}
	}
	return dialect.Endpoint{}, false
}

// ReadFacts reads model, stream and options.
func (Format) ReadFacts(facts *dialect.Facts, body dialect.Object) error {
	if err := facts.SetModel(body.Get("model")); err != nil {
		return err
	}
	facts.Stream = body.True("stream") || body.Text("stream_format") == "sse" // the latter is for speech
	facts.WantsUsage = string(jsonscan.Field(body.Get("stream_options"), "include_usage")) == "true"
	if facts.Operation == dialect.Speech {
		facts.Characters = int64(utf8.RuneCountInString(body.Text("input"))) // a text of another type counts 0
	}
	return nil
}

// AskForUsage sets stream_options.include_usage.
func (Format) AskForUsage(body []byte) ([]byte, error) {
	return jsonscan.EditField(body, "stream_options", func(old []byte) ([]byte, error) {
		options := map[string]json.RawMessage{}
		if json.Unmarshal(old, &options) != nil || options == nil { // anything but an object is replaced
			options = map[string]json.RawMessage{}
		}
		options["include_usage"] = json.RawMessage("true")
		return json.Marshal(options)
	})
}

// CountPrompt counts the characters of a prompt.
func (Format) CountPrompt(body []byte) int64 {
	return dialect.CountPrompt(body, "tools", "messages", "prompt", "input", "instructions")
}

// Conversation returns the endpoint for chat completions.
func (f Format) Conversation(*url.URL) dialect.Endpoint {
	e := chatCompletions
	e.Format = f
	return e
}

// CutPath cuts off /chat/completions, and the /v1 that may be before it.
func (Format) CutPath(path string) (string, bool) {
	base, ok := strings.CutSuffix(strings.TrimSuffix(path, "/"), "/chat/completions")
	return strings.TrimSuffix(base, "/v1"), ok
}

// Path is where chat completions are.
func (Format) Path() string { return "/chat/completions" }

// URL returns place: model and stream are in the body.
func (Format) URL(place *url.URL, _ dialect.Endpoint) *url.URL {
	u := *place
	return &u
}

// FieldNames is empty: the words are OpenAI's.
func (Format) FieldNames() map[string]string { return nil }

// StreamType is the media type of streams.
func (Format) StreamType(*dialect.Request) string { return "text/event-stream; charset=utf-8" }
