package mockserver_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// sent is a request that contains a secret, or whose response does.
type sent struct {
	place        string
	method, path string
	header       map[string]string
	body         string
	secrets      []string            // in the request
	shows        func(string) string // finds the secret in the response; nil if there is none
}

// fieldOf finds a field in a response.
func fieldOf(name string) func(string) string {
	return func(body string) string {
		_, rest, _ := strings.Cut(body, `"`+name+`":"`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
}

const (
	theControlToken = "control-0123456789abcdef"
	theProviderKey  = "provider-key-of-the-option"
	anOwnKey        = "sk-proj-own-0123456789"
	aGoogleKey      = "AIzaSyD-0123456789"
	aHookSecret     = "whsec_chosen-0123456789"
	aCookie         = "session=cookie-0123456789"
)

// places are where credentials travel.
func places(t *testing.T, s *account) []sent {
	t.Helper()
	key := s.SecretKey()
	auth := map[string]string{"Authorization": "Bearer " + key}
	forward := base64.StdEncoding.EncodeToString([]byte(`{"secret_key":"` + key + `","provider_key":"` + anOwnKey + `"}`))
	turned := base64.StdEncoding.EncodeToString([]byte(`{"disable_billing":true,"secret_key":"` + key + `"}`))
	spend, err := s.SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{Name: "Rotated"})
	require.NoError(t, err)
	session, err := s.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: s.plan.PlanID,
	})
	require.NoError(t, err)
	raw, err := base64.StdEncoding.DecodeString(session.CheckoutSessionToken.Reveal())
	require.NoError(t, err)
	checkout := fieldOf("secret")(string(raw))
	require.NotEmpty(t, checkout)

	const chat = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
	const gemini = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
	const askGemini = `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}]}`
	with := func(more ...string) map[string]string {
		h := map[string]string{"Authorization": "Bearer " + key}
		for i := 0; i < len(more); i += 2 {
			h[more[i]] = more[i+1]
		}
		return h
	}
	all := []sent{
		{place: "secret key", method: "GET", path: "/v1/meters", header: auth, secrets: []string{key}},
		{place: "unknown key", method: "GET", path: "/v1/meters", header: bearer("aks_test_unknown-0123456789"), secrets: []string{"aks_test_unknown-0123456789"}},
		{place: "live key", method: "GET", path: "/v1/meters", header: bearer("aks_live_0123456789abcd"), secrets: []string{"aks_live_0123456789abcd"}},
		{place: "key without Bearer", method: "GET", path: "/v1/meters", header: map[string]string{"Authorization": anOwnKey}, secrets: []string{anOwnKey}},
		{place: "key in a path", method: "GET", path: "/v1/customers/" + key, header: auth, secrets: []string{key}},
		{place: "key in an encoded path", method: "GET", path: "/v1/customers/" + strings.ReplaceAll(key, "_", "%255F"), header: auth, secrets: []string{key, strings.ReplaceAll(key, "_", "%255F"), strings.ReplaceAll(key, "_", "%5F")}},
		{place: "token in a path", method: "GET", path: "/v1/customers/" + url.PathEscape(turned), header: auth, secrets: []string{turned, url.PathEscape(turned)}},
		{place: "key in the query", method: "GET", path: "/v1/meters?key=" + anOwnKey, header: auth, secrets: []string{anOwnKey}},
		{place: "key in a field", method: "POST", path: "/v1/customers", header: auth, body: `{"name":"` + key + `"}`, secrets: []string{key}},
		{place: "key as a field", method: "POST", path: "/v1/customers", header: auth, body: `{"` + key + `":"x"}`, secrets: []string{key}},
		{place: "token in a field", method: "POST", path: "/v1/customers", header: auth, body: `{"name":"` + turned + `"}`, secrets: []string{turned}},
		{place: "idempotency key", method: "POST", path: "/v1/customers", header: with("Idempotency-Key", key), body: `{}`, secrets: []string{key}},
		{place: "auth code", method: "POST", path: "/v1/auth/callback", body: `{"code":"code-0123456789"}`, secrets: []string{"code-0123456789"}},
		{place: "auth code in a field with escapes", method: "POST", path: "/v1/auth/callback", body: `{"c\u006fde":"code-9876543210"}`, secrets: []string{"code-9876543210"}},
		{place: "key with escapes", method: "POST", path: "/v1/customers", header: auth, body: `{"name":"` + strings.ReplaceAll(key, "_", `\u005f`) + `"}`, secrets: []string{key, strings.ReplaceAll(key, "_", `\u005f`)}},
		{place: "control token with escapes in a prompt", method: "POST", path: chat, header: auth, body: `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"\u0063` + theControlToken[1:] + `"}]}`, secrets: []string{theControlToken, `\u0063` + theControlToken[1:]}},
		{place: "key with escapes in a prompt", method: "POST", path: chat, header: auth, body: `{"model":"gpt-4o-mini","messages":[{"role":"system","content":"aks\u005ftest_` + key[9:] + `"},{"role":"user","content":"wh\u0073ec_ABCDEFGHIJ"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":\"aks\\u005ftest_` + key[9:] + `\"}"}}]},{"role":"tool","tool_call_id":"c","content":"{\"b\":\"aks\\u005ftest_` + key[9:] + `\"}"}],"tools":[{"type":"function","function":{"name":"f","description":"aks\u005ftest_` + key[9:] + `","parameters":{"type":"object","properties":{"x":{"type":"string","description":"aks\u005ftest_` + key[9:] + `"}}}}}]}`, secrets: []string{key, key[9:], "ABCDEFGHIJ"}},
		{place: "URL of a webhook", method: "POST", path: "/v1/webhooks", header: auth, body: `{"name":"","url":"https://hooks.example.com/x?token=chosen-0-0123456789"}`, secrets: []string{"chosen-0-0123456789"}},
		{place: "field with escapes", method: "POST", path: "/v1/webhooks", header: auth, body: `{"name":"a","webhook\u005fsecret":"chosen-1-0123456789"}`, secrets: []string{"chosen-1-0123456789"}},
		{place: "field in another case", method: "POST", path: "/v1/webhooks", header: auth, body: `{"name":"a","Webhook_Secret": "chosen-2-0123456789"}`, secrets: []string{"chosen-2-0123456789"}},
		{place: "number in a field", method: "POST", path: "/v1/webhooks", header: auth, body: `{"number" : 4000056655665556}`, secrets: []string{"4000056655665556"}},
		{place: "list in a field", method: "POST", path: "/v1/webhooks", header: auth, body: `{"secret":["chosen-3-0123456789"]}`, secrets: []string{"chosen-3-0123456789"}},
		{place: "field of a wrong path", method: "POST", path: "/v1/webhook", header: auth, body: `{"webhook_secret":"chosen-4-0123456789"}`, secrets: []string{"chosen-4-0123456789"}},
		{place: "body cut off", method: "POST", path: "/v1/webhooks", header: auth, body: `{"name":"a","webhook_secret":"chosen-5-0123456789`, secrets: []string{"chosen-5-0123456789"}},
		{place: "body printed", method: "POST", path: "/v1/webhooks", header: auth, body: `{'webhook_secret': 'chosen-6-0123456789'}`, secrets: []string{"chosen-6-0123456789"}},
		{place: "form with escapes", method: "POST", path: "/v1/webhooks", header: auth, body: `a=b;web%68ook_secret=chosen-7-0123456789`, secrets: []string{"chosen-7-0123456789"}},
		{place: "query with a bad escape", method: "GET", path: "/v1/customers?x=%zz%61%6b%73_test_" + key[9:], header: auth, secrets: []string{key, key[9:]}},
		{place: "query with semicolons", method: "GET", path: "/v1/customers?a=1;key=" + anOwnKey + "8", header: auth, secrets: []string{anOwnKey + "8"}},
		{place: "provider's key in a u encoded twice", method: "GET", path: "/v1/customers?u=https%253A%252F%252Fx.example%253Fkey%253D" + aGoogleKey + "8", header: auth, secrets: []string{aGoogleKey + "8"}},
		{place: "encoded idempotency key", method: "POST", path: "/v1/customers", header: with("Idempotency-Key", "aks%5ftest_"+key[9:]), body: `{}`, secrets: []string{key[9:]}},
		{place: "new secret key", method: "POST", path: "/v1/secret_keys", header: auth, body: `{"name":"CI"}`, shows: fieldOf("secret_key")},
		{place: "new spend key", method: "POST", path: "/v1/spend_keys", header: auth, body: `{"name":"CI"}`, shows: fieldOf("key")},
		{place: "rotated spend key", method: "POST", path: "/v1/spend_keys/" + spend.SpendKeyID + "/rotate", header: auth, body: `{}`, shows: fieldOf("key")},
		{place: "new webhook", method: "POST", path: "/v1/webhooks", header: auth, body: `{"name":"Hook","url":"https://app.example.com/2"}`, shows: fieldOf("webhook_secret")},
		{place: "checkout session", method: "POST", path: "/v1/checkout_sessions", header: auth, body: `{"checkout_mode":"subscription","origin_url":"https://app.example.com","plan_id":"` + s.plan.PlanID + `"}`, shows: fieldOf("checkout_session_token")},
		{place: "checkout page", method: "GET", path: "/embed/checkout/" + checkout, secrets: []string{checkout}},
		{place: "card", method: "POST", path: "/embed/checkout/" + checkout + "/pay", header: map[string]string{"Origin": s.URL()}, body: `{"phone":"+15551234567","code":"000000","number":"4242424242424242","expiry":"12/34","cvc":"9753"}`, secrets: []string{checkout, "4242424242424242", `"9753"`}},
		{place: "login with the control token", method: "POST", path: "/auth/connect", header: map[string]string{"Origin": s.URL(), "Content-Type": "application/x-www-form-urlencoded"}, body: "state=s&port=9999&as=" + "new" + "&token=" + theControlToken, secrets: []string{theControlToken}},
		{place: "control token in a field", method: "POST", path: "/v1/customers", header: auth, body: `{"name":"` + theControlToken + `"}`, secrets: []string{theControlToken}},

		{place: "forward token", method: "POST", path: chat, header: bearer(forward), body: chatBody, secrets: []string{key, forward, anOwnKey}},
		{place: "forward token in x-api-key", method: "POST", path: "/v1/forward?u=https://api.anthropic.com/v1/messages", header: map[string]string{"X-Api-Key": forward}, body: chatBody, secrets: []string{key, forward, anOwnKey}},
		{place: "forward token in x-goog-api-key", method: "POST", path: gemini, header: map[string]string{"X-Goog-Api-Key": forward}, body: askGemini, secrets: []string{key, forward, anOwnKey}},
		{place: "forward token in the query", method: "POST", path: gemini + "&key=" + url.QueryEscape(forward), body: askGemini, secrets: []string{key, forward, url.QueryEscape(forward), anOwnKey}},
		{place: "forward token in xi-api-key", method: "GET", path: "/v1/forward?u=https://api.elevenlabs.io/v1/voices", header: map[string]string{"Xi-Api-Key": forward}, secrets: []string{key, forward, anOwnKey}},
		{place: "api-key", method: "POST", path: chat, header: with("Api-Key", anOwnKey), body: chatBody, secrets: []string{anOwnKey}},
		{place: "provider's key in u", method: "POST", path: gemini + "?key=" + aGoogleKey, header: auth, body: askGemini, secrets: []string{aGoogleKey}},
		{place: "provider's key in an encoded u", method: "POST", path: "/v1/forward?u=" + url.QueryEscape("https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key="+aGoogleKey), header: auth, body: askGemini, secrets: []string{aGoogleKey}},
		{place: "provider's key in a rewrite", method: "POST", path: "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions?api_key=" + anOwnKey, header: auth, body: chatBody, secrets: []string{anOwnKey}},
		{place: "three secrets in an encoded u", method: "POST", path: "/v1/forward?u=" + url.QueryEscape("https://api.openai.com/v1/chat/completions?token=chosen-8-0123456789&sig=chosen-9-0123456789&x=whsec_0123456789ab"), header: auth, body: chatBody, secrets: []string{"chosen-8-0123456789", "chosen-9-0123456789", "0123456789ab"}},
		{place: "tokens of MCP servers", method: "POST", path: "/v1/forward?u=https://api.openai.com/v1/responses", header: auth, body: `{"model":"gpt-4o-mini","input":"Hi","tools":[{"type":"mcp","server_label":"a","server_url":"https://mcp.example.com","authorization":"chosen-10-0123456789","headers":{"Authorization":"Bearer chosen-11-0123456789"}}],"mcp_servers":[{"authorization_token":"chosen-12-0123456789"}]}`, secrets: []string{"chosen-10-0123456789", "chosen-11-0123456789", "chosen-12-0123456789"}},
		{place: "password in u", method: "POST", path: "/v1/forward?u=https://me:password-0123@api.openai.com/v1/chat/completions", header: auth, body: chatBody, secrets: []string{"password-0123"}},
		{place: "password in an encoded u", method: "POST", path: "/v1/forward?u=" + url.QueryEscape("https://me:password-0123@api.openai.com/v1/chat/completions"), header: auth, body: chatBody, secrets: []string{"password-0123"}},
		{place: "cookie", method: "POST", path: chat, header: with("Cookie", aCookie), body: chatBody, secrets: []string{aCookie, "cookie-0123456789"}},
		{place: "Amazon's token", method: "POST", path: chat, header: with("X-Amz-Security-Token", "amazon-0123456789"), body: chatBody, secrets: []string{"amazon-0123456789"}},
		{place: "provider's key by option", method: "POST", path: "/v1/forward?u=https://api.mistral.ai/v1/chat/completions", header: auth, body: `{"model":"mistral-small-latest","messages":[{"role":"user","content":"Hello"}]}`, secrets: []string{theProviderKey}},
		{place: "secret in a document", method: "POST", path: "/v1/forward?u=https://api.anthropic.com/v1/messages", header: with("Anthropic-Version", "2023-06-01"), body: `{"model":"claude-sonnet-4-5","max_tokens":10,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"` + key + `"}}]}]}`, secrets: []string{key, base64.StdEncoding.EncodeToString([]byte(key))}},
		{place: "secret in a prompt", method: "POST", path: chat, header: auth, body: `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"My key is ` + key + `"}]}`, secrets: []string{key}},
	}
	return all
}

// No output that shows calls reveals a secret, wherever it travels: each output is checked for each place.
func TestCallsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told strings.Builder
	log := &testLog{}
	server := mockserver.Start(log, mockserver.InMemory(), mockserver.ControlToken(theControlToken), mockserver.ProviderKey("mistral", theProviderKey),
		mockserver.OnCall(func(c mockserver.Call) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintln(&told, c, c.LogValue())
		}))
	s := stock(t, server)
	hook, err := s.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "Chosen", URL: "http://127.0.0.1:1/hook"})
	require.NoError(t, err)
	require.NoError(t, server.SetWebhookSecret(hook.WebhookID, aHookSecret))
	secrets := []string{aHookSecret}
	placed := map[string]string{aHookSecret: "chosen webhook secret"}
	for _, p := range places(t, s) {
		body := exchange(t, s.Server, p)
		if p.shows != nil {
			secret := p.shows(body)
			require.NotEmpty(t, secret, "%s: %s", p.place, body)
			p.secrets = append(p.secrets, secret)
		}
		for _, secret := range p.secrets {
			secrets = append(secrets, secret)
			placed[secret] = p.place
		}
	}
	log.Errorf("it has failed")

	all := s.Calls()
	var bodies, printed strings.Builder
	for _, c := range all {
		fmt.Fprintf(&bodies, "%v\n%s\n%v\n%s\n", c.RequestHeader(), c.RequestBody(), c.ResponseHeader(), c.ResponseBody())
		fmt.Fprintf(&printed, "%+v %#v %s %q %+v\n", c, c, c.Hint, c.Path, c.Error)
	}
	for _, c := range s.ProviderCalls() {
		fmt.Fprintf(&bodies, "%s %v %s %+v\n", c.URL, c.Header, c.Body(), c.Conversation)
		fmt.Fprintf(&printed, "%+v %#v\n", c, c)
	}
	fmt.Fprintf(&printed, "%+v %#v", struct{ all mockserver.Calls }{all}, struct{ tries []mockserver.ProviderCall }{s.ProviderCalls()})
	var control strings.Builder
	for _, path := range []string{"/_mock/calls", "/_mock/provider_calls", "/_mock/events", "/_mock/deliveries", "/_mock/script", "/_mock/failures/unused", "/_mock/wait?for=call", "/_mock/wait?for=delivery"} {
		control.Write(send(t, s.Server, "GET", path, "").body)
	}
	for _, c := range all {
		control.Write(send(t, s.Server, "GET", "/_mock/calls/"+c.ID, "").body)
	}
	verified := strings.Join(failures(all, mockserver.Exactly(), mockserver.Accepted(), mockserver.Idempotent()), "\n")
	for _, f := range log.cleanups {
		f()
	}
	for sink, text := range map[string]string{
		"bodies": bodies.String(), "printed": printed.String(), "control": control.String(), "OnCall": told.String(),
		"the test's log": strings.Join(log.lines, "\n"), "Verify": verified,
	} {
		require.NotEmpty(t, text, sink)
		for _, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				assert.Fail(t, "a secret is shown", "%s, by %s: …%s…", placed[secret], sink, text[max(0, i-80):min(len(text), i+len(secret)+20)])
			}
		}
	}
	assert.Contains(t, bodies.String(), "Why is the sky blue?", "other text is shown")
}

// Armed failures, scripted replies and receivers' responses may contain secrets too.
func TestWhatIsArmedHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	log := &testLog{}
	s := mockserver.Start(log, mockserver.InMemory(), mockserver.ProviderKey("mistral", theProviderKey))
	const inURL = "url-0123456789"
	hook, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "App", URL: "https://app.example.com/hook?token=" + inURL})
	require.NoError(t, err)
	secrets := []string{s.SecretKey(), theProviderKey, hook.Secret.Reveal(), inURL}
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, "I have ", secrets[:3])
	})))
	for _, secret := range secrets[:3] {
		s.Script(mockserver.Reply{Text: strings.Repeat("x", 170) + secret, PromptContains: "never"})
		s.Fail(mockserver.Failure{Endpoint: "meters.create", Customer: secret, Status: 500})
		s.Decline(mockserver.Decline{Customer: secret})
		s.Fail(mockserver.Failure{Endpoint: "customers.create", Status: 500, Times: 1, Message: secret})
		require.Equal(t, 500, send(t, s, "POST", "/v1/customers", `{}`).status)
	}
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{}`).status)
	require.NoError(t, s.Settle(t.Context()))

	sinks := map[string]string{
		"Armed": fmt.Sprintf("%+v", s.Armed()), "Unused": fmt.Sprint(s.Unused()), "Calls": fmt.Sprint(s.Calls()), "Attempts": fmt.Sprintf("%+v", s.Deliveries()[0].Attempts),
	}
	for _, path := range []string{"script", "failures", "failures/unused", "calls", "deliveries", "wait?for=delivery"} {
		sinks[path] = string(send(t, s, "GET", "/_mock/"+path, "").body)
	}
	for _, f := range log.cleanups {
		f()
	}
	sinks["the test's log"] = strings.Join(log.lines, "\n")
	for sink, text := range sinks {
		require.NotEmpty(t, text, sink)
		for _, secret := range secrets {
			assert.NotContains(t, text, secret[:min(len(secret), 20)], sink) // nor the beginning of a truncated one
		}
	}
}

// A hint quotes an unknown field, which may be a key in the wrong place.
func TestHintsHoldNoKeysOfProviders(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.Lenient())
	send(t, s, "POST", "/v1/customers", `{"sk-ABCDEF0123456789":"x"}`)
	assert.Contains(t, s.Calls()[0].Hint, "[redacted]")
	assert.NotContains(t, s.Calls()[0].Hint, "ABCDEF")
}

// A text that could hide a secret too deeply is not shown, and long URIs and keys are truncated.
func TestLongURIsAreBounded(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	for _, query := range []string{"%" + strings.Repeat("25", 500_000) + "41", strings.Repeat("?x=", 300_000), strings.Repeat("x", 900<<10)} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/customers?x="+query, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+s.SecretKey())
		r.Header.Set("Idempotency-Key", strings.Repeat("k", 900<<10))
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	all := s.Calls()
	require.Len(t, all, 3)
	for _, c := range all {
		assert.LessOrEqual(t, len(c.Path), 8<<10)
		assert.Len(t, c.IdempotencyKey, 255)
	}
	assert.Equal(t, "/v1/customers?x=[redacted]", all[0].Path)
	assert.True(t, strings.HasSuffix(all[1].Path, "[redacted]"), all[1].Path)
}

func exchange(t *testing.T, s *mockserver.Server, p sent) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), p.method, s.URL()+p.path, strings.NewReader(p.body))
	require.NoError(t, err)
	for name, value := range p.header {
		req.Header.Set(name, value)
	}
	resp, err := (&http.Client{Transport: s.HTTPClient().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return string(body)
}
