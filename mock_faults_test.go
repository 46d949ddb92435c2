package lava_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// cutting is the mock behind a connection that breaks after the server has done
// what the first request asked for, and before it could say so.
func cutting(t *testing.T, s *shop) *fakeAPI {
	t.Helper()
	var api *fakeAPI
	api = newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, n int) {
		r.Body = io.NopCloser(strings.NewReader(api.seen()[n-1].Body))
		if n > 1 {
			s.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(httptest.NewRecorder(), r)
		cut(t, w)
	})
	return api
}

// Whatever is repeated, the server does it once.
func TestCutConnectionsToTheMock(t *testing.T) {
	trust := []lava.Option{lava.WithIdempotentRetries()}
	customers := func(t *testing.T, s *shop) int {
		return length(t, s.Customers.All(t.Context(), lava.CustomersListParams{})) - 1
	}
	charges := func(t *testing.T, s *shop) int {
		entries, err := s.Ledger("user_42")
		require.NoError(t, err)
		n := 0
		for _, e := range entries {
			if e.Kind == mockserver.EntryCharge {
				n++
			}
		}
		return n - 1 // the shop opens with one
	}
	report := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: "user_42", MeterSlug: "chat", InputTokens: 700}))
	}
	named := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user_7"}))
	}
	nameless := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.Customers.Create(ctx, lava.CreateCustomerParams{Name: "Grace"}))
	}
	slug := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.Meters.Create(ctx, lava.CreateMeterParams{Name: "b", MeterSlug: "b", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}}))
	}
	meters := func(t *testing.T, s *shop) int {
		return length(t, s.Meters.All(t.Context(), lava.PaginationParams{})) - 1
	}
	fund := func(ctx context.Context, c *lava.Client, s *shop) error {
		return only(c.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("50")}))
	}
	funded := func(t *testing.T, s *shop) int {
		wallet, err := s.Wallet.Retrieve(t.Context())
		require.NoError(t, err)
		return int(wallet.Balance.Sub(dec("1000")).Div(dec("50")).IntPart())
	}
	key := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{Name: "CI"}))
	}
	keys := func(t *testing.T, s *shop) int {
		return length(t, s.SecretKeys.All(t.Context(), lava.PaginationParams{})) - 1
	}
	ask := func(ctx context.Context, c *lava.Client, _ *shop) error {
		return only(c.Gateway(ctx, chatURL, lava.GatewayRequestParams{BillTo: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false)}))
	}
	cancel := func(ctx context.Context, c *lava.Client, s *shop) error {
		return c.Webhooks.Delete(ctx, s.webhook)
	}
	gone := func(t *testing.T, s *shop) int {
		return 1 - length(t, s.Webhooks.All(t.Context(), lava.PaginationParams{}))
	}

	for _, tt := range []struct {
		name     string
		opts     []lava.Option
		call     func(context.Context, *lava.Client, *shop) error
		done     func(*testing.T, *shop) int // how often
		repeated bool
	}{
		{"usage is charged by its id", nil, report, charges, true},
		{"a customer is made by its reference id", nil, named, customers, true},
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
			s := openShop(t)
			api := cutting(t, s)
			err := tt.call(t.Context(), api.client(t, append(tt.opts, lava.WithSecretKey(s.SecretKey()))...), s)
			require.Equal(t, 1, tt.done(t, s))
			if tt.repeated {
				require.NoError(t, err)
				require.Len(t, api.seen(), 2)
				require.Equal(t, api.seen()[0].Body, api.seen()[1].Body)
				require.Equal(t, api.seen()[0].Header.Get("Idempotency-Key"), api.seen()[1].Header.Get("Idempotency-Key"))
				return
			}
			var failed *lava.Error
			require.ErrorAs(t, err, &failed)
			require.Zero(t, failed.Status)
			require.Equal(t, 1, failed.Attempts)
			require.Len(t, api.seen(), 1)
		})
	}
}

// A program that got an error can repeat the call itself, even much later, with
// the key that the error names.
func TestRepeatingWithTheKeyOfAnError(t *testing.T) {
	s := openShop(t)
	client := cutting(t, s).client(t, lava.WithSecretKey(s.SecretKey()))
	params := lava.CreateCustomerParams{Name: "Grace"}
	_, err := client.Customers.Create(t.Context(), params)
	var failed *lava.Error
	require.ErrorAs(t, err, &failed)

	customer, err := client.Customers.Create(lava.WithIdempotencyKey(t.Context(), failed.IdempotencyKey), params)
	require.NoError(t, err)
	require.Equal(t, "Grace", customer.Contact.FirstName)
	require.Equal(t, 2, length(t, s.Customers.All(t.Context(), lava.CustomersListParams{})))
}
