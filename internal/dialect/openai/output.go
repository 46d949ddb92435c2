package openai

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type output struct {
	Type   string  `json:"type"`
	Schema *schema `json:"json_schema,omitempty"`
}

type schema struct {
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Schema      json.RawMessage `json:"schema,omitempty"`
	Strict      *bool           `json:"strict,omitempty"`
}

func (o *output) read() (*dialect.Output, error) {
	switch {
	case o == nil || o.Type == "text":
		return nil, nil
	case o.Type == "json_object":
		return &dialect.Output{}, nil
	case o.Type == "json_schema" && o.Schema != nil:
		s := o.Schema
		return &dialect.Output{Schema: wire.NonNull(s.Schema), Name: s.Name, Description: s.Description, Strict: s.Strict, At: "response_format.json_schema.schema"}, nil
	}
	return nil, dialect.Wrong("response_format.type", "%s is not one of text, json_object and json_schema with its schema", wire.Quoted(o.Type))
}

var (
	errJSONAlone   = dialect.Wrong("response_format", "the provider does not support JSON together with tools")
	errOnlySchemas = dialect.Wrong("response_format", "the provider does not support JSON without a schema")
)

// fitOutput rejects a form of output that the provider does not support, or asks for it in the prompt. It changes r.
func fitOutput(r *dialect.Request, traits dialect.Traits) error {
	switch {
	case r.Output == nil:
		return nil
	case traits.JSONAlone && len(r.Tools) > 0:
		return errJSONAlone
	case traits.OnlySchemas && r.Output.Schema == nil:
		return errOnlySchemas
	}
	if traits.NoSchemas {
		r.AskForJSON()
	}
	return nil
}

// writeOutput writes the requested form of JSON. A schema must be of an object; OpenAI says "schema must be a JSON
// Schema of 'type: \"object\"'".
func writeOutput(r *dialect.Request) (*output, error) {
	o := r.Output
	switch {
	case o == nil:
		return nil, nil
	case o.Schema == nil && mentionsJSON(r):
		return &output{Type: "json_object"}, nil
	case o.Schema == nil:
		return &output{Type: "json_schema", Schema: &schema{Name: outputName, Schema: json.RawMessage(`{"type":"object"}`)}}, nil
	}
	root, err := dialect.ObjectSchema(o.Schema, o.At, unions...)
	if err != nil {
		return nil, err
	}
	if root, err = sound(root, o.At); err != nil {
		return nil, err
	}
	root, strict := strictly(root, o.Strict)
	return &output{Type: "json_schema", Schema: &schema{limits.CleanName(cmp.Or(o.Name, outputName)), o.Description, root, strict}}, nil
}

// outputName is the name of a schema without one.
const outputName = "answer"

// mentionsJSON reports whether the prompt contains the word, without which OpenAI refuses to write JSON without a
// schema: "'messages' must contain the word 'json' in some form".
func mentionsJSON(r *dialect.Request) bool {
	mentions := func(text string) bool { return strings.Contains(strings.ToLower(text), "json") }
	if mentions(r.SystemText()) {
		return true
	}
	for _, m := range r.Messages {
		if mentions(dialect.TextOf(m.Parts)) {
			return true
		}
	}
	return false
}
