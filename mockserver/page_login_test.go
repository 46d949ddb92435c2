package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		b := browser{t: t, s: s}
		page := b.request("GET", "/auth/connect?state=a%26b&port=4321", nil, "")
		require.Equal(t, 200, page.status)
		require.Contains(t, string(page.body), `value="a&amp;b"`)
		require.Contains(t, page.header.Get("Content-Security-Policy"), "form-action 'self' http://127.0.0.1:4321; frame-ancestors 'none'")

		first := credentialsOf(t, s, "first")
		require.Equal(t, first["merchant_id"], credentialsOf(t, s, "first")["merchant_id"])
		require.NotEqual(t, first["merchant_id"], credentialsOf(t, s, "new")["merchant_id"])
		require.Equal(t, 200, sendAs(t, s, first["secret_key"].(string), "GET", "/v1/meters", "").status)
	})
}

// submitLogin submits the form of the login page and returns the redirect.
func submitLogin(t *testing.T, s *mockserver.Server, form url.Values, origin string) (status int, to *url.URL) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/auth/connect", strings.NewReader(form.Encode()))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", origin)
	client := *s.HTTPClient()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	to, _ = resp.Location()
	return resp.StatusCode, to
}

func credentialsOf(t *testing.T, s *mockserver.Server, merchant string) map[string]any {
	t.Helper()
	status, to := submitLogin(t, s, url.Values{"state": {"a&b"}, "port": {"4321"}, "merchant": {merchant}}, s.URL())
	require.Equal(t, 303, status)
	require.Equal(t, "http://127.0.0.1:4321/callback", to.Scheme+"://"+to.Host+to.Path)
	require.Equal(t, "a&b", to.Query().Get("state"))
	body := fmt.Sprintf(`{"code":%q}`, to.Query().Get("code"))
	a := sendAs(t, s, "", "POST", "/v1/auth/callback", body)
	require.Equal(t, 200, a.status)
	require.Equal(t, 401, sendAs(t, s, "", "POST", "/v1/auth/callback", body).status, "a code works only once")
	return a.object(t)
}

func TestBadLogins(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, query := range []string{"", "state=a", "port=80", "state=a&port=0", "state=a&port=65536", "state=a&port=x", "state=a&port=80@evil.example", "port=80&state=" + strings.Repeat("a", 513)} {
		b := browser{t: t, s: s}
		page := b.request("GET", "/auth/connect?"+query, nil, "")
		require.Equal(t, 400, page.status, query)
		require.NotContains(t, string(page.body), "<form", query)
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		values.Set("merchant", "first")
		status, _ := submitLogin(t, s, values, s.URL())
		require.Equal(t, 400, status, query)
	}
	good := url.Values{"state": {"a"}, "port": {"80"}, "merchant": {"first"}}
	status, _ := submitLogin(t, s, good, "https://evil.example")
	require.Equal(t, 403, status)
	good.Set("merchant", "yours")
	status, _ = submitLogin(t, s, good, s.URL())
	require.Equal(t, 400, status)

	good.Set("merchant", "first")
	_, to := submitLogin(t, s, good, s.URL())
	s.Advance(time.Minute)
	a := sendAs(t, s, "", "POST", "/v1/auth/callback", fmt.Sprintf(`{"code":%q}`, to.Query().Get("code")))
	require.Equal(t, 401, a.status, "a code works for a minute")
}

// Go's own Login completes against the page.
func TestLoginOfTheClient(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	got, err := lava.Login(t.Context(), lava.LoginParams{AppURL: s.URL(), OpenBrowser: clickThrough(t, s)})
	require.NoError(t, err)
	client, err := lava.New(lava.WithSecretKey(got.SecretKey.Reveal()), lava.WithBaseURL(s.URL()))
	require.NoError(t, err)
	_, err = client.Meters.List(t.Context(), lava.ListMetersParams{})
	require.NoError(t, err)
	require.NotEqual(t, s.SecretKey(), got.SecretKey)
}

// clickThrough acts as the browser and the person: it opens the login page, submits its form, and follows the
// redirect.
func clickThrough(t *testing.T, s *mockserver.Server) func(context.Context, string) error {
	t.Helper()
	return func(_ context.Context, page string) error {
		u, err := url.Parse(page)
		require.NoError(t, err)
		html := browser{t: t, s: s}.request("GET", u.RequestURI(), nil, "")
		form := url.Values{"merchant": {"first"}}
		for _, m := range regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`).FindAllStringSubmatch(string(html.body), -1) {
			form.Set(m[1], m[2])
		}
		status, to := submitLogin(t, s, form, s.URL())
		require.Equal(t, 303, status)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to.String(), nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.Equal(t, 200, resp.StatusCode)
		return resp.Body.Close()
	}
}

// A login gives out a secret key, so another machine needs the control token, whatever host it names.
func TestLoginFromOtherMachines(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.ControlToken(controlToken))
	closed := mockserver.Start(t, mockserver.InMemory())
	request := func(s *mockserver.Server, peer, method, token, header string) *httptest.ResponseRecorder {
		form := url.Values{"state": {"a"}, "port": {"80"}, "merchant": {"new"}, "control_token": {token}}
		r := httptest.NewRequestWithContext(t.Context(), method, "/auth/connect?state=a&port=80", strings.NewReader(form.Encode()))
		r.RemoteAddr, r.Host = peer, "localhost"
		r.Header.Set("Origin", "http://localhost")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", "127.0.0.1")
		if header != "" {
			r.Header.Set("X-Lava-Mock-Token", header)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.NotContains(t, w.Body.String(), controlToken)
		return w
	}
	const own, other = "127.0.0.1:4", "192.0.2.1:4"

	require.NotContains(t, request(s, own, "GET", "", "").Body.String(), "control_token")
	require.Equal(t, 303, request(s, own, "POST", "", "").Code)

	page := request(s, other, "GET", "", "")
	require.Equal(t, 200, page.Code)
	require.Contains(t, page.Body.String(), `name="control_token" type="password"`)
	require.Equal(t, 403, request(s, other, "POST", "", "").Code)
	wrong := request(s, other, "POST", "a-token-for-test!", "")
	require.Equal(t, 403, wrong.Code)
	require.Contains(t, wrong.Body.String(), "the control token is wrong")
	require.Contains(t, wrong.Body.String(), `name="state" value="a"`, "the form can be resubmitted")
	require.Empty(t, wrong.Header().Get("Location"))
	require.Equal(t, 303, request(s, other, "POST", controlToken, "").Code)
	require.Equal(t, 303, request(s, other, "POST", "", controlToken).Code)

	for _, method := range []string{"GET", "POST"} {
		require.Equal(t, 403, request(closed, other, method, controlToken, controlToken).Code, method)
	}
}
