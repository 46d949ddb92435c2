package upstream

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What OpenAI rejects. If others differ only in wording, the wording is OpenAI's.

var chatRules = []rule{
	{"openai.unknown-parameter", func(c *call) *refusal {
		var unknown []string
		for _, f := range c.request.fields {
			if chatFields.fields[f.name] == nil {
				unknown = append(unknown, f.name)
			}
		}
		switch len(unknown) {
		case 0:
			return nil
		case 1:
			return openAIRefusal("", "", "Unrecognized request argument supplied: %s", unknown[0])
		}
		return openAIRefusal("", "", "Unrecognized request arguments supplied: %s", strings.Join(unknown, ", "))
	}},
	{"openai.messages", func(c *call) *refusal {
		if c.request.get("messages").there() {
			return nil
		}
		return missingParameter("messages")
	}},
	{"openai.metadata", (*call).metadata},
	{"openai.content-null", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			silent := m.get("role").text() == "assistant" && (m.get("tool_calls").there() || m.get("function_call").there() ||
				m.get("refusal").there() || m.get("audio").there())
			if m.isObject() && !m.get("content").there() && !silent {
				return openAIRefusal(fmt.Sprintf("messages.[%d].content", i), "", "Invalid value for 'content': expected a string, got null.")
			}
		}
		return nil
	}},
	{"openai.tool-message", func(c *call) *refusal {
		if i := orphan(c.request.get("messages")); i >= 0 {
			return openAIRefusal(fmt.Sprintf("messages.[%d].role", i), "",
				"Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.") //nolint:misspell // OpenAI's spelling
		}
		return nil
	}},
	{"openai.tool-calls-answered", func(c *call) *refusal {
		if i, ids := unanswered(c.request.get("messages")); len(ids) > 0 {
			return openAIRefusal(fmt.Sprintf("messages.[%d].role", i), "", "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "+
				"The following tool_call_ids did not have response messages: %s", strings.Join(ids, ", "))
		}
		return nil
	}},
	{"openai.tools-length", tooManyTools},
	{"openai.function-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if broken := functionSchema(tool.get("function"), "tools[%d].function.parameters", i); broken != nil {
				return broken
			}
		}
		return nil
	}},
	{"openai.strict-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if broken := strictFunction(tool.get("function"), "tools[%d].function.parameters", i); broken != nil {
				return broken
			}
		}
		format := c.request.get("response_format", "json_schema")
		return strictFormat(format, "response_format", "")
	}},
	{"openai.schema-name", func(c *call) *refusal {
		format := c.request.get("response_format")
		if format.get("type").text() != "json_schema" {
			return nil
		}
		return schemaName(format.get("json_schema"), "response_format.json_schema")
	}},
	{"openai.json-word", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() != "json_object" || mentionsJSON(c.request.get("messages")) {
			return nil
		}
		return openAIRefusal("messages", "", "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.")
	}},
	{"openai.stream-options", (*call).streamOptions},
	{"openai.tool-choice", func(c *call) *refusal {
		for _, name := range [...]string{"tool_choice", "parallel_tool_calls"} {
			if c.request.get(name).there() && !c.request.get("tools").there() {
				return openAIRefusal(name, "", "Invalid value for '%s': '%s' is only allowed when 'tools' are specified.", name, name)
			}
		}
		return nil
	}},
	{"openai.one-limit", func(c *call) *refusal {
		if !c.request.get("max_tokens").there() || !c.request.get("max_completion_tokens").there() {
			return nil
		}
		return openAIRefusal("max_tokens", "invalid_parameter_combination", "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.")
	}},
}

// openAIRefusal is OpenAI's error, about a parameter; both may be "".
func openAIRefusal(param, code, format string, args ...any) *refusal {
	detail := object{"message": fmt.Sprintf(format, args...), "type": "invalid_request_error", "param": nil, "code": nil}
	if param != "" {
		detail["param"] = param
	}
	if code != "" {
		detail["code"] = code
	}
	return &refusal{body: object{"error": detail}}
}

// openAIFailure is the same as a response.
func openAIFailure(status int, param, code, format string, args ...any) response {
	a := jsonResponse(openAIRefusal(param, code, format, args...).body)
	a.status = status
	return a
}

func firstRefusal(list ...*refusal) *refusal {
	for _, broken := range list {
		if broken != nil {
			return broken
		}
	}
	return nil
}

// hasNull reports whether a field exists and is null.
func hasNull(v value, name string) bool {
	for _, f := range v.fields {
		if f.name == name {
			return !f.value.there()
		}
	}
	return false
}

// orphan returns the index of a tool message without a preceding call; -1 if there is none.
func orphan(messages value) int {
	called := false
	for i, m := range messages.items {
		switch {
		case m.get("role").text() != "tool":
			called = len(m.get("tool_calls").items) > 0
		case !called:
			return i
		}
	}
	return -1
}

// unanswered returns calls without a tool message, and the index of the message in its place.
func unanswered(messages value) (at int, ids []string) {
	for i, m := range messages.items {
		if m.get("role").text() == "tool" {
			id := m.get("tool_call_id").text()
			ids = slices.DeleteFunc(ids, func(s string) bool { return s == id })
			continue
		}
		if len(ids) > 0 {
			return i, ids
		}
		for _, tool := range m.get("tool_calls").items {
			ids = append(ids, tool.get("id").text())
		}
	}
	return len(messages.items), ids
}

func tooManyTools(c *call) *refusal {
	const most = 128
	if n := len(c.request.get("tools").items); n > most {
		return openAIRefusal("tools", "array_above_max_length",
			"Invalid 'tools': array too long. Expected an array with maximum length %d, but got an array with length %d instead.", most, n)
	}
	return nil
}

// tooLong rejects a longer string. The place is formatted by [placeOf].
func tooLong(v value, most int, place string, at ...int) *refusal {
	if n := utf8.RuneCountInString(v.text()); n > most {
		param := placeOf(place, at)
		return openAIRefusal(param, "string_above_max_length",
			"Invalid '%s': string too long. Expected a string with maximum length %d, but got a string with length %d instead.", param, most, n)
	}
	return nil
}

// metadata rejects too many pairs, and pairs that are too long.
func (c *call) metadata() *refusal {
	pairs := c.request.get("metadata").fields
	if n := len(pairs); n > 16 {
		return openAIRefusal("metadata", "object_above_max_properties",
			"Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with %d properties instead.", n)
	}
	for _, pair := range pairs {
		if n := utf8.RuneCountInString(pair.name); n > 64 {
			return openAIRefusal("metadata", "string_above_max_length",
				"Invalid 'metadata': key too long. Expected keys with maximum length 64, but got a key with length %d instead.", n)
		}
		if broken := tooLong(pair.value, 512, "metadata."+pair.name); broken != nil {
			return broken
		}
	}
	return nil
}

func toolName(name value, place string, at ...int) *refusal {
	if name.isString() && name.text() != "" && !isName(name.text(), "_-") {
		param := placeOf(place, at)
		return openAIRefusal(param, "invalid_value",
			"Invalid '%s': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.", param)
	}
	return tooLong(name, 64, place, at...)
}

// placeOf formats the name of a field in lists; the place has a %d for each index. It runs only for errors:
// formatting it for each message was a tenth of the cost of the rules.
func placeOf(place string, at []int) string {
	if len(at) == 0 {
		return place
	}
	args := make([]any, len(at))
	for i, n := range at {
		args[i] = n
	}
	return fmt.Sprintf(place, args...)
}

// mentionsJSON reports whether the word is in any text of the messages.
func mentionsJSON(messages value) bool {
	return strings.Contains(strings.ToLower(string(messages.raw)), "json")
}
