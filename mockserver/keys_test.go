package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestSecretKeys(t *testing.T) {
	s := mockserver.Start(t)
	list := func() []any { return send(t, s, "GET", "/v1/secret_keys", "").object(t)["data"].([]any) }
	require.Equal(t, "Default", list()[0].(map[string]any)["name"])
	last := list()[0].(map[string]any)["secret_key_id"].(string)
	require.Equal(t, 409, send(t, s, "DELETE", "/v1/secret_keys/"+last, "").status, "the last one stays")

	made := send(t, s, "POST", "/v1/secret_keys", `{"name":"CI"}`).object(t)
	key := made["secret_key"].(string)
	require.True(t, strings.HasSuffix(key, made["secret_key_hint"].(string)))
	require.NotContains(t, list()[0], "secret_key", "shown once")
	require.Equal(t, 200, sendAs(t, s, key, "GET", "/v1/meters", "").status)
	require.Equal(t, 200, sendAs(t, s, key, "DELETE", "/v1/secret_keys/"+made["secret_key_id"].(string), "").status)
	require.Equal(t, 401, sendAs(t, s, key, "GET", "/v1/meters", "").status, "revoked at once")
}

func TestWebhookLimit(t *testing.T) {
	s := mockserver.Start(t)
	var id string
	for range 3 {
		a := send(t, s, "POST", "/v1/webhooks", `{"name":"a","url":"https://a.example/hook"}`)
		require.Equal(t, 201, a.status)
		require.Regexp(t, `^whsec_`, a.object(t)["webhook_secret"])
		id = a.object(t)["webhook_id"].(string)
	}
	require.Equal(t, 409, send(t, s, "POST", "/v1/webhooks", `{"name":"a","url":"https://a.example/hook"}`).status)
	require.NotContains(t, string(send(t, s, "GET", "/v1/webhooks/"+id, "").body), "whsec_")
	require.Equal(t, "b", send(t, s, "PATCH", "/v1/webhooks/"+id, `{"name":"b"}`).object(t)["name"])
	require.Equal(t, 400, send(t, s, "PATCH", "/v1/webhooks/"+id, `{"url":"ftp://a"}`).status)
	require.Equal(t, true, send(t, s, "DELETE", "/v1/webhooks/"+id, "").object(t)["deleted"])
	require.Equal(t, 404, send(t, s, "GET", "/v1/webhooks/"+id, "").status)
}

func TestWallet(t *testing.T) {
	s := mockserver.Start(t)
	require.Equal(t, "1000.00", send(t, s, "GET", "/v1/wallet", "").object(t)["balance"])
	method := send(t, s, "GET", "/v1/payment_methods", "").object(t)["data"].([]any)[0].(map[string]any)
	require.Equal(t, "4242", method["last4"])
	fund := func(id, amount string) answer {
		return send(t, s, "POST", "/v1/wallet/fund", fmt.Sprintf(`{"payment_method_id":%q,"amount":%q}`, id, amount))
	}
	id := method["payment_method_id"].(string)
	a := fund(id, "50.00")
	require.Equal(t, "completed", a.object(t)["status"])
	require.Equal(t, "1050.00", a.object(t)["balance"])
	for _, amount := range []string{"9.99", "10000.01", "", "fifty", "10.001"} {
		require.Equal(t, 400, fund(id, amount).status, amount)
	}
	require.Equal(t, 404, fund("pm_test_nope", "50").status)
}

func TestAFundingThatMustBeConfirmed(t *testing.T) {
	s := mockserver.Start(t, mockserver.WalletCard("4000 0027 6000 3184"))
	method := send(t, s, "GET", "/v1/payment_methods", "").object(t)["data"].([]any)[0].(map[string]any)
	a := send(t, s, "POST", "/v1/wallet/fund", fmt.Sprintf(`{"payment_method_id":%q,"amount":"50"}`, method["payment_method_id"]))
	require.Equal(t, "requires_action", a.object(t)["status"])
	require.NotContains(t, a.object(t), "balance")
	require.True(t, s.Payments()[0].Pending)
	balance := func() any { return send(t, s, "GET", "/v1/wallet", "").object(t)["balance"] }
	require.Equal(t, "1000.00", balance(), "not before it is confirmed")

	page := a.object(t)["redirect_url"].(string)
	path := strings.TrimPrefix(page, s.URL())
	require.Contains(t, string(send(t, s, "GET", path, "").body), "Pay $50.00")
	require.Equal(t, 403, send(t, s, "POST", path, "").status, "only from the page itself")
	for range 2 { // a second click changes nothing
		req, err := http.NewRequestWithContext(t.Context(), "POST", page, nil)
		require.NoError(t, err)
		req.Header.Set("Origin", s.URL())
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "1050.00", balance())
	}
	require.Equal(t, 404, send(t, s, "GET", "/wallet/confirm/pay_test_none", "").status)
	_, err := mockserver.New(mockserver.WalletCard("4111 1111 1111 1111"))
	require.Error(t, err)
}

func TestTheFallbackChainIsKept(t *testing.T) {
	s := mockserver.Start(t)
	require.Nil(t, send(t, s, "GET", "/v1/account/fallback", "").object(t)["fallback_chain"])
	chain := `[{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"}]`
	require.Equal(t, 200, send(t, s, "PATCH", "/v1/account/fallback", `{"fallback_chain":`+chain+`}`).status)
	require.JSONEq(t, `{"fallback_chain":`+chain+`}`, string(send(t, s, "GET", "/v1/account/fallback", "").body))
	require.Equal(t, 200, send(t, s, "PATCH", "/v1/account/fallback", `{"fallback_chain":null}`).status)
	require.Nil(t, send(t, s, "GET", "/v1/account/fallback", "").object(t)["fallback_chain"])
	require.Equal(t, 400, send(t, s, "PATCH", "/v1/account/fallback", `{}`).status)
	require.Equal(t, 400, send(t, s, "PATCH", "/v1/account/fallback", `{"fallback_chain":[`+strings.Repeat(chain[1:len(chain)-1]+",", 5)+chain[1:]+`}`).status)
}

// spendKey makes a spend key and returns it and its id.
func spendKey(t *testing.T, s *mockserver.Server, terms string) (key, id string) {
	t.Helper()
	a := send(t, s, "POST", "/v1/spend_keys", terms)
	require.Equal(t, 201, a.status, "%s", a.body)
	return a.object(t)["key"].(string), a.object(t)["spend_key_id"].(string)
}

func TestSpendKeyLimits(t *testing.T) {
	const chat = "/v1/chat/completions"
	tests := []struct {
		name   string
		terms  string
		before func(t *testing.T, s *mockserver.Server, key, id string)
		status int
		code   string
	}{
		{"no limit", `{"name":"a"}`, nil, 200, ""},
		{"paused", `{"name":"a","status":"paused"}`, nil, 403, "key_paused"},
		{"another shape", `{"name":"a","request_shape":"anthropic"}`, nil, 403, "request_shape_mismatch"},
		{"another model", `{"name":"a","allowed_models":["gpt-4o"]}`, nil, 403, "model_not_allowed"},
		{"this model", `{"name":"a","allowed_models":["gpt-4o-mini"]}`, nil, 200, ""},
		{"another provider", `{"name":"a","allowed_providers":["anthropic"]}`, nil, 403, "model_not_allowed"},
		{"expired", `{"name":"a","expires_at":"2026-01-02T00:00:00Z"}`, func(_ *testing.T, s *mockserver.Server, _, _ string) { s.Advance(24 * time.Hour) }, 403, "forbidden"},
		{"spent", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"daily"}}`, use(1), 402, "spend_limit_exceeded"},
		{"spent yesterday", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"daily"}}`, useThen(1, 24*time.Hour), 200, ""},
		{"spent this week", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"weekly"}}`, useThen(1, 72*time.Hour), 402, "spend_limit_exceeded"},
		{"spent last week", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"weekly"}}`, useThen(1, 96*time.Hour), 200, ""},
		{"spent this month", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"monthly"}}`, useThen(1, 30*24*time.Hour), 402, "spend_limit_exceeded"},
		{"spent last month", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"monthly"}}`, useThen(1, 31*24*time.Hour), 200, ""},
		{"spent ever", `{"name":"a","spend_limit":{"amount":"0.0000000001","cycle":"total"}}`, useThen(1, 400*24*time.Hour), 402, "spend_limit_exceeded"},
		{"requests used up", `{"name":"a","request_limit":{"count":2,"cycle":"daily"}}`, use(2), 429, "rate_limit_exceeded"},
		{"requests left", `{"name":"a","request_limit":{"count":2,"cycle":"daily"}}`, use(1), 200, ""},
		{"too fast", `{"name":"a","rate_limit":{"rpm":2}}`, use(2), 429, "rate_limit_exceeded"},
		{"slow enough", `{"name":"a","rate_limit":{"rpm":2}}`, useThen(2, 30*time.Second), 200, ""},
		{"a burst", `{"name":"a","rate_limit":{"rpm":60,"burst":3}}`, use(3), 429, "rate_limit_exceeded"},
		{"after a burst", `{"name":"a","rate_limit":{"rpm":60,"burst":3}}`, useThen(3, time.Second), 200, ""},
		{"revoked", `{"name":"a"}`, func(t *testing.T, s *mockserver.Server, _, id string) {
			require.Equal(t, 200, send(t, s, "DELETE", "/v1/spend_keys/"+id, "").status)
		}, 401, "authentication_failed"},
		{"rotated", `{"name":"a"}`, func(t *testing.T, s *mockserver.Server, _, id string) {
			require.Equal(t, 201, send(t, s, "POST", "/v1/spend_keys/"+id+"/rotate", "").status)
		}, 401, "authentication_failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mockserver.Start(t, mockserver.At(newYear)) // a Thursday
			key, id := spendKey(t, s, tt.terms)
			if tt.before != nil {
				tt.before(t, s, key, id)
			}
			a := sendAs(t, s, key, "POST", chat, chatBody)
			require.Equal(t, tt.status, a.status, "%s", a.body)
			if tt.code != "" {
				require.Equal(t, tt.code, a.object(t)["error"].(map[string]any)["code"])
			}
		})
	}
}

// use makes so many requests with a key.
func use(n int) func(*testing.T, *mockserver.Server, string, string) { return useThen(n, 0) }

// useThen makes so many requests with a key, and turns the clock.
func useThen(n int, d time.Duration) func(*testing.T, *mockserver.Server, string, string) {
	return func(t *testing.T, s *mockserver.Server, key, _ string) {
		for range n {
			require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status)
		}
		s.Advance(d)
	}
}

func TestSpendKeysOnRecord(t *testing.T) {
	s := mockserver.Start(t, mockserver.At(newYear))
	key, id := spendKey(t, s, `{"name":"a","spend_limit":{"amount":"5","cycle":"daily"},"rate_limit":{"rpm":60}}`)
	require.Regexp(t, `^lava_sk_`, key)
	require.Equal(t, 200, sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody).status)
	k := send(t, s, "GET", "/v1/manage/spend_keys/"+id, "").object(t)
	require.Equal(t, key[:12]+"****", k["key_preview"])
	require.NotEqual(t, "0.0000000000", k["current_spend"])
	require.Equal(t, k["current_spend"], k["total_spend"])
	require.EqualValues(t, 1, k["total_requests"])
	require.Equal(t, map[string]any{"rpm": 60.0, "burst": nil}, k["rate_limit"])
	require.Equal(t, "2026-01-01T00:00:00.000Z", k["last_used_at"])

	a := send(t, s, "PUT", "/v1/spend_keys/"+id, `{"spend_limit":null,"allowed_models":["gpt-4o"]}`)
	require.Equal(t, 200, a.status)
	require.Nil(t, a.object(t)["spend_limit"])
	require.Equal(t, []any{"gpt-4o"}, a.object(t)["allowed_models"])
	require.NotNil(t, a.object(t)["rate_limit"], "what is not mentioned stays")

	models := sendAs(t, s, key, "GET", "/v1/models", "").object(t)["data"].([]any)
	require.NotEmpty(t, models)
	for _, m := range models {
		require.Equal(t, "gpt-4o", m.(map[string]any)["id"])
	}
	require.Equal(t, 401, sendAs(t, s, key, "GET", "/v1/meters", "").status, "it does not manage anything")
	for _, bad := range []string{`{}`, `{"name":"a","spend_limit":{"amount":"5","cycle":"hourly"}}`, `{"name":"a","rate_limit":{"rpm":0}}`, `{"name":"a","expires_at":"2025-01-01"}`, `{"name":"a","request_limit":{"count":0,"cycle":"daily"}}`} {
		require.Equal(t, 400, send(t, s, "POST", "/v1/spend_keys", bad).status, bad)
	}
}
