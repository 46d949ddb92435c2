package upstream

import (
	"encoding/json"
	"fmt"
	"slices"
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
