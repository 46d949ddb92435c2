package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

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

// person is somebody with a browser.
type person struct {
	t    *testing.T
	http *http.Client
	app  string // its URL
}

// newWebapp serves the application, with a mock server as Lava.
func newWebapp(t *testing.T) (*mockserver.Server, string) {
	t.Helper()
	s := mockserver.Start(t)
	plan, meter, err := createPlan(t.Context(), s.Client())
	require.NoError(t, err)
	server := httptest.NewServer(newApp(s.Client(), plan, meter).handler(built))
	t.Cleanup(server.Close)
	return s, server.URL
}

func newPerson(t *testing.T, app string) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return person{t, &http.Client{Jar: jar}, app}
}

// call sends a request from the page at origin and returns the JSON of the
// response.
func (p person) call(method, url, origin, body string) (status int, response map[string]string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("Origin", origin)
	resp, err := p.http.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	require.NoError(p.t, json.NewDecoder(resp.Body).Decode(&response))
	return resp.StatusCode, response
}

// api calls the application.
func (p person) api(method, path, body string) (status int, response map[string]string) {
	p.t.Helper()
	return p.call(method, p.app+"/api/"+path, p.app, body)
}

// pay fills in the checkout that a token opens, as the checkout page sends it, and
// returns the customer's id.
func (p person) pay(token string) string {
	p.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(token)
	require.NoError(p.t, err)
	var session struct{ Secret, Base string }
	require.NoError(p.t, json.Unmarshal(raw, &session))
	status, paid := p.call("POST", session.Base+"embed/checkout/"+session.Secret+"/pay", strings.TrimSuffix(session.Base, "/"),
		`{"phone":"+15551234567","code":"000000","number":"4242 4242 4242 4242","expiry":"12/40","cvc":"123"}`)
	require.Equal(p.t, http.StatusOK, status, "%v", paid)
	return paid["customer_id"]
}

// subscribe is the way from the button to the subscription.
func (p person) subscribe() {
	p.t.Helper()
	status, checkout := p.api("POST", "checkout", "")
	require.Equal(p.t, http.StatusOK, status)
	status, account := p.api("POST", "customer", `{"customer_id":"`+p.pay(checkout["token"])+`"}`)
	require.Equal(p.t, http.StatusOK, status)
	require.Equal(p.t, map[string]string{"plan": "Pro Plan", "credits": "25.00"}, account)
}

func TestFromPlanToCharge(t *testing.T) {
	t.Parallel()
	s, app := newWebapp(t)
	ada := newPerson(t, app)
	status, account := ada.api("GET", "account", "")
	require.Equal(t, http.StatusOK, status)
	assert.Equal(t, map[string]string{"plan": "", "credits": ""}, account)

	ada.subscribe()
	status, chat := ada.api("POST", "chat", `{"message":"Why is the sky blue?"}`)
	require.Equal(t, http.StatusOK, status)
	assert.Contains(t, chat["reply"], "Why is the sky blue?")
	assert.Equal(t, "24.75", chat["credits"])

	requests, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{})
	require.NoError(t, err)
	require.Len(t, requests.Data, 1)
	assert.Equal(t, "0.25", requests.Data[0].Charge.Amount.String())

	_, account = newPerson(t, app).api("GET", "account", "")
	assert.Empty(t, account["plan"], "somebody else")
}

func TestNoCreditIsLeft(t *testing.T) {
	t.Parallel()
	_, app := newWebapp(t)
	ada := newPerson(t, app)
	ada.subscribe()
	for range 100 { // messages of 0.25
		status, _ := ada.api("POST", "chat", `{"message":"Hello"}`)
		require.Equal(t, http.StatusOK, status)
	}
	status, refused := ada.api("POST", "chat", `{"message":"Hello"}`)
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Contains(t, refused["error"], "used up your credit")
}

// The id of a customer comes from the browser, which may send any.
func TestUnknownCustomer(t *testing.T) {
	t.Parallel()
	_, app := newWebapp(t)
	ada := newPerson(t, app)
	status, refused := ada.api("POST", "customer", `{"customer_id":"con_none"}`)
	assert.Equal(t, http.StatusBadGateway, status)
	assert.Contains(t, refused["error"], "try again")
	_, account := ada.api("GET", "account", "")
	assert.Empty(t, account["plan"])
}

// Until the page is built, it says how to build it. It is never missing.
func TestPage(t *testing.T) {
	t.Parallel()
	get := func(files fstest.MapFS) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		newApp(nil, "", "").handler(files).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
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
