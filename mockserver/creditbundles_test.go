package mockserver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var creditBundleMethods = methods{
	"CreditBundles.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.CreditBundles.Retrieve(t.Context(), s.bundle)
			if err != nil {
				return err
			}
			require.Equal(t, s.plan.PlanID, got.PlanID)
			require.Equal(t, "12", got.CreditAmount.String())
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error {
			return only(s.CreditBundles.Retrieve(ctx, "cb_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"CreditBundles.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.CreditBundles.List(t.Context(), lava.ListCreditBundlesParams{PlanID: s.plan.PlanID})
			if err != nil {
				return err
			}
			require.Equal(t, s.bundle, got.Data[0].CreditBundleID)
			return nil
		},
		bad: []badCall{{"unknown plan", func(ctx context.Context, s *account) error {
			return only(s.CreditBundles.List(ctx, lava.ListCreditBundlesParams{PlanID: "sc_test_nope"}))
		}, lava.ErrNotFound, 404, "not_found", "plan_id"}},
	},
	"CreditBundles.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.CreditBundles.All(t.Context(), lava.ListCreditBundlesParams{}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return last(s.CreditBundles.All(ctx, lava.ListCreditBundlesParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
}
