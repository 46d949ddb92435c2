package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Object is a JSON object whose own keys are matched exactly and must not repeat. encoding/json treats "Model" as
// "model", and uses the last of two; providers may use the other. The admitted request must be the one the provider
// reads. Assumption exact-keys.
type Object []objectField

type objectField struct {
	key   []byte
	value json.RawMessage
}

// compression names the encoding of a body by its first bytes; "" if it isn't one that clients use.
func compression(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\x1f\x8b")):
		return "gzip"
	case bytes.HasPrefix(body, []byte("\x28\xb5\x2f\xfd")):
		return "zstd"
	}
	return ""
}

// ReadObject reads a JSON object. It keeps parts of body.
func ReadObject(body []byte) (Object, error) {
	if !jsonscan.Valid(body) {
		if encoding := compression(body); encoding != "" {
			return nil, fmt.Errorf("the body is not a JSON object: it seems to be compressed with %s, but has no Content-Encoding", encoding)
		}
		var v any
		return nil, fmt.Errorf("the body is not a JSON object: %w", json.Unmarshal(body, &v))
	}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); trimmed[0] != '{' {
		return nil, errors.New("the body is not a JSON object")
	}
	const usual, few = 8, 16
	o := make(Object, 0, usual)
	var seen map[string]bool // set once there are more than a few keys
	for key, value := range jsonscan.Fields(body) {
		if seen == nil && len(o) == few {
			seen = make(map[string]bool, 2*len(o))
			for _, f := range o {
				seen[string(f.key)] = true
			}
		}
		if seen == nil && o.Get(string(key)) != nil || seen[string(key)] {
			return nil, fmt.Errorf("the body has the key %.64q twice", key)
		}
		if seen != nil {
			seen[string(key)] = true
		}
		o = append(o, objectField{key, value})
	}
	return o, nil
}

// Get returns the value of a key; nil if the object does not have it.
func (o Object) Get(key string) json.RawMessage {
	for _, f := range o {
		if string(f.key) == key {
			return f.value
		}
	}
	return nil
}

// All returns the object's fields in their order.
func (o Object) All() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for _, f := range o {
			if !yield(string(f.key), f.value) {
				return
			}
		}
	}
}

// Text returns the value of a key if it is a string, and "" otherwise.
func (o Object) Text(key string) string {
	s, _ := jsonscan.Text(o.Get(key))
	return s
}

// True reports whether the value of a key is true.
func (o Object) True(key string) bool { return string(o.Get(key)) == "true" }
