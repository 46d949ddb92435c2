package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"
)

// The official Google GenAI SDK for Go, with Lava's transport.
func TestGoogle(t *testing.T) {
	p := newPayer(t)
	client, err := genai.NewClient(t.Context(), &genai.ClientConfig{
		Backend:    genai.BackendGeminiAPI,
		HTTPClient: p.http,
		APIKey:     "replaced by lava",
	})
	require.NoError(t, err)
	const model = "gemini-2.5-flash"
	ask := genai.Text("Why is the sky blue?")
	withTool := &genai.GenerateContentConfig{
		Tools: []*genai.Tool{{FunctionDeclarations: []*genai.FunctionDeclaration{{
			Name: "weather", ParametersJsonSchema: weatherSchema,
		}}}},
		ToolConfig: &genai.ToolConfig{FunctionCallingConfig: &genai.FunctionCallingConfig{Mode: genai.FunctionCallingConfigModeAny}},
	}
	metered := func(t *testing.T, response *genai.GenerateContentResponse) {
		t.Helper()
		u := response.UsageMetadata
		p.metered(t, response.SDKHTTPResponse.Headers,
			int64(u.PromptTokenCount), int64(u.CandidatesTokenCount+u.ThoughtsTokenCount))
	}
	create := func(t *testing.T, config *genai.GenerateContentConfig) *genai.GenerateContentResponse {
		t.Helper()
		response, err := client.Models.GenerateContent(t.Context(), model, ask, config)
		require.NoError(t, err)
		metered(t, response)
		return response
	}
	stream := func(t *testing.T, config *genai.GenerateContentConfig) (parts []*genai.Part) {
		t.Helper()
		var last *genai.GenerateContentResponse
		for response, err := range client.Models.GenerateContentStream(t.Context(), model, ask, config) {
			require.NoError(t, err)
			parts, last = append(parts, response.Candidates[0].Content.Parts...), response
		}
		require.NotNil(t, last)
		metered(t, last)
		return parts
	}

	t.Run("content", func(t *testing.T) {
		whole := create(t, nil)
		assert.NotEmpty(t, whole.Text())
		var text strings.Builder
		for _, part := range stream(t, nil) {
			text.WriteString(part.Text)
		}
		assert.Equal(t, whole.Text(), text.String())
	})
	t.Run("tools", func(t *testing.T) {
		call := create(t, withTool).FunctionCalls()[0]
		assert.Equal(t, "weather", call.Name)
		arguments, err := json.Marshal(call.Args)
		require.NoError(t, err)
		isWeather(t, string(arguments))
		parts := stream(t, withTool)
		assert.Equal(t, call.Args, parts[len(parts)-1].FunctionCall.Args)
	})
	t.Run("embeddings", func(t *testing.T) {
		response, err := client.Models.EmbedContent(t.Context(), "gemini-embedding-001", ask, nil)
		require.NoError(t, err)
		assert.Len(t, response.Embeddings, 1)
	})
	t.Run("an error is the SDK's own", func(t *testing.T) {
		_, err := client.Models.GenerateContent(t.Context(), model, []*genai.Content{}, nil)
		var refused genai.APIError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusBadRequest, refused.Code)
	})
}
