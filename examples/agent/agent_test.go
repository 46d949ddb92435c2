package main

import (
	"context"
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// start returns an agent and a customer with credit for four requests at a dollar each.
func start(t *testing.T) (*mockserver.Server, *Agent) {
	t.Helper()
	s := mockserver.Start(t)
	client, ctx := s.Client(lava.WithRequiredPayer()), t.Context()
	_, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Assistant", MeterSlug: meterSlug, RateType: lava.RateFixed, TierType: lava.TierRequests,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(1)}},
	})
	check(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Trial", BillingInterval: lava.IntervalMonth, IncludedCredit: lava.Set(decimal.NewFromInt(4)),
	})
	check(t, err)
	_, err = client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "user-42"})
	check(t, err)
	_, err = client.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: "user-42", PlanID: plan.PlanID})
	check(t, err)
	agent, err := NewAgent(client, func(_ context.Context, customerID, orderID string) (string, error) {
		if customerID != "user-42" || orderID != "7" {
			return "", errors.New("there is no such order")
		}
		return "Order 7 was shipped yesterday.", nil
	})
	check(t, err)
	return s, agent
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The model requests an order, gets it, and answers. Both rounds are charged.
func TestAsk(t *testing.T) {
	t.Parallel()
	s, agent := start(t)
	s.Script(
		mockserver.Reply{Times: 1, ToolCalls: []mockserver.ToolCall{{Name: "find_order", Arguments: `{"order_id":"7"}`}}},
		mockserver.Reply{PromptContains: "shipped yesterday", Text: "It left our warehouse yesterday."},
	)
	text, err := agent.Ask(t.Context(), "user-42", "Where is order 7?")
	check(t, err)
	if text != "It left our warehouse yesterday." {
		t.Error(text)
	}
	s.Calls().For("user-42").Verify(t, mockserver.Times(2, "gateway.forward"), mockserver.Accepted())
	sub, err := s.Client().Customers.RetrieveSubscription(t.Context(), "user-42")
	check(t, err)
	if left := sub.Credits.TotalRemaining.String(); left != "2" {
		t.Errorf("%s dollars of credit are left, not 2", left)
	}
}

// The model handles the failure of a tool.
func TestAskForAnotherOrder(t *testing.T) {
	t.Parallel()
	s, agent := start(t)
	s.Script(
		mockserver.Reply{Times: 1, ToolCalls: []mockserver.ToolCall{{Name: "find_order", Arguments: `{"order_id":"8"}`}}},
		mockserver.Reply{PromptContains: "there is no such order", Text: "I can't find that order."},
	)
	text, err := agent.Ask(t.Context(), "user-42", "Where is order 8?")
	check(t, err)
	if text != "I can't find that order." {
		t.Error(text)
	}
}

// A model that never stops is stopped, and a customer without credit gets no answer.
func TestAskWithoutEnd(t *testing.T) {
	t.Parallel()
	s, agent := start(t)
	s.Script(mockserver.Reply{ToolCalls: []mockserver.ToolCall{{Name: "find_order", Arguments: `{"order_id":"7"}`}}})
	_, err := agent.Ask(t.Context(), "user-42", "Where is order 7?")
	if !errors.Is(err, ErrNoCredit) {
		t.Errorf("after four requests: %v", err)
	}
	if n := len(s.ProviderCalls()); n != 4 {
		t.Errorf("%d requests have reached the provider, not 4", n)
	}
}

// A provider's failure is reported as such, with the request id.
func TestAskWhenTheProviderFails(t *testing.T) {
	t.Parallel()
	s, agent := start(t)
	s.Script(mockserver.Reply{Status: 500, Times: 1})
	_, err := agent.Ask(t.Context(), "user-42", "Where is order 7?")
	failed := lava.AsError(err)
	if !errors.Is(failed, lava.ErrProvider) || failed.RequestID == "" {
		t.Error(err)
	}
}
