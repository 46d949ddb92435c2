package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/lavapayments/lava-go"
)

// What a model costs, in dollars per million tokens.
func ExampleServicesService_List() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	services, err := client.Services.List(ctx, lava.ListServicesParams{Provider: "openai"})
	if err != nil {
		log.Fatal(err)
	}
	for _, service := range services {
		if service.ID == "gpt-4o-mini" {
			fmt.Println(service.ID, service.Pricing.Input, service.Pricing.Output)
		}
	}
	// Output: gpt-4o-mini 0.15 0.6
}
