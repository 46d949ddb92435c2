package dashboard_test

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// text strips the tags from a page.
func text(page string) string {
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
}

// shop is a server with a customer who pays three dollars for a million tokens.
func shop(t *testing.T) (*mockserver.Server, *lava.Meter, string) {
	t.Helper()
	s := start(t)
	ctx, client, dollars := t.Context(), s.Client(), decimal.RequireFromString
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: "Chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M, Tiers: []lava.MeterTierParams{{Rate: dollars("3")}}})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "Pro", BillingInterval: lava.IntervalMonth, PeriodAmount: dollars("49"), IncludedCredit: lava.Set(dollars("25"))})
	require.NoError(t, err)
	known, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user-42"})
	require.NoError(t, err)
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID, CustomerID: known.CustomerID})
	require.NoError(t, err)
	customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	return s, meter, customer
}

// An amount is never rounded: ten tokens at three dollars per million are $0.00003, and what is left of $25.00 is no
// longer $25.00.
func TestSmallAmountsAreNotZero(t *testing.T) {
	t.Parallel()
	s, meter, customer := shop(t)
	_, err := s.Client().Requests.Create(t.Context(), lava.CreateRequestParams{RequestID: "../../calls", CustomerID: customer, MeterSlug: meter.MeterSlug, InputTokens: 10})
	require.NoError(t, err)
	call := s.Calls().To("requests.create")[0]
	for page, want := range map[string][]string{
		"":                      {"$0.00003", "$24.99997", "user-42"},
		"customers":             {"$24.99997"},
		"customers/" + customer: {"\u2212$0.00003", "$24.99997"},
		"calls/" + call.ID:      {"$0.00003", "Record", "10 tokens", "$3.00"},
	} {
		shown := text(get(t, s, page))
		for _, amount := range want {
			require.Contains(t, shown, amount, page)
		}
		require.NotContains(t, shown, "\u2212$0.0000 ", page)
	}
	page := get(t, s, "customers/"+customer)
	require.NotRegexp(t, `href="[^"]*\.\.`, page, "an id chosen by the application isn't part of an address")
	require.Contains(t, page, `href="`+dashboard.Path+"calls/"+call.ID+`"`, "a request links to the call that reported it")
}

// The chart's levels match its line: a balance that was at most $0.01 ends below zero.
func TestLevelsOfTheChart(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, client, dollars := t.Context(), s.Client(), decimal.RequireFromString
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: "Chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M, Tiers: []lava.MeterTierParams{{Rate: dollars("6.1")}}})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "Tiny", BillingInterval: lava.IntervalMonth, PeriodAmount: dollars("1"), IncludedCredit: lava.Set(dollars("0.01"))})
	require.NoError(t, err)
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID})
	require.NoError(t, err)
	customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	for _, id := range []string{"r1", "r2"} {
		s.Advance(time.Hour)
		_, err = client.Requests.Create(ctx, lava.CreateRequestParams{RequestID: id, CustomerID: customer, MeterSlug: meter.MeterSlug, InputTokens: 1000})
		require.NoError(t, err)
	}
	page := get(t, s, "customers/"+customer)
	level := map[string]string{}
	for _, m := range regexp.MustCompile(`<text x="2" y="([^"]*)"[^>]*>([^<]*)</text>`).FindAllStringSubmatch(page, -1) {
		level[m[2]] = m[1]
	}
	require.Len(t, level, 3)
	require.Equal(t, "10", level["$0.01"])
	require.Equal(t, "150", level["\u2212$0.0022"])
	require.Regexp(t, `<line class="zero"[^>]* y1="`+regexp.QuoteMeta(level["$0.00"])+`"`, page)
	require.Regexp(t, `<path class="balance" d="[^"]*V150\.0H`, page)
}

// The error for a customer who doesn't exist is in plain words, not Lava's.
func TestMissingCustomer(t *testing.T) {
	t.Parallel()
	w := ask(t, start(t), "GET", dashboard.Path+"customers/nope", nil)
	require.Equal(t, 404, w.Code)
	require.Contains(t, text(w.Body.String()), `Customer "nope" does not exist, or no longer exists.`)
	require.NotContains(t, w.Body.String(), "customer_id:")
}

// Only a form's action is reported as done, and only once.
func TestAnAddressDoesNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	require.NotContains(t, get(t, s, "?did=merchants.reset&done=merchants.reset"), "Done")
	w := ask(t, s, "POST", dashboard.Path+"do/clock.advance", url.Values{"advance": {"1h"}})
	back := strings.TrimPrefix(w.Header().Get("Location"), dashboard.Path)
	require.Contains(t, text(get(t, s, back)), "s.Advance(time.Hour)\n  or type")
	require.NotContains(t, get(t, s, back), "Done", "a reload does not repeat it")
	require.NotContains(t, preview(t, s, "script.add", "times="+url.QueryEscape(`1});exec.Command("sh").Run()//`)), "Times: 1})", "a value that isn't a number is quoted")
}

// Invisible characters and those that change a text's direction can't make one name look like another.
func TestNamesAreSeen(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, reference := range []string{" ", "\u200b\u200d", "\u202eevil\u202c"} {
		c, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: reference})
		require.NoError(t, err)
		link := regexp.MustCompile(`<a [^>]*/customers/` + c.CustomerID + `"[^>]*>([^<]*)</a>`)
		require.Regexp(t, `\w{4}`, link.FindStringSubmatch(get(t, s, "customers"))[1], "%q", reference)
	}
	require.Contains(t, get(t, s, "customers"), `\u202eevil\u202c`)
}

// Secrets in bodies and metadata are masked, although their quotes are escaped on a page.
func TestSecretsOfUsersAreMasked(t *testing.T) {
	t.Parallel()
	s := start(t)
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	_, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/"})
	require.NoError(t, err)
	c, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada", Metadata: map[string]any{"password": "CANARY-1", "api_key": "CANARY-2", "note": "sk-proj-CANARY3CANARY3"}})
	require.NoError(t, err)
	require.NoError(t, s.Settle(t.Context()))
	pages := []string{"customers/" + c.CustomerID}
	for _, call := range s.Calls() {
		pages = append(pages, "calls/"+call.ID)
	}
	for _, d := range s.Deliveries() {
		pages = append(pages, "deliveries/"+d.ID)
	}
	for _, page := range pages {
		require.NotContains(t, get(t, s, page), "CANARY", page)
	}
}

// A call reproduced with the page's code contains everything that made it work.
func TestSnippets(t *testing.T) {
	t.Parallel()
	s, meter, customer := shop(t)
	_, err := s.Client().Gateway(t.Context(), "https://api.anthropic.com/v1/messages", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: customer, MeterSlug: meter.MeterSlug}, Metadata: map[string]string{"feature": "notes"},
		SetHeader: func(h http.Header) { h.Set("anthropic-version", "2023-06-01") },
		Body:      map[string]any{"model": "claude-sonnet-4-5", "max_tokens": 64, "messages": []any{map[string]any{"role": "user", "content": "It's `late`"}}},
	})
	require.NoError(t, err)
	page := text(get(t, s, "calls/"+s.Calls().To("gateway.forward")[0].ID))
	for _, want := range []string{
		"LAVA_FORWARD_TOKEN=$(lavamock token user-42 " + meter.MeterSlug,
		"-H 'anthropic-version: 2023-06-01'", `-H 'x-lava-metadata: {"feature":"notes"}'`, `"anthropic-version": "2023-06-01"`,
	} {
		require.Contains(t, page, want)
	}
	call := ask(t, s, "GET", "/v1/plans?key=sk-proj-CANARY3CANARY3&page={1}", nil, "Accept", "*/*").Header().Get("X-Lava-Request-Id")
	require.Contains(t, text(get(t, s, "calls/"+call)), `curl -g "$LAVA_API_URL"'/v1/plans?key=[redacted]&page={1}'`, "curl would treat brackets as a pattern")
	if testing.Short() {
		t.Skip("runs the go command")
	}
	_, err = s.Client().Customers.Retrieve(t.Context(), "nobody`\"")
	require.ErrorIs(t, err, lava.ErrNotFound)
	code := regexp.MustCompile(`(?s)<summary>Go test</summary><pre[^>]*><code>func Test\w+(.*?)</code>`)
	file := "package snippets\n\nimport (\n\t\"encoding/json\"\n\t\"net/http\"\n\t\"strings\"\n\t\"testing\"\n\n\t\"github.com/stretchr/testify/require\"\n\n" +
		"\t\"github.com/lavapayments/lava-go\"\n\t\"github.com/lavapayments/lava-go/mockserver\"\n)\n\nvar (\n\t_ json.RawMessage\n\t_ http.Header\n\t_ strings.Reader\n\t_ lava.Client\n\t_ mockserver.Call\n)\n"
	for i, c := range s.Calls() {
		file += "\nfunc Test" + string(rune('A'+i)) + html.UnescapeString(code.FindStringSubmatch(get(t, s, "calls/"+c.ID))[1]) + "\n"
	}
	dir, err := os.MkdirTemp(".", "testdata-snippets") //nolint:usetesting // within the module
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "snippets_test.go"), []byte(file), 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "test", "-run", "Test[ACE]$", "./"+dir).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, file)
}

// Deeply nested JSON takes no longer than other JSON: indenting it would take time proportional to the square of its
// depth.
func TestDeepJSONIsNoLoad(t *testing.T) {
	t.Parallel()
	s := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/customers", strings.NewReader(`{"metadata":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)+"}"))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+s.SecretKey())
	resp, err := s.HTTPClient().Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Less(t, len(get(t, s, "calls/"+s.Calls()[0].ID)), 300<<10)
}

// A long body is cut off wherever a page shows it, with a link to the whole body, in which secrets are masked too.
func TestLongBodies(t *testing.T) {
	t.Parallel()
	s, meter, customer := shop(t)
	message := map[string]any{"role": "user", "content": strings.Repeat("é ", 20_000)}
	_, err := s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: customer, MeterSlug: meter.MeterSlug},
		Body:  map[string]any{"model": "gpt-4o-mini", "messages": []any{message, message, message, message}, "tools": []any{map[string]any{"type": "function", "function": map[string]any{"name": "log_in", "parameters": map[string]any{"default": map[string]any{"password": "CANARY"}}}}}},
	})
	require.NoError(t, err)
	call := "calls/" + s.Calls().To("gateway.forward")[0].ID
	page := get(t, s, call)
	require.Less(t, len(page), 300<<10)
	require.Contains(t, text(page), "3 more messages are in the body")
	for _, part := range []string{"request", "provider-1"} {
		require.Contains(t, page, `href="`+dashboard.Path+call+"/"+part+`"`)
		w := ask(t, s, "GET", dashboard.Path+call+"/"+part, nil)
		require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"), part)
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), part)
		require.Equal(t, 80_000, strings.Count(w.Body.String(), "é"), part)
		require.NotContains(t, w.Body.String(), "CANARY", part)
	}
	require.NotContains(t, page, call+"/response", "a short body is shown in full")
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+call+"/provider-2", nil).Code)
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"calls/req_none/request", nil).Code)
}

// Errors before a verb is run are sent to the script as a fragment too.
func TestFragmentsOfProblems(t *testing.T) {
	t.Parallel()
	s, readOnly := start(t), start(t, dashboard.ReadOnly())
	for want, w := range map[string]string{
		"longer than 64 KiB": ask(t, s, "POST", dashboard.Path+"do/script.add", url.Values{"text": {strings.Repeat("x", 70_000)}}, "X-Fragment", "1").Body.String(),
		"does not have":      ask(t, s, "POST", dashboard.Path+"do/everything", nil, "X-Fragment", "1").Body.String(),
		"read-only":          ask(t, readOnly, "POST", dashboard.Path+"do/script.reset", nil, "X-Fragment", "1").Body.String(),
	} {
		require.Contains(t, w, want)
		require.NotContains(t, w, "<main", want)
	}
	w := ask(t, s, "POST", dashboard.Path+"do/script.reset", nil, "X-Fragment", "1", "Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, w.Code)
	require.Contains(t, w.Body.String(), `class="said failed"`)
}

// Without the script, a rejected form is shown again as it was filled in, with the error.
func TestRejectedFormsComeBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := ask(t, s, "POST", dashboard.Path+"do/failures.arm", url.Values{"endpoint": {"customers.create"}, "status": {"many"}, "cut": {"true"}, "message": {"closed for today"}, "back": {dashboard.Path + "faults"}})
	require.Equal(t, 400, w.Code)
	page := w.Body.String()
	for _, want := range []string{
		`<p class="why" role="alert">[^<]*status`, `<form method="post" action="/_mock/ui/do/failures.arm"`, `name="back" value="/_mock/ui/faults"`,
		`name="endpoint" value="customers.create"`, `name="status" value="many"`, `name="cut" value="true" checked`, `<details open>`, `name="message" value="closed for today"`,
	} {
		require.Regexp(t, want, page)
	}
	w = ask(t, s, "POST", dashboard.Path+"do/declines.arm", url.Values{"purpose": {"renewal"}, "times": {"many"}})
	require.Contains(t, w.Body.String(), `<option value="renewal" selected>`)
	w = ask(t, s, "POST", dashboard.Path+"do/customers.change_card", url.Values{"id": {"con_none"}, "card": {"4242 4242 4242 4242"}})
	require.Contains(t, w.Body.String(), `name="card" value="4242 4242 4242 4242"`, "also for a button on another page")
}

// The result of a verb is shown: a declined renewal isn't just "done".
func TestResultsAreTold(t *testing.T) {
	t.Parallel()
	s, _, customer := shop(t)
	do := func(verb string, form url.Values) string {
		return text(ask(t, s, "POST", dashboard.Path+"do/"+verb, form, "X-Fragment", "1").Body.String())
	}
	do("customers.change_card", url.Values{"id": {customer}, "card": {"4000 0000 0000 0341"}})
	require.Contains(t, do("triggers.run", url.Values{"what": {"renew_now"}, "object": {customer}}), "renewal of $49.00 declined, card declined: user-42")
	require.Contains(t, do("clock.advance", url.Values{"advance": {"1h"}}), "No event has happened")
	require.Contains(t, do("deliveries.settle", nil), "Nothing waits any more")
}

// A customer is found among many, by any of their names.
func TestSearchForCustomers(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, c := range []lava.CreateCustomerParams{{ReferenceID: "ada", Email: "a@example.com"}, {ReferenceID: "grace", Phone: "+15551230001"}} {
		_, err := s.Client().Customers.Create(t.Context(), c)
		require.NoError(t, err)
	}
	for q, want := range map[string][2]bool{"ADA": {true, false}, "123000": {false, true}, "example.com": {true, false}, "": {true, true}, "linus": {false, false}} {
		shown := get(t, s, "customers?"+url.Values{"q": {q}}.Encode())
		require.Equal(t, want, [2]bool{strings.Contains(shown, ">ada</a></th>"), strings.Contains(shown, ">grace</a></th>")}, q)
	}
	require.NoError(t, s.Client().Customers.Delete(t.Context(), "ada"))
	require.Contains(t, get(t, s, "rows?who=con_gone"), `id="customer-con_gone" data-list="customers" data-gone`)
}
