package openai

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// unions are keywords that OpenAI rejects at the top level of a tool's schema: "schema must have type 'object' and
// not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level".
var unions = []string{"oneOf", "anyOf", "allOf", "enum", "not"}

// sound returns a schema that OpenAI accepts, strict or not: in terms of the current draft, with items in each array
// ("array schema missing items", github.com/sigoden/aichat/pull/1049), and without lists that are null ("None is not
// of type 'array'").
func sound(raw json.RawMessage, at string) (json.RawMessage, error) {
	modern, err := dialect.Draft2020(raw, at)
	if err != nil || !bytes.Contains(modern, []byte(`"array"`)) && !bytes.Contains(modern, []byte("null")) {
		return modern, err
	}
	edited := false
	out, err := dialect.EditSchema(modern, func(s *dialect.Schema) error {
		for _, key := range [...]string{"required", "enum", "anyOf", "oneOf", "allOf"} {
			if string(s.Get(key)) == "null" {
				s.Delete(key)
				edited = true
			}
		}
		if isArray(s.Get("type")) && s.Get("items") == nil {
			s.Set("items", json.RawMessage("{}"))
			edited = true
		}
		return nil
	})
	if err != nil || !edited {
		return modern, err
	}
	return out, nil
}

// isArray reports whether a type is "array", or a list that contains it.
func isArray(kind json.RawMessage) bool { return bytes.Contains(kind, []byte(`"array"`)) }

// strictSchema returns a schema for OpenAI's strict mode, in which every object is closed; false if that would change
// its meaning. Source: developers.openai.com/api/docs/guides/structured-outputs#supported-schemas.
func strictSchema(raw json.RawMessage) (json.RawMessage, bool) {
	fits := true
	out, _ := dialect.EditSchema(raw, func(s *dialect.Schema) error {
		for _, f := range *s {
			if slices.Contains(notStrict, f.Key) {
				fits = false
			}
		}
		if s.Get("$ref") != nil && len(*s) > 1 || s.Get("format") != nil && !slices.Contains(formats, s.Text("format")) {
			fits = false
		}
		if !s.IsObject() {
			return nil
		}
		switch string(s.Get("additionalProperties")) {
		case "", "false":
			s.Set("additionalProperties", json.RawMessage("false"))
		default:
			fits = false
		}
		if !requiresAll(*s) {
			fits = false
		}
		return nil
	})
	return out, fits
}

// strictly returns a schema and whether it is strict, which is unset if OpenAI's strict mode would reject the schema.
func strictly(schema json.RawMessage, strict *bool) (json.RawMessage, *bool) {
	if !wire.Value(strict) {
		return schema, strict
	}
	if closed, ok := strictSchema(schema); ok {
		return closed, strict
	}
	return schema, nil
}

// notStrict are the keywords that strict mode does not support.
var notStrict = []string{
	"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "prefixItems", "contains",
	"propertyNames", "unevaluatedProperties", "minProperties", "maxProperties", "default",
}

// formats are the formats in strict mode. OpenAI says "'uri' is not a valid format", and "$ref cannot have keywords
// {'description'}".
var formats = []string{"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}

// requiresAll reports whether all properties are required.
func requiresAll(s dialect.Schema) bool {
	var properties map[string]json.RawMessage
	var required []string
	_ = json.Unmarshal(s.Get("properties"), &properties)
	_ = json.Unmarshal(s.Get("required"), &required)
	for name := range properties {
		if !slices.Contains(required, name) {
			return false
		}
	}
	return true
}
