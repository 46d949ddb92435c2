package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// A key for a developer, who can spend 20 dollars a day on one model.
func ExampleSpendKeysService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	key, err := client.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{
		Name:          "Ada's laptop",
		AllowedModels: lava.Set([]string{"gpt-4o-mini"}),
		SpendLimit:    lava.Set(lava.SpendLimit{Amount: decimal.NewFromInt(20), Cycle: lava.CycleDaily}),
		RateLimit:     lava.Set(lava.RateLimit{RPM: 60}),
	})
	if err != nil {
		log.Fatal(err)
	}
	// key.Key is shown this once. It works as the key of any OpenAI client whose
	// base URL is client.BaseURL().
	fmt.Println(key.Name, key.SpendLimit.Amount, key.SpendLimit.Cycle, key.CurrentSpend)
	// Output: Ada's laptop 20 daily 0
}

func ExampleSpendKeysService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	created, err := client.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{
		Name:       "CI",
		SpendLimit: lava.Set(lava.SpendLimit{Amount: decimal.NewFromInt(5), Cycle: lava.CycleWeekly}),
	})
	if err != nil {
		log.Fatal(err)
	}

	key, err := client.SpendKeys.Update(ctx, created.SpendKeyID, lava.UpdateSpendKeyParams{
		Status:     lava.SpendKeyPaused,
		SpendLimit: lava.Null[lava.SpendLimit](), // no limit any more
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Status, key.SpendLimit == nil)
	// Output: paused true
}

// The key was seen by somebody: replace it, and keep its limits and history.
func ExampleSpendKeysService_Rotate() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	created, err := client.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "CI"})
	if err != nil {
		log.Fatal(err)
	}

	rotated, err := client.SpendKeys.Rotate(ctx, created.SpendKeyID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rotated.SpendKeyID == created.SpendKeyID, rotated.Key == created.Key)
	// Output: true false
}
