package gateway

import (
	"net/http"
	"strings"
)

// What leaves for a provider holds no credential of Lava's, in no header and in no
// part of the URL, whatever its name is and however it is written. Bodies pass as
// they are. Assumption credentials-stay.

// withoutCredentials removes from headers each value that holds a credential of
// Lava's. It leaves the values themselves alone, for they are shared.
func withoutCredentials(h http.Header) {
	for name, values := range h {
		for i, value := range values {
			if !holdsCredential(value) {
				continue
			}
			kept := append([]string(nil), values[:i]...)
			for _, other := range values[i+1:] {
				if !holdsCredential(other) {
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

// queryWithoutCredentials removes from a raw query each parameter that holds one.
func queryWithoutCredentials(rawQuery string) string {
	return filterQuery(rawQuery, func(part string) bool { return !holdsCredential(part) })
}

// holdsCredential reports whether a text holds a credential of Lava's: a key, a
// forward token, or base64 of a text with a key in it, as in basic authentication;
// percent-encoded or not.
func holdsCredential(text string) bool {
	const encodings = 3 // nobody decodes more often than that
	for range encodings {
		if isLava(credential(text)) || holdsKey(text) || holdsBase64(text) {
			return true
		}
		decoded := unescape(text)
		if decoded == text {
			return false
		}
		text = decoded
	}
	return false
}

// holdsKey reports whether a key begins anywhere in a text: "tasks_test_1" is none.
func holdsKey(text string) bool {
	for _, prefix := range [...]string{"aks_test_", "aks_live_", "lava_sk_"} {
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

// holdsBase64 reports whether a word of a text is base64, in either alphabet, of a text
// that holds a key.
func holdsBase64(text string) bool {
	const shortest = 12 // what a prefix takes
	for _, others := range [...]string{"+/", "-_"} {
		start := 0
		for i := 0; i <= len(text); i++ {
			if i < len(text) && (isAlphanumeric(text[i]) || strings.IndexByte(others, text[i]) >= 0) {
				continue
			}
			if word := text[start:i]; len(word) >= shortest {
				if len(word)%4 == 1 {
					word = word[:len(word)-1] // that much of it can be read
				}
				if b, err := decodeBase64(word); err == nil && holdsKey(string(b)) {
					return true
				}
			}
			start = i + 1
		}
	}
	return false
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// unescape decodes percent-encoding where there is any, and leaves what is broken.
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
