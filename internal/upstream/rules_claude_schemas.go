package upstream

import (
	"fmt"
	"slices"
)

// What Anthropic rejects in the schemas of tools and of structured output.

var claudeSchemaRules = []rule{
	{"anthropic.schema-draft", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if isCustomTool(tool) && !isDraft2020(tool.get("input_schema")) {
				return refused(fmt.Sprintf("tools.%d.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12 "+
					"(https://json-schema.org/draft/2020-12). Learn more about tool use at https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview.", i))
			}
		}
		return nil
	}},
	{"anthropic.property-names", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if isCustomTool(tool) && !namesProperties(tool.get("input_schema")) {
				return refused(fmt.Sprintf("tools.%d.custom.input_schema.properties: "+propertyNames, i))
			}
		}
		return nil
	}},
	{"anthropic.output-schema", func(c *call) *refusal {
		if problem := notKept(c.request.get("output_config", "format", "schema")); problem != "" {
			return refused("output_config.format.schema: " + problem)
		}
		if problem := notKept(c.request.get("output_format", "schema")); problem != "" { // the former name
			return refused("output_format.schema: " + problem)
		}
		return nil
	}},
}

const propertyNames = "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'"

// namesProperties reports whether the top-level properties of a schema have names that Claude accepts: it doesn't
// check deeper ones.
func namesProperties(schema value) bool {
	return !slices.ContainsFunc(schema.get("properties").fields, func(f field) bool { return len(f.name) > 64 || !isName(f.name, "_.-") })
}

// schemaKeywords are the keywords of draft 2020-12 by the kind of their values.
var schemaKeywords = struct{ schema, named, list, number, count map[string]bool }{
	schema: words("items contains additionalProperties propertyNames unevaluatedItems unevaluatedProperties not if then else"),
	named:  words("properties patternProperties dependentSchemas $defs definitions"),
	list:   words("prefixItems allOf anyOf oneOf"),
	number: words("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"),
	count:  words("minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains"),
}

var schemaTypes = words("string number integer boolean object array null")

// isDraft2020 reports whether a schema follows draft 2020-12. Null counts as missing.
func isDraft2020(schema value) bool {
	if !schema.isObject() {
		return !schema.there() || schema.is('t') || schema.is('f')
	}
	for i := range schema.fields {
		if f := &schema.fields[i]; f.value.there() && !isKeyword(f.name, f.value) {
			return false
		}
	}
	return true
}

func isKeyword(name string, v value) bool {
	n, isNumber := v.number()
	switch k := schemaKeywords; {
	case k.schema[name]:
		return isDraft2020(v)
	case k.named[name]:
		return v.isObject() && !slices.ContainsFunc(v.fields, func(f field) bool { return !isDraft2020(f.value) })
	case k.list[name]:
		return len(v.items) > 0 && !slices.ContainsFunc(v.items, func(item value) bool { return !isDraft2020(item) })
	case k.number[name]:
		return isNumber
	case k.count[name]:
		return isNumber && n >= 0
	case name == "type":
		return schemaTypes[v.text()] || len(v.items) > 0 && !slices.ContainsFunc(v.items, func(item value) bool { return !schemaTypes[item.text()] })
	case name == "required":
		return v.isArray() && !slices.ContainsFunc(v.items, func(item value) bool { return !item.isString() })
	case name == "enum":
		return v.isArray()
	case name == "$ref", name == "description", name == "title", name == "format", name == "pattern":
		return v.isString()
	}
	return true
}

// limitKeywords are the keywords of each type that Claude can't enforce, as listed at
// platform.claude.com/docs/en/build-with-claude/structured-outputs.
var limitKeywords = map[string][]string{
	"number":  {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	"integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	"string":  {"minLength", "maxLength"},
	"array":   {"maxItems", "uniqueItems"},
}

// notKept returns what Claude can't enforce in a schema, in Anthropic's words.
func notKept(schema value) string {
	if !schema.isObject() {
		return ""
	}
	kind := schema.get("type").text()
	for _, name := range limitKeywords[kind] {
		if schema.get(name).there() {
			return fmt.Sprintf("For '%s' type, property '%s' is not supported", kind, name)
		}
	}
	least, limited := schema.get("minItems").number()
	switch {
	case kind == "array" && limited && least != 0 && least != 1:
		return "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
	case kind == "object" && schema.get("additionalProperties").there() && !schema.get("additionalProperties").is('f'): // an example by Anthropic omits it
		return "For 'object' type, 'additionalProperties' must be explicitly set to false"
	}
	for i := range schema.fields {
		f := &schema.fields[i]
		problem := ""
		switch {
		case schemaKeywords.named[f.name]:
			for _, named := range f.value.fields {
				if problem == "" {
					problem = notKept(named.value)
				}
			}
		case schemaKeywords.list[f.name]:
			for _, item := range f.value.items {
				if problem == "" {
					problem = notKept(item)
				}
			}
		case f.name == "items":
			problem = notKept(f.value)
		}
		if problem != "" {
			return problem
		}
	}
	return ""
}
