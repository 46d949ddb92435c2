package upstream

import (
	"fmt"
	"slices"
	"strings"
)

// What Google rejects in the schemas of functions, and for models other than Gemini.

var googleSchemaRules = []rule{
	{"google.enum-type", schemaRule(func(schema value, found []string) []string {
		if !schema.get("enum").there() || !isType(schema, "integer", "number", "boolean") {
			return found
		}
		return append(found, ".enum: only allowed for STRING type")
	})},
	{"google.array-items", schemaRule(func(schema value, found []string) []string {
		if schema.get("items").there() || !isType(schema, "array") {
			return found
		}
		return append(found, ".items: missing field.")
	})},
	{"google.required-defined", schemaRule(func(schema value, found []string) []string {
		properties := schema.get("properties")
		for i, name := range schema.get("required").items {
			if properties.there() && !properties.get(name.text()).there() {
				found = append(found, fmt.Sprintf(".required[%d]: property is not defined", i))
			}
		}
		return found
	})},
	{"google.string-format", schemaRule(func(schema value, found []string) []string {
		format := schema.get("format").text()
		if format == "" || format == "enum" || format == "date-time" || !isType(schema, "string") {
			return found
		}
		return append(found, ".format: only 'enum' and 'date-time' are supported for STRING type")
	})},
	{"google.enum-empty", schemaRule(func(schema value, found []string) []string {
		for i, word := range schema.get("enum").items {
			if word.isString() && len(word.inner()) == 0 {
				found = append(found, fmt.Sprintf(".enum[%d]: cannot be empty", i))
			}
		}
		return found
	})},
	{"google.empty-object", schemaRule(func(schema value, found []string) []string {
		if properties := schema.get("properties"); !properties.isObject() || len(properties.fields) > 0 || !isType(schema, "object") {
			return found
		}
		return append(found, ".properties: should be non-empty for OBJECT type")
	})},
	{"google.schema-ref", jsonSchemaRule(func(node, _ value, _ string) string {
		ref := node.get("$ref").text()
		if ref == "" || !slices.ContainsFunc(node.fields, func(f field) bool { return !withRef[f.name] && !strings.HasPrefix(f.name, "$") }) {
			return ""
		}
		return "$ref '" + ref[strings.LastIndexByte(ref, '/')+1:] + "' was set alongside unsupported fields. If a schema node has $ref set, then only description and default can be set alongside it"
	})},
	{"google.schema-defined", jsonSchemaRule(func(node, root value, place string) string {
		name, of := strings.CutPrefix(node.get("$ref").text(), "#/$defs/")
		if !of || root.get("$defs", name).there() {
			return ""
		}
		return "reference to undefined schema at " + place
	})},
	{"google.logprobs", func(c *call) *refusal {
		wanted := either(either(c.request, "generationConfig"), "responseLogprobs").isTrue()
		if !wanted || !strings.Contains(c.host, "aiplatform") || !isFamily(c.Model, "gemini-3.5-flash") {
			return nil // the report is about this model at Vertex AI
		}
		return refused("Unable to submit request because Logprobs is not supported for this model.")
	}},
	{"google.gemma", func(c *call) *refusal {
		name, of := strings.CutPrefix(c.Model, "gemma-")
		if !of || name != "" && name[0] > '3' {
			return nil
		}
		return c.conversesOnly()
	}},
	{"google.thoughts-without-thinking", func(c *call) *refusal {
		thinking := c.thinkingConfig()
		budget, ok := either(thinking, "thinkingBudget").number()
		if !strings.Contains(c.host, "aiplatform") || !ok || budget != 0 || !either(thinking, "includeThoughts").isTrue() {
			return nil // the report is about Vertex AI
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

// isType reports whether a schema has one of the given types, in any case.
func isType(schema value, types ...string) bool {
	kind := schema.get("type").inner()
	for _, t := range types {
		if len(kind) == len(t) && strings.EqualFold(string(kind), t) {
			return true
		}
	}
	return false
}

// schemaRule is a rule about single schemas, in the parameters of functions and in structured output. A problem
// begins with its field.
func schemaRule(problem func(schema value, found []string) []string) func(c *call) *refusal {
	return func(c *call) *refusal {
		var found []string
		_ = c.eachDeclaration(func(at declared, declaration value) *refusal {
			n := len(found)
			found = inSchema(declaration.get("parameters"), found, problem)
			for k := n; k < len(found); k++ {
				found[k] = at.place() + ".parameters" + found[k]
			}
			return nil
		})
		n := len(found)
		found = inSchema(either(either(c.request, "generationConfig"), "responseSchema"), found, problem)
		for k := n; k < len(found); k++ {
			found[k] = "generation_config.response_schema" + found[k]
		}
		if found == nil {
			return nil
		}
		var wrong strings.Builder
		for _, f := range found {
			wrong.WriteString("* GenerateContentRequest." + f + "\n")
		}
		return refused(wrong.String())
	}
}

// inSchema searches for a problem in a schema and the schemas inside it, which are named by property, not by number.
func inSchema(schema value, found []string, problem func(value, []string) []string) []string {
	if !schema.isObject() {
		return found
	}
	found = problem(schema, found)
	for _, p := range schema.get("properties").fields {
		n := len(found)
		found = inSchema(p.value, found, problem)
		for k := n; k < len(found); k++ {
			found[k] = ".properties[" + p.name + "]" + found[k]
		}
	}
	n := len(found)
	found = inSchema(schema.get("items"), found, problem)
	for k := n; k < len(found); k++ {
		found[k] = ".items" + found[k]
	}
	for i, choice := range either(schema, "anyOf").items {
		n := len(found)
		found = inSchema(choice, found, problem)
		for k := n; k < len(found); k++ {
			found[k] = fmt.Sprintf(".any_of[%d]%s", i, found[k])
		}
	}
	return found
}

// withRef are the keywords that may go with a reference.
var withRef = words("description default")

// jsonSchemaRule is a rule about the nodes of JSON Schemas, of the parameters of functions and of structured output.
// It gets the node, the schema that it is part of, and its place in that schema.
func jsonSchemaRule(problem func(node, root value, place string) string) func(c *call) *refusal {
	return func(c *call) *refusal {
		check := func(root value) *refusal {
			return refusedIf(inNodes(root, "", func(node value, place string) string { return problem(node, root, place) }))
		}
		broken := c.eachDeclaration(func(_ declared, declaration value) *refusal {
			return check(either(declaration, "parametersJsonSchema"))
		})
		if broken == nil {
			broken = check(either(either(c.request, "generationConfig"), "responseJsonSchema"))
		}
		return broken
	}
}

// inNodes returns the first problem of a JSON Schema and the schemas in it.
func inNodes(node value, place string, problem func(node value, place string) string) string {
	within := func(child value, name string) string {
		if place != "" {
			name = place + "." + name
		}
		return inNodes(child, name, problem)
	}
	if !node.isObject() {
		return ""
	}
	found := problem(node, place)
	for _, f := range node.fields {
		switch f.name {
		case "properties", "$defs":
			for _, p := range f.value.fields {
				if found == "" {
					found = within(p.value, f.name+"."+p.name)
				}
			}
		case "anyOf", "oneOf", "prefixItems":
			for i, choice := range f.value.items {
				if found == "" {
					found = within(choice, fmt.Sprintf("%s.%d", f.name, i))
				}
			}
		case "items", "additionalProperties":
			if found == "" {
				found = within(f.value, f.name)
			}
		}
	}
	return found
}
