package e2e

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// sdk asks a question with an official SDK, through Lava.
type sdk struct {
	name     string
	provider string // the provider's host
	keeps    bool   // its errors keep the response
	ask      func(ctx context.Context, client *http.Client) error
	stream   func(ctx context.Context, client *http.Client) error
}

var sdks = []sdk{
	{
		"openai", "api.openai.com", true,
		func(ctx context.Context, client *http.Client) error {
			ai := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithAPIKey("planted"), openaioption.WithMaxRetries(0))
			_, err := ai.Chat.Completions.New(ctx, openAIQuestion())
			return err
		},
		func(ctx context.Context, client *http.Client) error {
			ai := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithAPIKey("planted"), openaioption.WithMaxRetries(0))
			stream := ai.Chat.Completions.NewStreaming(ctx, openAIQuestion())
			for stream.Next() {
			}
			return stream.Err()
		},
	},
	{
		"anthropic", "api.anthropic.com", true,
		func(ctx context.Context, client *http.Client) error {
			ai := anthropic.NewClient(anthropicoption.WithHTTPClient(client), anthropicoption.WithAPIKey("planted"), anthropicoption.WithMaxRetries(0))
			_, err := ai.Messages.New(ctx, anthropicQuestion())
			return err
		},
		func(ctx context.Context, client *http.Client) error {
			ai := anthropic.NewClient(anthropicoption.WithHTTPClient(client), anthropicoption.WithAPIKey("planted"), anthropicoption.WithMaxRetries(0))
			stream := ai.Messages.NewStreaming(ctx, anthropicQuestion())
			for stream.Next() {
			}
			return stream.Err()
		},
	},
	{
		"google", "generativelanguage.googleapis.com", false,
		func(ctx context.Context, client *http.Client) error {
			ai, err := genai.NewClient(ctx, &genai.ClientConfig{Backend: genai.BackendGeminiAPI, HTTPClient: client, APIKey: "planted"})
			if err != nil {
				return err
			}
			_, err = ai.Models.GenerateContent(ctx, "gemini-2.5-flash", genai.Text("Why is the sky blue?"), nil)
			return err
		},
		func(ctx context.Context, client *http.Client) error {
			ai, err := genai.NewClient(ctx, &genai.ClientConfig{Backend: genai.BackendGeminiAPI, HTTPClient: client, APIKey: "planted"})
			if err != nil {
				return err
			}
			for _, err := range ai.Models.GenerateContentStream(ctx, "gemini-2.5-flash", genai.Text("Why is the sky blue?"), nil) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	},
}

func openAIQuestion() openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: "gpt-5-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Why is the sky blue?")},
	}
}

func anthropicQuestion() anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 100,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Why is the sky blue?"))},
	}
}

// through returns an HTTP client for an SDK.
func through(t *testing.T, client *lava.Client) *http.Client {
	t.Helper()
	transport, err := client.Transport(lava.TransportParams{})
	require.NoError(t, err)
	return &http.Client{Transport: transport}
}

// Lava's errors can be recovered from those of the SDKs, and the 402s for three kinds of money and for a provider are
// distinguished.
func TestErrorsBehindSDKs(t *testing.T) {
	shop := mockserver.Start(t)
	poor := mockserver.Start(t, mockserver.WalletBalance(decimal.Zero))
	meter, err := shop.Client().Meters.Create(t.Context(), lava.CreateMeterParams{
		Name: "Chat", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(3)}},
	})
	require.NoError(t, err)
	broke, err := shop.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{})
	require.NoError(t, err)
	customer := lava.ForCustomer{CustomerID: broke.CustomerID, MeterSlug: meter.MeterSlug}

	for _, sdk := range sdks {
		key, err := shop.Client().SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{
			Name: "agent", SpendLimit: lava.Set(lava.SpendLimit{Amount: decimal.New(1, -10), Cycle: lava.CycleTotal}),
		})
		require.NoError(t, err)
		spender, err := lava.New(lava.WithSecretKey(key.Key.Reveal()), lava.WithBaseURL(shop.URL()))
		require.NoError(t, err)
		require.NoError(t, sdk.ask(t.Context(), through(t, spender)), "the first request reaches the limit")
		stranger, err := lava.New(lava.WithSecretKey("aks_test_unknown"), lava.WithBaseURL(shop.URL()))
		require.NoError(t, err)

		for _, tt := range []struct {
			name   string
			client *lava.Client
			payer  lava.Payer
			code   string
			is     error
		}{
			{"the customer's credits", shop.Client(), customer, "insufficient_credits", lava.ErrInsufficientCredits},
			{"the merchant's wallet", poor.Client(), nil, "insufficient_balance", lava.ErrInsufficientBalance},
			{"the spend key's limit", spender, nil, "spend_limit_exceeded", lava.ErrSpendLimitExceeded},
			{"a wrong key", stranger, nil, "authentication_failed", lava.ErrUnauthorized},
			{"an unknown customer", shop.Client(), lava.ForCustomer{CustomerID: "nobody", MeterSlug: "chat"}, "not_found", lava.ErrNotFound},
		} {
			t.Run(sdk.name+"/"+tt.name, func(t *testing.T) {
				ctx := lava.ContextWithPayer(t.Context(), tt.payer)
				for _, ask := range []func(context.Context, *http.Client) error{sdk.ask, sdk.stream} {
					err := ask(ctx, through(t, tt.client))
					require.Error(t, err)
					failed := lava.AsError(err)
					require.NotNil(t, failed, "%#v", err)
					assert.Equal(t, tt.code, failed.Code)
					assert.NotEmpty(t, failed.Message)
					assert.Regexp(t, "^req_", failed.RequestID)
					assert.Empty(t, failed.Provider)
					for _, other := range []error{lava.ErrInsufficientCredits, lava.ErrInsufficientBalance, lava.ErrSpendLimitExceeded, lava.ErrUnauthorized, lava.ErrNotFound, lava.ErrProvider} {
						assert.Equal(t, errors.Is(tt.is, other), errors.Is(failed, other), "%v", other)
					}
				}
			})
		}
		t.Run(sdk.name+"/the provider", func(t *testing.T) {
			for _, status := range []int{401, 402, 404} {
				for _, ask := range []func(context.Context, *http.Client) error{sdk.ask, sdk.stream} {
					shop.Script(mockserver.Reply{Times: 1, Status: status, Message: "Insufficient Balance"})
					err := ask(t.Context(), through(t, shop.Client()))
					require.ErrorContains(t, err, "")
					failed := lava.AsError(err)
					require.NotErrorIs(t, failed, lava.ErrInsufficientCredits)
					require.NotErrorIs(t, failed, lava.ErrUnauthorized)
					require.NotErrorIs(t, failed, lava.ErrNotFound)
					if sdk.keeps {
						require.NotNil(t, failed)
						require.ErrorIs(t, failed, lava.ErrProvider)
						assert.Equal(t, sdk.provider, failed.Provider)
						assert.Equal(t, status, failed.Status)
					}
				}
			}
		})
	}
	assert.Nil(t, lava.AsError(nil))
	assert.Nil(t, lava.AsError(genai.APIError{Code: 402, Message: "pay"}))
	assert.Nil(t, lava.AsError(genai.APIError{Code: 503, Message: "overloaded"}))
}

// An SDK with Lava's own address as its base URL has errors of the same kind.
func TestErrorsBehindBaseURLs(t *testing.T) {
	s := mockserver.Start(t, mockserver.WalletBalance(decimal.Zero))
	token, err := s.Client().GenerateForwardToken(nil)
	require.NoError(t, err)
	base, err := s.Client().RewriteURL(lava.FormatOpenAI, "https://api.anthropic.com/v1/")
	require.NoError(t, err)
	ai := openai.NewClient(openaioption.WithBaseURL(base), openaioption.WithAPIKey(token.Reveal()), openaioption.WithMaxRetries(0))
	question := openAIQuestion()
	question.Model = "claude-sonnet-4-5"
	_, err = ai.Chat.Completions.New(t.Context(), question)
	failed := lava.AsError(err)
	require.ErrorIs(t, failed, lava.ErrInsufficientBalance)
	assert.Regexp(t, "^req_", failed.RequestID)

	base, err = s.Client().RewriteURL(lava.FormatAnthropic, "https://api.openai.com/")
	require.NoError(t, err)
	claude := anthropic.NewClient(anthropicoption.WithBaseURL(base), anthropicoption.WithAPIKey(token.Reveal()), anthropicoption.WithMaxRetries(0))
	other := anthropicQuestion()
	other.Model = "gpt-5-mini"
	_, err = claude.Messages.New(t.Context(), other)
	require.ErrorIs(t, lava.AsError(err), lava.ErrInsufficientBalance)
}

// One client of OpenAI's SDK serves two customers, calls Anthropic, and falls back to Google.
func TestOneSDKForAllCustomers(t *testing.T) {
	s := mockserver.Start(t)
	_, err := s.Client().Meters.Create(t.Context(), lava.CreateMeterParams{
		Name: "Chat", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: decimal.NewFromInt(3)}},
	})
	require.NoError(t, err)
	transport, err := s.Client().Transport(lava.TransportParams{Format: lava.FormatOpenAI, Metadata: map[string]string{"app": "shop"}})
	require.NoError(t, err)
	ai := openai.NewClient(openaioption.WithHTTPClient(&http.Client{Transport: transport}),
		openaioption.WithBaseURL("https://api.anthropic.com/v1/"), openaioption.WithAPIKey("planted"), openaioption.WithMaxRetries(0))

	for i, user := range []string{"ada", "grace"} {
		_, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: user})
		require.NoError(t, err)
		ctx := lava.ContextWithPayer(t.Context(), lava.ForCustomer{CustomerID: user, MeterSlug: "chat", DisableBilling: true})
		ctx = lava.ContextWithMetadata(ctx, map[string]string{"user": user})
		provider := "anthropic"
		if i == 1 {
			s.Script(mockserver.Reply{Times: 1, Provider: "anthropic", Status: 503})
			ctx = lava.ContextWithFallbacks(ctx, []lava.Fallback{{URL: "https://generativelanguage.googleapis.com/v1beta", Model: "gemini-2.5-flash"}})
			provider = "google"
		}
		params := openAIQuestion()
		params.Model = "claude-sonnet-4-5"
		_, err = ai.Chat.Completions.New(ctx, params)
		require.NoError(t, err)
		page, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{
			CustomerID: user, MetadataFilters: map[string]string{"app": "shop", "user": user},
		})
		require.NoError(t, err)
		require.Len(t, page.Data, 1)
		assert.Equal(t, provider, page.Data[0].Provider)
	}
}

// What an error in the middle of a stream looks like, as described by AsError: Anthropic's SDK keeps the response,
// OpenAI's keeps a text, and both keep only a text if the stream was cut off. The context's response still has the
// request's id.
func TestErrorsInStreams(t *testing.T) {
	t.Parallel()
	for _, kit := range sdks[:2] {
		s := mockserver.Start(t)
		client := through(t, s.Client())
		s.Script(mockserver.Reply{Text: "one two three four", Fault: mockserver.ErrorAfter(1), Times: 1})
		var response lava.Response
		err := kit.stream(lava.ContextWithResponse(t.Context(), &response), client)
		require.Error(t, err, kit.name)
		require.NotEmpty(t, response.Header().Get("X-Lava-Request-Id"), kit.name)
		failed := lava.AsError(err)
		if kit.name == "openai" {
			require.ErrorContains(t, err, "received error while streaming")
			require.Nil(t, failed)
		} else {
			require.ErrorIs(t, failed, lava.ErrProvider)
			require.Equal(t, kit.provider, failed.Provider)
			require.Equal(t, []string{"https://" + kit.provider + "/v1/messages"}, failed.Tried)
			require.Equal(t, http.StatusOK, failed.Status)
			require.Equal(t, response.Header().Get("X-Lava-Request-Id"), failed.RequestID)
		}

		s.Script(mockserver.Reply{Text: "one two three four", Fault: mockserver.CutAfter(1)})
		err = kit.stream(t.Context(), client)
		require.ErrorContains(t, err, "unexpected EOF", kit.name)
		require.Nil(t, lava.AsError(err), kit.name)
	}
}
