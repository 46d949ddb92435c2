package upstream

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The rules about faults of fields in a request to OpenAI, anywhere: each has the same wording at any depth. A field
// may have its own rule instead.
const (
	ruleUnknown Rule = "openai.unknown-parameter"
	ruleMissing Rule = "openai.missing-parameter"
	ruleType    Rule = "openai.type"
	ruleValue   Rule = "openai.value"
	ruleRanges  Rule = "openai.ranges"
	ruleLength  Rule = "openai.length"
	ruleEmpty   Rule = "openai.empty-string"
)

// openAIShaped are the rules that the shape of a request may break.
func openAIShaped(body *shape) []rule {
	names := body.broken(nil)
	slices.Sort(names)
	list := make([]rule, len(names))
	of := func(c *call) *shape {
		if !c.request.isObject() { // a form
			return nil
		}
		return body
	}
	for i, name := range names {
		list[i] = shaped(name, of, openAIFault, func(f *fault) bool { return f.openAIRule() == name })
	}
	return list
}

// broken adds the rules that a shape can break.
func (s *shape) broken(names []Rule) []Rule {
	if s == nil {
		return names
	}
	for _, can := range []struct {
		problem problem
		is      bool
	}{
		{unknown, s.fields != nil && !s.open}, {missing, s.needed != nil}, {mistyped, s.kind != anything}, {misspoken, s.words != nil},
		{untagged, s.expected != nil}, {under, s.bounded && (s.least > 0 || s.kind == number || s.kind == whole)}, {over, s.bounded && s.most > 0}, {mismatched, s.matches != nil},
	} {
		f := fault{problem: can.problem, shape: s}
		if rule := f.openAIRule(); can.is && !slices.Contains(names, rule) {
			names = append(names, rule)
		}
	}
	for _, inner := range s.fields {
		names = inner.broken(names)
	}
	for _, inner := range s.tags {
		names = inner.broken(names)
	}
	return s.item.broken(s.or.broken(names))
}

func (f *fault) openAIRule() Rule {
	general := ruleValue
	switch f.problem {
	case unknown:
		return ruleUnknown
	case missing:
		return ruleMissing
	case mistyped:
		return ruleType
	case under, over:
		general = ruleLength
		switch {
		case f.shape.kind == number, f.shape.kind == whole:
			general = ruleRanges
		case f.problem == under && f.shape.kind == text:
			return ruleEmpty
		case f.problem == under:
			general = ruleEmpty
		}
	case mismatched:
		general = ruleLength
	case misspoken, untagged:
	}
	if f.shape.rule != "" {
		return f.shape.rule
	}
	return general
}

// openAIFault returns OpenAI's message about a fault.
func openAIFault(_ *call, f *fault) *refusal {
	s, place := f.shape, f.openAIPath()
	switch f.problem {
	case unknown:
		return openAIRefusal(place, "unknown_parameter", "Unknown parameter: '%s'.", place)
	case missing:
		return openAIRefusal(place, "missing_required_parameter", "Missing required parameter: '%s'.", place)
	case mistyped:
		return openAIRefusal(place, "invalid_type", "Invalid type for '%s': expected %s, but got %s instead.", place, s.openAIKind(), openAIType(f.value))
	case misspoken:
		return openAIRefusal(place, "invalid_value", "Invalid value: '%s'. Supported values are: %s.", f.value.text(), listed(s.words))
	case untagged:
		return openAIRefusal(place+".type", "invalid_value", "Invalid value: '%s'. Supported values are: %s.", f.value.text(), listed(s.expected))
	case mismatched:
		return openAIRefusal(place, "invalid_value", "Invalid '%s': string does not match pattern. Expected a string that matches the pattern '%s'.", place, s.pattern)
	case under, over:
	}
	way, sign, bound := "above", "<=", s.most
	if f.problem == under {
		way, sign, bound = "below", ">=", s.least
	}
	end := map[string]string{"above": "maximum", "below": "minimum"}[way]
	switch s.kind {
	case text:
		if f.problem == under {
			return openAIRefusal(place, "empty_string", "Invalid '%s': empty string. Expected a string with minimum length 1, but got an empty string instead.", place)
		}
		return openAIRefusal(place, "string_above_max_length", "Invalid '%s': string too long. Expected a string with maximum length %v, but got a string with length %d instead.",
			place, bound, utf8.RuneCountInString(f.value.text()))
	case list:
		if f.problem == under {
			return openAIRefusal(place, "empty_array", "Invalid '%s': empty array. Expected an array with minimum length 1, but got an empty array instead.", place)
		}
		return openAIRefusal(place, "array_above_max_length", "Invalid '%s': array too long. Expected an array with maximum length %v, but got an array with length %d instead.",
			place, bound, len(f.value.items))
	case anything, number, whole, truth, record:
	}
	called := "decimal"
	if s.kind == whole {
		called = "integer"
	}
	return openAIRefusal(place, called+"_"+way+"_"+end[:3]+"_value", "Invalid '%s': %s %s %s value. Expected a value %s %v, but got %s instead.",
		place, called, way, end, sign, bound, f.value.raw)
}

// openAIPath formats the path of a value as in OpenAI's errors: messages[0].content[1].text.
func (f *fault) openAIPath() string {
	var b strings.Builder
	for _, at := range slices.Backward(f.path) {
		switch {
		case at.kind == list:
			b.WriteString("[" + strconv.Itoa(at.index) + "]")
		case at.kind == record && b.Len() > 0:
			b.WriteString("." + at.name)
		case at.kind == record:
			b.WriteString(at.name)
		}
	}
	return b.String()
}

// openAIKind returns OpenAI's name of an expected type.
func (s *shape) openAIKind() string {
	if s.or == nil {
		article := "a "
		if s.kind == whole || s.kind == record || s.kind == list {
			article = "an "
		}
		return article + s.openAINoun()
	}
	return "one of a " + s.openAINoun() + " or " + s.or.openAINoun()
}

func (s *shape) openAINoun() string {
	switch s.kind {
	case text:
		return "string"
	case number:
		return "decimal"
	case whole:
		return "integer"
	case truth:
		return "boolean"
	case record:
		return "object"
	case anything, list:
	}
	if s.item != nil && s.item.kind == text {
		return "array of strings"
	}
	return "array of objects"
}

// openAIType returns OpenAI's name of an actual type.
func openAIType(v value) string {
	switch {
	case v.isString():
		return "a string"
	case v.isObject():
		return "an object"
	case v.isArray():
		return "an array"
	case v.is('t'), v.is('f'):
		return "a boolean"
	case isWhole(v.raw):
		return "an integer"
	}
	return "a decimal number"
}

// Constructors of shapes for OpenAI's tables, in addition to the common ones.

// typed returns an object whose fields depend on its type, with the types in the order of OpenAI's errors. A type
// without its own fields allows any.
func typed(types string, of fields) *shape {
	expected := strings.Fields(types)
	for _, name := range expected {
		if of[name] == nil {
			of[name] = anObject
		}
	}
	return tagged(of, expected...)
}

func upTo(characters float64) *shape { return between(text, 0, characters) }

func (s shape) closed() *shape { s.open = false; return &s }

func (s shape) notEmpty() *shape { s.bounded, s.least = true, 1; return &s }

func (s shape) atMostItems(n float64) *shape { s.bounded, s.most = true, n; return &s }

func (s shape) brokenAs(rule Rule) *shape { s.rule = rule; return &s }

// asName returns a text of letters, digits, _ and -.
func (s shape) asName() *shape {
	s.pattern = "^[a-zA-Z0-9_-]+$"
	s.matches = func(name string) bool { return name == "" || isName(name, "_-") }
	return &s
}
