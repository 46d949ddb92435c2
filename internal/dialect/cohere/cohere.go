// Package cohere is the wire format of Cohere's own API: chat, embeddings and
// reranking. Its conversations are not translated, because Cohere has an endpoint in
// OpenAI's format for them.
package cohere

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Format is the format.
type Format struct{}

// Name returns the format's name.
func (Format) Name() dialect.Name { return "cohere" }

// Headers returns the format's headers.
func (Format) Headers() dialect.Headers {
	return dialect.Headers{Credential: dialect.Credential{Header: "Authorization", Scheme: "Bearer "}}
}

// endpoints are recognized by the end of their paths. Other providers rerank at the same path.
var endpoints = []struct {
	suffix string
	dialect.Endpoint
}{
	{"/v2/chat", dialect.Endpoint{Operation: dialect.NativeChat, NeedsModel: true, UsesTokens: true}},
	{"/v1/chat", dialect.Endpoint{Operation: dialect.NativeChat, UsesTokens: true}},
	{"/v2/embed", dialect.Endpoint{Operation: dialect.Embed, NeedsModel: true, UsesTokens: true}},
	{"/v1/embed", dialect.Endpoint{Operation: dialect.Embed, UsesTokens: true}},
	{"/rerank", dialect.Endpoint{Operation: dialect.Rerank}},
}

// Find returns the endpoint that a URL names.
func (f Format) Find(u *url.URL) (dialect.Endpoint, bool) {
	path := strings.TrimSuffix(u.Path, "/")
	for _, known := range endpoints {
		if strings.HasSuffix(path, known.suffix) {
			e := known.Endpoint
			e.Format = f
			return e, true
		}
	}
	return dialect.Endpoint{}, false
}

// ReadFacts reads model and stream.
func (Format) ReadFacts(f *dialect.Facts, body dialect.Object) error {
	f.Stream = body.True("stream")
	return f.SetModel(body.Get("model"))
}

// CountPrompt counts the characters of a prompt, or of the text to embed.
func (Format) CountPrompt(body []byte) int64 {
	return dialect.CountPrompt(body, "tools", "messages", "message", "preamble", "chat_history", "documents", "texts", "inputs")
}

// counts are tokens, or billed units.
type counts struct {
	Input    wire.Count `json:"input_tokens"`
	Output   wire.Count `json:"output_tokens"`
	Searches wire.Count `json:"search_units"`
}

// usageReport is the usage of a chat, the meta of the other endpoints, and the usage of other providers' rerankings.
type usageReport struct {
	Billed counts     `json:"billed_units"`
	Tokens counts     `json:"tokens"`
	Cached wire.Count `json:"cached_tokens"`
	Total  wire.Count `json:"total_tokens"`
}

// report is a whole response. The end of a stream has the same in its delta; in the first version of the API, it has
// the whole response.
type report struct {
	ID       string       `json:"id"`
	Model    string       `json:"model"`
	Usage    *usageReport `json:"usage"`
	Meta     *usageReport `json:"meta"`
	Delta    *report      `json:"delta"`
	Response *report      `json:"response"`
}

// ReadUsage reads the usage in a response.
func (Format) ReadUsage(body []byte) (dialect.Usage, bool) {
	var r report
	if wire.DecodeResponse(body, &r) != nil {
		return dialect.Usage{}, false
	}
	u := dialect.Usage{Model: r.Model, ResponseID: r.ID}
	return u, r.applyTo(&u)
}

// applyTo sets the reported counts; false if there are none.
func (r *report) applyTo(u *dialect.Usage) bool {
	if r == nil {
		return false
	}
	reported := false
	for _, t := range []*usageReport{r.Usage, r.Meta} {
		if t != nil {
			t.applyTo(u)
			reported = reported || *t != usageReport{}
		}
	}
	return r.Delta.applyTo(u) || r.Response.applyTo(u) || reported
}

// applyTo sets the reported counts. Cohere also counts tokens that it adds itself, but bills only those of the
// request and the response.
func (t *usageReport) applyTo(u *dialect.Usage) {
	u.InputTokens = max(t.Tokens.Input, t.Billed.Input, t.Total).Int()
	u.OutputTokens = max(t.Tokens.Output, t.Billed.Output).Int()
	u.CachedTokens = t.Cached.Int()
	u.Searches = t.Billed.Searches.Int()
	if t.Billed.Input > 0 {
		u.UnbilledInputTokens = u.InputTokens - t.Billed.Input.Int()
	}
	if t.Billed.Output > 0 {
		u.UnbilledOutputTokens = u.OutputTokens - t.Billed.Output.Int()
	}
}

// CountText counts the text in a whole response.
func (Format) CountText(body []byte) int64 { return jsonscan.Characters(body, text...) }

var text = []string{"text", "thinking", "arguments", "tool_plan"}

// meter reads the events of a chat.
type meter struct{ dialect.Tally }

// NewMeter returns a reader of a stream.
func (Format) NewMeter(dialect.Operation) dialect.Meter { return &meter{} }

// Read parses an event. The end of a message is the last event; if [DONE] follows, the event is held back until then.
func (m *meter) Read(kind string, data []byte) ending.Class {
	class := ending.OfEvent(kind, data)
	var e struct {
		Type  string `json:"type"`
		Event string `json:"event_type"` // in the first version
		report
	}
	if class == ending.Heartbeat || ending.IsDone(data) || wire.DecodeResponse(data, &e) != nil {
		return class
	}
	if e.ID != "" {
		m.Used.ResponseID = e.ID
	}
	switch {
	case kind == "message-end" || e.Type == "message-end" || e.Event == "stream-end":
		m.Reported = e.applyTo(&m.Used) || m.Reported
		if class == ending.Content {
			class = ending.Last
		}
	default:
		m.Text += jsonscan.Characters(data, text...)
	}
	return class
}

// Example returns no example: those of the catalog's models are of OpenAI's format.
func (Format) Example(dialect.Operation, string) (dialect.Example, bool) {
	return dialect.Example{}, false
}
