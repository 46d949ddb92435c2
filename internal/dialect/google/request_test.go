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

// What can't be translated is rejected, and the error names the field.
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

// Google's servers accept a value for a list, names with underscores, and modes in lower case, because its own
// examples are written that way (the cat Neko in ai.google.dev/gemini-api/docs/text-generation and the lights in
// ai.google.dev/gemini-api/docs/function-calling, as of 2024).
func TestReadRequestShortForms(t *testing.T) {
	t.Parallel()
	r, err := google.Format{}.ReadRequest([]byte(`{"system_instruction":{"parts":{"text":"You are a cat. Your name is Neko."}},
		"tools":{"function_declarations":{"name":"enable_lights","description":"Turn on the lighting system."}},
		"tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":"enable_lights"}},
		"contents":{"role":"user","parts":{"text":"Hello there"}},"generation_config":{"stop_sequences":"END"}}`))
	require.NoError(t, err)
	assert.Equal(t, []Part{Text{Text: "You are a cat. Your name is Neko."}}, r.System)
	require.Len(t, r.Messages, 1)
	assert.Equal(t, "Hello there", TextOf(r.Messages[0].Parts))
	require.Len(t, r.Tools, 1)
	assert.Equal(t, "enable_lights", r.Tools[0].Name)
	assert.Equal(t, ToolChoice{Mode: Required, Only: []string{"enable_lights"}}, r.ToolChoice)
	assert.Equal(t, []string{"END"}, r.Stop)

	_, err = google.Format{}.ReadRequest([]byte(`{"contents":[{"parts":[{"text":7}]}]}`))
	var field *FieldError
	require.ErrorAs(t, err, &field)
	assert.Equal(t, "contents.parts.text", field.Field)
}

// If the format can't express something, the closest equivalent is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	hi := []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}
	penalty := 0.2
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"penalties for Gemini 2.0", Request{Model: "gemini-2.0-flash", Messages: hi, PresencePenalty: &penalty, FrequencyPenalty: &penalty},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"presencePenalty":0.2,"frequencyPenalty":0.2}}`},
		{"no penalties for others", Request{Model: "gemini-2.5-flash", Messages: hi, PresencePenalty: &penalty, FrequencyPenalty: &penalty},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`},
		{"an effort is a budget for Gemini 2.5", Request{Model: "gemini-2.5-pro", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortMedium}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}}`},
		{"and a level for Gemini 3", Request{Model: "gemini-3-pro", Messages: hi, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortXHigh}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}}`},
		{"an object of text", Request{Messages: []Message{
			hi[0], {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{Text{Text: ` {"a":1}`}}}}}}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"a":1}}}]}]}`},
		{"an object that Gemini would treat as a reference", Request{Messages: []Message{
			hi[0], {Role: Assistant, Parts: []Part{ToolCall{ID: "c", Name: "f", Arguments: raw(`{}`)}}}, {Role: User, Parts: []Part{ToolResult{ID: "c", Parts: []Part{Text{Text: `{"schema":{"$ref":"#/$defs/a"}}`}}}}}}},
			`{"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"output":"{\"schema\":{\"$ref\":\"#/$defs/a\"}}"}}}]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := google.Format{}.WriteRequest(&test.request, Traits{Original: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}
