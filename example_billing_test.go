package lava_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The first million tokens cost 5 dollars per million, and further tokens 3: each token is priced by the tier it
// falls into.
func ExampleMetersService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:      "Chat tokens",
		MeterSlug: "chat",
		RateType:  lava.RateFixed,
		TierType:  lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{
			{Rate: decimal.RequireFromString("5.00")},
			{Start: decimal.NewFromInt(1_000_000), Rate: decimal.RequireFromString("3.00")},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, tier := range meter.Tiers {
		fmt.Printf("%s: from %s tokens on %s dollars per million\n", meter.MeterSlug, tier.Start, tier.Rate)
	}
	// Output:
	// chat: from 0 tokens on 5 dollars per million
	// chat: from 1000000 tokens on 3 dollars per million
}

// A percentage meter charges a percentage of the provider's cost: here 120 percent of it.
func ExampleMetersService_Create_percentage() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "All models",
		RateType: lava.RatePercentage,
		TierType: lava.TierTokens1M,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.NewFromInt(120)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(meter.RateType, meter.Tiers[0].Rate)
	// Output: percentage 120
}

func ExampleMetersService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	meters, err := client.Meters.List(ctx, lava.ListMetersParams{Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	meter, err := client.Meters.Update(ctx, meters.Data[0].MeterID, lava.UpdateMeterParams{
		Tiers: []lava.MeterTierParams{{Rate: decimal.RequireFromString("2.50")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(meter.Name, meter.Tiers[0].Rate)
	// Output: Chat tokens 2.5
}

// A plan for 49 dollars a month, with 25 dollars of credit and more to buy. Unused credit rolls over to the next
// month.
func ExampleSubscriptionsService_CreatePlan() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
		RolloverType:    lava.RolloverFull,
		CreditBundles: []lava.PlanCreditBundleParams{
			{Name: "Booster", Cost: decimal.NewFromInt(10), CreditAmount: decimal.NewFromInt(12)},
		},
		DefaultAutoTopUpBundleIndex: lava.Set(0), // bought when the credit runs out
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plan.Name, plan.PeriodAmount, plan.BillingInterval, plan.IncludedCredit)
	fmt.Println(plan.CreditBundles[0].Name, plan.DefaultAutoTopUpBundleID == plan.CreditBundles[0].CreditBundleID)
	// Output:
	// Pro 49 month 25
	// Booster true
}

// In an update, a bundle with an id is changed or removed, one without an id is new, and others are unchanged.
func ExampleSubscriptionsService_UpdatePlan() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	for plan, err := range client.Subscriptions.AllPlans(ctx, lava.ListPlansParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		if plan.Name != "Pro" {
			continue
		}
		plan, err := client.Subscriptions.UpdatePlan(ctx, plan.PlanID, lava.UpdatePlanParams{
			IncludedCredit: lava.Set(decimal.NewFromInt(30)),
			CreditBundles: []lava.PlanCreditBundleParams{
				{Name: "Large", Cost: decimal.NewFromInt(50), CreditAmount: decimal.NewFromInt(65)},
			},
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(plan.Name, plan.IncludedCredit, len(plan.CreditBundles))
	}
	// Output: Pro 30 2
}

// Free plans are assigned; paid ones need a checkout.
func ExampleSubscriptionsService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	trial, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Trial",
		BillingInterval: lava.IntervalWeek,
		IncludedCredit:  lava.Set(decimal.NewFromInt(1)),
	})
	if err != nil {
		log.Fatal(err)
	}
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user_7"})
	if err != nil {
		log.Fatal(err)
	}
	subscription, err := client.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{
		CustomerID: customer.CustomerID,
		PlanID:     trial.PlanID,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscription.Plan.Name, subscription.Credits.TotalRemaining, subscription.CycleEndAt.Format(time.DateOnly))
	// Output: Trial 1 2026-03-17
}

// A canceled subscription lasts until its cycle ends.
func ExampleSubscriptionsService_Cancel() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	subscription, err := client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	if err := client.Subscriptions.Cancel(ctx, subscription.SubscriptionID); err != nil {
		log.Fatal(err)
	}
	subscription, err = client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscription.Status)
	fmt.Println(subscription.PendingChange.Type, subscription.PendingChange.EffectiveAt.Format(time.DateOnly))
	// Output:
	// active
	// cancellation 2026-04-10
}

// The bundle is bought whenever the customer's credit runs out.
func ExampleSubscriptionsService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	subscription, err := client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	plan, err := client.Subscriptions.RetrievePlan(ctx, subscription.PlanID)
	if err != nil {
		log.Fatal(err)
	}
	err = client.Subscriptions.Update(ctx, subscription.SubscriptionID, lava.UpdateSubscriptionParams{
		AutoTopUpBundleID: lava.Set(plan.CreditBundles[0].CreditBundleID), // lava.Null[string]() turns it off
	})
	fmt.Println(err)
	// Output: <nil>
}

func ExampleCreditBundlesService_All() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	for bundle, err := range client.CreditBundles.All(ctx, lava.ListCreditBundlesParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: pay %s, get %s\n", bundle.Name, bundle.Cost, bundle.CreditAmount)
	}
	// Output: Booster: pay 10, get 12
}

// The browser gets the token and opens it with Lava's checkout package. When the customer has paid, it returns the
// customer's id.
func ExampleCheckoutSessionsService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		BillingInterval: lava.IntervalMonth,
	})
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "https://app.example.com",
		PlanID:       plan.PlanID,
	})
	if err != nil {
		log.Fatal(err)
	}
	// Send session.CheckoutSessionToken.Reveal() to the browser. A test pays as follows:
	customerID, err := mock.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	if err != nil {
		log.Fatal(err)
	}

	customer, err := client.Customers.Retrieve(ctx, customerID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(customer.Subscription.Name, customer.Subscription.Status)
	// Output: Pro active
}

// More credit, for a customer who has a plan.
func ExampleCheckoutSessionsService_Create_creditBundle() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	bundles, err := client.CreditBundles.List(ctx, lava.ListCreditBundlesParams{})
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode:   lava.CheckoutCreditBundle,
		OriginURL:      "https://app.example.com",
		CustomerID:     "user_42",
		CreditBundleID: bundles.Data[0].CreditBundleID,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := mock.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{}); err != nil {
		log.Fatal(err)
	}

	subscription, err := client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscription.Credits.CycleRemaining, "+", subscription.Credits.BundleRemaining)
	// Output: 25 + 12
}
