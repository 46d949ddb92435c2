package lava_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

const testKey = "aks_test_0123456789abcdef"

// recorded is a request as a server saw it.
type recorded struct {
	Method string
	URI    string // as on the wire
	Header http.Header
	Body   string
}

// fakeAPI is a server on a real socket that responds as a test specifies, and keeps the requests.
type fakeAPI struct {
	*httptest.Server
	mu       sync.Mutex
	requests []recorded
}

// newFakeAPI starts a server with handle, which gets the request's number, from 1.
func newFakeAPI(t testing.TB, handle func(w http.ResponseWriter, r *http.Request, n int)) *fakeAPI {
	t.Helper()
	api := &fakeAPI{}
	api.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		api.mu.Lock()
		api.requests = append(api.requests, recorded{r.Method, r.RequestURI, r.Header, string(body)})
		n := len(api.requests)
		api.mu.Unlock()
		handle(w, r, n)
	}))
	t.Cleanup(api.Close)
	return api
}

// respond returns a handler that always sends the same JSON.
func respond(status int, body string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, _ *http.Request, _ int) { writeJSON(w, status, body) }
}

func writeJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (api *fakeAPI) seen() []recorded {
	api.mu.Lock()
	defer api.mu.Unlock()
	return append([]recorded(nil), api.requests...)
}

// client returns a client of the server, with short pauses.
func (api *fakeAPI) client(t testing.TB, opts ...lava.Option) *lava.Client {
	t.Helper()
	all := append([]lava.Option{
		lava.WithSecretKey(testKey), lava.WithBaseURL(api.URL), lava.WithHTTPClient(api.Client()), lava.WithBackoff(time.Millisecond),
	}, opts...)
	client, err := lava.New(all...)
	require.NoError(t, err)
	return client
}

// cut closes the connection without a response.
func cut(t testing.TB, w http.ResponseWriter) {
	t.Helper()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = conn.Close()
}

// setHeader returns a function that copies fields, for [lava.GatewayParams].
func setHeader(fields http.Header) func(http.Header) {
	return func(header http.Header) { maps.Copy(header, fields) }
}
