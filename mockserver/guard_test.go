package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestControlIsForThisMachine(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.AllowHost("lava"), mockserver.PublicURL("https://lava.example.com"))
	status := func(host, origin string) int {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL()+"/_mock/clock", nil)
		require.NoError(t, err)
		req.Host = host
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	for _, host := range []string{"127.0.0.1:80", "localhost", "[::1]:9", "lava:4000", "lava.example.com"} {
		require.Equal(t, 200, status(host, ""), host)
	}
	require.Equal(t, 200, status("localhost", "http://localhost:3000"))
	require.Equal(t, 403, status("evil.example.com", ""), "a name that points here")
	require.Equal(t, 403, status("localhost", "https://evil.example.com"), "a page that posts here")
	require.Equal(t, 403, status("localhost", "null"), "a sandboxed page")
}
