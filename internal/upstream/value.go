package upstream

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// value is JSON in a request, as the rules look at it: taken apart once, decoded no
// further than a rule asks. The zero value is a field that is not there; null is the
// same, as it is for the providers.
type value struct {
	raw    []byte
	fields []field // of an object, in order
	items  []value // of an array
}

type field struct {
	name  string
	value value
}

// deepestRequest bounds how far a request is taken apart.
const deepestRequest = 64

func parseValue(raw []byte) value {
	p := parsers.Get().(*parser)
	v := p.parse(raw, 0)
	clear(p.fields[:cap(p.fields)]) // so that they keep no request in memory
	clear(p.items[:cap(p.items)])
	if cap(p.fields)+cap(p.items) <= mostPooled {
		parsers.Put(p)
	}
	return v
}

// parsers are used again: their room was a tenth of what a small chat allocates.
var parsers = sync.Pool{New: func() any { return new(parser) }}

const mostPooled = 256 // values that a parser has had room for

// parser holds what it has of the values that are not complete yet.
type parser struct {
	fields []field
	items  []value
}

func (p *parser) parse(raw []byte, depth int) value {
	v := value{raw: raw}
	if len(raw) == 0 || depth > deepestRequest {
		return v
	}
	switch raw[0] {
	case '{':
		first := len(p.fields)
		for key, inner := range jsonscan.Fields(raw) {
			f := field{string(key), p.parse(inner, depth+1)}
			p.fields = append(p.fields, f)
		}
		v.fields = slices.Clone(p.fields[first:])
		p.fields = p.fields[:first]
	case '[':
		first := len(p.items)
		for inner := range jsonscan.Elements(raw) {
			item := p.parse(inner, depth+1)
			p.items = append(p.items, item)
		}
		v.items = slices.Clone(p.items[first:])
		p.items = p.items[:first]
	case 'n':
		return value{}
	}
	return v
}

func (v value) is(first byte) bool { return len(v.raw) > 0 && v.raw[0] == first }

func (v value) there() bool    { return len(v.raw) > 0 }
func (v value) isObject() bool { return v.is('{') }
func (v value) isArray() bool  { return v.is('[') }
func (v value) isString() bool { return v.is('"') }
func (v value) isTrue() bool   { return v.is('t') }

// get returns a field of an object, or one of the fields within it.
func (v value) get(path ...string) value {
	for _, name := range path {
		i := len(v.fields) - 1
		for i >= 0 && v.fields[i].name != name { // of two, the last
			i--
		}
		if i < 0 {
			return value{}
		}
		v = v.fields[i].value
	}
	return v
}

// field returns a field of an object, and whether it is given, be it as null.
func (v value) field(name string) (value, bool) {
	for i := range v.fields {
		if v.fields[i].name == name {
			return v.get(name), true
		}
	}
	return value{}, false
}

// text is a string's text, "" for what is no string. The words that most requests are made of
// allocate nothing.
func (v value) text() string {
	switch string(v.inner()) {
	case "":
		return ""
	case "user":
		return "user"
	case "assistant":
		return "assistant"
	case "model":
		return "model"
	case "system":
		return "system"
	case "text":
		return "text"
	case "function":
		return "function"
	case "object":
		return "object"
	case "string":
		return "string"
	}
	s, _ := jsonscan.Text(v.raw)
	return s
}

// decoded is what encoding/json makes of a value, nil of one that is not there.
func (v value) decoded() any {
	if !v.there() {
		return nil
	}
	var decoded any
	_ = json.Unmarshal(v.raw, &decoded) // it is part of valid JSON
	return decoded
}

// integer is a number's value if it is a whole one, 0 for any other.
func (v value) integer() int {
	if !v.there() {
		return 0
	}
	n, _ := strconv.Atoi(string(v.raw))
	return n
}

// mistyped returns which of the fields of an object, each given with what begins its
// JSON, is there with another type; "" if none is.
func (v value) mistyped(fields map[string]string) string {
	for i := range v.fields {
		f := &v.fields[i]
		if first := fields[f.name]; first != "" && f.value.there() && strings.IndexByte(first, f.value.raw[0]) < 0 {
			return f.name
		}
	}
	return ""
}

// blank reports whether a string has only white space.
func (v value) blank() bool {
	for _, b := range v.inner() {
		switch {
		case b == ' ' || b == '\\' || b >= utf8.RuneSelf: // it may be white space
		default:
			return false
		}
		if b != ' ' {
			return strings.TrimSpace(v.text()) == ""
		}
	}
	return v.isString()
}

// number is a number's value; false for what is none.
func (v value) number() (float64, bool) {
	if !v.there() || v.raw[0] != '-' && (v.raw[0] < '0' || v.raw[0] > '9') {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v.raw), 64)
	return n, err == nil
}

// texts are the strings of an array, or the one that stands instead of it.
func (v value) texts() iter.Seq[string] {
	return func(yield func(string) bool) {
		if v.isString() {
			yield(v.text())
			return
		}
		for _, item := range v.items {
			if !yield(item.text()) {
				return
			}
		}
	}
}
