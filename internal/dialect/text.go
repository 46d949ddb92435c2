package dialect

import (
	"encoding/json"
	"iter"
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
	ToolConfig        struct {
		Tools json.RawMessage `json:"tools"`
	} `json:"toolConfig"` // Bedrock
}

// PromptCharacters counts the text of a request's prompt: system prompt,
// messages, tool calls and results, and the definitions of tools as they are
// written. Images, audio and files count nothing.
func (r Request) PromptCharacters() int64 {
	var p promptFields
	if !decode(r.Body, &p) {
		return 0
	}
	n := int64(len(p.Tools) + len(p.ToolConfig.Tools))
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

// members walks over the keys in JSON, at any depth, with the place where each
// value begins. It decodes nothing: in streams, decoding every event would be
// most of the gateway's work. Text that looks like JSON can't mislead it, for a
// quote within a string is written \".
func members(data []byte) iter.Seq2[[]byte, int] {
	return func(yield func([]byte, int) bool) {
		for i := 0; i < len(data); i++ {
			if data[i] != '"' {
				continue
			}
			start := i + 1
			i = stringEnd(data, start)
			if i >= len(data) {
				return
			}
			colon := skipSpace(data, i+1)
			if colon >= len(data) || data[colon] != ':' {
				continue
			}
			value := skipSpace(data, colon+1)
			if value >= len(data) || !yield(data[start:i], value) {
				return
			}
			i = value - 1
		}
	}
}

// textLength counts the characters of the strings under some keys.
func textLength(data []byte, keys ...string) int64 {
	var n int64
	for key, value := range members(data) {
		n += textAt(data, key, value, keys)
	}
	return n
}

// textAt counts the characters of one value, if it is a string under one of
// the keys.
func textAt(data, key []byte, value int, keys []string) int64 {
	if data[value] != '"' || !isOneOf(key, keys) {
		return 0
	}
	return runesInString(data[value+1 : stringEnd(data, value+1)])
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
