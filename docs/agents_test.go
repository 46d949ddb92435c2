package docs

import (
	"context"
	"errors"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// A program that follows AGENTS.md step by step.
type agentsProgram struct {
	client    *lava.Client
	meterSlug string
}

func newAgentsProgram(ctx context.Context) (*agentsProgram, error) {
	client, err := lava.New(lava.WithRequiredPayer())
	if err != nil {
		return nil, err
	}
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name:     "AI Chat Tokens",
		RateType: lava.RateFixed,
		TierType: lava.TierTokens1M,
		Tiers:    []lava.MeterTierParams{{Rate: decimal.RequireFromString("3.00")}},
	})
	if err != nil {
		return nil, err
	}
	return &agentsProgram{client, meter.MeterSlug}, nil
}

func (p *agentsProgram) signUp(ctx context.Context, userID string) error {
	client := p.client
	_, err := client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: userID})
	return err
}

func (p *agentsProgram) chat(ctx context.Context, userID, meterSlug string, chatRequest any) (needsCheckout bool, err error) {
	client := p.client
	response, err := client.Gateway(ctx, "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Payer: lava.ForCustomer{CustomerID: userID, MeterSlug: meterSlug},
		Body:  chatRequest,
	})
	if errors.Is(lava.AsError(err), lava.ErrInsufficientCredits) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, response.Decode(new(map[string]any))
}

//nolint:paralleltest // it sets the environment
func TestAgentsProgram(t *testing.T) {
	s := mockserver.Start(t)
	s.Setenv(t) // lava.New() in the program now reaches the mock
	program, err := newAgentsProgram(t.Context())
	require.NoError(t, err)
	require.NoError(t, program.signUp(t.Context(), "user-42"))
	require.NoError(t, program.signUp(t.Context(), "user-42"), "repeating it changes nothing")
	needsCheckout, err := program.chat(t.Context(), "user-42", program.meterSlug, hello)
	require.NoError(t, err)
	require.True(t, needsCheckout, "the plan Free has no credit")

	subscribed, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	needsCheckout, err = program.chat(t.Context(), subscribed.CustomerID, subscribed.MeterSlug, hello)
	require.NoError(t, err)
	require.False(t, needsCheckout)

	broke, err := s.Scenario(mockserver.OutOfCredit) // a customer without credit
	require.NoError(t, err)
	needsCheckout, err = program.chat(t.Context(), broke.CustomerID, broke.MeterSlug, hello)
	require.NoError(t, err)
	require.True(t, needsCheckout)
}
