package google_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/google"
)

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// What can't be translated is refused, and the field named.
func TestReadRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, field string }{
		{`{"cachedContent":"x"}`, "cachedContent"},
		{`{"tools":[{"googleSearch":{}}]}`, "tools[0].googleSearch"},
		{`{"tools":[{"code_execution":{}}]}`, "tools[0].codeExecution"},
		{`{"generationConfig":{"responseModalities":["IMAGE"]}}`, "generationConfig.responseModalities"},
		{`{"generationConfig":{"responseLogprobs":true}}`, "generationConfig.responseLogprobs"},
		{`{"contents":[{"role":"alien"}]}`, "contents[0].role"},
		{`{"contents":[{"parts":[{"executableCode":{}}]}]}`, "contents[0].parts[0]"},
		{`{"toolConfig":{"functionCallingConfig":{"mode":"SOME"}}}`, "toolConfig.functionCallingConfig.mode"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := google.Format{}.ReadRequest([]byte(test.body))
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}

// Where the format has no word, the next best is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	hi := []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"an effort is a budget for Gemini 2.5", Request{Model: "gemini-2.5-pro", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortMedium}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}}`},
		{"and a level for Gemini 3", Request{Model: "gemini-3-pro", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortXHigh}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}}`},
		{"an object of text", Request{Messages: []Message{
			hi[0], {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{Text{Text: ` {"a":1}`}}}}}}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"a":1}}}]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := google.Format{}.WriteRequest(&test.request, Traits{MaxCompletionTokens: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}
