package mockserver_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// mistake is a mistake that a newcomer to Lava makes, as the application sends it.
type mistake struct {
	name   string
	method string
	path   string
	body   string
	hint   string            // part of the hint
	header map[string]string // instead of the server's key
	status int               // 0 is any error status
}

// bearer is a header with a credential.
func bearer(key string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + key}
}

// token returns a forward token with any fields.
func token(fields string) string { return base64.StdEncoding.EncodeToString([]byte(fields)) }

// mistakes are those that can be made with an account. Sources: what Lava's documentation and SDKs spell differently
// from similar APIs, and reports about other APIs.
func mistakes(t *testing.T, s *account, other *mockserver.Merchant) []mistake {
	t.Helper()
	key := s.SecretKey()
	billed, err := s.GenerateForwardToken(lava.ForCustomer{CustomerID: s.customer, MeterSlug: s.meter.MeterSlug})
	require.NoError(t, err)
	spendKey, err := s.SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{Name: "Narrow", AllowedModels: lava.Set([]string{"gpt-4o-mini"})})
	require.NoError(t, err)
	deleted, err := s.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "gone"})
	require.NoError(t, err)
	require.NoError(t, s.Customers.Delete(t.Context(), deleted.CustomerID))
	broke, err := s.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "broke"})
	require.NoError(t, err)
	foreign := sendAs(t, s.Server, other.SecretKey(), "POST", "/v1/customers", `{"reference_id":"theirs"}`).object(t)["customer_id"].(string)

	const chat = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
	const hello = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}`
	return []mistake{
		// Paths.
		{name: "no version", method: "GET", path: "/meters", hint: "the API is below /v1: use GET /v1/meters"},
		{name: "version twice", method: "GET", path: "/v1/v1/meters", hint: "/v1 appears twice"},
		{name: "Anthropic's SDK with /v1", method: "POST", path: "/v1/v1/messages", body: hello, hint: "Anthropic's SDKs need a base URL without /v1"},
		{name: "OpenAI's SDK without /v1", method: "POST", path: "/chat/completions", body: hello, hint: "the API is below /v1: use POST /v1/chat/completions"},
		{name: "another prefix", method: "GET", path: "/api/v1/customers", hint: "use GET /v1/customers"},
		{name: "two slashes", method: "GET", path: "//v1/meters", hint: "remove the slash at the end of the base URL"},
		{name: "singular", method: "POST", path: "/v1/customer", body: `{}`, hint: "use POST /v1/customers"},
		{name: "hyphen", method: "POST", path: "/v1/checkout-sessions", body: `{}`, hint: "use POST /v1/checkout_sessions"},
		{name: "camelCase path", method: "GET", path: "/v1/secretKeys", hint: "use GET /v1/secret_keys"},
		{name: "slash at the end", method: "GET", path: "/v1/meters/", hint: "use GET /v1/meters"},
		{name: "plans as in the Node SDK", method: "GET", path: "/v1/subscriptions/plans", hint: "use /v1/plans"},
		{name: "balance", method: "GET", path: "/v1/balance", hint: "use GET /v1/wallet"},
		{name: "sessions as at Stripe", method: "POST", path: "/v1/checkout/sessions", body: `{}`, hint: "use POST /v1/checkout_sessions"},
		{name: "PUT instead of PATCH", method: "PUT", path: "/v1/customers/" + s.customer, body: `{}`, hint: "use PATCH /v1/customers/{id}"},
		{name: "POST instead of PATCH, as at Stripe", method: "POST", path: "/v1/meters/" + s.meter.MeterID, body: `{}`, hint: "use PATCH /v1/meters/{id}"},
		{name: "GET of a chat", method: "GET", path: "/v1/chat/completions", hint: "use POST /v1/chat/completions"},
		{name: "responses by the model", method: "POST", path: "/v1/responses", body: `{}`, hint: "/v1/forward?u=https://api.openai.com/v1/responses"},
		{name: "embeddings by the model", method: "POST", path: "/v1/embeddings", body: `{}`, hint: "/v1/forward?u=https://api.openai.com/v1/embeddings"},
		{name: "empty id", method: "GET", path: "/v1/customers//subscription", hint: "an id is missing between two slashes"},
		{name: "undefined id", method: "GET", path: "/v1/customers/undefined", hint: "a variable was not set"},
		{name: "placeholder", method: "GET", path: "/v1/meters/%7Bid%7D", hint: "a variable was not set"},

		// Credentials.
		{name: "no key", method: "GET", path: "/v1/meters", header: map[string]string{}, hint: "send the secret key in the header Authorization: Bearer aks_test_"},
		{name: "no Bearer", method: "GET", path: "/v1/meters", header: map[string]string{"Authorization": key}, hint: "the word Bearer is missing"},
		{name: "basic", method: "GET", path: "/v1/meters", header: map[string]string{"Authorization": "Basic " + token(key+":")}, hint: "does not accept basic authentication"},
		{name: "empty key", method: "GET", path: "/v1/meters", header: map[string]string{"Authorization": "Bearer "}, hint: "nothing follows Bearer"},
		{name: "x-api-key", method: "GET", path: "/v1/meters", header: map[string]string{"X-Api-Key": key}, hint: "not in the header X-Api-Key"},
		{name: "live key", method: "GET", path: "/v1/meters", header: bearer("aks_live_0123456789"), hint: "this is a live key"},
		{name: "live key at the gateway", method: "POST", path: chat, body: hello, header: bearer("aks_live_0123456789"), hint: "this is a live key"},
		{name: "spend key", method: "GET", path: "/v1/meters", header: bearer(spendKey.Key.Reveal()), hint: "this is a spend key"},
		{name: "forward token", method: "GET", path: "/v1/meters", header: bearer(billed.Reveal()), hint: "this is a forward token"},
		{name: "OpenAI's key", method: "GET", path: "/v1/meters", header: bearer("sk-proj-0123456789"), hint: "this is a provider's key"},
		{name: "OpenAI's key at the gateway", method: "POST", path: chat, body: hello, header: bearer("sk-proj-0123456789"), hint: "put this key into the token as provider_key"},
		{name: "Anthropic's key in its header", method: "POST", path: chat, body: hello, header: map[string]string{"X-Api-Key": "sk-ant-0123456789"}, hint: "this is a provider's key"},
		{name: "webhook's secret", method: "GET", path: "/v1/meters", header: bearer("whsec_0123456789"), hint: "this is a webhook's secret"},
		{name: "Stripe's key", method: "GET", path: "/v1/meters", header: bearer("sk_test_0123456789"), hint: "this is a Stripe key"},
		{name: "key of another server", method: "GET", path: "/v1/meters", header: bearer("aks_test_of_another"), hint: "unknown here"},
		{name: "quoted key", method: "GET", path: "/v1/meters", header: bearer(`"` + key + `"`), hint: "in quotes"},
		{name: "variable that was not expanded", method: "GET", path: "/v1/meters", header: bearer("$LAVA_SECRET_KEY"), hint: "the name of a variable was sent"},
		{name: "undefined key", method: "GET", path: "/v1/meters", header: bearer("undefined"), hint: "the name of a variable was sent"},
		{name: "token that isn't encoded", method: "POST", path: chat, body: hello, header: bearer(`{"secret_key":"` + key + `"}`), hint: "must be in base64"},
		{name: "token with camelCase", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","customerId":"` + s.customer + `"}`)), hint: `snake_case: "customer_id"`},
		{name: "token with another key", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"aks_test_of_another"}`)), hint: "its secret_key is unknown here"},
		{name: "token without meter", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","customer_id":"` + s.customer + `"}`)), hint: "add meter_slug"},
		{name: "provider_key of Lava's", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","provider_key":"` + key + `"}`)), hint: "leave it out to let Lava pay"},

		// Where a request goes.
		{name: "u without scheme", method: "POST", path: "/v1/forward?u=api.openai.com/v1/chat/completions", body: hello, hint: "write u=https://api.openai.com/v1/chat/completions"},
		{name: "a provider's base URL", method: "POST", path: "/v1/forward?u=https://api.openai.com/v1", body: hello, hint: "as in https://api.openai.com/v1/chat/completions"},
		{name: "GET at the provider", method: "GET", path: "/v1/forward?u=https://api.openai.com/v1/embeddings", hint: "api.openai.com takes POST at /v1/embeddings, not GET"},
		{name: "u by http", method: "POST", path: "/v1/forward?u=http://api.openai.com/v1/chat/completions", body: hello, hint: "write https:// in u"},
		{name: "u encoded twice", method: "POST", path: "/v1/forward?u=https%253A%252F%252Fapi.openai.com%252Fv1%252Fchat%252Fcompletions", body: hello, hint: "encoded twice"},
		{name: "url instead of u", method: "POST", path: "/v1/forward?url=https://api.openai.com/v1/chat/completions", body: hello, hint: "the parameter is called u"},
		{name: "URL in the path", method: "POST", path: "/v1/forward/https://api.openai.com/v1/chat/completions", body: hello, hint: "is the parameter u"},
		{name: "no u", method: "POST", path: "/v1/forward", body: hello, hint: "/v1/forward?u=https://"},
		{name: "misspelled host", method: "POST", path: "/v1/forward?u=https://api.opena.com/v1/chat/completions", body: hello, hint: `did you mean the host "api.openai.com"?`},
		{name: "u is Lava", method: "POST", path: "/v1/forward?u=https://api.lava.so/v1/chat/completions", body: hello, hint: "not Lava's own"},
		{name: "rewrite without format", method: "POST", path: "/v1/rewrite/https://api.anthropic.com/v1/messages", body: hello, hint: "/v1/rewrite/openai/https://"},
		{name: "what the provider's rule requires", method: "POST", path: "/v1/forward?u=https://api.anthropic.com/v1/messages", body: `{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}`, hint: "The header `anthropic-version` is sent, such as `anthropic-version: 2023-06-01`. The option Lenient(\"anthropic.version-header\") accepts it"},
		{name: "misspelled path of the provider", method: "POST", path: "/v1/forward?u=https://api.openai.com/v1/chat/completion", body: hello, hint: "did you mean /v1/chat/completions?"},
		{name: "model of another provider", method: "POST", path: chat, body: strings.Replace(hello, "gpt-4o-mini", "claude-sonnet-4-5", 1), hint: "is a model of Anthropic: send the request to api.anthropic.com"},
		{name: "misspelled model", method: "POST", path: "/v1/chat/completions", body: strings.Replace(hello, "gpt-4o-mini", "gpt-4o-minni", 1), hint: `did you mean the model "gpt-4o-mini"?`},
		{name: "model with its provider", method: "POST", path: "/v1/chat/completions", body: strings.Replace(hello, "gpt-4o-mini", "openai/gpt-4o-minni", 1), hint: "leave out the provider before"},
		{name: "no model", method: "POST", path: "/v1/chat/completions", body: `{"messages":[]}`, hint: "name the model in the body"},
		{name: "request that the provider rejects", method: "POST", path: chat, body: `{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"1","content":"x"}]}`, hint: `Lenient("openai.tool-message")`},
		{name: "model that the key excludes", method: "POST", path: "/v1/chat/completions", body: strings.Replace(hello, "gpt-4o-mini", "gpt-4o", 1), header: bearer(spendKey.Key.Reveal()), hint: "allowed_models"},
		{name: "key of another format", method: "POST", path: "/v1/messages", body: hello, header: bearer(spendKey.Key.Reveal()), hint: "one request_shape"},
		{name: "customer without credit", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","customer_id":"` + broke.CustomerID + `","meter_slug":"chat"}`)), hint: "complete a checkout"},

		// Ids.
		{name: "subscription's id", method: "GET", path: "/v1/customers/" + s.subscription, hint: "its customer is " + s.customer},
		{name: "plan's id for a meter", method: "GET", path: "/v1/meters/" + s.plan.PlanID, hint: "this is the id of a plan"},
		{name: "meter's slug for its id", method: "GET", path: "/v1/meters/chat", hint: "the slug of the meter " + s.meter.MeterID},
		{name: "meter's slug in a plan", method: "POST", path: "/v1/plans", body: `{"name":"Pro","period_amount":"1","billing_interval":"month","meter_ids":["chat"]}`, hint: "the slug of the meter " + s.meter.MeterID},
		{name: "misspelled slug", method: "POST", path: "/v1/requests", body: `{"request_id":"r2","customer_id":"user_42","meter_slug":"chatt","input_tokens":1}`, hint: `did you mean "chat"?`},
		{name: "another merchant's customer", method: "GET", path: "/v1/customers/" + foreign, hint: "belongs to another merchant"},
		{name: "another merchant's reference id", method: "GET", path: "/v1/customers/theirs", hint: "another merchant of this server has"},
		{name: "another merchant's reference id in a token", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","customer_id":"theirs","meter_slug":"chat"}`)), hint: "another merchant of this server has"},
		{name: "deleted customer", method: "GET", path: "/v1/customers/" + deleted.CustomerID, hint: "has been deleted"},
		{name: "deleted customer in a token", method: "POST", path: chat, body: hello, header: bearer(token(`{"secret_key":"` + key + `","customer_id":"` + deleted.CustomerID + `","meter_slug":"chat"}`)), hint: "has been deleted"},
		{name: "customer of an earlier run", method: "GET", path: "/v1/customers/con_test_01KDVDNA000000000AHTRCKQNA", hint: "an earlier run"},
		{name: "live id", method: "GET", path: "/v1/customers/con_01KDVDNA000000000AHTRCKQNA", hint: "live-mode"},
		{name: "customer who was never created", method: "GET", path: "/v1/customers/user_43", hint: "create one with that reference_id"},

		// Bodies.
		{name: "form", method: "POST", path: "/v1/customers", body: `name=Ada&email=ada@example.com`, hint: "the body is a form: send JSON"},
		{name: "no body", method: "POST", path: "/v1/customers", hint: "send a JSON object"},
		{name: "parameters in the query", method: "POST", path: "/v1/meters?name=Chat", hint: "the parameters are in the query"},
		{name: "encoded twice", method: "POST", path: "/v1/customers", body: `"{\"name\":\"Ada\"}"`, hint: "encoded twice"},
		{name: "list", method: "POST", path: "/v1/customers", body: `[{"name":"Ada"}]`, hint: "send one object per request"},
		{name: "printed instead of encoded", method: "POST", path: "/v1/customers", body: `{'name':'Ada'}`, hint: "printed, not encoded"},
		{name: "comma at the end", method: "POST", path: "/v1/customers", body: `{"name":"Ada",}`, hint: "a comma before a closing bracket"},
		{name: "camelCase", method: "POST", path: "/v1/customers", body: `{"referenceId":"user_44"}`, hint: `snake_case: "reference_id"`, status: 201},
		{name: "misspelled field", method: "POST", path: "/v1/customers", body: `{"emial":"ada@example.com"}`, hint: `did you mean "email"?`, status: 201},
		{name: "misspelled required field", method: "POST", path: "/v1/meters", body: `{"nam":"Chat","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":"1"}]}`, hint: `did you mean "name"?`},
		{name: "misspelled field of a tier", method: "POST", path: "/v1/meters", body: `{"name":"Chat","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","price":"1"}]}`, hint: `there are start, rate (in tiers)`},
		{name: "cents", method: "POST", path: "/v1/wallet/fund", body: `{"payment_method_id":"` + s.paymentCard + `","amount":2000}`, hint: `"20.00" if 2000 are cents`},
		{name: "number instead of a string", method: "POST", path: "/v1/plans", body: `{"name":"Pro","period_amount":49.5,"billing_interval":"month"}`, hint: `"49.5" instead of 49.5`},
		{name: "currency", method: "POST", path: "/v1/plans", body: `{"name":"Pro","period_amount":"$49","billing_interval":"month"}`, hint: "leave the currency out"},
		{name: "decimal comma", method: "POST", path: "/v1/plans", body: `{"name":"Pro","period_amount":"49,50","billing_interval":"month"}`, hint: "use a decimal point"},
		{name: "monthly", method: "POST", path: "/v1/plans", body: `{"name":"Pro","period_amount":"49","billing_interval":"monthly"}`, hint: `Lava calls it "month"`},
		{name: "capitals", method: "POST", path: "/v1/meters", body: `{"name":"Chat","rate_type":"FIXED","tier_type":"requests","tiers":[{"start":"0","rate":"1"}]}`, hint: `Lava calls it "fixed"`},
		{name: "unit", method: "POST", path: "/v1/meters", body: `{"name":"Chat","rate_type":"fixed","tier_type":"tokens","tiers":[{"start":"0","rate":"1"}]}`, hint: `Lava calls it "tokens_1m"`},
		{name: "tiers from their end", method: "POST", path: "/v1/meters", body: `{"name":"Chat","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"100","rate":"1"}]}`, hint: "the first tier must start at"},
		{name: "webhook without scheme", method: "POST", path: "/v1/webhooks", body: `{"name":"Hook","url":"app.example.com/hook"}`, hint: `"https://app.example.com/hook"`},
		{name: "origin without scheme", method: "POST", path: "/v1/checkout_sessions", body: `{"checkout_mode":"subscription","origin_url":"app.example.com","plan_id":"` + s.plan.PlanID + `"}`, hint: `"https://app.example.com"`},
		{name: "phone without country", method: "POST", path: "/v1/customers", body: `{"phone":"555 1234"}`, hint: "+15551234567"},
		{name: "paid plan without checkout", method: "POST", path: "/v1/subscriptions", body: `{"customer_id":"user_42","plan_id":"` + s.plan.PlanID + `"}`, hint: "POST /v1/checkout_sessions"},
		{name: "metadata filters", method: "GET", path: `/v1/requests?metadata_filters={"team":"a"}`, hint: "a JSON array of pairs"},
		{name: "immutable field", method: "DELETE", path: "/v1/plans/" + s.plan.PlanID, hint: "cancel the subscribers first"},

		// Lists and times.
		{name: "limit", method: "GET", path: "/v1/requests?limit=1000", hint: "a page has 1 to 100 items"},
		{name: "limit of zero", method: "GET", path: "/v1/requests?limit=0", hint: "leave out limit"},
		{name: "id as cursor", method: "GET", path: "/v1/customers?cursor=" + s.customer, hint: "a cursor is not an id"},
		{name: "page as cursor", method: "GET", path: "/v1/customers?cursor=2!", hint: "pass the next_cursor"},
		{name: "usage without start", method: "GET", path: "/v1/usage", hint: "/v1/usage?start="},
		{name: "usage by another clock", method: "GET", path: "/v1/usage?start=2035-01-01", hint: "the server's clock is at 2026-01-01T00:00:00Z"},
		{name: "Unix time", method: "GET", path: "/v1/usage?start=1767225600", hint: "not a number of seconds"},
		{name: "expiry by another clock", method: "POST", path: "/v1/spend_keys", body: `{"name":"CI","expires_at":"2025-12-01T00:00:00Z"}`, hint: "the server's clock is at 2026-01-01T00:00:00Z"},
		{name: "unknown checkout", method: "GET", path: "/embed/checkout/css_test_0123456789", header: map[string]string{}, hint: "within 60 minutes"},
		{name: "browser", method: "OPTIONS", path: "/v1/customers", header: map[string]string{"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}, hint: "call Lava from your server"},
	}
}

// sendMistake sends a request as an application does, and returns the call.
func sendMistake(t *testing.T, s *mockserver.Server, m mistake) mockserver.Call {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), m.method, s.URL()+m.path, strings.NewReader(m.body))
	require.NoError(t, err)
	if m.header == nil {
		m.header = bearer(s.SecretKey())
	}
	for name, value := range m.header {
		req.Header.Set(name, value)
	}
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	all := s.Calls()
	return all[len(all)-1]
}

// Each mistake gets a hint that names the fix, both in the call and in its line, and the response stays Lava's.
func TestHints(t *testing.T) {
	t.Parallel()
	s := stock(t, mockserver.Start(t, mockserver.InMemory(), mockserver.At(newYear)))
	all := mistakes(t, s, s.NewMerchant())
	seen := map[string]bool{}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			call := sendMistake(t, s.Server, m)
			if m.status == 0 {
				assert.GreaterOrEqual(t, call.Status, 400)
			} else {
				assert.Equal(t, m.status, call.Status)
			}
			assert.Contains(t, call.Hint, m.hint, "%s", call)
			assert.Contains(t, call.String(), call.Hint)
			if call.Error != nil {
				assert.NotContains(t, string(call.ResponseBody()), call.Hint)
			}
			seen[call.Hint] = true
		})
	}
	assert.GreaterOrEqual(t, len(seen), 60, "different hints")
}

// Correct calls get no hint.
func TestNoHintWhereNothingIsWrong(t *testing.T) {
	t.Parallel()
	s := stock(t, mockserver.Start(t, mockserver.InMemory()))
	for name, m := range allMethods() {
		account := stock(t, mockserver.Start(t, mockserver.InMemory()))
		require.NoError(t, m.good(t, account.Client, account), name)
		assertNoHints(t, account.Calls())
	}
	assertNoHints(t, s.Calls())
}

func assertNoHints(t *testing.T, all mockserver.Calls) {
	t.Helper()
	for _, c := range all {
		if c.Rejected() {
			continue
		}
		assert.Empty(t, c.Hint, "%s", c)
	}
}

// Newcomers often get wrong whose wallet pays, and nothing rejects it.
func TestHintWhereNoCustomerPays(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	call := sendMistake(t, s, mistake{method: "POST", path: "/v1/chat/completions", body: chatBody})
	require.Equal(t, 200, call.Status)
	assert.Contains(t, call.Hint, "your own wallet pays for this, not a customer")
}

// A meter's id in place of its slug works in the mock; only the hint says that it is wrong.
func TestHintAtMeterIDs(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	shop := openShop(t, s)
	wrong, err := shop.client.GenerateForwardToken(lava.ForCustomer{CustomerID: shop.customer, MeterSlug: shop.meter.MeterID})
	require.NoError(t, err)
	require.Equal(t, 200, sendAs(t, s, wrong.Reveal(), "POST", chatPath, chatBody).status)
	calls := s.Calls().To("gateway.forward")
	assert.Contains(t, calls[0].Hint, "send the meter's meter_slug")

	like, err := shop.client.Meters.Create(t.Context(), lava.CreateMeterParams{
		Name: "Products", MeterSlug: "prd_chat", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Rate: dec("1")}},
	})
	require.NoError(t, err)
	right, err := shop.client.GenerateForwardToken(lava.ForMeter{MeterSlug: like.MeterSlug})
	require.NoError(t, err)
	require.Equal(t, 200, sendAs(t, s, right.Reveal(), "POST", chatPath, chatBody).status)
	calls = s.Calls().To("gateway.forward")
	assert.NotContains(t, calls[1].Hint, "a meter's id", "a slug may start like an id")
}

// An error armed by a test isn't the caller's mistake: the hint says so, and the call does not break what
// WithoutHints expects. The customer is known.
func TestHintAtWhatATestHasArmed(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	shop := openShop(t, s)
	s.Fail(mockserver.Failure{Endpoint: "gateway.forward", Customer: shop.customer, Status: 429, Times: 1})
	require.Equal(t, 429, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)
	failed := s.Calls().For(shop.customer).To("gateway.forward")
	require.Len(t, failed, 1)
	assert.Equal(t, "nothing is wrong with the call: a test armed this failure, status 429 before effect", failed[0].Hint)
	s.Calls().Verify(t, mockserver.WithoutHints())
}

// The hint recognizes a key that was used before with another body.
func TestHintAtAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	header := map[string]string{"Authorization": "Bearer " + s.SecretKey(), "Idempotency-Key": "7"}
	sendMistake(t, s, mistake{method: "POST", path: "/v1/customers", body: `{"name":"Ada"}`, header: header})
	call := sendMistake(t, s, mistake{method: "POST", path: "/v1/customers", body: `{"name":"Grace"}`, header: header})
	assert.Contains(t, call.Hint, "create a new key")
}

// A delayed record isn't missing.
func TestHintAtALateRecord(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.RecordDelay(time.Second))
	done := sendMistake(t, s, mistake{method: "POST", path: "/v1/chat/completions", body: chatBody})
	require.Equal(t, 200, done.Status)
	call := sendMistake(t, s, mistake{method: "GET", path: "/v1/requests/" + done.ID})
	assert.Contains(t, call.Hint, "Server.Advance")
}
