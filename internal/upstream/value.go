package upstream

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"

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

func parseValue(raw []byte) value { return parseDepth(raw, 0) }

func parseDepth(raw []byte, depth int) value {
	v := value{raw: raw}
	if len(raw) == 0 || depth > deepestRequest {
		return v
	}
	switch raw[0] {
	case '{':
		for key, inner := range jsonscan.Fields(raw) {
			v.fields = append(v.fields, field{string(key), parseDepth(inner, depth+1)})
		}
	case '[':
		for inner := range jsonscan.Elements(raw) {
			v.items = append(v.items, parseDepth(inner, depth+1))
		}
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
		found := value{}
		for i := range v.fields {
			if v.fields[i].name == name {
				found = v.fields[i].value
			}
		}
		v = found
	}
	return v
}

// text is a string's text, "" for what is no string.
func (v value) text() string {
	if !v.isString() || len(v.raw) < 2 {
		return ""
	}
	inner := v.raw[1 : len(v.raw)-1]
	if slices.Contains(inner, '\\') {
		var s string
		_ = json.Unmarshal(v.raw, &s)
		return s
	}
	return string(inner)
}

// blank reports whether a string has nothing but white space.
func (v value) blank() bool { return v.isString() && strings.TrimSpace(v.text()) == "" }

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
