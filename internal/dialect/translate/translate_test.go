package translate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	. "github.com/lavapayments/lava-go/internal/dialect/translate"
)

var formats = map[string]Format{"openai": OpenAI, "anthropic": Anthropic, "google": Google, "bedrock": Bedrock}

func ptr[T any](v T) *T { return &v }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// bare is a request without what only errors need, and what paths say. Messages
// of the same speaker are one: some formats part what others join.
func bare(r *Request) Request {
	out := *r
	out.Messages = nil
	for _, m := range r.Messages {
		if n := len(out.Messages); n > 0 && out.Messages[n-1].Role == m.Role {
			out.Messages[n-1].Parts = slices.Concat(out.Messages[n-1].Parts, m.Parts)
			continue
		}
		m.At = ""
		out.Messages = append(out.Messages, m)
	}
	out.WantsUsage, out.Model, out.Stream = false, "", false
	return out
}

const (
	all       = "openai anthropic google bedrock"
	schema    = `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}`
	pixel     = "iVBORw0KGgo="
	signature = "c2lnbmVk"
)

func hello(parts ...Part) []Message {
	return []Message{{Role: User, Parts: append([]Part{Text{"Hello"}}, parts...)}}
}

// features is what a request can hold, and which formats can express it.
var features = []struct {
	name    string
	formats string
	request Request
}{
	{"a question", all, Request{Messages: hello()}},
	{"a conversation", all, Request{System: []Part{Text{"Be brief."}}, Messages: []Message{
		{Role: User, Parts: []Part{Text{"Hello"}}}, {Role: Assistant, Parts: []Part{Text{"Hi."}}}, {Role: User, Parts: []Part{Text{"Why?"}}},
	}}},
	{"text that JSON escapes", all, Request{Messages: hello(Text{"<a> & \"b\"\n\u2028 ü😀"})}},
	{"sampling", all, Request{Messages: hello(), MaxTokens: ptr(int64(100)), Temperature: ptr(0.5), TopP: ptr(0.9), Stop: []string{"a", "b"}}},
	{"zero is not unset", all, Request{Messages: hello(), MaxTokens: ptr(int64(1)), Temperature: ptr(0.0), TopP: ptr(0.0)}},
	{"top_k", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9)), TopK: ptr(int64(40))}},
	{"seed and penalties", "openai google", Request{Messages: hello(), Seed: ptr(int64(7)), FrequencyPenalty: ptr(0.5), PresencePenalty: ptr(-0.5)}},
	{"several answers", "openai google", Request{Messages: hello(), Choices: 2}},
	{"an image", all, Request{Messages: hello(Media{Type: "image/png", Data: pixel})}},
	{"an image by URL", "openai anthropic google", Request{Messages: hello(Media{Type: "image/png", URL: "https://example.com/a.png"})}},
	{"a document", all, Request{Messages: hello(Media{Type: "application/pdf", Data: "JVBERi0=", Name: "a"})}},
	{"a plain document", "openai anthropic google bedrock", Request{Messages: hello(Media{Type: "text/plain", Data: "aGk=", Name: "a"})}},
	{"a PDF by URL", "anthropic google", Request{Messages: hello(Media{Type: "application/pdf", URL: "https://example.com/a.pdf"})}},
	{"a recording", "openai google bedrock", Request{Messages: hello(Media{Type: "audio/wav", Data: "UklGRg=="})}},
	{"tools", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Description: "The weather", Schema: raw(schema)}}}},
	{"strict tools", "openai anthropic bedrock", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema), Strict: ptr(true)}}}},
	{"auto", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Auto}}},
	{"none", "openai anthropic google", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: None}}},
	{"required", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Required}}},
	{"one tool", all, Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Required, Only: []string{"weather"}}}},
	{"some tools", "openai google", Request{Messages: hello(), Tools: []Tool{{Name: "a", Schema: raw(schema)}, {Name: "b", Schema: raw(schema)}},
		ToolChoice: ToolChoice{Mode: Auto, Only: []string{"a", "b"}}}},
	{"one at a time", "openai anthropic", Request{Messages: hello(), Tools: []Tool{{Name: "weather", Schema: raw(schema)}}, ToolChoice: ToolChoice{Mode: Auto, Single: true}}},
	{"calls and results", all, Request{Messages: []Message{
		{Role: User, Parts: []Part{Text{"Hello"}}},
		{Role: Assistant, Parts: []Part{Text{"I'll look."}, ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"city":"Oslo"}`)}, ToolCall{ID: "c2", Name: "time", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{"Sunny"}}}, ToolResult{ID: "c2", Parts: []Part{Text{"12:00"}}}}},
		{Role: Assistant, Parts: []Part{Text{"Fine."}}},
	}}},
	{"failed results", "anthropic google bedrock", Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{"no such city"}}, Failed: true}}},
	}}},
	{"results as data", "google bedrock", Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{JSON{raw(`{"sun":1.50}`)}}}}},
	}}},
	{"an image as a result", "anthropic google bedrock", Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "look", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{"here"}, Media{Type: "image/png", Data: pixel}}}}},
	}}},
	{"a result and more", "openai anthropic bedrock", Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c1", Parts: []Part{Text{"Sunny"}}}, Text{"And now?"}}},
	}}},
	{"wrong arguments", all, Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c1", Name: "weather", Arguments: raw(`{"INVALID_JSON":"{\"city\":"}`)}}},
	}}},
	{"JSON by schema", all, Request{Messages: hello(), Output: &Output{Schema: raw(schema)}}},
	{"JSON by a schema with a name", "openai bedrock", Request{Messages: hello(), Output: &Output{Schema: raw(schema), Name: "weather", Description: "d"}}},
	{"JSON", "openai google", Request{Messages: hello(), Output: &Output{}}},
	{"effort", "openai google", Request{Messages: hello(), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortMinimal}}},
	{"a budget", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Budget: 2000}}},
	{"thinking as the model sees fit", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingAdaptive}}},
	{"no thinking", "anthropic google bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOff}}},
	{"effort beside thinking", "anthropic bedrock", Request{Messages: hello(), MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Budget: 2000, Effort: EffortMax}}},
	{"signed thoughts", "anthropic google bedrock", Request{Messages: []Message{
		{Role: Assistant, Parts: []Part{Thought{Text: "Hm", Signature: signature}, Text{"Yes."}}}, {Role: User, Parts: []Part{Text{"Why?"}}},
	}}},
	{"encrypted thoughts", "anthropic bedrock", Request{Messages: []Message{{Role: Assistant, Parts: []Part{Thought{Redacted: signature}, Text{"Yes."}}}}}},
	{"a signed call", "openai google", Request{Messages: []Message{{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`), Signature: signature}}}}}},
	{"the end user", "openai anthropic", Request{Messages: hello(), User: "u_1"}},
	{"cache points", "anthropic bedrock", Request{
		System: []Part{Text{"Long."}, CachePoint{TTL: "1h"}}, Messages: hello(CachePoint{}),
		Tools: []Tool{{Name: "weather", Schema: raw(schema), Cache: &CachePoint{TTL: "5m"}}},
	}},
}

func can(name, list string) bool { return slices.Contains(strings.Fields(list), name) }

// What two formats can both express goes from one to the other and back, and is
// the same.
func TestRoundTrips(t *testing.T) {
	for _, f := range features {
		for from := range formats {
			for to := range formats {
				if !can(from, f.formats) || !can(to, f.formats) {
					continue
				}
				t.Run(f.name+", "+from+" to "+to, func(t *testing.T) {
					got := &f.request
					for _, format := range []Format{formats[from], formats[to], formats[from]} {
						body, err := format.WriteRequest(got)
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

// forgive takes out what a format must add.
func forgive(want, have *Request) {
	if want.MaxTokens == nil { // Anthropic's default
		have.MaxTokens = nil
	}
	if want.Output != nil && want.Output.Name == "" && have.Output != nil {
		have.Output.Name = "" // OpenAI's name for a schema without one
	}
	if want.Thinking.Show == nil { // Google shows no thoughts unless asked
		have.Thinking.Show = nil
	}
	for i := range have.Messages {
		for j, p := range have.Messages[i].Parts {
			switch p := p.(type) {
			case ToolResult: // Google needs the tool's name
				p.Name = ""
				have.Messages[i].Parts[j] = p
			case Media: // not all have a name for it
				want := &want.Messages[i].Parts[j]
				if m, ok := (*want).(Media); ok {
					m.Name, p.Name = "", ""
					*want, have.Messages[i].Parts[j] = m, p
				}
			}
		}
	}
}

// What a format can't express is refused, and the field named.
func TestRefusals(t *testing.T) {
	calls := Request{Messages: []Message{{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}},
		Tools: []Tool{{Name: "f"}}, ToolChoice: ToolChoice{Mode: None}}
	single := Request{Tools: []Tool{{Name: "f"}}, ToolChoice: ToolChoice{Single: true}}
	media := func(m Media) Request {
		return Request{Messages: []Message{{Role: User, Parts: []Part{m}, At: "messages[3]"}}}
	}
	for _, test := range []struct {
		name    string
		to      string
		request Request
		field   string
	}{
		{"hot", "anthropic", Request{Temperature: ptr(1.5)}, "temperature"},
		{"hot", "bedrock", Request{Temperature: ptr(1.5)}, "temperature"},
		{"several answers", "anthropic", Request{Choices: 2}, "n"},
		{"several answers", "bedrock", Request{Choices: 2}, "n"},
		{"JSON without a schema", "anthropic", Request{Output: &Output{}}, "response_format"},
		{"JSON without a schema", "bedrock", Request{Output: &Output{}}, "response_format"},
		{"one call at a time", "google", single, "parallel_tool_calls"},
		{"one call at a time", "bedrock", single, "parallel_tool_calls"},
		{"no tool after calls", "bedrock", calls, "tool_choice"},
		{"an image by URL", "bedrock", media(Media{Image: true, URL: "https://example.com/x"}), "messages[3]"},
		{"a document by URL", "openai", media(Media{Type: "application/pdf", URL: "https://example.com/x.pdf"}), "messages[3]"},
		{"a recording", "anthropic", media(Media{Type: "audio/wav", Data: "x"}), "messages[3]"},
		{"a film", "openai", media(Media{Type: "video/mp4", Data: "x"}), "messages[3]"},
		{"a film", "anthropic", media(Media{Type: "video/mp4", Data: "x"}), "messages[3]"},
		{"a table", "anthropic", media(Media{Type: "text/csv", URL: "s3://x"}), "messages[3]"},
		{"Amazon's storage", "google", media(Media{Type: "image/png", URL: "s3://x"}), "messages[3]"},
		{"Google's storage", "openai", media(Media{Type: "image/png", URL: "gs://x"}), "messages[3]"},
		{"a result of no call", "google", Request{Messages: []Message{{Role: User, Parts: []Part{ToolResult{ID: "x"}}, At: "messages[3]"}}}, "messages[3]"},
		{"an image as a result", "openai", Request{Messages: []Message{{Role: User, Parts: []Part{ToolResult{ID: "x", Parts: []Part{Media{Type: "image/png", Data: "x"}}}}, At: "messages[3]"}}}, "messages[3]"},
	} {
		t.Run(test.name+" to "+test.to, func(t *testing.T) {
			_, err := formats[test.to].WriteRequest(&test.request)
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
			assert.NotEmpty(t, field.Problem)
		})
	}
	for _, test := range []struct{ from, body, field string }{
		{"openai", `{"logit_bias":{"5":1}}`, "logit_bias"},
		{"openai", `{"logprobs":true}`, "logprobs"},
		{"openai", `{"modalities":["text","audio"]}`, "modalities"},
		{"openai", `{"functions":[{}]}`, "functions"},
		{"openai", `{"web_search_options":{}}`, "web_search_options"},
		{"openai", `{"tools":[{"type":"custom","custom":{"name":"x"}}]}`, "tools[0].type"},
		{"openai", `{"tool_choice":"any"}`, "tool_choice"},
		{"openai", `{"tool_choice":{"type":"custom"}}`, "tool_choice.type"},
		{"openai", `{"response_format":{"type":"xml"}}`, "response_format.type"},
		{"openai", `{"messages":[{"role":"alien"}]}`, "messages[0].role"},
		{"openai", `{"messages":[{"role":"user","content":7}]}`, "messages[0].content"},
		{"openai", `{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}`, "messages[0].content[0].file.file_id"},
		{"openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}]}`, "messages[0].content[0].image_url.url"},
		{"openai", `{"messages":[{"role":"assistant","audio":{"id":"x"}}]}`, "messages[0].audio"},
		{"openai", `{"max_tokens":"9"}`, "max_tokens"},
		{"openai", `[]`, "body"},
		{"anthropic", `{"tools":[{"type":"web_search_20250305","name":"web_search"}]}`, "tools[0].type"},
		{"anthropic", `{"mcp_servers":[{}]}`, "mcp_servers"},
		{"anthropic", `{"tool_choice":{"type":"some"}}`, "tool_choice.type"},
		{"anthropic", `{"messages":[{"role":"user","content":[{"type":"search_result"}]}]}`, "messages[0].content[0].type"},
		{"anthropic", `{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"x"}}]}]}`, "messages[0].content[0].source.type"},
		{"google", `{"cachedContent":"x"}`, "cachedContent"},
		{"google", `{"tools":[{"googleSearch":{}}]}`, "tools[0].googleSearch"},
		{"google", `{"tools":[{"code_execution":{}}]}`, "tools[0].codeExecution"},
		{"google", `{"generationConfig":{"responseModalities":["IMAGE"]}}`, "generationConfig.responseModalities"},
		{"google", `{"generationConfig":{"responseLogprobs":true}}`, "generationConfig.responseLogprobs"},
		{"google", `{"contents":[{"role":"alien"}]}`, "contents[0].role"},
		{"google", `{"contents":[{"parts":[{"executableCode":{}}]}]}`, "contents[0].parts[0]"},
		{"google", `{"toolConfig":{"functionCallingConfig":{"mode":"SOME"}}}`, "toolConfig.functionCallingConfig.mode"},
		{"bedrock", `{"guardrailConfig":{}}`, "guardrailConfig"},
		{"bedrock", `{"toolConfig":{"tools":[{"systemTool":{"name":"x"}}]}}`, "toolConfig.tools[0]"},
		{"bedrock", `{"messages":[{"role":"system"}]}`, "messages[0].role"},
		{"bedrock", `{"messages":[{"role":"user","content":[{"guardContent":{}}]}]}`, "messages[0].content[0]"},
	} {
		t.Run(test.from+" "+test.body, func(t *testing.T) {
			_, err := formats[test.from].ReadRequest([]byte(test.body))
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}

// Where one format has no word, the next best is written.
func TestSubstitutes(t *testing.T) {
	tool := Tool{Name: "f", Schema: raw(`{}`)}
	for _, test := range []struct {
		name    string
		to      string
		request Request
		want    string
	}{
		{"Anthropic needs a limit", "anthropic", Request{Model: "m"}, `{"model":"m","max_tokens":4096,"messages":[]}`},
		{"a limit that holds the thoughts", "anthropic", Request{Model: "m", Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}},
			`{"model":"m","max_tokens":5120,"messages":[],"thinking":{"type":"enabled","budget_tokens":1024}}`},
		{"a budget below the limit", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(3000)), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortHigh}},
			`{"model":"m","max_tokens":3000,"messages":[],"thinking":{"type":"enabled","budget_tokens":2999}}`},
		{"no room for thoughts", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(1000)), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortHigh}},
			`{"model":"m","max_tokens":1000,"messages":[]}`},
		{"no thinking in the middle of unsigned work", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}, Messages: []Message{
			{Role: User, Parts: []Part{Text{"x"}}}, {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c"}}}}},
			`{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}`},
		{"no thinking where a tool must be called", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}, Tools: []Tool{tool}, ToolChoice: ToolChoice{Mode: Required}},
			`{"model":"m","max_tokens":9000,"messages":[],"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"}}`},
		{"a choice among no tools", "openai", Request{Model: "m", ToolChoice: ToolChoice{Mode: Auto, Single: true}}, `{"model":"m","messages":[]}`},
		{"results first, in one message", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: []Message{
			{Role: User, Parts: []Part{Text{"y"}, ToolResult{ID: "c", Parts: []Part{Text{"r"}}}}}, {Role: User, Parts: []Part{ToolResult{ID: "d", Parts: []Part{Text{"s"}}}}}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"r"},{"type":"tool_result","tool_use_id":"d","content":"s"},{"type":"text","text":"y"}]}]}`},
		{"unsigned thoughts are dropped", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: []Message{{Role: Assistant, Parts: []Part{Thought{Text: "hm"}, Text{"x"}}}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":"x"}]}`},
		{"some tools are those tools", "anthropic", Request{Model: "m", MaxTokens: ptr(int64(1)), Tools: []Tool{tool, {Name: "g"}}, ToolChoice: ToolChoice{Mode: Required, Only: []string{"f", "h"}}},
			`{"model":"m","max_tokens":1,"messages":[],"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"}}`},
		{"a tool without arguments", "bedrock", Request{Tools: []Tool{{Name: "f"}}}, `{"messages":[],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"none is no tools", "bedrock", Request{Tools: []Tool{tool}, ToolChoice: ToolChoice{Mode: None}}, `{"messages":[]}`},
		{"a budget is an effort", "openai", Request{Model: "m", Thinking: Thinking{Mode: ThinkingOn, Budget: 8000}}, `{"model":"m","messages":[],"reasoning_effort":"medium"}`},
		{"the highest effort", "openai", Request{Model: "m", Thinking: Thinking{Effort: EffortMax}}, `{"model":"m","messages":[],"reasoning_effort":"xhigh"}`},
		{"an effort is a budget for Gemini 2.5", "google", Request{Model: "gemini-2.5-pro", Thinking: Thinking{Mode: ThinkingOn, Effort: EffortMedium}},
			`{"contents":[],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}}`},
		{"and a level for Gemini 3", "google", Request{Model: "gemini-3-pro", Thinking: Thinking{Mode: ThinkingOn, Effort: EffortXHigh}},
			`{"contents":[],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}}`},
		{"data as text", "openai", Request{Model: "m", Messages: []Message{{Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{JSON{raw(`{"a":1}`)}}}}}}},
			`{"model":"m","messages":[{"role":"tool","content":"{\"a\":1}","tool_call_id":"c"}]}`},
		{"an object of text", "google", Request{Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{Text{` {"a":1}`}}}}}}},
			`{"contents":[{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"a":1}}}]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			body, err := formats[test.to].WriteRequest(&test.request)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
	body, err := OpenAILike.WriteRequest(&Request{Model: "m", MaxTokens: ptr(int64(5))})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"m","messages":[],"max_tokens":5}`, string(body))
}

// Field names are the client's.
func TestNamed(t *testing.T) {
	_, err := Anthropic.WriteRequest(&Request{Choices: 2})
	var field *FieldError
	require.ErrorAs(t, Named(dialect.Google, err), &field)
	assert.Equal(t, "generationConfig.candidateCount", field.Field)
	require.ErrorAs(t, Named(dialect.OpenAI, err), &field)
	assert.Equal(t, "n", field.Field)
}
