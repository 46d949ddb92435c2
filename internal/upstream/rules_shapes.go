package upstream

import (
	"fmt"
	"strings"
)

// What OpenAI and Anthropic reject because it does not have the shape of their APIs: types of objects, and required
// fields.

var chatShapes = []rule{
	{"openai.missing-call-id", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if m.get("role").text() == "tool" && !m.get("tool_call_id").there() {
				return openAIRefusal(fmt.Sprintf("messages.[%d].tool_call_id", i), "", "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.")
			}
		}
		return nil
	}},
}

var messagesShapes = []rule{
	{"anthropic.block-type", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			kind := block.get("type")
			if !kind.isString() || blockTypes[kind.text()] {
				return nil
			}
			return refused(fmt.Sprintf("messages.%d.content.%d: Input tag '%s' found using 'type' does not match any of the expected tags: %s",
				i, j, kind.text(), quotedList(namedBlockTypes)))
		})
	}},
}

var (
	// namedBlockTypes are those that Anthropic names without beta headers, according to a report; blockTypes are all
	// in anthropic-sdk-go.
	namedBlockTypes = []string{"document", "image", "redacted_thinking", "search_result", "server_tool_use", "text", "thinking", "tool_result", "tool_use", "web_search_tool_result"}
	blockTypes      = words(strings.Join(namedBlockTypes, " ") + ` advisor_tool_result bash_code_execution_tool_result code_execution_tool_result compaction
		container_upload fallback mcp_tool_listing mcp_tool_result mcp_tool_use text_editor_code_execution_tool_result tool_addition tool_removal
		tool_search_tool_result web_fetch_tool_result`)
)

// missingParameter is OpenAI's error about a missing parameter.
func missingParameter(param string) *refusal {
	return openAIRefusal(param, "missing_required_parameter", "Missing required parameter: '%s'.", param)
}

// quotedList formats a list as in errors: 'a', 'b'.
func quotedList(list []string) string { return "'" + strings.Join(list, "', '") + "'" }
