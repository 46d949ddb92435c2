package rewrite

import (
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/e2e/internal/exchanges"
	"github.com/lavapayments/lava-go/mockserver"
)

// The official Go SDKs, each with another base URL, at providers of other formats.

const question = "Why is the sky blue?"

var weather = map[string]any{
	"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}}, "required": []string{"city"},
}

// recorded checks the newest record.
func recorded(t *testing.T, s *mockserver.Server, provider string, input, output int64) {
	t.Helper()
	page, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{Limit: 1})
	require.NoError(t, err)
	r := page.Data[0]
	assert.Equal(t, provider, r.Provider)
	assert.Equal(t, input, r.ModelUsage.InputTokens)
	assert.Equal(t, output, r.ModelUsage.OutputTokens)
	assert.Positive(t, output)
	assert.True(t, r.Cost.IsPositive())
}

func TestOpenAIForGo(t *testing.T) {
	s := mockserver.Start(t)
	for provider, at := range map[string][2]string{
		"anthropic": {"https://api.anthropic.com/v1/", "claude-sonnet-4-5"},
		"google":    {"https://generativelanguage.googleapis.com/v1beta/", "gemini-2.5-flash"},
	} {
		t.Run(provider, func(t *testing.T) {
			client := openai.NewClient(option.WithBaseURL(exchanges.Record(t, s.URL())+"/v1/rewrite/openai/"+at[0]), option.WithAPIKey(s.SecretKey()), option.WithMaxRetries(0))
			params := openai.ChatCompletionNewParams{
				Model: at[1], Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
				Tools: []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "weather", Parameters: weather})},
			}
			params.ToolChoice.OfAuto = openai.String("required")
			asked, err := client.Chat.Completions.New(t.Context(), params)
			require.NoError(t, err)
			recorded(t, s, provider, asked.Usage.PromptTokens, asked.Usage.CompletionTokens)
			call := asked.Choices[0].Message.ToolCalls[0]
			assert.JSONEq(t, `{"city":"string"}`, call.Function.Arguments)

			params.ToolChoice.OfAuto = openai.String("auto")
			params.StreamOptions.IncludeUsage = openai.Bool(true)
			params.Messages = append(params.Messages, asked.Choices[0].Message.ToParam(), openai.ToolMessage("Sunny", call.ID))
			stream := client.Chat.Completions.NewStreaming(t.Context(), params)
			whole := openai.ChatCompletionAccumulator{}
			for stream.Next() {
				whole.AddChunk(stream.Current())
			}
			require.NoError(t, stream.Err())
			assert.Equal(t, "stop", whole.Choices[0].FinishReason)
			assert.Contains(t, whole.Choices[0].Message.Content, "sky")
			recorded(t, s, provider, whole.Usage.PromptTokens, whole.Usage.CompletionTokens)
		})
	}
}

func TestAnthropicForGo(t *testing.T) {
	s := mockserver.Start(t)
	client := anthropic.NewClient(anthropicoption.WithBaseURL(exchanges.Record(t, s.URL())+"/v1/rewrite/anthropic/https://api.openai.com/"),
		anthropicoption.WithAPIKey(s.SecretKey()), anthropicoption.WithMaxRetries(0))
	params := anthropic.MessageNewParams{
		Model: "gpt-4o-mini", MaxTokens: 100,
		Messages:   []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
		Tools:      []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{Properties: weather["properties"], Required: []string{"city"}}, "weather")},
		ToolChoice: anthropic.ToolChoiceParamOfTool("weather"),
	}
	asked, err := client.Messages.New(t.Context(), params)
	require.NoError(t, err)
	recorded(t, s, "openai", asked.Usage.InputTokens, asked.Usage.OutputTokens)
	use := asked.Content[0].AsToolUse()
	assert.JSONEq(t, `{"city":"string"}`, string(use.Input))

	params.ToolChoice = anthropic.ToolChoiceUnionParam{}
	params.Messages = append(params.Messages, asked.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(use.ID, "Sunny", false)))
	stream := client.Messages.NewStreaming(t.Context(), params)
	whole := anthropic.Message{}
	for stream.Next() {
		require.NoError(t, whole.Accumulate(stream.Current()))
	}
	require.NoError(t, stream.Err())
	assert.Equal(t, anthropic.StopReasonEndTurn, whole.StopReason)
	assert.Contains(t, whole.Content[0].Text, "sky")
	recorded(t, s, "openai", whole.Usage.InputTokens, whole.Usage.OutputTokens)
}

func TestGoogleForGo(t *testing.T) {
	s := mockserver.Start(t)
	for provider, at := range map[string][2]string{
		"openai":    {"https://api.openai.com/", "gpt-4o-mini"},
		"anthropic": {"https://api.anthropic.com/", "claude-sonnet-4-5"},
	} {
		t.Run(provider, func(t *testing.T) {
			client, err := genai.NewClient(t.Context(), &genai.ClientConfig{
				Backend: genai.BackendGeminiAPI, APIKey: s.SecretKey(),
				HTTPOptions: genai.HTTPOptions{BaseURL: exchanges.Record(t, s.URL()) + "/v1/rewrite/google/" + at[0]},
			})
			require.NoError(t, err)
			config := &genai.GenerateContentConfig{
				Tools:      []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{Name: "weather", ParametersJsonSchema: weather}}}},
				ToolConfig: &genai.ToolConfig{FunctionCallingConfig: &genai.FunctionCallingConfig{Mode: genai.FunctionCallingConfigModeAny}},
			}
			metered := func(u *genai.GenerateContentResponseUsageMetadata) {
				t.Helper()
				recorded(t, s, provider, int64(u.PromptTokenCount), int64(u.CandidatesTokenCount))
			}
			asked, err := client.Models.GenerateContent(t.Context(), at[1], genai.Text(question), config)
			require.NoError(t, err)
			metered(asked.UsageMetadata)
			call := asked.FunctionCalls()[0]
			assert.Equal(t, map[string]any{"city": "string"}, call.Args)

			config.ToolConfig = nil
			result := genai.NewPartFromFunctionResponse(call.Name, map[string]any{"output": "Sunny"})
			result.FunctionResponse.ID = call.ID
			contents := append(genai.Text(question), asked.Candidates[0].Content, genai.NewContentFromParts([]*genai.Part{result}, genai.RoleUser))
			text := ""
			var last *genai.GenerateContentResponse
			for answer, err := range client.Models.GenerateContentStream(t.Context(), at[1], contents, config) {
				require.NoError(t, err)
				text += answer.Text()
				last = answer
			}
			assert.Contains(t, text, "sky")
			assert.Equal(t, genai.FinishReasonStop, last.Candidates[0].FinishReason)
			metered(last.UsageMetadata)
		})
	}
}

// A provider fails before its stream has begun, and another takes over. The SDK sees a single stream.
func TestFallbackForGo(t *testing.T) {
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Provider: "openai", Status: 503})
	client := openai.NewClient(option.WithBaseURL(exchanges.Record(t, s.URL())+"/v1/rewrite/openai/https://api.openai.com/v1/"), option.WithAPIKey(s.SecretKey()), option.WithMaxRetries(0),
		option.WithHeader("x-lava-fallbacks", `[{"url":"https://api.anthropic.com/v1/messages","model":"claude-sonnet-4-5"}]`))
	stream := client.Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{
		Model: "gpt-4o-mini", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	})
	whole := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		whole.AddChunk(stream.Current())
	}
	require.NoError(t, stream.Err())
	assert.Equal(t, "claude-sonnet-4-5", whole.Model)
	recorded(t, s, "anthropic", whole.Usage.PromptTokens, whole.Usage.CompletionTokens)
}

// OpenAI's SDK, as its guides use it, at other providers of OpenAI's format, which reject some of it.
func TestOpenAIForGoAtProvidersOfItsFormat(t *testing.T) {
	s := mockserver.Start(t)
	client := openai.NewClient(option.WithBaseURL(s.URL()+"/v1"), option.WithAPIKey(s.SecretKey()), option.WithMaxRetries(0))
	for _, model := range []string{
		"deepseek/deepseek-chat", "deepseek/deepseek-v4-flash", "mistral/mistral-large-latest", "groq/openai/gpt-oss-20b", "xai/grok-4.3",
		"moonshot/kimi-k2.6", "cerebras/gpt-oss-120b", "google/gemini-2.5-flash",
	} {
		t.Run(model, func(t *testing.T) {
			params := openai.ChatCompletionNewParams{
				Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.DeveloperMessage("Be brief."), openai.UserMessage(question)},
				Tools:               []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "weather", Parameters: weather})},
				MaxCompletionTokens: openai.Int(100), Temperature: openai.Float(0.2), Store: openai.Bool(false), ParallelToolCalls: openai.Bool(false),
				SafetyIdentifier: openai.String("user-1"), ReasoningEffort: openai.ReasoningEffortLow,
			}
			params.ToolChoice.OfAuto = openai.String("required")
			asked, err := client.Chat.Completions.New(t.Context(), params)
			require.NoError(t, err)
			call := asked.Choices[0].Message.ToolCalls
			if len(call) == 0 { // the model could not be made to call
				return
			}
			params.Messages = append(params.Messages, asked.Choices[0].Message.ToParam(), openai.ToolMessage("22 degrees", call[0].ID), openai.UserMessage("In short?"))
			params.ToolChoice.OfAuto = openai.String("none")
			said, err := client.Chat.Completions.New(t.Context(), params)
			require.NoError(t, err)
			assert.NotEmpty(t, said.Choices[0].Message.Content)
		})
	}
	params := openai.ChatCompletionNewParams{Model: "deepseek/deepseek-chat", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)}}
	params.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "weather", Schema: weather}}
	said, err := client.Chat.Completions.New(t.Context(), params)
	require.NoError(t, err)
	assert.NotEmpty(t, said.Choices[0].Message.Content)
}
