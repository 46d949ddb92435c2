package google

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// camelCase renames request fields with underscores, which Google accepts too. The client's own data, such as
// arguments and schemas, is unchanged.
func camelCase(body []byte) []byte {
	if !bytes.Contains(body, []byte("_")) {
		return body
	}
	var fields map[string]json.RawMessage
	var list []json.RawMessage
	switch trimmed := bytes.TrimLeft(body, " \t\r\n"); {
	case len(trimmed) == 0:
		return body
	case trimmed[0] == '{' && json.Unmarshal(body, &fields) == nil:
		out := make(map[string]json.RawMessage, len(fields))
		for name, raw := range fields {
			name = camel(name)
			switch name {
			case "args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "text", "data":
			default:
				raw = camelCase(raw)
			}
			out[name] = raw
		}
		return wire.Marshal(out)
	case trimmed[0] == '[' && json.Unmarshal(body, &list) == nil:
		for i := range list {
			list[i] = camelCase(list[i])
		}
		return wire.Marshal(list)
	}
	return body
}

func camel(name string) string {
	parts := strings.Split(name, "_")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

// jsonSchema converts Google's own kind of schema, which follows OpenAPI 3.0, to JSON Schema: types are upper-case,
// null is a flag, and numbers may be strings.
func jsonSchema(raw json.RawMessage) json.RawMessage {
	if !wire.IsSet(raw) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return raw
	}
	return wire.Marshal(standardSchema(v))
}

func standardSchema(v any) any {
	s, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(s))
	for key, v := range s {
		switch key {
		case "nullable", "propertyOrdering":
			continue
		case "type":
			if name, ok := v.(string); ok {
				v = strings.ToLower(name)
			}
		case "items":
			v = standardSchema(v)
		case "properties", "anyOf":
			v = standardSchemas(v)
		case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
			if text, ok := v.(string); ok && json.Valid([]byte(text)) {
				v = json.RawMessage(text)
			}
		}
		out[key] = v
	}
	if s["nullable"] == true {
		if name, ok := out["type"].(string); ok {
			out["type"] = []string{name, "null"}
		}
	}
	return out
}

func standardSchemas(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, s := range v {
			out[name] = standardSchema(s)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, s := range v {
			out[i] = standardSchema(s)
		}
		return out
	}
	return v
}

// references returns a schema with references as Google resolves them: to $defs ("reference to undefined schema at
// properties.target_object.anyOf.1", github.com/google-gemini/gemini-cli/issues/13326), and alone.
func references(raw json.RawMessage, at string) (json.RawMessage, error) {
	defined, err := dialect.Defined(raw, at)
	if err != nil {
		return nil, err
	}
	return aloneRefs(defined), nil
}

// aloneRefs separates references from other keywords: "If $ref is set on a sub-schema, no other properties, except
// for than those starting as a $, may be set", according to the comment on ResponseJsonSchema in
// google.golang.org/genai.
func aloneRefs(raw json.RawMessage) json.RawMessage {
	if !bytes.Contains(raw, []byte(`"$ref"`)) {
		return raw
	}
	out, _ := dialect.EditSchema(raw, func(s *dialect.Schema) error { // which never fails
		ref := s.Get("$ref")
		if ref == nil || !slices.ContainsFunc(*s, func(f dialect.SchemaField) bool { return !strings.HasPrefix(f.Key, "$") }) {
			return nil
		}
		s.Delete("$ref")
		s.Set("anyOf", wire.Marshal([]wire.Object{{"$ref": ref}}))
		return nil
	})
	return out
}
