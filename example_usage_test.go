package lava_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/lavapayments/lava-go"
)

// Days are those of the time zone of Start.
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
