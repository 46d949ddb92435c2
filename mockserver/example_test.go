package mockserver_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// subscribe creates a plan and a customer on it, as an application's setup would.
func subscribe(ctx context.Context, s *mockserver.Server, card string) string {
	client := s.Client()
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
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
	customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{Card: card})
	if err != nil {
		log.Fatal(err)
	}
	return customer
}

// In a test, use Start(t) instead of New and Close.
func Example() {
	ctx := context.Background()
	s, err := mockserver.New()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()

	customer := subscribe(ctx, s, "4242 4242 4242 4242")
	sub, err := s.Client().Customers.RetrieveSubscription(ctx, customer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Plan.Name, sub.Credits.TotalRemaining)
	// Output: Pro 25
}

// A year passes in a moment. Each renewal happens at its own instant; at the end of short months, the anchor's day is
// kept.
func ExampleServer_Advance() {
	ctx := context.Background()
	s, err := mockserver.New(mockserver.At(time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	subscribe(ctx, s, "")

	for _, e := range s.Advance(90 * 24 * time.Hour) {
		fmt.Println(e.At.Format(time.DateOnly), e.Type)
	}
	// Output:
	// 2026-02-28 customer.wallet.balance.updated
	// 2026-03-31 customer.wallet.balance.updated
	// 2026-04-30 customer.wallet.balance.updated
}

// A card that works in the checkout and fails at the renewal costs the customer
// the plan.
func ExampleServer_Payments() {
	ctx := context.Background()
	s, err := mockserver.New()
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	subscribe(ctx, s, "4000 0000 0000 0341")

	s.Advance(31 * 24 * time.Hour)
	for _, p := range s.Payments() {
		fmt.Printf("%s of %s, declined: %t %q\n", p.Purpose, p.Amount, p.Declined, p.DeclineReason)
	}
	// Output:
	// subscription of 49, declined: false ""
	// renewal of 49, declined: true "card_declined"
}
