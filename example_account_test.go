package lava_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// A command-line program gets its own key from the person at the browser. By default, it opens the system's browser;
// in this example, OpenBrowser replaces it.
func ExampleLogin() {
	ctx := context.Background()
	_, mock := startMock()
	defer mock.stop()

	credentials, err := lava.Login(ctx, lava.LoginParams{
		AppURL:      mock.URL(), // leave it out for Lava
		OpenBrowser: mock.approveLogin,
	})
	if err != nil {
		log.Fatal(err)
	}
	client, err := lava.New(lava.WithSecretKey(credentials.SecretKey.Reveal()), lava.WithBaseURL(mock.URL()))
	if err != nil {
		log.Fatal(err)
	}
	wallet, err := client.Wallet.Retrieve(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(wallet.WalletID == credentials.WalletID)
	// Output: true
}

// approveLogin acts as the browser and the person: it submits the form of the login page and follows the redirect.
func (m exampleMock) approveLogin(ctx context.Context, page string) error {
	address, err := url.Parse(page)
	if err != nil {
		return err
	}
	form := address.Query() // state and port
	form.Set("merchant", "first")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", m.URL())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// The wallet pays the providers. A payment is never sent twice: if an error leaves it unclear whether the first was
// made, check the balance.
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

// A new key replaces the old ones. It is shown only once, and printing the response by accident does not reveal it.
func ExampleSecretKeysService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	created, err := client.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{Name: "2026"})
	if err != nil {
		log.Fatal(err)
	}
	// Store created.Key.Reveal() now. It works at once; then the others can go.
	for key, err := range client.SecretKeys.All(ctx, lava.ListSecretKeysParams{}) {
		if err != nil {
			log.Fatal(err)
		}
		if key.SecretKeyID == created.SecretKeyID {
			continue
		}
		if err := client.SecretKeys.Delete(ctx, key.SecretKeyID); err != nil {
			log.Fatal(err)
		}
		fmt.Println("deleted", key.Name)
	}
	fmt.Println(created.Name, created.Key)
	// Output:
	// deleted Default
	// 2026 [redacted]
}

// A secret is not printed, whatever the type a program keeps it in, and is not encoded as JSON by accident. A program
// that stores a secret must reveal it explicitly.
func ExampleSecret() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	created, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s: %s\n", created.Name, created.Secret)

	_, err = json.Marshal(created)
	fmt.Println("by accident:", err != nil)

	stored, err := json.Marshal(map[string]string{"id": created.WebhookID, "secret": created.Secret.Reveal()})
	if err != nil {
		log.Fatal(err)
	}
	var loaded struct{ Secret lava.Secret }
	if err := json.Unmarshal(stored, &loaded); err != nil {
		log.Fatal(err)
	}
	fmt.Println("on purpose:", loaded.Secret == created.Secret)
	// Output:
	// app: [redacted]
	// by accident: true
	// on purpose: true
}

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
	// key.Key.Reveal() is shown only this once. It works as the key of any OpenAI client whose base URL is
	// client.BaseURL().
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
		SpendLimit: lava.Null[lava.SpendLimit](), // removes the limit
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Status, key.SpendLimit == nil)
	// Output: paused true
}

// The key was leaked: replace it, and keep its limits and history.
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
