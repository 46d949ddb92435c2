package upstream

import "math"

// example returns a value that satisfies a JSON schema, the simplest one: the
// first of what is allowed, required properties only. Of schemas it knows what
// tools and structured outputs use; the rest of the language is left out.
func example(schema any) any { return exampleOf(schema, schema, 0) }

const deepest = 16 // schemas may contain themselves

func exampleOf(schema, root any, depth int) any {
	s, ok := schema.(map[string]any)
	if !ok || depth > deepest {
		return nil
	}
	if v, ok := s["const"]; ok {
		return v
	}
	for _, key := range [...]string{"enum", "examples"} {
		if list, ok := s[key].([]any); ok && len(list) > 0 {
			return list[0]
		}
	}
	if v, ok := s["default"]; ok {
		return v
	}
	if ref, ok := s["$ref"].(string); ok {
		return exampleOf(resolve(ref, root), root, depth+1)
	}
	for _, key := range [...]string{"anyOf", "oneOf", "allOf"} {
		if list, ok := s[key].([]any); ok && len(list) > 0 {
			return exampleOf(list[0], root, depth+1)
		}
	}
	switch kind(s) {
	case "object":
		return exampleObject(s, root, depth)
	case "array":
		list := []any{}
		for range int64(min(max(number(s, "minItems", 1), 1), 100)) {
			list = append(list, exampleOf(s["items"], root, depth+1))
		}
		return list
	case "integer":
		return math.Ceil(number(s, "minimum", 1))
	case "number":
		return number(s, "minimum", 1)
	case "boolean":
		return true
	case "null":
		return nil
	}
	return exampleString(s)
}

func exampleObject(s map[string]any, root any, depth int) any {
	out := map[string]any{}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if name, ok := name.(string); ok {
			out[name] = exampleOf(properties[name], root, depth+1)
		}
	}
	return out
}

func exampleString(s map[string]any) string {
	switch s["format"] {
	case "date-time":
		return "2026-01-01T00:00:00Z"
	case "date":
		return "2026-01-01"
	case "time":
		return "00:00:00Z"
	case "email":
		return "user@example.com"
	case "uri":
		return "https://example.com/"
	case "uuid":
		return "00000000-0000-4000-8000-000000000000"
	}
	text := "string"
	for float64(len(text)) < min(number(s, "minLength", 0), 10_000) {
		text += "string"
	}
	if longest := number(s, "maxLength", math.Inf(1)); float64(len(text)) > longest {
		text = text[:max(0, int(longest))]
	}
	return text
}

// kind is a schema's type, which may be a list of types, and is upper-case at
// Google.
func kind(s map[string]any) string {
	t := s["type"]
	if list, ok := t.([]any); ok && len(list) > 0 {
		t = list[0]
	}
	name, _ := t.(string)
	switch name {
	case "OBJECT":
		return "object"
	case "ARRAY":
		return "array"
	case "INTEGER":
		return "integer"
	case "NUMBER":
		return "number"
	case "BOOLEAN":
		return "boolean"
	case "":
		if s["properties"] != nil {
			return "object"
		}
	}
	return name
}

func number(s map[string]any, key string, otherwise float64) float64 {
	if n, ok := s[key].(float64); ok {
		return n
	}
	return otherwise
}

// resolve follows a reference within the schema: #/$defs/name or #/definitions/name.
func resolve(ref string, root any) any {
	for _, home := range [...]string{"$defs", "definitions"} {
		if len(ref) > len(home)+3 && ref[:len(home)+3] == "#/"+home+"/" {
			if s, ok := root.(map[string]any); ok {
				if defs, ok := s[home].(map[string]any); ok {
					return defs[ref[len(home)+3:]]
				}
			}
		}
	}
	if ref == "#" {
		return root
	}
	return nil
}
