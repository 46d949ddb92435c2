package dialect

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// withoutUnions returns a schema with the unions at its top level merged into it: it has all properties of the
// alternatives, and those are required that every alternative requires. It accepts whatever the union does, and more;
// the description says what is lost, and tools check their arguments themselves. A union that can't be merged stays.
//
// Clients do the same before they send a request: see github.com/cline/cline/pull/12952 and
// github.com/lvndry/jazz/pull/510.
func withoutUnions(raw json.RawMessage, unions []string) json.RawMessage {
	s := readSchema(raw)
	if s.Get("$ref") != nil {
		s = s.inlined()
	}
	if !slices.ContainsFunc(unions, func(key string) bool { return s.Get(key) != nil }) {
		return raw
	}
	flat, ok := s.flattened(s, unions, 0)
	if !ok {
		return raw
	}
	return flat.write()
}

const deepestUnion = 16 // definitions may refer to themselves

// flattened returns the schema without unions; false if one has no objects.
func (s Schema) flattened(root Schema, unions []string, depth int) (Schema, bool) {
	out := slices.Clone(s)
	for _, key := range [...]string{"allOf", "anyOf", "oneOf"} {
		union := s.Get(key)
		if union == nil || !slices.Contains(unions, key) {
			continue
		}
		branches := objectsOf(union, root, unions, depth)
		if len(branches) == 0 {
			return nil, false
		}
		out.Delete(key)
		out.merge(branches, key == "allOf")
	}
	return out, true
}

// objectsOf returns the members of a union that describe objects, also flattened.
func objectsOf(union json.RawMessage, root Schema, unions []string, depth int) []Schema {
	if union = bytes.TrimSpace(union); len(union) == 0 || union[0] != '[' || depth > deepestUnion {
		return nil
	}
	var list []Schema
	for raw := range jsonscan.Elements(union) {
		branch := readSchema(raw)
		if branch == nil {
			continue
		}
		if ref := branch.Text("$ref"); ref != "" {
			branch = root.defined(ref)
		}
		kind := branch.Get("type")
		if branch == nil || kind != nil && branch.Text("type") != "object" && !listsObject(kind) {
			continue
		}
		if branch, ok := branch.flattened(root, unions, depth+1); ok {
			list = append(list, branch)
		}
	}
	return list
}

// defined returns the definition that a reference in a schema refers to, or nil.
func (s Schema) defined(ref string) Schema {
	place, name, _ := CutLast(strings.TrimPrefix(ref, "#/"), "/")
	return readSchema(readSchema(s.Get(place)).Get(name))
}

// merge adds the properties of branches, all of which apply, or only one.
func (s *Schema) merge(branches []Schema, all bool) {
	own := readSchema(s.Get("properties"))
	merged := slices.Clone(own)
	required := make([][]string, len(branches))
	closed := s.Get("additionalProperties") == nil
	for i, branch := range branches {
		_ = json.Unmarshal(branch.Get("required"), &required[i]) // none if it isn't a list
		closed = closed && string(branch.Get("additionalProperties")) == "false"
		for _, p := range readSchema(branch.Get("properties")) {
			if own.Get(p.Key) == nil {
				merged.add(p, all)
			}
		}
	}
	if len(merged) > 0 {
		s.Set("properties", merged.write())
	}
	if closed {
		s.Set("additionalProperties", json.RawMessage("false"))
	}
	s.require(required, all)
}

// add adds a property. If it exists with another schema, both apply, or only one.
func (s *Schema) add(p SchemaField, all bool) {
	key := "anyOf"
	if all {
		key = "allOf"
	}
	before := s.Get(p.Key)
	if before == nil {
		s.Set(p.Key, p.Value)
		return
	}
	list := []json.RawMessage{before}
	if known := readSchema(before); len(known) == 1 && known.Get(key) != nil {
		_ = json.Unmarshal(known.Get(key), &list) // it was merged here
	}
	if !slices.ContainsFunc(list, func(one json.RawMessage) bool { return bytes.Equal(one, p.Value) }) {
		list = append(list, p.Value)
	}
	if len(list) > 1 {
		raw, _ := json.Marshal(list) // can't fail: it is JSON
		s.Set(p.Key, Schema{{key, raw}}.write())
	}
}

// require adds the required properties of branches: those of any branch, or those of every branch. The description
// lists the others.
func (s *Schema) require(lists [][]string, all bool) {
	var required, differing []string
	_ = json.Unmarshal(s.Get("required"), &required)
	for _, list := range lists {
		var own []string
		for _, name := range list {
			every := all || !slices.ContainsFunc(lists, func(other []string) bool { return !slices.Contains(other, name) })
			switch {
			case every && !slices.Contains(required, name):
				required = append(required, name)
			case !every && !slices.Contains(required, name):
				own = append(own, name)
			}
		}
		if own != nil {
			differing = append(differing, strings.Join(own, " and "))
		}
	}
	if len(required) > 0 {
		raw, _ := json.Marshal(required) // can't fail for strings
		s.Set("required", raw)
	}
	if differing == nil {
		return
	}
	text := "Give " + strings.Join(differing, ", or ") + "."
	if old := s.Text("description"); old != "" {
		text = old + "\n\n" + text
	}
	raw, _ := json.Marshal(text) // as above
	s.Set("description", raw)
}
