package billing

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// From the checkout to the charge. Against Lava itself, client is lava.New().
func TestBilling(t *testing.T) {
	t.Parallel() // each test has its own server
	ctx := t.Context()
	s := mockserver.Start(t)
	client := s.Client()

	// 1. The price of usage: 3 dollars per million tokens.
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "AI Chat Tokens",
		RateType: lava.RateFixed,
		TierType: lava.TierTokens1M,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.RequireFromString("3.00")}},
	})
	require.NoError(t, err)

	// 2. What customers subscribe to: 49 dollars a month, with 25 dollars of credit.
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
		BillingInterval: lava.IntervalMonth,
		MeterIDs:        []string{meter.MeterID},
	})
	require.NoError(t, err)

	// 3. Who they are. You can use your own id wherever a customer id is expected.
	_, err = client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user-42"})
	require.NoError(t, err)

	// 4. How they pay. In a browser, Lava's checkout hook opens session.CheckoutSessionToken.
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "https://app.example.com",
		PlanID:       plan.PlanID,
		CustomerID:   "user-42",
	})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)

	// 5. A request to a provider, metered and charged to their credit.
	response, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: "user-42", MeterSlug: meter.MeterSlug},
		Body: map[string]any{
			"model":    "gpt-4o-mini",
			"messages": []map[string]string{{"role": "user", "content": "Why is the sky blue?"}},
		},
	})
	require.NoError(t, err)
	t.Logf("%s", response.Body())

	// 6. What was used, and what is left.
	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{Start: s.Now().Add(-24 * time.Hour), CustomerID: "user-42"})
	require.NoError(t, err)
	sub, err := client.Customers.RetrieveSubscription(ctx, "user-42")
	require.NoError(t, err)
	require.Equal(t, "25", usage.Totals.TotalCharge.Add(sub.Credits.TotalRemaining).String())

	// 7. A month later the plan has renewed.
	s.Advance(31 * 24 * time.Hour)
	require.Len(t, s.Payments(), 2)
}
