package anthropic

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// unions are keywords that Claude rejects at the top level: "input_schema does not support oneOf, allOf, or anyOf at
// the top level".
var unions = []string{"oneOf", "allOf", "anyOf"}

// Arguments returns the schema of a tool's arguments as Claude accepts it.
func Arguments(t dialect.Tool) (json.RawMessage, error) {
	out, err := t.Arguments(unions...)
	if err != nil {
		return nil, err
	}
	if out, err = dialect.Draft2020(out, t.SchemaAt); err != nil {
		return nil, err
	}
	var root struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	_ = json.Unmarshal(out, &root) // the server rejects properties of another type
	for name := range root.Properties {
		if !propertyName.MatchString(name) {
			return nil, dialect.Wrong(t.SchemaAt, "the property %s can't be sent to Claude: property names must have 1 to 64 of the characters a-z, A-Z, 0-9, _, . and -", wire.Quoted(name))
		}
	}
	if wire.Value(t.Strict) {
		return kept(out, t.SchemaAt)
	}
	return out, nil
}

// propertyName is the server's pattern: "Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'".
var propertyName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)

// WriteOutput returns Claude's effort and output format, or nil if neither is set.
func WriteOutput(r *dialect.Request) (*Output, error) {
	if r.Output == nil {
		if r.Thinking.Effort == "" {
			return nil, nil
		}
		return &Output{Effort: r.Thinking.Effort}, nil
	}
	if r.Output.Schema == nil {
		return nil, dialect.Untranslated("response_format", "JSON without a schema", "anthropic")
	}
	schemaOf, err := OutputSchema(r.Output)
	return &Output{Effort: r.Thinking.Effort, Format: &schema{"json_schema", schemaOf}}, err
}

// OutputSchema returns the schema of a response as Claude keeps it.
func OutputSchema(o *dialect.Output) (json.RawMessage, error) {
	root, err := dialect.ObjectSchema(o.Schema, o.At)
	if err != nil {
		return nil, err
	}
	if root, err = dialect.Draft2020(root, o.At); err != nil {
		return nil, err
	}
	return kept(root, o.At)
}

// kept returns a schema that Claude can follow exactly: its objects are closed, and everything Claude can't enforce
// is moved to the description. The supported keywords and formats, and this workaround for others, are those of the
// official SDKs, documented in platform.claude.com/docs/en/build-with-claude/structured-outputs.
func kept(raw json.RawMessage, at string) (json.RawMessage, error) {
	return dialect.EditSchema(raw, func(s *dialect.Schema) error {
		if s.Get("$ref") != nil {
			*s = slices.DeleteFunc(*s, func(f dialect.SchemaField) bool { return !strings.HasPrefix(f.Key, "$") })
			return nil
		}
		if s.Get("oneOf") != nil && s.Get("anyOf") == nil {
			for i := range *s {
				if (*s)[i].Key == "oneOf" {
					(*s)[i].Key = "anyOf"
				}
			}
		}
		describe(s)
		if !s.IsObject() {
			return nil
		}
		open := s.Get("additionalProperties")
		if s.Get("properties") == nil && open != nil && string(open) != "false" {
			return dialect.Wrong(at, "an object with arbitrary properties can't be sent to Claude")
		}
		s.Set("additionalProperties", json.RawMessage("false"))
		return nil
	})
}

var (
	keywords = []string{"$ref", "$defs", "definitions", "type", "anyOf", "allOf", "description", "title", "enum", "const", "properties", "additionalProperties", "required", "items"}
	formats  = []string{"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)

// describe moves what Claude can't enforce to the description.
func describe(s *dialect.Schema) {
	var list dialect.Schema
	var rest []string
	for _, f := range *s {
		if keeps(*s, f) {
			list = append(list, f)
		} else {
			rest = append(rest, fmt.Sprintf("%s: %s", f.Key, f.Value))
		}
	}
	if rest == nil {
		return
	}
	*s = list
	text := "{" + strings.Join(rest, ", ") + "}"
	if old := s.Text("description"); old != "" {
		text = old + "\n\n" + text
	}
	s.Set("description", wire.Marshal(text))
}

func keeps(s dialect.Schema, f dialect.SchemaField) bool {
	switch f.Key {
	case "format":
		return slices.Contains(formats, s.Text("format"))
	case "minItems":
		return string(f.Value) == "0" || string(f.Value) == "1"
	case "pattern":
		return true
	case "items": // these apply after prefixItems, which Claude can't enforce
		return s.Get("prefixItems") == nil
	}
	return slices.Contains(keywords, f.Key)
}
