package upstream

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// satisfies reports whether a value satisfies a schema, with the keywords that schemas of tools and structured
// outputs use. It doesn't check formats, which examples satisfy.
func satisfies(schema, root, v any) bool { return satisfiesAt(schema, root, v, 0) }

const deepest = 64 // schemas may contain themselves

func satisfiesAt(schema, root, v any, depth int) bool {
	s, ok := schema.(map[string]any)
	if !ok || depth > deepest {
		return schema != false
	}
	is := func(schema any) bool { return satisfiesAt(schema, root, v, depth+1) }
	if ref, ok := s["$ref"].(string); ok && !is(resolve(ref, root)) {
		return false
	}
	if list := listOf(s["allOf"]); slices.ContainsFunc(list, func(part any) bool { return !is(part) }) {
		return false
	}
	if list := listOf(s["anyOf"]); len(list) > 0 && !slices.ContainsFunc(list, is) {
		return false
	}
	if list := listOf(s["oneOf"]); len(list) > 0 {
		if matching := slices.DeleteFunc(slices.Clone(list), func(one any) bool { return !is(one) }); len(matching) != 1 {
			return false
		}
	}
	if not, ok := s["not"]; ok && is(not) {
		return false
	}
	if condition, ok := s["if"]; ok {
		then := s["else"]
		if is(condition) {
			then = s["then"]
		}
		if then != nil && !is(then) {
			return false
		}
	}
	if c, ok := s["const"]; ok && !same(c, v) {
		return false
	}
	if list := listOf(s["enum"]); len(list) > 0 && !slices.ContainsFunc(list, func(one any) bool { return same(one, v) }) {
		return false
	}
	return hasKind(s, v) && satisfiesLimits(s, root, v, depth)
}

func hasKind(s map[string]any, v any) bool {
	if s["type"] == nil || v == nil && s["nullable"] == true {
		return true
	}
	for _, kind := range kinds(s) {
		switch x := v.(type) {
		case nil:
			if kind == "null" {
				return true
			}
		case bool:
			if kind == "boolean" {
				return true
			}
		case string:
			if kind == "string" {
				return true
			}
		case []any:
			if kind == "array" {
				return true
			}
		case map[string]any:
			if kind == "object" {
				return true
			}
		default:
			n, _ := numberOf(x)
			if kind == "number" || kind == "integer" && n.IsInteger() {
				return true
			}
		}
	}
	return false
}

func satisfiesLimits(s map[string]any, root, v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool:
		return true
	case string:
		if pattern, ok := s["pattern"].(string); ok {
			if matcher, err := regexp.Compile(pattern); err == nil && !matcher.MatchString(v) {
				return false
			}
		}
		return within(s, "minLength", "maxLength", utf8.RuneCountInString(v))
	case []any:
		return within(s, "minItems", "maxItems", len(v)) && listSatisfies(s, root, v, depth)
	case map[string]any:
		return within(s, "minProperties", "maxProperties", len(v)) && objectSatisfies(s, root, v, depth)
	}
	n, _ := numberOf(v)
	if step, ok := numberOf(s["multipleOf"]); ok && step.IsPositive() && !n.Mod(step).IsZero() {
		return false
	}
	if least, ok, open := limit(s, "minimum", "exclusiveMinimum"); ok && (n.LessThan(least) || open && n.Equal(least)) {
		return false
	}
	most, ok, open := limit(s, "maximum", "exclusiveMaximum")
	return !ok || n.LessThan(most) || !open && n.Equal(most)
}

func listSatisfies(s map[string]any, root any, list []any, depth int) bool {
	contained := 0
	for i, item := range list {
		if !satisfiesAt(itemOf(s, i), root, item, depth+1) {
			return false
		}
		if s["uniqueItems"] == true && slices.ContainsFunc(list[:i], func(other any) bool { return same(other, item) }) {
			return false
		}
		if contains, ok := s["contains"]; ok && satisfiesAt(contains, root, item, depth+1) {
			contained++
		}
	}
	return s["contains"] == nil || contained >= count(s, "minContains", 1) && contained <= count(s, "maxContains", len(list))
}

func objectSatisfies(s map[string]any, root any, o map[string]any, depth int) bool {
	missing := func(name any) bool {
		key, _ := name.(string)
		_, ok := o[key]
		return !ok
	}
	if slices.ContainsFunc(listOf(s["required"]), missing) {
		return false
	}
	dependent, _ := s["dependentRequired"].(map[string]any)
	for name, v := range o {
		if slices.ContainsFunc(listOf(dependent[name]), missing) || !satisfiesAt(propertyOf(s, name), root, v, depth+1) {
			return false
		}
		if s["propertyNames"] != nil && !satisfiesAt(s["propertyNames"], root, name, depth+1) {
			return false
		}
	}
	return true
}

// propertyOf returns the schema of a property.
func propertyOf(s map[string]any, name string) any {
	properties, _ := s["properties"].(map[string]any)
	if one, ok := properties[name]; ok {
		return one
	}
	patterns, _ := s["patternProperties"].(map[string]any)
	for _, pattern := range sortedKeys(patterns) {
		if matcher, err := regexp.Compile(pattern); err == nil && matcher.MatchString(name) {
			return patterns[pattern]
		}
	}
	return orTrue(s["additionalProperties"])
}

// itemOf returns the schema of an item of a list.
func itemOf(s map[string]any, i int) any {
	items := s["items"]
	first := listOf(s["prefixItems"])
	if older, ok := items.([]any); ok {
		first, items = older, s["additionalItems"]
	}
	if i < len(first) {
		return first[i]
	}
	return orTrue(items)
}

// merged returns a schema for values that satisfy both schemas.
func merged(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	for key, y := range b {
		x, ok := out[key]
		switch {
		case !ok:
			out[key] = y
		case key == "type":
			out[key] = commonKinds(a, b)
		case key == "required":
			out[key] = append(slices.Clip(listOf(x)), listOf(y)...)
		case key == "enum":
			out[key] = slices.DeleteFunc(slices.Clone(listOf(x)), func(v any) bool {
				return !slices.ContainsFunc(listOf(y), func(w any) bool { return same(v, w) })
			})
		case key == "properties", key == "patternProperties":
			out[key] = mergedProperties(x, y)
		case key == "items" || key == "additionalProperties":
			out[key] = map[string]any{"allOf": []any{x, y}}
		case strings.HasPrefix(key, "min"), key == "exclusiveMinimum":
			out[key] = stricter(x, y, 1)
		case strings.HasPrefix(key, "max"), key == "exclusiveMaximum":
			out[key] = stricter(x, y, -1)
		}
	}
	return out
}

func mergedProperties(a, b any) any {
	x, _ := a.(map[string]any)
	y, _ := b.(map[string]any)
	out := maps.Clone(x)
	for name, schema := range y {
		if other, ok := out[name]; ok {
			schema = map[string]any{"allOf": []any{other, schema}}
		}
		out[name] = schema
	}
	return out
}

// stricter returns the greater limit, or the smaller one if sign is -1.
func stricter(a, b any, sign int) any {
	x, ok := numberOf(a)
	y, also := numberOf(b)
	if also && (!ok || y.Cmp(x) == sign) {
		return b
	}
	return a
}

func commonKinds(a, b map[string]any) any {
	out := []any{}
	for _, x := range kinds(a) {
		for _, y := range kinds(b) {
			if x == y || x == "integer" && y == "number" {
				out = append(out, x)
			} else if x == "number" && y == "integer" {
				out = append(out, y)
			}
		}
	}
	return out
}

// kinds returns a schema's types, null last. At Google they are upper-case. Without types, they are derived from the
// other keywords.
func kinds(s map[string]any) []string {
	list := listOf(s["type"])
	if one, ok := s["type"].(string); ok {
		list = []any{one}
	}
	var out []string
	null := s["nullable"] == true
	for _, kind := range list {
		name, _ := kind.(string)
		if name = strings.ToLower(name); name == "null" {
			null = true
		} else if name != "type_unspecified" {
			out = append(out, name)
		}
	}
	if null {
		out = append(out, "null")
	}
	if len(out) > 0 || s["type"] != nil && len(list) == 0 {
		return out
	}
	for _, hint := range [...]struct {
		kind string
		keys []string
	}{
		{"object", []string{"properties", "required", "additionalProperties", "minProperties", "patternProperties"}},
		{"array", []string{"items", "prefixItems", "minItems", "contains"}},
		{"number", []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}},
	} {
		if slices.ContainsFunc(hint.keys, func(key string) bool { return s[key] != nil }) {
			return []string{hint.kind}
		}
	}
	return []string{"string", "object", "array", "number", "boolean", "null"}
}

// limit returns an end of a schema's range, and whether it is exclusive. An exclusive limit is a number or, in older
// schemas, a flag next to the limit.
func limit(s map[string]any, inclusive, exclusive string) (n decimal.Decimal, ok, open bool) {
	n, ok = numberOf(s[inclusive])
	if s[exclusive] == true {
		return n, ok, true
	}
	end, exclusively := numberOf(s[exclusive])
	if !exclusively {
		return n, ok, false
	}
	if ok && (exclusive == "exclusiveMinimum" && n.GreaterThan(end) || exclusive == "exclusiveMaximum" && n.LessThan(end)) {
		return n, true, false
	}
	return end, true, true
}

// within reports whether a count is within a schema's limits.
func within(s map[string]any, least, most string, n int) bool {
	return n >= count(s, least, 0) && n <= count(s, most, n)
}

func count(s map[string]any, key string, otherwise int) int {
	n, ok := numberOf(s[key])
	if !ok || n.Exponent() > 9 {
		return otherwise
	}
	return int(n.IntPart())
}

// numberOf parses a number, which Google also writes as a string.
func numberOf(v any) (decimal.Decimal, bool) {
	switch v := v.(type) {
	case float64:
		return decimal.NewFromFloat(v), true
	case json.Number:
		return numberOf(v.String())
	case string:
		n, err := decimal.NewFromString(v)
		return n, err == nil && max(n.Exponent(), -n.Exponent()) < 400 // the range of float64
	}
	return decimal.Decimal{}, false
}

func jsonNumber(n decimal.Decimal) json.Number { return json.Number(n.String()) }

// same reports whether two values are equal JSON.
func same(a, b any) bool {
	if _, isText := a.(string); !isText {
		if x, ok := numberOf(a); ok {
			_, isText = b.(string)
			y, ok := numberOf(b)
			return ok && !isText && x.Equal(y)
		}
	}
	return bytes.Equal(marshal(a), marshal(b))
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// resolve follows a reference inside a schema, such as #/$defs/name.
func resolve(ref string, root any) any {
	path, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil
	}
	at := root
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if step == "" {
			continue
		}
		if plain, err := url.PathUnescape(step); err == nil {
			step = plain
		}
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		switch here := at.(type) {
		case map[string]any:
			at = here[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(here) {
				return nil
			}
			at = here[i]
		default:
			return nil
		}
	}
	return at
}
