package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What Anthropic's messages API refuses.

const thinkingDocs = " Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"

var messagesRules = []rule{
	{"anthropic.version-header", func(c *call) *refusal {
		if c.header.Get("Anthropic-Version") == "" {
			return refused("anthropic-version: header is required")
		}
		return nil
	}},
	{"anthropic.extra-inputs", func(c *call) *refusal {
		if name := unknownField(c.request, messagesParameters); name != "" {
			return refused(name + ": Extra inputs are not permitted")
		}
		for i, m := range c.request.get("messages").items {
			if name := unknownField(m, messageFields); name != "" {
				return refused(fmt.Sprintf("messages.%d.%s: Extra inputs are not permitted", i, name))
			}
			for j, block := range m.get("content").items {
				kind := block.get("type").text()
				if name := unknownField(block, blockFields[kind]); name != "" {
					return refused(fmt.Sprintf("messages.%d.content.%d.%s.%s: Extra inputs are not permitted", i, j, kind, name))
				}
			}
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
	{"anthropic.content-empty", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i, m := range messages {
			content := m.get("content")
			empty := content.isString() && content.text() == "" || content.isArray() && len(content.items) == 0
			if empty && (i < len(messages)-1 || m.get("role").text() != "assistant") {
				return refused(fmt.Sprintf("messages.%d: all messages must have non-empty content except for the optional final assistant message", i))
			}
		}
		return nil
	}},
	{"anthropic.text-blank", func(c *call) *refusal {
		if problem := blankBlock(c.request.get("system")); problem != "" {
			return refused("system: " + problem)
		}
		for i, m := range c.request.get("messages").items {
			content := m.get("content")
			for j, block := range content.items {
				if text := block.get("text"); text.isString() && text.text() == "" && block.get("cache_control").there() {
					return refused(fmt.Sprintf("messages.%d.content.%d.text: cache_control cannot be set for empty text blocks", i, j))
				}
			}
			problem := blankBlock(content)
			if content.blank() && content.text() != "" {
				problem = blankText
			}
			if problem != "" {
				return refused("messages: " + problem)
			}
		}
		return nil
	}},
	{"anthropic.trailing-whitespace", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) == 0 || messages[len(messages)-1].get("role").text() != "assistant" {
			return nil
		}
		content := messages[len(messages)-1].get("content")
		if n := len(content.items); n > 0 {
			content = content.items[n-1].get("text")
		}
		if text := content.text(); text != strings.TrimRight(text, " \t\r\n") {
			return refused("messages: final assistant content cannot end with trailing whitespace")
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
			return refused("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
		}
		return nil
	}},
	{"anthropic.thinking-budget", func(c *call) *refusal {
		budget, ok := c.request.get("thinking", "budget_tokens").number()
		if !ok || !c.thinks() {
			return nil
		}
		most, _ := c.request.get("max_tokens").number()
		switch {
		case budget < 1024:
			return refused("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
		case budget >= most && !strings.Contains(strings.Join(c.header.Values("Anthropic-Beta"), ","), "interleaved-thinking"):
			return refused("`max_tokens` must be greater than `thinking.budget_tokens`." + thinkingDocs + "#max-tokens-and-context-window-size")
		}
		return nil
	}},
	{"anthropic.thinking-settings", func(c *call) *refusal {
		if !c.thinks() {
			return nil
		}
		const considerations = "." + thinkingDocs + "#important-considerations-when-using-extended-thinking"
		if n, ok := c.request.get("temperature").number(); ok && n != 1 {
			return refused("`temperature` may only be set to 1 when thinking is enabled" + considerations)
		}
		if c.request.get("top_k").there() {
			return refused("`top_k` must be unset when thinking is enabled" + considerations)
		}
		if n, ok := c.request.get("top_p").number(); ok && n < 0.95 {
			return refused("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled" + considerations)
		}
		return nil
	}},
	{"anthropic.thinking-tool-choice", func(c *call) *refusal {
		if kind := c.request.get("tool_choice", "type").text(); c.thinks() && (kind == "any" || kind == "tool") {
			return refused("Thinking may not be enabled when tool_choice forces tool use.")
		}
		return nil
	}},
	{"anthropic.thinking-signature", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			for j, block := range m.get("content").items {
				signature := block.get("signature")
				switch {
				case block.get("type").text() != "thinking":
				case !signature.there():
					return refused(fmt.Sprintf("messages.%d.content.%d.thinking.signature: Field required", i, j))
				case signature.text() == "":
					return refused(fmt.Sprintf("messages.%d.content.%d: Invalid `signature` in `thinking` block", i, j))
				}
			}
		}
		return nil
	}},
	{"anthropic.tool-use-id", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			for j, block := range m.get("content").items {
				kind, name := block.get("type").text(), "id"
				if kind == "tool_result" {
					name = "tool_use_id"
				} else if kind != "tool_use" {
					continue
				}
				if id := block.get(name); id.isString() && !isName(id.text(), "_-") {
					return refused(fmt.Sprintf("messages.%d.content.%d.%s.%s: String should match pattern '^[a-zA-Z0-9_-]+$'", i, j, kind, name))
				}
			}
		}
		return nil
	}},
	{"anthropic.tool-use-ids-unique", func(c *call) *refusal {
		seen := map[string]bool{}
		for i, m := range c.request.get("messages").items {
			for j, block := range m.get("content").items {
				if block.get("type").text() != "tool_use" {
					continue
				}
				id := block.get("id").text()
				if seen[id] {
					return refused(fmt.Sprintf("messages.%d.content.%d: `tool_use` ids must be unique", i, j))
				}
				seen[id] = true
			}
		}
		return nil
	}},
	{"anthropic.cache-points", func(c *call) *refusal {
		points := cachePoints(c.request.get("system")) + cachePoints(c.request.get("tools"))
		for _, m := range c.request.get("messages").items {
			points += cachePoints(m.get("content"))
		}
		if points > 4 {
			return refused(fmt.Sprintf("A maximum of 4 blocks with cache_control may be provided. Found %d.", points))
		}
		return nil
	}},
	{"anthropic.cache-ttl-order", func(c *call) *refusal {
		if place := c.lateHour(); place != "" {
			return refused(place + lateHour)
		}
		return nil
	}},
	{"anthropic.tool-input", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			input, given := block.field("input")
			switch {
			case block.get("type").text() != "tool_use" || input.isObject():
				return nil
			case !given:
				return refused(fmt.Sprintf("messages.%d.content.%d.tool_use.input: Field required", i, j))
			}
			return refused(fmt.Sprintf("messages.%d.content.%d.tool_use.input: Input should be a valid dictionary", i, j))
		})
	}},
	{"anthropic.failed-result", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			if block.get("type").text() != "tool_result" || !block.get("is_error").isTrue() {
				return nil
			}
			content := block.get("content")
			place := fmt.Sprintf("messages.%d.content.%d.tool_result: ", i, j)
			if content.text() == "" && len(content.items) == 0 {
				return refused(place + "content cannot be empty if `is_error` is true")
			}
			for _, part := range content.items {
				if part.get("type").text() != "text" {
					return refused(place + "all content must be type `text` if `is_error` is true")
				}
			}
			return nil
		})
	}},
	{"anthropic.thinking-last", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) == 0 || messages[len(messages)-1].get("role").text() != "assistant" {
			return nil // in earlier messages, it is accepted
		}
		blocks := messages[len(messages)-1].get("content").items
		if len(blocks) > 0 && blocks[len(blocks)-1].get("type").text() == "thinking" {
			return refused(fmt.Sprintf("messages.%d: The final block in an assistant message cannot be `thinking`.", len(messages)-1))
		}
		return nil
	}},
	{"anthropic.tool-use-answered", func(c *call) *refusal {
		messages := joined(c.request.get("messages").items)
		for n, m := range messages {
			var open []string
			for _, block := range m.blocks {
				if block.get("type").text() == "tool_use" {
					open = append(open, block.get("id").text())
				}
			}
			if n+1 < len(messages) {
				for _, block := range messages[n+1].blocks {
					id := block.get("tool_use_id").text()
					open = slices.DeleteFunc(open, func(s string) bool { return s == id })
				}
			}
			if len(open) > 0 {
				return refused(fmt.Sprintf("messages.%d: `tool_use` ids were found without `tool_result` blocks immediately after: %s. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
					m.last, strings.Join(open, ", ")))
			}
		}
		return nil
	}},
	{"anthropic.tool-result", func(c *call) *refusal {
		used := map[string]bool{}
		for _, m := range joined(c.request.get("messages").items) {
			next := map[string]bool{}
			for j, block := range m.blocks {
				id := block.get("tool_use_id").text()
				switch block.get("type").text() {
				case "tool_use":
					next[block.get("id").text()] = true
				case "tool_result":
					if !used[id] {
						return refused(fmt.Sprintf("messages.%d.content.%d: unexpected `tool_use_id` found in `tool_result` blocks: %s. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
							m.last, j, id))
					}
				}
			}
			used = next
		}
		return nil
	}},
	{"anthropic.image-type", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			for j, block := range m.get("content").items {
				source := block.get("source")
				if block.get("type").text() != "image" || source.get("type").text() != "base64" {
					continue
				}
				if media := source.get("media_type"); media.isString() && !imageTypes[media.text()] {
					return refused(fmt.Sprintf("messages.%d.content.%d.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'", i, j))
				}
			}
		}
		return nil
	}},
}

var (
	messagesParameters = words(`cache_control compaction container context_management diagnostics fallback_credit_token fallbacks
		inference_geo max_tokens mcp_servers messages metadata model output_config output_format service_tier speed stop_sequences
		stream system temperature thinking tool_choice tools top_k top_p`)
	messageRoles  = words("user assistant system")
	messageFields = words("role content clear_at output_config")
	blockFields   = map[string]map[string]bool{
		"text":              words("type text cache_control citations"),
		"thinking":          words("type thinking signature"),
		"redacted_thinking": words("type data"),
		"tool_use":          words("type id name input cache_control caller toolset_name"),
		"tool_result":       words("type tool_use_id content is_error cache_control toolset_name"),
	}
	imageTypes = words("image/jpeg image/png image/gif image/webp")
)

const blankText = "text content blocks must contain non-whitespace text"

// blankBlock returns what is wrong with the texts of a content's blocks.
func blankBlock(content value) string {
	for _, block := range content.items {
		text := block.get("text")
		switch {
		case block.get("type").text() != "text" || !text.blank():
		case text.text() == "":
			return "text content blocks must be non-empty"
		default:
			return blankText
		}
	}
	return ""
}

const noUnion = "input_schema does not support oneOf, allOf, or anyOf at the top level"

func hasUnion(schema value) bool {
	return schema.get("oneOf").there() || schema.get("allOf").there() || schema.get("anyOf").there()
}

// cachePoints is how many of some blocks, and of those in results of tools, have one.
func cachePoints(blocks value) int {
	n := 0
	for _, block := range blocks.items {
		if block.get("cache_control").there() {
			n++
		}
		n += cachePoints(block.get("content"))
	}
	return n
}

// lateHour is what Claude says of a point that is to last an hour after one that lasts
// five minutes.
const lateHour = ": a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. " +
	"Note that blocks are processed in the following order: `tools`, `system`, `messages`."

// lateHour returns where such a point is, "" if none is.
func (c *call) lateHour() string {
	short := false
	if place := lateHourAmong(c.request.get("tools"), "tools", &short); place != "" {
		return place
	}
	if place := lateHourAmong(c.request.get("system"), "system", &short); place != "" {
		return place
	}
	for i, m := range c.request.get("messages").items {
		if place := lateHourAmong(m.get("content"), fmt.Sprintf("messages.%d.content", i), &short); place != "" {
			return place
		}
	}
	return ""
}

// lateHourAmong looks at blocks and at those within them, which come first. short says
// whether there was a point of five minutes.
func lateHourAmong(blocks value, place string, short *bool) string {
	for i, block := range blocks.items {
		at := fmt.Sprintf("%s.%d", place, i)
		if within := lateHourAmong(block.get("content"), at+".content", short); within != "" {
			return within
		}
		point := block.get("cache_control")
		hour := point.get("ttl").text() == "1h"
		if hour && *short {
			return at + ".cache_control.ttl"
		}
		*short = *short || point.isObject() && !hour
	}
	return ""
}

// thinks reports whether extended thinking is on with a budget.
func (c *call) thinks() bool { return c.request.get("thinking", "type").text() == "enabled" }

// isCustomTool reports whether a tool is the client's own, not one of Anthropic's.
func isCustomTool(tool value) bool {
	kind := tool.get("type").text()
	return tool.isObject() && (kind == "" || kind == "custom")
}

func unknownField(v value, known map[string]bool) string {
	if known != nil {
		for _, f := range v.fields {
			if !known[f.name] {
				return f.name
			}
		}
	}
	return ""
}

// joinedMessage is what Anthropic takes for one message: several in a row of one role.
type joinedMessage struct {
	role   string
	last   int // the index of the last of them
	blocks []value
}

func joined(messages []value) []joinedMessage {
	var out []joinedMessage
	for i, m := range messages {
		role := m.get("role").text()
		if len(out) == 0 || out[len(out)-1].role != role {
			out = append(out, joinedMessage{role: role})
		}
		last := &out[len(out)-1]
		last.last, last.blocks = i, append(last.blocks, m.get("content").items...)
	}
	return out
}
