package mockserver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var subscriptionMethods = methods{
	"Subscriptions.Create": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			ctx := t.Context()
			trial, err := c.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "Trial", BillingInterval: lava.IntervalWeek, IncludedCredit: lava.Set(dec("1"))})
			if err != nil {
				return err
			}
			customer, err := c.Customers.Create(ctx, lava.CreateCustomerParams{})
			require.NoError(t, err)
			got, err := c.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: customer.CustomerID, PlanID: trial.PlanID})
			require.NoError(t, err)
			require.Equal(t, "Trial", got.Plan.Name)
			require.Equal(t, "1", got.Credits.TotalRemaining.String())
			require.Equal(t, lava.SubscriptionActive, got.Status)
			return nil
		},
		bad: []badCall{
			{"a paid plan", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: s.customer, PlanID: s.plan.PlanID}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "plan_id"},
			{"unknown customer", func(ctx context.Context, s *account) error {
				return only(s.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: "nobody", PlanID: s.plan.PlanID}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		},
	},
	"Subscriptions.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Subscriptions.List(t.Context(), lava.ListSubscriptionsParams{CustomerID: "user_42", Status: lava.SubscriptionActive})
			if err != nil {
				return err
			}
			require.Len(t, got.Data, 1)
			require.Equal(t, s.customer, got.Data[0].CustomerID)
			require.Equal(t, "Lovelace", got.Data[0].Customer.LastName)
			require.Equal(t, "24.997", got.Data[0].Credits.TotalRemaining.String(), "1000 tokens at 3 per million are used")
			return nil
		},
		bad: []badCall{{"unknown status", func(ctx context.Context, s *account) error {
			return only(s.Subscriptions.List(ctx, lava.ListSubscriptionsParams{Status: "lost"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "status"}},
	},
	"Subscriptions.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			return count(t, 1, c.Subscriptions.All(t.Context(), lava.ListSubscriptionsParams{}))
		},
		bad: []badCall{{"unknown customer", func(ctx context.Context, s *account) error {
			return last(s.Subscriptions.All(ctx, lava.ListSubscriptionsParams{CustomerID: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Subscriptions.Update": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			ctx := t.Context()
			for _, tt := range []struct {
				set  lava.Field[string]
				want string
			}{{lava.Set(s.bundle), s.bundle}, {lava.Null[string](), ""}} {
				if err := c.Subscriptions.Update(ctx, s.subscription, lava.UpdateSubscriptionParams{AutoTopUpBundleID: tt.set}); err != nil {
					return err
				}
				got, err := c.Customers.RetrieveSubscription(ctx, s.customer)
				require.NoError(t, err)
				require.Equal(t, tt.want, got.AutoTopUpBundleID)
			}
			return nil
		},
		bad: []badCall{
			{"no such bundle", func(ctx context.Context, s *account) error {
				return s.Subscriptions.Update(ctx, s.subscription, lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Set("cb_test_nope")})
			}, lava.ErrInvalidRequest, 400, "invalid_request", "auto_top_up_bundle_id"},
			{"unknown", func(ctx context.Context, s *account) error {
				return s.Subscriptions.Update(ctx, "sub_test_nope", lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Null[string]()})
			}, lava.ErrNotFound, 404, "not_found", ""},
		},
	},
	"Subscriptions.Cancel": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			for range 2 { // the second changes nothing
				if err := c.Subscriptions.Cancel(t.Context(), s.subscription); err != nil {
					return err
				}
			}
			got, err := c.Customers.RetrieveSubscription(t.Context(), s.customer)
			require.NoError(t, err)
			require.Equal(t, lava.PendingCancellation, got.PendingChange.Type)
			require.Equal(t, got.CycleEndAt, got.PendingChange.EffectiveAt)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return s.Subscriptions.Cancel(ctx, "sub_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}
