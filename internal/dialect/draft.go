package dialect

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Draft2020 returns a schema in the words of JSON Schema's draft 2020-12, which servers ask
// for. Anthropic says "JSON schema is invalid. It must match JSON Schema draft 2020-12",
// OpenAI "[{'type': 'string'}] is not of type 'object', 'boolean'" and "True is not of type
// 'array'". Earlier drafts have lists with a schema for each item in "items", and limits that
// are exclusive by true; json-schema.org/draft/2020-12/release-notes.
func Draft2020(raw json.RawMessage, at string) (json.RawMessage, error) {
	if !mayBeOlder(raw) {
		return raw, nil
	}
	return EditSchema(raw, func(s *Schema) error {
		if ref := s.Text("$ref"); itemRef.MatchString(ref) {
			renamed, _ := json.Marshal(itemRef.ReplaceAllString(ref, "/prefixItems/$1")) // a string always can
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
		if kind = bytes.ToLower(kind); !areTypes(kind) { // Google's are upper-case
			return Wrong(at, "has the type %.80s, which JSON Schema does not define", kind)
		}
		s.Set("type", kind)
		return nil
	})
}

// itemRef refers to the schema of one item.
var itemRef = regexp.MustCompile(`/items/(\d+)`)

var types = []string{"string", "number", "integer", "boolean", "object", "array", "null"}

// areTypes reports whether JSON is the name of a type, or a list of such.
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

// mayBeOlder reports whether something in JSON looks like an earlier draft. Most schemas
// don't, and are left as they are.
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

// splitItems moves the schemas of single items to where they belong, and that of the
// others into their place.
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

// limitOpenly makes an exclusive limit a number.
func limitOpenly(s *Schema, limit, exclusive string) {
	switch v := s.Get(exclusive); {
	case begins(v, 't') && s.Get(limit) != nil:
		s.Set(exclusive, s.Get(limit))
		s.Delete(limit)
	case begins(v, 't'), begins(v, 'f'):
		s.Delete(exclusive)
	}
}
