package docs

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var january = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// plans are the plans in the table of plans.md.
var plans = map[string]lava.CreatePlanParams{
	"Trial":      {BillingInterval: lava.IntervalMonth, IncludedCredit: dollars("5")},
	"Basic":      {BillingInterval: lava.IntervalMonth, PeriodAmount: decimal.NewFromInt(9), IncludedCredit: dollars("5")},
	"Pro":        {BillingInterval: lava.IntervalMonth, PeriodAmount: decimal.NewFromInt(49), IncludedCredit: dollars("25")},
	"Pro Yearly": {BillingInterval: lava.IntervalYear, PeriodAmount: decimal.NewFromInt(490), IncludedCredit: dollars("300")},
}

func dollars(s string) lava.Field[decimal.Decimal] { return lava.Set(decimal.RequireFromString(s)) }

// planShop is a merchant with those plans, and a customer.
type planShop struct {
	*mockserver.Server
	client   *lava.Client
	plans    map[string]string // ids by name
	customer string
}

func openPlanShop(t *testing.T) planShop {
	t.Helper()
	s := mockserver.Start(t, mockserver.At(january))
	shop := planShop{Server: s, client: s.Client(), plans: map[string]string{}}
	for name, params := range plans {
		params.Name = name
		plan, err := shop.client.Subscriptions.CreatePlan(t.Context(), params)
		require.NoError(t, err)
		shop.plans[name] = plan.PlanID
	}
	customer, err := shop.client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "ada"})
	require.NoError(t, err)
	shop.customer = customer.CustomerID
	return shop
}

// changes are the ways to change plan, by their names in plans.md.
var changes = map[string]func(t *testing.T, shop planShop, plan string){
	"checkout": func(t *testing.T, shop planShop, plan string) {
		t.Helper()
		session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
			CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plans[plan], CustomerID: shop.customer,
		})
		require.NoError(t, err)
		_, err = shop.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
		require.NoError(t, err)
	},
	"`Subscriptions.Create`": func(t *testing.T, shop planShop, plan string) {
		t.Helper()
		_, err := shop.client.Subscriptions.Create(t.Context(), lava.CreateSubscriptionParams{CustomerID: shop.customer, PlanID: shop.plans[plan]})
		require.NoError(t, err)
	},
	"`Subscriptions.Cancel`": func(t *testing.T, shop planShop, _ string) {
		t.Helper()
		require.NoError(t, shop.client.Subscriptions.Cancel(t.Context(), shop.subscription(t).SubscriptionID))
	},
	"declined renewal": func(_ *testing.T, shop planShop, _ string) {
		shop.Decline(mockserver.Decline{Customer: shop.customer, Times: 1})
	},
}

func (shop planShop) subscription(t *testing.T) *lava.Subscription {
	t.Helper()
	sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
	require.NoError(t, err)
	return sub
}

// charged returns the total of a customer's card payments.
func (shop planShop) charged() decimal.Decimal {
	sum := decimal.Zero
	for _, p := range shop.Payments() {
		if !p.Declined && !p.Pending {
			sum = sum.Add(p.Amount)
		}
	}
	return sum
}

// The table in plans.md matches the mock's behavior.
func TestPlanChanges(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("plans.md")
	require.NoError(t, err)
	tests := []struct{ from, to, by string }{
		{"Free", "Trial", "`Subscriptions.Create`"},
		{"Free", "Pro", "checkout"},
		{"Trial", "Pro", "checkout"},
		{"Basic", "Pro", "checkout"},
		{"Pro", "Pro Yearly", "checkout"},
		{"Pro Yearly", "Basic", "checkout"},
		{"Pro", "Pro", "checkout"},
		{"Pro", "Basic", "checkout"},
		{"Pro", "Trial", "`Subscriptions.Create`"},
		{"Pro", "Free", "`Subscriptions.Cancel`"},
		{"Pro", "Free", "declined renewal"},
	}
	for _, tt := range tests {
		t.Run(tt.from+" to "+tt.to+" by "+tt.by, func(t *testing.T) {
			t.Parallel()
			shop := openPlanShop(t)
			switch {
			case plans[tt.from].PeriodAmount.IsPositive():
				changes["checkout"](t, shop, tt.from)
			case tt.from != "Free":
				changes["`Subscriptions.Create`"](t, shop, tt.from)
			}
			before, paid := shop.subscription(t), shop.charged()
			require.Equal(t, tt.from, before.Plan.Name)

			changes[tt.by](t, shop, tt.to)
			when := "at once"
			if shop.subscription(t).SubscriptionID == before.SubscriptionID {
				when = "at the end of the cycle"
				shop.AdvanceTo(before.CycleEndAt)
			}
			after := shop.subscription(t)
			require.Equal(t, tt.to, after.Plan.Name)
			require.NotEqual(t, before.SubscriptionID, after.SubscriptionID)
			charged := shop.charged().Sub(paid)
			charge := "nothing"
			if charged.IsPositive() {
				charge = charged.StringFixed(2)
			}
			row := fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", tt.from, tt.to, tt.by, when, charge, after.Credits.TotalRemaining.StringFixed(2))
			require.Contains(t, string(text), row)
		})
	}
}

// The following functions contain the snippets of plans.md.

func paying(ctx context.Context, client *lava.Client, customerID string) (bool, error) {
	sub, err := client.Customers.RetrieveSubscription(ctx, customerID)
	if err != nil {
		return false, err
	}
	return sub.Plan.PeriodAmount.IsPositive(), nil
}

func onEvent(ctx context.Context, client *lava.Client, event lava.WebhookEvent, ownFreePlan string) error {
	if event.Type == lava.EventCustomerDeleted {
		return nil
	}
	customer, err := client.Customers.Retrieve(ctx, event.Customer.CustomerID)
	if err != nil {
		return err
	}
	if customer.Subscription.Name != "Free" {
		return nil
	}
	_, err = client.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: customer.CustomerID, PlanID: ownFreePlan})
	return err
}

// A customer whose card is declined moves to the merchant's own free plan.
func TestLandingOnOnesOwnFreePlan(t *testing.T) {
	t.Parallel()
	shop := openPlanShop(t)
	webhook, err := shop.client.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
	require.NoError(t, err)
	handler := lava.NewWebhookHandler(webhook.Secret.Reveal(), func(ctx context.Context, event lava.WebhookEvent) error {
		return onEvent(ctx, shop.client, event, shop.plans["Trial"])
	})
	require.NoError(t, shop.HandleWebhooks("https://app.example.com", handler))
	changes["checkout"](t, shop, "Pro")
	pays, err := paying(t.Context(), shop.client, shop.customer)
	require.NoError(t, err)
	require.True(t, pays)

	changes["declined renewal"](t, shop, "")
	shop.AdvanceTo(shop.subscription(t).CycleEndAt)
	require.NoError(t, shop.Settle(t.Context()))
	require.Equal(t, "Trial", shop.subscription(t).Plan.Name)
	pays, err = paying(t.Context(), shop.client, shop.customer)
	require.NoError(t, err)
	require.False(t, pays)
}

// Example_pendingChange prints when a downgrade takes effect.
func Example_pendingChange() {
	s, err := mockserver.New(mockserver.At(january))
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	waiting, err := s.Scenario(mockserver.PendingDowngrade)
	if err != nil {
		panic(err)
	}
	ctx, client, customerID := context.Background(), s.Client(), waiting.CustomerID
	sub, err := client.Customers.RetrieveSubscription(ctx, customerID)
	if err != nil {
		panic(err)
	}
	if change := sub.PendingChange; change != nil {
		fmt.Printf("%s on %s\n", change.Type, change.EffectiveAt.Format(time.DateOnly)) // downgrade on 2026-02-01
	}
	// Output: downgrade on 2026-02-01
}

// A customer changes plan in a checkout like the first one.
func TestChangingPlanInACheckout(t *testing.T) {
	t.Parallel()
	shop := openPlanShop(t)
	ctx, client, customerID := t.Context(), shop.client, shop.customer
	pro, err := client.Subscriptions.RetrievePlan(ctx, shop.plans["Pro"])
	require.NoError(t, err)
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "https://app.example.com",
		PlanID:       pro.PlanID,
		CustomerID:   customerID,
	})
	require.NoError(t, err)
	require.Equal(t, customerID, cmp.Or(session.CustomerID, "nobody"))
}

func offerCredit(ctx context.Context, client *lava.Client, customerID string) ([]lava.PlanCreditBundle, error) {
	sub, err := client.Customers.RetrieveSubscription(ctx, customerID)
	if err != nil {
		return nil, err
	}
	plan, err := client.Subscriptions.RetrievePlan(ctx, sub.PlanID)
	if err != nil {
		return nil, err
	}
	return plan.CreditBundles, nil // empty: offer a larger plan
}

// Customers buy the bundles of their own plan, and no others.
func TestSellingCredit(t *testing.T) {
	t.Parallel()
	shop := openPlanShop(t)
	ctx, client, customerID := t.Context(), shop.client, shop.customer
	pro, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
		CreditBundles: []lava.PlanCreditBundleParams{
			{Name: "Extra credit", Cost: decimal.RequireFromString("10.00"), CreditAmount: decimal.RequireFromString("12.00")},
		},
	})
	require.NoError(t, err)
	shop.plans["Pro"] = pro.PlanID
	buy := func(bundle lava.PlanCreditBundle) (*lava.CheckoutSession, error) {
		session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
			CheckoutMode:   lava.CheckoutCreditBundle,
			OriginURL:      "https://app.example.com",
			CustomerID:     customerID,
			CreditBundleID: bundle.CreditBundleID,
		})
		return session, err
	}

	for _, plan := range []string{"Free", "Basic"} {
		if plan != "Free" {
			changes["checkout"](t, shop, plan)
		}
		offered, err := offerCredit(ctx, client, customerID)
		require.NoError(t, err)
		require.Empty(t, offered)
		_, err = buy(pro.CreditBundles[0])
		require.ErrorIs(t, err, lava.ErrInvalidRequest)
	}

	changes["checkout"](t, shop, "Pro")
	offered, err := offerCredit(ctx, client, customerID)
	require.NoError(t, err)
	require.Len(t, offered, 1)
	session, err := buy(offered[0])
	require.NoError(t, err)
	_, err = shop.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	require.Equal(t, "37.00", shop.subscription(t).Credits.TotalRemaining.StringFixed(2))
}
