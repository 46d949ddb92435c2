package e2e

import (
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// If a provider rejects unknown parameters, its fake knows every parameter in the official Go SDKs: with a new
// version of an SDK, this test shows which are new.
func TestFakesKnowTheParametersOfTheSDKs(t *testing.T) {
	t.Parallel()
	const (
		chat      = "https://api.openai.com/v1/chat/completions"
		responds  = "https://api.openai.com/v1/responses"
		messages  = "https://api.anthropic.com/v1/messages"
		generates = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"

		hello = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]`
		text  = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"Hello"`
		use   = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}`
		parts = `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]`
	)
	tests := []struct {
		params any
		url    string
		body   string // a request with a % in place of fields
		but    string // names that the API does not have here
	}{
		{openai.ChatCompletionNewParams{}, chat, `{"model":"gpt-4o","messages":[{"role":"user","content":"Hello"}]%}`, "model messages"},
		{responses.ResponseNewParams{}, responds, `{"model":"gpt-4o","input":"Hello"%}`, "model input"},
		{anthropic.MessageNewParams{}, messages, hello + `%}`, "model max_tokens messages"},
		{anthropic.BetaMessageNewParams{}, messages, hello + `%}`, "model max_tokens messages"},
		{anthropic.MessageParam{}, messages, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hello"%}]}`, "role content"},
		{anthropic.BetaMessageParam{}, messages, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hello"%}]}`, "role content"},
		{anthropic.TextBlockParam{}, messages, text + `%}]}]}`, "type text"},
		{anthropic.BetaTextBlockParam{}, messages, text + `%}]}]}`, "type text"},
		{anthropic.ToolUseBlockParam{}, messages, use + `%}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}`, "type id name input"},
		{anthropic.BetaToolUseBlockParam{}, messages, use + `%}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}]}`, "type id name input"},
		{anthropic.ToolResultBlockParam{}, messages, use + `}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"%}]}]}`, "type tool_use_id"},
		{anthropic.BetaToolResultBlockParam{}, messages, use + `}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"%}]}]}`, "type tool_use_id"},
		{genai.GenerationConfig{}, generates, parts + `,"generationConfig":{"seed":0%}}`, "seed"},
		{genai.Content{}, generates, `{"contents":[{"role":"user","parts":[{"text":"Hello"}]%}]}`, "role parts"},
		{genai.Part{}, generates, `{"contents":[{"role":"user","parts":[{"text":"Hello"%}]}]}`, "text"},
		{genai.FunctionCall{}, generates, `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f"%}}]}]}`, "name"},
		{genai.FunctionResponse{}, generates, `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f"%}}]}]}`, "name"},
		// displayName is only in Vertex AI: the SDK does not send it to the Gemini API.
		{genai.Blob{}, generates, `{"contents":[{"role":"user","parts":[{"inlineData":{"data":""%}}]}]}`, "data displayName"},
		{genai.Tool{}, generates, parts + `,"tools":[{"codeExecution":{}%}]}`, "codeExecution"},
		{genai.FunctionDeclaration{}, generates, parts + `,"tools":[{"functionDeclarations":[{"name":"f"%}]}]}`, "name"},
		{genai.Schema{}, generates, parts + `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT"%}}]}]}`, "type"},
	}
	for _, test := range tests {
		t.Run(reflect.TypeOf(test.params).String(), func(t *testing.T) {
			t.Parallel()
			but := strings.Fields(test.but)
			names := jsonNames(reflect.TypeOf(test.params))
			require.NotEmpty(t, names)
			for _, name := range names {
				if slices.Contains(but, name) {
					continue
				}
				body := strings.Replace(test.body, "%", `,"`+name+`":null`, 1)
				rule, got := firstRule(t, test.url, body)
				assert.Empty(t, rule, "%s: %s", name, got)
			}
			rule, _ := firstRule(t, test.url, strings.Replace(test.body, "%", `,"made_up":null`, 1))
			assert.NotEmpty(t, rule, "a name that the SDK does not have")
		})
	}
}

// jsonNames returns the JSON names of a struct's fields, including embedded ones.
func jsonNames(kind reflect.Type) []string {
	var names []string
	for field := range kind.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct:
			names = append(names, jsonNames(field.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

// firstRule sends a request to a fake and returns the rule it breaks, if any.
func firstRule(t *testing.T, url, body string) (rule, response string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01")
	req.Header.Set("Anthropic-Beta", "all") // some parameters need one
	resp, err := (&upstream.Fake{}).RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.Header.Get(upstream.RuleHeader), string(got)
}
