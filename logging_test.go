package lava_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// logged runs calls with a client that logs at all levels, and returns the lines without their durations.
func logged(t *testing.T, send func(*http.Request) (*http.Response, error), calls func(*lava.Client, ...lava.Option)) string {
	t.Helper()
	var lines bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	opts := []lava.Option{
		lava.WithSecretKey(planted), lava.WithBaseURL("https://lava.test/" + planted + "/v1/"), lava.WithBackoff(time.Millisecond),
		lava.WithHTTPClient(&http.Client{Transport: roundTripperFunc(send)}), lava.WithLogger(logger),
	}
	client, err := lava.New(opts...)
	require.NoError(t, err)
	calls(client, opts...)
	return regexp.MustCompile(`time=\S+ |(duration|retry_in)=\S+`).ReplaceAllString(lines.String(), "$1")
}

func reply(status int, body string) *http.Response {
	header := http.Header{"X-Lava-Request-Id": {"req_1"}, "Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	attempts := 0
	send := func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet {
			return reply(200, `{"data":[],"customer_id":"con_1"}`), nil
		}
		switch attempts++; attempts {
		case 1:
			return nil, errors.New("connection reset by peer")
		case 2:
			return reply(503, `{}`), nil
		}
		return reply(200, `{"customer_id":"con_1"}`), nil
	}
	const address = "https://api.openai.com/v1/chat/completions"
	got := logged(t, send, func(client *lava.Client, _ ...lava.Option) {
		_, err := client.Customers.RetrieveSubscription(t.Context(), "ada@example.com")
		require.Error(t, err, "the response has no body")
		_, err = client.Wallet.Fund(t.Context(), lava.FundWalletParams{})
		require.NoError(t, err)
		require.NoError(t, client.Do(t.Context(), "POST", "customers/ada@example.com/notes?x=1", nil, nil))
		_, err = client.Gateway(t.Context(), address, lava.GatewayParams{})
		require.NoError(t, err)
		_, err = client.Gateway(t.Context(), address, lava.GatewayParams{Format: lava.FormatAnthropic})
		require.NoError(t, err)
		transport, err := client.Transport(lava.TransportParams{})
		require.NoError(t, err)
		resp, err := (&http.Client{Transport: transport}).Post(address, "application/json", strings.NewReader("{}")) //nolint:noctx // as an SDK may send it
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
	})
	require.Equal(t, strings.TrimPrefix(`
level=WARN msg="lava: request failed, retrying" method=GET path=/v1/customers/{id}/subscription duration attempt=1 error="connection reset by peer" retry_in
level=WARN msg="lava: request failed, retrying" method=GET path=/v1/customers/{id}/subscription status=503 duration attempt=2 request_id=req_1 retry_in
level=DEBUG msg="lava: request" method=GET path=/v1/customers/{id}/subscription status=200 duration attempt=3 request_id=req_1
level=DEBUG msg="lava: request" method=POST path=/v1/wallet/fund status=200 duration attempt=1 request_id=req_1
level=DEBUG msg="lava: request" method=POST path=/v1/customers/… status=200 duration attempt=1 request_id=req_1
level=DEBUG msg="lava: request" method=POST path=/v1/forward provider=api.openai.com status=200 duration attempt=1 request_id=req_1
level=DEBUG msg="lava: request" method=POST path=/v1/rewrite/{format}/{url} provider=api.openai.com status=200 duration attempt=1 request_id=req_1
level=DEBUG msg="lava: request" method=POST path=/v1/forward provider=api.openai.com status=200 duration attempt=1 request_id=req_1
`, "\n"), got)
}

// No line contains secrets of a request or its response.
func TestLoggerHidesSecrets(t *testing.T) {
	t.Parallel()
	const unknown = "hunter2-of-no-known-form"
	for name, send := range map[string]func(r *http.Request) (*http.Response, error){
		"in an error with the header": func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("sending %v with %v failed", r.URL.Host, r.Header)
		},
		"in a response": func(*http.Request) (*http.Response, error) {
			return reply(503, `{"error":{"message":"`+unknown+planted+`"}}`), nil
		},
		"in a request id": func(*http.Request) (*http.Response, error) {
			resp := reply(200, "{}")
			resp.Header.Set("X-Lava-Request-Id", planted)
			return resp, nil
		},
	} {
		got := logged(t, send, func(client *lava.Client, opts ...lava.Option) {
			_, _ = client.Customers.Retrieve(t.Context(), unknown)
			_, _ = client.Customers.List(t.Context(), lava.ListCustomersParams{Cursor: unknown})
			_, _ = client.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: unknown, URL: "https://" + unknown + "@app.test/" + unknown})
			_, _ = lava.ExchangeAuthCode(t.Context(), unknown, opts...)
			_ = client.Do(t.Context(), "GET", "secret_keys/"+unknown+"?key="+unknown, nil, nil)
			for _, format := range []lava.GatewayFormat{"", lava.FormatGoogle} {
				_, _ = client.Gateway(t.Context(), "https://generativelanguage.googleapis.com/v1beta/models/"+unknown+":generateContent?key="+unknown, lava.GatewayParams{
					Format:    format,
					Payer:     lava.ForCustomer{CustomerID: unknown, MeterSlug: unknown, ProviderKey: lava.NewSecret(unknown)},
					SetHeader: func(h http.Header) { h.Set("X-Api-Key", unknown) },
					Body:      unknown,
				})
			}
		})
		require.NotContains(t, got, "hunter2", name)
		require.Contains(t, got, "path=/v1/forward provider=generativelanguage.googleapis.com", name)
	}
}

// A nil logger turns off logging.
func TestLoggerIsOptional(t *testing.T) {
	t.Parallel()
	client, err := lava.New(lava.WithSecretKey(planted), lava.WithLogger(nil), lava.WithHTTPClient(&http.Client{
		Transport: roundTripperFunc(func(*http.Request) (*http.Response, error) { return reply(200, "{}"), nil }),
	}))
	require.NoError(t, err)
	_, err = client.Customers.Retrieve(t.Context(), "con_1")
	require.NoError(t, err)
}
