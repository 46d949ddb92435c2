package e2e

import (
	"errors"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The snippets of the README and of docs/gateway.md with OpenAI's SDK are parts of this test.
func TestReadme(t *testing.T) {
	s := mockserver.Start(t)
	s.Setenv(t)
	client, err := lava.New(lava.WithRequiredPayer())
	require.NoError(t, err)
	transport, err := client.Transport(lava.TransportParams{})
	require.NoError(t, err)
	ai := openai.NewClient(option.WithHTTPClient(&http.Client{Transport: transport}), option.WithAPIKey("unused"),
		option.WithMaxRetries(0)) // each retry that reaches the provider is billed
	params := openai.ChatCompletionNewParams{
		Model:    "gpt-4o-mini",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Why is the sky blue?")},
	}
	_, err = ai.Chat.Completions.New(t.Context(), params)
	require.ErrorIs(t, err, lava.ErrNoPayer)

	shop, err := s.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
	ctx, customerID, meterSlug := t.Context(), shop.CustomerID, shop.MeterSlug
	ctx = lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: customerID, MeterSlug: meterSlug})
	complete := func() string {
		var response lava.Response
		completion, err := ai.Chat.Completions.New(lava.ContextWithResponse(ctx, &response), params)
		require.NoError(t, err)
		id := response.Header().Get("X-Lava-Request-Id")
		require.NotEmpty(t, completion.Choices)
		return id
	}
	record, err := client.Requests.Retrieve(ctx, complete())
	require.NoError(t, err)
	require.Equal(t, customerID, record.CustomerID)

	ctx = lava.ContextWithMetadata(ctx, map[string]string{"feature": "summary", "team": "red"})
	completion, err := ai.Chat.Completions.New(ctx, params) // or client.Gateway
	require.Nil(t, completion)
	switch failed := lava.AsError(err); {
	case errors.Is(failed, lava.ErrInsufficientCredits): // 402: the customer's credits are used up
	case errors.Is(failed, lava.ErrInsufficientBalance): // 402: your wallet is empty
	case errors.Is(failed, lava.ErrSpendLimitExceeded): // 402: a spend key is at its limit
	case errors.Is(failed, lava.ErrProvider): // the provider's error: failed.Provider, failed.Status
	default: // neither: a network error, a stream that broke off, the context's end
	}
	require.ErrorIs(t, lava.AsError(err), lava.ErrInsufficientCredits)

	shop, err = s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	ctx = lava.ContextWithPayer(ctx, lava.ForCustomer{CustomerID: shop.CustomerID, MeterSlug: shop.MeterSlug})
	completion, err = ai.Chat.Completions.New(ctx, params)
	require.NoError(t, err)
	require.NotEmpty(t, completion.Choices)
}
