package mockserver_test

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var customerMethods = methods{
	"Customers.Create": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
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
			{"a Lava id as reference id", func(ctx context.Context, s *account) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "con_mine"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "reference_id"},
			{"an email without @", func(ctx context.Context, s *account) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Email: "ada"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "email"},
			{"a local phone", func(ctx context.Context, s *account) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Phone: "0155"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "phone"},
			{"a number that no float64 holds", func(ctx context.Context, s *account) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Metadata: map[string]any{"n": json.RawMessage("1e400")}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata"},
			{"large metadata", func(ctx context.Context, s *account) error {
				return only(s.Customers.Create(ctx, lava.CreateCustomerParams{Metadata: map[string]any{"a": strings.Repeat("x", 16<<10)}}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "metadata"},
		},
	},
	"Customers.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Customers.Retrieve(t.Context(), s.customer)
			if err != nil {
				return err
			}
			require.Equal(t, "user_42", got.ReferenceID)
			require.Equal(t, s.subscription, got.Subscription.SubscriptionID)
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return only(s.Customers.Retrieve(ctx, "nobody")) }, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Customers.List": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Customers.List(t.Context(), lava.ListCustomersParams{Limit: 100})
			if err != nil {
				return err
			}
			require.Equal(t, s.customer, got.Data[0].CustomerID)
			require.False(t, got.HasMore)
			return nil
		},
		bad: []badCall{{"a limit of 101", func(ctx context.Context, s *account) error {
			return only(s.Customers.List(ctx, lava.ListCustomersParams{Limit: 101}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "limit"}},
	},
	"Customers.All": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			for range 4 {
				if _, err := c.Customers.Create(t.Context(), lava.CreateCustomerParams{}); err != nil {
					return err
				}
			}
			return count(t, 5, c.Customers.All(t.Context(), lava.ListCustomersParams{Limit: 2}))
		},
		bad: []badCall{{"an invented cursor", func(ctx context.Context, s *account) error {
			return last(s.Customers.All(ctx, lava.ListCustomersParams{Cursor: "x"}))
		}, lava.ErrInvalidRequest, 400, "invalid_request", "cursor"}},
	},
	"Customers.RetrieveSubscription": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			got, err := c.Customers.RetrieveSubscription(t.Context(), "user_42")
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
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error {
			return only(s.Customers.RetrieveSubscription(ctx, "nobody"))
		}, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
	"Customers.Update": {
		good: func(t *testing.T, c *lava.Client, _ *account) error {
			ctx := t.Context()
			got, err := c.Customers.Update(ctx, "user_42", lava.UpdateCustomerParams{
				Email: lava.Set("ada@example.com"), Metadata: lava.Set(map[string]any{"vip": true}),
			})
			if err != nil {
				return err
			}
			require.Equal(t, "Ada", got.Contact.FirstName, "omitted fields are unchanged")
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
			{"unknown", func(ctx context.Context, s *account) error {
				return only(s.Customers.Update(ctx, "nobody", lava.UpdateCustomerParams{Name: lava.Set("a")}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
			{"a reference id that is taken", func(ctx context.Context, s *account) error {
				other, err := s.Customers.Create(ctx, lava.CreateCustomerParams{})
				if err != nil {
					return err
				}
				return only(s.Customers.Update(ctx, other.CustomerID, lava.UpdateCustomerParams{ReferenceID: lava.Set("user_42")}))
			}, lava.ErrConflict, 409, "conflict", "reference_id"},
		},
	},
	"Customers.Delete": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			if err := c.Customers.Delete(t.Context(), "user_42"); err != nil {
				return err
			}
			require.ErrorIs(t, only(c.Customers.Retrieve(t.Context(), s.customer)), lava.ErrNotFound)
			require.NoError(t, only(c.Requests.Retrieve(t.Context(), s.request)), "its requests remain")
			return nil
		},
		bad: []badCall{{"unknown", func(ctx context.Context, s *account) error { return s.Customers.Delete(ctx, "nobody") }, lava.ErrNotFound, 404, "not_found", "customer_id"}},
	},
}

func TestReferenceIDsAreAnything(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, id := range []string{"user/7", "a b", "50%", "subscription", "ünï", "a?b#c"} {
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"`+id+`"}`).status)
		a := send(t, s, "GET", "/v1/customers/"+url.PathEscape(id), "")
		require.Equal(t, 200, a.status, "%s", a.body)
		require.Equal(t, id, a.object(t)["reference_id"])
		require.Equal(t, 200, send(t, s, "GET", "/v1/customers/"+url.PathEscape(id)+"/subscription", "").status)
	}
}
