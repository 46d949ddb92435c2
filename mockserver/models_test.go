package mockserver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var modelMethods = methods{
	"Models.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Models.List(t.Context())
			if err != nil {
				return err
			}
			require.NotEmpty(t, got)
			return nil
		},
	},
	"Services.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Services.List(t.Context(), lava.ListServicesParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.True(t, got[0].Pricing.Input.IsPositive())
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *account) error {
			return only(s.Services.List(ctx, lava.ListServicesParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},
	"Services.ListProviders": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Services.ListProviders(t.Context(), lava.ListServicesParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.Len(t, got, 1)
			services, err := c.Services.List(t.Context(), lava.ListServicesParams{Provider: "openai"})
			require.NoError(t, err)
			require.Len(t, services, got[0].EntryCount)
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *account) error {
			return only(s.Services.ListProviders(ctx, lava.ListServicesParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},
}
