package mockserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestMount(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Mount("/tools/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.PathValue("name")))
	}))
	require.Equal(t, "hammer", string(send(t, s, "GET", "/tools/hammer", "").body))
	require.Equal(t, 404, send(t, s, "GET", "/toys/ball", "").status)
}

// A handler mounted at the root is for people: a program that calls the wrong address gets an error, and its call is
// kept.
func TestMountAtTheRoot(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Mount("GET /{$}", http.RedirectHandler("/tools", http.StatusSeeOther))
	get := func(method, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), method, "/", nil)
		r.RemoteAddr, r.Host = "127.0.0.1:4", "localhost"
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	require.Equal(t, 303, get("GET", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").Code)
	require.Empty(t, s.Calls())
	other := get("GET", "*/*")
	require.Equal(t, 404, other.Code)
	require.Contains(t, other.Body.String(), "open this address in a browser")
	require.Equal(t, 404, get("POST", "text/html").Code)
	require.Len(t, s.Calls(), 2)
}

// A browser on another machine sends the control token once.
func TestMountAsksForTheToken(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.ControlToken(controlToken))
	s.Mount("/tools/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a hammer")) }))
	visit := func(path, form, cookie, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
		if form != "" {
			r = httptest.NewRequestWithContext(t.Context(), "POST", path, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.RemoteAddr, r.Host = "192.0.2.1:4", "localhost:5282"
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Cookie", cookie)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.NotContains(t, w.Body.String(), controlToken)
		return w
	}
	asked := visit("/tools/?a=1", "", "", "")
	require.Equal(t, 401, asked.Code)
	require.Contains(t, asked.Body.String(), `name="control_token"`)
	wrong := visit("/tools/?a=1", "control_token=not-the-token-at-all", "", "")
	require.Equal(t, 401, wrong.Code)
	require.Contains(t, wrong.Body.String(), "the control token is wrong")
	require.Empty(t, wrong.Result().Cookies())
	require.Equal(t, 403, visit("/tools/", "control_token="+controlToken, "", "https://evil.example.com").Code)

	right := visit("/tools/?a=1", "control_token="+controlToken, "", "http://localhost:5282")
	require.Equal(t, 303, right.Code)
	require.Equal(t, "/tools/?a=1", right.Header().Get("Location"))
	cookie := right.Result().Cookies()[0]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.NotContains(t, cookie.Value, controlToken)
	require.Equal(t, "a hammer", visit("/tools/", "", cookie.Name+"="+cookie.Value, "").Body.String())
	require.Equal(t, 401, visit("/tools/", "", cookie.Name+"=0"+cookie.Value[1:]+"0", "").Code)
	require.Equal(t, 403, visit("/tools/", "", cookie.Name+"="+cookie.Value, "https://evil.example.com").Code)
	require.Equal(t, 403, visit("/_mock/clock", "", cookie.Name+"="+cookie.Value, "").Code, "control endpoints are for programs")

	away := visit("//evil.example.com/tools/../", "control_token="+controlToken, "", "")
	require.NotContains(t, away.Header().Get("Location"), "//")
}
