package upstream

import (
	"fmt"
	"strings"
)

// What Google's generateContent rejects. Its JSON is that of protocol buffers: names may be in camelCase or with
// underscores, and a single value may replace a list.

var generateRules = []rule{
	{"google.contents", func(c *call) *refusal {
		if contents := either(c.request, "contents"); !contents.isString() && len(repeated(c.request, "contents")) == 0 {
			return refused("* GenerateContentRequest.contents: contents is not specified\n")
		}
		return nil
	}},
	{"google.role", func(c *call) *refusal {
		for _, content := range repeated(c.request, "contents") {
			if role := content.get("role").text(); role != "" && !googleRoles[role] {
				return refused("Please use a valid role: user, model.")
			}
		}
		return nil
	}},
	{"google.parts", func(c *call) *refusal {
		for i, content := range repeated(c.request, "contents") {
			parts := repeated(content, "parts")
			if content.get("parts").isArray() && len(parts) == 0 {
				return refused(fmt.Sprintf("* GenerateContentRequest.contents[%d].parts: contents.parts must not be empty.\n", i))
			}
			for j, part := range parts {
				if part.isObject() && len(part.fields) == 0 {
					return refused(fmt.Sprintf("* GenerateContentRequest.contents[%d].parts[%d].data: required oneof field 'data' must have one initialized field\n", i, j))
				}
			}
		}
		return nil
	}},
	{"google.function-responses", func(c *call) *refusal {
		calls := 0
		contents := repeated(c.request, "contents")
		for i, content := range contents {
			responses := partsWith(content, "functionResponse")
			if calls > 0 && responses != calls && i > 0 || calls == 0 && responses > 0 {
				return refused("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.")
			}
			calls = partsWith(content, "functionCall")
		}
		return nil
	}},
	{"google.function-response-name", func(c *call) *refusal {
		var wrong strings.Builder
		for i, content := range repeated(c.request, "contents") {
			for j, part := range repeated(content, "parts") {
				if response := either(part, "functionResponse"); response.isObject() && response.get("name").text() == "" {
					fmt.Fprintf(&wrong, "* GenerateContentRequest.contents[%d].parts[%d].function_response.name: Name cannot be empty.\n", i, j)
				}
			}
		}
		return refusedIf(wrong.String())
	}},
	{"google.function-response-object", func(c *call) *refusal {
		var wrong []string
		for i, content := range repeated(c.request, "contents") {
			for j, part := range repeated(content, "parts") {
				if response := either(part, "functionResponse").get("response"); response.there() && !response.isObject() && !response.isArray() { // a list breaks google.unknown-field
					wrong = append(wrong, fmt.Sprintf("Invalid value at 'contents[%d].parts[%d].function_response.response' (type.googleapis.com/google.protobuf.Struct), %s", i, j, response.raw))
				}
			}
		}
		return refusedIf(strings.Join(wrong, "\n"))
	}},
	{"google.cached-content", func(c *call) *refusal {
		if !either(c.request, "cachedContent").there() {
			return nil
		}
		for _, name := range [...]string{"systemInstruction", "tools", "toolConfig"} {
			if either(c.request, name).there() {
				return refused("CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\n" +
					"Proposed fix: move those values to CachedContent from GenerateContent request.")
			}
		}
		return nil
	}},
	{"google.thought-signature", func(c *call) *refusal {
		if !strings.HasPrefix(c.Model, "gemini-3") {
			return nil
		}
		contents := repeated(c.request, "contents")
		turn := 0 // the start of the current turn: the user's last text
		for i, content := range contents {
			if content.get("role").text() != "model" && partsWith(content, "functionResponse") == 0 {
				turn = i
			}
		}
		for i, content := range contents[min(turn, len(contents)):] {
			for _, part := range repeated(content, "parts") {
				function := either(part, "functionCall")
				if !function.there() {
					continue
				}
				if !either(part, "thoughtSignature").there() {
					return refused(fmt.Sprintf("Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. "+
						"Additional data, function call `default_api:%s` , position %d. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.",
						function.get("name").text(), turn+i+1))
				}
				break // the first of parallel calls has it
			}
		}
		return nil
	}},
	{"google.first-call", func(c *call) *refusal {
		if contents := repeated(c.request, "contents"); len(contents) > 0 && partsWith(contents[0], "functionCall") > 0 {
			return refused("Please ensure that function call turn comes immediately after a user turn or after a function response turn.")
		}
		return nil
	}},
	{"google.calling-config", func(c *call) *refusal {
		mode := either(either(either(c.request, "toolConfig"), "functionCallingConfig"), "mode").text()
		if mode == "" || strings.EqualFold(mode, "none") {
			return nil
		}
		for _, tool := range repeated(c.request, "tools") {
			if len(repeated(tool, "functionDeclarations")) > 0 {
				return nil
			}
		}
		return refused("Function calling config is set without function_declarations.")
	}},
	{"google.thinking-level", func(c *call) *refusal {
		level := either(c.thinkingConfig(), "thinkingLevel")
		name := strings.ToUpper(level.text())
		switch {
		case !level.there() || name == "THINKING_LEVEL_UNSPECIFIED":
		case strings.HasPrefix(c.Model, "gemini-2"):
			return refused("Thinking level is not supported for this model.")
		case either(c.thinkingConfig(), "thinkingBudget").there():
			return refused("You can only set only one of thinking budget and thinking level.")
		case name == "MINIMAL" && alwaysThinks(c.Model):
			return refused("Thinking level MINIMAL is not supported for this model. Please retry with other thinking level.")
		}
		return nil
	}},
	{"google.thinking-budget", func(c *call) *refusal {
		budget, ok := either(c.thinkingConfig(), "thinkingBudget").number()
		if ok && budget == 0 && alwaysThinks(c.Model) {
			return refused("Budget 0 is invalid. This model only works in thinking mode.")
		}
		limits, known := budgets[familyOf(c.Model)]
		if !ok || !known || budget == -1 || budget == 0 || budget >= limits.least && budget <= limits.most {
			return nil
		}
		return refused(fmt.Sprintf("The thinking budget %.0f is invalid. Please choose a value between %.0f and %.0f.", budget, limits.least, limits.most))
	}},
	{"google.function-name", func(c *call) *refusal {
		var wrong strings.Builder
		_ = c.eachDeclaration(func(at declared, declaration value) *refusal {
			name := declaration.get("name")
			if s := name.text(); !isName(s, "_.:-") || len(s) > 128 || s[0] >= '0' && s[0] <= '9' || s[0] == '-' || s[0] == '.' || s[0] == ':' {
				wrong.WriteString("* GenerateContentRequest." + at.place() + ".name: Invalid function name. Must start with a letter or an underscore. " +
					"Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n")
			}
			return nil
		})
		return refusedIf(wrong.String())
	}},
	{"google.function-names-unique", func(c *call) *refusal {
		seen := map[string]bool{}
		return c.eachDeclaration(func(_ declared, declaration value) *refusal {
			name := declaration.get("name").text()
			if seen[name] {
				return refused("Duplicate function declaration found: " + name)
			}
			seen[name] = true
			return nil
		})
	}},
	{"google.json-with-functions", func(c *call) *refusal {
		if strings.HasPrefix(c.Model, "gemini-3") || either(either(c.request, "generationConfig"), "responseMimeType").text() != "application/json" {
			return nil
		}
		return c.eachDeclaration(func(declared, value) *refusal {
			return refused("Function calling with a response mime type: 'application/json' is unsupported")
		})
	}},
	{"google.stop-sequences", func(c *call) *refusal {
		if len(repeated(either(c.request, "generationConfig"), "stopSequences")) > 5 {
			return refused("* GenerateContentRequest.generation_config.stop_sequences: the number of stop_sequences must not exceed 5.\n")
		}
		return nil
	}},
	{"google.penalties", func(c *call) *refusal {
		if !strings.HasPrefix(c.Model, "gemini-2.5") && !strings.HasPrefix(c.Model, "gemini-3") {
			return nil
		}
		for _, name := range [...]string{"presencePenalty", "frequencyPenalty"} {
			if n, ok := either(either(c.request, "generationConfig"), name).number(); ok && n != 0 {
				return refused("Penalty is not enabled for models/" + c.Model)
			}
		}
		return nil
	}},
	{"google.search-with-functions", func(c *call) *refusal {
		functions, builtIn := false, false
		for _, tool := range repeated(c.request, "tools") {
			functions = functions || len(repeated(tool, "functionDeclarations")) > 0
			builtIn = builtIn || either(tool, "googleSearch").there() || either(tool, "urlContext").there() || either(tool, "codeExecution").there()
		}
		switch {
		case !functions || !builtIn:
			return nil
		case strings.HasPrefix(c.Model, "gemini-2"):
			return refused("Tool use with function calling is unsupported")
		case strings.HasPrefix(c.Model, "gemini-3") && !either(either(c.request, "toolConfig"), "includeServerSideToolInvocations").isTrue():
			return refused("Please enable tool_config.include_server_side_tool_invocations to use Built-in tools with Function calling.")
		}
		return nil
	}},
	{"google.temperature", func(c *call) *refusal {
		if n, ok := either(c.request, "generationConfig").get("temperature").number(); ok && (n < 0 || n > 2) {
			return refused("* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n")
		}
		return nil
	}},
}

var googleRoles = words("user model function")

// either returns a field in either spelling.
func either(v value, name string) value {
	for i := range v.fields {
		f := &v.fields[i]
		if isCamel(f.name, name) {
			return f.value
		}
	}
	return value{}
}

// repeated returns a list's items, or the single value in its place.
func repeated(v value, name string) []value {
	list := either(v, name)
	if list.isObject() {
		return []value{list}
	}
	return list.items
}

// camel returns a name in camelCase.
func camel(name string) string {
	if strings.IndexByte(name, '_') <= 0 {
		return name
	}
	first, rest, _ := strings.Cut(name, "_")
	for word := range strings.SplitSeq(rest, "_") {
		if word != "" {
			first += strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return first
}

// isCamel reports whether a name is another one in camelCase. It doesn't allocate: fields are looked up often.
func isCamel(name, inCamel string) bool {
	at, upper := 0, false
	for i := range len(name) {
		b := name[i]
		if b == '_' && name[0] != '_' {
			upper = true
			continue
		}
		if upper && 'a' <= b && b <= 'z' {
			b -= 'a' - 'A'
		}
		if at == len(inCamel) || inCamel[at] != b {
			return false
		}
		at, upper = at+1, false
	}
	return at == len(inCamel)
}

// partsWith counts the parts of a content with a field.
func partsWith(content value, name string) int {
	n := 0
	for _, part := range repeated(content, "parts") {
		if either(part, name).there() {
			n++
		}
	}
	return n
}

func refusedIf(problems string) *refusal {
	if problems == "" {
		return nil
	}
	return refused(problems)
}

// declared is the position of a function declaration: the tool and the index in it.
type declared struct{ tool, function int }

func (d declared) place() string {
	return fmt.Sprintf("tools[%d].function_declarations[%d]", d.tool, d.function)
}

// eachDeclaration iterates over the functions until one breaks a rule.
func (c *call) eachDeclaration(check func(place declared, declaration value) *refusal) *refusal {
	for i, tool := range repeated(c.request, "tools") {
		for j, declaration := range repeated(tool, "functionDeclarations") {
			if broken := check(declared{i, j}, declaration); broken != nil {
				return broken
			}
		}
	}
	return nil
}

// conversesOnly is the rule of models without instructions, functions and JSON.
func (c *call) conversesOnly() *refusal {
	functions := c.eachDeclaration(func(declared, value) *refusal { return refused("") })
	switch {
	case either(c.request, "systemInstruction").there():
		return refused("Developer instruction is not enabled for models/" + c.Model)
	case functions != nil:
		return refused("Function calling is not enabled for models/" + c.Model)
	case either(either(c.request, "generationConfig"), "responseMimeType").text() == "application/json":
		return refused("JSON mode is not enabled for models/" + c.Model)
	}
	return nil
}
