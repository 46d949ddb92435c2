package dialect

import (
	"encoding/json"
	"strings"
)

// InvalidJSON is the key under which arguments travel that a model wrote wrongly.
// Anthropic documents it for that purpose.
const InvalidJSON = "INVALID_JSON"

// ArgumentsOf makes an object of arguments in the form of text. Some models write null if there are none
// (github.com/langroid/langroid/issues/988).
func ArgumentsOf(text string) json.RawMessage {
	text = strings.TrimSpace(text)
	switch {
	case text == "", text == "null":
		return json.RawMessage("{}")
	case text[0] == '{' && json.Valid([]byte(text)):
		return json.RawMessage(text)
	}
	wrapped, _ := json.Marshal(map[string]string{InvalidJSON: text}) // can't fail for text
	return wrapped
}

// argumentsState is the parser state for the text of a call's arguments.
type argumentsState struct {
	depth             int
	inString, escaped bool
	complete          bool // the object is closed
}

// read parses another piece of the text.
func (s *argumentsState) read(text string) {
	for i := range len(text) {
		c := text[i]
		switch {
		case s.escaped:
			s.escaped = false
		case s.inString && c == '\\':
			s.escaped = true
		case c == '"':
			s.inString = !s.inString
		case s.inString:
		case c == '{' || c == '[':
			s.depth++
		case c == '}' || c == ']':
			s.depth--
			s.complete = s.depth == 0
		}
	}
}
