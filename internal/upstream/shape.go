package upstream

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fields are the shapes of an object's fields, by their names.
type fields = map[string]*shape

// shape describes the allowed values of a request's field. Providers check that first, each with its own wording: see
// [fault].
type shape struct {
	kind  kind
	or    *shape // the alternative, if the value is of another kind
	item  *shape // of a list, or of each field of an object with arbitrary names
	words []string
	// fields are the fields of an object; nil allows all, as open does. The fields in beta are only for requests that
	// ask for a beta.
	fields fields
	open   bool // other fields are allowed
	beta   map[string]bool
	needed []string
	// tags are the fields of an object by its type. An object of another type is an error if there is a list of
	// expected types.
	tags     fields
	expected []string
	// least and most limit a number, or the length of a text or list. A most of 0 means no limit.
	bounded     bool
	least, most float64
	matches     func(string) bool
	pattern     string // in the provider's words
	rule        Rule   // the rule for a wrong value; "" for the rules common to all fields
}

// kind is a type of JSON.
type kind byte

const (
	anything kind = iota
	text
	number
	whole // a number without a fraction
	truth
	record
	list
)

func (k kind) holds(v value) bool {
	switch b := v.raw[0]; k {
	case text:
		return b == '"'
	case number, whole:
		if b != '-' && (b < '0' || b > '9') {
			return false
		}
		return k == number || isWhole(v.raw)
	case truth:
		return b == 't' || b == 'f'
	case record:
		return b == '{'
	case list:
		return b == '['
	case anything:
	}
	return true
}

// isWhole reports whether a number has no fraction, such as 1.0.
func isWhole(raw []byte) bool {
	for i, b := range raw {
		if b == '.' || b == 'e' || b == 'E' {
			n, err := strconv.ParseFloat(string(raw), 64)
			return i > 0 && err == nil && n == float64(int64(n))
		}
	}
	return true
}

// The shapes for tables of fields.

func wordOf(words ...string) *shape { return &shape{kind: text, words: words} }

func between(k kind, least, most float64) *shape {
	return &shape{kind: k, bounded: true, least: least, most: most}
}

func several(item *shape) *shape { return &shape{kind: list, item: item} }

// fieldsOf returns an object that has only these fields; needed names the required ones.
func fieldsOf(needed string, of fields) *shape {
	return &shape{kind: record, fields: of, needed: strings.Fields(needed)}
}

// openRecord returns an object with known fields, and possibly others.
func openRecord(f fields, needed ...string) *shape {
	return &shape{kind: record, fields: f, needed: needed, open: true}
}

// tagged returns an object whose fields depend on its type, with the types in the order of the provider's errors;
// without an order, other types are accepted.
func tagged(tags fields, expected ...string) *shape {
	return &shape{kind: record, tags: tags, expected: expected}
}

func named(pattern string, matches func(string) bool) *shape {
	return &shape{kind: text, matches: matches, pattern: pattern}
}

// orElse returns a shape that may also be another.
func (s shape) orElse(other *shape) *shape {
	s.or = other
	return &s
}

// orList returns a shape that may also be a list of others.
func (s shape) orList(item *shape) *shape { return s.orElse(several(item)) }

// with returns an object with more fields.
func (s shape) with(more fields) *shape {
	all := maps.Clone(s.fields)
	maps.Copy(all, more)
	s.fields = all
	return &s
}

var (
	aText     = &shape{kind: text}
	aNumber   = &shape{kind: number}
	aWhole    = &shape{kind: whole}
	aTruth    = &shape{kind: truth}
	anObject  = &shape{kind: record}
	aList     = &shape{kind: list}
	whatever  = &shape{}
	someTexts = several(aText)
)

// fault is what is wrong with a value.
type fault struct {
	problem problem
	path    []step // from the inside out
	shape   *shape
	value   value
}

type problem byte

const (
	unknown    problem = iota // a field that the API does not have
	missing                   // a missing required field
	mistyped                  // of another type
	misspoken                 // none of the words
	untagged                  // of no expected type
	under                     // too small, or too short
	over                      // too large, or too long
	mismatched                // not matching the pattern
)

// step is a part of a value's path: a field, an item of a list, or the type of an object.
type step struct {
	name  string
	index int  // of an item
	kind  kind // record for a field, list for an item, text for a type
}

// faults collects the faults of a request. Without faults, it doesn't allocate.
type faults struct {
	list []*fault
	beta bool
}

func (fs *faults) add(p problem, s *shape, v value, at ...step) {
	fs.list = append(fs.list, &fault{problem: p, shape: s, value: v, path: at})
}

// within adds a step to the paths of all faults after the first n.
func (fs *faults) within(n int, at step) {
	for _, f := range fs.list[n:] {
		f.path = append(f.path, at)
	}
}

// check checks an existing value.
func (fs *faults) check(s *shape, v value) {
	if s.or != nil && !s.kind.holds(v) && s.or.kind.holds(v) {
		s = s.or
	}
	if !s.kind.holds(v) {
		fs.add(mistyped, s, v)
		return
	}
	switch s.kind {
	case record:
		fs.checkRecord(s, v)
	case list:
		fs.checkBounds(s, v, float64(len(v.items)))
		for i := range v.items {
			if s.item == nil || !v.items[i].there() {
				continue
			}
			n := len(fs.list)
			fs.check(s.item, v.items[i])
			fs.within(n, step{index: i, kind: list})
		}
	case text:
		fs.checkText(s, v)
	case number, whole:
		if s.bounded {
			n, _ := v.number()
			fs.checkBounds(s, v, n)
		}
	case anything, truth:
	}
}

func (fs *faults) checkRecord(s *shape, v value) {
	if s.tags != nil {
		tag := v.get("type")
		of := s.tags[string(tag.inner())]
		switch {
		case of != nil:
		case !tag.there():
			fs.add(missing, s, value{}, step{name: "type", kind: record})
			return
		default:
			if s.expected != nil && tag.isString() {
				fs.add(untagged, s, tag)
			}
			return
		}
		n := len(fs.list)
		fs.checkRecord(of, v)
		if len(fs.list) > n {
			fs.within(n, step{name: v.get("type").text(), kind: text})
		}
		return
	}
	for _, name := range s.needed {
		if !v.get(name).there() {
			fs.add(missing, s, value{}, step{name: name, kind: record})
		}
	}
	if s.fields == nil && s.item == nil {
		return
	}
	for i := range v.fields {
		f := &v.fields[i]
		of := s.fields[f.name]
		if s.fields == nil {
			of = s.item
		}
		switch {
		case of == nil && s.open:
		case of == nil, !fs.beta && s.beta[f.name]:
			fs.add(unknown, s, f.value, step{name: f.name, kind: record})
		case f.value.there() && of.kind != anything:
			n := len(fs.list)
			fs.check(of, f.value)
			fs.within(n, step{name: f.name, kind: record})
		}
	}
}

func (fs *faults) checkText(s *shape, v value) {
	if s.words != nil {
		for _, word := range s.words {
			if string(v.inner()) == word {
				return
			}
		}
		fs.add(misspoken, s, v)
		return
	}
	// A text has at most as many characters as bytes, so most texts need no decoding.
	if n := float64(len(v.inner())); s.bounded && (n < s.least || s.least > 1 || s.most > 0 && n > s.most) {
		fs.checkBounds(s, v, float64(utf8.RuneCountInString(v.text())))
	}
	if s.matches != nil && !s.matches(v.text()) {
		fs.add(mismatched, s, v)
	}
}

func (fs *faults) checkBounds(s *shape, v value, n float64) {
	switch {
	case !s.bounded:
	case n < s.least:
		fs.add(under, s, v)
	case s.most > 0 && n > s.most:
		fs.add(over, s, v)
	}
}

// inner returns the raw text between the quotes of a string; nil for other values.
func (v value) inner() []byte {
	if !v.isString() || len(v.raw) < 2 {
		return nil
	}
	return v.raw[1 : len(v.raw)-1]
}

// shaped returns a rule about certain faults in the shape of a request.
func shaped(name Rule, of func(c *call) *shape, say func(c *call, f *fault) *refusal, breaks func(*fault) bool) rule {
	return rule{name, func(c *call) *refusal {
		if !c.shaped {
			c.shaped = true
			fs := faults{beta: c.header.Get("Anthropic-Beta") != ""}
			if s := of(c); s != nil && c.request.there() {
				fs.check(s, c.request)
			}
			c.faults = fs.list
		}
		for _, f := range c.faults {
			if breaks(f) {
				return say(c, f)
			}
		}
		return nil
	}}
}

// oneOfProblems matches the faults of a rule about certain problems.
func oneOfProblems(problems ...problem) func(*fault) bool {
	return func(f *fault) bool { return slices.Contains(problems, f.problem) }
}
