// Package bedrock is the wire format of Bedrock: Converse and ConverseStream, which can be translated, and
// InvokeModel, whose bodies are in the models' own formats.
package bedrock

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "bedrock" }

// Headers returns the format's headers.
func (Format) Headers() dialect.Headers { return headers }

var headers = dialect.Headers{
	Credential: dialect.Credential{Header: "Authorization", Scheme: "Bearer "},
	Prefix:     "X-Amz",
}

// Find returns the endpoint that a URL names: /model/{model}/converse, /invoke and their streams. A model may be an
// ARN, which contains slashes.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path, method, ok := dialect.CutLast(strings.TrimSuffix(u.Path, "/"), "/")
	if !ok {
		return dialect.Endpoint{}, false
	}
	var e dialect.Endpoint
	switch method {
	case "converse", "converse-stream":
		e = f.Conversation(u)
	case "invoke", "invoke-with-response-stream":
		e = dialect.Endpoint{Format: f, Operation: dialect.Invoke, NeedsModel: true, UsesTokens: true}
	case "count-tokens":
		e = dialect.Endpoint{Format: f, Operation: dialect.CountTokens}
	default:
		return dialect.Endpoint{}, false
	}
	_, model, ok := strings.Cut(path, "/model/")
	if !ok || model == "" {
		return dialect.Endpoint{}, false
	}
	e.Model, e.Stream = model, strings.HasSuffix(method, "-stream")
	return e, true
}

// ReadFacts reads the model of a client that writes it into the body, though the
// path has it. Streams have a path of their own.
func (Format) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	if id := body.Get("modelId"); id != nil {
		return f.SetModel(id)
	}
	return f.SetModel(body.Get("model"))
}

// CountPrompt counts the characters of a prompt.
func (Format) CountPrompt(body []byte) int64 {
	return dialect.CountPrompt(body, "toolConfig.tools", "messages", "system",
		"tools", "prompt", "inputText", "message", "texts") // of InvokeModel
}

// Conversation returns the endpoint for Converse.
func (f Format) Conversation(*url.URL) dialect.Endpoint {
	return dialect.Endpoint{Format: f, Operation: dialect.Converse, Converses: true, NeedsModel: true, UsesTokens: true}
}

// CutPath cuts off /model/{model}/converse or /converse-stream.
func (Format) CutPath(path string) (string, bool) {
	base, rest, ok := dialect.CutLast(strings.TrimSuffix(path, "/"), "/model/")
	return base, ok && (strings.HasSuffix(rest, "/converse") || strings.HasSuffix(rest, "/converse-stream"))
}

// Path is what comes before the model.
func (Format) Path() string { return "/model/" }

// URL adds model and method to what comes before the model. A model that is an ARN
// is escaped: it is one part of the path.
func (Format) URL(place *url.URL, e dialect.Endpoint) *url.URL {
	u := *place
	method := "/converse"
	if e.Stream {
		method = "/converse-stream"
	}
	raw := u.EscapedPath() + url.PathEscape(e.Model)
	u.Path, u.RawPath = u.Path+e.Model+method, raw+method
	return &u
}

// FieldNames are Bedrock's words for OpenAI's fields.
func (Format) FieldNames() map[string]string {
	return map[string]string{
		"temperature": "inferenceConfig.temperature", "top_p": "inferenceConfig.topP", "max_tokens": "inferenceConfig.maxTokens",
		"stop": "inferenceConfig.stopSequences", "top_k": "additionalModelRequestFields.top_k",
		"reasoning_effort": "additionalModelRequestFields.output_config.effort",
		"response_format":  "outputConfig.textFormat", "tools": "toolConfig.tools", "tool_choice": "toolConfig.toolChoice",
	}
}

// StreamType is the media type of streams.
func (Format) StreamType(*dialect.Request) string { return eventstream.ContentType }
