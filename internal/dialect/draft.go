package dialect

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Draft2020 returns a schema in terms of JSON Schema's draft 2020-12, which servers require. Anthropic says "JSON
// schema is invalid. It must match JSON Schema draft 2020-12", OpenAI "[{'type': 'string'}] is not of type 'object',
// 'boolean'" and "True is not of type 'array'". In earlier drafts, "items" may be a list with a schema for each item,
// and exclusive limits are flags; json-schema.org/draft/2020-12/release-notes.
func Draft2020(raw json.RawMessage, at string) (json.RawMessage, error) {
	if !mayBeOlder(raw) {
		return raw, nil
	}
	return EditSchema(raw, func(s *Schema) error {
		if ref := s.Text("$ref"); itemRef.MatchString(ref) {
			renamed, _ := json.Marshal(itemRef.ReplaceAllString(ref, "/prefixItems/$1")) // can't fail for a string
			s.Set("$ref", renamed)
		}
		if items := s.Get("items"); begins(items, '[') {
			splitItems(s, items)
		}
		limitOpenly(s, "minimum", "exclusiveMinimum")
		limitOpenly(s, "maximum", "exclusiveMaximum")
		if required := s.Get("required"); required != nil && !begins(required, '[') && !begins(required, 'n') {
			return Wrong(at, "has a \"required\" that is not a list")
		}
		kind := s.Get("type")
		if kind == nil || areTypes(kind) || begins(kind, 'n') {
			return nil
		}
		if kind = bytes.ToLower(kind); !areTypes(kind) { // Google's types are upper-case
			return Wrong(at, "has the type %.80s, which JSON Schema does not define", kind)
		}
		s.Set("type", kind)
		return nil
	})
}

// itemRef refers to the schema of one item.
var itemRef = regexp.MustCompile(`/items/(\d+)`)

var types = []string{"string", "number", "integer", "boolean", "object", "array", "null"}

// areTypes reports whether JSON is the name of a type, or a list of types.
func areTypes(raw json.RawMessage) bool {
	if begins(raw, '[') {
		for name := range jsonscan.Elements(raw) {
			if !begins(name, '"') || !areTypes(name) {
				return false
			}
		}
		return true
	}
	return slices.ContainsFunc(types, func(kind string) bool { return string(raw) == `"`+kind+`"` })
}

func begins(raw json.RawMessage, first byte) bool { return len(raw) > 0 && raw[0] == first }

// mayBeOlder reports whether JSON contains something that looks like an earlier draft. Most schemas don't, and are
// left unchanged.
func mayBeOlder(raw json.RawMessage) bool {
	switch {
	case begins(raw, '{'):
		for key, v := range jsonscan.Fields(raw) {
			older := false
			switch string(key) {
			case "items":
				older = begins(v, '[')
			case "exclusiveMinimum", "exclusiveMaximum":
				older = begins(v, 't') || begins(v, 'f')
			case "type":
				older = (begins(v, '"') || begins(v, '[')) && !areTypes(v)
			case "required":
				older = begins(v, 't') || begins(v, 'f')
			}
			if older || mayBeOlder(v) {
				return true
			}
		}
	case begins(raw, '['):
		for v := range jsonscan.Elements(raw) {
			if mayBeOlder(v) {
				return true
			}
		}
	}
	return false
}

// splitItems moves the schemas of individual items to prefixItems, and that of the other items to items.
func splitItems(s *Schema, items json.RawMessage) {
	others := s.Get("additionalItems")
	s.Delete("items")
	s.Delete("additionalItems")
	if strings.TrimSpace(string(items[1:len(items)-1])) != "" {
		s.Set("prefixItems", items)
	}
	if others != nil {
		s.Set("items", others)
	}
}

// limitOpenly converts an exclusive limit to a number.
func limitOpenly(s *Schema, limit, exclusive string) {
	switch v := s.Get(exclusive); {
	case begins(v, 't') && s.Get(limit) != nil:
		s.Set(exclusive, s.Get(limit))
		s.Delete(limit)
	case begins(v, 't'), begins(v, 'f'):
		s.Delete(exclusive)
	}
}
