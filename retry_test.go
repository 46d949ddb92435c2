package lava_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// The calls that represent each kind of repeatability.
var (
	callGet    = func(ctx context.Context, c *lava.Client) error { _, err := c.Meters.Retrieve(ctx, "prd_1"); return err }
	callDelete = func(ctx context.Context, c *lava.Client) error { return c.Meters.Delete(ctx, "prd_1") }
	callPost   = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Meters.Create(ctx, lava.CreateMeterParams{})
		return err
	}
	callPatch = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Meters.Update(ctx, "prd_1", lava.UpdateMeterParams{})
		return err
	}
	callNatural = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r1"})
		return err
	}
	callCustomer = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "u1"})
		return err
	}
	callFund = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Wallet.Fund(ctx, lava.FundWalletParams{})
		return err
	}
	callKey = func(ctx context.Context, c *lava.Client) error {
		_, err := c.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{})
		return err
	}
	callSpendKey = func(ctx context.Context, c *lava.Client) error {
		_, err := c.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{})
		return err
	}
	callRotate = func(ctx context.Context, c *lava.Client) error {
		_, err := c.SpendKeys.Rotate(ctx, "spk_1")
		return err
	}
	callDo      = func(ctx context.Context, c *lava.Client) error { return c.Do(ctx, "POST", "new", nil, nil) }
	callGateway = func(ctx context.Context, c *lava.Client) error {
		_, err := c.Gateway(ctx, "https://api.openai.com/v1/x", lava.GatewayParams{Body: "{}"})
		return err
	}
)

// cutoff means that the connection is closed after the request was read.
const cutoff = 0

// How many times a call reaches a server that always fails, with 2 retries allowed.
func TestWhatIsRetried(t *testing.T) {
	t.Parallel()
	type want map[int]int // by status, or cutoff
	tests := []struct {
		name string
		call func(context.Context, *lava.Client) error
		opts []lava.Option
		want want
	}{
		{"get", callGet, nil, want{cutoff: 3, 408: 3, 429: 3, 500: 3, 502: 3, 503: 3, 400: 1, 404: 1, 409: 1}},
		{"delete", callDelete, nil, want{cutoff: 3, 429: 3, 500: 3, 403: 1}},
		{"post", callPost, nil, want{cutoff: 1, 408: 1, 429: 3, 500: 1, 502: 1, 503: 3, 400: 1}},
		{"patch", callPatch, nil, want{cutoff: 1, 429: 3, 500: 1, 503: 3}},
		{"post with request id", callNatural, nil, want{cutoff: 3, 429: 3, 500: 3}},
		{"post with reference id", callCustomer, nil, want{cutoff: 3, 429: 3, 500: 3}},
		{"post, trusted keys", callPost, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 3, 408: 3, 500: 3, 400: 1}},
		{"patch, trusted keys", callPatch, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 500: 1}},
		{"fund, trusted keys", callFund, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 429: 1, 500: 1, 503: 1}},
		{"create key, trusted keys", callKey, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 503: 1}},
		{"create spend key, trusted keys", callSpendKey, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 503: 1}},
		{"rotate, trusted keys", callRotate, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 503: 1}},
		{"unknown post, trusted keys", callDo, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 503: 1}},
		{"gateway", callGateway, []lava.Option{lava.WithIdempotentRetries()}, want{cutoff: 1, 429: 1, 500: 1, 503: 1}},
		{"no retries", callGet, []lava.Option{lava.WithMaxRetries(0)}, want{cutoff: 1, 503: 1}},
	}
	for _, tt := range tests {
		for status, attempts := range tt.want {
			t.Run(fmt.Sprintf("%s/%d", tt.name, status), func(t *testing.T) {
				api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
					if r.URL.Path == "/v1/models" {
						writeJSON(w, 200, `{"object":"list"}`)
						return
					}
					if status == cutoff {
						cut(t, w)
						return
					}
					writeJSON(w, status, `{"error":{"message":"no","code":"x","status":1}}`)
				})
				client := api.client(t, tt.opts...)
				// On a reused connection, net/http retries some requests on its own.
				_, err := client.Models.List(t.Context())
				require.NoError(t, err)

				err = tt.call(t.Context(), client)
				var failed *lava.Error
				require.ErrorAs(t, err, &failed)
				require.Equal(t, status, failed.Status)
				require.Equal(t, attempts, failed.Attempts)
				reached := 1 + attempts
				if status == cutoff && failed.Method == http.MethodGet {
					reached++ // net/http retries a GET on a kept connection once
				}
				require.Len(t, api.seen(), reached)
				keys := map[string]bool{}
				for _, r := range api.seen()[1:] {
					keys[r.Header.Get("Idempotency-Key")] = true
				}
				require.Len(t, keys, 1, "one key for one call")
				require.Contains(t, keys, failed.IdempotencyKey)
			})
		}
	}
}

func TestSuccessAfterJSONError(t *testing.T) {
	t.Parallel()
	for _, status := range []int{500, 503} {
		api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
			if n == 1 {
				writeJSON(w, status, `{"error":{"message":"try again","code":"unavailable","status":503}}`)
				return
			}
			writeJSON(w, 200, `{"meter_id":"prd_1"}`)
		})
		meter, err := api.client(t).Meters.Retrieve(t.Context(), "prd_1")
		require.NoError(t, err)
		require.Equal(t, "prd_1", meter.MeterID)
	}
}

// Middleware sees the number of the attempt.
func TestAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts []int
		counting := lava.WithMiddleware(func(http.RoundTripper) http.RoundTripper {
			return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				attempts = append(attempts, lava.Attempt(r.Context()))
				return nil, io.ErrUnexpectedEOF
			})
		})
		client, err := lava.New(lava.WithSecretKey("aks_test_x"), lava.WithBaseURL("http://lava.test"), counting)
		require.NoError(t, err)
		require.Error(t, callGet(t.Context(), client))
		require.Equal(t, []int{1, 2, 3}, attempts)
	})
}

// The server bills, and then the connection breaks. The call is retried with the same request id, which the server
// recognizes, so it charges once.
func TestCutAfterTheServerActed(t *testing.T) {
	t.Parallel()
	var charges atomic.Int32
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		if charges.CompareAndSwap(0, 1) { // r1 is new
			cut(t, w)
			return
		}
		writeJSON(w, 201, `{"request_id":"r1","charge":{"amount":"0.0014000000"}}`)
	})
	request, err := api.client(t).Requests.Create(t.Context(), lava.CreateRequestParams{RequestID: "r1", InputTokens: 700})
	require.NoError(t, err)
	require.Equal(t, "0.0014", request.Charge.Amount.String())
	require.EqualValues(t, 1, charges.Load())
	require.Len(t, api.seen(), 2)
	require.Equal(t, api.seen()[0].Body, api.seen()[1].Body)

	// Funding has no such id: it fails, and the error says what to check.
	var funded atomic.Int32
	api = newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		funded.Add(1)
		cut(t, w)
	})
	_, err = api.client(t, lava.WithIdempotentRetries()).Wallet.Fund(t.Context(), lava.FundWalletParams{Amount: dec("50")})
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)
	require.NotEmpty(t, failed.IdempotencyKey)
	require.EqualValues(t, 1, funded.Load())
}

// A delete whose response was lost succeeds when it is retried.
func TestDeleteIsDoneWhenRetriedInVain(t *testing.T) {
	t.Parallel()
	gone := func(w http.ResponseWriter) {
		writeJSON(w, 404, `{"error":{"message":"no such meter","code":"not_found"}}`)
	}
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			cut(t, w)
			return
		}
		gone(w)
	})
	require.NoError(t, api.client(t).Meters.Delete(t.Context(), "prd_1"))

	api = newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) { gone(w) })
	require.ErrorIs(t, api.client(t).Meters.Delete(t.Context(), "prd_1"), lava.ErrNotFound)

	api = newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			writeJSON(w, 429, `{}`) // nothing was done
			return
		}
		gone(w)
	})
	require.ErrorIs(t, api.client(t).Meters.Delete(t.Context(), "prd_1"), lava.ErrNotFound)
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	t.Run("no wait of an hour", func(t *testing.T) {
		api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "3600")
			writeJSON(w, 429, `{"error":{"message":"slow down","code":"rate_limit_exceeded"}}`)
		})
		err := callGet(t.Context(), api.client(t))
		var failed *lava.Error
		require.ErrorAs(t, err, &failed)
		require.ErrorIs(t, err, lava.ErrRateLimited)
		require.Equal(t, time.Hour, failed.RetryAfter)
		require.Len(t, api.seen(), 1)
	})
	t.Run("not past the deadline", func(t *testing.T) {
		api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Retry-After", "20")
			writeJSON(w, 503, `{}`)
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.ErrorIs(t, callGet(ctx, api.client(t)), lava.ErrServer, "the server's response, immediately")
		require.NoError(t, ctx.Err())
	})
	t.Run("the context ends the pause", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { // so that the response arrives before the context ends
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			client, err := lava.New(lava.WithSecretKey(testKey), lava.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"20"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
				}),
			}))
			require.NoError(t, err)
			err = callGet(ctx, client)
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, lava.ErrServer, "the error before the pause is not lost")
		})
	})
}

// pauses returns how long a client waited between the attempts of a failing call, in fake time.
func pauses(t *testing.T, n int, header http.Header) []time.Duration {
	t.Helper()
	var all []time.Duration
	synctest.Test(t, func(t *testing.T) {
		var last time.Time
		client, err := lava.New(lava.WithSecretKey(testKey), lava.WithMaxRetries(n), lava.WithHTTPClient(&http.Client{
			Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				if !last.IsZero() {
					all = append(all, time.Since(last))
				}
				last = time.Now()
				for name, values := range header {
					for i, value := range values {
						if at, err := time.ParseDuration(value); err == nil {
							values[i] = time.Now().Add(at).UTC().Format(http.TimeFormat)
						}
					}
					header[name] = values
				}
				return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: header, Body: io.NopCloser(strings.NewReader("{}"))}, nil
			}),
		}))
		if err != nil {
			t.Fatal(err)
		}
		if err := callGet(t.Context(), client); !errors.Is(err, lava.ErrServer) {
			t.Error(err)
		}
	})
	return all
}

func TestPauses(t *testing.T) {
	t.Parallel()
	// Full jitter: any pause up to a limit that doubles from 0.5 s to 8 s. Over many calls, the pauses come close to
	// that limit and never exceed it.
	limits := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second}
	longest := make([]time.Duration, len(limits))
	for range 100 {
		got := pauses(t, len(limits), nil)
		require.Len(t, got, len(limits))
		for i, pause := range got {
			require.LessOrEqual(t, pause, limits[i])
			longest[i] = max(longest[i], pause)
		}
	}
	for i, limit := range limits {
		require.Greater(t, longest[i], limit*3/4)
	}

	require.GreaterOrEqual(t, pauses(t, 1, http.Header{"Retry-After": {"7"}})[0], 7*time.Second)
	require.GreaterOrEqual(t, pauses(t, 1, http.Header{"Retry-After": {"9s"}})[0], 8*time.Second, "a date, in whole seconds")
	require.LessOrEqual(t, pauses(t, 1, http.Header{"Retry-After": {"-9s"}})[0], limits[0], "a date in the past")
	require.LessOrEqual(t, pauses(t, 1, http.Header{"Retry-After": {"soon"}})[0], limits[0])
}

func TestTimeoutOfAnAttempt(t *testing.T) {
	t.Parallel()
	// attempts makes a call to a server whose response to the nth attempt comes from respond.
	attempts := func(call func(context.Context, *lava.Client) error, respond func(r *http.Request, n int) (*http.Response, error)) (n int, err error) {
		synctest.Test(t, func(t *testing.T) {
			client, failed := lava.New(lava.WithSecretKey(testKey), lava.WithTimeout(time.Minute), lava.WithHTTPClient(&http.Client{
				Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					n++
					return respond(r, n)
				}),
			}))
			require.NoError(t, failed)
			err = call(t.Context(), client)
		})
		return n, err
	}
	silence := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context()) // like the transport of net/http
	}
	n, err := attempts(callGet, func(r *http.Request, n int) (*http.Response, error) {
		body := io.Reader(strings.NewReader(`{"meter_id":"prd_1"}`))
		switch n {
		case 1: // no response
			return silence(r)
		case 2: // half a response
			body = io.MultiReader(strings.NewReader("{"), readerFunc(func([]byte) (int, error) {
				_, err := silence(r)
				return 0, err
			}))
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(body), Request: r}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 3, n)

	n, err = attempts(callPost, func(r *http.Request, _ int) (*http.Response, error) { return silence(r) })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "no response within 1m0s")
	require.Equal(t, 1, n)
}

// readerFunc adapts a function to a body.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestContextOfTheCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	api := newFakeAPI(t, func(_ http.ResponseWriter, r *http.Request, _ int) {
		cancel()
		<-r.Context().Done()
	})
	require.ErrorIs(t, callGet(ctx, api.client(t)), context.Canceled)
	require.Len(t, api.seen(), 1, "nothing is retried after the caller has left")
	require.ErrorIs(t, callGet(ctx, api.client(t)), context.Canceled)
	require.Len(t, api.seen(), 1)
}

func TestBrokenOffResponseIsRetried(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.Header().Set("Content-Length", "100")
			writeJSON(w, 200, `{"meter_id":`)
			return
		}
		writeJSON(w, 200, `{"meter_id":"prd_1"}`)
	})
	require.NoError(t, callGet(t.Context(), api.client(t)))
	require.Len(t, api.seen(), 2)

	api = newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Length", "100")
		writeJSON(w, 200, `{"meter_id":`)
	})
	err := callPost(t.Context(), api.client(t))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Len(t, api.seen(), 1)
}

// If no byte reached the server, even a payment can be retried.
func TestUnsentIsRetried(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(201, `{"status":"completed"}`))
	var dials atomic.Int32
	client := api.client(t, lava.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials.Add(1) <= 2 {
				address = "127.0.0.1:1" // nothing listens there
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		},
	}}))
	require.NoError(t, callFund(t.Context(), client))
	require.Len(t, api.seen(), 1)
	require.EqualValues(t, 3, dials.Load())
}

// brokenConn breaks at the first byte of its second request.
type brokenConn struct {
	net.Conn
	writes int
}

func (c *brokenConn) Write(p []byte) (int, error) {
	c.writes++
	if c.writes > 1 {
		return 0, errors.New("broken pipe")
	}
	return c.Conn.Write(p)
}

// A dead kept connection has lost no request.
func TestDeadConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(201, `{"status":"completed"}`))
	client := api.client(t, lava.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return &brokenConn{Conn: conn}, err
		},
	}}))
	for range 3 {
		require.NoError(t, callFund(t.Context(), client))
	}
	require.Len(t, api.seen(), 3)
}

func TestUntrustedCertificateIsFinal(t *testing.T) {
	t.Parallel()
	var handshakes atomic.Int32
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			handshakes.Add(1)
		}
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	client, err := lava.New(lava.WithSecretKey(testKey), lava.WithBaseURL(server.URL))
	require.NoError(t, err)
	require.ErrorContains(t, callGet(t.Context(), client), "certificate")
	require.EqualValues(t, 1, handshakes.Load())
}

func TestIdempotencyKeyOfTheCaller(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(201, `{"meter_id":"prd_1"}`))
	client := api.client(t)
	require.NoError(t, callPost(lava.ContextWithIdempotencyKey(t.Context(), "job-7"), client))
	require.NoError(t, callPost(t.Context(), client))
	require.NoError(t, callPost(t.Context(), client))
	keys := map[string]bool{}
	for _, r := range api.seen() {
		keys[r.Header.Get("Idempotency-Key")] = true
	}
	require.Len(t, keys, 3)
	require.Contains(t, keys, "job-7")
}
