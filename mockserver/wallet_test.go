package mockserver_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var walletMethods = methods{
	"Wallet.Retrieve": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Wallet.Retrieve(t.Context())
			if err != nil {
				return err
			}
			require.Regexp(t, "^wal_", got.WalletID)
			require.Equal(t, "1000", got.Balance.String())
			return nil
		},
	},
	"Wallet.Fund": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Wallet.Fund(t.Context(), lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("10.50")})
			if err != nil {
				return err
			}
			require.Equal(t, lava.FundingCompleted, got.Status)
			require.Equal(t, "1010.5", got.Balance.String())
			require.Regexp(t, "^pay_", got.PaymentID)
			return nil
		},
		bad: []badCall{
			{"less than 10", func(ctx context.Context, s *account) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("9.99")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"a part of a cent", func(ctx context.Context, s *account) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("10.001")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"more than 10,000", func(ctx context.Context, s *account) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("10000.01")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"no amount", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "wallet/fund", map[string]string{"payment_method_id": s.paymentCard, "amount": ""}, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"an amount that isn't a number", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "wallet/fund", map[string]string{"payment_method_id": s.paymentCard, "amount": "fifty"}, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"unknown card", func(ctx context.Context, s *account) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: "pm_test_nope", Amount: dec("10")}))
			}, lava.ErrNotFound, 404, "not_found", "payment_method_id"},
		},
	},
	"PaymentMethods.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.PaymentMethods.List(t.Context())
			if err != nil {
				return err
			}
			require.Equal(t, "4242", got[0].Last4)
			require.Equal(t, "12", got[0].ExpiryMonth)
			require.True(t, got[0].IsDefault)
			require.True(t, got[0].ErrorAt.IsZero())
			return nil
		},
	},
}

func TestWallet(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.Equal(t, "1000.00", send(t, s, "GET", "/v1/wallet", "").object(t)["balance"])
	method := send(t, s, "GET", "/v1/payment_methods", "").object(t)["data"].([]any)[0].(map[string]any)
	require.Equal(t, "4242", method["last4"])
	a := send(t, s, "POST", "/v1/wallet/fund", fmt.Sprintf(`{"payment_method_id":%q,"amount":"50.00"}`, method["payment_method_id"]))
	require.Equal(t, 200, a.status)
	require.Equal(t, "completed", a.object(t)["status"])
	require.Equal(t, "1050.00", a.object(t)["balance"])
}

func TestEmptyWallet(t *testing.T) {
	t.Parallel()
	s := stock(t, mockserver.Start(t, mockserver.InMemory(), mockserver.WalletBalance(dec("0"))))
	params := lava.GatewayParams{Payer: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false)}
	_, err := s.Gateway(t.Context(), chatURL, params)
	require.ErrorIs(t, err, lava.ErrInsufficientBalance)
	require.NotErrorIs(t, err, lava.ErrInsufficientCredits)

	params.Payer = lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-mine")}
	_, err = s.Gateway(t.Context(), chatURL, params)
	require.NoError(t, err, "a request with its own provider key doesn't need the wallet")

	params.Payer = lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}
	_, err = s.Gateway(t.Context(), "https://api.targon.com/v1/chat/completions", params)
	require.NoError(t, err, "a free model doesn't need it either")
}
