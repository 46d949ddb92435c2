package upstream

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// What Anthropic's messages API rejects in the contents of messages.

var blockRules = []rule{
	{"anthropic.content-empty", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i, m := range messages {
			content := m.get("content")
			empty := content.isString() && content.text() == "" || content.isArray() && len(content.items) == 0
			if empty && !isDirective(m) && (i < len(messages)-1 || m.get("role").text() != "assistant") {
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
					if block.get("type").text() != "tool_result" {
						break // results precede the user's other content
					}
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
}

const blankText = "text content blocks must contain non-whitespace text"

// blankBlock returns what is wrong with the texts in a content's blocks.
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

// cachePoints counts the cache points of blocks, including those in tool results.
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

// lateHour is Claude's message about a 1-hour cache point after a 5-minute one.
const lateHour = ": a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. " +
	"Note that blocks are processed in the following order: `tools`, `system`, `messages`."

// lateHour returns the place of such a point, or "".
func (c *call) lateHour() string {
	if !bytes.Contains(c.body, []byte(`"1h"`)) {
		return ""
	}
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

// lateHourAmong searches blocks and those inside them, which come first. short reports whether there was a 5-minute
// point.
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

// joinedMessage is what Anthropic treats as one message: consecutive ones of the same role.
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
