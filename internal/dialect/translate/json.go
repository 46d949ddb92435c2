package translate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// object is for the few values that have no type of their own.
type object = map[string]any

// appendJSON appends a value. All values here can be written: what was read as
// raw JSON is valid.
func appendJSON(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("translate: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func marshal(v any) []byte { return appendJSON(nil, v) }

// decode reads a request, and names the field that is wrong.
func decode(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	var field *FieldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &field):
		return field
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return wrong(wrongType.Field, "must not be a JSON %s", wrongType.Value)
	}
	return wrong("body", "the body is not a JSON object of the format: %s", err)
}

// decodeAnswer reads a provider's answer: what is of an unexpected type is left
// out.
func decodeAnswer(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &wrongType) {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	return nil
}

// isSet says whether an optional field is there and not null.
func isSet(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

// stringList is a list that may be written as one string.
type stringList []string

func (l *stringList) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*l = make([]string, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// Content of messages may be written as one string, or as a list of parts.

// texter makes a part of plain text, and says whether a part is only that.
type texter[T any] interface {
	*T
	setText(string)
	plainText() (string, bool)
}

func readParts[T any, P texter[T]](b []byte) ([]T, error) {
	if len(b) == 0 || string(b) == "null" {
		return nil, nil
	}
	if b[0] == '"' {
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return nil, err
		}
		one := make([]T, 1)
		P(&one[0]).setText(text)
		return one, nil
	}
	var list []T
	return list, json.Unmarshal(b, &list)
}

// writeParts writes one plain text as a string, which every server of a format
// takes, and all else as a list.
func writeParts[T any, P texter[T]](list []T) json.RawMessage {
	if len(list) == 1 {
		if text, ok := P(&list[0]).plainText(); ok {
			return marshal(text)
		}
	}
	return marshal(list)
}

// invalidJSON is the key under which arguments travel that a model wrote wrongly.
// Anthropic documents it for that purpose.
const invalidJSON = "INVALID_JSON"

// argumentsOf makes an object of arguments that are written as text.
func argumentsOf(text string) json.RawMessage {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return json.RawMessage("{}")
	case text[0] == '{' && json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	return marshal(object{invalidJSON: text})
}

// objectOf makes an object of arguments that should be one.
func objectOf(raw json.RawMessage) json.RawMessage {
	if len(raw) > 0 && raw[0] == '{' {
		return raw
	}
	if !isSet(raw) {
		return json.RawMessage("{}")
	}
	return argumentsOf(string(raw))
}

// argumentText is the opposite of argumentsOf.
func argumentText(raw json.RawMessage) string {
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

// textOf joins the text of parts.
func textOf(list []Part) string {
	var b strings.Builder
	for _, p := range list {
		switch p := p.(type) {
		case Text:
			b.WriteString(p.Text)
		case JSON:
			b.Write(p.Value)
		}
	}
	return b.String()
}

func index(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func nonNull(raw json.RawMessage) json.RawMessage {
	if !isSet(raw) {
		return nil
	}
	return raw
}

// quoted is a value of the client's in a message.
func quoted(s string) string {
	const longest = 60
	if len(s) > longest {
		s = s[:longest] + "..."
	}
	return `"` + s + `"`
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
