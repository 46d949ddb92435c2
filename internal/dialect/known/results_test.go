package known_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// A conversation with tool calls continues when calls are no longer allowed. Bedrock rejects calls and results
// without a toolConfig (github.com/pydantic/pydantic-ai/pull/5929, github.com/agentgateway/agentgateway/pull/2192),
// and a tool in a toolConfig could be called; so they become text, as in github.com/nearai/ironclaw/pull/1710 and
// github.com/redpanda-data/ai-sdk-go/pull/212.
func TestCallsWithoutTools(t *testing.T) {
	t.Parallel()
	const history = `"messages":[{"role":"user","content":"Is it warm in Rome?"},
		{"role":"assistant","content":"I look.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}},{"id":"call_2","type":"function","function":{"name":"time","arguments":"{}"}}]},
		{"role":"tool","tool_call_id":"call_1","content":"22 degrees"},{"role":"tool","tool_call_id":"call_2","content":""},{"role":"user","content":"Sum it up."}]`
	const told = `{"messages":[{"role":"user","content":[{"text":"Is it warm in Rome?"}]},
		{"role":"assistant","content":[{"text":"I look."},{"text":"[Called the tool weather with {\"city\":\"Rome\"}]"},{"text":"[Called the tool time with {}]"}]},
		{"role":"user","content":[{"text":"[The tool weather returned: 22 degrees]"},{"text":"[The tool time returned: ]"},{"text":"Sum it up."}]}]}`
	for _, body := range []string{
		`{"model":"m",` + history + `}`,
		`{"model":"m",` + history + `,"tools":[{"type":"function","function":{"name":"weather"}}],"tool_choice":"none"}`,
	} {
		for _, model := range []string{"anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-pro-v1:0"} {
			r, err := OpenAI.ReadRequest([]byte(body))
			require.NoError(t, err)
			r.Model = model
			out, err := Bedrock.WriteRequest(r, Traits{})
			require.NoError(t, err)
			assert.JSONEq(t, told, string(out), model)
			assert.Empty(t, check("bedrock", model, out))
		}
	}
}

// Media in a tool's result are sent where the model accepts them: "This field is only supported by Amazon Nova and
// Anthropic Claude 3 and 4 models"
// (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultContentBlock.html, image); others respond
// with "This model doesn't support the image field" (github.com/anomalyco/opencode/pull/50272).
func TestMediaInResults(t *testing.T) {
	t.Parallel()
	const body = `{"model":"m","max_tokens":9,"tools":[{"name":"shoot","input_schema":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"Look."},
		{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"shoot","input":{}},{"type":"tool_use","id":"b","name":"shoot","input":{}}]},
		{"role":"user","content":[
			{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"left"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0="}}]},
			{"type":"tool_result","tool_use_id":"b","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw1="}}]},
			{"type":"text","text":"Which?"}]}]}`
	const image, second = `{"image":{"format":"png","source":{"bytes":"iVBORw0="}}}`, `{"image":{"format":"png","source":{"bytes":"iVBORw1="}}}`
	const within = `{"toolResult":{"toolUseId":"a","content":[{"text":"left"},` + image + `]}},{"toolResult":{"toolUseId":"b","content":[` + second + `]}},{"text":"Which?"}`
	const behind = `{"toolResult":{"toolUseId":"a","content":[{"text":"left"}]}},{"toolResult":{"toolUseId":"b","content":[{"text":"The result follows."}]}},` +
		image + `,` + second + `,{"text":"Which?"}`
	apart := strings.Replace(behind, `,`+image, `]},{"role":"assistant","content":[{"text":"I have the results."}]},{"role":"user","content":[`+image, 1)
	for model, want := range map[string]string{
		"us.anthropic.claude-sonnet-4-5-20250929-v1:0": within, "amazon.nova-pro-v1:0": within,
		"meta.llama4-scout-17b-instruct-v1:0": apart, "mistral.pixtral-large-2502-v1:0": apart, "openai.gpt-5.5": behind,
	} {
		r, err := Anthropic.ReadRequest([]byte(body))
		require.NoError(t, err)
		r.Model = model
		out, err := Bedrock.WriteRequest(r, Traits{})
		require.NoError(t, err)
		assert.Contains(t, string(out), `{"role":"user","content":[`+want+`]}`, model)
	}
	r, err := Anthropic.ReadRequest([]byte(body))
	require.NoError(t, err)
	out, err := OpenAI.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.Contains(t, string(out), `{"role":"tool","content":"left","tool_call_id":"a"},{"role":"tool","content":"The result follows.","tool_call_id":"b"},`+
		`{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw1="}}]}`)
}
