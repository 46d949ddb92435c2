package upstream

import (
	"fmt"
	"strings"
)

// What Google refuses in the schemas of functions, and of models that are not Gemini.

var googleSchemaRules = []rule{
	{"google.string-format", schemaRule(func(place string, schema value) string {
		format := schema.get("format")
		if !strings.EqualFold(schema.get("type").text(), "string") || !format.isString() || format.text() == "" || format.text() == "enum" || format.text() == "date-time" {
			return ""
		}
		return place + ".format: only 'enum' and 'date-time' are supported for STRING type\n"
	})},
	{"google.enum-empty", schemaRule(func(place string, schema value) string {
		for i, word := range schema.get("enum").items {
			if word.isString() && word.text() == "" {
				return fmt.Sprintf("%s.enum[%d]: cannot be empty\n", place, i)
			}
		}
		return ""
	})},
	{"google.empty-object", schemaRule(func(place string, schema value) string {
		if properties := schema.get("properties"); strings.EqualFold(schema.get("type").text(), "object") && properties.isObject() && len(properties.fields) == 0 {
			return place + ".properties: should be non-empty for OBJECT type\n"
		}
		return ""
	})},
	{"google.gemma", func(c *call) *refusal {
		name, of := strings.CutPrefix(c.Model, "gemma-")
		if !of || name != "" && name[0] > '3' {
			return nil
		}
		system := either(c.request, "systemInstruction")
		functions := c.eachDeclaration(func(string, value) *refusal { return refused("") })
		switch {
		case system.there():
			return refused("Developer instruction is not enabled for models/" + c.Model)
		case functions != nil:
			return refused("Function calling is not enabled for models/" + c.Model)
		case either(either(c.request, "generationConfig"), "responseMimeType").text() == "application/json":
			return refused("JSON mode is not enabled for models/" + c.Model)
		}
		return nil
	}},
	{"google.thoughts-without-thinking", func(c *call) *refusal {
		thinking := c.thinkingConfig()
		budget, ok := either(thinking, "thinkingBudget").number()
		if !strings.Contains(c.host, "aiplatform") || !ok || budget != 0 || !either(thinking, "includeThoughts").isTrue() {
			return nil // the report is of Vertex AI
		}
		return refused("Unable to submit request because Thinking_config.include_thoughts is only enabled when thinking is enabled.")
	}},
	{"google.allowed-functions", func(c *call) *refusal {
		calling := either(either(c.request, "toolConfig"), "functionCallingConfig")
		mode := strings.ToUpper(either(calling, "mode").text())
		if len(repeated(calling, "allowedFunctionNames")) > 0 && (mode == "AUTO" || mode == "NONE") {
			return refused("Allowed function names can only be set when the function calling mode is ANY or VALIDATED.")
		}
		return nil
	}},
}

// schemaRule is a rule of what is wrong with single schemas in the parameters of functions.
func schemaRule(problem func(place string, schema value) string) func(c *call) *refusal {
	return func(c *call) *refusal {
		return c.eachDeclaration(func(place string, declaration value) *refusal {
			var wrong strings.Builder
			eachSchema(declaration.get("parameters"), place+".parameters", func(place string, schema value) {
				if found := problem(place, schema); found != "" {
					wrong.WriteString("* GenerateContentRequest." + found)
				}
			})
			return refusedIf(wrong.String())
		})
	}
}
