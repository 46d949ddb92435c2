package known_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// Instructions inside a conversation stay in place. Claude accepts them after the user's turn since Opus 4.8, but not
// Sonnet 5 (platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages,
// github.com/BerriAI/litellm/pull/33807, github.com/elgorro/aiquila/issues/413); elsewhere they become the user's, as
// in LangChain and Latitude (docs.latitude.so/guides/prompt-manager/provider-rules/google), marked as in
// github.com/UKGovernmentBEIS/inspect_ai/pull/4221.
func TestInstructionsAmidAConversation(t *testing.T) {
	t.Parallel()
	const (
		head  = `{"model":"m","messages":[{"role":"system","content":"Be kind."},{"role":"developer","content":"Be fair."},{"role":"user","content":"A?"}`
		tool  = `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]`
		calls = `,{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"1"}`
	)
	for _, test := range []struct{ name, body, to, model, messages string }{
		{"at the end, after the assistant", head + `,{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."}]}`, "anthropic", "claude-opus-4-8",
			`[{"role":"user","content":"A?"},{"role":"assistant","content":"B."},{"role":"user","content":"<system-reminder>\nBe brief.\n</system-reminder>"}]`},
		{"after the user", head + `,{"role":"system","content":"Be brief."},{"role":"assistant","content":"B."},{"role":"user","content":"C?"}]}`, "anthropic", "claude-opus-5",
			`[{"role":"user","content":"A?"},{"role":"system","content":"Be brief."},{"role":"assistant","content":"B."},{"role":"user","content":"C?"}]`},
		{"before the user (pydantic/pydantic-ai#6765)", head + `,{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."},{"role":"user","content":"C?"}]}`, "anthropic", "claude-fable-5",
			`[{"role":"user","content":"A?"},{"role":"assistant","content":"B."},{"role":"user","content":"C?"},{"role":"system","content":"Be brief."}]`},
		{"behind results", head + calls + `,{"role":"developer","content":"Be brief."},{"role":"system","content":"In prose."}]` + tool + `}`, "anthropic", "claude-opus-4-8",
			`[{"role":"user","content":"A?"},{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"1"}]},{"role":"system","content":[{"type":"text","text":"Be brief."},{"type":"text","text":"In prose."}]}]`},
		{"a model that accepts none", head + `,{"role":"system","content":"Be brief."}]}`, "anthropic", "claude-sonnet-5",
			`[{"role":"user","content":[{"type":"text","text":"A?"},{"type":"text","text":"<system-reminder>\nBe brief.\n</system-reminder>"}]}]`},
		{"an older model, after results", head + calls + `,{"role":"system","content":"Be brief."}]` + tool + `}`, "anthropic", "claude-sonnet-4-5",
			`[{"role":"user","content":"A?"},{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"1"},{"type":"text","text":"<system-reminder>\nBe brief.\n</system-reminder>"}]}]`},
		{"blank", head + `,{"role":"assistant","content":"B."},{"role":"system","content":" "},{"role":"user","content":"C?"}]}`, "anthropic", "claude-opus-4-8",
			`[{"role":"user","content":"A?"},{"role":"assistant","content":"B."},{"role":"user","content":"C?"}]`},
		{"Google", head + `,{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."},{"role":"user","content":"C?"}]}`, "google", "gemini-2.5-flash",
			`[{"role":"user","parts":[{"text":"A?"}]},{"role":"model","parts":[{"text":"B."}]},{"role":"user","parts":[{"text":"<system-reminder>\nBe brief.\n</system-reminder>"}]},{"role":"user","parts":[{"text":"C?"}]}]`},
		{"Bedrock", head + `,{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."}]}`, "bedrock", "amazon.nova-pro-v1:0",
			`[{"role":"user","content":[{"text":"A?"}]},{"role":"assistant","content":[{"text":"B."}]},{"role":"user","content":[{"text":"<system-reminder>\nBe brief.\n</system-reminder>"}]}]`},
		{"OpenAI", head + `,{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."},{"role":"user","content":"C?"}]}`, "openai", "gpt-4o",
			`[{"role":"system","content":"Be kind.\n\nBe fair."},{"role":"user","content":"A?"},{"role":"assistant","content":"B."},{"role":"system","content":"Be brief."},{"role":"user","content":"C?"}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := OpenAI.ReadRequest([]byte(test.body))
			require.NoError(t, err)
			r.Model = test.model
			out, err := formats[test.to].WriteRequest(r, Traits{})
			require.NoError(t, err)
			assert.Empty(t, check(test.to, test.model, out))
			where := "messages"
			if test.to == "google" {
				where = "contents"
			}
			assert.JSONEq(t, test.messages, fieldOf(t, out, where))
		})
	}
}

// Mistral says "Expected last role User or Tool (or Assistant with prefix True) for serving
// but got system" (github.com/langchain4j/langchain4j/issues/2404).
func TestInstructionsAtMistral(t *testing.T) {
	t.Parallel()
	r, err := OpenAI.ReadRequest([]byte(`{"model":"m","messages":[{"role":"user","content":"A?"},{"role":"system","content":"Be brief."}]}`))
	require.NoError(t, err)
	out, err := OpenAI.WriteRequest(r, Traits{ResultsLast: true})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"role":"user","content":"A?"},{"role":"user","content":"<system-reminder>\nBe brief.\n</system-reminder>"}]`, fieldOf(t, out, "messages"))
}

// Clients of Anthropic's and Bedrock's formats may also have them inside a conversation, with the same role.
func TestInstructionsOfOtherClients(t *testing.T) {
	t.Parallel()
	const want = `[{"role":"user","content":"A?"},{"role":"system","content":"Be brief."}]`
	for format, body := range map[Chat]string{
		Anthropic: `{"max_tokens":9,"messages":[{"role":"user","content":"A?"},{"role":"system","content":"Be brief."}]}`,
		Bedrock:   `{"messages":[{"role":"user","content":[{"text":"A?"}]},{"role":"system","content":[{"text":"Be brief."}]}]}`,
	} {
		r, err := format.ReadRequest([]byte(body))
		require.NoError(t, err)
		out, err := OpenAI.WriteRequest(r, Traits{})
		require.NoError(t, err)
		assert.JSONEq(t, want, fieldOf(t, out, "messages"))
	}
}

// "tool_choice: type \"tool\" and \"any\" are not supported for this model": Claude Opus 5.5 and Fable 5.1 can only
// be asked to call a tool (platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5,
// github.com/can1357/oh-my-pi/issues/12939, github.com/vercel/ai/issues/21364).
func TestForcedToolsThatAreAskedFor(t *testing.T) {
	t.Parallel()
	const (
		oneTool   = `[{"name":"g","input_schema":{"type":"object","properties":{}}}]`
		bothTools = `[{"name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{}}}]`
		openai    = `{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],"tool_choice":`
		google    = `{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}],"toolConfig":{"functionCallingConfig":`
		bedrock   = `{"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}},{"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object"}}}}],"toolChoice":`
		one       = `[{"type":"text","text":"Be brief."},{"type":"text","text":"Respond with a call of the tool g."}]`
		either    = `[{"type":"text","text":"Be brief."},{"type":"text","text":"Respond with a call of one of the tools that are offered."}]`
	)
	for _, model := range []string{"claude-opus-5-5", "claude-fable-5-1", "claude-mythos-5-1", "claude-opus-5-5@20260922"} {
		for _, test := range []struct{ from, body, choice, tools, system string }{
			{"openai", openai + `{"type":"function","function":{"name":"g"}}}`, `{"type":"auto"}`, oneTool, one},
			{"openai", openai + `"required","parallel_tool_calls":false}`, `{"type":"auto","disable_parallel_tool_use":true}`, bothTools, either},
			{"google", google + `{"mode":"ANY","allowedFunctionNames":["g"]}}}`, `{"type":"auto"}`, oneTool, one},
			{"google", google + `{"mode":"ANY"}}}`, `{"type":"auto"}`, bothTools, either},
			{"bedrock", bedrock + `{"tool":{"name":"g"}}}}`, `{"type":"auto"}`, oneTool, one},
			{"bedrock", bedrock + `{"any":{}}}}`, `{"type":"auto"}`, bothTools, either},
		} {
			r, err := formats[test.from].ReadRequest([]byte(test.body))
			require.NoError(t, err)
			r.Model = model
			out, err := Anthropic.WriteRequest(r, Traits{})
			require.NoError(t, err)
			assert.JSONEq(t, test.choice, fieldOf(t, out, "tool_choice"))
			assert.JSONEq(t, test.tools, fieldOf(t, out, "tools"))
			assert.JSONEq(t, test.system, fieldOf(t, out, "system"))
		}
	}
	r, err := OpenAI.ReadRequest([]byte(openai + `"required"}`))
	require.NoError(t, err)
	r.Model = "us.anthropic.claude-opus-5-5"
	out, err := Bedrock.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.Contains(t, string(out), `"toolChoice":{"auto":{}}`)
	r.Model = "claude-opus-5" // which can be forced
	out, err = Anthropic.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"type":"any"}`, fieldOf(t, out, "tool_choice"))
}

// fieldOf returns the raw value of a field of a JSON object.
func fieldOf(t *testing.T, object []byte, name string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object, &fields), "%s", object)
	return string(fields[name])
}
