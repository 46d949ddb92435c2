package dialect

import (
	"net/http"
	"net/url"
	"strings"
)

// Name is a family of formats.
type Name string

// The families.
const (
	OpenAI     Name = "openai"
	Anthropic  Name = "anthropic"
	Google     Name = "google"
	Bedrock    Name = "bedrock"
	ElevenLabs Name = "elevenlabs"
)

// Operation is what an endpoint does.
type Operation string

// The operations that are metered by what they report. All else is [Other].
const (
	Chat          Operation = "chat"          // OpenAI chat completions
	Completions   Operation = "completions"   // OpenAI's older text completions
	Responses     Operation = "responses"     // OpenAI responses
	Embeddings    Operation = "embeddings"    // OpenAI embeddings
	Images        Operation = "images"        // OpenAI image generation and editing
	Speech        Operation = "speech"        // text to speech, OpenAI and ElevenLabs
	Transcription Operation = "transcription" // speech to text, OpenAI and ElevenLabs
	Messages      Operation = "messages"      // Anthropic messages
	Generate      Operation = "generate"      // Google generateContent and streamGenerateContent
	Embed         Operation = "embed"         // Google embedContent and batchEmbedContents
	Models        Operation = "models"        // the list of models, or one of them
	Converse      Operation = "converse"      // Bedrock Converse and ConverseStream
	CountTokens   Operation = "count_tokens"  // Anthropic and Google
	Other         Operation = "other"
)

// Endpoint is what a method and a path name.
type Endpoint struct {
	Dialect   Name // "" if it is none of the known ones
	Operation Operation
	Model     string // where the path names it
	Stream    bool   // where the path says so
}

// EndpointOf tells what a provider's endpoint does. What comes before the
// endpoint's own path, such as /v1 or /openai/v1, does not matter. Reading back
// something stored, as GET /v1/responses/{id} does, is Other: its usage was
// counted when it was made.
func EndpointOf(method string, u *url.URL) Endpoint {
	path := strings.TrimSuffix(u.Path, "/")
	if method != http.MethodPost {
		return readOnly(method, path)
	}
	for _, p := range posts {
		if strings.HasSuffix(path, p.suffix) && !strings.Contains(path, "/threads/") {
			return p.Endpoint
		}
	}
	if e, ok := bedrockEndpoint(path); ok {
		return e
	}
	if e, ok := googleEndpoint(path); ok {
		return e
	}
	if e, ok := elevenLabsEndpoint(path); ok {
		return e
	}
	return Endpoint{Operation: Other}
}

// posts are the endpoints whose path ends in a fixed way. (OpenAI's assistants
// have /threads/{id}/messages, which is something else.)
var posts = []struct {
	suffix string
	Endpoint
}{
	{"/chat/completions", Endpoint{Dialect: OpenAI, Operation: Chat}},
	{"/messages", Endpoint{Dialect: Anthropic, Operation: Messages}},
	{"/responses", Endpoint{Dialect: OpenAI, Operation: Responses}},
	{"/embeddings", Endpoint{Dialect: OpenAI, Operation: Embeddings}},
	{"/images/generations", Endpoint{Dialect: OpenAI, Operation: Images}},
	{"/images/edits", Endpoint{Dialect: OpenAI, Operation: Images}},
	{"/images/variations", Endpoint{Dialect: OpenAI, Operation: Images}},
	{"/audio/speech", Endpoint{Dialect: OpenAI, Operation: Speech}},
	{"/audio/transcriptions", Endpoint{Dialect: OpenAI, Operation: Transcription}},
	{"/audio/translations", Endpoint{Dialect: OpenAI, Operation: Transcription}},
	{"/completions", Endpoint{Dialect: OpenAI, Operation: Completions}},
	{"/messages/count_tokens", Endpoint{Dialect: Anthropic, Operation: CountTokens}},
	{"/speech-to-text", Endpoint{Dialect: ElevenLabs, Operation: Transcription}},
	{"/text-to-dialogue", Endpoint{Dialect: ElevenLabs, Operation: Speech}},
	{"/text-to-dialogue/stream", Endpoint{Dialect: ElevenLabs, Operation: Speech, Stream: true}},
}

func readOnly(method, path string) Endpoint {
	if method == http.MethodGet {
		if strings.HasSuffix(path, "/models") {
			return Endpoint{Operation: Models}
		}
		if _, model, ok := cutLast(path, "/models/"); ok && !strings.Contains(model, ":") {
			return Endpoint{Operation: Models, Model: model}
		}
	}
	return Endpoint{Operation: Other}
}

// googleEndpoint reads /models/{model}:{method}.
func googleEndpoint(path string) (Endpoint, bool) {
	path, method, ok := cutLast(path, ":")
	if !ok {
		return Endpoint{}, false
	}
	_, model, ok := cutLast(path, "/models/")
	if !ok {
		if _, model, ok = cutLast(path, "/tunedModels/"); !ok {
			return Endpoint{}, false
		}
	}
	e := Endpoint{Dialect: Google, Operation: Other, Model: model}
	switch method {
	case "generateContent":
		e.Operation = Generate
	case "streamGenerateContent":
		e.Operation, e.Stream = Generate, true
	case "embedContent", "batchEmbedContents":
		e.Operation = Embed
	case "countTokens":
		e.Operation = CountTokens
	}
	return e, true
}

// bedrockEndpoint reads /model/{model}/converse and /converse-stream. A model may
// be an ARN, which holds slashes.
func bedrockEndpoint(path string) (Endpoint, bool) {
	path, method, ok := cutLast(path, "/")
	if !ok || method != "converse" && method != "converse-stream" {
		return Endpoint{}, false
	}
	_, model, ok := strings.Cut(path, "/model/")
	if !ok || model == "" {
		return Endpoint{}, false
	}
	return Endpoint{Dialect: Bedrock, Operation: Converse, Model: model, Stream: method == "converse-stream"}, true
}

// elevenLabsEndpoint reads /text-to-speech/{voice} with what may follow it.
func elevenLabsEndpoint(path string) (Endpoint, bool) {
	_, rest, ok := cutLast(path, "/text-to-speech/")
	if !ok || rest == "" {
		return Endpoint{}, false
	}
	_, variant, _ := strings.Cut(rest, "/")
	return Endpoint{Dialect: ElevenLabs, Operation: Speech, Stream: strings.HasPrefix(variant, "stream")}, true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// NeedsModel says whether a request must name a model, in its path or body.
func (e Endpoint) NeedsModel() bool {
	switch e.Operation {
	case Chat, Completions, Embeddings, Messages, Generate, Converse, Embed:
		return true
	}
	return false
}

// Converses says whether the endpoint is the one where its dialect takes a
// conversation and answers with the next message. These are what can be
// translated into each other.
func (e Endpoint) Converses() bool {
	switch e.Operation {
	case Chat, Messages, Generate, Converse:
		return true
	}
	return false
}

// UsesTokens says whether every answer of the endpoint uses tokens, so that one
// that reports none must be estimated.
func (e Endpoint) UsesTokens() bool {
	switch e.Operation {
	case Chat, Completions, Responses, Embeddings, Messages, Generate, Converse, Embed:
		return true
	}
	return false
}
