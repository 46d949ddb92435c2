package mockserver

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go"
)

// masked replaces a secret.
const masked = "[redacted]"

// The places where credentials travel. What is masked in calls is derived from these and from the formats' own list.
// Secrets that Lava issues have a prefix and are masked everywhere.
var (
	// secretQueries are parameters of URLs.
	secretQueries = []string{
		"key", "api_key", "apikey", "api-key", "x-api-key", "subscription-key", "access_token", "token", "code", "secret", "client_secret", "password",
		"auth", "authorization", "signature", "sig", "x-amz-signature", "x-amz-security-token", "x-amz-credential",
	}
	// secretHeaders are parts of the names of headers.
	secretHeaders = []string{"authorization", "key", "token", "secret", "password", "cookie", "signature", "auth"}
	// secretFields are fields in Lava's own bodies and the forms of its pages.
	secretFields = []string{"secret_key", "provider_key", "webhook_secret", "checkout_session_token", "code", "token", "password", "number", "cvc", "secret", "api_key"}
	// providerFields are fields in the bodies of providers: the credentials of MCP servers that a model may use,
	// which OpenAI and Anthropic accept.
	providerFields = []string{"authorization", "authorization_token"}
)

// isSecretHeader reports whether a header may contain a credential. An idempotency key is none, and neither are
// counts of tokens in limits.
func isSecretHeader(name string) bool {
	lower := strings.ToLower(name)
	if strings.EqualFold(name, idempotencyHeader) || strings.Contains(lower, "ratelimit") {
		return false
	}
	return slices.ContainsFunc(secretHeaders, func(part string) bool { return strings.Contains(lower, part) }) || slices.Contains(credentialHeaders(), name)
}

// credentialHeaders are the headers in which the formats send their keys.
var credentialHeaders = sync.OnceValue(func() (names []string) {
	for _, c := range formats.Credentials() {
		names = append(names, c.AllHeaders()...)
	}
	return names
})

// mask masks secrets in a text: those that Lava issues, and those that this server was given.
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

// objectInBase64 matches possible forward tokens, whose fields may be in any order.
var objectInBase64 = regexp.MustCompile(`eyJ[A-Za-z0-9+/_-]{8,}=*`)

// secrets returns the secrets without a prefix that this server was given.
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

// maskHeader masks secrets in a header, which the caller must not share.
func (s *Server) maskHeader(h http.Header) http.Header {
	for name, values := range h {
		for i, value := range values {
			if isSecretHeader(name) {
				values[i] = masked
			} else {
				values[i] = s.maskURL(value)
			}
		}
	}
	return h
}

// maxLevels limits how many times a text is unescaped, and how deep URLs and JSON in it are followed. What is still
// escaped then is masked as a whole.
const maxLevels = 8

// maskURL masks secrets in a URL, in the path and query of one, or in another text that may be percent-encoded, even
// more than once, and may contain a URL. A text with a secret is shown decoded.
func (s *Server) maskURL(text string) string { return s.maskURLAt(text, 0) }

func (s *Server) maskURLAt(text string, level int) string {
	if level > maxLevels {
		return masked
	}
	if path, query, found := strings.Cut(text, "?"); found {
		return s.maskURLAt(path, level) + "?" + s.maskPairs(query, secretQueries, level+1)
	}
	text = s.mask(text)
	decoded := unescape(text) // there may be more in it
	if decoded == text {
		return text
	}
	if clean := s.maskURLAt(decoded, level+1); clean != decoded {
		return clean
	}
	return text
}

// maskPairs masks secrets in a query or a form: the values of these names, and secrets with a prefix anywhere.
func (s *Server) maskPairs(text string, names []string, level int) string {
	var b strings.Builder
	for {
		end := strings.IndexAny(text, "&;")
		part := text
		if end >= 0 {
			part = text[:end]
		}
		name, value, found := strings.Cut(part, "=")
		b.WriteString(s.maskURLAt(name, level))
		switch {
		case found && slices.Contains(names, strings.ToLower(strings.Trim(unescape(name), "+ \t\r\n"))):
			b.WriteString("=" + masked)
		case found:
			b.WriteString("=" + s.maskURLAt(value, level))
		}
		if end < 0 {
			return b.String()
		}
		b.WriteByte(text[end])
		text = text[end+1:]
	}
}

// unescape decodes percent-encoding, and leaves invalid escapes unchanged.
func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	return percentEncoded.ReplaceAllStringFunc(text, func(escaped string) string {
		decoded, _ := url.PathUnescape(escaped) // never fails
		return decoded
	})
}

var percentEncoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// maskMessage masks secrets in a hint or an error, which may quote what a client sent in the wrong place, including
// keys of providers.
func (s *Server) maskMessage(text string) string {
	return providerKey.ReplaceAllString(s.mask(text), masked)
}

// providerKey matches keys of OpenAI, Anthropic and others with a similar prefix.
var providerKey = regexp.MustCompile(`\bsk-[A-Za-z0-9_-]{8,}`)
