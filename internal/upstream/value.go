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

// value is JSON in a request, for the rules: parsed once, and decoded only as far as a rule requires. The zero value
// is a missing field; null is equivalent, as it is for the providers.
type value struct {
	raw    []byte
	fields []field // of an object, in order
	items  []value // of an array
}

type field struct {
	name  string
	value value
}

// deepestRequest limits the depth to which a request is parsed.
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

// parsers are reused: their buffers were a tenth of the allocations of a small chat.
var parsers = sync.Pool{New: func() any { return new(parser) }}

const mostPooled = 256 // the capacity of a parser that is reused

// parser holds the values that aren't complete yet.
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

// get returns a field of an object, or a nested field.
func (v value) get(path ...string) value {
	for _, name := range path {
		i := len(v.fields) - 1
		for i >= 0 && v.fields[i].name != name { // if repeated, the last
			i--
		}
		if i < 0 {
			return value{}
		}
		v = v.fields[i].value
	}
	return v
}

// field returns a field of an object, and whether it exists, even as null.
func (v value) field(name string) (value, bool) {
	for i := range v.fields {
		if v.fields[i].name == name {
			return v.get(name), true
		}
	}
	return value{}, false
}

// text returns a string's text, or "" for other values. Frequent words don't allocate.
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

// decoded returns a value decoded by encoding/json; nil if it is missing.
func (v value) decoded() any {
	if !v.there() {
		return nil
	}
	var decoded any
	_ = json.Unmarshal(v.raw, &decoded) // it is part of valid JSON
	return decoded
}

// integer returns a number's value if it is an integer, and 0 otherwise.
func (v value) integer() int {
	if !v.there() {
		return 0
	}
	n, _ := strconv.Atoi(string(v.raw))
	return n
}

// mistyped returns the name of a field of an object that has the wrong type, given the allowed first characters of
// its JSON, or "".
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

// number returns a number's value; false for other values.
func (v value) number() (float64, bool) {
	if !v.there() || v.raw[0] != '-' && (v.raw[0] < '0' || v.raw[0] > '9') {
		return 0, false
	}
	n, err := strconv.ParseFloat(string(v.raw), 64)
	return n, err == nil
}

// texts returns the strings of an array, or the single string in its place.
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
