package upstream

import (
	"iter"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// example returns the simplest value that satisfies a JSON schema: the first of the allowed values, required
// properties only. The result satisfies the schema, unless it can't be satisfied or uses unsupported keywords.
func example(schema any) any {
	v, _ := (&maker{root: schema, steps: 10_000}).make(schema)
	return v
}

// maker creates examples of schemas that may contain themselves.
type maker struct {
	root  any
	refs  []string // that led to the current schema
	nth   int      // the number of the example: those of a set must differ
	steps int      // how many more steps it may try
}

// alternative is one way to satisfy a schema: without references and choices.
type alternative struct {
	schema map[string]any
	refs   []string
}

// make returns an example, and reports whether it satisfies the schema, which it doesn't if a schema contains itself
// without end.
func (m *maker) make(schema any) (v any, ok bool) {
	before := m.refs
	defer func() { m.refs = before }()
	if m.steps--; m.steps < 0 {
		return nil, false
	}
	var nearest any
	for _, a := range m.expand(schema, nil) {
		m.refs = append(slices.Clip(before), a.refs...)
		for v := range m.values(a.schema) {
			if satisfies(schema, m.root, v) {
				return v, true
			}
			if nearest == nil {
				nearest = v
			}
			if m.steps--; m.steps < 0 {
				return nearest, false
			}
		}
	}
	return nearest, false
}

const mostAlternatives = 64

// expand returns the ways to satisfy a schema. It does not follow references that have led to it.
func (m *maker) expand(schema any, refs []string) []alternative {
	s, ok := schema.(map[string]any)
	if !ok {
		s = map[string]any{} // true: anything
	}
	plain := map[string]any{}
	for key, v := range s {
		switch key {
		case "$ref", "allOf", "anyOf", "oneOf", "if", "then", "else":
		default:
			plain[key] = v
		}
	}
	ways := []alternative{{plain, refs}}
	both := func(schemas ...any) {
		var next []alternative
		for _, way := range ways {
			for _, other := range schemas {
				for _, more := range m.expand(other, way.refs) {
					if len(next) < mostAlternatives {
						next = append(next, alternative{merged(way.schema, more.schema), more.refs})
					}
				}
			}
		}
		ways = next
	}
	if ref, ok := s["$ref"].(string); ok {
		if slices.Contains(refs, ref) || slices.Contains(m.refs, ref) {
			return nil
		}
		ways[0].refs = append(slices.Clip(refs), ref)
		both(resolve(ref, m.root))
	}
	for _, part := range listOf(s["allOf"]) {
		both(part)
	}
	for _, key := range [...]string{"anyOf", "oneOf"} {
		if choices := listOf(s[key]); len(choices) > 0 {
			both(nullLast(choices)...)
		}
	}
	if s["if"] != nil {
		both(map[string]any{"allOf": []any{s["if"], orTrue(s["then"])}}, orTrue(s["else"]))
	}
	return ways
}

func orTrue(schema any) any {
	if schema == nil {
		return true
	}
	return schema
}

// nullLast moves the choice of null to the end: other values are more useful.
func nullLast(choices []any) []any {
	choices = slices.Clone(choices)
	slices.SortStableFunc(choices, func(a, b any) int { return isNull(a) - isNull(b) })
	return choices
}

func isNull(schema any) int {
	if s, ok := schema.(map[string]any); ok && s["type"] == "null" {
		return 1
	}
	return 0
}

// values returns candidates for a schema without choices, best first.
func (m *maker) values(s map[string]any) iter.Seq[any] {
	return func(yield func(any) bool) {
		var given []any
		if v, ok := s["const"]; ok {
			given = []any{v}
		} else if given = listOf(s["enum"]); len(given) > 0 {
			n := m.nth % len(given)
			given = slices.Concat(given[n:], given[:n])
		} else if m.nth == 0 {
			given = slices.Clone(listOf(s["examples"]))
			if v, ok := s["default"]; ok {
				given = append(given, v)
			}
		}
		for _, v := range given {
			if !yield(v) {
				return
			}
		}
		for _, kind := range kinds(s) {
			for _, v := range m.ofKind(kind, s) {
				if !yield(v) {
					return
				}
			}
		}
	}
}

func (m *maker) ofKind(kind string, s map[string]any) []any {
	switch kind {
	case "object":
		return []any{m.object(s)}
	case "array":
		return []any{m.array(s)}
	case "integer", "number":
		return numbers(s, kind == "integer", m.nth)
	case "boolean":
		return []any{m.nth%2 == 0, m.nth%2 != 0}
	case "null":
		return []any{nil}
	}
	return append(texts(s, m.nth), texts(s, m.nth+1)...) // the second if the first is excluded
}

func (m *maker) object(s map[string]any) map[string]any {
	out := map[string]any{}
	var queue []string
	want := func(names any) {
		for _, name := range listOf(names) {
			if name, ok := name.(string); ok && !slices.Contains(queue, name) {
				queue = append(queue, name)
			}
		}
	}
	want(s["required"])
	dependent, _ := s["dependentRequired"].(map[string]any)
	for i := 0; i < len(queue); i++ { //nolint:intrange // it grows
		out[queue[i]], _ = m.make(propertyOf(s, queue[i]))
		want(dependent[queue[i]])
	}
	least := min(count(s, "minProperties", 0), longest)
	properties, _ := s["properties"].(map[string]any)
	names := sortedKeys(properties)
	for i := 0; len(out) < least && i < len(names)+2*least; i++ {
		name := "key" + strconv.Itoa(i-len(names)+1)
		if i < len(names) {
			name = names[i]
		}
		if _, ok := out[name]; ok {
			continue
		}
		if v, ok := m.make(propertyOf(s, name)); ok {
			out[name] = v
		}
	}
	return out
}

const longest = 1000 // the maximum length of lists and objects, whatever a schema requires

func (m *maker) array(s map[string]any) []any {
	before := m.nth
	defer func() { m.nth = before }()
	list := []any{}
	least := min(count(s, "minItems", 1), count(s, "maxItems", longest), longest)
	if contains, ok := s["contains"]; ok {
		for range min(count(s, "minContains", 1), longest) {
			v, _ := m.make(map[string]any{"allOf": []any{contains, itemOf(s, len(list))}})
			list = append(list, v)
		}
	}
	for tries := 0; len(list) < least && tries < 2*least+8; tries++ {
		if s["uniqueItems"] == true {
			m.nth = tries
		}
		v, ok := m.make(itemOf(s, len(list)))
		if !ok && s["minItems"] == nil {
			break // an empty list ends a recursion
		}
		if s["uniqueItems"] != true || !slices.ContainsFunc(list, func(other any) bool { return same(v, other) }) {
			list = append(list, v)
		}
	}
	return list
}

// numbers returns candidates in the limits of a schema, 1 first.
func numbers(s map[string]any, whole bool, nth int) []any {
	step, stepped := numberOf(s["multipleOf"])
	if !stepped || !step.IsPositive() {
		step, stepped = decimal.NewFromInt(1), whole
	}
	least, hasLeast, _ := limit(s, "minimum", "exclusiveMinimum")
	most, hasMost, _ := limit(s, "maximum", "exclusiveMaximum")
	start := decimal.NewFromInt(1)
	if hasLeast && start.LessThan(least) {
		start = least
	}
	from := []decimal.Decimal{start}
	if hasMost {
		from = append(from, most)
	}
	if hasLeast && hasMost {
		from = append(from, least.Add(most).Mul(decimal.NewFromFloat(0.5)))
	}
	var values []any
	for _, x := range from {
		around := []decimal.Decimal{x.Add(step.Mul(decimal.NewFromInt(int64(nth)))), x.Add(step), x.Sub(step)}
		for _, x := range around {
			if !stepped {
				values = append(values, jsonNumber(x))
				continue
			}
			down := x.Sub(x.Mod(step))
			values = append(values, jsonNumber(down), jsonNumber(down.Add(step)), jsonNumber(down.Sub(step)))
		}
	}
	return values
}
