package lava_test

import (
	"context"
	"log"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// exampleMock is the Lava that examples talk to. Its clock stands still and its
// ids are the same in each run.
type exampleMock struct{ *mockserver.Server }

// startMock returns a client of a new mock, where a program has
//
//	client, err := lava.New() // reads LAVA_SECRET_KEY
func startMock() (*lava.Client, exampleMock) {
	s, err := mockserver.New(mockserver.At(time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)), mockserver.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	return s.Client(), exampleMock{s}
}

func (m exampleMock) stop() { _ = m.Close() }

// sell sets up what most examples need: the meter "chat" at 3 dollars per
// million tokens, the plan "Pro" for 49 dollars a month with 25 of credit, and a
// customer on it, "user_42".
func (m exampleMock) sell(ctx context.Context) {
	client := m.Client()
	_, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Chat tokens", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(3)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Pro", PeriodAmount: decimal.NewFromInt(49), BillingInterval: lava.IntervalMonth,
		IncludedCredit: lava.Set(decimal.NewFromInt(25)),
		CreditBundles: []lava.PlanCreditBundleParams{
			{Name: "Booster", Cost: decimal.NewFromInt(10), CreditAmount: decimal.NewFromInt(12)},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
	})
	if err != nil {
		log.Fatal(err)
	}
	id, err := m.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Customers.Update(ctx, id, lava.UpdateCustomerParams{
		Name: lava.Set("Ada Lovelace"), ReferenceID: lava.Set("user_42"),
	})
	if err != nil {
		log.Fatal(err)
	}
}
