package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var built = fstest.MapFS{
	"index.html": {Data: []byte("the page")},
	"build.html": {Data: []byte("npm run build")},
	"app.js":     {Data: []byte("the bundle")},
}

// person is a user with a browser.
type person struct {
	t    *testing.T
	http *http.Client
	app  string // its URL
}

// newWebapp serves the application, with a mock server as Lava.
func newWebapp(t *testing.T, opts ...mockserver.Option) (*mockserver.Server, string) {
	t.Helper()
	s := mockserver.Start(t, opts...)
	h, err := openMock(t.Context(), s, built)
	require.NoError(t, err)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return s, server.URL
}

func newPerson(t *testing.T, app string) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return person{t, &http.Client{Jar: jar}, app}
}

// call sends a request from the page at origin and returns the JSON of the response.
func (p person) call(method, url, origin, body string) (status int, response map[string]any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("Origin", origin)
	resp, err := p.http.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	_ = json.NewDecoder(resp.Body).Decode(&response) // a rejection may be plain text
	return resp.StatusCode, response
}

// api calls the application.
func (p person) api(method, path, body string) (status int, response map[string]any) {
	p.t.Helper()
	return p.call(method, p.app+"/api/"+path, p.app, body)
}

// pay completes the checkout that a token opens, as the checkout page does, and returns the customer's id.
func (p person) pay(token string) string {
	p.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(token)
	require.NoError(p.t, err)
	var session struct{ Secret, Base string }
	require.NoError(p.t, json.Unmarshal(raw, &session))
	status, paid := p.call("POST", session.Base+"embed/checkout/"+session.Secret+"/pay", strings.TrimSuffix(session.Base, "/"),
		`{"phone":"+15551234567","code":"000000","number":"4242 4242 4242 4242","expiry":"12/40","cvc":"123"}`)
	require.Equal(p.t, http.StatusOK, status, "%v", paid)
	return paid["customer_id"].(string)
}

// account is what the page shows.
func (p person) account() map[string]any {
	p.t.Helper()
	status, account := p.api("GET", "account", "")
	require.Equal(p.t, http.StatusOK, status)
	return account
}

// offers are the plans that the page shows.
func (p person) offers() []planOffer {
	p.t.Helper()
	resp, err := p.http.Get(p.app + "/api/plans") //nolint:noctx // it ends with the test's server
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	var offers []planOffer
	require.NoError(p.t, json.NewDecoder(resp.Body).Decode(&offers))
	return offers
}

// offer is what the page shows of one plan.
func (p person) offer(plan string) planOffer {
	p.t.Helper()
	offers := p.offers()
	i := slices.IndexFunc(offers, func(o planOffer) bool { return o.Name == plan })
	require.GreaterOrEqual(p.t, i, 0, "no plan %s in %v", plan, offers)
	return offers[i]
}

// choose takes a person from the button to the plan.
func (p person) choose(plan string) map[string]any {
	p.t.Helper()
	return p.buy(`{"plan_id":"` + p.offer(plan).PlanID + `"}`)
}

// buy completes a checkout, and returns the account afterwards.
func (p person) buy(what string) map[string]any {
	p.t.Helper()
	status, checkout := p.api("POST", "checkout", what)
	require.Equal(p.t, http.StatusOK, status, "%v", checkout)
	p.pay(checkout["token"].(string))
	status, account := p.api("POST", "refresh", "")
	require.Equal(p.t, http.StatusOK, status)
	return account
}

func TestFromPlanToCharge(t *testing.T) {
	t.Parallel()
	s, app := newWebapp(t)
	ada := newPerson(t, app)
	assert.Equal(t, false, ada.account()["paid"])
	assert.Equal(t, "25.00", ada.choose("Pro")["credits"])
	status, chat := ada.api("POST", "chat", `{"message":"Why is the sky blue?"}`)
	require.Equal(t, http.StatusOK, status)
	assert.Contains(t, chat["reply"], "Why is the sky blue?")
	assert.Equal(t, "24.75", chat["credits"])

	requests, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{})
	require.NoError(t, err)
	require.Len(t, requests.Data, 1)
	assert.Equal(t, "0.25", requests.Data[0].Charge.Amount.String())
	assert.Equal(t, "Free", newPerson(t, app).account()["plan"], "another user")
}

// Plans change, and the page learns about later changes from webhooks, which arrive twice.
func TestPlansOverTime(t *testing.T) {
	t.Parallel()
	s, app := newWebapp(t, mockserver.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDuplicated})
	ada := newPerson(t, app)
	require.Equal(t, "Basic", ada.choose("Basic")["plan"])
	require.Equal(t, "Pro", ada.choose("Pro")["plan"], "a larger plan starts immediately")
	waits := ada.choose("Basic")
	require.Equal(t, []any{"Pro", "Basic", "February 1"}, []any{waits["plan"], waits["next"], waits["on"]}, "a smaller plan starts later")

	advance := func(d time.Duration) {
		s.Advance(d)
		require.NoError(t, s.Settle(t.Context()))
	}
	advance(31 * 24 * time.Hour)
	require.Equal(t, "Basic", ada.account()["plan"])
	status, cancelled := ada.api("POST", "cancel", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []any{"Basic", "Free", "March 1"}, []any{cancelled["plan"], cancelled["next"], cancelled["on"]})
	advance(28 * 24 * time.Hour)
	require.Equal(t, "Free", ada.account()["plan"])

	require.Equal(t, "Pro", ada.choose("Pro")["plan"])
	s.Decline(mockserver.Decline{Times: 1})
	advance(31 * 24 * time.Hour)
	require.Equal(t, "Free", ada.account()["plan"], "the card was declined")
}

// The messages for users when something goes wrong.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s, app := newWebapp(t)
	ada := newPerson(t, app)
	say := func() (int, any) {
		status, said := ada.api("POST", "chat", `{"message":"Hello"}`)
		return status, said["error"]
	}
	status, text := say()
	assert.Equal(t, http.StatusPaymentRequired, status, "the plan Free has no credit")
	assert.Contains(t, text, "choose another plan")

	ada.choose("Basic")
	s.Script(mockserver.Reply{Status: 529, Times: 1})
	status, text = say()
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, text, "busy")
	s.Fail(mockserver.Failure{Endpoint: "gateway.forward", Status: 402, Code: "insufficient_balance", Times: 1})
	status, text = say()
	assert.Equal(t, http.StatusInternalServerError, status, "the wallet is empty, which is not the user's fault")
	assert.NotContains(t, text, "credit")
	for range 20 { // messages of 0.25
		status, _ = say()
		require.Equal(t, http.StatusOK, status)
	}
	status, text = say()
	assert.Equal(t, http.StatusPaymentRequired, status)
	assert.Contains(t, text, "used up your credit")

	for _, wrong := range []struct{ path, body string }{
		{"chat", "no JSON"},
		{"checkout", `{"plan_id":"sc_of_somebody_else"}`},
		{"checkout", `{"credit_bundle_id":"` + ada.offer("Pro").Bundles[0].CreditBundleID + `"}`}, // she is on Basic
	} {
		status, _ := ada.api("POST", wrong.path, wrong.body)
		assert.Equal(t, http.StatusBadRequest, status, wrong.body)
	}

	bundle := ada.offer("Basic").Bundles[0]
	assert.Equal(t, []string{"10.00", "12.00"}, []string{bundle.Price, bundle.Credit})
	assert.Equal(t, "12.00", ada.buy(`{"credit_bundle_id":"` + bundle.CreditBundleID + `"}`)["credits"])
	status, _ = say()
	assert.Equal(t, http.StatusOK, status)
	status, _ = ada.call("POST", app+"/webhooks/lava", "", `{"event":"customer.deleted","data":{"customer_id":"con_1"}}`)
	assert.Equal(t, http.StatusUnauthorized, status, "anyone can send such a request")
}

// An invented cookie does not identify a customer.
func TestCookiesThatWereMadeUp(t *testing.T) {
	t.Parallel()
	s, app := newWebapp(t)
	victim, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, app+"/api/account", nil)
	require.NoError(t, err)
	req.AddCookie(&http.Cookie{Name: "user", Value: victim.CustomerID})
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var account map[string]any
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&account))
	assert.Equal(t, "Free", account["plan"])
}

// Until the page is built, it shows how to build it. It is never missing.
func TestPage(t *testing.T) {
	t.Parallel()
	get := func(files fstest.MapFS) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		newApp(nil, nil, "").handler(files, "whsec_test").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		return w
	}
	page := get(built)
	assert.Equal(t, http.StatusOK, page.Code)
	assert.Equal(t, "the page", page.Body.String())

	page = get(fstest.MapFS{"index.html": built["index.html"], "build.html": built["build.html"]})
	assert.Equal(t, http.StatusServiceUnavailable, page.Code)
	assert.Equal(t, "text/html; charset=utf-8", page.Header().Get("Content-Type"))
	assert.Equal(t, "npm run build", page.Body.String())

	for _, name := range []string{"static/index.html", "static/build.html"} {
		_, err := static.ReadFile(name)
		assert.NoError(t, err)
	}
}
