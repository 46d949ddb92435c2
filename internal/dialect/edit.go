package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// SetField returns a JSON object with the value of a top-level key replaced, or
// the key added at the end. All other bytes stay as they are: a body that
// passes through the gateway keeps its order, its spacing and its numbers.
func SetField(object []byte, key string, value []byte) ([]byte, error) {
	start, end, last, err := locate(object, key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(object)+len(key)+len(value)+4)
	if start > 0 {
		out = append(out, object[:start]...)
		out = append(out, value...)
		return append(out, object[end:]...), nil
	}
	brace := bytes.LastIndexByte(object, '}')
	out = append(out, object[:brace]...)
	if last {
		out = append(out, ',')
	}
	name, err := json.Marshal(key)
	if err != nil {
		return nil, err
	}
	out = append(out, name...)
	out = append(out, ':')
	out = append(out, value...)
	return append(out, object[brace:]...), nil
}

// field returns the value of a top-level key.
func field(object []byte, key string) ([]byte, bool) {
	start, end, _, err := locate(object, key)
	if err != nil || start == 0 {
		return nil, false
	}
	return object[start:end], true
}

// locate finds the value of a top-level key: the last one, as decoders do. start
// is 0 if there is none; some says whether the object has any key.
func locate(object []byte, key string) (start, end int, some bool, err error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return 0, 0, false, errors.New("not a JSON object")
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return 0, 0, false, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return 0, 0, false, err
		}
		some = true
		if name == key {
			end = int(dec.InputOffset())
			start = end - len(value)
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return 0, 0, false, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return 0, 0, false, errors.New("something follows the JSON object")
	}
	return start, end, some, nil
}
