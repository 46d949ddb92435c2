package mockserver

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// everyRoute returns a request (method and path) for each endpoint.
func everyRoute() map[Endpoint][2]string {
	all := map[Endpoint][2]string{
		"gateway.forward":          {"POST", "/v1/forward?u=https://api.openai.com/v1/chat/completions"},
		"gateway.rewrite":          {"POST", "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions"},
		"gateway.chat_completions": {"POST", "/v1/chat/completions"},
		"gateway.messages":         {"POST", "/v1/messages"},
		"pages.checkout":           {"GET", "/embed/checkout/css_test_none"},
		"pages.login":              {"GET", loginPath},
		"pages.payment":            {"GET", confirmPrefix + "pay_test_none"},
	}
	for _, at := range routes {
		for _, rt := range at {
			all[rt.name] = [2]string{rt.method, apiPrefix + strings.ReplaceAll(rt.path, "{id}", "some_id")}
		}
	}
	return all
}

// Every endpoint can fail before and after its effect, with a status or a cut connection.
func TestEveryRouteCanFail(t *testing.T) {
	t.Parallel()
	s := Start(t, InMemory())
	for _, endpoint := range Endpoints() {
		request, ok := everyRoute()[endpoint]
		require.True(t, ok, endpoint)
		send := func() (*http.Response, error) {
			body := `{"model":"gpt-4o-mini","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}`
			req, err := http.NewRequestWithContext(t.Context(), request[0], s.URL()+request[1], strings.NewReader(body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+s.SecretKey())
			req.Header.Set("Content-Type", "application/json")
			return s.HTTPClient().Do(req)
		}
		for _, at := range []FailurePoint{BeforeEffect, AfterEffect} {
			s.Fail(Failure{Endpoint: endpoint, Times: 1, At: at, Status: 500, Message: "on purpose"})
			resp, err := send()
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, 500, resp.StatusCode, "%s %s: %s", endpoint, at, body)
			require.JSONEq(t, `{"error":{"message":"on purpose","code":"internal_error","status":500}}`, string(body))

			s.Fail(Failure{Endpoint: endpoint, Times: 1, At: at, Cut: true})
			s.HTTPClient().CloseIdleConnections() // on a reused connection, Go resends a GET
			resp, err = send()
			if err == nil {
				_, err = io.ReadAll(resp.Body)
				require.NoError(t, resp.Body.Close())
			}
			require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), "%s %s: %v", endpoint, at, err)
		}
		require.Empty(t, s.Unused())
		s.Disarm()
	}
}
