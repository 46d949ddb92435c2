package e2e

import (
	"net/http"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The official Anthropic SDK for Go, with Lava's transport.
func TestAnthropic(t *testing.T) {
	p := newPayer(t)
	client := anthropic.NewClient(
		option.WithHTTPClient(p.http),
		option.WithAPIKey("replaced by lava"),
		option.WithMaxRetries(0),
	)
	ask := func() anthropic.MessageNewParams {
		return anthropic.MessageNewParams{
			Model:     "claude-sonnet-4-5",
			MaxTokens: 100,
			Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Why is the sky blue?"))},
		}
	}
	withTool := func() anthropic.MessageNewParams {
		params := ask()
		params.Tools = []anthropic.ToolUnionParam{anthropic.ToolUnionParamOfTool(anthropic.ToolInputSchemaParam{
			Properties: weatherSchema["properties"], Required: []string{"city"},
		}, "weather")}
		params.ToolChoice = anthropic.ToolChoiceParamOfTool("weather")
		return params
	}
	create := func(t *testing.T, params anthropic.MessageNewParams) *anthropic.Message {
		t.Helper()
		var resp *http.Response
		m, err := client.Messages.New(t.Context(), params, option.WithResponseInto(&resp))
		require.NoError(t, err)
		p.metered(t, resp.Header, anthropicInput(m.Usage), m.Usage.OutputTokens)
		return m
	}
	stream := func(t *testing.T, params anthropic.MessageNewParams) anthropic.Message {
		t.Helper()
		var resp *http.Response
		s := client.Messages.NewStreaming(t.Context(), params, option.WithResponseInto(&resp))
		m := anthropic.Message{}
		for s.Next() {
			require.NoError(t, m.Accumulate(s.Current()))
		}
		require.NoError(t, s.Err())
		p.metered(t, resp.Header, anthropicInput(m.Usage), m.Usage.OutputTokens)
		return m
	}

	t.Run("message", func(t *testing.T) {
		whole := create(t, ask())
		assert.NotEmpty(t, whole.Content[0].Text)
		streamed := stream(t, ask())
		assert.Equal(t, whole.Content[0].Text, streamed.Content[0].Text)
		assert.Equal(t, whole.Usage.OutputTokens, streamed.Usage.OutputTokens, "cumulative usage is set, not added")
	})
	t.Run("tools", func(t *testing.T) {
		whole := create(t, withTool())
		assert.Equal(t, anthropic.StopReasonToolUse, whole.StopReason)
		assert.Equal(t, "weather", whole.Content[0].Name)
		isWeather(t, string(whole.Content[0].Input))
		streamed := stream(t, withTool())
		isWeather(t, string(streamed.Content[0].Input))
	})
	t.Run("an error is the SDK's own", func(t *testing.T) {
		params := ask()
		params.Messages = nil
		_, err := client.Messages.New(t.Context(), params)
		var refused *anthropic.Error
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusBadRequest, refused.StatusCode)
	})
}

// anthropicInput returns all input tokens: Anthropic reports cache reads and writes separately.
func anthropicInput(u anthropic.Usage) int64 {
	return u.InputTokens + u.CacheReadInputTokens + u.CacheCreationInputTokens
}
