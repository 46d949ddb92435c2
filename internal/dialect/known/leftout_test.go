package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// What Anthropic's own features leave in a conversation doesn't prevent its translation: summaries
// (platform.claude.com/docs/en/build-with-claude/compaction), system prompts in the middle
// (…/mid-conversation-system-messages, github.com/QwenLM/Qwen/issues/2244), tools that Anthropic ran
// (…/agents-and-tools/tool-use/web-search-tool) and tools that were found (…/tool-search-tool).
func TestAnthropicsOwnBlocksAreNoObstacle(t *testing.T) {
	t.Parallel()
	const body = `{"model":"m","max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"messages":[
		{"role":"user","content":"Go on."},
		{"role":"system","content":"Be brief."},
		{"role":"assistant","content":[{"type":"compaction","content":"So far we spoke of Rome."},
			{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"query":"Rome"}},
			{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[{"type":"web_search_result","url":"https://example.com","title":"t","encrypted_content":"x"}]},
			{"type":"text","text":"It is warm."},{"type":"tool_use","id":"a","name":"f","input":{}}]},
		{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_reference","tool_name":"weather"}]},
			{"type":"mid_conv_system","content":[{"type":"text","text":"Be kind."}]}]}]}`
	r, err := Anthropic.ReadRequest([]byte(body))
	require.NoError(t, err)
	out, err := OpenAI.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"m","max_tokens":9,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"messages":[
		{"role":"user","content":"Go on."},
		{"role":"system","content":"Be brief."},
		{"role":"assistant","content":[{"type":"text","text":"So far we spoke of Rome."},{"type":"text","text":"It is warm."}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
		{"role":"tool","content":"weather","tool_call_id":"a"},
		{"role":"user","content":"Be kind."}]}`, string(out))
	for to, model := range map[string]string{"google": "gemini-3-pro-preview", "bedrock": "amazon.nova-pro-v1:0", "anthropic": "claude-sonnet-4-5"} {
		r.Model = model
		out, err := formats[to].WriteRequest(r, Traits{})
		require.NoError(t, err)
		assert.Empty(t, check(to, model, out), "%s", out)
	}
}

// A document alone is a valid message in other formats; Bedrock requires a text with it.
func TestDocumentsAlone(t *testing.T) {
	t.Parallel()
	r, err := OpenAI.ReadRequest([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}]}]}`))
	require.NoError(t, err)
	r.Model = "amazon.nova-pro-v1:0"
	out, err := Bedrock.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"messages":[{"role":"user","content":[{"document":{"format":"pdf","name":"a","source":{"bytes":"JVBERi0="}}},{"text":"See the document."}]}]}`, string(out))
}

// Results of searches and documents in chunks become texts elsewhere
// (platform.claude.com/docs/en/build-with-claude/search-results, …/citations, "Custom content documents").
func TestAnthropicsSourcesOfText(t *testing.T) {
	t.Parallel()
	r, err := Anthropic.ReadRequest([]byte(`{"max_tokens":9,"messages":[{"role":"user","content":[
		{"type":"search_result","source":"https://docs.company.com/product-guide","title":"Product Configuration Guide","content":[{"type":"text","text":"The default timeout is 30 seconds."}],"citations":{"enabled":true}},
		{"type":"document","source":{"type":"content","content":[{"type":"text","text":"First chunk. "},{"type":"text","text":"Second chunk."}]},"title":"Notes"},
		{"type":"text","text":"Sum up."}]}]}`))
	require.NoError(t, err)
	out, err := OpenAI.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"role":"user","content":[
		{"type":"text","text":"Product Configuration Guide\nhttps://docs.company.com/product-guide\nThe default timeout is 30 seconds."},
		{"type":"text","text":"First chunk. Second chunk."},{"type":"text","text":"Sum up."}]}]`, fieldOf(t, out, "messages"))
	_, err = Anthropic.ReadRequest([]byte(`{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}}]}]}`))
	require.ErrorContains(t, err, "messages[0].content[0].source.content[0]")
}

// file_data is "The base64 encoded file data" according to openai-go: it may have no type.
func TestFilesWithoutAType(t *testing.T) {
	t.Parallel()
	r, err := OpenAI.ReadRequest([]byte(`{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf","file_data":"JVBERi0="}}]}]}`))
	require.NoError(t, err)
	r.Model = "claude-sonnet-4-5"
	out, err := Anthropic.WriteRequest(r, Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `[{"role":"user","content":[{"type":"document","title":"a.pdf","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}}]}]`, fieldOf(t, out, "messages"))
	_, err = OpenAI.ReadRequest([]byte(`{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"a","file_data":"JVBERi0="}}]}]}`))
	require.ErrorContains(t, err, "messages[0].content[0].file.file_data")
}
