// Quickstart bills a customer for AI usage, from the first meter to the last
// cent, in the five steps of Lava's tutorial. It needs no account and no network:
//
//	go run ./examples/quickstart
//
// With -live it talks to Lava itself, with the key in LAVA_SECRET_KEY. A person
// has to check out there, so it stops after step 3; run it again with -customer.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

func main() {
	log.SetFlags(0)
	live := flag.Bool("live", false, "use Lava itself instead of the mock server")
	customer := flag.String("customer", "", "with -live: the `id` of a customer who has checked out")
	meter := flag.String("meter", "", "with -customer: the `slug` of a meter on the customer's plan")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *live, *customer, *meter, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run is the tutorial. The steps are what an application would copy; offline, checkOut acts as the person who pays.
func run(ctx context.Context, live bool, customerID, meterSlug string, out io.Writer) error {
	checkOut := func(*lava.CheckoutSession) error { return nil }
	if !live {
		offline, err := startOffline(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = offline.Close() }()
		checkOut = offline.checkOut
	}
	client, err := lava.New() // reads LAVA_SECRET_KEY
	if err != nil {
		return err
	}

	if customerID == "" {
		meters, err := createMeters(ctx, client)
		if err != nil {
			return err
		}
		printMeters(out, meters)
		plans, err := createPlans(ctx, client, meters)
		if err != nil {
			return err
		}
		printPlans(out, plans)
		session, err := createCheckout(ctx, client, plans[0])
		if err != nil {
			return err
		}
		printSession(out, session)
		if live {
			_, err := fmt.Fprintf(out, "\nOpen it in the browser, pay, and continue with\n  go run ./examples/quickstart -live -meter %s -customer <id>\n", meters[0].MeterSlug)
			return err
		}
		if err := checkOut(session); err != nil {
			return err
		}
		meterSlug = meters[0].MeterSlug
	}

	customer, err := findCustomer(ctx, client, customerID)
	if err != nil {
		return err
	}
	answer, err := chat(ctx, client, customer, meterSlug)
	if err != nil {
		return err
	}
	printChat(out, customer, answer)
	usage, subscription, err := readUsage(ctx, client, customer)
	if err != nil {
		return err
	}
	printUsage(out, usage, subscription)
	if !live {
		return agree(usage, subscription)
	}
	return nil
}

// createMeters is step 1: the price of usage.
func createMeters(ctx context.Context, client *lava.Client) ([]*lava.Meter, error) {
	tokens, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "AI Chat Tokens",
		RateType: lava.RateFixed,
		TierType: lava.TierTokens1M,
		Tiers:    []lava.MeterTierParams{{Start: dec("0"), Rate: dec("3.00")}}, // dollars per million
	})
	if err != nil {
		return nil, err
	}
	requests, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "API Requests",
		RateType: lava.RateFixed,
		TierType: lava.TierRequests,
		Tiers: []lava.MeterTierParams{
			{Start: dec("0"), Rate: dec("0.01")},
			{Start: dec("10000"), Rate: dec("0.005")}, // from the 10,001st request
		},
	})
	return []*lava.Meter{tokens, requests}, err
}

// createPlans is step 2: what customers subscribe to.
func createPlans(ctx context.Context, client *lava.Client, meters []*lava.Meter) ([]*lava.Plan, error) {
	meterIDs := []string{meters[0].MeterID, meters[1].MeterID}
	pro, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Pro Plan",
		PeriodAmount:    dec("49.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(dec("25.00")),
		MeterIDs:        meterIDs,
	})
	if err != nil {
		return nil, err
	}
	team, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name:            "Team Plan",
		PeriodAmount:    dec("99.00"),
		BillingInterval: lava.IntervalMonth,
		IncludedCredit:  lava.Set(dec("50.00")),
		RolloverType:    lava.RolloverFull, // unused credit stays
		MeterIDs:        meterIDs,
		CreditBundles: []lava.PlanCreditBundleParams{
			{Name: "10 extra credits", Cost: dec("10.00"), CreditAmount: dec("10.00")},
			{Name: "50 extra credits", Cost: dec("45.00"), CreditAmount: dec("50.00")},
		},
	})
	return []*lava.Plan{pro, team}, err
}

// createCheckout is step 3: the session that the browser opens with Lava's checkout hook.
func createCheckout(ctx context.Context, client *lava.Client, plan *lava.Plan) (*lava.CheckoutSession, error) {
	return client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription,
		OriginURL:    "https://app.example.com",
		PlanID:       plan.PlanID,
	})
}

// findCustomer returns the named customer, or the newest one.
func findCustomer(ctx context.Context, client *lava.Client, id string) (*lava.Customer, error) {
	if id != "" {
		return client.Customers.Retrieve(ctx, id)
	}
	page, err := client.Customers.List(ctx, lava.ListCustomersParams{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Data) == 0 {
		return nil, errors.New("there is no customer yet: nobody has checked out")
	}
	return &page.Data[0], nil
}

// completion is the part of OpenAI's response that the tutorial shows.
type completion struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
	} `json:"choices"`
	Usage struct {
		TotalTokens int64 `json:"total_tokens"`
	} `json:"usage"`
}

// chat is step 4: a chat completion through the gateway, which meters it and charges the customer's credits.
func chat(ctx context.Context, client *lava.Client, customer *lava.Customer, meterSlug string) (*completion, error) {
	token, err := client.GenerateForwardToken(lava.ForCustomer{CustomerID: customer.CustomerID, MeterSlug: meterSlug})
	if err != nil {
		return nil, err
	}
	body := []byte(`{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Why is the sky blue?"}]}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, client.Providers.OpenAI+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("chat completion: %s: %s", resp.Status, data)
	}
	var answer completion
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("chat completion: %w", err)
	}
	if len(answer.Choices) == 0 {
		return nil, fmt.Errorf("chat completion: no choice in %s", data)
	}
	return &answer, nil
}

// readUsage is step 5: the usage and the remaining credit.
func readUsage(ctx context.Context, client *lava.Client, customer *lava.Customer) (*lava.Usage, *lava.Subscription, error) {
	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
		Start:      time.Now().AddDate(0, 0, -30),
		CustomerID: customer.CustomerID,
	})
	if err != nil {
		return nil, nil, err
	}
	subscription, err := client.Customers.RetrieveSubscription(ctx, customer.CustomerID)
	return usage, subscription, err
}

// agree checks that every cent of credit is accounted for.
func agree(usage *lava.Usage, sub *lava.Subscription) error {
	spent := sub.Plan.IncludedCredit.Sub(sub.Credits.TotalRemaining)
	if !spent.Equal(usage.Totals.TotalCharge) {
		return fmt.Errorf("%s of credit was used, but %s was charged", spent, usage.Totals.TotalCharge)
	}
	return nil
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }
