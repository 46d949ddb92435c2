package dialect

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Operation is the name of what an endpoint does.
type Operation string

// The operations of the known formats. A format may have others.
const (
	ChatCompletions Operation = "chat"          // OpenAI chat completions
	Completions     Operation = "completions"   // OpenAI's older text completions
	Responses       Operation = "responses"     // OpenAI responses
	Embeddings      Operation = "embeddings"    // OpenAI embeddings
	Images          Operation = "images"        // OpenAI image generation and editing
	Speech          Operation = "speech"        // text to speech, OpenAI and ElevenLabs
	Transcription   Operation = "transcription" // speech to text, OpenAI and ElevenLabs
	Messages        Operation = "messages"      // Anthropic messages
	Generate        Operation = "generate"      // Google generateContent and streamGenerateContent
	Embed           Operation = "embed"         // Google embedContent and batchEmbedContents, other providers' own embeddings
	Models          Operation = "models"        // the list of models, or one model
	Converse        Operation = "converse"      // Bedrock Converse and ConverseStream
	Invoke          Operation = "invoke"        // Bedrock InvokeModel, with or without stream
	NativeChat      Operation = "native_chat"   // Cohere's own chat
	Rerank          Operation = "rerank"        // Cohere and similar providers
	CountTokens     Operation = "count_tokens"  // Anthropic, Google and OpenAI responses
	Moderation      Operation = "moderation"    // whether texts and images are harmful, OpenAI and Mistral
	Other           Operation = "other"         // anything that is not metered by reported usage
)

// Endpoint is the endpoint named by a method and a URL.
type Endpoint struct {
	Format Format
	// Guessed reports that the path isn't in a known format; Format is then the first of the list.
	Guessed   bool
	Operation Operation
	Model     string // if the path names it
	// Deployment reports whether Model is the name of a deployment, which is in the path regardless of the body.
	Deployment bool
	Stream     bool // if the path asks for one
	Array      bool // a stream is a JSON array, because the URL doesn't ask for events

	// Stored reports whether the request is about something that another one created, as GET /v1/responses/{id} and
	// POST /v1/responses/{id}/cancel are: the usage in the response was recorded then.
	Stored bool

	// Converses reports whether the endpoint is the one at which its format accepts a conversation and responds with
	// the next message. Only such endpoints can be translated into each other.
	Converses bool
	// NeedsModel reports whether a request must name a model, in its path or body.
	NeedsModel bool
	// UsageOnRequest reports whether streams report usage only if requested. The format is then a [UsageAsker].
	UsageOnRequest bool
	// UsesTokens reports whether every response uses tokens, so that the usage of one that reports none must be
	// estimated.
	UsesTokens bool
}

// findModels recognizes the list of models and a single model, which have the same paths in all formats.
func findModels(u *url.URL) (model string, ok bool) {
	path := strings.TrimSuffix(u.Path, "/")
	if strings.HasSuffix(path, "/models") {
		return "", true
	}
	_, model, ok = CutLast(path, "/models/")
	if !ok || strings.Contains(model, ":") {
		return "", false
	}
	return model, true
}

// CutLast cuts s around the last sep.
func CutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// ReadUsage reads the usage in a JSON response; false if there is none.
func (e Endpoint) ReadUsage(body []byte) (Usage, bool) {
	if e.Operation == Models {
		return Usage{}, false
	}
	return e.Format.ReadUsage(body)
}

// ReadHeaders completes usage from a response's headers; false if they have none.
func (e Endpoint) ReadHeaders(h http.Header, u *Usage) bool {
	r, ok := e.Format.(HeaderReporter)
	return ok && r.ReadHeaders(h, u)
}

// CountText counts the characters of generated text in a whole response; false if it isn't JSON.
func (e Endpoint) CountText(body []byte) (int64, bool) {
	return e.Format.CountText(body), jsonscan.Valid(body)
}

// NewMeter returns a reader of one stream of the endpoint.
func (e Endpoint) NewMeter() Meter { return e.Format.NewMeter(e.Operation) }
