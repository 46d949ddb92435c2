package lava_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The program of the package comment.
func Example() {
	ctx := context.Background()
	client, err := lava.New() // reads LAVA_SECRET_KEY
	if err != nil {
		log.Fatal(err)
	}

	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:      "Chat tokens",
		MeterSlug: "chat",
		RateType:  lava.RateFixed,
		TierType:  lava.TierTokens1M,
		Tiers:     []lava.MeterTierParams{{Rate: decimal.RequireFromString("3.00")}},
	})
	if err != nil {
		log.Fatal(err)
	}

	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro",
		PeriodAmount:    decimal.RequireFromString("49.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(decimal.RequireFromString("25.00")),
		MeterIDs:        []string{meter.MeterID},
	})
	if err != nil {
		log.Fatal(err)
	}

	// You can use your own id wherever a customer id is expected.
	customer, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user-42"})
	if err != nil {
		log.Fatal(err)
	}

	// The browser opens this session with the checkout package.
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "https://app.example.com",
		PlanID:       plan.PlanID,
		CustomerID:   customer.CustomerID,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("check out:", session.CheckoutSessionID)

	// The customer's requests are paid from the plan's credit, once the checkout is complete.
	response, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: meter.MeterSlug},
		Body: map[string]any{
			"model":    "gpt-4o-mini",
			"messages": []map[string]string{{"role": "user", "content": "Why is the sky blue?"}},
		},
	})
	switch {
	case errors.Is(err, lava.ErrInsufficientCredits):
		fmt.Println("the checkout is not paid yet")
		return
	case err != nil:
		log.Fatal(err)
	}
	fmt.Printf("%s\n", response.Body())

	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
		Start:      time.Now().AddDate(0, 0, -30),
		CustomerID: customer.CustomerID,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("charged so far:", usage.Totals.TotalCharge)
}

// Sentinels distinguish the usual cases; the error itself has the details.
func ExampleError() {
	ctx := context.Background()
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	_, err := client.Customers.Retrieve(ctx, "user_404")
	if errors.Is(err, lava.ErrNotFound) {
		fmt.Println("no such customer")
	}

	_, err = client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "Mine", URL: "app.example.com"})
	var failed *lava.Error
	if errors.As(err, &failed) && errors.Is(err, lava.ErrInvalidRequest) {
		fmt.Println(failed.Status, failed.Code, failed.Param)
	}
	// Output:
	// no such customer
	// 400 invalid_request url
}

// An absent field is unchanged, null clears it, and a value sets it.
func ExampleField() {
	params, _ := json.Marshal(lava.UpdateCustomerParams{
		Name:  lava.Set("Ada Lovelace"),
		Email: lava.Null[string](),
	})
	fmt.Println(string(params))
	// Output: {"name":"Ada Lovelace","email":null}
}

// roundTripperFunc adapts a function to [http.RoundTripper].
type roundTripperFunc func(*http.Request) (*http.Response, error)

func (f roundTripperFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Middleware sees every attempt. This one counts responses.
func ExampleWithMiddleware() {
	ctx := context.Background()
	_, mock := startMock()
	defer mock.stop()

	responses := map[int]int{} // by status
	counting := func(next http.RoundTripper) http.RoundTripper {
		return roundTripperFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(r)
			if err == nil {
				responses[resp.StatusCode]++
			}
			return resp, err
		})
	}
	client, err := lava.New(
		lava.WithMiddleware(counting),
		lava.WithSecretKey(mock.SecretKey()), lava.WithBaseURL(mock.URL()), // by default from the environment
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wallet.Retrieve(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(responses)
	// Output: map[200:1]
}

func ExampleWithLogger() {
	ctx := context.Background()
	_, mock := startMock()
	defer mock.stop()

	client, err := lava.New(
		lava.WithLogger(slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: stable}))),
		lava.WithSecretKey(mock.SecretKey()), lava.WithBaseURL(mock.URL()), // by default from the environment
	)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wallet.Retrieve(ctx); err != nil {
		log.Fatal(err)
	}
	// Output: level=DEBUG msg="lava: request" method=GET path=/v1/wallet status=200 attempt=1
}

// stable leaves out what differs from run to run.
func stable(_ []string, attr slog.Attr) slog.Attr {
	switch attr.Key {
	case slog.TimeKey, "duration", "request_id":
		return slog.Attr{}
	}
	return attr
}

// Everything the typed result leaves out: status, header, unchanged body.
func ExampleContextWithResponse() {
	client, mock := startMock() // instead of lava.New()
	defer mock.stop()

	var response lava.Response
	ctx := lava.ContextWithResponse(context.Background(), &response)
	if _, err := client.Wallet.Retrieve(ctx); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, response.Header().Get("X-RateLimit-Limit"), strings.Contains(string(response.Body()), "balance"))
	// Output: 200 1000 true
}

func ExampleRedact() {
	fmt.Println(lava.Redact("calling with Bearer aks_live_0123456789"))
	// Output: calling with Bearer aks_live_[redacted]
}

// exampleMock is the mock of Lava that examples call. Its clock stands still, and its ids are the same in each run.
type exampleMock struct{ *mockserver.Server }

// startMock returns a client of a new mock, where a program has
//
//	client, err := lava.New() // reads LAVA_SECRET_KEY
func startMock() (*lava.Client, exampleMock) {
	s, err := mockserver.New(mockserver.At(time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)), mockserver.Seed(1))
	if err != nil {
		log.Fatal(err)
	}
	return s.Client(), exampleMock{s}
}

func (m exampleMock) stop() { _ = m.Close() }

// sell creates what most examples need: the meter "chat" at 3 dollars per million tokens, the plan "Pro" for 49
// dollars a month with 25 dollars of credit, and a customer on it, "user_42".
func (m exampleMock) sell(ctx context.Context) {
	client := m.Client()
	_, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Chat tokens", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(3)}},
	})
	if err != nil {
		log.Fatal(err)
	}
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Pro", PeriodAmount: decimal.NewFromInt(49), BillingInterval: lava.IntervalMonth,
		IncludedCredit: lava.Set(decimal.NewFromInt(25)),
		CreditBundles: []lava.PlanCreditBundleParams{
			{Name: "Booster", Cost: decimal.NewFromInt(10), CreditAmount: decimal.NewFromInt(12)},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
	})
	if err != nil {
		log.Fatal(err)
	}
	id, err := m.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Customers.Update(ctx, id, lava.UpdateCustomerParams{
		Name: lava.Set("Ada Lovelace"), ReferenceID: lava.Set("user_42"),
	})
	if err != nil {
		log.Fatal(err)
	}
}
