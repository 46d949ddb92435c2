package mockserver_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The first two calls fail like those to an overloaded server. The client retries.
func ExampleServer_Fail() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	s.Fail(mockserver.Failure{Endpoint: "customers.create", Times: 2, Status: 503})
	_, err = s.Client().Customers.Create(context.Background(), lava.CreateCustomerParams{Name: "Ada Lovelace"})
	fmt.Println(err)
	for _, call := range s.Calls() {
		fmt.Println(call.Endpoint, call.Status)
	}
	// Output:
	// <nil>
	// customers.create 503
	// customers.create 503
	// customers.create 201
}

// Lava is down until the test says otherwise, and cards stay declined.
func ExampleServer_Disarm() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	ctx, client := context.Background(), s.Client(lava.WithMaxRetries(0))
	s.Decline(mockserver.Decline{})

	outage := s.Fail(mockserver.Failure{Status: 503})
	_, err = client.Meters.List(ctx, lava.ListMetersParams{})
	fmt.Println(errors.Is(err, lava.ErrServer))
	s.Disarm(outage)

	_, err = client.Meters.List(ctx, lava.ListMetersParams{})
	fmt.Println(err)
	fmt.Println(s.Armed())
	// Output:
	// true
	// <nil>
	// [Decline every charge: card_declined, without limit]
}

// The connection is cut after the call has taken effect. A client that may retry it gets the lost response, and there
// is only one customer.
func ExampleServer_Fail_lostResponse() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	s.Fail(mockserver.Failure{Endpoint: "customers.create", At: mockserver.AfterEffect, Cut: true, Times: 1})
	client := s.Client(lava.WithIdempotentRetries())
	_, err = client.Customers.Create(context.Background(), lava.CreateCustomerParams{Name: "Ada Lovelace"})
	fmt.Println(err)
	customers, err := client.Customers.List(context.Background(), lava.ListCustomersParams{})
	fmt.Println(len(customers.Data), err)
	// Output:
	// <nil>
	// 1 <nil>
}

// The card is declined for the next renewal, which comes now.
func ExampleServer_Trigger() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	customer, err := s.Scenario(mockserver.Subscribed)
	if err != nil {
		panic(err)
	}
	s.Decline(mockserver.Decline{Customer: customer.CustomerID, Times: 1})
	fmt.Println(s.Trigger(mockserver.RenewNow, customer.CustomerID))
	sub, err := s.Client().Customers.RetrieveSubscription(context.Background(), customer.CustomerID)
	if err != nil {
		panic(err)
	}
	fmt.Println("The customer is on", sub.Plan.Name)
	// Output:
	// <nil>
	// The customer is on Free
}

// A test begins with a customer who has no credit left.
func ExampleServer_Scenario() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	customer, err := s.Scenario(mockserver.OutOfCredit)
	if err != nil {
		panic(err)
	}
	sub, err := s.Client().Customers.RetrieveSubscription(context.Background(), customer.CustomerID)
	if err != nil {
		panic(err)
	}
	fmt.Println(sub.Credits.TotalRemaining)
	// Output: 0
}

// An event arrives twice, as it can at any receiver.
func ExampleServer_FailWebhooks() {
	s, err := mockserver.New()
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }()
	ctx := context.Background()
	_, err = s.Client().Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
	if err != nil {
		panic(err)
	}
	err = s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		fmt.Println("An event has arrived")
	}))
	if err != nil {
		panic(err)
	}
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDuplicated, Times: 1})
	_, err = s.Client().Customers.Create(ctx, lava.CreateCustomerParams{Name: "Ada Lovelace"})
	fmt.Println(err, s.Settle(ctx))
	// Unordered output:
	// An event has arrived
	// An event has arrived
	// <nil> <nil>
}
