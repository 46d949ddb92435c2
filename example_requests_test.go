package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

// Usage that did not pass through the gateway is reported. Reporting a
// RequestID again charges nothing: use an id that you have anyway.
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
