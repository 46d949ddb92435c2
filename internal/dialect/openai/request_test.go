package openai_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

func ptr[T any](v T) *T { return &v }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// What can't be translated is rejected, and the error names the field.
func TestReadRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, field string }{
		{`{"logit_bias":{"5":1}}`, "logit_bias"},
		{`{"logprobs":true}`, "logprobs"},
		{`{"modalities":["text","audio"]}`, "modalities"},
		{`{"functions":[{}]}`, "functions"},
		{`{"web_search_options":{}}`, "web_search_options"},
		{`{"tools":[{"type":"custom","custom":{"name":"x"}}]}`, "tools[0].type"},
		{`{"tool_choice":"any"}`, "tool_choice"},
		{`{"tool_choice":{"type":"custom"}}`, "tool_choice.type"},
		{`{"response_format":{"type":"xml"}}`, "response_format.type"},
		{`{"messages":[{"role":"alien"}]}`, "messages[0].role"},
		{`{"messages":[{"role":"user","content":7}]}`, "messages[0].content"},
		{`{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]}`, "messages[0].content[0].file.file_id"},
		{`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}]}`, "messages[0].content[0].image_url.url"},
		{`{"messages":[{"role":"assistant","audio":{"id":"x"}}]}`, "messages[0].audio"},
		{`{"max_tokens":"9"}`, "max_tokens"},
		{`[]`, "body"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := openai.Format{}.ReadRequest([]byte(test.body))
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}

var hi = []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}

// If the format can't express something, the closest equivalent is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"a tool choice without tools", Request{Model: "m", Messages: hi, ToolChoice: ToolChoice{Mode: Auto, Single: true}}, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`},
		{"a budget is an effort", Request{Model: "o3", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Budget: 8000}}, `{"model":"o3","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"medium"}`},
		{"the highest effort", Request{Model: "gpt-5.4", Messages: hi, Thinking: Thinking{Effort: EffortMax}}, `{"model":"gpt-5.4","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"xhigh"}`},
		{"data as text", Request{Model: "m", Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{JSON{Value: raw(`{"a":1}`)}}}}}}},
			`{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"{\"a\":1}","tool_call_id":"c"}]}`},
		// Results can only be text, and those of parallel calls stay together (github.com/mozilla-ai/any-llm/pull/1312).
		{"images of results", Request{Model: "m", Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}, ToolCall{ID: "d", Name: "f", Arguments: raw(`{}`)}}},
			{Role: User, Parts: []Part{
				ToolResult{ID: "c", Parts: []Part{Text{Text: "a shot"}, Media{Type: "image/png", Data: "eA=="}}}, ToolResult{ID: "d", Parts: []Part{Text{Text: "done"}}}, Text{Text: "go on"}}}}},
			`{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"d","type":"function","function":{"name":"f","arguments":"{}"}}]},
				{"role":"tool","content":"a shot","tool_call_id":"c"},{"role":"tool","content":"done","tool_call_id":"d"},
				{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,eA=="}}]},{"role":"user","content":"go on"}]}`},
		// "Invalid 'user': string too long. Expected a string with maximum length 64" for Claude Code's metadata.user_id.
		{"an id of 64 characters", Request{Model: "m", Messages: hi, User: strings.Repeat("u", 64)},
			`{"model":"m","messages":[{"role":"user","content":"hi"}],"user":"` + strings.Repeat("u", 64) + `"}`},
		{"an id of 65 characters is its SHA-256", Request{Model: "m", Messages: hi, User: strings.Repeat("a", 65)},
			`{"model":"m","messages":[{"role":"user","content":"hi"}],"user":"635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := openai.Format{}.WriteRequest(&test.request, Traits{Original: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}

// Mistral says "Tool call id was turn1_0 but must be a-z, A-Z, 0-9, with a length of 9"
// (github.com/nearai/ironclaw/issues/1241).
func TestExactCallIDs(t *testing.T) {
	t.Parallel()
	call := func(id string) Part { return ToolCall{ID: id, Name: "f", Arguments: raw(`{}`)} }
	result := func(id string) Part { return ToolResult{ID: id, Parts: []Part{Text{Text: id}}} }
	ids := []string{"D681PevKs", "toolu_01A09q90qw90lq917835lq9", "toolu_01A09q90qw90lq917835lq8", "call_1-_2"}
	var calls, results []Part
	for _, id := range ids {
		calls, results = append(calls, call(id)), append(results, result(id))
	}
	body, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: []Message{{Role: Assistant, Parts: calls}, {Role: User, Parts: results}}}, Traits{CallIDLength: 9})
	require.NoError(t, err)
	var written struct {
		Messages []struct {
			Calls   []struct{ ID string } `json:"tool_calls"`
			CallID  string                `json:"tool_call_id"`
			Content string                `json:"content"`
		} `json:"messages"`
	}
	require.NoError(t, json.Unmarshal(body, &written))
	seen := map[string]bool{}
	for i, id := range ids {
		given := written.Messages[0].Calls[i].ID
		assert.Regexp(t, "^[a-zA-Z0-9]{9}$", given)
		assert.Equal(t, given, written.Messages[i+1].CallID)
		assert.Equal(t, id, written.Messages[i+1].Content)
		assert.False(t, seen[given], "ids are unique")
		seen[given] = true
	}
	assert.Equal(t, ids[0], written.Messages[0].Calls[0].ID, "an id that fits is unchanged")
}

// What Mistral accepts, and what it rejects with "Unexpected role 'user' after role 'tool'"
// (github.com/langchain-ai/langchain/issues/25150).
func TestResultsLast(t *testing.T) {
	t.Parallel()
	said := []Part{ToolResult{ID: "D681PevKs", Parts: []Part{Text{Text: "22"}}}, Text{Text: "And now?"}}
	shown := []Part{ToolResult{ID: "D681PevKs", Parts: []Part{Media{Type: "image/png", Data: "eA=="}}}}
	for content, parts := range map[string][]Part{
		`[{"type":"text","text":"22"},{"type":"text","text":"And now?"}]`:                                                      said,
		`[{"type":"text","text":"The result follows."},{"type":"image_url","image_url":{"url":"data:image/png;base64,eA=="}}]`: shown,
	} {
		body, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "D681PevKs", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: parts}, {Role: Assistant, Parts: []Part{Text{Text: "Hm."}}}, hi[0],
		}}, Traits{CallIDLength: 9, ResultsLast: true})
		require.NoError(t, err)
		assert.JSONEq(t, `{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"D681PevKs","type":"function","function":{"name":"f","arguments":"{}"}}]},
			{"role":"tool","content":`+content+`,"tool_call_id":"D681PevKs"},{"role":"assistant","content":"Hm."},{"role":"user","content":"hi"}]}`, string(body))
	}
}

// Mistral: "Expected last role User or Tool (or Assistant with prefix True) for serving but
// got assistant" (github.com/NEKOparapa/AiNiee/issues/641).
func TestPrefix(t *testing.T) {
	t.Parallel()
	begun := []Message{hi[0], {Role: Assistant, Parts: []Part{Text{Text: "The answer is"}}}}
	for _, test := range []struct {
		said []Message
		want string
	}{
		{begun, `{"role":"user","content":"hi"},{"role":"assistant","content":"The answer is","prefix":true}`},
		{append(begun, hi[0]), `{"role":"user","content":"hi"},{"role":"assistant","content":"The answer is"},{"role":"user","content":"hi"}`},
	} {
		body, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: test.said}, Traits{MarksPrefix: true})
		require.NoError(t, err)
		assert.JSONEq(t, `{"model":"m","messages":[`+test.want+`]}`, string(body))
	}
}

// Providers that adopted the format early use the old name of the token limit.
func TestLimitOfTokens(t *testing.T) {
	t.Parallel()
	for original, want := range map[bool]string{
		false: `{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":5}`,
		true:  `{"model":"m","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":5}`,
	} {
		body, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: hi, MaxTokens: ptr(int64(5))}, Traits{Original: original})
		require.NoError(t, err)
		assert.JSONEq(t, want, string(body))
	}
}

// https://github.com/BerriAI/litellm/pull/34569: with functions, only the effort none is
// accepted in chat completions.
func TestWriteToolsOrThoughts(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{"gpt-5.6-terra": `"reasoning_effort":"none"`, "gpt-5.1": `"reasoning_effort":"high"`, "openai/gpt-5.6-terra": `"reasoning_effort":"high"`} {
		body, err := openai.Format{}.WriteRequest(&Request{
			Model: model, Messages: []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}, Tools: []Tool{{Name: "f"}},
			Thinking: Thinking{Mode: ThinkingOn, Effort: EffortHigh},
		}, Traits{})
		require.NoError(t, err)
		assert.Contains(t, string(body), want, model)
	}
}

// Deviations of individual providers from OpenAI.
func TestTraits(t *testing.T) {
	t.Parallel()
	turns := []Message{
		{Role: User, Parts: []Part{Text{Text: "a"}}}, {Role: User, Parts: []Part{Text{Text: "b"}}},
	}
	for _, test := range []struct {
		name   string
		asked  Request
		traits Traits
		want   string
	}{
		{"Mistral's temperature (SillyTavern/SillyTavern#4856)", Request{Messages: turns[:1], Temperature: ptr(1.8)}, Traits{MaxTemperature: 1.5},
			`{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":1.5}`},
		{"Perplexity's turns (perplexityai/api-discussion#265)", Request{Messages: turns}, Traits{Alternates: true},
			`{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]}`},
		{"DeepSeek's JSON (UKGovernmentBEIS/inspect_ai#4916)", Request{Messages: turns[:1], Output: &Output{Schema: json.RawMessage(`{"type":"object"}`)}}, Traits{NoSchemas: true},
			`{"model":"m","messages":[{"role":"system","content":"Respond with JSON that follows this JSON Schema:\n{\"type\":\"object\"}"},{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}`},
		{"DeepSeek's texts (EvoScientist/EvoScientist#77)", Request{Messages: []Message{turns[0], {Role: Assistant, Parts: []Part{Text{Text: "b"}, Text{Text: "c"}}}, turns[1]}}, Traits{PlainRoles: []string{"assistant", "tool"}},
			`{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"bc"},{"role":"user","content":"b"}]}`},
		{"Mistral's efforts (vercel/ai#13688)", Request{Messages: turns[:1], Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}}, Traits{Efforts: []ModelEfforts{{Models: "m", Efforts: []Effort{"none", EffortHigh}}}},
			`{"model":"m","messages":[{"role":"user","content":"a"}],"reasoning_effort":"high"}`},
		{"and none (withceleste/celeste-python#311)", Request{Messages: turns[:1], Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}}, Traits{Efforts: []ModelEfforts{{Models: "m"}}},
			`{"model":"m","messages":[{"role":"user","content":"a"}]}`},
		{"Mistral's users", Request{Messages: turns[:1], User: "u"}, Traits{Refuses: []string{"user"}},
			`{"model":"m","messages":[{"role":"user","content":"a"}]}`},
		{"tools that are allowed, where only OpenAI can say so", Request{Messages: turns[:1], Tools: []Tool{{Name: "f"}, {Name: "g"}}, ToolChoice: ToolChoice{Mode: Auto, Only: []string{"g"}}}, Traits{},
			`{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"g"}}],"tool_choice":"auto"}`},
		{"and without a schema (browserbase/stagehand#1204)", Request{Messages: turns[:1], Output: &Output{}}, Traits{NoSchemas: true},
			`{"model":"m","messages":[{"role":"system","content":"Respond with JSON."},{"role":"user","content":"a"}],"response_format":{"type":"json_object"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.asked.Model = "m"
			body, err := openai.Format{}.WriteRequest(&test.asked, test.traits)
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
	image := Message{Role: User, Parts: []Part{Media{Type: "image/png", Data: "iVBORw0KGgo=", At: "messages[0].content[0]"}}}
	_, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: []Message{image}}, Traits{NoMedia: true})
	require.EqualError(t, err, "messages[0].content[0]: the provider accepts only text", "lessweb/deepcode-cli#50")
	_, err = openai.Format{}.WriteRequest(&Request{Model: "m", Messages: turns, Output: &Output{}, Tools: []Tool{{Name: "f"}}}, Traits{JSONAlone: true})
	require.EqualError(t, err, "response_format: the provider does not support JSON together with tools", "Groq: json mode cannot be combined with tool/function calling")
	_, err = openai.Format{}.WriteRequest(&Request{Model: "m", Messages: turns, Choices: 2}, Traits{OneChoice: true})
	require.ErrorContains(t, err, "n: ", "Groq: 'n' : number must be at most 1")
	_, err = openai.Format{}.WriteRequest(&Request{Model: "m", Messages: []Message{{Role: Assistant, Parts: []Part{Text{Text: "a"}}, At: "messages[0]"}}}, Traits{Alternates: true})
	require.ErrorContains(t, err, "messages[0]: ", "Perplexity")
	_, err = openai.Format{}.WriteRequest(&Request{Model: "m", Messages: append(turns[:1:1], Message{Role: Assistant, Parts: []Part{Text{Text: "b"}}, At: "messages[1]"})}, Traits{Alternates: true})
	require.ErrorContains(t, err, "messages[1]: ", "Perplexity: Last message must have role `user`")
}

// Messages from which a provider accepts nothing are dropped: "Assistant message must have either content or
// tool_calls" (Mistral).
func TestOnlyThoughts(t *testing.T) {
	t.Parallel()
	r := &Request{Model: "m", Messages: []Message{
		{Role: User, Parts: []Part{Text{Text: "a"}}}, {Role: Assistant, Parts: []Part{Thought{Text: "hm"}}}, {Role: User, Parts: []Part{Text{Text: "b"}}},
	}}
	body, err := openai.Format{}.WriteRequest(r, Traits{Thoughts: "none"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}`, string(body))
}
