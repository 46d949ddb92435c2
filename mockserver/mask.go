package mockserver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// masked stands where a secret was.
const masked = "[redacted]"

// Where credentials travel. What is masked in calls is derived from this and from the
// formats' own list; what Lava gives out has a prefix and is masked wherever it is.
var (
	// secretQueries are parameters of URLs.
	secretQueries = []string{"key", "api_key", "apikey", "api-key", "access_token", "token", "code", "secret", "password", "signature", "x-amz-signature", "x-amz-security-token"}
	// secretHeaders are parts of the names of headers.
	secretHeaders = []string{"authorization", "key", "token", "secret", "password", "cookie", "signature", "auth"}
	// secretFields are fields of Lava's own bodies, and of the forms of its pages.
	secretFields = []string{"secret_key", "provider_key", "webhook_secret", "checkout_session_token", "code", "token", "password", "number", "cvc", "secret", "api_key"}
)

// isSecretHeader reports whether a header may hold a credential.
func isSecretHeader(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(secretHeaders, func(part string) bool { return strings.Contains(lower, part) }) || slices.Contains(credentialHeaders(), name)
}

// credentialHeaders are those in which the formats have their keys.
var credentialHeaders = sync.OnceValue(func() (names []string) {
	for _, c := range formats.Credentials() {
		names = append(names, c.AllHeaders()...)
	}
	return names
})

// mask takes secrets out of a text: what Lava gives out, and what this server was
// given.
func (s *Server) mask(text string) string {
	if text == "" {
		return ""
	}
	text = lava.Redact(text)
	if strings.Contains(text, "eyJ") {
		text = objectInBase64.ReplaceAllStringFunc(text, func(word string) string {
			for _, value := range decodeToken(word) {
				if plain := string(value); lava.Redact(plain) != plain {
					return masked
				}
			}
			return word
		})
	}
	for _, secret := range s.secrets() {
		text = strings.ReplaceAll(text, secret, masked)
	}
	return text
}

// objectInBase64 finds what may be a forward token, whose fields may be in any order.
var objectInBase64 = regexp.MustCompile(`eyJ[A-Za-z0-9+/_-]{8,}=*`)

// secrets are those that this server was given and that have no prefix.
func (s *Server) secrets() []string {
	var all []string
	if token := s.controlToken; !token.IsZero() {
		all = append(all, token.Reveal())
	}
	for _, key := range s.cfg.upstreams.keys {
		if !key.IsZero() && key.Reveal() != "" {
			all = append(all, key.Reveal())
		}
	}
	return all
}

// maskHeader takes secrets out of a header of which nobody else has a copy.
func (s *Server) maskHeader(h http.Header) http.Header {
	for name, values := range h {
		for i, value := range values {
			if isSecretHeader(name) {
				values[i] = masked
			} else {
				values[i] = s.mask(value)
			}
		}
	}
	return h
}

// maskURL takes secrets out of a URL, or of the path and query of one.
func (s *Server) maskURL(raw string) string {
	path, query, found := strings.Cut(raw, "?")
	path = s.maskEscaped(path)
	if !found {
		return path
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		unescaped, err := url.QueryUnescape(name)
		if err == nil && slices.Contains(secretQueries, strings.ToLower(unescaped)) {
			parts[i] = name + "=" + masked
			continue
		}
		parts[i] = s.maskEscaped(name)
		if strings.Contains(part, "=") {
			parts[i] += "=" + s.maskQueryValue(value)
		}
	}
	return path + "?" + strings.Join(parts, "&")
}

// maskQueryValue takes secrets out of a value that may itself be a URL.
func (s *Server) maskQueryValue(value string) string {
	if strings.Contains(value, "?") {
		return s.maskURL(value)
	}
	if decoded, err := url.QueryUnescape(value); err == nil && strings.Contains(decoded, "?") {
		if clean := s.maskURL(decoded); clean != decoded {
			return clean
		}
	}
	return s.maskEscaped(value)
}

// maskEscaped takes secrets out of a text that may be percent-encoded, also more than
// once. Where there is one, the text is shown decoded.
func (s *Server) maskEscaped(text string) string {
	for plain := text; ; {
		if clean := s.mask(plain); clean != plain {
			return clean
		}
		decoded, err := url.PathUnescape(plain)
		if err != nil || decoded == plain {
			return text
		}
		plain = decoded
	}
}

// secretInJSON finds the fields of [secretFields], and secretInForm those in a form.
var (
	secretInJSON = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`("(?:` + strings.Join(secretFields, "|") + `)"\s*:\s*)"(?:[^"\\]|\\.)*"`)
	})
	// escapedInJSON finds strings with escapes, which may spell a name or a secret.
	escapedInJSON = regexp.MustCompile(`"[^"\\]*(?:\\.[^"\\]*)+"`)
	secretInForm  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(^|&)(` + strings.Join(secretFields, "|") + `)=[^&]*`)
	})
)

// maskBody returns a body without secrets. The fields that have one are known in the
// bodies of the management API and of pages; those of providers hold no credentials but
// what has a prefix.
func (s *Server) maskBody(at Endpoint, body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	text := s.maskEscapes(string(body))
	if at != "" && !strings.HasPrefix(string(at), "gateway.") {
		// An error has a code too.
		text = secretInJSON().ReplaceAllStringFunc(text, func(field string) string {
			if at != "auth.callback" && strings.HasPrefix(field, `"code"`) {
				return field
			}
			return secretInJSON().ReplaceAllString(field, `${1}"`+masked+`"`)
		})
		if !strings.HasPrefix(strings.TrimSpace(text), "{") {
			text = secretInForm().ReplaceAllString(text, "${1}${2}="+masked)
		}
	}
	return []byte(s.mask(text))
}

// maskEscapes writes the strings of a JSON text as they read, where escapes hide the
// name of a field that has a secret, or a secret. Others stay as they were sent.
func (s *Server) maskEscapes(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return escapedInJSON.ReplaceAllStringFunc(text, func(quoted string) string {
		var plain string
		if json.Unmarshal([]byte(quoted), &plain) != nil {
			return quoted
		}
		clean := s.mask(plain)
		if clean == plain && !slices.Contains(secretFields, plain) {
			return quoted
		}
		return string(jsonscan.AppendString(nil, clean))
	})
}
