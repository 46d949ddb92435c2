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
		case name == tools:
			n += definitions(value, within)
		case slices.Contains(fields, name):
			var v any
			if json.Unmarshal(value, &v) == nil {
				n += textIn(v)
			}
		}
	}
	return n
}

// definitions is the length of a value, or of what an object has under a key.
func definitions(value []byte, within string) int64 {
	if within == "" {
		return int64(len(value))
	}
	for key, inner := range jsonscan.Fields(value) {
		if string(key) == within {
			return int64(len(inner))
		}
	}
	return 0
}

// textIn counts the characters of the text in a decoded message, or in a list
// of them.
func textIn(v any) int64 {
	switch v := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(v))
	case float64:
		return 4 // texts to embed may be given as tokens
	case []any:
		var n int64
		for _, e := range v {
			n += textIn(e)
		}
		return n
	case map[string]any:
		var n int64
		for key, e := range v {
			switch key {
			case "text", "content", "parts", "arguments", "name", "function", "tool_calls", "output", "thinking",
				"functionCall", "functionResponse", "toolUse", "toolResult":
				n += textIn(e)
			case "input", "args", "response":
				n += argumentsIn(e)
			}
		}
		return n
	}
	return 0
}

// argumentsIn counts the arguments of a tool call, which are text or JSON.
func argumentsIn(v any) int64 {
	if s, ok := v.(string); ok {
		return int64(utf8.RuneCountInString(s))
	}
	b, _ := json.Marshal(v)
	return int64(utf8.RuneCount(b))
}
