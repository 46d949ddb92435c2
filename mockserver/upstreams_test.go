package mockserver_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestUpstreams(t *testing.T) {
	t.Parallel()
	const answer = `{"id":"x","object":"chat.completion","model":"gpt-4o-mini","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}`
	var seen http.Header
	provider := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	})
	origin := httptest.NewServer(provider)
	defer origin.Close()
	for name, opt := range map[string]mockserver.Option{
		"handler": mockserver.Upstream("api.openai.com", provider),
		"URL":     mockserver.UpstreamURL("api.openai.com", origin.URL),
	} {
		t.Run(name, func(t *testing.T) {
			s := mockserver.Start(t, opt, mockserver.ProviderKey("openai", "sk-mine"), mockserver.Price("openai", "gpt-4o-mini", dec("1000000"), dec("2000000")))
			shop := openShop(t, s)
			a := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody)
			require.JSONEq(t, answer, string(a.body))
			require.Equal(t, "Bearer sk-mine", seen.Get("Authorization"))
			for k, v := range seen {
				require.NotContains(t, strings.Join(v, ""), s.SecretKey(), k)
			}
			r, err := shop.client.Requests.Retrieve(t.Context(), a.header.Get("X-Lava-Request-Id"))
			require.NoError(t, err)
			require.EqualValues(t, 10, r.ModelUsage.TotalTokens)
			require.Equal(t, "13", r.Cost.String())
		})
	}
}

// The server's control token never reaches a provider, whatever the name under which it is sent.
func TestControlTokenStaysHere(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	provider := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":[]}`)
	})
	s := mockserver.Start(t, mockserver.Upstream("api.openai.com", provider), mockserver.ControlToken(controlToken))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/v1/forward?u=https://api.openai.com/v1/models&x="+controlToken+"&y=1", nil)
	require.NoError(t, err)
	req.Header = http.Header{
		"Authorization": {"Bearer " + s.SecretKey()}, "X-Lava-Mock-Token": {controlToken}, "X-Token": {"Bearer " + controlToken, "stays"},
		"X-Basic": {"Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+controlToken))},
	}
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "y=1", seen.URL.RawQuery)
	require.Equal(t, []string{"stays"}, seen.Header["X-Token"])
	require.NotContains(t, seen.Header, "X-Lava-Mock-Token")
	require.NotContains(t, seen.Header, "X-Basic")
}

// A request can't escape the path of an upstream.
func TestUpstreamKeepsItsPath(t *testing.T) {
	t.Parallel()
	var paths []string
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.EscapedPath())
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":[]}`)
	}))
	defer provider.Close()
	s := mockserver.Start(t, mockserver.UpstreamURL("api.openai.com", provider.URL+"/tenant/a"))
	for path, status := range map[string]int{
		"/v1/models": 200, "/v1/../../b/models": 400, "/..%252fb": 400, "/%252e%252e/b": 400, "/..%255cb": 400, "/v1/..;/../b": 400, "/v1/..;/b": 400, "/v1/..models": 200,
	} {
		require.Equal(t, status, send(t, s, "GET", "/v1/forward?u=https://api.openai.com"+path, "").status, path)
	}
	slices.Sort(paths)
	require.Equal(t, []string{"/tenant/a/v1/..models", "/tenant/a/v1/models"}, paths)
}

// The error for an invalid address doesn't show a password in it.
func TestUpstreamURLErrors(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"9000":                          "want an http or https URL",
		"ftp://user:hunter2@host":       "want an http or https URL",
		"http://user:hunter2 @host":     "want an http or https URL",
		"http://user:hunter2@127.0.0.1": "must not contain a user name or password",
	} {
		_, err := mockserver.New(mockserver.UpstreamURL("api.openai.com", target))
		require.ErrorContains(t, err, want, target)
		require.NotContains(t, err.Error(), "hunter2", target)
	}
}

func TestUnknownHosts(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	const path = "/v1/forward?u=https://llm.example.com/v1/chat/completions"
	a := sendAs(t, s, shop.token(t), "POST", path, chatBody)
	require.Equal(t, 400, a.status)
	require.Contains(t, string(a.body), "llm.example.com")

	s = mockserver.Start(t, mockserver.AllowUnknownHosts())
	shop = openShop(t, s)
	require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", path, chatBody).status)
}
