package e2e

import (
	"net/http"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// payer is a customer whose credit pays for requests through http.
type payer struct {
	lava       *lava.Client
	http       *http.Client
	customerID string
	meterID    string
}

// newPayer creates a customer with 5 dollars of credit on its own mock.
func newPayer(t *testing.T, opts ...lava.Option) *payer {
	t.Helper()
	ctx := t.Context()
	client := start(t).client(t, opts...)
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Chat tokens", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(3)}},
	})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Starter", BillingInterval: lava.IntervalMonth,
		IncludedCredit: lava.Set(decimal.NewFromInt(5)), MeterIDs: []string{meter.MeterID},
	})
	require.NoError(t, err)
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{})
	require.NoError(t, err)
	_, err = client.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: customer.CustomerID, PlanID: plan.PlanID})
	require.NoError(t, err)
	transport, err := client.Transport(lava.TransportParams{Payer: lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: meter.MeterSlug}})
	require.NoError(t, err)
	return &payer{
		lava: client, http: &http.Client{Transport: transport},
		customerID: customer.CustomerID, meterID: meter.MeterID,
	}
}

// metered checks that a call is already recorded, with the tokens that the SDK reported, and charged at 3 dollars per
// million.
func (p *payer) metered(t *testing.T, header http.Header, input, output int64) *lava.Request {
	t.Helper()
	r, err := p.lava.Requests.Retrieve(t.Context(), header.Get("X-Lava-Request-Id"))
	require.NoError(t, err)
	assert.Equal(t, p.customerID, r.CustomerID)
	assert.Equal(t, p.meterID, r.MeterID)
	assert.Equal(t, lava.RequestCompleted, r.Status)
	assert.Positive(t, input, "usage is never zero")
	assert.Equal(t, input, r.ModelUsage.InputTokens, "input tokens")
	assert.Equal(t, output, r.ModelUsage.OutputTokens, "output tokens")
	charge := decimal.New(3, -6).Mul(decimal.NewFromInt(input + output))
	assert.True(t, charge.Equal(r.Charge.Amount), "charged %s instead of %s", r.Charge.Amount, charge)
	assert.True(t, r.Cost.IsPositive(), "the provider's cost is known")
	return r
}
