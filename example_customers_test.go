package lava_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lavapayments/lava-go"
)

// With your own id, creating a customer again finds the first one, and every method accepts that id instead of
// Lava's.
func ExampleCustomersService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	params := lava.CreateCustomerParams{
		ReferenceID: "user_7",
		Name:        "Grace Hopper",
		Email:       "grace@example.com",
		Metadata:    map[string]any{"team": "compilers", "seats": 3},
	}
	first, err := client.Customers.Create(ctx, params)
	if err != nil {
		log.Fatal(err)
	}
	second, err := client.Customers.Create(ctx, params)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(first.CustomerID == second.CustomerID)

	customer, err := client.Customers.Retrieve(ctx, "user_7")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(customer.Contact.LastName, customer.Metadata["team"], customer.Subscription.Name)
	// Output:
	// true
	// Hopper compilers Free
}

// All requests the next page when the loop needs it. Leaving the loop ends the requests.
func ExampleCustomersService_All() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	for _, id := range []string{"user_1", "user_2", "user_3"} {
		if _, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: id}); err != nil {
			log.Fatal(err)
		}
	}

	for customer, err := range client.Customers.All(ctx, lava.ListCustomersParams{Limit: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(customer.ReferenceID)
	}
	// Output:
	// user_3
	// user_2
	// user_1
}

// Page by page, for a list in a web page.
func ExampleCustomersService_List() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	for _, id := range []string{"user_1", "user_2", "user_3"} {
		if _, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: id}); err != nil {
			log.Fatal(err)
		}
	}

	page, err := client.Customers.List(ctx, lava.ListCustomersParams{Limit: 2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Data), page.HasMore)
	page, err = client.Customers.List(ctx, lava.ListCustomersParams{Limit: 2, Cursor: page.NextCursor})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(page.Data), page.HasMore)
	// Output:
	// 2 true
	// 1 false
}

// Set changes a field, Null clears it, and omitted fields are unchanged.
func ExampleCustomersService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	_, err := client.Customers.Create(ctx, lava.CreateCustomerParams{
		ReferenceID: "user_7", Name: "Grace Murray", Email: "grace@example.com", Phone: "+14155550100",
	})
	if err != nil {
		log.Fatal(err)
	}

	customer, err := client.Customers.Update(ctx, "user_7", lava.UpdateCustomerParams{
		Name:  lava.Set("Grace Hopper"),
		Email: lava.Null[string](),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%+v\n", customer.Contact)
	// Output: {Phone:+14155550100 Email: FirstName:Grace LastName:Hopper}
}

// How much a customer can still spend, and until when.
func ExampleCustomersService_RetrieveSubscription() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	subscription, err := client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(subscription.Plan.Name, subscription.Credits.TotalRemaining, subscription.CycleEndAt.Format("January 2"))
	// Output: Pro 25 April 10
}

// Usage outside the gateway is reported. Reporting a RequestID again charges nothing: use an id that you already
// have.
func ExampleRequestsService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	params := lava.CreateRequestParams{
		RequestID:    "job-2026-03-10-0001",
		CustomerID:   "user_42",
		MeterSlug:    "chat",
		InputTokens:  600_000,
		OutputTokens: 100_000,
		Metadata:     map[string]string{"feature": "summary"},
	}
	for range 2 {
		request, err := client.Requests.Create(ctx, params)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(request.RequestID, request.Charge.Amount)
	}
	subscription, err := client.Customers.RetrieveSubscription(ctx, "user_42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("left:", subscription.Credits.TotalRemaining)
	// Output:
	// job-2026-03-10-0001 2.1
	// job-2026-03-10-0001 2.1
	// left: 22.9
}

func ExampleRequestsService_All() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	for id, feature := range map[string]string{"r1": "summary", "r2": "chat"} {
		_, err := client.Requests.Create(ctx, lava.CreateRequestParams{
			RequestID: id, CustomerID: "user_42", MeterSlug: "chat", InputTokens: 1000,
			Metadata: map[string]string{"feature": feature},
		})
		if err != nil {
			log.Fatal(err)
		}
	}

	for request, err := range client.Requests.All(ctx, lava.ListRequestsParams{
		CustomerID:      "user_42",
		MetadataFilters: map[string]string{"feature": "summary"},
	}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(request.RequestID, request.ModelUsage.TotalTokens, request.Charge.Amount)
	}
	// Output: r1 1000 0.003
}

// Days are in the time zone of Start.
func ExampleUsageService_Retrieve() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)
	for _, id := range []string{"a", "b"} {
		_, err := client.Requests.Create(ctx, lava.CreateRequestParams{
			RequestID: id, CustomerID: "user_42", MeterSlug: "chat", InputTokens: 120_000, OutputTokens: 30_000,
		})
		if err != nil {
			log.Fatal(err)
		}
		mock.Advance(24 * time.Hour)
	}

	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
		Start:      time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC),
		CustomerID: "user_42",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, day := range usage.Items {
		fmt.Println(day.Date, day.TotalUsageTokens, "tokens,", day.TotalCharge, "dollars")
	}
	fmt.Println("in all", usage.Totals.TotalCharge, "dollars")
	// Output:
	// 2026-03-10 150000 tokens, 0.45 dollars
	// 2026-03-11 150000 tokens, 0.45 dollars
	// 2026-03-12 0 tokens, 0 dollars
	// in all 0.9 dollars
}
