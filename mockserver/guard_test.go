package mockserver_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestControlIsForThisMachine(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.AllowHost("lava"), mockserver.PublicURL("https://lava.example.com"))
	status := func(host, origin string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/_mock/clock", nil)
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
	require.Equal(t, 403, status("evil.example.com", ""), "a name that resolves to this machine")
	require.Equal(t, 403, status("localhost", "https://evil.example.com"), "a page that posts to this server")
	require.Equal(t, 403, status("localhost", "null"), "a sandboxed page")
}

const controlToken = "a-token-for-tests"

// The address of the client decides, not the headers it sends.
func TestControlFromOtherMachines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, peer, token, host string
		want                    int
	}{
		{"loopback", "127.0.0.1:4", "", "localhost", 200},
		{"any loopback address", "127.9.9.9:4", "", "localhost", 200},
		{"IPv6 loopback", "[::1]:4", "", "localhost", 200},
		{"IPv4 loopback on an IPv6 socket", "[::ffff:127.0.0.1]:4", "", "localhost", 200},
		{"in process", "", "", "localhost", 200},
		{"loopback needs no token", "127.0.0.1:4", "wrong", "localhost", 200},
		{"another machine that names this one", "192.0.2.1:4", "", "localhost", 403},
		{"IPv6", "[2001:db8::1]:4", "", "localhost", 403},
		{"link-local", "[fe80::1%eth0]:4", "", "localhost", 403},
		{"IPv4 on an IPv6 socket", "[::ffff:192.0.2.1]:4", "", "localhost", 403},
		{"no address", "somewhere", "", "localhost", 403},
		{"the token", "192.0.2.1:4", controlToken, "localhost", 200},
		{"the token, IPv6", "[2001:db8::1]:4", controlToken, "lava:4000", 200},
		{"a wrong token", "192.0.2.1:4", "a-token-for-test!", "localhost", 403},
		{"the beginning of the token", "192.0.2.1:4", controlToken[:8], "localhost", 403},
		{"the token, under a name that a page may have", "192.0.2.1:4", controlToken, "evil.example.com", 403},
	}
	for _, withToken := range []bool{true, false} {
		opts := []mockserver.Option{mockserver.InMemory(), mockserver.AllowHost("lava")}
		if withToken {
			opts = append(opts, mockserver.ControlToken(controlToken))
		}
		s := mockserver.Start(t, opts...)
		s.Mount("/mcp", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for _, test := range tests {
			want := test.want
			if !withToken && test.token == controlToken {
				want = 403 // no token gives access
			}
			for _, path := range []string{"/_mock/clock", "/mcp"} {
				r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
				r.RemoteAddr, r.Host = test.peer, test.host
				if test.token != "" {
					r.Header.Set("X-Lava-Mock-Token", test.token)
				}
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				require.Equal(t, want, w.Code, "%s, %s, server with a token: %v", test.name, path, withToken)
				require.NotContains(t, w.Body.String(), controlToken)
				if test.token != "" {
					require.NotContains(t, w.Body.String(), test.token)
				}
			}
		}
	}
}

// Lava's own endpoints use Lava's keys, not the control token.
func TestOtherMachinesUseTheAPI(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/meters", nil)
	r.RemoteAddr = "192.0.2.1:4"
	r.Header.Set("Authorization", "Bearer "+s.SecretKey())
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Equal(t, 200, w.Code, w.Body)
}

// The same over the network, from an address that isn't loopback.
func TestControlOnEveryInterface(t *testing.T) {
	t.Parallel()
	own := ownAddress(t)
	s := mockserver.Start(t, mockserver.Addr("0.0.0.0:0"), mockserver.ControlToken(controlToken))
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL(), "http://"))
	require.NoError(t, err)
	status := func(address, token string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+net.JoinHostPort(address, port)+"/_mock/clock", nil)
		require.NoError(t, err)
		req.Host = "localhost"
		req.Header.Set("X-Lava-Mock-Token", token)
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, 200, status("127.0.0.1", ""))
	require.Equal(t, 403, status(own, ""))
	require.Equal(t, 403, status(own, "another-token-of-tests"))
	require.Equal(t, 200, status(own, controlToken))
}

// ownAddress returns an address of this machine that isn't loopback.
func ownAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	require.NoError(t, err)
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil && network.IP.IsGlobalUnicast() {
			return network.IP.String()
		}
	}
	t.Skip("this machine has only loopback addresses")
	return ""
}

func TestControlTokenIsChecked(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "short", "sixteen letters and spaces", "sixteen-letters-and-ä", "sixteen-letters\r\nX: y"} {
		_, err := mockserver.New(mockserver.ControlToken(token))
		require.ErrorContains(t, err, "control token: ", token)
		if token != "" {
			require.NotContains(t, err.Error(), token)
		}
	}
}
