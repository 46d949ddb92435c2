package upstream

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What xAI, Perplexity, Moonshot, Cerebras and Fireworks reject in their own way.

var xaiRules = append([]rule{
	{"xai.name", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			if role := m.get("role").text(); m.get("name").there() && (role == "system" || role == "assistant") {
				return xaiRefusal("Only messages of role 'user' can have a name.")
			}
		}
		return nil
	}},
	{"xai.unsupported", func(c *call) *refusal {
		if !strings.HasPrefix(c.Model, "grok-3") && !strings.HasPrefix(c.Model, "grok-4") && !strings.HasPrefix(c.Model, "grok-code") {
			return nil
		}
		for _, f := range [...][2]string{{"presence_penalty", "presencePenalty"}, {"frequency_penalty", "frequencyPenalty"}, {"stop", "stop"}} {
			takes := f[0] != "presence_penalty" && (strings.Contains(c.Model, "non-reasoning") || isOneOf(c.Model, []string{"grok-3", "grok-3-fast", "grok-3-beta"}))
			if c.request.get(f[0]).there() && !takes {
				return xaiRefusal("Argument not supported on this model: " + f[1])
			}
		}
		return nil
	}},
}, xaiContentRules...)

var xaiContentRules = []rule{
	{"xai.reasoning-effort", func(c *call) *refusal {
		if !c.request.get("reasoning_effort").there() || !slices.ContainsFunc(effortless, func(family string) bool { return strings.HasPrefix(c.Model, family) }) {
			return nil
		}
		return xaiRefusal("Model " + c.Model + " does not support parameter reasoningEffort.")
	}},
	{"xai.content-empty", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			content := m.get("content")
			silent := content.isArray() && len(content.items) == 0 || m.get("role").text() == "assistant" && !content.isArray() && content.text() == "" && !m.get("reasoning_content").there()
			if silent && len(m.get("tool_calls").items) == 0 {
				return xaiRefusal("Invalid request content: Each message must have at least one content element.")
			}
		}
		return nil
	}},
	{"xai.arguments", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			for _, tool := range m.get("tool_calls").items {
				arguments := tool.get("function", "arguments")
				if !arguments.isString() || json.Valid([]byte(arguments.text())) {
					continue
				}
				problem := `Error("expected value", line: 1, column: 1)`
				if arguments.text() == "" {
					problem = `Error("EOF while parsing a value", line: 1, column: 0)`
				}
				return xaiRefusal("The arguments to a tool_call with ID '" + tool.get("id").text() + "' are not a valid JSON string. Parsing error: " + problem)
			}
		}
		return nil
	}},
}

// effortless are the models whose reasoning can't be changed, or that don't reason.
var effortless = []string{"grok-2", "grok-code", "grok-build", "grok-4-fast", "grok-4-1-fast", "grok-4.1-fast", "grok-4.20-0309"}

func xaiRefusal(message string) *refusal {
	return &refusal{body: object{"code": "Client specified an invalid argument", "error": message}}
}

var perplexityRules = []rule{
	{"perplexity.tools", func(c *call) *refusal {
		if len(c.request.get("tools").items) == 0 {
			return nil
		}
		return perplexityRefusal("bad_request", "Tool calling is not supported for this model")
	}},
	{"perplexity.response-format", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() != "json_object" {
			return nil
		}
		return perplexityRefusal("bad_request", `["At body -> response_format -> ResponseFormatText -> type: Input should be 'text'", `+
			`"At body -> response_format -> ResponseFormatJSONSchema -> type: Input should be 'json_schema'", `+
			`"At body -> response_format -> ResponseFormatJSONSchema -> json_schema: Field required", `+
			`"At body -> response_format -> ResponseFormatRegex -> type: Input should be 'regex'", `+
			`"At body -> response_format -> ResponseFormatRegex -> regex: Field required"]`)
	}},
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
				return perplexityRefusal("invalid_message", "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).")
			}
			before = role
		}
		return nil
	}},
	{"perplexity.last-role", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) == 0 || messages[len(messages)-1].get("role").text() != "assistant" {
			return nil
		}
		return perplexityRefusal("invalid_message", "Last message must have role `user`.")
	}},
}

func perplexityRefusal(kind, message string) *refusal {
	return &refusal{body: object{"error": object{"message": message, "type": kind, "code": http.StatusBadRequest}}}
}

var moonshotRules = []rule{
	{"moonshot.tool-schema", func(c *call) *refusal {
		for _, tool := range c.request.get("tools").items {
			schema := tool.get("function", "parameters")
			if !schema.isObject() {
				continue
			}
			if place, problem := unflavored(schema, "root"); problem != "" {
				return moonshotRefusal("tools.function.parameters is not a valid moonshot flavored json schema, details: <At path '" + place + "': " + problem + ">")
			}
			if !schema.get("type").there() && !schema.get("anyOf").there() && !schema.get("$ref").there() && len(schema.fields) > 0 {
				return moonshotRefusal(`tools.function.parameters.type is required and must be "object"`)
			}
		}
		return nil
	}},
	{"moonshot.temperature", func(c *call) *refusal {
		n, ok := c.request.get("temperature").number()
		if !ok || n == 1 || !pinned(c.Model) || strings.HasPrefix(c.Model, "kimi-k2.") && c.request.get("thinking", "type").text() == "disabled" {
			return nil
		}
		return moonshotRefusal("invalid temperature: only 1 is allowed for this model")
	}},
	{"moonshot.sampling", func(c *call) *refusal {
		if !pinned(c.Model) {
			return nil
		}
		for _, f := range [...]struct {
			name string
			only float64
		}{{"top_p", 0.95}, {"n", 1}, {"presence_penalty", 0}, {"frequency_penalty", 0}} {
			if n, ok := c.request.get(f.name).number(); ok && n != f.only {
				return moonshotRefusal(fmt.Sprintf("invalid %s: only %v is allowed for this model", f.name, f.only))
			}
		}
		return nil
	}},
	{"moonshot.tool-choice", func(c *call) *refusal {
		choice := c.request.get("tool_choice")
		named, forced := choice.isObject(), choice.text() == "required"
		switch {
		case c.request.get("thinking", "type").text() == "disabled", !pinned(c.Model) && !strings.HasPrefix(c.Model, "kimi-k2-thinking"):
		case named:
			return moonshotRefusal("tool_choice 'specified' is incompatible with thinking enabled")
		case forced && !strings.HasPrefix(c.Model, "kimi-k3"):
			return moonshotRefusal("tool_choice 'required' is incompatible with thinking enabled")
		}
		return nil
	}},
	{"moonshot.assistant-empty", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			content := m.get("content")
			if m.get("role").text() == "assistant" && !m.get("partial").isTrue() && content.text() == "" && len(content.items) == 0 && len(m.get("tool_calls").items) == 0 && m.get("reasoning_content").text() == "" {
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

// pinned reports whether a model has fixed settings.
func pinned(model string) bool {
	return strings.HasPrefix(model, "kimi-k2.") || strings.HasPrefix(model, "kimi-k3")
}

func moonshotRefusal(message string) *refusal {
	return &refusal{body: object{"error": object{"message": message, "type": "invalid_request_error"}}}
}

// unflavored returns what Moonshot's kind of schemas does not support in a schema, and where.
func unflavored(schema value, place string) (where, problem string) {
	within := func(name string) string {
		if place == "root" {
			return name
		}
		return place + "." + name
	}
	if ref := schema.get("$ref"); ref.isString() && !strings.HasPrefix(ref.text(), "#/$defs/") && !strings.HasPrefix(ref.text(), "#/definitions/") {
		return within("$ref"), "references must start with #/$defs/"
	}
	if schema.get("anyOf").there() && schema.get("type").there() {
		return place, "when using anyOf, type should be defined in anyOf items instead of the parent schema"
	}
	if place != "root" && len(schema.fields) > 0 && !slices.ContainsFunc(schema.fields, func(f field) bool { return typing[f.name] }) {
		return place, "type is not defined"
	}
	for _, p := range schema.get("properties").fields {
		if where, problem = unflavored(p.value, within("properties."+p.name)); problem != "" {
			return where, problem
		}
	}
	if items := schema.get("items"); items.isObject() {
		return unflavored(items, within("items"))
	}
	return "", ""
}

// typing are the keywords that determine the type of a value.
var typing = words("type anyOf oneOf allOf $ref enum const not")

// cerebrasRules are in the order in which the API checks them.
var cerebrasRules = []rule{
	{"cerebras.unknown-parameter", func(c *call) *refusal {
		var unknown []string
		for i := range c.request.fields {
			if name := c.request.fields[i].name; name == "store" || chatFields.fields[name] == nil && !cerebrasParameters[name] {
				unknown = append(unknown, "body."+name)
			}
		}
		return cerebrasRefusal(http.StatusUnprocessableEntity, unknown)
	}},
	{"cerebras.message-property", func(c *call) *refusal {
		var unknown []string
		for i, m := range c.request.get("messages").items {
			for j := range m.fields {
				if name := m.fields[j].name; !groqMessage[name] {
					unknown = append(unknown, fmt.Sprintf("messages.%d.%s.%s", i, m.get("role").text(), name))
				}
			}
		}
		return cerebrasRefusal(http.StatusBadRequest, unknown)
	}},
	{"cerebras.strict-mixed", func(c *call) *refusal {
		tools, strict := c.request.get("tools").items, 0
		for _, tool := range tools {
			if tool.get("function", "strict").isTrue() {
				strict++
			}
		}
		if strict == 0 || strict == len(tools) {
			return nil
		}
		return &refusal{status: http.StatusUnprocessableEntity, body: object{"message": "Tools with mixed values for 'strict' are not allowed. Please set all tools to 'strict: true' or 'strict: false'",
			"type": "invalid_request_error", "param": "tools", "code": "wrong_api_format"}}
	}},
	{"cerebras.logit-bias", func(c *call) *refusal {
		const most = 100
		if len(c.request.get("logit_bias").fields) <= most {
			return nil
		}
		return &refusal{body: object{"message": "logit_bias may have at most 100 entries", "type": "invalid_request_error", "param": "logit_bias", "code": "wrong_api_format"}}
	}},
	{"cerebras.json-with-tools", func(c *call) *refusal {
		if kind := c.request.get("response_format", "type").text(); len(c.request.get("tools").items) == 0 || !strings.HasPrefix(kind, "json_") {
			return nil
		}
		return &refusal{body: object{"message": `"tools" is incompatible with "response_format"`, "type": "invalid_request_error", "param": "validation_error", "code": "wrong_api_format"}}
	}},
}

// cerebrasParameters are the parameters of Cerebras's SDK in addition to OpenAI's.
var cerebrasParameters = words("clear_thinking disable_reasoning min_completion_tokens min_tokens model_parameters reasoning_format")

func cerebrasRefusal(status int, unknown []string) *refusal {
	if unknown == nil {
		return nil
	}
	lines := make([]string, len(unknown))
	for i, name := range unknown {
		lines[i] = name + ": property '" + name + "' is unsupported"
	}
	return &refusal{status: status, body: object{"message": strings.Join(lines, "\n"), "type": "invalid_request_error", "param": "validation_error", "code": "wrong_api_format"}}
}

var fireworksRules = []rule{
	{"fireworks.max-tokens", func(c *call) *refusal {
		n, ok := c.request.get("max_tokens").number()
		if !ok || n <= 4096 || c.request.get("stream").isTrue() {
			return nil
		}
		return openAIRefusal("", "", "Requests with max_tokens > 4096 must have stream=true")
	}},
}

// compatibleGoogleRules are those of Google's API in OpenAI's format, which rejects what reports name.
var compatibleGoogleRules = []rule{
	{"google.chat-parameter", func(c *call) *refusal {
		var lines []string
		for _, name := range [...]string{"store", "metadata", "frequency_penalty", "seed", "prompt_cache_key"} {
			if c.request.get(name).there() {
				lines = append(lines, `Invalid JSON payload received. Unknown name "`+name+`": Cannot find field.`)
			}
		}
		if lines == nil {
			return nil
		}
		violations := make([]object, len(lines))
		for i, line := range lines {
			violations[i] = object{"description": line}
		}
		return &refusal{body: []object{{"error": object{"code": http.StatusBadRequest, "message": strings.Join(lines, "\n"), "status": "INVALID_ARGUMENT",
			"details": []object{{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}}}}}}
	}},
}
