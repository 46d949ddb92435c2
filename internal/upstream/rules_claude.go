package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What some Claude models reject and others accept. For an unlisted model, the fake accepts: newer models may be
// unknown here.

var (
	// manualOnly think with a budget or not at all; adaptiveOnly decide on their own.
	manualOnly = []string{"claude-3-7-sonnet", "claude-sonnet-4", "claude-sonnet-4-0", "claude-opus-4", "claude-opus-4-0", "claude-opus-4-1",
		"claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"}
	adaptiveOnly = []string{"claude-opus-4-7", "claude-opus-4-8", "claude-sonnet-5", "claude-opus-5", "claude-opus-5-5", "claude-sonnet-5-5",
		"claude-haiku-5-5", "claude-fable-5", "claude-fable-5-1", "claude-mythos-5", "claude-mythos-5-1"}
	alwaysThinking = []string{"claude-fable-5", "claude-fable-5-1", "claude-mythos-5", "claude-mythos-5-1", "claude-mythos-preview"}
	// noPrefill require that the last message is the user's.
	noPrefill = append([]string{"claude-opus-4-6", "claude-sonnet-4-6", "claude-mythos-preview"},
		slices.DeleteFunc(slices.Clone(adaptiveOnly), func(model string) bool { return model == "claude-haiku-5-5" })...) // its documentation does not say
	// noSystemRole accept instructions only at the top level.
	noSystemRole = append([]string{"claude-sonnet-5", "claude-mythos-preview", "claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-7", "claude-3-5-sonnet", "claude-3-5-haiku",
		"claude-3-opus", "claude-3-sonnet", "claude-3-haiku"}, manualOnly...)
	noEffort     = []string{"claude-haiku-4-5", "claude-sonnet-4-5"}
	noForcedTool = []string{"claude-fable-5-1", "claude-mythos-5-1", "claude-opus-5-5"}
	oneOfTwo     = []string{"claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5", "claude-opus-4-6", "claude-sonnet-4-6"}
)

var claudeRules = []rule{
	{"anthropic.output-limit", func(c *call) *refusal {
		most, known := c.mostOutput()
		n, ok := c.request.get("max_tokens").number()
		if !known || !ok || n <= float64(most) || c.withBeta("output-") {
			return nil
		}
		return refused(fmt.Sprintf("max_tokens: %.0f > %d, which is the maximum allowed number of output tokens for %s", n, most, c.Model))
	}},
	{"anthropic.thinking-type", func(c *call) *refusal {
		return refusedIf(thinkingType(c.Model, c.request.get("thinking", "type").text()))
	}},
	{"anthropic.effort", func(c *call) *refusal {
		if c.request.get("output_config", "effort").there() && isOneOf(c.Model, noEffort) {
			return refused("This model does not support the effort parameter.")
		}
		return nil
	}},
	{"anthropic.prefill", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) > 0 && messages[len(messages)-1].get("role").text() == "assistant" && isOneOf(c.Model, noPrefill) && !endsInServerTool(messages[len(messages)-1]) {
			return refused(noPrefillHere)
		}
		return nil
	}},
	{"anthropic.sampling", func(c *call) *refusal {
		if name := notSampled(c.Model, c.request.get("temperature"), c.request.get("top_p")); name != "" {
			return refused("`" + name + "` is deprecated for this model.")
		}
		if c.request.get("top_k").there() && isOneOf(c.Model, adaptiveOnly) {
			return refused("`top_k` is deprecated for this model.")
		}
		return nil
	}},
	{"anthropic.forced-tool", func(c *call) *refusal {
		if kind := c.request.get("tool_choice", "type").text(); (kind == "any" || kind == "tool") && isOneOf(c.Model, noForcedTool) {
			return refused(`tool_choice: type "tool" and "any" are not supported for this model.`)
		}
		return nil
	}},
	{"anthropic.system-role", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i, m := range messages {
			if m.get("role").text() != "system" || isDirective(m) {
				continue
			}
			next := ""
			if i+1 < len(messages) {
				next = messages[i+1].get("role").text()
			}
			switch {
			case i == 0:
				return refused("messages.0: use the top-level 'system' parameter for the initial system prompt" + directives)
			case isOneOf(c.Model, noSystemRole):
				return refused("role 'system' is not supported on this model")
			case next == "user":
				return refused(fmt.Sprintf("messages.%d: role 'system' must precede an 'assistant' message or end the array%s", i, directives))
			}
		}
		return nil
	}},
}

// isDirective reports whether a message changes only settings.
func isDirective(m value) bool {
	content := m.get("content")
	return content.isArray() && len(content.items) == 0 && m.get("output_config").there()
}

const directives = "; the directive-only form (content: [] with output_config) is accepted at any position"

// notSampled returns the name of a sampling setting that the model does not support, unless it is the default.
func notSampled(model string, temperature, topP value) string {
	if !isOneOf(model, adaptiveOnly) {
		return ""
	}
	if n, ok := temperature.number(); ok && n != 1 {
		return "temperature"
	}
	if n, ok := topP.number(); ok && n < 0.99 {
		return "top_p"
	}
	return ""
}

// endsInServerTool reports whether a message was paused inside a tool that Anthropic runs: if it is sent back, it
// continues.
func endsInServerTool(message value) bool {
	blocks := message.get("content").items
	if len(blocks) == 0 {
		return false
	}
	kind := blocks[len(blocks)-1].get("type").text()
	return kind == "server_tool_use" || kind == "mcp_tool_use" || strings.HasSuffix(kind, "_tool_result") || kind == "compaction"
}

// thinkingType returns the model's objection to turning thinking on or off, or "".
func thinkingType(model, kind string) string {
	switch {
	case kind == "enabled" && isOneOf(model, adaptiveOnly):
		return `"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`
	case kind == "adaptive" && isOneOf(model, manualOnly):
		return "adaptive thinking is not supported on this model"
	case kind == "disabled" && isFamily(model, "claude-opus-5-5"):
		return `"thinking.type.disabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.`
	case kind == "disabled" && isOneOf(model, alwaysThinking):
		return `"thinking.type.disabled" is not supported for this model. Thinking defaults to adaptive mode when not specified; ` +
			`use "thinking.type.enabled" with "budget_tokens" for extended thinking.`
	}
	return ""
}
