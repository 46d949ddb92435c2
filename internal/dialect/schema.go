package dialect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Schema is one level of a JSON Schema, in its original order: models fill in properties in that order.
type Schema []SchemaField

// SchemaField is a keyword of a schema.
type SchemaField struct {
	Key   string
	Value json.RawMessage
}

// readSchema reads a JSON object; nil if it is something else.
func readSchema(raw json.RawMessage) Schema {
	if trimmed := bytes.TrimLeft(raw, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return nil
	}
	s := Schema{}
	for key, value := range jsonscan.Fields(raw) {
		s = append(s, SchemaField{string(key), bytes.TrimSpace(value)})
	}
	return s
}

func (s Schema) index(key string) int {
	return slices.IndexFunc(s, func(f SchemaField) bool { return f.Key == key })
}

// Get returns the value of a keyword, or nil.
func (s Schema) Get(key string) json.RawMessage {
	if i := s.index(key); i >= 0 {
		return s[i].Value
	}
	return nil
}

// Text returns the value of a keyword if it is a string, and "" otherwise.
func (s Schema) Text(key string) string {
	text, _ := jsonscan.Text(s.Get(key))
	return text
}

// Set sets a keyword.
func (s *Schema) Set(key string, value json.RawMessage) {
	if i := s.index(key); i >= 0 {
		(*s)[i].Value = value
		return
	}
	*s = append(*s, SchemaField{key, value})
}

// Delete removes a keyword.
func (s *Schema) Delete(key string) {
	*s = slices.DeleteFunc(*s, func(f SchemaField) bool { return f.Key == key })
}

func (s Schema) write() json.RawMessage {
	out := []byte{'{'}
	for i, f := range s {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(jsonscan.AppendString(out, f.Key), ':'), f.Value...)
	}
	return append(out, '}')
}

// IsObject reports whether the schema describes an object.
func (s Schema) IsObject() bool {
	return s.Text("type") == "object" || s.Get("type") == nil && s.Get("properties") != nil
}

// EditSchema edits a schema and all schemas in it, innermost first. It ignores anything that isn't an object.
func EditSchema(raw json.RawMessage, edit func(*Schema) error) (json.RawMessage, error) {
	s := readSchema(raw)
	if s == nil {
		return raw, nil
	}
	for i, f := range s {
		var err error
		switch f.Key {
		case "properties", "patternProperties", "$defs", "definitions", "dependentSchemas":
			s[i].Value, err = editSchemas(f.Value, edit)
		case "items", "prefixItems", "additionalItems", "additionalProperties", "contains", "propertyNames", "not", "if", "then", "else", "anyOf", "oneOf", "allOf":
			s[i].Value, err = editOneOrMore(f.Value, edit)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := edit(&s); err != nil {
		return nil, err
	}
	return s.write(), nil
}

// editSchemas edits the schemas that are the values of an object.
func editSchemas(raw json.RawMessage, edit func(*Schema) error) (json.RawMessage, error) {
	named := readSchema(raw)
	if named == nil {
		return raw, nil
	}
	for i, f := range named {
		var err error
		if named[i].Value, err = EditSchema(f.Value, edit); err != nil {
			return nil, err
		}
	}
	return named.write(), nil
}

// editOneOrMore edits a schema, or each schema of a list.
func editOneOrMore(raw json.RawMessage, edit func(*Schema) error) (json.RawMessage, error) {
	if len(raw) == 0 || raw[0] != '[' {
		return EditSchema(raw, edit)
	}
	out := []byte{'['}
	for e := range jsonscan.Elements(raw) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		edited, err := EditSchema(e, edit)
		if err != nil {
			return nil, err
		}
		out = append(out, edited...)
	}
	return append(out, ']'), nil
}

// NoArguments is the schema of a tool without arguments.
var NoArguments = json.RawMessage(`{"type":"object","properties":{}}`)

// Arguments returns the schema of a tool's arguments; see [ObjectSchema]. Unions that the
// provider refuses at its top level are merged into it.
func (t Tool) Arguments(unions ...string) (json.RawMessage, error) {
	if len(t.Schema) == 0 {
		return NoArguments, nil
	}
	return ObjectSchema(withoutUnions(t.Schema, unions), t.SchemaAt, unions...)
}

// ObjectSchema returns a schema as all providers accept it: that of an object with
// properties, at the top level and not by reference. at is where the client wrote it,
// unions are keywords that the provider refuses at that level.
func ObjectSchema(raw json.RawMessage, at string, unions ...string) (json.RawMessage, error) {
	s := readSchema(raw)
	if s == nil {
		return nil, Wrong(at, "must be the JSON Schema of an object")
	}
	edited := false
	if s.Get("$ref") != nil {
		s, edited = s.inlined(), true
	}
	for _, key := range unions {
		if s.Get(key) != nil {
			return nil, Wrong(at, "%s is not allowed at the top level of the schema", key)
		}
	}
	switch kind := s.Get("type"); {
	case s.Text("type") == "object":
	case kind == nil, string(kind) == "null", strings.EqualFold(s.Text("type"), "object"), listsObject(kind):
		s.Set("type", json.RawMessage(`"object"`))
		edited = true
	default:
		return nil, Wrong(at, "must be the JSON Schema of an object, not of another type")
	}
	if p := s.Get("properties"); p == nil || string(p) == "null" {
		s.Set("properties", json.RawMessage(`{}`))
		edited = true
	}
	if !edited {
		return raw, nil
	}
	return s.write(), nil
}

// listsObject reports whether a list of types contains "object".
func listsObject(kind json.RawMessage) bool {
	var list []string
	return json.Unmarshal(kind, &list) == nil && slices.Contains(list, "object")
}

// inlined returns a schema in which a reference to one of its own definitions is replaced by that definition's
// keywords.
func (s Schema) inlined() Schema {
	definition := s.defined(s.Text("$ref"))
	if definition == nil {
		return s
	}
	for _, f := range s {
		if f.Key != "$ref" && definition.Get(f.Key) == nil {
			definition = append(definition, f)
		}
	}
	return definition
}

// Inlined returns a schema without definitions: what refers to one has it in its place. One that
// refers to itself can't be written so, which is a [*FieldError] of the place of the schema.
func Inlined(raw json.RawMessage, at string) (json.RawMessage, error) {
	root := readSchema(raw)
	if root.Get("$defs") == nil && root.Get("definitions") == nil {
		return raw, nil
	}
	var whole map[string]any
	if err := json.Unmarshal(raw, &whole); err != nil {
		return raw, nil //nolint:nilerr // readSchema read it
	}
	inlined, ok := inline(whole, root, 0)
	if !ok {
		return nil, Wrong(at, "a schema that refers to itself can't be written without definitions")
	}
	top := inlined.(map[string]any) //nolint:forcetypeassert // as whole was one
	delete(top, "$defs")
	delete(top, "definitions")
	return json.Marshal(top)
}

const deepestInline = 24

// inline replaces the references in a part of a schema; false if they lead in a circle.
func inline(part any, root Schema, depth int) (any, bool) {
	if depth > deepestInline {
		return nil, false
	}
	switch v := part.(type) {
	case []any:
		for i := range v {
			var ok bool
			if v[i], ok = inline(v[i], root, depth+1); !ok {
				return nil, false
			}
		}
	case map[string]any:
		if ref, _ := v["$ref"].(string); ref != "" {
			if definition := root.defined(ref); definition != nil {
				var target map[string]any
				if err := json.Unmarshal(definition.write(), &target); err == nil {
					delete(v, "$ref")
					for key, value := range target {
						if _, own := v[key]; !own {
							v[key] = value
						}
					}
				}
			}
		}
		for key, value := range v {
			if key == "$defs" || key == "definitions" {
				continue
			}
			var ok bool
			if v[key], ok = inline(value, root, depth+1); !ok {
				return nil, false
			}
		}
	}
	return part, true
}
