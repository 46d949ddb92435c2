package upstream

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// What OpenAI rejects in the schemas of functions and of structured output.

func schemaName(schema value, param string) *refusal {
	if !schema.there() {
		return openAIRefusal(param, "missing_required_parameter", "Missing required parameter: '%s'.", param)
	}
	if !schema.get("name").there() {
		return openAIRefusal(param+".name", "missing_required_parameter", "Missing required parameter: '%s.name'.", param)
	}
	return toolName(schema.get("name"), param+".name")
}

func functionSchema(function value, place string, at ...int) *refusal {
	schema, name := function.get("parameters"), function.get("name").text()
	switch kind := schema.get("type"); {
	case kind.isString() && kind.text() != "object":
		return openAIRefusal(placeOf(place, at), "invalid_function_parameters",
			`Invalid schema for function '%s': schema must be a JSON Schema of 'type: "object"', got 'type: "%s"'.`, name, kind.text())
	case slices.ContainsFunc(schema.fields, func(f field) bool { return topUnions[f.name] && f.value.there() }):
		return openAIRefusal(placeOf(place, at), "invalid_function_parameters",
			"Invalid schema for function '%s': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.", name)
	case kind.isString() && !schema.get("properties").there() && !hasNull(schema, "properties") && len(schema.fields) == 1:
		return openAIRefusal(placeOf(place, at), "invalid_function_parameters", "Invalid schema for function '%s': In context=(), object schema missing properties.", name)
	}
	if problem := unsound(schema, nil); problem != "" {
		return openAIRefusal(placeOf(place, at), "invalid_function_parameters", "Invalid schema for function '%s': %s", name, problem)
	}
	return nil
}

var topUnions = words("oneOf anyOf allOf enum not")

// unsound returns what is wrong with a schema, strict or not: arrays without items, lists of schemas in place of one,
// and a "required" that isn't a list.
func unsound(schema value, path []string) string {
	if !schema.isObject() {
		return ""
	}
	required, isGiven := schema.field("required")
	items := schema.get("items")
	switch {
	case isGiven && !required.there():
		return "None is not of type 'array'."
	case required.is('t'), required.is('f'):
		return map[bool]string{true: "True", false: "False"}[required.isTrue()] + " is not of type 'array'."
	case items.isArray():
		return pythonic(items) + " is not of type 'object', 'boolean'."
	case schema.get("type").text() == "array" && !items.there():
		return "In context=(" + strings.Join(path, ", ") + "), array schema missing items."
	}
	for within, inner := range subschemas(schema, path, "properties") {
		if problem := unsound(inner, within); problem != "" {
			return problem
		}
	}
	return ""
}

// subschemas iterates over the schemas inside a schema, with their paths: the members of homes, the items of an
// array, and the choices of anyOf.
func subschemas(schema value, path []string, homes ...string) iter.Seq2[[]string, value] {
	within := func(names ...string) []string {
		inner := slices.Clip(path)
		for _, name := range names {
			inner = append(inner, quoted(name))
		}
		return inner
	}
	return func(yield func([]string, value) bool) {
		for _, home := range homes {
			for _, p := range schema.get(home).fields {
				if !yield(within(home, p.name), p.value) {
					return
				}
			}
		}
		if !yield(within("items"), schema.get("items")) {
			return
		}
		for i, choice := range schema.get("anyOf").items {
			if !yield(within("anyOf", strconv.Itoa(i)), choice) {
				return
			}
		}
	}
}

// pythonic formats JSON as in OpenAI's errors.
func pythonic(v value) string {
	return strings.NewReplacer("\"", "'", ":", ": ", ",", ", ", "true", "True", "false", "False", "null", "None").Replace(string(v.raw))
}

func strictFunction(function value, place string, at ...int) *refusal {
	if !function.get("strict").isTrue() {
		return nil
	}
	if problem := notStrict(function.get("parameters"), nil); problem != "" {
		return openAIRefusal(placeOf(place, at), "invalid_function_parameters", "Invalid schema for function '%s': %s", function.get("name").text(), problem)
	}
	return nil
}

func strictFormat(format value, param, code string) *refusal {
	if !format.get("strict").isTrue() {
		return nil
	}
	problem := notStrict(format.get("schema"), nil)
	if kind := format.get("schema", "type"); kind.isString() && kind.text() != "object" {
		problem = `schema must be a JSON Schema of 'type: "object"', got 'type: "` + kind.text() + `"'.`
	}
	if problem != "" {
		return openAIRefusal(param, code, "Invalid schema for response_format '%s': %s", format.get("name").text(), problem)
	}
	return nil
}

// notStrict returns what a schema lacks for strict mode, in OpenAI's words.
func notStrict(schema value, path []string) string {
	if !schema.isObject() {
		return ""
	}
	properties := schema.get("properties")
	if problem := notPermitted(schema); problem != "" {
		return "In context=(" + strings.Join(path, ", ") + "), " + problem
	}
	if schema.get("type").text() == "object" {
		where := "In context=(" + strings.Join(path, ", ") + "), "
		if more := schema.get("additionalProperties"); !more.is('f') {
			return where + "'additionalProperties' is required to be supplied and to be false."
		}
		required := map[string]bool{}
		for name := range schema.get("required").texts() {
			required[name] = true
		}
		for _, p := range properties.fields {
			if !required[p.name] {
				return where + "'required' is required to be supplied and to be an array including every key in properties. Missing '" + p.name + "'."
			}
		}
	}
	for within, inner := range subschemas(schema, path, "properties", "$defs", "definitions") {
		if problem := notStrict(inner, within); problem != "" {
			return problem
		}
	}
	return ""
}

// notPermitted returns what strict mode does not support in a single schema.
func notPermitted(schema value) string {
	for i := range schema.fields {
		switch f := &schema.fields[i]; f.name {
		case "oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties":
			return "'" + f.name + "' is not permitted."
		case "format":
			if !strictFormats[f.value.text()] {
				return "'" + f.value.text() + "' is not a valid format."
			}
		}
	}
	if schema.get("$ref").there() && len(schema.fields) > 1 {
		var others []string
		for _, f := range schema.fields {
			if f.name != "$ref" {
				others = append(others, quoted(f.name))
			}
		}
		return "$ref cannot have keywords {" + strings.Join(others, ", ") + "}."
	}
	return ""
}

var strictFormats = words("date-time time date duration email hostname ipv4 ipv6 uuid")

func quoted(s string) string { return "'" + s + "'" }
