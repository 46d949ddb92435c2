package upstream_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// Concurrent requests keep their connections: the next ones dial none.
func TestTransportKeepsConnections(t *testing.T) {
	t.Parallel()
	const clients, rounds = 64, 5
	var dialed, waiting atomic.Int64
	all := make(chan struct{}, clients) // releases a round when all its requests have arrived
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if waiting.Add(1)%clients == 0 {
			for range clients {
				all <- struct{}{}
			}
		}
		<-all
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dialed.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	transport := upstream.NewTransport()
	defer transport.CloseIdleConnections()
	for range rounds {
		var group sync.WaitGroup
		for range clients {
			group.Go(func() {
				req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
				res, err := transport.RoundTrip(req)
				if err == nil {
					_, err = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	require.LessOrEqual(t, dialed.Load(), int64(2*clients), "%d requests", clients*rounds)
}

func TestTransportSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	transport := upstream.NewTransport()
	defer transport.CloseIdleConnections()
	transport.TLSClientConfig = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	res, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "HTTP/2.0", string(b))
}

// A kept connection dies after the provider has read a request. net/http resends requests with an idempotency key,
// and the provider would bill twice.
func TestProviderGetsARequestOnce(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("Idempotency-Key") == "" {
			return
		}
		reached.Add(1)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	transport := upstream.NewTransport()
	defer transport.CloseIdleConnections()
	provider := upstream.To(base, transport)
	send := func(header http.Header) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/chat/completions", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header = header
		resp, err := provider.RoundTrip(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			require.NoError(t, resp.Body.Close())
		}
		return err
	}
	require.NoError(t, send(http.Header{}), "the connection is reused")
	header := http.Header{"Idempotency-Key": {"one"}}
	require.Error(t, send(header))
	require.EqualValues(t, 1, reached.Load())
	require.Equal(t, http.Header{"Idempotency-Key": {"one"}}, header, "the caller's header is not modified")
}
