package lava_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// Secret keys and spend keys.
var mockKeys = map[string]mockMethod{
	"SecretKeys.Create": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.SecretKeys.Create(t.Context(), lava.CreateSecretKeyParams{Name: "CI"})
			if err != nil {
				return err
			}
			require.Equal(t, got.Key[len(got.Key)-4:], got.SecretKeyHint)
			other, err := lava.New(lava.WithSecretKey(got.Key), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
			require.NoError(t, err)
			require.NoError(t, only(other.Wallet.Retrieve(t.Context())), "it works at once")
			return nil
		},
		bad: []badCall{{"no name", func(ctx context.Context, s *shop) error {
			return only(s.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "name"}},
	},
	"SecretKeys.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.SecretKeys.List(t.Context(), lava.PaginationParams{})
			if err != nil {
				return err
			}
			require.Equal(t, "Default", got.Data[0].Name)
			require.Equal(t, s.SecretKey()[len(s.SecretKey())-4:], got.Data[0].SecretKeyHint)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return only(s.SecretKeys.List(ctx, lava.PaginationParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"SecretKeys.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.SecretKeys.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"a cursor made up", func(ctx context.Context, s *shop) error {
			return last(s.SecretKeys.All(ctx, lava.PaginationParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"SecretKeys.Delete": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			created, err := c.SecretKeys.Create(t.Context(), lava.CreateSecretKeyParams{Name: "CI"})
			if err != nil {
				return err
			}
			return c.SecretKeys.Delete(t.Context(), created.SecretKeyID)
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *shop) error { return s.SecretKeys.Delete(ctx, "sk_test_nope") }, lava.ErrNotFound, 404, "not_found", ""},
			{"the last one", func(ctx context.Context, s *shop) error { return s.SecretKeys.Delete(ctx, s.secretKey) }, lava.ErrConflict, 409, "conflict", ""},
		},
	},

	"SpendKeys.Create": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			expires := s.Now().AddDate(0, 1, 0)
			got, err := c.SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{
				Name: "Laptop", RequestShape: lava.ShapeAnthropic, AllowedModels: []string{"gpt-4o-mini"}, AllowedProviders: []string{"openai"},
				SpendLimit:   &lava.SpendLimit{Amount: dec("20"), Cycle: lava.CycleDaily},
				RequestLimit: &lava.RequestLimit{Count: 100, Cycle: lava.CycleTotal},
				RateLimit:    &lava.RateLimit{RPM: 60}, ExpiresAt: expires,
			})
			if err != nil {
				return err
			}
			require.Regexp(t, "^lava_sk_", got.Key)
			require.Equal(t, lava.SpendKeyActive, got.Status)
			require.Equal(t, "20", got.SpendLimit.Amount.String())
			require.EqualValues(t, 100, got.RequestLimit.Count)
			require.Equal(t, 60, got.RateLimit.RPM)
			require.True(t, expires.Equal(got.ExpiresAt))
			require.True(t, got.LastUsedAt.IsZero())
			return nil
		},
		bad: []badCall{
			{"no name", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "name"},
			{"a limit of 0", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", SpendLimit: &lava.SpendLimit{Cycle: lava.CycleDaily}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "spend_limit.amount"},
			{"no cycle", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", RequestLimit: &lava.RequestLimit{Count: 1}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "request_limit.cycle"},
			{"expired", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "a", ExpiresAt: s.Now().Add(-time.Second)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "expires_at"},
		},
	},
	"SpendKeys.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.SpendKeys.Retrieve(t.Context(), s.spendKey)
			if err != nil {
				return err
			}
			require.Equal(t, "CI", got.Name)
			require.Nil(t, got.SpendLimit)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error {
			return only(s.SpendKeys.Retrieve(ctx, "spk_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"SpendKeys.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.SpendKeys.List(t.Context(), lava.PaginationParams{})
			if err != nil {
				return err
			}
			require.Equal(t, s.spendKey, got.Data[0].SpendKeyID)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return only(s.SpendKeys.List(ctx, lava.PaginationParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"SpendKeys.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.SpendKeys.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"a cursor made up", func(ctx context.Context, s *shop) error {
			return last(s.SpendKeys.All(ctx, lava.PaginationParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"SpendKeys.Update": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			ctx := t.Context()
			got, err := c.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{
				Status: lava.SpendKeyPaused, SpendLimit: lava.Set(lava.SpendLimit{Amount: dec("5"), Cycle: lava.CycleWeekly}),
				AllowedModels: lava.Set([]string{"gpt-4o-mini"}), ExpiresAt: lava.Set(s.Now().Add(time.Hour)),
			})
			if err != nil {
				return err
			}
			require.Equal(t, "CI", got.Name, "what is absent stays")
			require.Equal(t, lava.SpendKeyPaused, got.Status)
			require.Equal(t, lava.CycleWeekly, got.SpendLimit.Cycle)
			got, err = c.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{
				SpendLimit: lava.Null[lava.SpendLimit](), AllowedModels: lava.Null[[]string](), ExpiresAt: lava.Null[time.Time](),
			})
			require.NoError(t, err)
			require.Nil(t, got.SpendLimit, "null lifts a limit")
			require.Nil(t, got.AllowedModels)
			require.True(t, got.ExpiresAt.IsZero())
			return nil
		},
		bad: []badCall{
			{"unknown status", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{Status: "asleep"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "status"},
			{"no requests a minute", func(ctx context.Context, s *shop) error {
				return only(s.SpendKeys.Update(ctx, s.spendKey, lava.UpdateSpendKeyParams{RateLimit: lava.Set(lava.RateLimit{})}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "rate_limit.rpm"},
		},
	},
	"SpendKeys.Revoke": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			if err := c.SpendKeys.Revoke(t.Context(), s.spendKey); err != nil {
				return err
			}
			return count(t, 0, c.SpendKeys.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return s.SpendKeys.Revoke(ctx, "spk_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"SpendKeys.Rotate": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			first, err := c.SpendKeys.Rotate(t.Context(), s.spendKey)
			if err != nil {
				return err
			}
			second, err := c.SpendKeys.Rotate(t.Context(), s.spendKey)
			require.NoError(t, err)
			require.Equal(t, s.spendKey, second.SpendKeyID)
			require.NotEqual(t, first.Key, second.Key)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return only(s.SpendKeys.Rotate(ctx, "spk_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}
