package wire

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Content of messages may be written as one string, or as a list of parts.

// Texter makes a part of plain text, and reports whether a part is only that.
type Texter[T any] interface {
	*T
	SetText(string)
	PlainText() (string, bool)
}

// ReadParts reads content: a string, a list, or nothing.
func ReadParts[T any, P Texter[T]](b []byte) ([]T, error) {
	if len(b) == 0 || string(b) == "null" {
		return nil, nil
	}
	if b[0] == '"' {
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return nil, err
		}
		one := make([]T, 1)
		P(&one[0]).SetText(text)
		return one, nil
	}
	var list []T
	return list, json.Unmarshal(b, &list)
}

// WriteParts writes one plain text as a string, which every server of a format
// takes, and anything more as a list.
func WriteParts[T any, P Texter[T]](list []T) json.RawMessage {
	if len(list) == 1 {
		if text, ok := P(&list[0]).PlainText(); ok {
			return Marshal(text)
		}
	}
	return Marshal(list)
}

// invalidJSON is the key under which arguments travel that a model wrote wrongly.
// Anthropic documents it for that purpose.
const invalidJSON = "INVALID_JSON"

// ArgumentsOf makes an object of arguments that are written as text.
func ArgumentsOf(text string) json.RawMessage {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return json.RawMessage("{}")
	case text[0] == '{' && json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return Marshal(Object{invalidJSON: text})
}

// ObjectOf makes an object of arguments that should be one.
func ObjectOf(raw json.RawMessage) json.RawMessage {
	if len(raw) > 0 && raw[0] == '{' {
		return raw
	}
	if !IsSet(raw) {
		return json.RawMessage("{}")
	}
	return ArgumentsOf(string(raw))
}

// ArgumentText is the opposite of [ArgumentsOf].
func ArgumentText(raw json.RawMessage) string {
	var wrapped map[string]json.RawMessage
	if bytes.Contains(raw, []byte(invalidJSON)) && json.Unmarshal(raw, &wrapped) == nil && len(wrapped) == 1 {
		var text string
		if json.Unmarshal(wrapped[invalidJSON], &text) == nil {
			return text
		}
	}
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}
