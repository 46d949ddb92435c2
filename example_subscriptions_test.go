package lava_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// A plan for 49 dollars a month, with credit for 25 and more to buy. What is
// left of the credit moves to the next month.
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

// In an update a bundle with an id is changed or removed, one without is new,
// and others stay.
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
