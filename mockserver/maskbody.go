package mockserver

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// secretFieldsAt are the fields that contain a secret in the bodies of an endpoint, and in those sent to no endpoint.
// Bodies of providers contain no credentials except secrets with a prefix and [providerFields].
func secretFieldsAt(at Endpoint) []string {
	switch {
	case at.isGateway():
		return nil
	case at == "auth.callback":
		return secretFields
	}
	return fieldsWithoutCode // an error has a code too
}

var fieldsWithoutCode = slices.DeleteFunc(slices.Clone(secretFields), func(name string) bool { return name == "code" })

// maskBody returns a body with secrets masked: the values of the fields, and secrets with a prefix anywhere.
func (s *Server) maskBody(fields []string, body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	return []byte(s.maskBodyAt(fields, body, 0))
}

// maskText masks secrets in a text that may be JSON.
func (s *Server) maskText(text string) string { return string(s.maskBody(nil, []byte(text))) }

func (s *Server) maskBodyAt(fields []string, body []byte, level int) string {
	if level > maxLevels {
		return masked
	}
	if json.Valid(body) {
		return s.maskJSON(fields, body, level)
	}
	text := s.maskEscapes(string(body), level)
	if fields == nil {
		return s.mask(text)
	}
	text = brokenField().ReplaceAllStringFunc(text, func(field string) string {
		at := brokenField().FindStringSubmatchIndex(field)
		if !isField(fields, field[at[4]:at[5]]) {
			return field
		}
		return field[:at[3]] + `"` + masked + `"`
	})
	if !strings.ContainsAny(text[:min(1, len(text))], "{[<") { // it may be a form
		text = s.maskPairs(text, fields, 0)
	}
	return s.mask(cutAfterField(fields, text))
}

// cutAfterField cuts a text that isn't JSON after the name of a secret field, unless its value is masked: it may be
// XML, YAML, part of a form, or JSON as people write it.
func cutAfterField(fields []string, text string) string {
	if strings.HasPrefix(text, "<!") { // a page of this server
		return text
	}
	for _, at := range fieldName().FindAllStringIndex(text, -1) {
		if isField(fields, text[at[0]:at[1]]) && !maskedValue.MatchString(text[at[1]:min(len(text), at[1]+40)]) {
			return text[:at[1]] + masked
		}
	}
	return text
}

// maskedValue matches what follows a name whose value is masked.
var maskedValue = regexp.MustCompile(`^["']?\s*[:=]\s*"?\[redacted\]`)

// fieldName matches the names of [secretFields].
var fieldName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(secretFields, "|") + `)\b`)
})

func isField(fields []string, name string) bool {
	return slices.Contains(fields, strings.ToLower(name))
}

// maskJSON decodes strings in which escapes hide a secret, and leaves the others as they were sent.
func (s *Server) maskJSON(fields []string, body []byte, level int) string {
	var b bytes.Buffer
	done := 0
	for i := 0; i < len(body); i++ {
		if body[i] != '"' {
			continue
		}
		written := jsonscan.Value(body, i)
		end := i + len(written)
		b.Write(body[done:i])
		b.WriteString(s.maskString(written, level))
		done, i = end, end-1
		after := bytes.TrimLeft(body[end:], " \t\r\n")
		if len(after) == 0 || after[0] != ':' {
			continue
		}
		begin := len(body) - len(bytes.TrimLeft(after[1:], " \t\r\n"))
		value := jsonscan.Value(body, begin)
		name, _ := jsonscan.Text(written)
		isSecret := isField(fields, name) || isField(providerFields, name) && value[0] == '"' // not its schema
		if !isSecret || string(value) == "null" {
			continue
		}
		b.Write(body[done:begin])
		b.WriteString(`"` + masked + `"`)
		done = begin + len(value)
		i = done - 1
	}
	b.Write(body[done:])
	return s.mask(b.String())
}

// maskString masks a secret in a JSON string that escapes hide, also in JSON inside it, and in a URL, such as a
// webhook's with a token.
func (s *Server) maskString(written []byte, level int) string {
	isURL := bytes.HasPrefix(written, []byte(`"http`)) && bytes.Contains(written, []byte("://"))
	var plain string
	if !isURL && bytes.IndexByte(written, '\\') < 0 || json.Unmarshal(written, &plain) != nil {
		return string(written)
	}
	clean := s.maskBodyAt(nil, []byte(plain), level+1)
	if isURL {
		clean = s.maskURLAt(clean, level+1)
	}
	if clean == plain {
		return string(written)
	}
	return string(jsonscan.AppendString(nil, clean))
}

var (
	// escapedInJSON matches strings with escapes, which may spell a name or a secret.
	escapedInJSON = regexp.MustCompile(`"[^"\\]*(?:\\.[^"\\]*)+"`)
	// brokenField matches the fields of [secretFields] in text that isn't JSON, such as a body that was cut off or
	// printed: the closing quote may be missing.
	brokenField = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?is)(["'](` + strings.Join(secretFields, "|") + `)["']\s*:\s*)` +
			`(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|\[[^\]]*\]?|\{[^}]*\}?|[^\s,}\]]+)`)
	})
)

// maskEscapes is [Server.maskString] for all strings in text that isn't JSON as a whole. Names of secret fields are
// decoded.
func (s *Server) maskEscapes(text string, level int) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return escapedInJSON.ReplaceAllStringFunc(text, func(quoted string) string {
		if name, _ := jsonscan.Text([]byte(quoted)); isField(secretFields, name) {
			return `"` + name + `"`
		}
		return s.maskString([]byte(quoted), level)
	})
}
