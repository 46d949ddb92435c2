package gateway_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestTokenInFivePlaces(t *testing.T) {
	t.Parallel()
	tok := token(map[string]any{"customer_id": "con_1", "meter_slug": "m"})
	want := gateway.Token{SecretKey: goodKey, CustomerID: "con_1", MeterSlug: "m"}
	for _, test := range []struct{ name, header, value, query string }{
		{"bearer", "Authorization", "Bearer " + tok, ""},
		{"lower-case scheme", "Authorization", "bearer " + tok, ""},
		{"x-api-key", "x-api-key", tok, ""},
		{"x-goog-api-key", "x-goog-api-key", tok, ""},
		{"xi-api-key", "xi-api-key", tok, ""},
		{"query", "", "", "&key=" + url.QueryEscape(tok)},
		{"query, raw", "", "", "&key=" + tok},
		{"URL-safe", "Authorization", "Bearer " + strings.NewReplacer("+", "-", "/", "_").Replace(tok), ""},
		{"a second header", "x-api-key", "sk-provider", "&key=AIza&key=" + tok},
		{"without padding", "Authorization", "Bearer " + strings.TrimRight(tok, "="), ""},
		{"next to a provider's own", "x-api-key", tok, "&key=AIzaNotLava"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			header := []string{"Authorization", ""}
			if test.header != "" {
				header = append(header, test.header, test.value)
			}
			got := r.do(t, "POST", chatPath+test.query, chatBody, header...)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, want, r.tokens[0])
		})
	}
}

// Wherever it is and however it is encoded, a credential of Lava never reaches a provider: it is planted in each
// place, next to the one that is used.
func TestCredentialsStayHere(t *testing.T) {
	t.Parallel()
	const secret = "aks_test_hidden"
	json := `{"secret_key":"` + secret + `","provider_key":"p?>~"}`
	escape := func(s string) string { // every character
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	forms := map[string]string{
		"raw":                 secret,
		"spend key":           "lava_sk_hidden",
		"token":               b64(json),
		"unpadded token":      strings.TrimRight(b64(json), "="),
		"URL-safe token":      base64.URLEncoding.EncodeToString([]byte(json)),
		"raw URL-safe token":  base64.RawURLEncoding.EncodeToString([]byte(json)),
		"spaced token":        b64(`{ "secret_key" : "` + secret + `" }`),
		"bearer":              "Bearer " + secret,
		"lower-case bearer":   "bearer " + b64(json),
		"other scheme":        "Token token=" + secret,
		"basic":               "Basic " + b64("user:"+secret),
		"basic, as user":      "Basic " + b64(secret+":"),
		"cookie":              "a=b; lava=" + secret + "; c=d",
		"in a URL":            "https://x.example.com/?key=" + secret,
		"escaped":             escape(secret),
		"escaped twice":       escape(escape(secret)),
		"escaped token":       url.QueryEscape(b64(json)),
		"broken escapes":      "%z-" + escape(secret),
		"in quotes":           `"` + secret + `"`,
		"behind another":      "sk-provider," + secret,
		"token as user":       "Basic " + b64(b64(json)+":"),
		"token as password":   "Basic " + b64("user:"+base64.RawURLEncoding.EncodeToString([]byte(json))),
		"escaped in base64":   "Basic " + b64(escape(secret)),
		"base64 three times":  b64(b64(b64("x " + secret))),
		"webhook's secret":    "whsec_hidden",
		"webhook's, basic":    "Basic " + b64("user:whsec_hidden"),
		"checkout's":          "css_test_hidden",
		"server's own":        "a=ser+ver's-own/secret",
		"server's own, basic": "Basic " + b64("ser+ver's-own/secret:"),
		"server's, escaped":   "a=" + url.QueryEscape("ser+ver's-own/secret"),
		"token behind others": "https://x/" + b64(json),
	}
	send := func(t *testing.T, target, name string, header http.Header) *http.Request {
		t.Helper()
		var sent *http.Request
		holds := func(text string) bool { return strings.Contains(text, "ser+ver's-own/secret") }
		h := routes(newGateway(gateway.Config{Billing: &ledger{}, HoldsSecret: holds, Upstream: roundTrip(func(r *http.Request) (*http.Response, error) {
			sent = r
			return response(200, "application/json", `{}`), nil
		})}))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		require.NoError(t, err, name)
		req.Header = header
		req.Header["Authorization"] = append([]string{"Bearer " + goodKey}, header["Authorization"]...)
		h.ServeHTTP(&discard{header: http.Header{}}, req)
		require.NotNil(t, sent, name)
		return sent
	}
	for form, value := range forms {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			names := []string{"Cookie", "Referer", "X-Forwarded-Authorization", "Api-Key", "X-Anything"}
			for _, c := range known.Formats().Credentials() {
				names = append(names, c.AllHeaders()...)
			}
			const target = "/v1/forward?u=https://api.openai.com/v1/models"
			for _, name := range names {
				name = http.CanonicalHeaderKey(name)
				h := send(t, target, name, http.Header{name: {"stays", value, "too"}, "Accept": {"*/*"}}).Header
				assert.Equal(t, []string{"stays", "too"}, h[name], name)
				assert.Equal(t, []string{"*/*"}, h["Accept"])
				assert.NotContains(t, send(t, target, name, http.Header{name: {value}}).Header, name)
			}
			if strings.ContainsAny(value, " %") && !strings.HasPrefix(value, "%") {
				return
			}
			query := strings.NewReplacer("&", "%26", " ", "%20", "#", "%23").Replace(value)
			for _, name := range []string{"key", "k%65y", "api_key", "x"} {
				for place, target := range map[string]string{
					"after u":           "/v1/forward?u=https://api.openai.com/v1/models&a=1&key=AIza&" + name + "=" + query + "&b=2",
					"within u":          "/v1/forward?u=https://api.openai.com/v1/models?a=1&key=AIza&" + name + "=" + query + "&b=2",
					"within u, escaped": "/v1/forward?u=" + url.QueryEscape("https://api.openai.com/v1/models?a=1&key=AIza&"+name+"="+query+"&b=2"),
					"rewrite":           "/v1/rewrite/openai/https://api.openai.com/v1/models?a=1&key=AIza&" + name + "=" + query + "&b=2",
				} {
					u := send(t, target, place, http.Header{}).URL
					assert.Equal(t, "a=1&key=AIza&b=2", u.RawQuery, "%s: %s", place, name)
				}
			}
		})
	}
}

// HTTP may change the case of a header's name.
func TestCredentialsAsNamesStayHere(t *testing.T) {
	t.Parallel()
	p := &recorder{}
	r := newRig(t, recording(p))
	r.do(t, "GET", "/v1/forward?u=https://api.openai.com/v1/models", "", "Aks_test_hidden", "1", "X-Lava_sk_hidden", "1", "X_Other", "1")
	assert.NotContains(t, p.header, "Aks_test_hidden")
	assert.NotContains(t, p.header, "X-Lava_sk_hidden")
	assert.Contains(t, p.header, "X_other")
}

// Text that only looks like a credential passes.
func TestOthersCredentialsPass(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"sk-proj-aBc_123-xyz", "tasks_test_1", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "Basic " + b64("user:password"), "100%", "AIzaSyD-abc_def", "",
	} {
		p := &recorder{}
		r := newRig(t, recording(p))
		got := r.do(t, "GET", "/v1/forward?u=https://api.openai.com/v1/models&x="+url.QueryEscape(value), "", "X-Own", value)
		require.Equal(t, 200, got.status, got.body)
		assert.Equal(t, value, p.header.Get("X-Own"))
		assert.Equal(t, "https://api.openai.com/v1/models?x="+url.QueryEscape(value), p.url)
	}
}

// A credential can't be removed from a path, so the request is rejected; and so is "..", which would lead out of the
// path of an upstream.
func TestPathsThatAreRejected(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"/v1/forward?u=https://api.openai.com/v1/" + goodKey,
		"/v1/forward?u=https://api.openai.com/v1/" + b64(`{"secret_key":"`+goodKey+`"}`),
		"/v1/forward?u=https://api.openai.com/v1/" + b64(b64(`{"secret_key":"`+goodKey+`"}`)+":"),
		"/v1/forward?u=https://api.openai.com/v1/../../admin",
		"/v1/forward?u=https://api.openai.com/v1/..;/admin",
		"/v1/forward?u=https://api.openai.com/v1/..;x=1/admin",
		"/v1/forward?u=https://api.openai.com/v1/..%253b/admin",
		"/v1/forward?u=https://api.openai.com/v1/%2e%2e/admin",
		"/v1/forward?u=https://api.openai.com/v1/%252e%252e%252fadmin",
		"/v1/forward?u=https://api.openai.com/v1/..%255cadmin",
		"/v1/rewrite/openai/https://api.openai.com/../admin",
	} {
		p := &recorder{}
		r := newRig(t, recording(p))
		got := r.do(t, "GET", target, "")
		assert.Equal(t, 400, got.status, target)
		assert.Contains(t, got.body, "must not contain")
		assert.NotContains(t, got.body, goodKey)
		assert.Empty(t, p.url)
	}
	// A credential can't be removed from a host, either.
	own := token(map[string]any{"provider_key": "sk-mine"})
	for _, host := range []string{"aks_test_hidden.example.com", "x-aks_test_hidden"} {
		p := &recorder{}
		r := newRig(t, recording(p))
		got := r.do(t, "GET", "/v1/forward?u=https://"+host+"/v1", "", "Authorization", own)
		assert.Equal(t, 400, got.status, got.body)
		assert.Empty(t, p.url)
	}
	// A model's name may be part of a path.
	p := &recorder{}
	r := newRig(t, recording(p))
	got := r.do(t, "POST", "/v1/rewrite/openai/https://bedrock-runtime.us-east-1.amazonaws.com/v1/chat/completions", strings.Replace(chatBody, "gpt-4o-mini", "../../x", 1))
	assert.Equal(t, 400, got.status, got.body)
	assert.Empty(t, p.url)
}
