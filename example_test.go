package lava_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/lavapayments/lava-go"
)

// Absent leaves as it is, null clears, a value sets.
func ExampleField() {
	params, _ := json.Marshal(lava.UpdateCustomerParams{
		Name:  lava.Set("Ada Lovelace"),
		Email: lava.Null[string](),
	})
	fmt.Println(string(params))
	// Output: {"name":"Ada Lovelace","email":null}
}

// A handler is tested by signing a delivery as Lava does.
func ExampleNewWebhookHandler() {
	secret := "whsec_from_the_answer_that_created_it"
	handler := lava.NewWebhookHandler(secret, func(_ context.Context, event lava.WebhookEvent) error {
		fmt.Println(event.Type, event.Customer.CustomerID)
		return nil
	})

	body := `{"event":"customer.created","data":{"customer_id":"con_1"}}`
	r := httptest.NewRequest(http.MethodPost, "/lava", strings.NewReader(body))
	r.Header.Set(lava.WebhookSignatureHeader, lava.SignWebhook([]byte(body), secret))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output:
	// customer.created con_1
	// 200
}

// A token authorizes requests through the gateway; printing it shows nothing.
func ExampleClient_GenerateForwardToken() {
	client, err := lava.New(lava.WithSecretKey("aks_test_0123"))
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := client.GenerateForwardToken(lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat"})
	if err != nil {
		fmt.Println(err)
		return
	}
	req, err := http.NewRequest(http.MethodPost, client.Providers.OpenAI+"/chat/completions", strings.NewReader("{}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+string(token))
	fmt.Println(req.URL)
	fmt.Println(token)
	// Output:
	// https://sandbox-api.lavapayments.com/v1/forward?u=https://api.openai.com/v1/chat/completions
	// lava.ForwardToken([redacted])
}

func ExampleRedact() {
	fmt.Println(lava.Redact("calling with Bearer aks_live_0123456789"))
	// Output: calling with Bearer aks_live_[redacted]
}
