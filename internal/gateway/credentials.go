package gateway

import (
	"bytes"
	"encoding/base64"
	"iter"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Requests to a provider contain no credential of Lava, in no header and in no part of the URL, whatever its name and
// encoding. Bodies are passed unchanged. Assumption credentials-stay.

// withoutCredentials removes from headers each value that contains a credential of Lava, and each header whose name
// does. It doesn't modify the slices of values, because they are shared.
func (g *Gateway) withoutCredentials(h http.Header) {
	for name, values := range h {
		if strings.Contains(name, "_") && holdsKey(strings.ToLower(name)) { // HTTP does not preserve the case
			delete(h, name)
			continue
		}
		for i, value := range values {
			if !g.holdsCredential(value) {
				continue
			}
			kept := append([]string(nil), values[:i]...)
			for _, other := range values[i+1:] {
				if !g.holdsCredential(other) {
					kept = append(kept, other)
				}
			}
			if h[name] = kept; len(kept) == 0 {
				delete(h, name)
			}
			break
		}
	}
}

// queryWithoutCredentials removes from a raw query each parameter that contains one.
func (g *Gateway) queryWithoutCredentials(rawQuery string) string {
	return filterQuery(rawQuery, func(part string) bool { return !g.holdsCredential(part) })
}

// holdsCredential reports whether a text contains a credential of Lava: a key, a forward token, or one of the
// server's own secrets; also inside nested percent-encoding and base64, as in basic authentication.
func (g *Gateway) holdsCredential(text string) bool {
	const encodings = 4 // no real server decodes more often
	return g.holdsEncoded(text, encodings)
}

func (g *Gateway) holdsEncoded(text string, encodings int) bool {
	switch {
	case isLava(credential(text)), holdsKey(text), g.cfg.HoldsSecret != nil && g.cfg.HoldsSecret(text):
		return true
	case encodings == 0:
		return false
	}
	if decoded := unescape(text); decoded != text && g.holdsEncoded(decoded, encodings-1) {
		return true
	}
	for decoded := range base64In(text) {
		text := utf8.Valid(decoded) // most words aren't base64 and don't decode to text
		if !text && bytes.IndexByte(decoded, '_') < 0 {
			continue // every key has one: the check doesn't allocate
		}
		if decoded := string(decoded); holdsKey(decoded) || text && g.holdsEncoded(decoded, encodings-1) {
			return true
		}
	}
	return false
}

// secretPrefixes are the prefixes of what Lava issues: secret keys, spend keys, and secrets of checkout sessions and
// webhooks.
var secretPrefixes = [...]string{"aks_test_", "aks_live_", "lava_sk_", "css_test_", "css_live_", "whsec_"}

// holdsKey reports whether a key starts anywhere in a text; "tasks_test_1" doesn't contain one.
func holdsKey(text string) bool {
	if !strings.Contains(text, "_") {
		return false
	}
	for _, prefix := range secretPrefixes {
		for rest := text; ; {
			before, after, found := strings.Cut(rest, prefix)
			if !found {
				break
			}
			if before == "" || !isAlphanumeric(before[len(before)-1]) {
				return true
			}
			rest = after
		}
	}
	return false
}

// base64In iterates over the words of a text, decoded from base64 in either alphabet. Each is valid until the next
// iteration.
func base64In(text string) iter.Seq[[]byte] {
	const shortest = 12 // a shorter text contains no key
	return func(yield func([]byte) bool) {
		var room [256]byte // most words fit: a request's header has dozens
		for _, alphabet := range [...]struct {
			*base64.Encoding
			others string // characters besides letters and digits
		}{{base64.RawStdEncoding, "+/"}, {base64.RawURLEncoding, "-_"}} {
			start := 0
			for i := 0; i <= len(text); i++ {
				if i < len(text) && (isAlphanumeric(text[i]) || strings.IndexByte(alphabet.others, text[i]) >= 0) {
					continue
				}
				if word := text[start:i]; len(word) >= shortest {
					if len(word)%4 == 1 {
						word = word[:len(word)-1] // this much can be decoded
					}
					if b, err := alphabet.AppendDecode(room[:0], []byte(word)); err == nil && !yield(b) {
						return
					}
				}
				start = i + 1
			}
		}
	}
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// unescape decodes percent-encoding, and leaves invalid escapes unchanged.
func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			b = append(b, fromHex(text[i+1])<<4|fromHex(text[i+2]))
			i += 2
			continue
		}
		b = append(b, text[i])
	}
	return string(b)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

func fromHex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
