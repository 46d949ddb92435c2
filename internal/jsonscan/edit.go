package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
)

// SetField returns a JSON object with the value of one of its own keys replaced, or
// the key added at the end. All other bytes stay as they are: a body that passes
// through a gateway keeps its order, its spacing and its numbers.
//
// It looks no closer than it must to find its way: whether the object is valid is
// for others to check.
func SetField(object []byte, key string, value []byte) ([]byte, error) {
	return EditField(object, key, func([]byte) ([]byte, error) { return value, nil })
}

// EditField is like [SetField], with a value computed from the old one, which is empty if there is none.
func EditField(object []byte, key string, edit func(old []byte) ([]byte, error)) ([]byte, error) {
	at, err := locate(object, key)
	if err != nil {
		return nil, err
	}
	value, err := edit(object[at.start:at.end])
	if err != nil {
		return nil, err
	}
	return at.set(object, key, value), nil
}

// place is the position of a key's value in a JSON object.
type place struct {
	start, end int  // start is 0 if the object does not have the key
	empty      bool // the object has no keys
}

func (p place) set(object []byte, key string, value []byte) []byte {
	out := make([]byte, 0, len(object)+len(key)+len(value)+4)
	if p.start > 0 {
		out = append(out, object[:p.start]...)
		out = append(out, value...)
		return append(out, object[p.end:]...)
	}
	brace := bytes.LastIndexByte(object, '}')
	out = append(out, object[:brace]...)
	if !p.empty {
		out = append(out, ',')
	}
	out = append(AppendString(out, key), ':')
	out = append(out, value...)
	return append(out, object[brace:]...)
}

// errNotObject means that a place was not found.
var errNotObject = errors.New("not a JSON object")

// locate finds the value of one of an object's own keys; if it repeats, the last one, like decoders. Unlike [Fields],
// it returns an error if object isn't an object.
func locate(object []byte, key string) (place, error) {
	at := place{empty: true}
	i := skipSpace(object, 0)
	if !isAt(object, i, '{') {
		return place{}, errNotObject
	}
	for i = skipSpace(object, i+1); !isAt(object, i, '}'); {
		if !isAt(object, i, '"') {
			return place{}, errNotObject
		}
		nameEnd := stringEnd(object, i+1)
		colon := skipSpace(object, nameEnd+1)
		if !isAt(object, colon, ':') {
			return place{}, errNotObject
		}
		start := skipSpace(object, colon+1)
		end := valueEnd(object, start)
		if isName(object[i:nameEnd+1], key) {
			at.start, at.end = start, end
		}
		at.empty = false
		if i = skipSpace(object, end); isAt(object, i, ',') {
			i = skipSpace(object, i+1)
		} else if !isAt(object, i, '}') {
			return place{}, errNotObject
		}
	}
	if skipSpace(object, i+1) != len(object) {
		return place{}, errors.New("something follows the JSON object")
	}
	return at, nil
}

func isAt(data []byte, i int, c byte) bool { return i < len(data) && data[i] == c }

// isName reports whether a quoted string equals a key, regardless of escapes.
func isName(quoted []byte, key string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1:len(quoted)-1]) == key
	}
	var name string
	return json.Unmarshal(quoted, &name) == nil && name == key
}
