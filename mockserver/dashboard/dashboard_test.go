package dashboard_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// start runs a server with the page.
func start(t *testing.T, opts ...dashboard.Option) *mockserver.Server {
	t.Helper()
	s, err := mockserver.New(mockserver.InMemory(), mockserver.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	dashboard.Mount(s, opts...)
	return s
}

// ask sends a request as a browser on this machine does.
func ask(t *testing.T, s *mockserver.Server, method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	r.RemoteAddr, r.Host = "127.0.0.1:4", "localhost:5282"
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// get returns a page.
func get(t *testing.T, s *mockserver.Server, path string) string {
	t.Helper()
	w := ask(t, s, "GET", dashboard.Path+path, nil)
	require.Equal(t, 200, w.Code, "%s: %s", path, w.Body)
	return w.Body.String()
}

// everyPage lists the pages that need no id.
var everyPage = []string{"", "calls", "customers", "plans", "webhooks", "faults", "providers"}

func TestBrowsersFindThePage(t *testing.T) {
	t.Parallel()
	s := start(t)
	w := ask(t, s, "GET", "/", nil)
	require.Equal(t, 303, w.Code)
	require.Equal(t, dashboard.Path, w.Header().Get("Location"))
	require.Equal(t, 404, ask(t, s, "GET", "/", nil, "Accept", "application/json").Code)
	require.Len(t, s.Calls(), 1, "only a program's request is a call")
	for _, page := range everyPage {
		get(t, s, page)
	}
	require.Equal(t, 204, ask(t, s, "GET", "/favicon.ico", nil, "Accept", "image/svg+xml,*/*").Code)
	require.Len(t, s.Calls(), 1, "viewing leaves no trace")
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"nothing", nil).Code)
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"calls/req_none", nil).Code)
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"customers/con_none", nil).Code)
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"deliveries/whd_none", nil).Code)
	require.Equal(t, 404, ask(t, s, "GET", dashboard.Path+"m/mer_none/", nil).Code)
	require.Equal(t, 200, ask(t, s, "GET", "/_mock/clock", nil).Code, "the control endpoints stay where they are")
}

// The clock leads to the end of a cycle in one step, even while open checkout sessions fall due before it.
func TestClockLeadsToTheEndOfACycle(t *testing.T) {
	t.Parallel()
	for scenario, button := range map[mockserver.Scenario]string{
		mockserver.Subscribed:          "s.NextDue(mockserver.DueRenewal); s.AdvanceTo(due.At)\">to next renewal<",
		mockserver.PendingCancellation: "s.NextDue(mockserver.DueCancellation); s.AdvanceTo(due.At)\">to next cancellation<",
		mockserver.PendingDowngrade:    "s.NextDue(mockserver.DueDowngrade); s.AdvanceTo(due.At)\">to next downgrade<",
	} {
		s := start(t)
		shop, err := s.Scenario(scenario)
		require.NoError(t, err)
		require.NotContains(t, get(t, s, ""), button, "it is what falls due next")
		_, err = s.Client().CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
			CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.PlanID,
		})
		require.NoError(t, err)
		require.Contains(t, get(t, s, ""), button)
	}
}

// A browser may load only the page's own files, run nothing that is inline, and not show the page in a frame.
func TestBrowsersAreToldWhatIsAllowed(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"", "calls", "nothing", "static/page.css", "static/page.js"} {
		w := ask(t, s, "GET", dashboard.Path+path, nil)
		csp := w.Header().Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'", path)
		require.Contains(t, csp, "frame-ancestors 'none'", path)
		require.Contains(t, csp, "base-uri 'none'", path)
		require.NotContains(t, csp, "unsafe", path)
		require.NotContains(t, csp, "*", path)
		require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), path)
		if !strings.HasPrefix(path, "static") {
			require.NotRegexp(t, `(?i)<[^>]+\s(style|on\w+)=`, w.Body.String(), "%s: it would be blocked", path)
			require.NotRegexp(t, `(?i)<(style|script)[^>]*>[^<]`, w.Body.String(), path)
		}
	}
}

// The page can be reached only from this machine, and only by its own pages.
func TestGuards(t *testing.T) {
	t.Parallel()
	s := start(t)
	advance := url.Values{"advance": {"1h"}}
	for _, test := range []struct {
		name, method, path string
		header             []string
		want               int
	}{
		{"a name that resolves to this machine", "GET", "", []string{"Host", "evil.example.com"}, 403},
		{"a page of another origin", "POST", "do/clock.advance", []string{"Origin", "https://evil.example.com"}, 403},
		{"a page of another site", "POST", "do/clock.advance", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a page of another port", "POST", "do/clock.advance", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://localhost:3000"}, 403},
		{"its own page", "POST", "do/clock.advance", []string{"Origin", "http://localhost:5282"}, 303},
		{"a link", "GET", "do/clock.advance", nil, 404},
		{"an operation that the page doesn't offer", "POST", "do/merchants.create", nil, 404},
		{"an operation that doesn't exist", "POST", "do/everything", nil, 404},
	} {
		require.Equal(t, test.want, ask(t, s, test.method, dashboard.Path+test.path, advance, test.header...).Code, test.name)
	}
	require.Equal(t, time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC), s.Now(), "the clock was moved once")

	r := httptest.NewRequestWithContext(t.Context(), "GET", dashboard.Path, nil)
	r.Host = "localhost" // but not from this machine
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Equal(t, 403, w.Code)
}

// A form leads back to the page it names, or else to the first one: never elsewhere, even if the address can't be
// parsed.
func TestFormsLeadBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	for back, want := range map[string]string{
		"":                                          dashboard.Path,
		dashboard.Path:                              dashboard.Path,
		dashboard.Path + "calls?status=404":         dashboard.Path + "calls",
		dashboard.Path + "calls/%zz":                dashboard.Path,
		dashboard.Path + "%2e%2e/%2e%2e/v1/x":       dashboard.Path,
		dashboard.Path + "../reset":                 dashboard.Path,
		"https://evil.example.com" + dashboard.Path: dashboard.Path,
		"//evil.example.com" + dashboard.Path:       dashboard.Path,
	} {
		w := ask(t, s, "POST", dashboard.Path+"do/script.reset", url.Values{"back": {back}})
		require.Equal(t, 303, w.Code, "%q: %s", back, w.Body)
		at, _, _ := strings.Cut(w.Header().Get("Location"), "?")
		require.Equal(t, want, at, back)
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	s := start(t, dashboard.ReadOnly())
	customer, err := s.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
	for _, page := range append(everyPage, "customers/"+customer.CustomerID) {
		require.NotContains(t, get(t, s, page), "/do/", page)
	}
	require.Equal(t, 403, ask(t, s, "POST", dashboard.Path+"do/clock.advance", url.Values{"advance": {"1h"}}).Code)
	require.Equal(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), s.Now())
}

// hostile is text that would run if any page did not escape it.
const hostile = `"><img src=x onerror=alert(1)>'-alert(1)-'{{.}}</script><svg onload=alert(1)>`

// Everything that a user can name is shown unchanged.
func TestMarkupInNamesIsText(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, client := t.Context(), s.Client()
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{Name: hostile, RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}})
	require.NoError(t, err)
	_, err = client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: hostile, BillingInterval: lava.IntervalMonth, MeterIDs: []string{meter.MeterID}, CreditBundles: []lava.PlanCreditBundleParams{{Name: hostile}},
	})
	require.NoError(t, err)
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: hostile, Name: hostile, Metadata: map[string]any{hostile: hostile}})
	require.NoError(t, err)
	webhook, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: hostile, URL: "http://127.0.0.1:1/" + url.PathEscape(hostile)})
	require.NoError(t, err)
	_, err = client.Customers.Update(ctx, customer.CustomerID, lava.UpdateCustomerParams{})
	_ = err // any response is fine
	body := map[string]any{"model": "gpt-4o-mini", "user": hostile, "messages": []any{map[string]any{"role": "user", "content": hostile}}}
	_, err = client.Gateway(lava.ContextWithMetadata(ctx, map[string]string{"note": hostile}), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: meter.MeterSlug}, Body: body, SetHeader: func(h http.Header) { h.Set("X-Note", hostile) },
	})
	_ = err // the customer may have no credit
	body["model"] = hostile
	_, _ = client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Body: body})
	_, _ = client.Gateway(ctx, "https://api.openai.com/v1/"+url.PathEscape(hostile), lava.GatewayParams{Body: body})
	for _, path := range []string{"/" + url.PathEscape(hostile), "/v1/customers/" + url.PathEscape(hostile), "/v1/customers?customer_id=" + url.QueryEscape(hostile)} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+path, nil)
		require.NoError(t, err)
		r.Header.Set("Idempotency-Key", hostile)
		resp, err := s.HTTPClient().Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	}
	s.Fail(mockserver.Failure{Customer: hostile, Status: 500, Message: hostile})
	s.Script(mockserver.Reply{Text: hostile, PromptContains: hostile, Model: hostile})
	require.NoError(t, s.Settle(ctx))

	pages := append([]string{}, everyPage...)
	for _, c := range s.Calls() {
		pages = append(pages, "calls/"+c.ID, "rows?call="+c.ID)
	}
	for _, d := range s.Deliveries() {
		pages = append(pages, "deliveries/"+d.ID, "rows?delivery="+d.ID)
	}
	h := url.QueryEscape(hostile)
	pages = append(pages, "customers/"+customer.CustomerID, "rows?who="+customer.CustomerID, "calls?endpoint="+h+"&customer="+h+"&outcome="+h, "calls?customer="+customer.CustomerID,
		"plans?meter="+meter.MeterSlug+"&quantity="+h, "plans?meter="+h+"&quantity=1", "providers?provider="+h, "customers/"+customer.CustomerID+"?range="+h, "rows?here="+h+"&call="+h,
		"?did=failures.arm&endpoint="+h+"&message="+h)
	shown := 0
	for _, page := range pages {
		html := get(t, s, page)
		require.NotContains(t, html, "<img", page)
		require.NotContains(t, html, "<svg onload", page)
		require.NotContains(t, html, "alert(1)>", page)
		if strings.Contains(html, "onerror=alert(1)&gt;") {
			shown++
		}
		require.NotContains(t, html, webhook.Secret.Reveal(), page)
		require.NotContains(t, html, s.SecretKey(), page)
	}
	require.Greater(t, shown, 15, "names are on the pages")
	for _, path := range []string{"calls/" + url.PathEscape(hostile), "m/" + url.PathEscape(hostile) + "/", url.PathEscape(hostile)} {
		require.NotContains(t, ask(t, s, "GET", dashboard.Path+path, nil).Body.String(), "<img", path)
	}
	every := url.Values{"message": {hostile}, "customer": {hostile}, "text": {hostile}, "status": {hostile}, "back": {hostile}}
	for _, path := range []string{"preview/failures.arm", "preview/script.add", "preview/" + url.PathEscape(hostile), "do/failures.arm", "do/script.add"} {
		require.NotContains(t, ask(t, s, "POST", dashboard.Path+path, every).Body.String(), "<img", path)
	}
	w := ask(t, s, "POST", dashboard.Path+"do/failures.arm", url.Values{"endpoint": {hostile}, "back": {"javascript:alert(1)"}}, "X-Fragment", "1")
	require.Equal(t, 400, w.Code)
	require.NotContains(t, w.Body.String(), "<img")
	w = ask(t, s, "POST", dashboard.Path+"do/clock.advance", url.Values{"advance": {"1h"}, "back": {"https://evil.example.com/"}})
	require.True(t, strings.HasPrefix(w.Header().Get("Location"), dashboard.Path), w.Header().Get("Location"))
}

// The embedded files are small, and so is what a browser loads.
func TestSizes(t *testing.T) {
	t.Parallel()
	total, zipped := 0, new(bytes.Buffer)
	zip := gzip.NewWriter(zipped)
	require.NoError(t, fs.WalkDir(os.DirFS("ui"), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile("ui/" + path)
		require.NoError(t, err)
		total += len(data)
		if path == "page.js" {
			require.LessOrEqual(t, len(data), 12<<10, path)
		}
		_, err = zip.Write(data)
		return err
	}))
	require.NoError(t, zip.Close())
	t.Logf("embedded: %d bytes, %d with gzip", total, zipped.Len())
	require.LessOrEqual(t, total, 100<<10)
	require.LessOrEqual(t, zipped.Len(), 35<<10)
}

// A program that imports only the client or the mock does not contain the page.
func TestNobodyCarriesThePage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	for _, pkg := range []string{"github.com/lavapayments/lava-go", "github.com/lavapayments/lava-go/mockserver"} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.NotContains(t, string(out), "mockserver/dashboard")
	}
}

// The stream reports changes, and ends with the server.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	resp, err := s.HTTPClient().Get(s.URL() + dashboard.Path + "changes") //nolint:noctx // it ends with the server
	require.NoError(t, err)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	read := make([]byte, 4096)
	n, err := resp.Body.Read(read)
	require.NoError(t, err)
	require.Equal(t, "retry: 1000\n\n", string(read[:n]))
	for _, want := range []string{"data: all\n\n", "data: clock\n\n"} {
		n, err = resp.Body.Read(read)
		require.NoError(t, err)
		require.Equal(t, want, string(read[:n]))
		if want == "data: all\n\n" {
			s.Advance(time.Hour)
		}
	}
	ended := make(chan error)
	go func() { ended <- s.Shutdown(context.WithoutCancel(t.Context())) }()
	_, err = io.ReadAll(resp.Body)
	require.NoError(t, err, "the stream ends")
	require.NoError(t, resp.Body.Close())
	require.NoError(t, <-ended)
}

// html/template treats data-on… as code, but the script needs its attributes unchanged.
func TestThePageSaysWhatItWatches(t *testing.T) {
	t.Parallel()
	s := start(t)
	require.Contains(t, get(t, s, ""), `data-watch="call customer all"`)
	customer, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	require.Contains(t, get(t, s, "customers/"+customer.CustomerID), `data-watch="customer:`+customer.CustomerID+` clock all"`)
}
