package lavaotel_test

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	lavaotel "github.com/lavapayments/lava-go/otel"
)

// A call to Lava's API is an HTTP client span, and a duration.
func TestCall(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t, mockserver.InMemory()), newTelemetry()
	address, err := url.Parse(s.URL())
	require.NoError(t, err)
	server := map[string]any{"server.address": address.Hostname(), "server.port": port(address)}
	client := s.Client(tel.instrument())

	customer, err := client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada"})
	require.NoError(t, err)
	_, err = client.Customers.Retrieve(t.Context(), "nobody")
	require.ErrorIs(t, err, lava.ErrNotFound)
	require.NoError(t, client.Customers.Delete(t.Context(), customer.CustomerID))

	calls := s.Calls()
	spans := tel.ended(t)
	require.Len(t, spans, 3)
	require.Equal(t, span{"POST /v1/customers", false, with(server, map[string]any{
		"http.request.method": "POST", "url.template": "/v1/customers", "http.response.status_code": int64(calls[0].Status),
		"lava.request_id": calls[0].ID,
	})}, spans[0])
	require.Equal(t, span{"GET /v1/customers/{id}", true, with(server, map[string]any{
		"http.request.method": "GET", "url.template": "/v1/customers/{id}", "http.response.status_code": int64(404),
		"lava.request_id": calls[1].ID, "error.type": "404",
	})}, spans[1])
	require.Equal(t, "DELETE /v1/customers/{id}", spans[2].Name)

	points := tel.points(t, "http.client.request.duration")
	require.Len(t, points, 3)
	for _, p := range points {
		assert.Equal(t, uint64(1), p.Count)
		assert.Contains(t, []any{"/v1/customers", "/v1/customers/{id}"}, p.Attrs["url.template"])
		assert.Equal(t, address.Hostname(), p.Attrs["server.address"])
		assert.NotContains(t, p.Attrs, "lava.request_id")
	}
}

func port(u *url.URL) int64 {
	if n, err := strconv.ParseInt(u.Port(), 10, 64); err == nil {
		return n
	}
	return map[string]int64{"http": 80, "https": 443}[u.Scheme]
}

func with(parts ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range parts {
		maps.Copy(all, m)
	}
	return all
}

// Each attempt is a span, below the caller's.
func TestRetries(t *testing.T) {
	t.Parallel()
	s, tel := mockserver.Start(t, mockserver.InMemory()), newTelemetry()
	s.Fail(mockserver.Failure{Endpoint: "meters.list", Status: http.StatusServiceUnavailable, Times: 2})

	ctx, parent := tel.tracer.Tracer("test").Start(t.Context(), "job", trace.WithSpanKind(trace.SpanKindClient))
	_, err := s.Client(tel.instrument()).Meters.List(ctx, lava.ListMetersParams{})
	require.NoError(t, err)
	for _, s := range tel.spans.Ended() {
		assert.Equal(t, parent.SpanContext().SpanID(), s.Parent().SpanID())
	}
	parent.End()

	spans := tel.ended(t)[:3]
	for i, want := range []struct{ status, resent any }{{int64(503), nil}, {int64(503), int64(1)}, {int64(200), int64(2)}} {
		assert.Equal(t, "GET /v1/meters", spans[i].Name)
		assert.Equal(t, want.status, spans[i].Attrs["http.response.status_code"])
		assert.Equal(t, want.resent, spans[i].Attrs["http.request.resend_count"])
	}
}

type timeoutError struct{ error }

func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// A failure without a response has an error type too.
func TestFailures(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"canceled":     context.Canceled,
		"timeout":      &net.OpError{Op: "dial", Net: "tcp", Err: timeoutError{errors.New("i/o timeout")}},
		"*net.OpError": &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused with " + key)},
	} {
		tel := newTelemetry()
		client := tel.client(t, transport(func(*http.Request) (*http.Response, error) { return nil, err }), lava.WithMaxRetries(0))
		_, failed := client.Wallet.Retrieve(t.Context())
		require.Error(t, failed)
		got := tel.one(t)
		assert.True(t, got.Failed)
		assert.Equal(t, want, got.Attrs["error.type"])
		assert.NotContains(t, got.Attrs, "http.response.status_code")
	}
}

// Ends by the caller's context and by the client's timeouts have different error types.
func TestContexts(t *testing.T) {
	t.Parallel()
	waits := transport(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	tel := newTelemetry()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := tel.client(t, waits).Wallet.Retrieve(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, "canceled", tel.one(t).Attrs["error.type"])

	_, err = tel.client(t, waits, lava.WithTimeout(time.Nanosecond), lava.WithMaxRetries(0)).Wallet.Retrieve(t.Context())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, "timeout", tel.one(t).Attrs["error.type"])
}

var operation = regexp.MustCompile(`(?m)^//lava:operation ([A-Z]+) (/\S*)$`)

// Every operation of the client has its template, below any base URL.
func TestTemplates(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	operations := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range operation.FindAllStringSubmatch(string(source), -1) {
			operations++
			method, template := m[1], m[2]
			for _, base := range []string{"https://lava.test/v1/", "https://lava.test/customers/v1/", "https://lava.test/api/"} {
				tel := newTelemetry()
				client := tel.client(t, respond(200, "application/json", "{}"), lava.WithBaseURL(base))
				for _, id := range []string{"con_1", "customers", "a%2Fb"} {
					require.NoError(t, operate(t.Context(), client, method, template, id))
					got := tel.one(t)
					assert.Equal(t, method+" /v1"+template, got.Name, "%s with %s", base, id)
					assert.Equal(t, "/v1"+template, got.Attrs["url.template"])
				}
			}
		}
	}
	require.Greater(t, operations, 40)
}

// operate sends an operation's request. Gateway requests in this test aren't for a model.
func operate(ctx context.Context, client *lava.Client, method, template, id string) (err error) {
	switch params := (lava.GatewayParams{Method: method}); template {
	case "/rewrite/{format}/{url}":
		params.Format = lava.FormatOpenAI
		fallthrough
	case "/forward":
		_, err = client.Gateway(ctx, "https://api.openai.com/v1/files/"+id, params)
		return err
	}
	return client.Do(ctx, method, strings.ReplaceAll(template[1:], "{id}", id), nil, nil)
}

// An unknown path has no template: names with ids in them would be too many.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	tel := newTelemetry()
	client := tel.client(t, respond(200, "application/json", "{}"))
	for _, path := range []string{"things/secret-id", "customers/a/b", "meters/a/b/c", "v1"} {
		require.NoError(t, client.Do(t.Context(), "BREW", path, nil, nil))
		got := tel.one(t)
		assert.Equal(t, "HTTP", got.Name)
		assert.Equal(t, "_OTHER", got.Attrs["http.request.method"])
		assert.NotContains(t, got.Attrs, "url.template")
	}
}

// Without options, the global providers are used, which record nothing until they are set.
func TestGlobalProviders(t *testing.T) { //nolint:paralleltest // it sets the environment
	mockserver.Start(t).Setenv(t)
	client, err := lava.New(lavaotel.Instrument())
	require.NoError(t, err)
	_, err = client.Wallet.Retrieve(t.Context())
	require.NoError(t, err)
}
