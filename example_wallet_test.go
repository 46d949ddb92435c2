package lava_test

import (
	"context"
	"fmt"
	"log"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// The wallet pays the providers. A payment is never sent twice: if an error
// leaves it open whether the first was made, look at the balance.
func ExampleWalletService_Fund() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	methods, err := client.PaymentMethods.List(ctx)
	if err != nil {
		log.Fatal(err)
	}
	funding, err := client.Wallet.Fund(ctx, lava.FundWalletParams{
		PaymentMethodID: methods[0].PaymentMethodID,
		Amount:          decimal.RequireFromString("250.00"),
	})
	if err != nil {
		log.Fatal(err)
	}
	switch funding.Status {
	case lava.FundingCompleted:
		fmt.Println("balance:", funding.Balance.StringFixed(2))
	case lava.FundingRequiresAction:
		fmt.Println("confirm the payment at", funding.RedirectURL)
	}
	// Output: balance: 1250.00
}

func ExampleWalletService_Retrieve() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	wallet, err := client.Wallet.Retrieve(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if wallet.Balance.LessThan(decimal.NewFromInt(2000)) {
		fmt.Println("low:", wallet.Balance)
	}
	// Output: low: 1000
}
