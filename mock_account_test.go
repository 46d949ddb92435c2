package lava_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// What belongs to the merchant: webhooks, wallet, fallbacks, and the catalog.
var mockAccount = map[string]mockMethod{
	"Webhooks.Create": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "Two", URL: "https://app.example.com/two"})
			if err != nil {
				return err
			}
			require.Regexp(t, "^whsec_", got.Secret)
			require.Equal(t, "https://app.example.com/two", got.URL)
			return nil
		},
		bad: []badCall{
			{"no URL", func(ctx context.Context, s *shop) error {
				return only(s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "url"},
			{"a fourth", func(ctx context.Context, s *shop) error {
				for range 2 {
					if _, err := s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a", URL: "https://app.example.com"}); err != nil {
						return err
					}
				}
				return only(s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "a", URL: "https://app.example.com"}))
			}, lava.ErrConflict, 409, "conflict", ""},
		},
	},
	"Webhooks.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Webhooks.Retrieve(t.Context(), s.webhook)
			if err != nil {
				return err
			}
			require.Equal(t, "Hook", got.Name)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return only(s.Webhooks.Retrieve(ctx, "wh_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"Webhooks.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Webhooks.List(t.Context(), lava.PaginationParams{})
			if err != nil {
				return err
			}
			require.Equal(t, s.webhook, got.Data[0].WebhookID)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return only(s.Webhooks.List(ctx, lava.PaginationParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Webhooks.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.Webhooks.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"a cursor made up", func(ctx context.Context, s *shop) error {
			return last(s.Webhooks.All(ctx, lava.PaginationParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Webhooks.Update": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Webhooks.Update(t.Context(), s.webhook, lava.UpdateWebhookParams{Name: "Renamed"})
			if err != nil {
				return err
			}
			require.Equal(t, "Renamed", got.Name)
			require.Equal(t, "https://app.example.com/hook", got.URL, "what is absent stays")
			return nil
		},
		bad: []badCall{{"a URL without a scheme", func(ctx context.Context, s *shop) error {
			return only(s.Webhooks.Update(ctx, s.webhook, lava.UpdateWebhookParams{URL: "app.example.com"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "url"}},
	},
	"Webhooks.Delete": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			if err := c.Webhooks.Delete(t.Context(), s.webhook); err != nil {
				return err
			}
			return count(t, 0, c.Webhooks.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return s.Webhooks.Delete(ctx, "wh_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},

	"Wallet.Retrieve": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
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
		good: func(t *testing.T, c *lava.Client, s *shop) error {
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
			{"less than 10", func(ctx context.Context, s *shop) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("9.99")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"a part of a cent", func(ctx context.Context, s *shop) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: s.paymentCard, Amount: dec("10.001")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "amount"},
			{"unknown card", func(ctx context.Context, s *shop) error {
				return only(s.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: "pm_test_nope", Amount: dec("10")}))
			}, lava.ErrNotFound, 404, "not_found", "payment_method_id"},
		},
	},
	"PaymentMethods.List": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.PaymentMethods.List(t.Context())
			if err != nil {
				return err
			}
			require.Equal(t, "4242", got.Data[0].Last4)
			require.Equal(t, "12", got.Data[0].ExpiryMonth)
			require.True(t, got.Data[0].IsDefault)
			require.True(t, got.Data[0].ErrorAt.IsZero())
			return nil
		},
	},
	"FallbackChain.Retrieve": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.FallbackChain.Retrieve(t.Context())
			if err != nil {
				return err
			}
			require.Empty(t, got)
			return nil
		},
	},
	"FallbackChain.Update": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			chain := []lava.Fallback{{URL: "https://api.openai.com/v1/chat/completions", Model: "gpt-4o-mini"}}
			if err := c.FallbackChain.Update(t.Context(), chain); err != nil {
				return err
			}
			got, err := c.FallbackChain.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, chain, got)
			require.NoError(t, c.FallbackChain.Update(t.Context(), nil))
			got, err = c.FallbackChain.Retrieve(t.Context())
			require.NoError(t, err)
			require.Empty(t, got, "cleared")
			return nil
		},
		bad: []badCall{
			{"six of them", func(ctx context.Context, s *shop) error {
				return s.FallbackChain.Update(ctx, make([]lava.Fallback, 6))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "fallback_chain"},
			{"a URL without a scheme", func(ctx context.Context, s *shop) error {
				return s.FallbackChain.Update(ctx, []lava.Fallback{{URL: "api.openai.com", Model: "m"}})
			}, lava.ErrInvalidRequest, 400, "invalid_request", "fallback_chain[0].url"},
		},
	},

	"Models.List": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.Models.List(t.Context())
			if err != nil {
				return err
			}
			require.Equal(t, "list", got.Object)
			require.NotEmpty(t, got.Data)
			return nil
		},
	},
	"Services.List": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.Services.List(t.Context(), lava.ServicesListParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.Len(t, got.Providers, 1)
			require.Len(t, got.Data, got.Providers[0].EntryCount)
			require.True(t, got.Data[0].Pricing.Input.IsPositive())
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *shop) error {
			return only(s.Services.List(ctx, lava.ServicesListParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},

	"Do": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			var raw json.RawMessage
			if err := c.Do(t.Context(), "GET", "customers/user_42?expand=all", nil, &raw); err != nil {
				return err
			}
			require.Contains(t, string(raw), s.customer)
			return nil
		},
		bad: []badCall{{"an unknown endpoint", func(ctx context.Context, s *shop) error { return s.Do(ctx, "GET", "invoices", nil, nil) }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}
