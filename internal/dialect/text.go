package dialect

import (
	"encoding/json"
	"unicode/utf8"
)

// promptFields are the top-level fields of a request that hold its prompt, in
// all dialects.
type promptFields struct {
	Messages          json.RawMessage `json:"messages"`
	System            json.RawMessage `json:"system"`
	Prompt            json.RawMessage `json:"prompt"`
	Input             json.RawMessage `json:"input"`
	Instructions      json.RawMessage `json:"instructions"`
	Contents          json.RawMessage `json:"contents"`
	Content           json.RawMessage `json:"content"`
	Requests          json.RawMessage `json:"requests"`
	SystemInstruction json.RawMessage `json:"systemInstruction"`
	Tools             json.RawMessage `json:"tools"`
}

// PromptCharacters counts the text of a request's prompt: system prompt,
// messages, tool calls and results, and the definitions of tools as they are
// written. Images, audio and files count nothing.
func (r Request) PromptCharacters() int64 {
	var p promptFields
	if json.Unmarshal(r.body, &p) != nil {
		return 0
	}
	n := int64(len(p.Tools))
	for _, raw := range []json.RawMessage{p.Messages, p.System, p.Prompt, p.Input, p.Instructions,
		p.Contents, p.Content, p.Requests, p.SystemInstruction} {
		if len(raw) == 0 {
			continue
		}
		var v any
		if json.Unmarshal(raw, &v) == nil {
			n += textIn(v)
		}
	}
	return n
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
				"functionCall", "functionResponse":
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

// textLength counts the characters of the JSON strings under some keys, however
// deep they are, without decoding the rest. It reads streams, where decoding
// every event would be most of the gateway's work. It can't be misled by text
// that looks like JSON: a quote within a string is written \".
func textLength(data []byte, keys ...string) int64 {
	var n int64
	for i := 0; i < len(data); i++ {
		if data[i] != '"' {
			continue
		}
		start := i + 1
		i = stringEnd(data, start)
		if i >= len(data) {
			break
		}
		value := skipSpace(data, i+1)
		if value >= len(data) || data[value] != ':' {
			continue
		}
		value = skipSpace(data, value+1)
		if value >= len(data) || data[value] != '"' || !isOneOf(data[start:i], keys) {
			continue
		}
		end := stringEnd(data, value+1)
		if end >= len(data) {
			break
		}
		n += runesInString(data[value+1 : end])
		i = end
	}
	return n
}

// hasObject says whether an object, not null, stands under a key.
func hasObject(data []byte, key string) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '"' {
			continue
		}
		start := i + 1
		i = stringEnd(data, start)
		if i >= len(data) || string(data[start:i]) != key {
			continue
		}
		value := skipSpace(data, i+1)
		if value < len(data) && data[value] == ':' {
			value = skipSpace(data, value+1)
			if value < len(data) && data[value] == '{' {
				return true
			}
		}
	}
	return false
}

// stringEnd returns where the string that begins at i ends: the place of its
// closing quote, or len(data).
func stringEnd(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch data[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return len(data)
}

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\t' || data[i] == '\n' || data[i] == '\r') {
		i++
	}
	return i
}

func isOneOf(b []byte, keys []string) bool {
	for _, k := range keys {
		if string(b) == k {
			return true
		}
	}
	return false
}

// runesInString counts the characters of a JSON string without its quotes. A
// character beyond U+FFFF that is written as two \u escapes counts as one.
func runesInString(s []byte) int64 {
	var n int64
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] == 'u' && i+2 < len(s) {
				low := (s[i+1] == 'd' || s[i+1] == 'D') && s[i+2] >= 'C' && s[i+2] != 'a' && s[i+2] != 'b' // U+DC00..DFFF
				i = min(i+4, len(s)-1)
				if low {
					continue
				}
			}
			n++
		case utf8.RuneStart(s[i]):
			n++
		}
	}
	return n
}
