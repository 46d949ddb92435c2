package lava_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/lavapayments/lava-go"
)

// A webhook from end to end: registered, served, and called.
func ExampleWebhooksService_Create() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	webhook, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{
		Name: "Production",
		URL:  "https://app.example.com/lava",
	})
	if err != nil {
		log.Fatal(err)
	}
	// The secret is shown only once: store it.
	handler := lava.NewWebhookHandler(webhook.Secret.Reveal(), func(_ context.Context, event lava.WebhookEvent) error {
		fmt.Println(event.Type, event.Customer.ReferenceID)
		return nil
	})

	// A program would now serve the handler. Here the mock server calls it.
	if err := mock.HandleWebhooks(webhook.URL, handler); err != nil {
		log.Fatal(err)
	}
	if _, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user_7"}); err != nil {
		log.Fatal(err)
	}
	if err := mock.Settle(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: customer.created user_7
}

// Test a handler by signing a delivery as Lava does.
func ExampleNewWebhookHandler() {
	secret := "whsec_from_the_answer_that_created_it"
	handler := lava.NewWebhookHandler(secret, func(_ context.Context, event lava.WebhookEvent) error {
		fmt.Println(event.Type, event.Customer.CustomerID)
		return nil
	})

	body := `{"event":"customer.created","data":{"customer_id":"con_1"}}`
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/lava", strings.NewReader(body))
	r.Header.Set(lava.WebhookSignatureHeader, lava.SignWebhook([]byte(body), secret))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// customer.created con_1
	// 200
}

// If an [http.Handler] does not fit, verify the raw body yourself.
func ExampleConstructEvent() {
	secret := "whsec_from_the_answer_that_created_it"
	body := []byte(`{"event":"customer.wallet.balance.updated","data":{"customer_id":"con_1"}}`)
	signature := lava.SignWebhook(body, secret) // in the header lava.WebhookSignatureHeader

	event, err := lava.ConstructEvent(body, signature, secret)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(event.Type == lava.EventCustomerBalanceUpdated, event.Customer.CustomerID)

	_, err = lava.ConstructEvent(append(body, ' '), signature, secret)
	fmt.Println(errors.Is(err, lava.ErrWebhookSignature))
	// Output:
	// true con_1
	// true
}
