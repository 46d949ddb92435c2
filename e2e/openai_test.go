package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The official OpenAI SDK for Go, with Lava's transport.
func TestOpenAI(t *testing.T) {
	p := newPayer(t)
	client := openai.NewClient(
		option.WithHTTPClient(p.http),
		option.WithAPIKey("replaced by lava"),
		option.WithMaxRetries(0),
	)
	const model = "gpt-5-mini"
	chat := func() openai.ChatCompletionNewParams {
		return openai.ChatCompletionNewParams{
			Model:    model,
			Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Why is the sky blue?")},
		}
	}
	stream := func(t *testing.T, params openai.ChatCompletionNewParams) (openai.ChatCompletionAccumulator, http.Header) {
		t.Helper()
		var resp *http.Response
		s := client.Chat.Completions.NewStreaming(t.Context(), params, option.WithResponseInto(&resp))
		acc := openai.ChatCompletionAccumulator{}
		for s.Next() {
			acc.AddChunk(s.Current())
		}
		require.NoError(t, s.Err())
		return acc, resp.Header
	}

	t.Run("chat completion", func(t *testing.T) {
		var resp *http.Response
		reply, err := client.Chat.Completions.New(t.Context(), chat(), option.WithResponseInto(&resp))
		require.NoError(t, err)
		assert.NotEmpty(t, reply.Choices[0].Message.Content)
		r := p.metered(t, resp.Header, reply.Usage.PromptTokens, reply.Usage.CompletionTokens)
		assert.Equal(t, reply.ID, r.ResponseID)
	})
	t.Run("stream", func(t *testing.T) {
		params := chat()
		params.StreamOptions.IncludeUsage = openai.Bool(true)
		reply, header := stream(t, params)
		assert.NotEmpty(t, reply.Choices[0].Message.Content)
		p.metered(t, header, reply.Usage.PromptTokens, reply.Usage.CompletionTokens)
	})
	t.Run("stream without usage", func(t *testing.T) {
		whole, err := client.Chat.Completions.New(t.Context(), chat())
		require.NoError(t, err)
		reply, header := stream(t, chat())
		assert.Equal(t, whole.Choices[0].Message.Content, reply.Choices[0].Message.Content)
		assert.Zero(t, reply.Usage.TotalTokens, "the client did not ask for it")
		p.metered(t, header, whole.Usage.PromptTokens, whole.Usage.CompletionTokens)
	})
	t.Run("tools", func(t *testing.T) {
		params := chat()
		params.Tools = []openai.ChatCompletionToolUnionParam{
			openai.ChatCompletionFunctionTool(openai.FunctionDefinitionParam{Name: "weather", Parameters: weatherSchema}),
		}
		params.ToolChoice.OfAuto = openai.String("required")
		params.StreamOptions.IncludeUsage = openai.Bool(true)
		reply, header := stream(t, params)
		call := reply.Choices[0].Message.ToolCalls[0].Function
		assert.Equal(t, "weather", call.Name)
		isWeather(t, call.Arguments)
		p.metered(t, header, reply.Usage.PromptTokens, reply.Usage.CompletionTokens)
	})
	t.Run("responses", func(t *testing.T) {
		params := responses.ResponseNewParams{
			Model: model,
			Input: responses.ResponseNewParamsInputUnion{OfString: openai.String("Why is the sky blue?")},
		}
		var resp *http.Response
		whole, err := client.Responses.New(t.Context(), params, option.WithResponseInto(&resp))
		require.NoError(t, err)
		assert.NotEmpty(t, whole.OutputText())
		p.metered(t, resp.Header, whole.Usage.InputTokens, whole.Usage.OutputTokens)

		s := client.Responses.NewStreaming(t.Context(), params, option.WithResponseInto(&resp))
		var last responses.ResponseStreamEventUnion
		for s.Next() {
			last = s.Current()
		}
		require.NoError(t, s.Err())
		require.Equal(t, "response.completed", last.Type)
		assert.Equal(t, whole.OutputText(), last.Response.OutputText())
		p.metered(t, resp.Header, last.Response.Usage.InputTokens, last.Response.Usage.OutputTokens)
	})
	t.Run("embeddings", func(t *testing.T) {
		var resp *http.Response
		reply, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{
			Model: openai.EmbeddingModelTextEmbedding3Small,
			Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two"}},
		}, option.WithResponseInto(&resp))
		require.NoError(t, err)
		assert.Len(t, reply.Data, 2)
		p.metered(t, resp.Header, reply.Usage.PromptTokens, 0)
	})
	t.Run("an error is the SDK's own", func(t *testing.T) {
		_, err := client.Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{Model: model})
		var refused *openai.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusBadRequest, refused.StatusCode)
	})
}

// weatherSchema is the JSON schema of a tool's arguments.
var weatherSchema = map[string]any{
	"type":       "object",
	"properties": map[string]any{"city": map[string]any{"type": "string"}},
	"required":   []string{"city"},
}

// isWeather checks arguments against weatherSchema.
func isWeather(t *testing.T, arguments string) {
	t.Helper()
	var weather struct {
		City *string `json:"city"`
	}
	require.NoError(t, json.Unmarshal([]byte(arguments), &weather))
	assert.NotNil(t, weather.City)
}
