package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What OpenAI refuses because a value has another type, or is none of those that it knows.

var chatValueRules = []rule{
	{"openai.type", func(c *call) *refusal {
		for _, f := range parameterTypes {
			if v := c.request.get(f.name); v.there() && !strings.ContainsRune(f.begins, rune(v.raw[0])) {
				return wrongType(f.name, f.kind, v)
			}
		}
		for i, m := range c.request.get("messages").items {
			if content := m.get("content"); content.isObject() || content.is('t') || content.is('f') {
				return wrongType(fmt.Sprintf("messages[%d].content", i), "one of a string or array of objects", content)
			}
			for j, tool := range m.get("tool_calls").items {
				if arguments := tool.get("function", "arguments"); arguments.there() && !arguments.isString() {
					return wrongType(fmt.Sprintf("messages[%d].tool_calls[%d].function.arguments", i, j), "a string", arguments)
				}
			}
		}
		return nil
	}},
	{"openai.value", func(c *call) *refusal {
		choice, format := c.request.get("tool_choice"), c.request.get("response_format", "type")
		return firstRefusal(
			oneOfValues(choice, "tool_choice", []string{"none", "auto", "required"}),
			oneOfValues(format, "response_format.type", []string{"json_object", "json_schema", "text"}))
	}},
	{"openai.content-empty", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if content := m.get("content"); content.isArray() && len(content.items) == 0 {
				return emptyArray(fmt.Sprintf("messages[%d].content", i))
			}
		}
		return nil
	}},
	{"openai.user-id", userIDs},
	{"openai.top-logprobs", func(c *call) *refusal {
		if c.request.get("top_logprobs").there() && !c.request.get("logprobs").isTrue() {
			return openAIRefusal("top_logprobs", "", "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.")
		}
		return integerRange(c.request, "top_logprobs", 0, 20)
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
	{"openai.user-id", userIDs},
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
	{"openai.missing-parameter", func(c *call) *refusal {
		for i, item := range c.request.get("input").items {
			for _, name := range requiredOfItems[item.get("type").text()] {
				if !item.get(name).there() {
					return missingParameter("input[%d].%s", i, name)
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

// parameterTypes are what begins the JSON of parameters, and what OpenAI calls their types.
var parameterTypes = []struct{ name, begins, kind string }{
	{"messages", "[", "an array of objects"}, {"tools", "[", "an array of objects"},
	{"temperature", digits, "a decimal"}, {"top_p", digits, "a decimal"},
	{"presence_penalty", digits, "a decimal"}, {"frequency_penalty", digits, "a decimal"},
	{"max_tokens", digits, "an integer"}, {"max_completion_tokens", digits, "an integer"}, {"n", digits, "an integer"}, {"seed", digits, "an integer"},
	{"parallel_tool_calls", "tf", "a boolean"}, {"store", "tf", "a boolean"}, {"response_format", "{", "an object"},
}

// blindModels are those before GPT-4o, and those that reason and don't look.
var blindModels = []string{"gpt-3.5-turbo", "o1-mini", "o3-mini"}

var requiredOfItems = map[string][]string{"reasoning": {"summary"}, "function_call": {"call_id", "name", "arguments"}, "function_call_output": {"call_id", "output"}}

// userIDs refuses ids of users and of caches that are too long.
func userIDs(c *call) *refusal {
	return firstRefusal(tooLong(c.request.get("user"), 64, "user"), tooLong(c.request.get("safety_identifier"), 64, "safety_identifier"),
		tooLong(c.request.get("prompt_cache_key"), 64, "prompt_cache_key"))
}

func oneOfValues(v value, param string, known []string) *refusal {
	if !v.isString() || slices.Contains(known, v.text()) {
		return nil
	}
	return openAIRefusal(param, "invalid_value", "Invalid value: '%s'. Supported values are: %s.", v.text(), listed(known))
}

// wrongType is OpenAI's error about a value of another type.
func wrongType(param, kind string, v value) *refusal {
	got := "a string"
	switch {
	case v.isObject():
		got = "an object"
	case v.isArray():
		got = "an array"
	case v.is('t'), v.is('f'):
		got = "a boolean"
	case !v.isString():
		got = "a number"
	}
	return openAIRefusal(param, "invalid_type", "Invalid type for '%s': expected %s, but got %s instead.", param, kind, got)
}
