package mockserver

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// hintAtKey is for calls whose credential is missing or of the wrong kind.
func hintAtKey(r *rejection) string {
	if !r.code(string(billing.CodeAuthentication)) || r.err.Param == "code" {
		return ""
	}
	header := r.r.Header.Get("Authorization")
	if r.call.endpoint.isGateway() {
		for _, c := range formats.Credentials() {
			for _, name := range c.AllHeaders() {
				if v := r.r.Header.Get(name); header == "" && v != "" {
					header = v
				}
			}
		}
	}
	scheme, key, hasScheme := strings.Cut(strings.TrimSpace(header), " ")
	key = strings.TrimSpace(key)
	switch {
	case header == "" && !r.call.endpoint.isGateway() && elsewhere(r) != "":
		return "the management API reads the key in the header Authorization (Bearer aks_test_…), not in " + elsewhere(r)
	case header == "":
		return "send the secret key in the header Authorization: Bearer aks_test_…; Server.SecretKey returns the server's key, and lavamock prints it as LAVA_SECRET_KEY"
	case strings.EqualFold(scheme, "Basic"):
		return "Lava does not accept basic authentication: send Authorization: Bearer aks_test_…"
	case strings.EqualFold(scheme, "Bearer") && key == "":
		return "nothing follows Bearer: the variable with the key was probably empty"
	case !hasScheme && !r.call.endpoint.isGateway():
		return "the word Bearer is missing before the key: Authorization: Bearer aks_test_…"
	case !hasScheme:
		key = scheme
	}
	return hintAtKeyKind(r, key)
}

// elsewhere returns another place in which a key was sent, where the management API doesn't look.
func elsewhere(r *rejection) string {
	for _, c := range formats.Credentials() {
		for _, name := range c.AllHeaders() {
			if name != "Authorization" && r.r.Header.Get(name) != "" {
				return "the header " + name
			}
		}
		if c.Query != "" && r.r.URL.Query().Get(c.Query) != "" {
			return "the query"
		}
	}
	return ""
}

// hintAtKeyKind says what kind of key was sent, if it is the wrong kind.
func hintAtKeyKind(r *rejection, key string) string {
	unquoted := strings.Trim(key, `"'<>`)
	switch {
	case strings.HasPrefix(key, liveKeyPrefix):
		return "this is a live key, which the mock never accepts: set LAVA_SECRET_KEY to the server's own key, and check why the live key was sent here"
	case unquoted != key:
		return "the key is in quotes or brackets: send it without them"
	case strings.HasPrefix(key, "$") || strings.HasPrefix(key, "{{") || key == "undefined" || key == "null" || key == "None" || strings.HasPrefix(key, "process.env"):
		return "the name of a variable was sent instead of its value: the key is not set in the application's environment"
	case strings.HasPrefix(key, "{"):
		return "a forward token must be in base64: create it with GenerateForwardToken"
	case strings.HasPrefix(key, billing.SpendKeyPrefix) && !r.call.endpoint.isGateway():
		return "this is a spend key, which works only at the gateway (/v1/chat/completions, /v1/messages, /v1/forward): the management API needs the secret key, aks_test_…"
	case strings.HasPrefix(key, billing.SpendKeyPrefix):
		return "the spend key is unknown here: it was revoked or rotated, or another server created it"
	case strings.HasPrefix(key, "whsec_"):
		return "this is a webhook's secret, which only signs deliveries: send the secret key, aks_test_…"
	case strings.HasPrefix(key, "css_"):
		return "this is the secret of a checkout session, which only opens its page: send the secret key, aks_test_…"
	case strings.HasPrefix(key, "sk-ant-"), strings.HasPrefix(key, "sk-"), strings.HasPrefix(key, "AIza"), strings.HasPrefix(key, "gsk_"), strings.HasPrefix(key, "xai-"):
		return "this is a provider's key. Send Lava's own key, aks_test_…, or a forward token; to use your account at the provider, put this key into the token as provider_key"
	case strings.HasPrefix(key, "sk_test_"), strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_"):
		return "this is a Stripe key: Lava's keys begin with aks_test_"
	case strings.HasPrefix(key, testKeyPrefix):
		return "the key has the right form but is unknown here: each mock server has its own keys (Server.SecretKey, SecretKey as an option, lavamock's LAVA_SECRET_KEY) and forgets them when it ends; or this key was deleted"
	case isForwardToken(key) && !r.call.endpoint.isGateway():
		return "this is a forward token, which works only at the gateway (/v1/forward, /v1/rewrite): the management API needs the secret key itself, aks_test_…"
	case isForwardToken(key):
		return "the forward token is valid, but its secret_key is unknown here: create it with this server's key"
	case r.call.endpoint.isGateway():
		return "this is not one of Lava's credentials: send a forward token, a spend key (lava_sk_…) or a secret key (aks_test_…), where the SDK sends the provider's key"
	}
	return "a secret key begins with aks_test_; Server.SecretKey returns the server's key, and lavamock prints it as LAVA_SECRET_KEY"
}

// decodeToken returns the fields of a forward token, or nil if the text isn't one.
func decodeToken(key string) map[string]json.RawMessage {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(key), "="))
	if err != nil {
		return nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(raw, &fields)
	return fields
}

func isForwardToken(key string) bool { return decodeToken(key) != nil }

// tokenFields are the fields of a forward token.
var tokenFields = []string{"secret_key", "customer_id", "meter_slug", "provider_key", "disable_billing"}

// hintAtToken is for forward tokens with a field that is missing or misspelled.
func hintAtToken(r *rejection) string {
	if !r.call.endpoint.isGateway() || !strings.HasPrefix(r.err.Message, "forward token: ") {
		return ""
	}
	_, key, _ := strings.Cut(r.r.Header.Get("Authorization"), " ")
	fields := decodeToken(key)
	for name := range fields {
		if hint := misspelled(name, tokenFields); hint != "" {
			return "the forward token has the field " + hint
		}
	}
	switch {
	case r.err.Param == "meter_slug" && fields["meter_slug"] == nil:
		return "billing a customer needs a meter: add meter_slug to the forward token"
	case r.err.Param == "provider_key":
		return "provider_key is for the provider's own key, such as OpenAI's sk-…; leave it out to let Lava pay"
	}
	return ""
}

// misspelled returns the known name that an unknown one probably means, or "" if the name is known.
func misspelled(name string, known []string) string {
	snake := snakeCase(name)
	switch {
	case slices.Contains(known, name):
		return ""
	case slices.Contains(known, snake):
		return fmt.Sprintf("%.40q, but Lava uses snake_case: %q", name, snake)
	}
	return fmt.Sprintf("%.40q, which Lava does not know%s", name, spelling.Suggest(snake, known))
}

// snakeCase writes a name as Lava does.
func snakeCase(name string) string {
	var b strings.Builder
	for i, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			if i > 0 && !strings.HasSuffix(b.String(), "_") && (name[i-1] < 'A' || name[i-1] > 'Z') {
				b.WriteByte('_')
			}
			b.WriteRune(c + 'a' - 'A')
		case c == '-' || c == ' ':
			b.WriteByte('_')
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
