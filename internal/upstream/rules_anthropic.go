package upstream

import (
	"fmt"
)

// What Anthropic's messages API rejects.

const thinkingDocs = " Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"

var messagesRules = []rule{
	{"anthropic.version-header", func(c *call) *refusal {
		if c.header.Get("Anthropic-Version") == "" {
			return refused("anthropic-version: header is required")
		}
		return nil
	}},
	{"anthropic.required", func(c *call) *refusal {
		for _, name := range [...]string{"max_tokens", "messages"} {
			if !c.request.get(name).there() {
				return refused(name + ": Field required")
			}
		}
		return nil
	}},
	{"anthropic.max-tokens", func(c *call) *refusal {
		if n, ok := c.request.get("max_tokens").number(); ok && n < 0 {
			return refused("max_tokens: Input should be greater than or equal to 0")
		}
		return nil
	}},
	{"anthropic.messages", func(c *call) *refusal {
		if messages := c.request.get("messages"); messages.isArray() && len(messages.items) == 0 {
			return refused("messages: at least one message is required")
		}
		return nil
	}},
	{"anthropic.role", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			switch role := m.get("role"); {
			case !role.there():
				return refused(fmt.Sprintf("messages.%d.role: Field required", i))
			case !messageRoles[role.text()]: // see anthropic.system-role
				return refused(fmt.Sprintf("messages: Unexpected role %q. Allowed roles are \"user\" or \"assistant\"", role.text()))
			}
		}
		return nil
	}},
	{"anthropic.tool-name", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if name := tool.get("name"); isCustomTool(tool) && name.isString() && (!isName(name.text(), "_-") || len(name.text()) > 128) {
				return refused(fmt.Sprintf("tools.%d.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'", i))
			}
		}
		return nil
	}},
	{"anthropic.tool-names-unique", func(c *call) *refusal {
		seen := map[string]bool{}
		for _, tool := range c.request.get("tools").items {
			name := tool.get("name").text()
			if name != "" && seen[name] {
				return refused("tools: Tool names must be unique.")
			}
			seen[name] = true
		}
		return nil
	}},
	{"anthropic.input-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if !isCustomTool(tool) {
				continue
			}
			schema := tool.get("input_schema")
			switch kind := schema.get("type"); {
			case !schema.there():
				return refused(fmt.Sprintf("tools.%d.custom.input_schema: Field required", i))
			case !kind.there():
				return refused(fmt.Sprintf("tools.%d.custom.input_schema.type: Field required", i))
			case kind.isString() && kind.text() != "object":
				return refused(fmt.Sprintf("tools.%d.custom.input_schema.type: Input should be 'object'", i))
			case hasUnion(schema):
				return refused(fmt.Sprintf("tools.%d.custom.input_schema: "+noUnion, i))
			}
		}
		return nil
	}},
	{"anthropic.stop-sequences", func(c *call) *refusal {
		for _, stop := range c.request.get("stop_sequences").items {
			if stop.blank() {
				return refused("stop_sequences: each stop sequence must contain non-whitespace")
			}
		}
		return nil
	}},
	{"anthropic.temperature", func(c *call) *refusal {
		n, ok := c.request.get("temperature").number()
		if ok && (n < 0 || n > 1) {
			return refused("temperature: range: 0..1")
		}
		return nil
	}},
	{"anthropic.temperature-and-top-p", func(c *call) *refusal {
		if c.request.get("temperature").there() && c.request.get("top_p").there() && isOneOf(c.Model, oneOfTwo) {
			return refused(oneOfTwoOnly)
		}
		return nil
	}},
	{"anthropic.thinking-budget", func(c *call) *refusal {
		interleaved := c.withBeta("interleaved-thinking")
		return refusedIf(thinkingBudget(c.request.get("thinking"), c.request.get("max_tokens"), interleaved))
	}},
	{"anthropic.thinking-settings", func(c *call) *refusal {
		return refusedIf(thinkingSettings(c.request.get("thinking"), c.request.get("temperature"), c.request.get("top_k"), c.request.get("top_p")))
	}},
	{"anthropic.thinking-tool-choice", func(c *call) *refusal {
		if kind := c.request.get("tool_choice", "type").text(); c.thinks() && (kind == "any" || kind == "tool") {
			return refused(thinkingForced)
		}
		return nil
	}},
}

var (
	messageRoles = words("user assistant system")
	imageTypes   = words("image/jpeg image/png image/gif image/webp")
)

// thinkingBudget returns what is wrong with a budget for thoughts, or "".
func thinkingBudget(thinking, maxTokens value, interleaved bool) string {
	budget, ok := thinking.get("budget_tokens").number()
	if !ok || thinking.get("type").text() != "enabled" {
		return ""
	}
	most, limited := maxTokens.number()
	switch {
	case budget < 1024:
		return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
	case limited && budget >= most && !interleaved:
		return "`max_tokens` must be greater than `thinking.budget_tokens`." + thinkingDocs + "#max-tokens-and-context-window-size"
	}
	return ""
}

// thinkingSettings returns the setting that is incompatible with thinking, or "".
func thinkingSettings(thinking, temperature, topK, topP value) string {
	const considerations = "." + thinkingDocs + "#important-considerations-when-using-extended-thinking"
	kind := string(thinking.get("type").inner())
	if kind != "enabled" && kind != "adaptive" {
		return ""
	}
	if n, ok := temperature.number(); ok && n != 1 {
		if kind == "adaptive" {
			return "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode" + considerations
		}
		return "`temperature` may only be set to 1 when thinking is enabled" + considerations
	}
	if kind == "adaptive" {
		return ""
	}
	if topK.there() {
		return "`top_k` must be unset when thinking is enabled" + considerations
	}
	if n, ok := topP.number(); ok && n < 0.95 {
		return "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled" + considerations
	}
	return ""
}

const (
	thinkingForced = "Thinking may not be enabled when tool_choice forces tool use."
	oneOfTwoOnly   = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
	noPrefillHere  = "This model does not support assistant message prefill. The conversation must end with a user message."
)

const noUnion = "input_schema does not support oneOf, allOf, or anyOf at the top level"

func hasUnion(schema value) bool {
	return schema.get("oneOf").there() || schema.get("allOf").there() || schema.get("anyOf").there()
}

// thinks reports whether extended thinking is on with a budget.
func (c *call) thinks() bool { return c.request.get("thinking", "type").text() == "enabled" }

// isCustomTool reports whether a tool is the client's own, not Anthropic's.
func isCustomTool(tool value) bool {
	kind := tool.get("type").text()
	return tool.isObject() && (kind == "" || kind == "custom")
}
