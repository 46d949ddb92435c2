package lava_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// What a merchant sells: meters, plans, bundles, subscriptions, checkouts.
var mockCatalog = map[string]mockMethod{
	"Meters.Create": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.Meters.Create(t.Context(), lava.CreateMeterParams{
				Name: "Minutes", RateType: lava.RateFixed, TierType: lava.TierMinutes,
				Tiers: []lava.MeterTierParams{{Rate: dec("0.25")}, {Start: dec("100.5"), Rate: dec("0.2")}},
			})
			if err != nil {
				return err
			}
			require.Regexp(t, "^prd_test_", got.MeterID)
			require.Equal(t, lava.TierMinutes, got.Tiers[1].Type)
			require.Equal(t, "100.5", got.Tiers[1].Start.String())
			require.Equal(t, "0.2", got.Tiers[1].Rate.String())
			return nil
		},
		bad: []badCall{
			{"no name", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{RateType: lava.RateFixed, TierType: lava.TierMinutes, Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "name"},
			{"unknown unit", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: lava.RateFixed, TierType: "pounds", Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tier_type"},
			{"tiers that descend", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}, {Start: dec("9")}, {Start: dec("3")}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[2].start"},
			{"a slug that is taken", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Create(ctx, lava.CreateMeterParams{Name: "a", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{}}}))
			}, lava.ErrConflict, 409, "conflict", "meter_slug"},
		},
	},
	"Meters.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Meters.Retrieve(t.Context(), s.meter.MeterID)
			if err != nil {
				return err
			}
			require.Equal(t, s.meter, got)
			return nil
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *shop) error { return only(s.Meters.Retrieve(ctx, "prd_test_nope")) }, lava.ErrNotFound, 404, "not_found", ""},
			{"an id with a slash", func(ctx context.Context, s *shop) error { return only(s.Meters.Retrieve(ctx, "../customers")) }, lava.ErrNotFound, 404, "not_found", ""},
		},
	},
	"Meters.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Meters.List(t.Context(), lava.PaginationParams{})
			if err != nil {
				return err
			}
			require.Equal(t, &lava.Page[lava.Meter]{Data: []lava.Meter{*s.meter}}, got)
			return nil
		},
		bad: []badCall{
			{"a limit of 101", func(ctx context.Context, s *shop) error {
				return only(s.Meters.List(ctx, lava.PaginationParams{Limit: 101}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"},
			{"a cursor made up", func(ctx context.Context, s *shop) error {
				return only(s.Meters.List(ctx, lava.PaginationParams{Cursor: "next"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"},
		},
	},
	"Meters.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.Meters.All(t.Context(), lava.PaginationParams{}))
		},
		bad: []badCall{{"a negative limit", func(ctx context.Context, s *shop) error {
			return last(s.Meters.All(ctx, lava.PaginationParams{Limit: -1}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Meters.Update": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Meters.Update(t.Context(), s.meter.MeterID, lava.UpdateMeterParams{Name: "Talk"})
			if err != nil {
				return err
			}
			want := *s.meter
			want.Name = "Talk"
			require.Equal(t, &want, got, "all else stays")
			return nil
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Update(ctx, "prd_test_nope", lava.UpdateMeterParams{Name: "b"}))
			}, lava.ErrNotFound, 404, "not_found", ""},
			{"tiers not from 0", func(ctx context.Context, s *shop) error {
				return only(s.Meters.Update(ctx, s.meter.MeterID, lava.UpdateMeterParams{Tiers: []lava.MeterTierParams{{Start: dec("5")}}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "tiers[0].start"},
		},
	},
	"Meters.Delete": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			if err := c.Meters.Delete(t.Context(), s.meter.MeterID); err != nil {
				return err
			}
			require.ErrorIs(t, only(c.Meters.Retrieve(t.Context(), s.meter.MeterID)), lava.ErrNotFound)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return s.Meters.Delete(ctx, "prd_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},

	"Subscriptions.CreatePlan": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
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
			{"too dear", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", PeriodAmount: dec("10001"), BillingInterval: lava.IntervalMonth}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "period_amount"},
			{"no interval", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "billing_interval"},
			{"unknown meter", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalMonth, MeterIDs: []string{"prd_test_nope"}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "meter_ids"},
			{"no such bundle", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalMonth, DefaultAutoTopUpBundleIndex: lava.Set(0)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "default_auto_top_up_bundle_index"},
		},
	},
	"Subscriptions.RetrievePlan": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Subscriptions.RetrievePlan(t.Context(), s.plan.PlanID)
			if err != nil {
				return err
			}
			require.Equal(t, s.plan, got)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error {
			return only(s.Subscriptions.RetrievePlan(ctx, "sc_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", "plan_id"}},
	},
	"Subscriptions.ListPlans": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			got, err := c.Subscriptions.ListPlans(t.Context(), lava.PaginationParams{Limit: 1})
			if err != nil {
				return err
			}
			require.Equal(t, "Pro", got.Data[0].Name, "the newest first")
			require.True(t, got.HasMore)
			got, err = c.Subscriptions.ListPlans(t.Context(), lava.PaginationParams{Cursor: got.NextCursor})
			require.NoError(t, err)
			require.Equal(t, "Free", got.Data[0].Name)
			require.False(t, got.HasMore)
			require.Empty(t, got.NextCursor)
			return nil
		},
		bad: []badCall{{"a cursor made up", func(ctx context.Context, s *shop) error {
			return only(s.Subscriptions.ListPlans(ctx, lava.PaginationParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Subscriptions.AllPlans": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 2, c.Subscriptions.AllPlans(t.Context(), lava.PaginationParams{Limit: 1}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return last(s.Subscriptions.AllPlans(ctx, lava.PaginationParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Subscriptions.UpdatePlan": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Subscriptions.UpdatePlan(t.Context(), s.plan.PlanID, lava.UpdatePlanParams{
				IncludedCredit: lava.Set(dec("0")), MeterIDs: []string{s.meter.MeterID}, DefaultAutoTopUpBundleID: lava.Set(s.bundle),
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
				MeterIDs: []string{}, DefaultAutoTopUpBundleID: lava.Null[string](),
				CreditBundles: []lava.PlanCreditBundleParams{{CreditBundleID: s.bundle, IsDeleted: true}},
			})
			require.NoError(t, err)
			require.Empty(t, got.LinkedMeters)
			require.Empty(t, got.DefaultAutoTopUpBundleID)
			require.Equal(t, "New", got.CreditBundles[0].Name)
			return nil
		},
		bad: []badCall{
			{"another plan's bundle", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.UpdatePlan(ctx, s.plan.PlanID, lava.UpdatePlanParams{DefaultAutoTopUpBundleID: lava.Set("cb_test_nope")}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "default_auto_top_up_bundle_id"},
			{"a price", func(ctx context.Context, s *shop) error {
				return s.Do(ctx, "PATCH", "plans/"+s.plan.PlanID, map[string]string{"period_amount": "1"}, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "period_amount"},
		},
	},
	"Subscriptions.DeletePlan": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			plan, err := c.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{Name: "a", BillingInterval: lava.IntervalDay})
			if err != nil {
				return err
			}
			return c.Subscriptions.DeletePlan(t.Context(), plan.PlanID)
		},
		bad: []badCall{{"a plan with subscribers", func(ctx context.Context, s *shop) error { return s.Subscriptions.DeletePlan(ctx, s.plan.PlanID) }, lava.ErrConflict, 409, "conflict", ""}},
	},

	"CreditBundles.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.CreditBundles.Retrieve(t.Context(), s.bundle)
			if err != nil {
				return err
			}
			require.Equal(t, s.plan.PlanID, got.PlanID)
			require.Equal(t, "12", got.CreditAmount.String())
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error {
			return only(s.CreditBundles.Retrieve(ctx, "cb_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"CreditBundles.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.CreditBundles.List(t.Context(), lava.CreditBundlesListParams{PlanID: s.plan.PlanID})
			if err != nil {
				return err
			}
			require.Equal(t, s.bundle, got.Data[0].CreditBundleID)
			return nil
		},
		bad: []badCall{{"unknown plan", func(ctx context.Context, s *shop) error {
			return only(s.CreditBundles.List(ctx, lava.CreditBundlesListParams{PlanID: "sc_test_nope"}))
		}, lava.ErrNotFound, 404, "not_found", "plan_id"}},
	},
	"CreditBundles.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.CreditBundles.All(t.Context(), lava.CreditBundlesListParams{}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return last(s.CreditBundles.All(ctx, lava.CreditBundlesListParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},

	"CheckoutSessions.Create": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
				CheckoutMode: lava.CheckoutCreditBundle, OriginURL: "https://app.example.com", CustomerID: "user_42", CreditBundleID: s.bundle,
			})
			if err != nil {
				return err
			}
			require.Equal(t, s.customer, got.CustomerID)
			require.NotEmpty(t, got.CheckoutSessionToken)
			require.True(t, got.CompletedAt.IsZero())
			return nil
		},
		bad: []badCall{
			{"no plan", func(ctx context.Context, s *shop) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://a.example"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "plan_id"},
			{"unknown plan", func(ctx context.Context, s *shop) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://a.example", PlanID: "sc_test_nope"}))
			}, lava.ErrNotFound, 404, "not_found", "plan_id"},
			{"no origin", func(ctx context.Context, s *shop) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, PlanID: s.plan.PlanID}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "origin_url"},
			{"unknown mode", func(ctx context.Context, s *shop) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: "gift", OriginURL: "https://a.example"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "checkout_mode"},
		},
	},

	"Subscriptions.Create": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
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
			{"a paid plan", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: s.customer, PlanID: s.plan.PlanID}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "plan_id"},
			{"unknown customer", func(ctx context.Context, s *shop) error {
				return only(s.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: "nobody", PlanID: s.plan.PlanID}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		},
	},
	"Subscriptions.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Subscriptions.List(t.Context(), lava.SubscriptionsListParams{CustomerID: "user_42", Status: lava.SubscriptionActive})
			if err != nil {
				return err
			}
			require.Len(t, got.Data, 1)
			require.Equal(t, s.customer, got.Data[0].CustomerID)
			require.Equal(t, "Lovelace", got.Data[0].Customer.LastName)
			require.Equal(t, "24.997", got.Data[0].Credits.TotalRemaining.String(), "1000 tokens at 3 per million are used")
			return nil
		},
		bad: []badCall{{"unknown status", func(ctx context.Context, s *shop) error {
			return only(s.Subscriptions.List(ctx, lava.SubscriptionsListParams{Status: "lost"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "status"}},
	},
	"Subscriptions.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.Subscriptions.All(t.Context(), lava.SubscriptionsListParams{}))
		},
		bad: []badCall{{"unknown customer", func(ctx context.Context, s *shop) error {
			return last(s.Subscriptions.All(ctx, lava.SubscriptionsListParams{CustomerID: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Subscriptions.Update": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			ctx := t.Context()
			for _, tt := range []struct {
				set  lava.Field[string]
				want string
			}{{lava.Set(s.bundle), s.bundle}, {lava.Null[string](), ""}} {
				if err := c.Subscriptions.Update(ctx, s.subscription, lava.UpdateSubscriptionParams{AutoTopUpBundleID: tt.set}); err != nil {
					return err
				}
				got, err := c.Customers.GetSubscription(ctx, s.customer)
				require.NoError(t, err)
				require.Equal(t, tt.want, got.AutoTopUpBundleID)
			}
			return nil
		},
		bad: []badCall{
			{"no such bundle", func(ctx context.Context, s *shop) error {
				return s.Subscriptions.Update(ctx, s.subscription, lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Set("cb_test_nope")})
			}, lava.ErrInvalidRequest, 400, "invalid_request", "auto_top_up_bundle_id"},
			{"unknown", func(ctx context.Context, s *shop) error {
				return s.Subscriptions.Update(ctx, "sub_test_nope", lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Null[string]()})
			}, lava.ErrNotFound, 404, "not_found", ""},
		},
	},
	"Subscriptions.Cancel": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			for range 2 { // the second changes nothing
				if err := c.Subscriptions.Cancel(t.Context(), s.subscription); err != nil {
					return err
				}
			}
			got, err := c.Customers.GetSubscription(t.Context(), s.customer)
			require.NoError(t, err)
			require.Equal(t, lava.PendingCancellation, got.PendingChange.Type)
			require.Equal(t, got.CycleEndAt, got.PendingChange.EffectiveAt)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return s.Subscriptions.Cancel(ctx, "sub_test_nope") }, lava.ErrNotFound, 404, "not_found", ""}},
	},
}
