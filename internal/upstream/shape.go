package upstream

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// shape says what a value in a request may be. Providers check that first, each
// in its own words: see [fault].
type shape struct {
	kind  kind
	or    *shape // what may stand instead, if it is of another kind
	item  *shape // of a list, or of each field of an object whose names are the client's
	words []string
	// fields are those of an object; nil allows all, as open does. Those of beta are only for
	// requests that ask for a beta.
	fields map[string]*shape
	open   bool // there may be others
	beta   map[string]bool
	needed []string
	// tags are the fields of an object by its type. Of another type, it is wrong if there is a
	// list of the types that the provider expects.
	tags     map[string]*shape
	expected []string
	// least and most bound a number; a text and a list by their lengths. A most of 0 is no bound.
	bounded     bool
	least, most float64
	matches     func(string) bool
	pattern     string // in the provider's words
	rule        Rule   // that what is wrong with a value breaks; "" for the rules of all fields
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

// isWhole reports whether a number has no fraction. 1.0 has none.
func isWhole(raw []byte) bool {
	for i, b := range raw {
		if b == '.' || b == 'e' || b == 'E' {
			n, err := strconv.ParseFloat(string(raw), 64)
			return i > 0 && err == nil && n == float64(int64(n))
		}
	}
	return true
}

// The shapes that tables of fields are made of.

func wordOf(words ...string) *shape { return &shape{kind: text, words: words} }

func between(k kind, least, most float64) *shape {
	return &shape{kind: k, bounded: true, least: least, most: most}
}

func several(item *shape) *shape { return &shape{kind: list, item: item} }

// fields has each field's shape, and which of them are needed, by their names.
func fieldsOf(needed string, fields map[string]*shape) *shape {
	return &shape{kind: record, fields: fields, needed: strings.Fields(needed)}
}

// tagged has what is to be there by the type of an object, and in which order the provider
// names the types; no order means that others are right.
func tagged(tags map[string]*shape, expected ...string) *shape {
	return &shape{kind: record, tags: tags, expected: expected}
}

func named(pattern string, matches func(string) bool) *shape {
	return &shape{kind: text, matches: matches, pattern: pattern}
}

// orList is a shape, or a list of others instead.
func (s shape) orList(item *shape) *shape {
	s.or = several(item)
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
	missing                   // one that has to be there
	mistyped                  // of another type
	misspoken                 // none of the words
	untagged                  // of no expected type
	under                     // too little, or too short
	over                      // too much, or too long
	mismatched                // of another pattern
)

// step is a part of the way to a value: a field, an item of a list, or the type of an object.
type step struct {
	name  string
	index int  // of an item
	kind  kind // record for a field, list for an item, text for a type
}

// faults collects what is wrong. It allocates nothing as long as nothing is.
type faults struct {
	list []*fault
	beta bool
}

func (fs *faults) add(p problem, s *shape, v value, at ...step) {
	fs.list = append(fs.list, &fault{problem: p, shape: s, value: v, path: at})
}

// within adds a step to the paths of all that was found after the first n.
func (fs *faults) within(n int, at step) {
	for _, f := range fs.list[n:] {
		f.path = append(f.path, at)
	}
}

// check looks at a value that is there.
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
	// It has no more characters than bytes: most texts are not decoded.
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

// inner is what is between the quotes of a string; nil for what is none.
func (v value) inner() []byte {
	if !v.isString() || len(v.raw) < 2 {
		return nil
	}
	return v.raw[1 : len(v.raw)-1]
}

// shaped is a rule of what is wrong with the shape of a request in one of some ways.
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

// oneOfProblems is what breaks a rule about some problems.
func oneOfProblems(problems ...problem) func(*fault) bool {
	return func(f *fault) bool { return slices.Contains(problems, f.problem) }
}
