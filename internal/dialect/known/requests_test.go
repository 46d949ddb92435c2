package known_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

func ptr[T any](v T) *T { return &v }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// bare returns a request without fields that only errors need and those that paths may have. Messages of the same
// role are joined: some formats split what others join.
func bare(r *Request) Request {
	out := *r
	out.Messages = nil
	for _, m := range r.Messages {
		if n := len(out.Messages); n > 0 && out.Messages[n-1].Role == m.Role {
			out.Messages[n-1].Parts = slices.Concat(out.Messages[n-1].Parts, m.Parts)
			continue
		}
		out.Messages = append(out.Messages, m)
	}
	for i, m := range out.Messages {
		m.At, m.Parts = "", unplaced(m.Parts)
		out.Messages[i] = m
	}
	out.Tools = slices.Clone(r.Tools)
	for i := range out.Tools {
		out.Tools[i].At, out.Tools[i].SchemaAt = "", ""
	}
	if r.Output != nil {
		o := *r.Output
		o.At = ""
		out.Output = &o
	}
	out.WantsUsage, out.Model, out.Stream = false, "", false
	return out
}

// unplaced returns parts without their fields in the client's request.
func unplaced(list []Part) []Part {
	var out []Part
	for _, p := range list {
		p = At(p, "")
		if r, ok := p.(ToolResult); ok {
			r.Parts = unplaced(r.Parts)
			p = r
		}
		out = append(out, p)
	}
	return out
}

const (
	all       = "openai anthropic google bedrock"
	schema    = `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`
	closed    = `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}`
	pixel     = "iVBORw0KGgo="
	signature = "c2lnbmVk"
)

func hello(parts ...Part) []Message {
	return []Message{{Role: User, Parts: append([]Part{Text{Text: "Hello"}}, parts...)}}
}

var (
	ask   = hello()[0]
	tools = []Tool{{Name: "weather", Schema: raw(schema)}}
)

// features are the features of a request, and the formats that can express them.
var features = []struct {
	name    string
	formats string
	request Request
}{
	{"a question", all, Request{Messages: hello()}},
	{"a conversation", all, Request{System: []Part{Text{Text: "Be brief."}}, Messages: []Message{
		{Role: User, Parts: []Part{Text{Text: "Hello"}}}, {Role: Assistant, Parts: []Part{Text{Text: "Hi."}}}, {Role: User, Parts: []Part{Text{Text: "Why?"}}},
	}}},
	{"text that JSON escapes", all, Request{Messages: hello(Text{Text: "<a> & \"b\"\n\u2028 ü😀"})}},
	{"sampling", all, Request{Messages: hello(), MaxTokens: ptr(int64(100)), Temperature: ptr(0.5), TopP: ptr(0.9), Stop: []string{"a", "b"}}},
	{"zero is not unset", all, Request{Messages: hello(), MaxTokens: ptr(int64(1)), Temperature: ptr(0.0), TopP: ptr(0.0)}},
	{"top_k", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9)), TopK: ptr(int64(40))}},
	{"seed and penalties", "openai google", Request{Messages: hello(), Seed: ptr(int64(7)), FrequencyPenalty: ptr(0.5), PresencePenalty: ptr(-0.5)}},
	{"several answers", "openai google", Request{Messages: hello(), Choices: 2}},
	{"an image", all, Request{Messages: hello(Media{Type: "image/png", Data: pixel})}},
	{"an image by URL", "openai anthropic google", Request{Messages: hello(Media{Type: "image/png", URL: "https://example.com/a.png"})}},
	{"a document", all, Request{Messages: hello(Media{Type: "application/pdf", Data: "JVBERi0=", Name: "a"})}},
	{"a plain document", "anthropic google bedrock", Request{Messages: hello(Media{Type: "text/plain", Data: "aGk=", Name: "a"})}},
	{"a PDF by URL", "anthropic google", Request{Messages: hello(Media{Type: "application/pdf", URL: "https://example.com/a.pdf"})}},
	{"a recording", "openai google bedrock", Request{Messages: hello(Media{Type: "audio/wav", Data: "UklGRg=="})}},
	{"tools", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Description: "The weather", Schema: raw(schema)}}}},
	{"strict tools", "openai anthropic bedrock", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(closed), Strict: ptr(true)}}}},
	{"auto", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Auto}}},
	{"none", "openai anthropic google", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: None}}},
	{"required", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Required}}},
	{"one tool", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Required, Only: []string{"weather"}}}},
	{"some tools", "openai google", Request{Messages: hello(), Tools: []Tool{{Name: "a", Schema: raw(schema)}, {Name: "b", Schema: raw(schema)}},
		ToolChoice: ToolChoice{Mode: Auto, Only: []string{"a", "b"}}}},
	{"one at a time", "openai anthropic", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Auto, Single: true}}},
	{"calls and results", all, Request{Tools: tools, Messages: []Message{
		{Role: User, Parts: []Part{Text{Text: "Hello"}}},
		{Role: Assistant, Parts: []Part{Text{Text: "I'll look."}, ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"city":"Oslo"}`)}, ToolCall{ID: "c2", Name: "time", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{Text: "Sunny"}}}, ToolResult{ID: "c2", Parts: []Part{Text{Text: "12:00"}}}}},
		{Role: Assistant, Parts: []Part{Text{Text: "Fine."}}},
	}}},
	{"failed results", "anthropic google bedrock", Request{Tools: tools, Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{Text: "no such city"}}, Failed: true}}},
	}}},
	{"results as data", "google bedrock", Request{Tools: tools, Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{JSON{Value: raw(`{"sun":1.50}`)}}}}},
	}}},
	{"an image as a result", "anthropic google bedrock", Request{Tools: tools, Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "look", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{Text: "here"}, Media{Type: "image/png", Data: pixel}}}}},
	}}},
	{"a result and a text", "openai anthropic bedrock", Request{Tools: tools, Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{Text: "Sunny"}}}, Text{Text: "And now?"}}},
	}}},
	{"wrong arguments", all, Request{Tools: tools, Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"INVALID_JSON":"{\"city\":"}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{Text: "What?"}}}}},
	}}},
	{"JSON by schema", all, Request{Messages: hello(), Output: &Output{Schema: raw(closed)}}},
	{"JSON by a schema with a name", "openai bedrock", Request{Messages: hello(), Output: &Output{Schema: raw(closed), Name: "weather", Description: "d"}}},
	{"JSON", "openai google", Request{Messages: hello(Text{Text: "Respond in JSON."}), Output: &Output{}}},
	{"effort", "openai google", Request{Model: "gpt-5", Messages: hello(), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortMinimal}}},
	{"a budget", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Budget: 2000}}},
	{"thinking as the model decides", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingAdaptive}}},
	{"no thinking", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOff}}},
	{"effort with thinking", "anthropic bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Budget: 2000, Effort: EffortMax}}},
	{"signed thoughts", "anthropic bedrock", Request{Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{Thought{Text: "Hm", Signature: Signature{By: Claude, Value: signature}}, Text{Text: "Yes."}}}, {Role: User, Parts: []Part{Text{Text: "Why?"}}},
	}}},
	{"encrypted thoughts", "anthropic bedrock", Request{Messages: []Message{ask, {Role: Assistant, Parts: []Part{Thought{Redacted: signature}, Text{Text: "Yes."}}}}}},
	{"a signed call", "google", Request{Messages: []Message{
		ask, {Role: Assistant, Parts: []Part{Thought{Signature: Signature{By: Gemini, Value: signature}}, ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{Text{Text: "x"}}}}},
	}}},
	{"the end user", "openai anthropic", Request{Messages: hello(), User: "u_1"}},
	{"cache points", "anthropic bedrock", Request{
		System: []Part{Text{Text: "Long."}, CachePoint{TTL: "1h"}}, Messages: hello(CachePoint{}),
		Tools: []Tool{{Name: "weather", Schema: raw(schema), Cache: &CachePoint{TTL: "1h"}}},
	}},
}

func can(name, list string) bool { return slices.Contains(strings.Fields(list), name) }

// A feature that two formats can both express survives the translation from one to the other and back.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	for _, f := range features {
		for from := range formats {
			for to := range formats {
				if !can(from, f.formats) || !can(to, f.formats) {
					continue
				}
				t.Run(f.name+", "+from+" to "+to, func(t *testing.T) {
					first := f.request
					got := &first
					for _, format := range []Chat{formats[from], formats[to], formats[from]} {
						got.Model = f.request.Model // it may be in the path
						body, err := format.WriteRequest(got, traits)
						require.NoError(t, err)
						got, err = format.ReadRequest(body)
						require.NoError(t, err, "%s", body)
					}
					want, have := bare(&f.request), bare(got)
					forgive(&want, &have)
					assert.Equal(t, want, have)
				})
			}
		}
	}
}

// forgive removes what a format must add.
func forgive(want, have *Request) {
	if want.MaxTokens == nil { // Anthropic's default
		have.MaxTokens = nil
	}
	if want.Output != nil && want.Output.Name == "" && have.Output != nil {
		have.Output.Name = "" // OpenAI's default name for a schema
	}
	if want.Thinking.Show == nil { // Google shows thoughts only on request
		have.Thinking.Show = nil
	}
	for i := range have.Messages {
		for j, p := range have.Messages[i].Parts {
			switch p := p.(type) {
			case ToolResult: // Google needs the tool's name
				p.Name = ""
				have.Messages[i].Parts[j] = p
			case Media: // not all formats have a name for it
				want := &want.Messages[i].Parts[j]
				if m, ok := (*want).(Media); ok {
					m.Name, p.Name = "", ""
					*want, have.Messages[i].Parts[j] = m, p
				}
			}
		}
	}
}

// What a format can't express is rejected, and the error names the field.
func TestRefusals(t *testing.T) {
	t.Parallel()
	single := Request{Messages: hello(), Tools: []Tool{{Name: "f"}}, ToolChoice: ToolChoice{Single: true}}
	media := func(m Media) Request {
		m.At = "messages[3]"
		return Request{Messages: []Message{{Role: User, Parts: []Part{m}}}}
	}
	for _, test := range []struct {
		name    string
		to      string
		request Request
		field   string
	}{
		{"hot", "anthropic", Request{Temperature: ptr(2.5)}, "temperature"},
		{"hot", "bedrock", Request{Temperature: ptr(2.5)}, "temperature"},
		{"several answers", "anthropic", Request{Choices: 2}, "n"},
		{"several answers", "bedrock", Request{Choices: 2}, "n"},
		{"JSON without a schema", "anthropic", Request{Messages: hello(), Output: &Output{}}, "response_format"},
		{"JSON without a schema", "bedrock", Request{Messages: hello(), Output: &Output{}}, "response_format"},
		{"one call at a time", "google", single, "parallel_tool_calls"},
		{"one call at a time", "bedrock", single, "parallel_tool_calls"},
		{"an image by URL", "bedrock", media(Media{Image: true, URL: "https://example.com/x"}), "messages[3]"},
		{"a document by URL", "openai", media(Media{Type: "application/pdf", URL: "https://example.com/x.pdf"}), "messages[3]"},
		{"a recording", "anthropic", media(Media{Type: "audio/wav", Data: "x"}), "messages[3]"},
		{"a video", "openai", media(Media{Type: "video/mp4", Data: "x"}), "messages[3]"},
		{"a video", "anthropic", media(Media{Type: "video/mp4", Data: "x"}), "messages[3]"},
		{"a table", "anthropic", media(Media{Type: "text/csv", URL: "s3://x"}), "messages[3]"},
		{"Amazon's storage", "google", media(Media{Type: "image/png", URL: "s3://x"}), "messages[3]"},
		{"Google's storage", "openai", media(Media{Type: "image/png", URL: "gs://x"}), "messages[3]"},
		{"a result without a call", "google", Request{Messages: []Message{{Role: User, Parts: []Part{ToolResult{ID: "x", At: "messages[3]"}}}}}, "messages[3]"},
		{"a video as a result", "openai", Request{Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "x", Name: "f", Arguments: raw(`{}`)}}},
			{Role: User, Parts: []Part{ToolResult{ID: "x", Parts: []Part{Media{Type: "video/mp4", Data: "x"}}, At: "messages[3]"}}}}}, "messages[3]"},
	} {
		t.Run(test.name+" to "+test.to, func(t *testing.T) {
			_, err := formats[test.to].WriteRequest(&test.request, traits)
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
			assert.NotEmpty(t, field.Problem)
		})
	}
}

// Field names are the client's.
func TestInWordsOf(t *testing.T) {
	t.Parallel()
	_, err := Anthropic.WriteRequest(&Request{Choices: 2}, traits)
	var field *FieldError
	require.ErrorAs(t, InWordsOf(Google, err), &field)
	assert.Equal(t, "generationConfig.candidateCount", field.Field)
	require.ErrorAs(t, InWordsOf(OpenAI, err), &field)
	assert.Equal(t, "n", field.Field)
}
