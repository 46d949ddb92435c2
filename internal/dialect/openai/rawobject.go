package openai

import (
	"encoding/json"
	"slices"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// rawObject is a JSON object whose values stay as they were written.
type rawObject struct {
	raw    []byte // as it was
	fields []rawField
	edited bool
}

type rawField struct {
	key   string
	value json.RawMessage
}

// readRaw reads an object's fields into the end of a list that may hold those of others, which saves allocations.
// What isn't an object has none.
func readRaw(raw []byte, list []rawField) (o rawObject, all []rawField) {
	start := len(list)
	for key, value := range jsonscan.Fields(raw) {
		list = append(list, rawField{nameOf(key), value})
	}
	return rawObject{raw: raw, fields: list[start:len(list):len(list)]}, list
}

// nameOf returns a key as a string, without allocating if it is one that most messages have.
func nameOf(key []byte) string {
	switch string(key) {
	case "role":
		return "role"
	case "content":
		return "content"
	}
	return string(key)
}

// get returns the value of a key; nil if the object does not have it.
func (o *rawObject) get(key string) json.RawMessage {
	if i := o.index(key); i >= 0 {
		return o.fields[i].value
	}
	return nil
}

func (o *rawObject) index(key string) int {
	return slices.IndexFunc(o.fields, func(f rawField) bool { return f.key == key })
}

// text returns the value of a key if it is a string, and "" otherwise.
func (o *rawObject) text(key string) string {
	s, _ := jsonscan.Text(o.get(key))
	return s
}

func (o *rawObject) set(key string, value json.RawMessage) {
	o.edited = true
	if i := o.index(key); i >= 0 {
		o.fields[i].value = value
		return
	}
	o.fields = append(o.fields, rawField{key, value})
}

func (o *rawObject) setText(key, text string) { o.set(key, jsonscan.AppendString(nil, text)) }

func (o *rawObject) drop(keys ...string) {
	for _, key := range keys {
		if i := o.index(key); i >= 0 {
			o.fields, o.edited = slices.Delete(o.fields, i, i+1), true
		}
	}
}

// rename gives the value of a key to another key, in place of the value that this may have. null is no value.
func (o *rawObject) rename(key, to string) {
	switch value := o.get(key); string(value) {
	case "":
	case "null":
		o.drop(key)
	default:
		o.drop(to)
		o.fields[o.index(key)].key, o.edited = to, true
	}
}

// written appends the object: its own bytes if nothing was edited.
func (o *rawObject) written(dst []byte) []byte {
	if !o.edited {
		return append(dst, o.raw...)
	}
	dst = append(dst, '{')
	for i, f := range o.fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonscan.AppendString(dst, f.key)
		dst = append(dst, ':')
		dst = append(dst, f.value...)
	}
	return append(dst, '}')
}

// writtenList returns a JSON array of the objects.
func writtenList(list []rawObject) json.RawMessage {
	dst := []byte{'['}
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = list[i].written(dst)
	}
	return append(dst, ']')
}

// isEmpty reports whether a value is not there, or says nothing: null, "", [] or {}.
func isEmpty(value json.RawMessage) bool {
	switch string(value) {
	case "", "null", `""`, "[]", "{}":
		return true
	}
	return false
}
