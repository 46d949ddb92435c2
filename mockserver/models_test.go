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
			require.Equal(t, "list", got.Object)
			require.NotEmpty(t, got.Data)
			return nil
		},
	},
	"Services.List": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Services.List(t.Context(), lava.ServicesListParams{Provider: "openai"})
			if err != nil {
				return err
			}
			require.Len(t, got.Providers, 1)
			require.Len(t, got.Data, got.Providers[0].EntryCount)
			require.True(t, got.Data[0].Pricing.Input.IsPositive())
			return nil
		},
		bad: []badCall{{"unknown provider", func(ctx context.Context, s *account) error {
			return only(s.Services.List(ctx, lava.ServicesListParams{Provider: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "provider"}},
		open: true,
	},
}
