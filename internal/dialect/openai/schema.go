package openai

import (
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// unions are keywords that OpenAI refuses at the top level of a tool's schema: "schema must
// have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level".
var unions = []string{"oneOf", "anyOf", "allOf", "enum", "not"}

// strictSchema returns a schema as OpenAI's strict mode takes it, where every object is
// closed; false if the schema can't be made so without another meaning. Source:
// developers.openai.com/api/docs/guides/structured-outputs#supported-schemas.
func strictSchema(raw json.RawMessage) (json.RawMessage, bool) {
	fits := true
	out, _ := dialect.EditSchema(raw, func(s *dialect.Schema) error {
		for _, f := range *s {
			if slices.Contains(notStrict, f.Key) {
				fits = false
			}
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

// notStrict are the keywords that strict mode does not know.
var notStrict = []string{
	"allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties", "prefixItems", "contains",
	"propertyNames", "unevaluatedProperties", "minProperties", "maxProperties", "default",
}

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
