package known_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// The second turns of agents, as clients send them after a response of another maker's model, or of the same maker's.
var secondTurns = map[string]struct {
	format Chat
	body   string
}{
	"Claude's in Anthropic's format":   {Anthropic, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"I should look","signature":"Q2xhdWRl"},{"type":"redacted_thinking","data":"UmVkYWN0ZWQ="},{"type":"tool_use","id":"toolu_1","name":"f","input":{}},{"type":"tool_use","id":"toolu_2","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"},{"type":"tool_result","tool_use_id":"toolu_2","content":"2"}]}]}`},
	"DeepSeek's in Anthropic's format": {Anthropic, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"I should look","signature":""},{"type":"tool_use","id":"toolu_1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"}]}]}`},
	"Gemini's in Google's format":      {Google, `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"text":"I should look","thought":true},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"R2VtaW5p"},{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"1"}}},{"functionResponse":{"name":"f","response":{"output":"2"}}}]}]}`},
	"Gemini's in OpenAI's format":      {OpenAI, `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"R2VtaW5p"}}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}]}`},
	"Claude's in OpenAI's format":      {OpenAI, `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"reasoning_content":"I should look","reasoning_details":[{"type":"reasoning.text","text":"I should look","signature":"Q2xhdWRl","format":"anthropic-claude-v1","index":0}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}]}`},
	"Gemini's in OpenRouter's format":  {OpenAI, `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":"I look.","reasoning_details":[{"type":"reasoning.text","text":"I should look","format":"google-gemini-v1","index":0},{"type":"reasoning.encrypted","id":"a","data":"R2VtaW5p","format":"google-gemini-v1","index":1}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"2"}]}`},
	"Claude's in Bedrock's format":     {Bedrock, `{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"I should look","signature":"Q2xhdWRl"}}},{"toolUse":{"toolUseId":"t1","name":"f","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"1"}]}}]}]}`},
}

// Thoughts are sent only to those who accept them: models of the maker that signed them, and servers that accept
// text. Each case lists what the provider's body must and must not contain.
func TestWhatComesBack(t *testing.T) {
	t.Parallel()
	const skip = `"thoughtSignature":"skip_thought_signature_validator"`
	for _, test := range []struct {
		turn, model  string
		to           Chat
		traits       Traits
		holds, lacks []string
	}{
		{"Claude's in Anthropic's format", "gemini-3-pro-preview", Google, Traits{}, []string{skip}, []string{"Q2xhdWRl", "I should look", "UmVkYWN0ZWQ="}},
		{"Claude's in Anthropic's format", "gemini-2.5-flash", Google, Traits{}, nil, []string{"Q2xhdWRl", "thoughtSignature"}},
		{"Claude's in Anthropic's format", "models/gemini-3.1-flash", Google, Traits{}, []string{skip}, nil},
		{"DeepSeek's in Anthropic's format", "gemini-3-flash-preview", Google, Traits{}, []string{skip}, []string{"I should look"}},
		{"Gemini's in OpenAI's format", "gemini-3-pro-preview", Google, Traits{}, []string{`"thoughtSignature":"R2VtaW5p"`}, []string{"skip_"}},
		{"Gemini's in OpenAI's format", "claude-sonnet-4-5", Anthropic, Traits{}, nil, []string{"R2VtaW5p", "thinking"}},
		{"Gemini's in Google's format", "claude-sonnet-4-5", Anthropic, Traits{}, nil, []string{"R2VtaW5p", "thinking"}},
		{"Gemini's in Google's format", "anthropic.claude-sonnet-4-5-20250929-v1:0", Bedrock, Traits{}, nil, []string{"R2VtaW5p", "reasoningContent"}},
		{"Gemini's in Google's format", "gpt-5.2", OpenAI, Traits{Thoughts: "none"}, nil, []string{"R2VtaW5p", "reasoning", "extra_content", "I should look"}},
		{"Gemini's in Google's format", "gemini-3-pro-preview", OpenAI, Traits{Thoughts: "extra_content"}, []string{`"extra_content":{"google":{"thought_signature":"R2VtaW5p"}}`}, []string{"reasoning"}},
		{"Claude's in Anthropic's format", "gemini-3-pro-preview", OpenAI, Traits{Thoughts: "extra_content"}, []string{`"extra_content":{"google":{"thought_signature":"skip_thought_signature_validator"}}`}, []string{"Q2xhdWRl"}},
		{"DeepSeek's in Anthropic's format", "deepseek-chat", OpenAI, Traits{}, []string{`"reasoning_content":"I should look"`}, []string{"extra_content"}},
		{"Claude's in Anthropic's format", "kimi-k2-thinking", OpenAI, Traits{}, []string{`"reasoning_content":"I should look"`}, []string{"Q2xhdWRl", "UmVkYWN0ZWQ="}},
		{"Claude's in Bedrock's format", "openai/gpt-oss-120b", OpenAI, Traits{Thoughts: "reasoning"}, []string{`"reasoning":"I should look"`}, []string{"reasoning_content", "Q2xhdWRl"}},
		{"Claude's in Anthropic's format", "anthropic/claude-sonnet-4.5", OpenAI, Traits{Thoughts: "reasoning_details"}, []string{`{"type":"reasoning.text","text":"I should look","signature":"Q2xhdWRl","format":"anthropic-claude-v1","index":0}`, `"data":"UmVkYWN0ZWQ="`}, []string{"reasoning_content"}},
		// openrouter.ai/docs/guides/best-practices/reasoning-tokens, "Preserving reasoning"
		{"Gemini's in OpenRouter's format", "gemini-3-pro-preview", Google, Traits{}, []string{`"thoughtSignature":"R2VtaW5p"`}, []string{"skip_"}},
		{"Gemini's in OpenRouter's format", "claude-sonnet-4-5", Anthropic, Traits{}, nil, []string{"R2VtaW5p", "thinking"}},
		{"Gemini's in Google's format", "google/gemini-3-pro-preview", OpenAI, Traits{Thoughts: "reasoning_details"}, []string{`"reasoning_details":[{"type":"reasoning.encrypted","id":"call_f_1","data":"R2VtaW5p","format":"google-gemini-v1","index":0}]`}, []string{"extra_content"}},
		{"Gemini's in Google's format", "anthropic/claude-sonnet-4.5", OpenAI, Traits{Thoughts: "reasoning_details"}, nil, []string{"R2VtaW5p"}},
		{"Claude's in Anthropic's format", "google/gemini-3-pro-preview", OpenAI, Traits{Thoughts: "reasoning_details"}, []string{"skip_thought_signature_validator"}, []string{"Q2xhdWRl"}},
		{"DeepSeek's in Anthropic's format", "google/gemini-3-pro-preview", OpenAI, Traits{Thoughts: "reasoning_details"}, []string{`{"type":"reasoning.encrypted","id":"toolu_1","data":"skip_thought_signature_validator","format":"google-gemini-v1","index":0}`}, nil},
		// github.com/earendil-works/pi/issues/4251: Kimi treats an empty thought as missing
		{"Gemini's in OpenAI's format", "kimi-k2.6", OpenAI, Traits{NeedsThoughts: true}, []string{`"reasoning_content":" "`}, []string{"R2VtaW5p"}},
		{"DeepSeek's in Anthropic's format", "deepseek-chat", OpenAI, Traits{NeedsThoughts: true}, []string{`"reasoning_content":"I should look"`}, []string{`" "`}},
		{"Claude's in OpenAI's format", "claude-sonnet-4-5", Anthropic, Traits{}, []string{`{"type":"thinking","thinking":"I should look","signature":"Q2xhdWRl"}`}, nil},
		{"Claude's in OpenAI's format", "anthropic.claude-sonnet-4-5-20250929-v1:0", Bedrock, Traits{}, []string{`{"reasoningText":{"text":"I should look","signature":"Q2xhdWRl"}}`}, nil},
		{"Claude's in Bedrock's format", "claude-sonnet-4-5", Anthropic, Traits{}, []string{`{"type":"thinking","thinking":"I should look","signature":"Q2xhdWRl"}`}, nil},
	} {
		turn := secondTurns[test.turn]
		t.Run(test.turn+" to "+test.model, func(t *testing.T) {
			t.Parallel()
			r, err := turn.format.ReadRequest([]byte(turn.body))
			require.NoError(t, err)
			r.Model, r.Tools = test.model, []Tool{{Name: "f", Schema: raw(schema)}}
			body, err := test.to.WriteRequest(r, test.traits)
			require.NoError(t, err)
			for _, want := range test.holds {
				assert.Equal(t, 1, strings.Count(string(body), want), "%s\nin %s", want, body)
			}
			for _, not := range test.lacks {
				assert.NotContains(t, string(body), not)
			}
		})
	}
}

// A mark is still recognized after a client has decoded it from base64 and encoded it in the other alphabet
// (google-genai for Python).
func TestMarks(t *testing.T) {
	t.Parallel()
	signature := Signature{By: Claude, Value: "EqQ/+?>~ü=="}
	assert.Equal(t, signature.Value, signature.In(Claude))
	mark := signature.In(Gemini)
	assert.NotEqual(t, signature.Value, mark)
	for _, text := range []string{mark, strings.NewReplacer("+", "-", "/", "_").Replace(mark), strings.TrimRight(mark, "=")} {
		assert.Equal(t, signature, ReadSignature(text, Gemini))
		assert.True(t, HoldsMarks([]byte(`{"thoughtSignature":"`+text+`"}`)))
	}
	assert.Equal(t, Signature{By: Gemini, Value: "bGF2YXRvcnk="}, ReadSignature("bGF2YXRvcnk=", Gemini))
	assert.Equal(t, Signature{}, ReadSignature("", Claude))
	data, ok := ReadRedacted(MarkRedacted("eHg="))
	assert.True(t, ok)
	assert.Equal(t, "eHg=", data)
	_, ok = ReadRedacted(mark)
	assert.False(t, ok)
	assert.False(t, HoldsMarks([]byte(secondTurns["Claude's in Anthropic's format"].body)))
}

func TestNeedsSignatures(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]bool{
		"gemini-3-pro-preview": true, "models/gemini-3-flash-preview": true, "google/gemini-3.1-pro": true, "gemini-flash-latest": true,
		"gemini-2.5-flash": false, "gemini-1.5-pro": false, "gemma-3-27b-it": false, "claude-sonnet-4-5": false, "": false,
	} {
		assert.Equal(t, want, NeedsSignatures(model), model)
	}
}
