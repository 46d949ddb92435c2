package browser

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

var only = flag.String("page.only", "", "run only the tests of the page whose names match this pattern")

// The page of the mock server: at two sizes and in two themes, live, with ten thousand calls, and with names that
// contain markup. Its screenshots are in ../artifacts, and with PICTURES=1, two of them are in docs/images.
func TestDashboard(t *testing.T) {
	chromium := findChromium(t)
	install(t)
	artifacts, err := filepath.Abs("../artifacts")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(artifacts, 0o755))

	servers := map[string]*mockserver.Server{}
	for name, opts := range map[string][]mockserver.Option{
		"FURNISHED": {mockserver.At(time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)), mockserver.Seed(1)},
		"EMPTY":     {mockserver.RealTime()},
		"BUSY":      {mockserver.WalletBalance(decimal.NewFromInt(1_000_000))},
		"HOSTILE":   {mockserver.AllowUnknownHosts(), mockserver.AllowUnknownModels()},
		"READ_ONLY": {},
		"TENANTS":   {},
		"LIVE":      {},
	} {
		s, err := mockserver.New(opts...)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		servers[name] = s
		if name == "READ_ONLY" {
			dashboard.Mount(s, dashboard.ReadOnly())
		} else {
			dashboard.Mount(s)
		}
	}
	furnish(t, servers["FURNISHED"])
	tenant := servers["TENANTS"].NewMerchant()
	load := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { callOften(t, servers["BUSY"], 10_000) }))
	t.Cleanup(load.Close)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	args := []string{"--test", "--test-concurrency=1", "--test-reporter=tap"}
	if *only != "" {
		args = append(args, "--test-name-pattern="+*only)
	}
	cmd := exec.CommandContext(ctx, "node", append(args, "dashboard.test.mjs")...)
	cmd.Env = append(append(os.Environ(), servers["FURNISHED"].Env()...), "CHROMIUM="+chromium, "ARTIFACTS="+artifacts, "LOAD_URL="+load.URL, "TENANT_ID="+tenant.ID(), "TENANT_KEY="+tenant.SecretKey())
	for name, s := range servers {
		cmd.Env = append(cmd.Env, name+"_URL="+s.URL(), name+"_KEY="+s.SecretKey())
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `(?m)^# pass [1-9]`, string(out))
	for _, line := range regexp.MustCompile(`(?m)^# (measured .*)$`).FindAllStringSubmatch(string(out), -1) {
		t.Log(line[1])
	}
}

// callOften calls a server n times, without a connection.
func callOften(t *testing.T, s *mockserver.Server, times int) {
	t.Helper()
	for range times {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/plans", nil)
		r.Header.Set("Authorization", "Bearer "+s.SecretKey())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.Equal(t, http.StatusOK, w.Code)
	}
}

// furnish simulates half a quarter of business: plans, customers in different states, requests to three providers,
// webhooks that arrive and one that doesn't, and rejected calls.
func furnish(t *testing.T, s *mockserver.Server) {
	t.Helper()
	ctx, client, dollars := t.Context(), s.Client(), decimal.RequireFromString
	do := func(err error) { t.Helper(); require.NoError(t, err) }

	tokens, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: "AI chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M, Tiers: []lava.MeterTierParams{
		{Rate: dollars("6.00")}, {Start: dollars("2000000"), Rate: dollars("4.50")}, {Start: dollars("10000000"), Rate: dollars("3.00")},
	}})
	do(err)
	searches, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: "Searches", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Rate: dollars("0.01")}}})
	do(err)
	plan := func(name, price, credit string, rollover lava.RolloverType, bundles ...lava.PlanCreditBundleParams) *lava.Plan {
		p, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
			Name: name, PeriodAmount: dollars(price), IncludedCredit: lava.Set(dollars(credit)), BillingInterval: lava.IntervalMonth, RolloverType: rollover,
			MeterIDs: []string{tokens.MeterID, searches.MeterID}, CreditBundles: bundles,
		})
		do(err)
		return p
	}
	extra := lava.PlanCreditBundleParams{Name: "Extra 20", Cost: dollars("18"), CreditAmount: dollars("20")}
	starter, pro, team := plan("Starter", "19", "10", lava.RolloverNone, extra), plan("Pro", "49", "30", lava.RolloverNone, extra), plan("Team", "1490", "1200", lava.RolloverFull, extra)

	do(s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	do(s.HandleWebhooks("https://crm.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "invalid signature", http.StatusUnauthorized)
	})))
	_, err = client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/webhooks/lava"})
	do(err)

	subscribe := func(reference string, plan *lava.Plan, phone, card string) string {
		customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: reference, Phone: phone, Email: reference + "@example.com", Metadata: map[string]any{"team": "core"}})
		do(err)
		session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID, CustomerID: customer.CustomerID})
		do(err)
		_, err = s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{Phone: phone, Card: card})
		do(err)
		return customer.CustomerID
	}
	requests := []struct{ address, model, prompt string }{
		{"https://api.openai.com/v1/chat/completions", "gpt-4o-mini", "Summarize the meeting notes of last week in five bullet points."},
		{"https://api.anthropic.com/v1/messages", "claude-sonnet-4-5", "Which of these invoices are overdue, and by how much?"},
		{"https://api.openai.com/v1/chat/completions", "gpt-4o", "Write a friendly answer to this customer, who asks for a refund."},
	}
	n := 0
	ask := func(customer string, input, output int64) error {
		r := requests[n%len(requests)]
		n++
		s.Script(mockserver.Reply{Times: 1, Text: "Here is what I have found.", Usage: &mockserver.ReportedUsage{InputTokens: input, OutputTokens: output}})
		body := map[string]any{"model": r.model, "messages": []any{map[string]any{"role": "user", "content": r.prompt}}}
		if r.model == "claude-sonnet-4-5" {
			body["max_tokens"] = 1024
		}
		_, err := client.Gateway(ctx, r.address, lava.GatewayParams{Payer: lava.ForCustomer{CustomerID: customer, MeterSlug: tokens.MeterSlug}, SetHeader: func(h http.Header) { h.Set("anthropic-version", "2023-06-01") }, Body: body})
		return err
	}
	ada := subscribe("ada", pro, "+15551230001", "")
	s.Advance(2 * 24 * time.Hour)
	grace := subscribe("grace", team, "+15551230002", "")
	linus := subscribe("linus", starter, "+15551230003", "")
	for day := range 40 {
		s.Advance(23*time.Hour + time.Duration(day%5)*17*time.Minute)
		do(ask(ada, 90_000+int64(day%7)*31_000, 9_000+int64(day%4)*3_000))
		if day%2 == 0 {
			do(ask(grace, 1_400_000+int64(day%9)*120_000, 240_000))
		}
		if day%6 == 0 {
			do(ask(linus, 150_000, 20_000))
			_, err := client.Requests.Create(ctx, lava.CreateRequestParams{RequestID: fmt.Sprintf("search-%d", day), CustomerID: linus, MeterSlug: searches.MeterSlug})
			do(err)
		}
		if day == 20 {
			subscribe("margaret", pro, "+15551230004", "4000 0000 0000 0341")
		}
	}
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: starter.PlanID, CustomerID: ada})
	do(err)
	_, err = s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{Phone: "+15551230001"})
	do(err)
	for _, name := range []mockserver.Scenario{mockserver.NearLimit, mockserver.InDebt, mockserver.DeclinedRenewal} {
		_, err := s.Scenario(name)
		do(err)
	}
	_, err = client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "crm", URL: "https://crm.example.com/hook?token=not-for-eyes"})
	do(err)
	s.Advance(47 * time.Minute)

	// Typical mistakes in an application under development.
	raw := func(method, path, body string) {
		req, err := http.NewRequestWithContext(ctx, method, s.URL()+path, strings.NewReader(body))
		do(err)
		req.Header.Set("Authorization", "Bearer "+s.SecretKey())
		resp, err := s.HTTPClient().Do(req)
		do(err)
		do(resp.Body.Close())
	}
	raw("GET", "/meters", "")
	raw("POST", "/v1/customers", `{"referenceId":"barbara"}`)
	s.Fail(mockserver.Failure{Endpoint: "plans.list", Times: 1, Status: 503})
	raw("GET", "/v1/plans", "")
	s.Fail(mockserver.Failure{Endpoint: "customers.create", Times: 2, Status: 503})
	for i := range 6 {
		s.Advance(time.Duration(40+i*25) * time.Second)
		do(ask([]string{ada, grace, linus}[i%3], 41_000+int64(i)*3_700, 3_100))
	}
	raw("POST", "/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}`)
	do(s.Settle(ctx))
}
