package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

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
