package lava

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

// secretPrefixes are the prefixes of the credentials that Lava issues, then the base64 form of {"secret_key":", with
// which every forward token begins, then those of OpenAI, Anthropic, OpenRouter and Google, which applications bring
// themselves.
var secretPrefixes = []string{
	"aks_live_", "aks_test_", "lava_sk_", "whsec_", "css_live_", "css_test_", "eyJzZWNyZXRfa2V5Ijoi",
	"sk-proj-", "sk-ant-", "sk-or-v1-", "AIzaSy",
}

// Redact replaces the credentials in s: secret keys, spend keys, webhook and
// checkout secrets, and forward tokens, each of which keeps its prefix; keys of OpenAI,
// Anthropic, OpenRouter and Google likewise; and the user and password of a URL.
func Redact(s string) string {
	for _, prefix := range secretPrefixes {
		s = redactPrefix(s, prefix)
	}
	return redactUserinfo(s)
}

func redactPrefix(s, prefix string) string {
	if !strings.Contains(s, prefix) {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, prefix)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		s = strings.TrimLeftFunc(after, isTokenChar)
		b.WriteString(prefix)
		if len(s) < len(after) {
			b.WriteString(redactedText)
		}
	}
}

func isTokenChar(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("_-+/=", r)
}

func redactUserinfo(s string) string {
	const scheme = "://"
	if !strings.Contains(s, scheme) {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, scheme)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString(scheme)
		authority := after
		if end := strings.IndexAny(after, "/?#\" \t\r\n"); end >= 0 {
			authority = after[:end]
		}
		s = after
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			b.WriteString(redactedText)
			s = after[at:]
		}
	}
}

// RedactAttr is a [slog.HandlerOptions] ReplaceAttr function that applies [Redact] to
// every logged string, error and printed value, from this package or any other. A value
// that contains a [Secret] is logged as fmt prints it.
//
//	slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: lava.RedactAttr})
func RedactAttr(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(Redact(attr.Value.String()))
	case slog.KindAny:
		if b, ok := attr.Value.Any().([]byte); ok { // neither fmt nor JSON encodes it as text
			if clean := Redact(string(b)); clean != string(b) {
				attr.Value = slog.StringValue(clean)
			}
			return attr
		}
		// A handler may print the value or encode it as JSON, which fails for a [Secret].
		printed := fmt.Sprintf("%+v", attr.Value.Any())
		encoded, err := json.Marshal(attr.Value.Any())
		if clean := Redact(printed); clean != printed || err != nil {
			attr.Value = slog.StringValue(clean)
		} else if clean := Redact(string(encoded)); clean != string(encoded) {
			attr.Value = slog.StringValue(clean)
		}
	}
	return attr
}
