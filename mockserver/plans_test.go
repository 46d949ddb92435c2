package mockserver_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var planMethods = methods{
	"Subscriptions.CreatePlan": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
				Name: "Team", PeriodAmount: dec("199.99"), BillingInterval: lava.IntervalYear, RolloverType: lava.RolloverFull,
				BundleRolloverType: lava.RolloverNone, MeterIDs: []string{s.meter.MeterID}, DefaultAutoTopUpBundleIndex: lava.Set(0),
				CreditBundles: []lava.PlanCreditBundleParams{{Name: "More", Cost: dec("5"), CreditAmount: dec("5.5")}},
			})
			if err != nil {
				return err
			}
			require.Equal(t, "199.99", got.IncludedCredit.String(), "by default the price")
			require.Equal(t, []lava.PlanLinkedMeter{{MeterID: s.meter.MeterID, Name: "Chat"}}, got.LinkedMeters)
			require.Equal(t, got.CreditBundles[0].CreditBundleID, got.DefaultAutoTopUpBundleID)
			require.Equal(t, lava.RolloverNone, got.BundleRolloverType)
			return nil
		},
		bad: []badCall{
			{"a bundle by its id", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "POST", "plans", json.RawMessage(`{"name":"p","period_amount":"1","billing_interval":"month","default_auto_top_up_bundle_id":"cb_test_1"}`), nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "default_auto_top_up_bundle_id"},
			{"too dear", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", PeriodAmount: dec("10001"), BillingInterval: lava.IntervalMonth}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "period_amount"},
			{"no interval", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "billing_interval"},
			{"unknown meter", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalMonth, MeterIDs: []string{"prd_test_nope"}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "meter_ids"},
			{"no such bundle", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalMonth, DefaultAutoTopUpBundleIndex: lava.Set(0)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "default_auto_top_up_bundle_index"},
		},
	},
	"Subscriptions.RetrievePlan": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Subscriptions.RetrievePlan(t.Context(), s.plan.PlanID)
			if err != nil {
				return err
			}
			require.Equal(t, s.plan, got)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error {
			return only(s.Subscriptions.RetrievePlan(ctx, "sc_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", "plan_id"}},
	},
	"Subscriptions.ListPlans": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			got, err := c.Subscriptions.ListPlans(t.Context(), lava.ListPlansParams{Limit: 1})
			if err != nil {
				return err
			}
			require.Equal(t, "Pro", got.Data[0].Name, "the newest first")
			require.True(t, got.HasMore)
			got, err = c.Subscriptions.ListPlans(t.Context(), lava.ListPlansParams{Cursor: got.NextCursor})
			require.NoError(t, err)
			require.Equal(t, "Free", got.Data[0].Name)
			require.False(t, got.HasMore)
			require.Empty(t, got.NextCursor)
			return nil
		},
		bad: []badCall{{"an invented cursor", func(ctx context.Context, s *account) error {
			return only(s.Subscriptions.ListPlans(ctx, lava.ListPlansParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Subscriptions.AllPlans": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 2, c.Subscriptions.AllPlans(t.Context(), lava.ListPlansParams{Limit: 1}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return last(s.Subscriptions.AllPlans(ctx, lava.ListPlansParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Subscriptions.UpdatePlan": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Subscriptions.UpdatePlan(t.Context(), s.plan.PlanID, lava.UpdatePlanParams{
				IncludedCredit: lava.Set(dec("0")), MeterIDs: lava.Set([]string{s.meter.MeterID}), DefaultAutoTopUpBundleID: lava.Set(s.bundle),
				CreditBundles: []lava.PlanCreditBundleParams{
					{CreditBundleID: s.bundle, Name: "Boost", Cost: dec("11"), CreditAmount: dec("12")}, {Name: "New", Cost: dec("1"), CreditAmount: dec("1")},
				},
			})
			if err != nil {
				return err
			}
			require.True(t, got.IncludedCredit.IsZero())
			require.Equal(t, s.bundle, got.DefaultAutoTopUpBundleID)
			require.Len(t, got.CreditBundles, 2)
			require.Equal(t, "Boost", got.CreditBundles[0].Name)

			got, err = c.Subscriptions.UpdatePlan(t.Context(), s.plan.PlanID, lava.UpdatePlanParams{
				MeterIDs: lava.Set([]string{}), DefaultAutoTopUpBundleID: lava.Null[string](),
				CreditBundles: []lava.PlanCreditBundleParams{{CreditBundleID: s.bundle, IsDeleted: true}},
			})
			require.NoError(t, err)
			require.Empty(t, got.LinkedMeters)
			require.Empty(t, got.DefaultAutoTopUpBundleID)
			require.Equal(t, "New", got.CreditBundles[0].Name)
			return nil
		},
		bad: []badCall{
			{"another plan's bundle", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.UpdatePlan(ctx, s.plan.PlanID, lava.UpdatePlanParams{DefaultAutoTopUpBundleID: lava.Set("cb_test_nope")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "default_auto_top_up_bundle_id"},
			{"a price", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "PATCH", "plans/"+s.plan.PlanID, map[string]string{"period_amount": "1"}, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "period_amount"},
		},
	},
	"Subscriptions.DeletePlan": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			plan, err := c.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalDay})
			if err != nil {
				return err
			}
			return c.Subscriptions.DeletePlan(t.Context(), plan.PlanID)
		},
		bad: []badCall{{"a plan with subscribers", func(ctx context.Context, s *account) error { return s.Subscriptions.DeletePlan(ctx, s.plan.PlanID) }, lava.ErrConflict, 409, "conflict", ""}},
	},
}
