package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Whether a request may be retried is a single table: the failure by the kind of request.
func TestAllows(t *testing.T) {
	t.Parallel()
	status := func(status int) *Failure { return &Failure{Reason: Rejected, Response: Response{Status: status}} }
	for _, tt := range []struct {
		name                      string
		failure                   *Failure
		never, ifRejected, always bool
	}{
		{"nothing reached the server", &Failure{Reason: Unsent}, true, true, true},
		{"sent, no response", &Failure{Reason: Lost}, false, false, true},
		{"a response broke off", &Failure{Reason: Lost, Response: Response{Status: 200}}, false, false, true},
		{"it would fail again", &Failure{Reason: Final}, false, false, false},
		{"408", status(408), false, false, true},
		{"429", status(429), false, true, true},
		{"500", status(500), false, false, true},
		{"502", status(502), false, false, true},
		{"503", status(503), false, true, true},
		{"400", status(400), false, false, false},
		{"404", status(404), false, false, false},
		{"409", status(409), false, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.never, tt.failure.allows(Never), "never")
			require.Equal(t, tt.ifRejected, tt.failure.allows(IfRejected), "if rejected")
			require.Equal(t, tt.always, tt.failure.allows(Always), "always")
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"soon":                          0,
		"0":                             0,
		"-5":                            0,
		"7":                             7 * time.Second,
		"3600":                          time.Hour,
		"99999999999":                   (1 << 30) * time.Second,
		"9223372036854775807":           (1 << 30) * time.Second,
		"9223372036854775808":           (1 << 30) * time.Second,
		"1000000000000000000000000":     (1 << 30) * time.Second,
		"-1000000000000000000000000":    0,
		"Wed, 04 Mar 2026 05:06:16 GMT": 9 * time.Second,
		"Wed, 04 Mar 2026 05:06:00 GMT": 0,
	} {
		require.Equal(t, want, retryAfter(value, now), value)
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for name, tt := range map[string]struct {
		err  error
		want Reason
	}{
		"dial":       {dial, Unsent},
		"wrapped":    {fmt.Errorf("x: %w", dial), Unsent},
		"proxy":      {&net.OpError{Op: "proxyconnect", Err: io.EOF}, Unsent},
		"read":       {&net.OpError{Op: "read", Err: io.EOF}, Lost},
		"end":        {io.ErrUnexpectedEOF, Lost},
		"canceled":   {context.Canceled, Lost},
		"plain HTTP": {&url.Error{Op: "Get", URL: "https://x", Err: tls.RecordHeaderError{Msg: "not TLS"}}, Final},
	} {
		require.Equal(t, tt.want, classify(tt.err), name)
	}
}

// serve is a transport that handles the nth request, from 1.
func serve(respond func(n int, req *http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	n := 0
	return func(req *http.Request) (*http.Response, error) {
		n++
		return respond(n, req)
	}
}

func respond(status int, header http.Header, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func get() *Request {
	return &Request{Method: http.MethodGet, URL: url.URL{Scheme: "https", Host: "api.example.com", Path: "/x"}, Header: http.Header{}, Retries: Always}
}

// An exchange reports how many attempts it made, and whether an attempt before the last may have taken effect.
func TestAttempts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		statuses  []int // 0: the connection breaks
		attempts  int
		uncertain bool
	}{
		{"at once", []int{200}, 1, false},
		{"after a rejection", []int{429, 404}, 2, false},
		{"after a fault of the server", []int{500, 404}, 2, true},
		{"after a broken connection", []int{0, 404}, 2, true},
		{"three in all", []int{503, 503, 503, 200}, 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := &Client{MaxBody: 100, Retry: Policy{Max: 2, Base: time.Second}, Send: serve(func(n int, _ *http.Request) (*http.Response, error) {
					if tt.statuses[n-1] == 0 {
						return nil, io.ErrUnexpectedEOF
					}
					return respond(tt.statuses[n-1], nil, "body"), nil
				})}
				resp, failure := client.Do(t.Context(), get())
				require.Equal(t, tt.attempts, resp.Attempts)
				if failure == nil {
					require.Equal(t, "body", string(resp.Body))
					return
				}
				require.Equal(t, tt.attempts, failure.Attempts)
				require.Equal(t, tt.uncertain, failure.Uncertain)
				require.Equal(t, tt.statuses[tt.attempts-1], failure.Response.Status)
				require.Equal(t, "body", string(failure.Response.Body))
			})
		})
	}
}

// The context's error is added to the failure before the pause.
func TestStoppedWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		client := &Client{MaxBody: 100, Retry: Policy{Max: 2, Base: time.Second}, Send: serve(func(int, *http.Request) (*http.Response, error) {
			return respond(503, http.Header{"Retry-After": {"20"}}, ""), nil
		})}
		_, failure := client.Do(ctx, get())
		require.ErrorIs(t, failure.Err, context.Canceled)
		require.Equal(t, 503, failure.Response.Status)
		require.Equal(t, 20*time.Second, failure.RetryAfter)
	})
}
