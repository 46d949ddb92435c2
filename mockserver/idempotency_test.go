package mockserver_test

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func post(t *testing.T, s *mockserver.Server, path, idempotencyKey, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+s.SecretKey())
	req.Header.Set("Idempotency-Key", idempotencyKey)
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, data}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	first := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
	require.Equal(t, 201, first.status)
	again := post(t, s, "/v1/secret_keys", "k1", `{"name":"a"}`)
	require.Equal(t, first.status, again.status)
	require.Equal(t, string(first.body), string(again.body), "the same response, including the secret")
	require.Equal(t, 409, post(t, s, "/v1/secret_keys", "k1", `{"name":"b"}`).status)
	require.Equal(t, 201, post(t, s, "/v1/secret_keys", "k2", `{"name":"a"}`).status)
	require.Equal(t, 201, post(t, s, "/v1/customers", "k1", `{}`).status, "another path is another key")

	require.Equal(t, 400, post(t, s, "/v1/meters", "bad", `{}`).status)
	require.Equal(t, 400, post(t, s, "/v1/meters", "bad", `{}`).status)

	s.Advance(24 * time.Hour)
	require.Equal(t, 201, post(t, s, "/v1/secret_keys", "k1", `{"name":"b"}`).status, "keys are forgotten after a day")
}

func TestTwinsActOnce(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	var wg sync.WaitGroup
	bodies := make([]string, 50)
	for i := range bodies {
		wg.Go(func() { bodies[i] = string(post(t, s, "/v1/customers", "twin", `{"name":"Ada"}`).body) })
	}
	wg.Wait()
	for _, b := range bodies {
		require.Equal(t, bodies[0], b)
	}
	require.Len(t, send(t, s, "GET", "/v1/customers?limit=100", "").object(t)["data"], 1)
}

// cutting is a client of a server in memory. Its first connection breaks after the server has carried out the
// request, before the response is sent.
type cutting struct {
	*lava.Client
	requests []*http.Request // that were sent
	bodies   []string
}

func newCutting(t *testing.T, s *account, opts ...lava.Option) *cutting {
	t.Helper()
	dial, first := s.HTTPClient().Transport.(*http.Transport).DialContext, true
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if first && err == nil {
			conn = cutConn{conn}
		}
		first = false
		return conn, err
	}}
	t.Cleanup(transport.CloseIdleConnections)
	c := &cutting{}
	record := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			body := &bytes.Buffer{}
			if r.Body != nil {
				_, err := body.ReadFrom(r.Body)
				require.NoError(t, err)
				r = r.Clone(r.Context())
				r.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
			}
			c.requests, c.bodies = append(c.requests, r), append(c.bodies, body.String())
			return next.RoundTrip(r)
		})
	}
	client, err := lava.New(append([]lava.Option{
		lava.WithSecretKey(s.SecretKey()), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(&http.Client{Transport: transport}), lava.WithMiddleware(record),
	}, opts...)...)
	require.NoError(t, err)
	c.Client = client
	return c
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// cutConn breaks when the response begins.
type cutConn struct{ net.Conn }

func (c cutConn) Read(p []byte) (int, error) {
	_, err := c.Conn.Read(p)
	_ = c.Close()
	return 0, cmp.Or(err, io.EOF)
}

// A retried request is carried out only once.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	trust := []lava.Option{lava.WithIdempotentRetries()}
	customers := func(t *testing.T, s *account) int {
		return length(t, s.Customers.All(t.Context(), lava.ListCustomersParams{})) - 1
	}
	charges := func(t *testing.T, s *account) int {
		entries, err := s.Ledger("user_42")
		require.NoError(t, err)
		n := 0
		for _, e := range entries {
			if e.Kind == mockserver.EntryCharge {
				n++
			}
		}
		return n - 1 // one meter exists already
	}
	report := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: "user_42", MeterSlug: "chat", InputTokens: 700}))
	}
	named := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user_7"}))
	}
	nameless := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.Customers.Create(ctx, lava.CreateCustomerParams{Name: "Grace"}))
	}
	slug := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.Meters.Create(ctx, lava.CreateMeterParams{Name: "b", MeterSlug: "b", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}}))
	}
	meters := func(t *testing.T, s *account) int {
		return length(t, s.Meters.All(t.Context(), lava.ListMetersParams{})) - 1
	}
	fund := func(ctx context.Context, c *lava.Client, s *account) error {
		return only(c.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("50")}))
	}
	funded := func(t *testing.T, s *account) int {
		wallet, err := s.Wallet.Retrieve(t.Context())
		require.NoError(t, err)
		return int(wallet.Balance.Sub(dec("1000")).Div(dec("50")).IntPart())
	}
	key := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{Name: "CI"}))
	}
	keys := func(t *testing.T, s *account) int {
		return length(t, s.SecretKeys.All(t.Context(), lava.ListSecretKeysParams{})) - 1
	}
	ask := func(ctx context.Context, c *lava.Client, _ *account) error {
		return only(c.Gateway(ctx, chatURL, lava.GatewayParams{Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false)}))
	}
	cancel := func(ctx context.Context, c *lava.Client, s *account) error {
		return c.Webhooks.Delete(ctx, s.webhook)
	}
	gone := func(t *testing.T, s *account) int {
		return 1 - length(t, s.Webhooks.All(t.Context(), lava.ListWebhooksParams{}))
	}

	for _, tt := range []struct {
		name    string
		opts    []lava.Option
		call    func(context.Context, *lava.Client, *account) error
		done    func(*testing.T, *account) int // how often
		retried bool
	}{
		{"usage is charged once per id", nil, report, charges, true},
		{"a customer is created once per reference id", nil, named, customers, true},
		{"a customer without one", nil, nameless, customers, false},
		{"a customer without one, keys trusted", trust, nameless, customers, true},
		{"a meter", nil, slug, meters, false},
		{"a meter, keys trusted", trust, slug, meters, true},
		{"a deletion", nil, cancel, gone, true},
		{"money", trust, fund, funded, false},
		{"a secret", trust, key, keys, false},
		{"a gateway call", trust, ask, charges, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := stock(t, mockserver.Start(t, mockserver.InMemory()))
				client := newCutting(t, s, tt.opts...)
				err := tt.call(t.Context(), client.Client, s)
				require.Equal(t, 1, tt.done(t, s))
				if tt.retried {
					require.NoError(t, err)
					require.Len(t, client.requests, 2)
					require.Equal(t, client.bodies[0], client.bodies[1])
					require.Equal(t, client.requests[0].Header.Get("Idempotency-Key"), client.requests[1].Header.Get("Idempotency-Key"))
					return
				}
				var failed *lava.Error
				require.ErrorAs(t, err, &failed)
				require.Zero(t, failed.Status)
				require.Equal(t, 1, failed.Attempts)
				require.Len(t, client.requests, 1)
			})
		})
	}
}

// After an error, a program can retry the call itself, even much later, with the key in the error.
func TestRetryWithTheKeyOfAnError(t *testing.T) {
	t.Parallel()
	s := stock(t, mockserver.Start(t, mockserver.InMemory()))
	client := newCutting(t, s)
	params := lava.CreateCustomerParams{Name: "Grace"}
	_, err := client.Customers.Create(t.Context(), params)
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)

	customer, err := client.Customers.Create(lava.ContextWithIdempotencyKey(t.Context(), failed.IdempotencyKey), params)
	require.NoError(t, err)
	require.Equal(t, "Grace", customer.Contact.FirstName)
	require.Equal(t, 2, length(t, s.Customers.All(t.Context(), lava.ListCustomersParams{})))
}
