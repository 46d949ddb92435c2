package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// The first million tokens cost 5 dollars a million, and what follows 3: each
// token is priced by the tier in which it falls.
func ExampleMetersService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:      "Chat tokens",
		MeterSlug: "chat",
		RateType:  lava.RateFixed,
		TierType:  lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{
			{Rate: decimal.RequireFromString("5.00")},
			{Start: decimal.NewFromInt(1_000_000), Rate: decimal.RequireFromString("3.00")},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, tier := range meter.Tiers {
		fmt.Printf("%s: from %s tokens on %s dollars per million\n", meter.MeterSlug, tier.Start, tier.Rate)
	}
	// Output:
	// chat: from 0 tokens on 5 dollars per million
	// chat: from 1000000 tokens on 3 dollars per million
}

// A percentage meter charges what the provider costs, plus or minus something:
// here 120 percent of it.
func ExampleMetersService_Create_percentage() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "All models",
		RateType: lava.RatePercentage,
		TierType: lava.TierTokens1M,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.NewFromInt(120)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(meter.RateType, meter.Tiers[0].Rate)
	// Output: percentage 120
}

func ExampleMetersService_Update() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()
	mock.sell(ctx)

	meters, err := client.Meters.List(ctx, lava.ListMetersParams{Limit: 1})
	if err != nil {
		log.Fatal(err)
	}
	meter, err := client.Meters.Update(ctx, meters.Data[0].MeterID, lava.UpdateMeterParams{
		Tiers: []lava.MeterTierParams{{Rate: decimal.RequireFromString("2.50")}},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(meter.Name, meter.Tiers[0].Rate)
	// Output: Chat tokens 2.5
}
