package tools_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

// subscriber creates the customer "ada", on a free plan with some credit, and the meter "requests", at a dollar each.
// It returns the customer's id.
func subscriber(t *testing.T, s *mockserver.Server, credit string) string {
	t.Helper()
	ctx, client := t.Context(), s.Client()
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Requests", MeterSlug: "requests", RateType: lava.RateFixed, TierType: lava.TierRequests,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(1)}},
	})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Trial", BillingInterval: lava.IntervalMonth, IncludedCredit: lava.Set(decimal.RequireFromString(credit)), MeterIDs: []string{meter.MeterID},
	})
	require.NoError(t, err)
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "ada"})
	require.NoError(t, err)
	_, err = client.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: "ada", PlanID: plan.PlanID})
	require.NoError(t, err)
	return customer.CustomerID
}

func credits(t *testing.T, s *mockserver.Server, customer string) decimal.Decimal {
	t.Helper()
	sub, err := s.Client().Customers.RetrieveSubscription(t.Context(), customer)
	require.NoError(t, err)
	return sub.Credits.TotalRemaining
}

var openAI = "https://api.openai.com/v1/chat/completions"

func chat(model string) args {
	return args{"model": model, "messages": []args{{"role": "user", "content": "Hi"}}}
}

// Each error says what was wrong, and what to do next.
func TestErrors(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	subscriber(t, s, "0")
	a := connect(t, account(s))
	meter := func(change args) args {
		in := args{"name": "M", "rate_type": "fixed", "tier_type": "requests", "tiers": []args{{"start": "0", "rate": "1"}}}
		maps.Copy(in, change)
		return in
	}
	tests := map[string]struct {
		tool string
		in   args
		want []string
	}{
		"unknown model":            {"prompt", chat("gpt-4o-mni"), []string{"gpt-4o-mni", "nearest models: gpt-4o-mini", "search"}},
		"part of a model's name":   {"prompt", chat("haiku"), []string{"claude-haiku-4-5"}},
		"no messages":              {"prompt", args{"model": "gpt-4o-mini", "messages": []args{}}, []string{"messages"}},
		"missing argument":         {"prompt", args{"model": "gpt-4o-mini"}, []string{"bad arguments", "messages"}},
		"unknown argument":         {"prompt", args{"model": "gpt-4o-mini", "messages": []args{}, "shade": "red"}, []string{"shade"}},
		"unknown role":             {"prompt", args{"model": "gpt-4o-mini", "messages": []args{{"role": "robot", "content": ""}}}, []string{"bad arguments: messages[].role: ", "robot", "assistant"}},
		"out of credits":           {"call", args{"url": openAI, "body": chat("gpt-4o-mini"), "customer_id": "ada", "meter_slug": "requests"}, []string{"credit", "create_checkout_session", "disable_billing"}},
		"customer without a meter": {"call", args{"url": openAI, "customer_id": "ada"}, []string{"meter_slug", "list_meters"}},
		"billing without customer": {"call", args{"url": openAI, "meter_slug": "requests", "disable_billing": true}, []string{"disable_billing", "customer_id"}},
		"unknown meter":            {"call", args{"url": openAI, "body": chat("gpt-4o-mini"), "meter_slug": "none"}, []string{"meter_slug", "none"}},
		"not a provider":           {"call", args{"url": "https://example.com/"}, []string{"url: ", "example.com"}},
		"not an address":           {"call", args{"url": "api.openai.com"}, []string{"url: ", "full address"}},
		"bad header":               {"call", args{"url": openAI, "headers": args{"X-Note": "a\nb"}}, []string{`headers: "X-Note"`}},
		"own authorization":        {"call", args{"url": openAI, "headers": args{"authorization": "Bearer mine"}}, []string{"headers: authorization"}},
		"unknown method":           {"call", args{"url": openAI, "method": "BREW"}, []string{"bad arguments: method: ", "BREW"}},
		"provider's rejection":     {"call", args{"url": openAI, "body": args{"model": "gpt-4o-mini"}}, []string{"the provider responded", "400"}},
		"unknown provider":         {"get_provider_docs", args{"provider": "antropic"}, []string{"antropic", "anthropic"}},
		"unknown provider, search": {"search", args{"query": "x", "provider": "opnai"}, []string{"opnai", "openai"}},
		"limit too large":          {"search", args{"query": "x", "limit": 1000}, []string{"limit", "1000", "100"}},
		"money with a currency":    {"create_meter", meter(args{"tiers": []args{{"rate": "$3"}}}), []string{"bad arguments: tiers[].rate: ", "$3"}},
		"money as a number":        {"create_meter", meter(args{"tiers": []args{{"rate": 3}}}), []string{"rate", "string"}},
		"money with an exponent":   {"create_meter", meter(args{"tiers": []args{{"rate": "1e999999999"}}}), []string{"rate"}},
		"no tiers":                 {"create_meter", meter(args{"tiers": []args{}}), []string{"tiers"}},
		"slug is taken":            {"create_meter", meter(args{"meter_slug": "requests"}), []string{"meter_slug", "409"}},
		"unknown rate type":        {"create_meter", meter(args{"rate_type": "free"}), []string{"rate_type", "free", "percentage"}},
		"unknown meter in a plan":  {"create_plan", args{"name": "P", "period_amount": "1", "billing_interval": "month", "meter_ids": []string{"prd_none"}}, []string{"meter_ids", "prd_none"}},
		"price too high":           {"create_plan", args{"name": "P", "period_amount": "10001", "billing_interval": "month"}, []string{"period_amount", "10000"}},
		"checkout without a plan":  {"create_checkout_session", args{"checkout_mode": "subscription", "origin_url": "https://app.example.com"}, []string{"plan_id"}},
		"unknown customer":         {"get_subscription", args{"customer_id": "con_none"}, []string{"con_none", "404"}},
		"no customer":              {"get_subscription", args{"customer_id": ""}, []string{"customer_id"}},
		"not a time":               {"get_usage", args{"start": "yesterday"}, []string{"start", "yesterday", "2026-01-31"}},
		"end before start":         {"get_usage", args{"start": "2026-02-01", "end": "2026-01-01"}, []string{"end"}},
		"wrong cursor":             {"list_meters", args{"cursor": "x"}, []string{"cursor"}},
		"login is given":           {"login", args{"again": true}, []string{"a test", "person"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a.t = t
			said := a.fail(test.tool, test.in)
			for _, word := range test.want {
				assert.Contains(t, said, word)
			}
			assert.NotContains(t, said, "lava: ")
		})
	}
	assert.NotContains(t, a.heard.String(), s.SecretKey())
}

// Errors that the mock does not produce by itself.
func TestLavaErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   string
	}{
		"wallet is empty": {402, `{"error":{"message":"no funds","code":"insufficient_balance","status":402}}`, "add_funds"},
		"spend limit":     {402, `{"error":{"message":"limit","code":"spend_limit_exceeded","status":402}}`, "limit"},
		"wrong key":       {401, `{"error":{"message":"no","code":"authentication_failed","status":401}}`, "It comes from a test: a person must correct it there"},
		"broken":          {500, `<html>`, "later"},
		"provider's 401":  {401, `{"error":{"message":"bad provider key","code":"invalid_api_key","type":"invalid_request_error"}}`, "the provider responded: bad provider key"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client := handlerClient(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"),
				lava.WithHTTPClient(client), lava.WithMaxRetries(0)))
			tool, in := "call", args{"url": openAI}
			if test.status == 500 {
				tool, in = "list_plans", args{}
			}
			said := a.fail(tool, in)
			assert.Contains(t, said, test.want)
			if strings.HasPrefix(test.want, "the provider") {
				assert.NotContains(t, said, "login")
			}
		})
	}
}

func TestNotLoggedIn(t *testing.T) {
	t.Setenv("LAVA_SECRET_KEY", "")
	a := connect(t, tools.NewKeyAccount("a test", lava.WithBaseURL("http://lava.test")))
	for _, tool := range []string{"prompt", "call", "search", "list_meters", "login"} {
		in := map[string]args{"prompt": chat("m"), "call": {"url": openAI}, "search": {"query": "x"}}[tool]
		assert.Contains(t, a.fail(tool, in), "not logged in: call the tool login", tool)
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://127.0.0.1:1"), lava.WithMaxRetries(0)))
	assert.Contains(t, a.fail("list_meters", nil), "LAVA_API_URL")
}

// A person who has stopped the agent is not told to check the address.
func TestCanceled(t *testing.T) {
	t.Parallel()
	canceled := &http.Client{Transport: failingTransport{context.Canceled}}
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"), lava.WithHTTPClient(canceled)))
	for tool, in := range map[string]args{"prompt": chat("gpt-4o-mini"), "call": {"url": openAI}, "list_meters": nil} {
		assert.Equal(t, "canceled before the response was complete. If a provider has received the request, it is billed", a.fail(tool, in), tool)
	}
}

type failingTransport struct{ err error }

func (f failingTransport) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// A credential from a provider or an agent does not appear in results.
func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	a := connect(t, account(s))
	const secret = "aks_live_0123456789"
	s.Script(mockserver.Reply{Text: "Your key is " + secret})
	out := a.do("prompt", chat("gpt-4o-mini"))
	assert.Equal(t, "Your key is aks_live_[redacted]", out["content"])

	a.fail("call", args{"url": openAI, "method": secret})
	a.fail("get_subscription", args{"customer_id": secret})
	a.fail("get_usage", args{"start": secret})
	a.fail("get_provider_docs", args{"provider": secret})
	assert.NotContains(t, a.heard.String(), secret)
}
