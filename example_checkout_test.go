package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The browser gets the token and opens it with Lava's checkout package; when the
// customer has paid, it knows the customer's id.
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
	// Send session.CheckoutSessionToken to the browser. A test pays like this:
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
