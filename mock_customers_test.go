package lava_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

var mockCustomers = map[string]mockMethod{
	"Customers.Create": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			params := lava.CreateCustomerParams{ReferenceID: "user 7% ü", Email: "g@example.com", Phone: "+14155550100", Name: "Grace B. Hopper", Metadata: map[string]any{"n": 1.5}}
			got, err := c.Customers.Create(t.Context(), params)
			if err != nil {
				return err
			}
			require.Equal(t, lava.CustomerContact{Phone: "+14155550100", Email: "g@example.com", FirstName: "Grace", LastName: "B. Hopper"}, got.Contact)
			require.Equal(t, map[string]any{"n": 1.5}, got.Metadata)
			require.Equal(t, "Free", got.Subscription.Name)
			again, err := c.Customers.Create(t.Context(), params)
			require.NoError(t, err)
			require.Equal(t, got, again, "created once")
			found, err := c.Customers.Retrieve(t.Context(), "user 7% ü")
			require.NoError(t, err)
			require.Equal(t, got, found)
			return nil
		},
		bad: []badCall{
			{"a Lava id as reference", func(ctx context.Context, s *shop) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "con_mine"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "reference_id"},
			{"an email without @", func(ctx context.Context, s *shop) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Email: "ada"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "email"},
			{"a local phone", func(ctx context.Context, s *shop) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Phone: "0155"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "phone"},
			{"large metadata", func(ctx context.Context, s *shop) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Metadata: map[string]any{"a": strings.Repeat("x", 16<<10)}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata"},
		},
	},
	"Customers.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Customers.Retrieve(t.Context(), s.customer)
			if err != nil {
				return err
			}
			require.Equal(t, "user_42", got.ReferenceID)
			require.Equal(t, s.subscription, got.Subscription.SubscriptionID)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return only(s.Customers.Retrieve(ctx, "nobody")) }, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Customers.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Customers.List(t.Context(), lava.CustomersListParams{Limit: 100})
			if err != nil {
				return err
			}
			require.Equal(t, s.customer, got.Data[0].CustomerID)
			require.False(t, got.HasMore)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return only(s.Customers.List(ctx, lava.CustomersListParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Customers.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			for range 4 {
				if _, err := c.Customers.Create(t.Context(), lava.CreateCustomerParams{}); err != nil {
					return err
				}
			}
			return count(t, 5, c.Customers.All(t.Context(), lava.CustomersListParams{Limit: 2}))
		},
		bad: []badCall{{"a cursor made up", func(ctx context.Context, s *shop) error {
			return last(s.Customers.All(ctx, lava.CustomersListParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Customers.GetSubscription": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Customers.GetSubscription(t.Context(), "user_42")
			if err != nil {
				return err
			}
			require.Equal(t, s.subscription, got.SubscriptionID)
			require.Equal(t, "Pro", got.Plan.Name)
			require.Equal(t, "24.997", got.Credits.TotalRemaining.String())
			require.True(t, got.CancelledAt.IsZero())
			require.Nil(t, got.PendingChange)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error {
			return only(s.Customers.GetSubscription(ctx, "nobody"))
		}, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Customers.Update": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			ctx := t.Context()
			got, err := c.Customers.Update(ctx, "user_42", lava.UpdateCustomerParams{
				Email: lava.Set("ada@example.com"), Metadata: lava.Set(map[string]any{"vip": true}),
			})
			if err != nil {
				return err
			}
			require.Equal(t, "Ada", got.Contact.FirstName, "what is absent stays")
			got, err = c.Customers.Update(ctx, "user_42", lava.UpdateCustomerParams{
				Email: lava.Null[string](), Metadata: lava.Null[map[string]any](), ReferenceID: lava.Null[string](),
			})
			require.NoError(t, err)
			require.Empty(t, got.Contact.Email)
			require.Nil(t, got.Metadata)
			require.Empty(t, got.ReferenceID)
			require.ErrorIs(t, only(c.Customers.Retrieve(ctx, "user_42")), lava.ErrNotFound, "null frees the reference id")
			return nil
		},
		bad: []badCall{
			{"unknown", func(ctx context.Context, s *shop) error {
				return only(s.Customers.Update(ctx, "nobody", lava.UpdateCustomerParams{Name: lava.Set("a")}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
			{"a reference id that is taken", func(ctx context.Context, s *shop) error {
				other, err := s.Customers.Create(ctx, lava.CreateCustomerParams{})
				if err != nil {
					return err
				}
				return only(s.Customers.Update(ctx, other.CustomerID, lava.UpdateCustomerParams{ReferenceID: lava.Set("user_42")}))
			}, lava.ErrConflict, 409, "conflict", "reference_id"},
		},
	},
	"Customers.Delete": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			if err := c.Customers.Delete(t.Context(), "user_42"); err != nil {
				return err
			}
			require.ErrorIs(t, only(c.Customers.Retrieve(t.Context(), s.customer)), lava.ErrNotFound)
			require.NoError(t, only(c.Requests.Retrieve(t.Context(), s.request)), "its requests remain")
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error { return s.Customers.Delete(ctx, "nobody") }, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
}

// What was used, and what it cost.
var mockUsage = map[string]mockMethod{
	"Requests.Create": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			params := lava.CreateRequestParams{
				RequestID: "job 1", CustomerID: s.customer, MeterSlug: "chat", InputTokens: 600, OutputTokens: 100,
				InputSeconds: 1.5, Metadata: map[string]string{"team": "b"},
			}
			got, err := c.Requests.Create(t.Context(), params)
			if err != nil {
				return err
			}
			require.Equal(t, "0.0021", got.Charge.Amount.String(), "700 tokens at 3 per million")
			require.EqualValues(t, 700, got.ModelUsage.TotalTokens)
			require.InDelta(t, 1.5, got.ModelUsage.TotalSeconds, 0)
			require.Equal(t, lava.ProviderKeyUnmanaged, got.ProviderKeyType)
			require.Equal(t, lava.RequestCompleted, got.Status)
			params.InputTokens = 1_000_000
			again, err := c.Requests.Create(t.Context(), params)
			require.NoError(t, err)
			require.Equal(t, got, again, "recorded once")
			return nil
		},
		bad: []badCall{
			{"no id", func(ctx context.Context, s *shop) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{CustomerID: s.customer, MeterSlug: "chat"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "request_id"},
			{"unknown customer", func(ctx context.Context, s *shop) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: "nobody", MeterSlug: "chat"}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
			{"unknown meter", func(ctx context.Context, s *shop) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "nope"}))
			}, lava.ErrNotFound, 404, "not_found", "meter_slug"},
			{"fewer than no tokens", func(ctx context.Context, s *shop) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "chat", InputTokens: -1}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "input_tokens"},
			{"a metadata key with a space", func(ctx context.Context, s *shop) error {
				return only(s.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r2", CustomerID: s.customer, MeterSlug: "chat", Metadata: map[string]string{"a b": "c"}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata"},
		},
	},
	"Requests.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			got, err := c.Requests.Retrieve(t.Context(), s.request)
			if err != nil {
				return err
			}
			require.Equal(t, s.meter.MeterID, got.MeterID)
			require.Equal(t, map[string]string{"team": "a"}, got.Metadata)
			require.EqualValues(t, 1000, got.Charge.Breakdown[0].Tokens)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *shop) error {
			return only(s.Requests.Retrieve(ctx, "req_test_nope"))
		}, lava.ErrNotFound, 404, "not_found", ""}},
	},
	"Requests.List": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			params := lava.RequestsListParams{CustomerID: "user_42", MeterID: s.meter.MeterID, MetadataFilters: map[string]string{"team": "a"}}
			got, err := c.Requests.List(t.Context(), params)
			if err != nil {
				return err
			}
			require.Equal(t, s.request, got.Data[0].RequestID)
			params.MetadataFilters["team"] = "b"
			got, err = c.Requests.List(t.Context(), params)
			require.NoError(t, err)
			require.Empty(t, got.Data)
			return nil
		},
		bad: []badCall{{"unknown customer", func(ctx context.Context, s *shop) error {
			return only(s.Requests.List(ctx, lava.RequestsListParams{CustomerID: "nobody"}))
		}, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Requests.All": {
		good: func(t *testing.T, c *lava.Client, _ *shop) error {
			return count(t, 1, c.Requests.All(t.Context(), lava.RequestsListParams{}))
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *shop) error {
			return last(s.Requests.All(ctx, lava.RequestsListParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Usage.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *shop) error {
			now := s.Now()
			got, err := c.Usage.Retrieve(t.Context(), lava.UsageParams{
				Start: now.AddDate(0, 0, -2).In(zone), End: now, CustomerID: "user_42", MeterID: s.meter.MeterID, MetadataFilters: map[string]string{"team": "a"},
			})
			if err != nil {
				return err
			}
			require.Len(t, got.Items, 3)
			require.Equal(t, now.In(zone).Format(time.DateOnly), got.Items[2].Date)
			require.EqualValues(t, 1000, got.Totals.TotalUsageTokens)
			require.Equal(t, "0.003", got.Totals.TotalCharge.String())
			require.Equal(t, got.Totals, got.Items[2].UsageTotals)
			return nil
		},
		bad: []badCall{
			{"no start", func(ctx context.Context, s *shop) error { return only(s.Usage.Retrieve(ctx, lava.UsageParams{})) }, lava.ErrInvalidRequest, 400, "invalid_request", "start"},
			{"an end before the start", func(ctx context.Context, s *shop) error {
				return only(s.Usage.Retrieve(ctx, lava.UsageParams{Start: s.Now(), End: s.Now().Add(-time.Hour)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "end"},
			{"unknown customer", func(ctx context.Context, s *shop) error {
				return only(s.Usage.Retrieve(ctx, lava.UsageParams{Start: s.Now(), CustomerID: "nobody"}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		},
	},
}
