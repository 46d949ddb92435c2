package dialect

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// CountPrompt counts the text in some fields of a request, and the definitions of
// tools as they are written. tools is where these are, as in "toolConfig.tools".
func CountPrompt(body []byte, tools string, fields ...string) int64 {
	n := int64(0)
	tools, within, _ := strings.Cut(tools, ".")
	for key, value := range jsonscan.Fields(body) {
		name := string(key)
		switch {
		case name == tools && within == "":
			n += int64(len(value))
		case name == tools:
			n += int64(len(jsonscan.Field(value, within)))
		case slices.Contains(fields, name):
			n += textIn(value, 0)
		}
	}
	return n
}

// textIn counts the characters of the text in a message, or in a list of them. It doesn't decode: that was 3 % of the
// CPU of a response from a fake.
func textIn(value []byte, depth int) int64 {
	const deepest = 32 // each level is scanned again; no format nests this deeply
	if depth > deepest {
		return 0
	}
	var n int64
	switch value[0] {
	case '"':
		return jsonscan.Length(value)
	case '[':
		for e := range jsonscan.Elements(value) {
			n += textIn(e, depth+1)
		}
	case '{':
		for key, e := range jsonscan.Fields(value) {
			switch string(key) {
			case "text", "content", "parts", "arguments", "name", "function", "tool_calls", "output", "thinking",
				"functionCall", "functionResponse", "toolUse", "toolResult":
				n += textIn(e, depth+1)
			case "input", "args", "response":
				n += argumentsIn(e)
			}
		}
	case 't', 'f', 'n':
	default:
		return 4 // a number: texts to embed may be given as tokens
	}
	return n
}

// argumentsIn counts the arguments of a tool call, which are text or JSON.
func argumentsIn(value []byte) int64 {
	if value[0] == '"' {
		return jsonscan.Length(value)
	}
	var v any
	if json.Unmarshal(value, &v) != nil {
		return 0
	}
	b, _ := json.Marshal(v)
	return int64(utf8.RuneCount(b))
}
