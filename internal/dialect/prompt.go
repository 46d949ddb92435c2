package dialect

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// CountPrompt counts the text in some fields of a request, and the definitions of
// tools as they are written. tools is where these are, as in "toolConfig.tools".
func CountPrompt(body []byte, tools string, fields ...string) int64 {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return 0
	}
	n := int64(0)
	for _, name := range fields {
		var v any
		if raw := all[name]; len(raw) > 0 && json.Unmarshal(raw, &v) == nil {
			n += textIn(v)
		}
	}
	outer, inner, nested := strings.Cut(tools, ".")
	definitions := all[outer]
	if nested {
		var holder map[string]json.RawMessage
		_ = json.Unmarshal(definitions, &holder) // anything but an object holds none
		definitions = holder[inner]
	}
	return n + int64(len(definitions))
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
