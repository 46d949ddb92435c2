package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

// With your own id, creating a customer again finds the first one, and each
// method takes that id instead of Lava's.
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

// All asks for the next page when the loop needs it. Leaving the loop asks for
// no more.
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

// Pages one by one, for a list in a web page.
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

// Set changes a field, Null clears it, and what is not mentioned stays.
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

// What a customer can still spend, and until when.
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
