package upstream

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What providers of OpenAI's format reject in their own way.

var mistralRules = []rule{
	{"mistral.unknown-parameter", func(c *call) *refusal {
		details := extras(c.request, mistralParameters, "body")
		for i, m := range c.request.get("messages").items {
			role := m.get("role").text()
			known := mistralMessages[role]
			if known == nil {
				continue
			}
			details = append(details, extras(m, known, "body", "messages", i, role)...)
			for j, tool := range m.get("tool_calls").items {
				details = append(details, extras(tool, mistralCalls, "body", "messages", i, role, "tool_calls", j)...)
			}
		}
		if details == nil {
			return nil
		}
		return &refusal{status: 422, body: object{"object": "error", "message": object{"detail": details},
			"type": "invalid_request_error", "param": nil, "code": nil}}
	}},
	{"mistral.tool-calls-answered", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i := range messages {
			calls, results := len(messages[i].get("tool_calls").items), 0
			for j := i + 1; calls > 0 && j < len(messages) && messages[j].get("role").text() == "tool"; j++ {
				results++
			}
			if calls != results && calls > 0 && i+1 < len(messages) {
				return &refusal{body: object{"object": "error", "type": "invalid_request_message_order", "param": nil, "code": "3230",
					"message": "Not the same number of function calls and responses"}}
			}
		}
		return nil
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
	{"mistral.reasoning-effort", func(c *call) *refusal {
		effort := c.request.get("reasoning_effort")
		var message string
		switch {
		case !effort.isString():
			return nil
		case dialect.BeginsWithOneOf(c.Model, mistralPlain...):
			message = "reasoning_effort is not enabled for this model"
		case dialect.BeginsWithOneOf(c.Model, mistralReasoning...) && effort.text() != "none" && effort.text() != "high":
			message = fmt.Sprintf("reasoning_effort='%s' is not supported for this model. Must be one of (<ReasoningEffort.none: 'none'>, <ReasoningEffort.high: 'high'>)", effort.text())
		default:
			return nil
		}
		return &refusal{body: object{"object": "error", "message": message, "type": "invalid_request_invalid_args", "param": nil, "code": "3051", "raw_status_code": 400}}
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

var mistralParameters = words(`model messages temperature top_p max_tokens stream stop random_seed metadata document_image_limit document_page_limit response_format tools
	tool_choice presence_penalty frequency_penalty n prediction parallel_tool_calls prompt_mode reasoning_effort safe_prompt
	guardrails prompt_cache_key stream_options min_tokens service_tier`)

// mistralReasoning are the models with an effort, and mistralPlain some without.
var (
	mistralReasoning = []string{"mistral-small-latest", "mistral-small-2603", "mistral-medium-latest", "mistral-medium-2604", "mistral-medium-3-5", "mistral-medium-3.5", "magistral-small"}
	mistralPlain     = []string{"mistral-large", "magistral-medium", "ministral", "codestral"}
)

// mistralMessages are the fields of messages by role, and mistralCalls those of calls, from Mistral's SDK.
var (
	mistralMessages = map[string]map[string]bool{"system": words("role content"), "user": words("role content"),
		"assistant": words("role content tool_calls prefix"), "tool": words("role content tool_call_id name")}
	mistralCalls = words("id type function index")
)

// extras rejects each unknown field.
func extras(v value, known map[string]bool, place ...any) []object {
	var details []object
	for i := range v.fields {
		if f := &v.fields[i]; !known[f.name] {
			details = append(details, object{"type": "extra_forbidden", "loc": append(slices.Clone(place), f.name),
				"msg": "Extra inputs are not permitted", "input": rawOrNull(f.value)})
		}
	}
	return details
}

func rawOrNull(v value) any {
	if !v.there() {
		return nil
	}
	return json.RawMessage(v.raw)
}

var groqRules = []rule{
	{"groq.unknown-parameter", func(c *call) *refusal {
		for i := range c.request.fields {
			if name := c.request.fields[i].name; chatFields.fields[name] == nil && !groqParameters[name] {
				return groqRefusal("property '%s' is unsupported", name)
			}
		}
		return nil
	}},
	{"groq.message-property", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			for j := range m.fields {
				if name := m.fields[j].name; !groqMessage[name] {
					return groqRefusal("'messages.%d' : for 'role:%s' the following must be satisfied[('messages.%d' : property '%s' is unsupported)]", i, m.get("role").text(), i, name)
				}
			}
		}
		return nil
	}},
	{"groq.reasoning-effort", func(c *call) *refusal {
		effort := c.request.get("reasoning_effort")
		if !effort.isString() {
			return nil
		}
		known := []string{"none", "default", "low", "medium", "high"}
		switch {
		case strings.HasPrefix(c.Model, "llama-3"):
			return groqRefusal("`reasoning_effort` is not supported with this model")
		case strings.HasPrefix(c.Model, "qwen/qwen3") && !strings.HasPrefix(c.Model, "qwen/qwen3.8"):
			known = known[:2]
		case strings.HasPrefix(c.Model, "openai/gpt-oss"):
			known = known[2:]
		}
		if slices.Contains(known, effort.text()) {
			return nil
		}
		last := len(known) - 1
		return groqRefusal("`reasoning_effort` must be one of `%s` or `%s`", strings.Join(known[:last], "`, `"), known[last])
	}},
	{"groq.structured-model", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() != "json_schema" || !strings.HasPrefix(c.Model, "llama-3") {
			return nil
		}
		return groqRefusal("This model does not support response format `json_schema`.")
	}},
	{"groq.unsupported", func(c *call) *refusal {
		for _, name := range [...]string{"logit_bias", "logprobs", "top_logprobs", "verbosity", "prompt_cache_key"} {
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
	{"groq.raw-reasoning", func(c *call) *refusal {
		parsed := len(c.request.get("tools").items) > 0 || strings.HasPrefix(c.request.get("response_format", "type").text(), "json_")
		if !parsed || c.request.get("reasoning_format").text() != "raw" {
			return nil
		}
		return groqRefusal("`reasoning_format` `raw` is not supported with tool use or JSON mode")
	}},
	{"groq.n", func(c *call) *refusal {
		if n, ok := c.request.get("n").number(); ok && n > 1 {
			return groqRefusal("'n' : number must be at most 1")
		}
		return nil
	}},
}

// groqParameters are the parameters of Groq's SDK in addition to OpenAI's, and groqMessage the fields of messages in
// either.
var (
	groqParameters = words(`citation_options compound_custom disable_tool_validation documents exclude_domains include_domains include_reasoning
		reasoning_format search_settings`)
	groqMessage = words("role content name refusal audio annotations function_call tool_calls tool_call_id reasoning")
)

func groqRefusal(format string, args ...any) *refusal {
	return &refusal{body: object{"error": object{"message": fmt.Sprintf(format, args...), "type": "invalid_request_error"}}}
}

var deepSeekRules = []rule{
	{"deepseek.type", func(c *call) *refusal {
		if n := c.request.get("max_tokens"); n.isString() {
			return deepSeekRefusal("Failed to deserialize the JSON body into the target type: max_tokens: invalid type: string " + string(n.raw) + ", expected u32")
		}
		return nil
	}},
	{"deepseek.max-tokens", func(c *call) *refusal {
		most := 384 * 1024
		switch c.Model {
		case "deepseek-chat":
			most = 8 * 1024
		case "deepseek-reasoner":
			most = 64 * 1024
		}
		return deepSeekRange(c.request, "max_tokens", 1, float64(most))
	}},
	{"deepseek.ranges", func(c *call) *refusal {
		return firstRefusal(deepSeekRange(c.request, "temperature", 0, 2), deepSeekRange(c.request, "top_p", 0, 1),
			deepSeekRange(c.request, "presence_penalty", -2, 2), deepSeekRange(c.request, "frequency_penalty", -2, 2))
	}},
	{"deepseek.tool-choice", func(c *call) *refusal {
		choice := c.request.get("tool_choice")
		thinking := c.request.get("thinking", "type").text()
		thinks := thinking == "enabled" || thinking == "" && (strings.HasPrefix(c.Model, "deepseek-v4") || c.Model == "deepseek-reasoner")
		switch {
		case choice.isString() && !slices.Contains([]string{"none", "auto", "required"}, choice.text()):
			return deepSeekRefusal("Failed to deserialize the JSON body into the target type: tool_choice: expected one of `none`, `auto`, `required` or a tool")
		case thinks && (choice.isObject() || choice.text() == "required"):
			return deepSeekRefusal("Thinking mode does not support this tool_choice")
		}
		return nil
	}},
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
	{"deepseek.content", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if role := m.get("role").text(); m.get("content").isArray() && (role == "assistant" || role == "tool") {
				return deepSeekRefusal(fmt.Sprintf("Failed to deserialize the JSON body into the target type: messages[%d]: invalid type: sequence, expected a string", i))
			}
		}
		return nil
	}},
	{"deepseek.media", func(c *call) *refusal {
		if strings.HasPrefix(c.Model, "deepseek-flash") || strings.HasPrefix(c.Model, "deepseek-v4-flash") {
			return nil
		}
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
			case "user": // earlier thoughts are not needed
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

func deepSeekRange(request value, name string, low, high float64) *refusal {
	if n, ok := request.get(name).number(); !ok || n >= low && n <= high {
		return nil
	}
	return deepSeekRefusal(fmt.Sprintf("Invalid %s value, the valid range of %s is [%v, %v]", name, name, int(low), int(high)))
}

func deepSeekRefusal(message string) *refusal {
	return &refusal{body: object{"error": object{"message": message, "type": "invalid_request_error", "param": nil, "code": "invalid_request_error"}}}
}

var deepSeekRoles = []string{"system", "user", "assistant", "tool"}
