package anthropic_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
)

func ptr[T any](v T) *T { return &v }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// What can't be translated is rejected, and the error names the field.
func TestReadRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, field string }{
		{`{"tools":[{"type":"web_search_20250305","name":"web_search"}]}`, "tools[0].type"},
		{`{"mcp_servers":[{}]}`, "mcp_servers"},
		{`{"tool_choice":{"type":"some"}}`, "tool_choice.type"},
		{`{"messages":[{"role":"user","content":[{"type":"search_result"}]}]}`, "messages[0].content[0].type"},
		{`{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"x"}}]}]}`, "messages[0].content[0].source.type"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := anthropic.Format{}.ReadRequest([]byte(test.body))
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}

// If the format can't express something, the closest equivalent is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	tool := Tool{Name: "f", Schema: raw(`{}`)}
	hi := []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}
	calls := []Message{
		{Role: User, Parts: []Part{Text{Text: "x"}}}, {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}, ToolCall{ID: "d", Name: "f", Arguments: raw(`{}`)}}},
		{Role: User, Parts: []Part{Text{Text: "y"}, ToolResult{ID: "c", Parts: []Part{Text{Text: "r"}}}}}, {Role: User, Parts: []Part{ToolResult{ID: "d", Parts: []Part{Text{Text: "s"}}}}},
	}
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"Anthropic needs a limit", Request{Model: "m", Messages: hi}, `{"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]}`},
		{"a limit that includes the thoughts", Request{Model: "m", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}},
			`{"model":"m","max_tokens":5120,"messages":[{"role":"user","content":"hi"}],"thinking":{"type":"enabled","budget_tokens":1024}}`},
		{"the limit is the model's", Request{Model: "m", MaxOutput: 64000, Messages: hi}, `{"model":"m","max_tokens":64000,"messages":[{"role":"user","content":"hi"}]}`},
		{"a limit that is too high is passed on", Request{Model: "m", MaxOutput: 8192, MaxTokens: ptr(int64(9000)), Messages: hi}, `{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"hi"}]}`},
		{"thoughts leave room for the response", Request{Model: "claude-opus-4-0", MaxOutput: 32000, Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortXHigh}},
			`{"model":"claude-opus-4-0","max_tokens":32000,"messages":[{"role":"user","content":"hi"}],"thinking":{"type":"enabled","budget_tokens":27904}}`},
		// "Values greater than 1 are capped at 1" (platform.claude.com/docs/en/api/openai-sdk)
		{"the highest temperature", Request{Model: "m", MaxTokens: ptr(int64(9)), Messages: hi, Temperature: ptr(1.7)}, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"temperature":1}`},
		{"a budget below the limit", Request{Model: "m", MaxTokens: ptr(int64(3000)), Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortHigh}},
			`{"model":"m","max_tokens":3000,"messages":[{"role":"user","content":"hi"}],"thinking":{"type":"enabled","budget_tokens":2999}}`},
		{"no room for thoughts", Request{Model: "m", MaxTokens: ptr(int64(1000)), Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortHigh}},
			`{"model":"m","max_tokens":1000,"messages":[{"role":"user","content":"hi"}]}`},
		{"no thinking in the middle of unsigned work", Request{Model: "m", MaxTokens: ptr(int64(9000)), Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}, Messages: []Message{
			{Role: User, Parts: []Part{Text{Text: "x"}}}, {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c"}}}}},
			`{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c"}]}]}`},
		{"no thinking if a tool call is forced", Request{Model: "m", MaxTokens: ptr(int64(9000)), Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow}, Tools: []Tool{tool}, ToolChoice: ToolChoice{Mode: Required}},
			`{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"any"}}`},
		{"results first, in one message", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: calls},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}},{"type":"tool_use","id":"d","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"r"},{"type":"tool_result","tool_use_id":"d","content":"s"},{"type":"text","text":"y"}]}]}`},
		{"unsigned thoughts are dropped", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: []Message{{Role: Assistant, Parts: []Part{Thought{Text: "hm"}, Text{Text: "x"}}}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"assistant","content":"x"}]}`},
		// https://github.com/kintone/mcp-server/issues/553
		{"a schema of an earlier draft", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: hi, Tools: []Tool{{Name: "f", Schema: raw(`{"type":"object","properties":{
			"query":{"type":"array","items":[{"type":"object","properties":{"operator":{"type":"string"}}}],"additionalItems":{"$ref":"#/properties/query/items/0"}},
			"none":{"type":"array","items":[]},"n":{"type":"NUMBER","minimum":0,"exclusiveMinimum":true,"maximum":9,"exclusiveMaximum":false}}}`)}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{
			"query":{"type":"array","prefixItems":[{"type":"object","properties":{"operator":{"type":"string"}}}],"items":{"$ref":"#/properties/query/prefixItems/0"}},
			"none":{"type":"array"},"n":{"type":"number","exclusiveMinimum":0,"maximum":9}}}}]}`},
		{"the same, kept exactly", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: hi, Tools: []Tool{{Name: "f", Strict: ptr(true), Schema: raw(`{"type":"object","properties":{"q":{"type":"array","items":[{"type":"string"}],"additionalItems":{"type":"integer"}}}}`)}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","strict":true,"input_schema":{"type":"object","properties":{
			"q":{"type":"array","description":"{prefixItems: [{\"type\":\"string\"}], items: {\"type\":\"integer\"}}"}},"additionalProperties":false}}]}`},
		{"only the chosen tools", Request{Model: "m", MaxTokens: ptr(int64(1)), Messages: hi, Tools: []Tool{tool, {Name: "g"}}, ToolChoice: ToolChoice{Mode: Required, Only: []string{"f", "h"}}},
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"f"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := anthropic.Format{}.WriteRequest(&test.request, Traits{Original: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}

// https://github.com/bytedance/trae-agent/issues/231: "content cannot be empty if is_error is
// true".
func TestWriteFailureWithoutAMessage(t *testing.T) {
	t.Parallel()
	body, err := anthropic.Format{}.WriteRequest(&Request{Model: "claude-sonnet-4-5", Messages: []Message{
		{Role: User, Parts: []Part{Text{Text: "hi"}}},
		{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: json.RawMessage(`{}`)}}},
		{Role: User, Parts: []Part{ToolResult{ID: "c", Failed: true}}},
	}, Tools: []Tool{{Name: "f"}}}, Traits{})
	require.NoError(t, err)
	assert.Contains(t, string(body), `"content":"The tool failed without a message.","is_error":true`)
}

// platform.claude.com/docs/en/build-with-claude/adaptive-thinking: some models can't be told not to think.
func TestWriteThinkingThatIsAlwaysOn(t *testing.T) {
	t.Parallel()
	body, err := anthropic.Format{}.WriteRequest(&Request{
		Model: "claude-opus-5-5", Messages: []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}, Thinking: Thinking{Mode: ThinkingOff},
	}, Traits{})
	require.NoError(t, err)
	assert.NotContains(t, string(body), "thinking")
	assert.Contains(t, string(body), `"effort":"low"`)
}

// Errors name what is in no draft of JSON Schema: "It must match JSON Schema draft 2020-12".
func TestWriteSchemaOfNoDraft(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"type":"object","properties":{"n":{"type":"int"}}}`:                    `has the type "int"`,
		`{"type":"object","properties":{"n":{"type":"string","required":true}}}`: `has a "required" that is not a list`,
	} {
		_, err := anthropic.Format{}.WriteRequest(&Request{Model: "m", Messages: []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}},
			Tools: []Tool{{Name: "f", SchemaAt: "tools[0].function.parameters", Schema: raw(schema)}}}, Traits{})
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "tools[0].function.parameters")
	}
}
