package e2e

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	"github.com/aws/smithy-go"
	smithybearer "github.com/aws/smithy-go/auth/bearer"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// refusals are requests with an official SDK that its provider rejects, with the provider's message and a function
// that reads it from the SDK's error.
var refusals = []struct {
	name   string
	format lava.GatewayFormat
	says   string
	send   func(ctx context.Context, client *http.Client) error
	// read returns the message of an error if it is of the SDK's own type.
	read func(err error) (message string, ok bool)
}{
	{
		"openai", lava.FormatOpenAI, "messages with role 'tool' must be a response to a preceeding message", //nolint:misspell // OpenAI's spelling
		func(ctx context.Context, client *http.Client) error {
			ai := openai.NewClient(openaioption.WithHTTPClient(client), openaioption.WithAPIKey("planted"), openaioption.WithMaxRetries(0))
			_, err := ai.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{
				Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hello"), openai.ToolMessage("Sunny", "call_1")},
			})
			return err
		},
		func(err error) (string, bool) {
			own, ok := errors.AsType[*openai.Error](err)
			if !ok {
				return "", false
			}
			return own.Message, true
		},
	},
	{
		"anthropic", lava.FormatAnthropic, "tool_use_id",
		func(ctx context.Context, client *http.Client) error {
			ai := anthropic.NewClient(anthropicoption.WithHTTPClient(client), anthropicoption.WithAPIKey("planted"), anthropicoption.WithMaxRetries(0))
			_, err := ai.Messages.New(ctx, anthropic.MessageNewParams{
				Model: "claude-sonnet-4-5", MaxTokens: 100,
				Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewToolResultBlock("toolu_1", "Sunny", false))},
			})
			return err
		},
		func(err error) (string, bool) {
			own, ok := errors.AsType[*anthropic.Error](err)
			if !ok {
				return "", false
			}
			return own.Error(), true
		},
	},
	{
		"google", lava.FormatGoogle, "function response",
		func(ctx context.Context, client *http.Client) error {
			ai, err := genai.NewClient(ctx, &genai.ClientConfig{Backend: genai.BackendGeminiAPI, HTTPClient: client, APIKey: "planted"})
			if err != nil {
				return err
			}
			_, err = ai.Models.GenerateContent(ctx, "gemini-2.5-flash", []*genai.Content{
				genai.NewContentFromText("Hello", genai.RoleUser),
				genai.NewContentFromFunctionResponse("weather", map[string]any{"output": "Sunny"}, genai.RoleUser),
			}, nil)
			return err
		},
		func(err error) (string, bool) {
			own, ok := errors.AsType[genai.APIError](err)
			return own.Message, ok
		},
	},
	{
		"bedrock", lava.FormatBedrock, "toolResult",
		func(ctx context.Context, client *http.Client) error {
			ai := bedrockruntime.New(bedrockruntime.Options{
				Region: "us-east-1", HTTPClient: client, RetryMaxAttempts: 1, AuthSchemePreference: []string{"httpBearerAuth"},
				BearerAuthTokenProvider: smithybearer.StaticTokenProvider{Token: smithybearer.Token{Value: "replaced by lava"}},
			})
			_, err := ai.Converse(ctx, &bedrockruntime.ConverseInput{
				ModelId: aws.String("anthropic.claude-sonnet-4-5-20250929-v1:0"),
				Messages: []types.Message{{Role: types.ConversationRoleUser, Content: []types.ContentBlock{&types.ContentBlockMemberToolResult{Value: types.ToolResultBlock{
					ToolUseId: aws.String("tooluse_1"), Content: []types.ToolResultContentBlock{&types.ToolResultContentBlockMemberText{Value: "Sunny"}},
				}}}}},
			})
			return err
		},
		func(err error) (string, bool) {
			own, ok := errors.AsType[smithy.APIError](err)
			if !ok {
				return "", false
			}
			return own.ErrorMessage(), own.ErrorCode() != "UnknownError"
		},
	},
}

// Rejections by providers and by Lava itself become the SDK's own errors, with the original message, whether the
// request is forwarded or rewritten.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	poor := mockserver.Start(t, mockserver.WalletBalance(decimal.Zero))
	stranger, err := lava.New(lava.WithSecretKey("aks_test_unknown"), lava.WithBaseURL(s.URL()))
	require.NoError(t, err)

	for _, refusal := range refusals {
		for path, params := range map[string]lava.TransportParams{"forward": {}, "rewrite": {Format: refusal.format}} {
			for _, by := range []struct {
				name   string
				client *lava.Client
				says   string
			}{
				{"the provider", s.Client(), refusal.says},
				{"Lava, for a wrong key", stranger, "the secret key is not known"},
				{"Lava, for an empty wallet", poor.Client(), "the merchant's wallet is empty"},
			} {
				t.Run(refusal.name+", "+path+", by "+by.name, func(t *testing.T) {
					t.Parallel()
					transport, err := by.client.Transport(params)
					require.NoError(t, err)
					err = refusal.send(t.Context(), &http.Client{Transport: transport})
					require.Error(t, err)
					message, ok := refusal.read(err)
					require.True(t, ok, "%#v", err)
					assert.Contains(t, message, by.says)
				})
			}
		}
	}
}
