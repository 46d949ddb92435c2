package wire

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Text is a provider's string in which a character may be cut off: servers that split text by UTF-16 or by bytes put
// the rest into the next event. Half of a surrogate pair is kept as three bytes, and other bytes are unchanged;
// package dialect joins them. Anything but a string is "".
type Text string

// UnmarshalJSON reads a string.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) < 2 || b[0] != '"' {
		return nil
	}
	b = b[1 : len(b)-1]
	if bytes.IndexByte(b, '\\') < 0 {
		*t = Text(b)
		return nil
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			out = append(out, b[i])
			continue
		}
		i++ // the JSON is valid, so there is more
		if b[i] != 'u' {
			out = append(out, unescape(b[i]))
			continue
		}
		r := hexRune(b[i+1:])
		i += 4
		if utf16.IsSurrogate(r) && bytes.HasPrefix(b[i+1:], []byte(`\u`)) {
			if pair := utf16.DecodeRune(r, hexRune(b[i+3:])); pair != utf8.RuneError {
				r = pair
				i += 6
			}
		}
		if utf16.IsSurrogate(r) {
			out = append(out, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	*t = Text(out)
	return nil
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// hexRune parses the four digits of an escape.
func hexRune(b []byte) rune {
	n, err := strconv.ParseUint(string(b[:min(4, len(b))]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}
