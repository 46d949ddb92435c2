package upstream

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formats has an example text for each format of JSON Schema.
var formats = map[string]string{
	"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "time": "00:00:00Z", "duration": "P1D",
	"email": "user@example.com", "idn-email": "user@example.com", "hostname": "example.com", "idn-hostname": "example.com",
	"ipv4": "192.0.2.1", "ipv6": "2001:db8::1",
	"uri": "https://example.com/", "uri-reference": "/path", "iri": "https://example.com/", "iri-reference": "/path", "url": "https://example.com/",
	"uri-template": "/{id}", "uuid": "00000000-0000-4000-8000-000000000000",
	"json-pointer": "/path", "relative-json-pointer": "0", "regex": "a", "byte": "c3RyaW5n",
}

// texts returns candidates in the limits of a string schema.
func texts(s map[string]any, nth int) []any {
	if format, ok := s["format"].(string); ok && formats[format] != "" {
		text := formats[format]
		if nth > 0 { // another one, if the format has digits or a name to change
			text = strings.Replace(strings.Replace(text, "2026", strconv.Itoa(2026+nth), 1), "user", "user"+strconv.Itoa(nth), 1)
		}
		return []any{text}
	}
	text := "string"
	if nth > 0 {
		text += strconv.Itoa(nth + 1)
	}
	least := min(count(s, "minLength", 0), 10_000)
	most := count(s, "maxLength", 1<<30)
	pattern, ok := s["pattern"].(string)
	if !ok {
		return []any{fitted(text, least, most, nth)}
	}
	values := []any{fitted(text, least, most, nth)}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return values
	}
	matcher, err := regexp.Compile(pattern)
	if err != nil {
		return values
	}
	if nth == 0 && matcher.MatchString(fitted(text, least, most, 0)) {
		return values
	}
	for more := nth; more <= nth+least; more++ { // repeat loops as often as necessary
		var b strings.Builder
		writeMatch(&b, tree, more)
		matched := b.String()
		n := utf8.RuneCountInString(matched)
		if n < least && matcher.MatchString(fitted(matched, least, most, 0)) {
			return append(values, fitted(matched, least, most, 0))
		}
		if n >= least {
			return append(values, matched)
		}
	}
	return values
}

// fitted returns text of at least the minimum and at most the maximum length. It keeps the end, which distinguishes
// texts.
func fitted(text string, least, most, nth int) string {
	for len(text) < least {
		text = "string" + text
	}
	if len(text) > max(most, least) {
		if nth > 0 {
			return text[len(text)-most:]
		}
		return text[:most]
	}
	return text
}

// writeMatch writes a text that matches a regular expression: the first alternatives, with the fewest repetitions,
// and more extra ones.
func writeMatch(b *strings.Builder, re *syntax.Regexp, more int) {
	again := func(times int) {
		for range times {
			writeMatch(b, re.Sub[0], 0)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(oneOf(re.Rune, more))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpCapture:
		writeMatch(b, re.Sub[0], more)
	case syntax.OpStar:
		again(more)
	case syntax.OpPlus:
		again(1 + more)
	case syntax.OpRepeat:
		times := re.Min + more
		if re.Max >= 0 {
			times = min(times, re.Max)
		}
		again(times)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			writeMatch(b, sub, more)
		}
	case syntax.OpAlternate:
		writeMatch(b, re.Sub[more%len(re.Sub)], more)
	default: // matches the empty text, or is optional
	}
}

// oneOf chooses from a class of characters, given as ranges: a letter or digit if possible.
func oneOf(ranges []rune, nth int) rune {
	for _, liked := range "aA0" {
		for i := 0; i+1 < len(ranges); i += 2 {
			if ranges[i] <= liked && liked <= ranges[i+1] {
				return min(liked+rune(nth%10), ranges[i+1])
			}
		}
	}
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1] > ' ' {
			return max(ranges[i], '!')
		}
	}
	if len(ranges) > 0 {
		return ranges[0]
	}
	return 'a'
}
