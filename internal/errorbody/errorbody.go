// Package errorbody finds the message in the body of an HTTP error, in any format.
//
// Servers with one format still write errors in several formats: their framework has
// one, their proxy another. The gateway and the client of this module both use this
// package.
package errorbody

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest limits the length of a message.
const longest = 1000

// Message returns the message in a body, or "".
func Message(body []byte) string {
	body = bytes.TrimSpace(body)
	var v any
	switch {
	case json.Unmarshal(body, &v) == nil:
		return shorten(words(v))
	case bytes.HasPrefix(body, []byte("<")):
		return shorten(heading(body))
	case len(body) == 0 || body[0] == '{' || body[0] == '[': // truncated JSON
		return ""
	}
	return shorten(string(body))
}

// Quoted returns the message of another provider's error that an error contains, as text or as an object, or "".
// OpenRouter's own message is only "Provider returned error" (openrouter.ai/docs/api-reference/errors, "metadata").
func Quoted(body []byte) string {
	var in struct {
		Error struct {
			Metadata struct {
				Raw json.RawMessage `json:"raw"`
			} `json:"metadata"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &in) // other bodies contain no such error
	raw, text := in.Error.Metadata.Raw, ""
	if json.Unmarshal(raw, &text) == nil {
		raw = []byte(text)
	}
	return Message(raw)
}

// keys are the keys of messages, the most specific first: FastAPI has detail, problem documents detail and title,
// OAuth error_description, GraphQL and Cloudflare errors, Amazon Message, and OpenRouter has an error in each choice.
var keys = []string{
	"message", "Message", "msg", "error_message", "errorMessage", "error_description", "detail", "errors", "error",
	"title", "description", "reason", "fault", "faultstring", "choices",
}

// Kind is what a body says about the kind of its error.
type Kind struct {
	Status int      // the HTTP status, or 0
	Words  []string // the most specific first
}

// KindOf returns what a body says about the kind of its error, which may be in its own object, in a choice, in the
// whole failed response, or in a list.
func KindOf(body []byte) Kind {
	var v any
	var k Kind
	if json.Unmarshal(body, &v) == nil {
		k.read(v)
	}
	return k
}

func (k *Kind) read(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			k.read(e)
		}
	case map[string]any:
		for _, inner := range [...]string{"error", "choices", "response"} {
			k.read(v[inner])
		}
		for _, key := range [...]string{"code", "status", "status_code", "type", "__type", "error_type"} {
			k.take(v[key])
		}
	}
}

// take reads a value that may be a status, also as a string of digits, or a word. Amazon puts the word after the name
// of the service.
func (k *Kind) take(v any) {
	text, ok := v.(string)
	if n, isNumber := v.(float64); isNumber {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	} else if !ok {
		return
	}
	if n, err := strconv.Atoi(text); err == nil {
		if n >= 400 && n <= 599 && k.Status == 0 {
			k.Status = n
		}
		return
	}
	k.Words = append(k.Words, text[strings.LastIndexByte(text, '#')+1:])
}

func words(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		return join(v)
	case map[string]any:
		for _, key := range keys {
			text := words(v[key])
			if fields, ok := v[key].(map[string]any); ok && text == "" && key == "errors" {
				text = byField(fields)
			}
			if text != "" {
				return place(v["loc"]) + text
			}
		}
	}
	return ""
}

// join returns the words of all elements of a list.
func join(list []any) string {
	var texts []string
	for _, e := range list {
		if text := words(e); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

// byField returns messages that are listed by field.
func byField(fields map[string]any) string {
	var texts []string
	for name, v := range fields {
		if text := words(v); text != "" {
			texts = append(texts, name+": "+text)
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// place returns the field of a FastAPI error, from a list such as ["body","messages",0].
func place(loc any) string {
	list, _ := loc.([]any)
	var parts []string
	for _, part := range list {
		if part != "body" {
			parts = append(parts, fmt.Sprint(part))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ".") + ": "
}

// heading returns the title of a page, or the message of an XML document.
func heading(page []byte) string {
	page = page[:min(len(page), 16<<10)]
	lower := bytes.ToLower(page)
	if len(lower) != len(page) { // letters that are longer in lower case, which markup doesn't contain
		return ""
	}
	for _, tag := range [...]string{"title", "h1", "message"} {
		start := max(0, bytes.Index(lower, []byte("<"+tag)))
		open := bytes.IndexByte(lower[start:], '>')
		end := bytes.Index(lower[start:], []byte("</"+tag))
		if open >= 0 && open < end {
			if text := plain(string(page[start+open+1 : start+end])); text != "" {
				return text
			}
		}
	}
	return ""
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")

// plain returns the text of a piece of markup.
func plain(markup string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(markup, "<")
		b.WriteString(text)
		if !found {
			break
		}
		_, markup, _ = strings.Cut(rest, ">")
		b.WriteByte(' ')
	}
	return strings.Join(strings.Fields(entities.Replace(b.String())), " ")
}

// shorten truncates a text that is too long.
func shorten(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= longest {
		return text
	}
	cut := longest
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
