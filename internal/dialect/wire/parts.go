package wire

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// The content of a message may be a string, or a list of parts.

// Texter creates a part from plain text, and reports whether a part is only that.
type Texter[T any] interface {
	*T
	SetText(string)
	PlainText() (string, bool)
}

// ReadParts reads the content of a message: a string, a list, or nothing. at is its field in the client's request,
// what is the name of parts.
func ReadParts[T any, P Texter[T]](b []byte, at, what string) ([]T, error) {
	if len(b) == 0 || string(b) == "null" {
		return nil, nil
	}
	if b[0] == '"' {
		var text string
		_ = json.Unmarshal(b, &text) // a string
		one := make([]T, 1)
		P(&one[0]).SetText(text)
		return one, nil
	}
	var list []T
	err := jsonscan.Unmarshal(b, &list)
	var key *jsonscan.KeyError
	switch {
	case errors.As(err, &key):
		return nil, dialect.Wrong(at+key.Path, "%s", key.Problem)
	case err != nil:
		return nil, dialect.Wrong(at, "must be a string or a list of %s", what)
	}
	return list, nil
}

// WriteParts writes one plain text as a string, which every server of a format
// accepts, and anything more as a list.
func WriteParts[T any, P Texter[T]](list []T) json.RawMessage {
	if len(list) == 1 {
		if text, ok := P(&list[0]).PlainText(); ok {
			return Marshal(text)
		}
	}
	return Marshal(list)
}

// ObjectOf returns an object for arguments that should be one.
func ObjectOf(raw json.RawMessage) json.RawMessage {
	if len(raw) > 0 && raw[0] == '{' {
		return raw
	}
	if !IsSet(raw) {
		return json.RawMessage("{}")
	}
	return dialect.ArgumentsOf(string(raw))
}

// ArgumentText is the opposite of [dialect.ArgumentsOf].
func ArgumentText(raw json.RawMessage) string {
	var wrapped map[string]json.RawMessage
	if bytes.Contains(raw, []byte(dialect.InvalidJSON)) && json.Unmarshal(raw, &wrapped) == nil && len(wrapped) == 1 {
		var text string
		if json.Unmarshal(wrapped[dialect.InvalidJSON], &text) == nil {
			return text
		}
	}
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}
