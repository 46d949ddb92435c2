package upstream

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What providers that speak OpenAI's format refuse in their own way.

var mistralRules = []rule{
	{"mistral.unknown-parameter", func(c *call) *refusal {
		var details []object
		for _, f := range c.request.fields {
			if !mistralParameters[f.name] {
				details = append(details, object{"type": "extra_forbidden", "loc": []string{"body", f.name},
					"msg": "Extra inputs are not permitted", "input": rawOrNull(f.value)})
			}
		}
		if details == nil {
			return nil
		}
		return &refusal{status: 422, body: object{"object": "error", "message": object{"detail": details},
			"type": "invalid_request_error", "param": nil, "code": nil}}
	}},
	{"mistral.temperature", func(c *call) *refusal {
		temperature := c.request.get("temperature")
		if n, ok := temperature.number(); !ok || n <= 1.5 {
			return nil
		}
		return &refusal{status: 422, body: object{"object": "error", "message": object{"detail": []object{{"type": "less_than_equal", "loc": []string{"body", "temperature"},
			"msg": "Input should be less than or equal to 1.5", "input": rawOrNull(temperature), "ctx": object{"le": 1.5}}}},
			"type": "invalid_request_error", "param": nil, "code": nil}}
	}},
	{"mistral.assistant-empty", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			content := m.get("content")
			if m.get("role").text() == "assistant" && content.text() == "" && len(content.items) == 0 && len(m.get("tool_calls").items) == 0 {
				return &refusal{body: object{"object": "error", "type": "invalid_request_assistant_message", "param": nil, "code": "3240",
					"message": "Assistant message must have either content or tool_calls, but not none."}}
			}
		}
		return nil
	}},
	{"mistral.tool-call-id", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			ids := []value{m.get("tool_call_id")}
			for _, tool := range m.get("tool_calls").items {
				ids = append(ids, tool.get("id"))
			}
			for _, id := range ids {
				if s := id.text(); s != "" && (len(s) != 9 || !isName(s, "")) {
					return &refusal{body: object{"object": "error", "type": "invalid_function_call", "param": nil, "code": "3280",
						"message": "Tool call id was " + s + " but must be a-z, A-Z, 0-9, with a length of 9."}}
				}
			}
		}
		return nil
	}},
	{"mistral.role-order", func(c *call) *refusal {
		before := ""
		for _, m := range c.request.get("messages").items {
			role := m.get("role").text()
			if role == "user" && before == "tool" || role == "tool" && before == "user" {
				return &refusal{body: object{"object": "error", "type": "invalid_request_message_order", "param": nil, "code": "3230",
					"message": fmt.Sprintf("Unexpected role '%s' after role '%s'", role, before)}}
			}
			before = role
		}
		return nil
	}},
	{"mistral.last-role", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) == 0 {
			return nil
		}
		last := messages[len(messages)-1]
		if last.get("role").text() != "assistant" || last.get("prefix").isTrue() {
			return nil
		}
		return &refusal{body: object{"object": "error", "type": "invalid_request_error", "param": nil, "code": nil,
			"message": "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"}}
	}},
}

var mistralParameters = words(`model messages temperature top_p max_tokens stream stop random_seed seed metadata response_format tools
	tool_choice presence_penalty frequency_penalty n prediction parallel_tool_calls prompt_mode reasoning_effort safe_prompt
	guardrails prompt_cache_key stream_options min_tokens`)

func rawOrNull(v value) any {
	if !v.there() {
		return nil
	}
	return json.RawMessage(v.raw)
}

var groqRules = []rule{
	{"groq.unsupported", func(c *call) *refusal {
		for _, name := range [...]string{"logit_bias", "logprobs", "top_logprobs"} {
			if v := c.request.get(name); v.there() && !v.is('f') {
				return groqRefusal("property '%s' is unsupported", name)
			}
		}
		return nil
	}},
	{"groq.json-with-tools", func(c *call) *refusal {
		if kind := c.request.get("response_format", "type").text(); len(c.request.get("tools").items) > 0 && strings.HasPrefix(kind, "json_") {
			return groqRefusal("json mode cannot be combined with tool/function calling")
		}
		return nil
	}},
	{"groq.n", func(c *call) *refusal {
		if n, ok := c.request.get("n").number(); ok && n > 1 {
			return groqRefusal("'n' : number must be at most 1")
		}
		return nil
	}},
}

func groqRefusal(format string, args ...any) *refusal {
	return &refusal{body: object{"error": object{"message": fmt.Sprintf(format, args...), "type": "invalid_request_error"}}}
}

var deepSeekRules = []rule{
	{"deepseek.tool-message", func(c *call) *refusal {
		if orphan(c.request.get("messages")) >= 0 {
			return deepSeekRefusal("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'")
		}
		return nil
	}},
	{"deepseek.role", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if role := m.get("role"); role.isString() && !slices.Contains(deepSeekRoles, role.text()) {
				return deepSeekRefusal(fmt.Sprintf("Failed to deserialize the JSON body into the target type: messages[%d].role: unknown variant `%s`, expected one of `system`, `user`, `assistant`, `tool`", i, role.text()))
			}
		}
		return nil
	}},
	{"deepseek.tool-calls-answered", func(c *call) *refusal {
		if _, ids := unanswered(c.request.get("messages")); len(ids) > 0 {
			return deepSeekRefusal("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
				"(insufficient tool messages following tool_calls message)")
		}
		return nil
	}},
	{"deepseek.tool-names-unique", func(c *call) *refusal {
		seen := map[string]bool{}
		for _, tool := range c.request.get("tools").items {
			name := tool.get("function", "name").text()
			if seen[name] {
				return deepSeekRefusal("Tool names must be unique.")
			}
			seen[name] = name != ""
		}
		return nil
	}},
	{"deepseek.media", func(c *call) *refusal {
		return c.eachBlock(func(i, _ int, part value) *refusal {
			if kind := part.get("type").text(); kind != "text" {
				return deepSeekRefusal(fmt.Sprintf("Failed to deserialize the JSON body into the target type: messages[%d]: unknown variant `%s`, expected `text`", i, kind))
			}
			return nil
		})
	}},
	{"deepseek.response-format", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() == "json_schema" {
			return deepSeekRefusal("This response_format type is unavailable now")
		}
		return nil
	}},
	{"deepseek.json-word", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() != "json_object" || mentionsJSON(c.request.get("messages")) {
			return nil
		}
		return deepSeekRefusal("Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.")
	}},
	{"deepseek.reasoning-content", func(c *call) *refusal {
		if c.request.get("thinking", "type").text() != "enabled" && !isFamily(c.Model, "deepseek-reasoner") {
			return nil
		}
		messages := c.request.get("messages").items
		for _, m := range slices.Backward(messages) {
			switch m.get("role").text() {
			case "user": // what was thought before is not needed
				return nil
			case "assistant":
				if len(m.get("tool_calls").items) > 0 && !m.get("reasoning_content").there() {
					return deepSeekRefusal("The `reasoning_content` in the thinking mode must be passed back to the API.")
				}
			}
		}
		return nil
	}},
}

func deepSeekRefusal(message string) *refusal {
	return &refusal{body: object{"error": object{"message": message, "type": "invalid_request_error", "param": nil, "code": "invalid_request_error"}}}
}

var deepSeekRoles = []string{"system", "user", "assistant", "tool"}

var xaiRules = []rule{
	{"xai.name", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			if role := m.get("role").text(); m.get("name").there() && (role == "system" || role == "assistant") {
				return &refusal{body: object{"code": "Client specified an invalid argument", "error": "Only messages of role 'user' can have a name."}}
			}
		}
		return nil
	}},
	{"xai.unsupported", func(c *call) *refusal {
		if !strings.HasPrefix(c.Model, "grok-3") && !strings.HasPrefix(c.Model, "grok-4") && !strings.HasPrefix(c.Model, "grok-code") {
			return nil
		}
		for _, f := range [...][2]string{{"presence_penalty", "presencePenalty"}, {"frequency_penalty", "frequencyPenalty"}, {"stop", "stop"}} {
			stops := f[0] == "stop" && (strings.Contains(c.Model, "non-reasoning") || isOneOf(c.Model, []string{"grok-3", "grok-3-fast", "grok-3-beta"}))
			if c.request.get(f[0]).there() && !stops {
				return &refusal{body: object{"code": "Client specified an invalid argument", "error": "Argument not supported on this model: " + f[1]}}
			}
		}
		return nil
	}},
}

var perplexityRules = []rule{
	{"perplexity.alternation", func(c *call) *refusal {
		before := "assistant"
		for i, m := range c.request.get("messages").items {
			role := m.get("role").text()
			switch {
			case role == "system" && i == 0, role == "system" && before == "system":
				before = "system"
				continue
			case role == "tool" && before == "user", role == "tool" && before == "tool":
				role = before
			case role == before || role == "assistant" && before == "system":
				return &refusal{body: object{"error": object{"message": "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
					"type": "invalid_message", "code": 400}}}
			}
			before = role
		}
		return nil
	}},
}

var moonshotRules = []rule{
	{"moonshot.temperature", func(c *call) *refusal {
		n, ok := c.request.get("temperature").number()
		if !ok || n == 1 || !strings.HasPrefix(c.Model, "kimi-k2.") || c.request.get("thinking", "type").text() == "disabled" {
			return nil
		}
		return moonshotRefusal("invalid temperature: only 1 is allowed for this model")
	}},
	{"moonshot.assistant-empty", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			content := m.get("content")
			if m.get("role").text() == "assistant" && content.text() == "" && len(content.items) == 0 && len(m.get("tool_calls").items) == 0 && m.get("reasoning_content").text() == "" {
				return moonshotRefusal(fmt.Sprintf("Invalid request: the message at position %d with role 'assistant' must not be empty", i))
			}
		}
		return nil
	}},
	{"moonshot.reasoning-content", func(c *call) *refusal {
		thinks := c.request.get("thinking", "type").text() != "disabled" && (strings.HasPrefix(c.Model, "kimi-k2.") || strings.HasPrefix(c.Model, "kimi-k2-thinking"))
		for i, m := range c.request.get("messages").items {
			if thinks && len(m.get("tool_calls").items) > 0 && m.get("reasoning_content").text() == "" {
				return moonshotRefusal(fmt.Sprintf("thinking is enabled but reasoning_content is missing in assistant tool call message at index %d", i))
			}
		}
		return nil
	}},
}

func moonshotRefusal(message string) *refusal {
	return &refusal{body: object{"error": object{"message": message, "type": "invalid_request_error"}}}
}
