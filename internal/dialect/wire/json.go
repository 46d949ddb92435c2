// Package wire reads and writes JSON for the format packages: input from clients
// and providers is read leniently or strictly, and output is exact.
package wire

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Object is for the few values that have no type of their own.
type Object = map[string]any

// Append appends a value as JSON. Encoding can't fail here: raw JSON in values was valid when it was read.
func Append(dst []byte, v any) []byte {
	dst, err := jsonscan.Append(dst, v)
	if err != nil {
		panic("wire: " + err.Error())
	}
	return dst
}

// Marshal writes a value as JSON.
func Marshal(v any) []byte { return Append(nil, v) }

// AppendEvent appends a server-sent event; kind may be empty.
func AppendEvent(dst []byte, kind string, v any) []byte {
	if kind != "" {
		dst = append(dst, "event: "...)
		dst = append(dst, kind...)
		dst = append(dst, '\n')
	}
	dst = append(dst, "data: "...)
	dst = Append(dst, v)
	return append(dst, "\n\n"...)
}

// DecodeRequest reads a client's request, and names the field that is wrong. Keys are
// matched exactly, and are there once (assumption exact-keys).
func DecodeRequest(body []byte, v any) error {
	err := jsonscan.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	var key *jsonscan.KeyError
	var field *dialect.FieldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field):
		return field
	case errors.As(err, &key):
		return dialect.Wrong(key.Path, "%s", key.Problem)
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return dialect.Wrong(wrongType.Field, "must not be a JSON %s", wrongType.Value)
	}
	return dialect.Wrong("body", "the body is not a JSON object of the format: %s", err)
}

// DecodeResponse decodes a provider's data: a field of an unexpected type is ignored, and the others are still
// decoded.
func DecodeResponse(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &wrongType) {
		return fmt.Errorf("the response is not JSON: %w", err)
	}
	return nil
}

// IsSet reports whether an optional field is there and not null.
func IsSet(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// StringList is a list that may be written as one string.
type StringList []string

// UnmarshalJSON accepts the list or the string.
func (l *StringList) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*l = make([]string, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// Index is the name of an element of a field: "messages[2]".
func Index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

// NonNull returns a field, or nil if it is null.
func NonNull(raw json.RawMessage) json.RawMessage {
	if !IsSet(raw) {
		return nil
	}
	return raw
}

// Quoted is a value of the client's in a message, cut if it is long.
func Quoted(s string) string {
	const longest = 60
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return `"` + s + `"`
}

// Value returns what a pointer points to, or zero.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
