package mockserver_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"testing"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// register is what the application under test does.
func register(ctx context.Context, client *lava.Client, user string) (customerID string, err error) {
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: user})
	if err != nil {
		return "", err
	}
	return customer.CustomerID, nil
}

// A test states which calls the application should make. If it makes others, the failure shows both side by side,
// with a hint for rejected ones.
func ExampleCalls_Verify() {
	_ = func(t *testing.T) {
		s := mockserver.Start(t)
		customer, err := register(t.Context(), s.Client(), "user_42")
		if err != nil {
			t.Fatal(err)
		}
		s.Calls().For(customer).Verify(t,
			mockserver.Exactly("customers.create"),
			mockserver.Accepted(),
			mockserver.Idempotent())
	}
}

// Each call can be logged as it ends, with the hint if it was rejected.
func ExampleOnCall() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr { // values that vary
			if attr.Key == slog.TimeKey || attr.Key == "took" || attr.Key == "id" {
				return slog.Attr{}
			}
			return attr
		},
	}))
	s, err := mockserver.New(mockserver.InMemory(), mockserver.OnCall(func(c mockserver.Call) {
		logger.Info("lava", "call", c)
	}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Client().Wallet.Retrieve(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: level=INFO msg=lava call.method=GET call.path=/v1/wallet call.status=200 call.endpoint=wallet.get
}

// The conversation that reached the model looks the same in every provider's format.
func ExampleServer_ProviderCalls() {
	s, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	_, err = s.Client().Gateway(context.Background(), "https://api.anthropic.com/v1/messages", lava.GatewayParams{Body: map[string]any{
		"model": "claude-sonnet-4-5", "max_tokens": 100, "system": "Be brief.",
		"messages": []map[string]string{{"role": "user", "content": "Why is the sky blue?"}},
	}, SetHeader: func(h http.Header) { h.Set("Anthropic-Version", "2023-06-01") }})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range s.ProviderCalls() {
		fmt.Println(c.Provider, c.Model, c.Status)
		fmt.Println(c.System)
		fmt.Println(c.LastUserText())
	}
	// Output:
	// anthropic claude-sonnet-4-5 200
	// Be brief.
	// Why is the sky blue?
}

// The hint of a rejected call says what is probably wrong and how to fix it.
func ExampleCall_hint() {
	s, err := mockserver.New(mockserver.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = s.Close() }()
	resp, err := s.HTTPClient().Get(s.URL() + "/customers") //nolint:noctx // an example
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	all, err := s.WaitForCalls(context.Background(), func(all mockserver.Calls) bool { return len(all.Rejected()) == 1 })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(all[0].Hint)
	// Output: the API is below /v1: use GET /v1/customers
}
