// Package jsonscan reads and edits JSON text without decoding it: in streams, decoding every event would be most of a
// gateway's work. For text that is decoded here and also parsed elsewhere, [Unmarshal] is stricter than
// encoding/json.
//
// The iterators don't validate, and allocate only for keys with escapes. Text inside strings can't mislead them,
// because a quote inside a string is written \". For text that isn't JSON they return what they find, and they always
// end.
package jsonscan

import (
	"bytes"
	"encoding/json"
	"iter"
	"unicode/utf8"
)

// Keys iterates over the keys in JSON, at any depth, decoded, with the index where each
// value begins.
func Keys(data []byte) iter.Seq2[[]byte, int] {
	return func(yield func([]byte, int) bool) {
		for i := 0; i < len(data); i++ {
			if data[i] != '"' {
				continue
			}
			start := i + 1
			i = stringEnd(data, start)
			if i >= len(data) {
				return
			}
			colon := skipSpace(data, i+1)
			if colon >= len(data) || data[colon] != ':' {
				continue
			}
			value := skipSpace(data, colon+1)
			if value >= len(data) || !yield(unescape(data[start:i]), value) {
				return
			}
			i = value - 1
		}
	}
}

// Fields iterates over the fields of an object: its own keys, decoded, with their raw values. It yields nothing if
// data isn't an object.
func Fields(data []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		i := skipSpace(data, 0)
		if i >= len(data) || data[i] != '{' {
			return
		}
		for {
			i = skipSpace(data, i+1) // after the brace or a comma
			if i >= len(data) || data[i] != '"' {
				return
			}
			end := i + 1 // of the key; searching for escapes in a second pass costs a tenth more
			for end < len(data) && data[end] != '"' && data[end] != '\\' {
				end++
			}
			escaped := isAt(data, end, '\\')
			if escaped {
				end = stringEnd(data, end)
			}
			if end >= len(data) {
				return
			}
			key := data[i+1 : end]
			if escaped {
				key = unescape(key)
			}
			i = skipSpace(data, end+1)
			if i >= len(data) || data[i] != ':' {
				return
			}
			start := skipSpace(data, i+1)
			end = valueEnd(data, start)
			if end == start || !yield(key, data[start:end]) {
				return
			}
			if i = skipSpace(data, end); i >= len(data) || data[i] != ',' {
				return
			}
		}
	}
}

// Elements iterates over the elements of an array. It yields nothing if data isn't an array.
func Elements(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := skipSpace(data, 0)
		if i >= len(data) || data[i] != '[' {
			return
		}
		for {
			start := skipSpace(data, i+1)
			end := valueEnd(data, start)
			if end == start || !yield(data[start:end]) {
				return
			}
			if i = skipSpace(data, end); i >= len(data) || data[i] != ',' {
				return
			}
		}
	}
}

// String returns the string that begins at data[i], raw and without its quotes; false if there is none.
func String(data []byte, i int) ([]byte, bool) {
	if i >= len(data) || data[i] != '"' {
		return nil, false
	}
	return data[i+1 : stringEnd(data, i+1)], true
}

// Value returns the raw value that begins at data[i], or nothing.
func Value(data []byte, i int) []byte { return data[i:valueEnd(data, i)] }

// Field returns the value of a field of an object; nil if it is not there. Of two, it is
// the last, as encoding/json has it.
func Field(data []byte, name string) []byte {
	var found []byte
	for key, value := range Fields(data) {
		if string(key) == name {
			found = value
		}
	}
	return found
}

// Text decodes a JSON string; false for other values.
func Text(value []byte) (string, bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	if inner := value[1 : len(value)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), true
	}
	var s string
	err := json.Unmarshal(value, &s)
	return s, err == nil
}

// valueEnd returns the end of the value that begins at i, or i if there is none.
func valueEnd(data []byte, i int) int {
	if i >= len(data) {
		return i
	}
	switch data[i] {
	case '"':
		return min(stringEnd(data, i+1)+1, len(data))
	case '{', '[':
		return nestedEnd(data, i)
	}
	for ; i < len(data); i++ { // a number or a word
		switch data[i] {
		case ',', ':', '"', '{', '}', '[', ']', ' ', '\t', '\n', '\r':
			return i
		}
	}
	return i
}

// nestedEnd returns the end of the object or array that begins at i.
func nestedEnd(data []byte, i int) int {
	for depth := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i+1)
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(data)
}

// stringEnd returns the end of the string that begins at i: the index of its closing quote, or len(data).
func stringEnd(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return len(data)
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}
