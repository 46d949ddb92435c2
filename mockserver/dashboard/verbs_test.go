package dashboard_test

import (
	"html"
	"net/url"
	"regexp"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// preview returns what a form would do.
func preview(t *testing.T, s *mockserver.Server, verb, args string) string {
	t.Helper()
	form, err := url.ParseQuery(args)
	require.NoError(t, err)
	w := ask(t, s, "POST", dashboard.Path+"preview/"+verb, form)
	require.Equal(t, 200, w.Code, "%s: %s", verb, w.Body)
	return w.Body.String()
}

// The page shows what it does, as Go code and as a lavamock command.
func TestTheLineInGo(t *testing.T) {
	t.Parallel()
	s := start(t)
	lines := regexp.MustCompile(`(?s)<dd><code>(.*?)</code></dd>.*<dd><code>(.*?)</code></dd>`)
	for _, test := range []struct{ verb, args, code, command string }{
		{"clock.advance", "advance=1h", "s.Advance(time.Hour)", "lavamock advance advance=1h"},
		{"clock.advance", "advance=30d", "s.Advance(30 * 24 * time.Hour)", "lavamock advance advance=30d"},
		{"clock.advance", "advance=90m", "s.Advance(90 * time.Minute)", "lavamock advance advance=90m"},
		{"clock.advance", "to=2026-04-01T00:00:00Z", "s.AdvanceTo(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))", "lavamock advance to=2026-04-01T00:00:00Z"},
		{"failures.arm", "endpoint=customers.create&times=2&status=503&retry_after=2s", `s.Fail(mockserver.Failure{Endpoint: "customers.create", Times: 2, Status: 503, RetryAfter: 2 * time.Second})`, "lavamock fail endpoint=customers.create times=2 status=503 retry_after=2s"},
		{"failures.arm", "cut=true", "s.Fail(mockserver.Failure{Cut: true})", "lavamock fail cut=true"},
		{"script.add", "text=It's+\"blue\"&fault=cut&fault_after=3", `s.Script(mockserver.Reply{Text: "It's \"blue\"", Fault: mockserver.CutAfter(3)})`, `lavamock script 'text=It'\''s "blue"' fault=cut fault_after=3`},
		{"triggers.run", "what=empty_wallet", `err := s.Trigger("empty_wallet", "")`, "lavamock trigger what=empty_wallet"},
		{"scenarios.create", "name=in_debt", `customer, err := s.Scenario("in_debt")`, "lavamock scenario name=in_debt"},
	} {
		m := lines.FindStringSubmatch(preview(t, s, test.verb, test.args))
		require.NotNil(t, m, test.verb)
		require.Equal(t, test.code, html.UnescapeString(m[1]))
		require.Equal(t, test.command, html.UnescapeString(m[2]))
	}
}

// The calculator's prices match the server's charges.
func TestPricesAreCharged(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, client, dollars := t.Context(), s.Client(), decimal.RequireFromString
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: "AI", RateType: lava.RateFixed, TierType: lava.TierTokens1M, Tiers: []lava.MeterTierParams{
		{Rate: dollars("6")}, {Start: dollars("2000000"), Rate: dollars("4.50")}, {Start: dollars("4000001"), Rate: dollars("0.333")},
	}})
	require.NoError(t, err)
	total := regexp.MustCompile(`(?s)Together</th><td class="num"><b>\$([^<]*)</b>`)
	for _, quantity := range []int64{1, 1_999_999, 2_000_001, 5_000_000, 77_777_777} {
		customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{})
		require.NoError(t, err)
		r, err := client.Requests.Create(ctx, lava.CreateRequestParams{RequestID: customer.CustomerID, CustomerID: customer.CustomerID, MeterSlug: meter.MeterSlug, InputTokens: quantity})
		require.NoError(t, err)
		m := total.FindStringSubmatch(get(t, s, "plans?"+url.Values{"meter": {meter.MeterSlug}, "quantity": {decimal.NewFromInt(quantity).String()}}.Encode()))
		require.NotNil(t, m)
		shown := dollars(regexp.MustCompile(",").ReplaceAllString(m[1], ""))
		require.True(t, r.Charge.Amount.Equal(shown), "%d tokens: %s is charged, %s is shown", quantity, r.Charge.Amount, shown)
	}
	require.Contains(t, get(t, s, "plans?meter="+meter.MeterSlug+"&quantity=5M"), "5,000,000 tokens")
	require.Contains(t, get(t, s, "plans?meter="+meter.MeterSlug+"&quantity=many"), "Enter a number above 0")
	require.Contains(t, get(t, s, "plans?meter="+meter.MeterSlug+"&quantity=1e999999999"), "Enter a number above 0")
}
