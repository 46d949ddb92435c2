package openai_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

func ptr[T any](v T) *T { return &v }

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// What can't be translated is refused, and the field named.
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

// Where the format has no word, the next best is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"a choice among no tools", Request{Model: "m", Messages: hi, ToolChoice: ToolChoice{Mode: Auto, Single: true}}, `{"model":"m","messages":[{"role":"user","content":"hi"}]}`},
		{"a budget is an effort", Request{Model: "o3", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Budget: 8000}}, `{"model":"o3","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"medium"}`},
		{"the highest effort", Request{Model: "gpt-5.4", Messages: hi, Thinking: Thinking{Effort: EffortMax}}, `{"model":"gpt-5.4","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"xhigh"}`},
		{"data as text", Request{Model: "m", Messages: []Message{
			{Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{JSON{Value: raw(`{"a":1}`)}}}}}}},
			`{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"{\"a\":1}","tool_call_id":"c"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := openai.Format{}.WriteRequest(&test.request, Traits{MaxCompletionTokens: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}

// Providers that took the format over early know the limit of tokens by its old name.
func TestLimitOfTokens(t *testing.T) {
	t.Parallel()
	for traits, want := range map[Traits]string{
		{}:                          `{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":5}`,
		{MaxCompletionTokens: true}: `{"model":"m","messages":[{"role":"user","content":"hi"}],"max_completion_tokens":5}`,
	} {
		body, err := openai.Format{}.WriteRequest(&Request{Model: "m", Messages: hi, MaxTokens: ptr(int64(5))}, traits)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(body))
	}
}
