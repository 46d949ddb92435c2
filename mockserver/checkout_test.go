package mockserver_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var checkoutMethods = methods{
	"CheckoutSessions.Create": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
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
			{"no plan", func(ctx context.Context, s *account) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://a.example"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "plan_id"},
			{"unknown plan", func(ctx context.Context, s *account) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://a.example", PlanID: "sc_test_nope"}))
			}, lava.ErrNotFound, 404, "not_found", "plan_id"},
			{"no origin", func(ctx context.Context, s *account) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, PlanID: s.plan.PlanID}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "origin_url"},
			{"unknown mode", func(ctx context.Context, s *account) error {
				return only(s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: "gift", OriginURL: "https://a.example"}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "checkout_mode"},
		},
	},
}

func TestDeclinedCard(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{Card: "4000 0000 0000 0002"})
	var declined *mockserver.Error
	require.ErrorAs(t, err, &declined)
	require.Equal(t, "payment_declined", declined.Code)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
	require.ErrorAs(t, err, &declined)
	require.Equal(t, http.StatusConflict, declined.Status)
}

func TestOriginsOfSessions(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	plan := openShop(t, s).plan.PlanID
	for _, origin := range []string{"https://*", "https://a;sandbox", "https://a,b", "ftp://a.example", "app.example.com", "https://"} {
		a := send(t, s, "POST", "/v1/checkout_sessions", fmt.Sprintf(`{"checkout_mode":"subscription","plan_id":%q,"origin_url":%q}`, plan, origin))
		require.Equal(t, 400, a.status, origin)
	}
	for _, origin := range []string{"http://localhost:3000", "http://[::1]:3000/x", "https://a-b.example_c.com"} {
		a := send(t, s, "POST", "/v1/checkout_sessions", fmt.Sprintf(`{"checkout_mode":"subscription","plan_id":%q,"origin_url":%q}`, plan, origin))
		require.Equal(t, 201, a.status, origin)
	}
}
