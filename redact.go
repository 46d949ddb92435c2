package lava

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

const redactedText = "[redacted]"

// secret holds a credential in a closure. A string in a struct is printed by
// %+v whatever methods its type has, if the field is not exported; a function is
// printed as an address, and reflection can't look into it.
type secret func() string

func hide(s string) secret { return func() string { return s } }

// secretPrefixes begin the credentials that Lava issues. The last one is the
// base64 form of {"secret_key":" and begins every forward token.
var secretPrefixes = []string{
	"aks_live_", "aks_test_", "lava_sk_", "whsec_", "css_live_", "css_test_", "eyJzZWNyZXRfa2V5Ijoi",
}

// Redact replaces the credentials in s: secret keys, spend keys, webhook and
// checkout secrets, and forward tokens. What is left of one is its prefix.
func Redact(s string) string {
	for _, prefix := range secretPrefixes {
		s = redactPrefix(s, prefix)
	}
	return s
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

// RedactAttr is a [slog.HandlerOptions] ReplaceAttr function that applies
// [Redact] to every string, error and printed value that is logged, by this
// package or any other.
//
//	slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: lava.RedactAttr})
func RedactAttr(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Value.Kind() {
	case slog.KindString:
		attr.Value = slog.StringValue(Redact(attr.Value.String()))
	case slog.KindAny:
		// A handler may print the value or write it as JSON.
		printed := fmt.Sprintf("%+v", attr.Value.Any())
		encoded, _ := json.Marshal(attr.Value.Any())
		for _, text := range []string{printed, string(encoded)} {
			if clean := Redact(text); clean != text {
				attr.Value = slog.StringValue(clean)
			}
		}
	}
	return attr
}

// printRedacted prints v, a copy of a value without its secret and without its
// Format method, as the verb and flags say.
func printRedacted(f fmt.State, verb rune, v any) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), v)
}
