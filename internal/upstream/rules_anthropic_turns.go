package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What Anthropic's messages API rejects in the order of roles and in the choice of tools.

var turnRules = []rule{
	{"anthropic.block-required", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			kind := block.get("type").text()
			for _, name := range requiredOfBlocks[kind] {
				if !block.get(name).there() {
					return refused(fmt.Sprintf("messages.%d.content.%d.%s.%s: Field required", i, j, kind, name))
				}
			}
			return nil
		})
	}},
	{"anthropic.block-role", func(c *call) *refusal {
		messages := c.request.get("messages").items
		return c.eachBlock(func(i, _ int, block value) *refusal {
			kind := block.get("type").text()
			if role := rolesOfBlocks[kind]; role != "" && messages[i].get("role").text() != role {
				return refused(fmt.Sprintf("messages.%d: `%s` blocks can only be in `%s` messages", i, kind, role))
			}
			return nil
		})
	}},
	{"anthropic.tool-result-unique", func(c *call) *refusal {
		type result struct {
			message int
			call    string
		}
		seen := map[result]bool{}
		return c.eachBlock(func(i, j int, block value) *refusal {
			its := result{i, block.get("tool_use_id").text()}
			if block.get("type").text() != "tool_result" || !seen[its] {
				seen[its] = block.get("type").text() == "tool_result"
				return nil
			}
			return refused(fmt.Sprintf("messages.%d.content.%d: each tool_use must have a single result. Found multiple `tool_result` blocks with id: %s", i, j, its.call))
		})
	}},
	{"anthropic.tool-choice", func(c *call) *refusal {
		choice, tools := c.request.get("tool_choice"), c.request.get("tools").items
		kind, name := choice.get("type").text(), choice.get("name").text()
		switch {
		case !choice.there():
		case !choice.isObject():
			return refused("tool_choice: Input should be an object")
		case !slices.Contains(choicesOfTools, kind):
			return refused(fmt.Sprintf("tool_choice: Input tag '%s' found using 'type' does not match any of the expected tags: %s", kind, quotedList(choicesOfTools)))
		case len(tools) == 0 && kind != "none":
			return refused("tool_choice may only be specified while providing tools.")
		case kind == "tool" && !slices.ContainsFunc(tools, func(tool value) bool { return tool.get("name").text() == name }):
			return refused(fmt.Sprintf("Tool '%s' not found in provided tools", name))
		}
		return nil
	}},
	{"anthropic.effort-value", func(c *call) *refusal {
		if effort := c.request.get("output_config", "effort"); effort.isString() && !slices.Contains(claudeEfforts, effort.text()) {
			n := len(claudeEfforts) - 1
			return refused("output_config.effort: Input should be " + quotedList(claudeEfforts[:n]) + " or '" + claudeEfforts[n] + "'")
		}
		return nil
	}},
	{"anthropic.document-type", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			source := block.get("source")
			kind, media := source.get("type").text(), source.get("media_type")
			want := map[string]string{"base64": "application/pdf", "text": "text/plain"}[kind]
			if block.get("type").text() != "document" || want == "" || !media.isString() || media.text() == want {
				return nil
			}
			return refused(fmt.Sprintf("messages.%d.content.%d.document.source.%s.media_type: Input should be '%s'", i, j, kind, want))
		})
	}},
	{"anthropic.user-id", func(c *call) *refusal {
		id := c.request.get("metadata", "user_id").text()
		switch name, domain, found := strings.Cut(id, "@"); {
		case len(id) > 256:
			return refused("metadata.user_id: String should have at most 256 characters")
		case found && name != "" && strings.Contains(domain, "."):
			return refused("metadata.user_id: user_id appears to contain an email address")
		}
		return nil
	}},
}

var (
	choicesOfTools = []string{"auto", "any", "tool", "none"}
	claudeEfforts  = []string{"low", "medium", "high", "xhigh", "max"}

	requiredOfBlocks = map[string][]string{
		"text": {"text"}, "image": {"source"}, "document": {"source"}, "tool_use": {"id", "name"}, "tool_result": {"tool_use_id"},
		"thinking": {"thinking"}, "redacted_thinking": {"data"},
	}
	rolesOfBlocks = map[string]string{"tool_use": "assistant", "thinking": "assistant", "redacted_thinking": "assistant", "tool_result": "user"}
)
