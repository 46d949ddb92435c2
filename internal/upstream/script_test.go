package upstream_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// A reply that calls a tool that the request does not offer is a mistake in a test, which reports it.
func TestScriptedCallsFitTheRequest(t *testing.T) {
	t.Parallel()
	const (
		schema = `{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}`
		ask4o  = `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]`
		claude = `{"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"x"}]`
		gemini = `{"contents":[{"parts":[{"text":"x"}]}]`
		nova   = `{"messages":[{"role":"user","content":[{"text":"x"}]}]`
	)
	for _, test := range []struct{ name, url, body, arguments, problem string }{
		{"offered", chatURL, ask4o + `,"tools":[{"type":"function","function":{"name":"weather"}}]}`, "", ""},
		{"no tools", chatURL, ask4o + `}`, "", "offers no tools"},
		{"another tool", chatURL, ask4o + `,"tools":[{"type":"function","function":{"name":"clock","parameters":{"type":"object","properties":{"name":{"enum":["weather"]}}}}},{"type":"function","function":{"name":"alarm"}}]}`, "", "offers only alarm, clock"},
		{"forbidden", chatURL, ask4o + `,"tool_choice":"none","tools":[{"type":"function","function":{"name":"weather"}}]}`, "", "forbids tool calls"},
		{"a function in the old form", chatURL, ask4o + `,"functions":[{"name":"weather"}]}`, "", ""},
		{"not strict", chatURL, ask4o + `,"tools":[{"type":"function","function":{"name":"weather","parameters":` + schema + `}}]}`, `{"town":1}`, ""},
		{"strict", chatURL, ask4o + `,"tools":[{"type":"function","function":{"name":"weather","strict":true,"parameters":` + schema + `}}]}`, `{"town":1}`, "strict schema"},
		{"strict and right", chatURL, ask4o + `,"tools":[{"type":"function","function":{"name":"weather","strict":true,"parameters":` + schema + `}}]}`, `{"city":"Oslo"}`, ""},
		{"responses", openAIBase + "/responses", `{"model":"gpt-4o","input":"x","tools":[{"type":"web_search"},{"type":"function","name":"weather"}]}`, "", ""},
		{"responses, a namespace", openAIBase + "/responses", `{"model":"gpt-5.4","input":"x","tools":[{"type":"namespace","name":"world","description":"d","tools":[{"type":"function","name":"weather"}]}]}`, "", ""},
		{"responses, a stored prompt", openAIBase + "/responses", `{"model":"gpt-4o","prompt":{"id":"pmpt_1"},"input":"x"}`, "", ""},
		{"responses without", openAIBase + "/responses", `{"model":"gpt-4o","input":"x","tools":[{"type":"web_search"}]}`, "", "offers no tools"},
		{"Anthropic", messagesURL, claude + `,"tools":[{"name":"weather","input_schema":{"type":"object"}}]}`, "", ""},
		{"Anthropic, strict", messagesURL, claude + `,"tools":[{"name":"weather","strict":true,"input_schema":` + schema + `}]}`, `{}`, "strict schema"},
		{"Anthropic, forbidden", messagesURL, claude + `,"tools":[{"name":"weather","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"}}`, "", "forbids tool calls"},
		{"Google", generateURL, gemini + `,"tools":[{"function_declarations":[{"name":"weather"}]}]}`, "", ""},
		{"Google, forbidden", generateURL, gemini + `,"tools":[{"functionDeclarations":[{"name":"weather"}]}],"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}}`, "", "forbids tool calls"},
		{"Bedrock", converseURL, nova + `,"toolConfig":{"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":{"type":"object"}}}}]}}`, "", ""},
		{"Bedrock, another", converseURL, nova + `,"toolConfig":{"tools":[{"toolSpec":{"name":"clock","inputSchema":{"json":{"type":"object"}}}}]}}`, "", "offers only clock"},
	} {
		fake := &upstream.Fake{}
		fake.Choose = always(upstream.Reply{ToolCalls: []upstream.ToolCall{{Name: "weather", Arguments: test.arguments}}})
		resp, body := ask(t, fake, "POST", test.url, test.body)
		if test.problem == "" {
			assert.Equal(t, 200, resp.StatusCode, "%s: %s", test.name, body)
			continue
		}
		assert.Equal(t, 400, resp.StatusCode, "%s: %s", test.name, body)
		assert.Equal(t, "script.tools", resp.Header.Get(upstream.RuleHeader), test.name)
		assert.Contains(t, body, test.problem, test.name)

		fake.Lenient = without(upstream.ScriptTools)
		resp, body = ask(t, fake, "POST", test.url, test.body)
		assert.Equal(t, 200, resp.StatusCode, "%s: %s", test.name, body)
	}
}

// A reply without an operation is for embeddings too, which don't call tools.
func TestScriptedCallsAreForConversations(t *testing.T) {
	t.Parallel()
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{ToolCalls: []upstream.ToolCall{{Name: "weather"}}})
	resp, body := ask(t, fake, "POST", openAIBase+"/embeddings", `{"model":"text-embedding-3-small","input":"x"}`)
	assert.Equal(t, 200, resp.StatusCode, body)
}
