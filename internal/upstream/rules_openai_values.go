package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What OpenAI rejects because a value has the wrong type, or isn't a known one.

var chatValueRules = []rule{
	{"openai.top-logprobs", func(c *call) *refusal {
		if c.request.get("top_logprobs").there() && !c.request.get("logprobs").isTrue() {
			return openAIRefusal("top_logprobs", "", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.")
		}
		return nil
	}},
	{"openai.vision", func(c *call) *refusal {
		if !isOneOf(c.Model, blindModels) {
			return nil
		}
		return c.eachBlock(func(i, j int, part value) *refusal {
			if part.get("type").text() != "image_url" {
				return nil
			}
			return openAIRefusal(fmt.Sprintf("messages.[%d].content.[%d].type", i, j), "", "Invalid content type. image_url is only supported by certain models.")
		})
	}},
	{"openai.system-role", func(c *call) *refusal {
		if !isOneOf(c.Model, []string{"o1-mini", "o1-preview"}) {
			return nil
		}
		for i, m := range c.request.get("messages").items {
			if role := m.get("role").text(); role == "system" || role == "developer" {
				param := fmt.Sprintf("messages[%d].role", i)
				return openAIRefusal(param, "unsupported_value", "Unsupported value: '%s' does not support '%s' with this model.", param, role)
			}
		}
		return nil
	}},
	{"openai.parallel-calls", func(c *call) *refusal {
		if c.request.get("parallel_tool_calls").there() && isOneOf(c.Model, []string{"o1", "o3", "o3-mini", "o4-mini"}) {
			return unsupported("parallel_tool_calls")
		}
		return nil
	}},
}

var responsesValueRules = []rule{
	{"openai.content-type", func(c *call) *refusal {
		for i, item := range c.request.get("input").items {
			for j, part := range item.get("content").items {
				if kind := part.get("type").text(); item.get("role").text() == "assistant" && strings.HasPrefix(kind, "input_") {
					return openAIRefusal(fmt.Sprintf("input[%d].content[%d]", i, j), "invalid_value", "Invalid value: '%s'. Supported values are: 'output_text' and 'refusal'.", kind)
				}
			}
		}
		return nil
	}},
	{"openai.encrypted-reasoning", func(c *call) *refusal {
		for name := range c.request.get("include").texts() {
			if name == "reasoning.encrypted_content" && c.neverReasons() {
				return openAIRefusal("include", "", "Encrypted content is not supported with this model.")
			}
		}
		return nil
	}},
	{"openai.tool-choice-name", func(c *call) *refusal {
		choice := c.request.get("tool_choice")
		kind, name := choice.get("type").text(), choice.get("name").text()
		known := slices.ContainsFunc(c.request.get("tools").items, func(tool value) bool {
			return tool.get("type").text() == kind && tool.get("name").text() == name
		})
		if kind != "function" || known {
			return nil
		}
		return openAIRefusal("tool_choice", "", "Tool choice 'function' not found in 'tools' parameter.")
	}},
}

// blindModels are those before GPT-4o, and reasoning models without vision.
var blindModels = []string{"gpt-3.5-turbo", "o1-mini", "o3-mini"}
