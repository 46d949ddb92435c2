package e2e

import (
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go/mockserver"
)

// The endpoints beyond conversations, by the official SDKs.

// complete checks that a response has all fields that the SDK's types require.
func complete[T any](t *testing.T, response *T, err error) *T {
	t.Helper()
	require.NoError(t, err)
	lacksNothing(t, reflect.ValueOf(response).Elem(), reflect.TypeFor[T]().Name())
	return response
}

func lacksNothing(t *testing.T, v reflect.Value, at string) {
	t.Helper()
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			lacksNothing(t, v.Index(i), at)
		}
	case reflect.Struct:
		about := v.FieldByName("JSON") // of both SDKs
		if !about.IsValid() {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			raw := about.FieldByName(f.Name)
			if !raw.IsValid() {
				continue
			}
			text := raw.Addr().Interface().(interface{ Raw() string }).Raw()
			if f.Tag.Get("api") == "required" {
				assert.NotEmpty(t, text, "%s.%s is missing", at, f.Name)
			}
			if text != "" && text != "null" {
				lacksNothing(t, v.Field(i), at+"."+f.Name)
			}
		}
	}
}

func TestOpenAIEndpoints(t *testing.T) {
	t.Parallel()
	scripted := mockserver.Reply{Operation: mockserver.OperationModeration, PromptContains: "secret", Body: []byte(`{"id":"modr-1","model":"omni-moderation-latest","results":[{"flagged":true}]}`)}
	client := openai.NewClient(option.WithHTTPClient(throughLava(t, scripted)), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	ctx := t.Context()

	moderation, err := client.Moderations.New(ctx, openai.ModerationNewParams{Model: openai.ModerationModelOmniModerationLatest,
		Input: openai.ModerationNewParamsInputUnion{OfStringArray: []string{"I want to kill them.", "I like them."}}})
	complete(t, moderation, err)
	assert.True(t, moderation.Results[0].Flagged && moderation.Results[0].Categories.Violence)
	assert.False(t, moderation.Results[1].Flagged)

	moderation, err = client.Moderations.New(ctx, openai.ModerationNewParams{Input: openai.ModerationNewParamsInputUnion{OfString: openai.String("a secret")}})
	require.NoError(t, err)
	assert.True(t, moderation.Results[0].Flagged)

	lines := `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","messages":[{"role":"user","content":"` + sky + `"}]}}`
	file, err := client.Files.New(ctx, openai.FileNewParams{Purpose: openai.FilePurposeBatch, File: openai.File(strings.NewReader(lines), "requests.jsonl", "application/jsonl")})
	complete(t, file, err)
	assert.EqualValues(t, len(lines), file.Bytes)
	batch, err := client.Batches.New(ctx, openai.BatchNewParams{InputFileID: file.ID, Endpoint: openai.BatchNewParamsEndpointV1ChatCompletions, CompletionWindow: openai.BatchNewParamsCompletionWindow24h})
	complete(t, batch, err)
	batch, err = client.Batches.Get(ctx, batch.ID)
	complete(t, batch, err)
	assert.Equal(t, openai.BatchStatusCompleted, batch.Status)
	assert.Positive(t, batch.Usage.TotalTokens)
	content, err := client.Files.Content(ctx, batch.OutputFileID)
	require.NoError(t, err)
	output, err := io.ReadAll(content.Body)
	require.NoError(t, err)
	assert.Contains(t, string(output), skySay)
	deleted, err := client.Files.Delete(ctx, file.ID)
	complete(t, deleted, err)

	ask := responses.ResponseNewParams{Model: "gpt-5-mini", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(sky)}}
	made, err := client.Responses.New(ctx, ask)
	complete(t, made, err)
	counted, err := client.Responses.InputTokens.Count(ctx, responses.InputTokenCountParams{Model: openai.String("gpt-5-mini"), Input: responses.InputTokenCountParamsInputUnion{OfString: openai.String(sky)}})
	complete(t, counted, err)
	assert.Equal(t, made.Usage.InputTokens, counted.InputTokens)
	// The SDK sends "stream" in the body of a GET, which is lost: github.com/openai/openai-go/issues/660.
	again := client.Responses.GetStreaming(ctx, made.ID, responses.ResponseGetParams{StartingAfter: openai.Int(1)}, option.WithQuery("stream", "true"))
	require.True(t, again.Next(), again.Err())
	assert.Equal(t, int64(2), again.Current().SequenceNumber)
	for again.Next() {
	}
	require.NoError(t, again.Err())
	last := again.Current()
	assert.Equal(t, "response.completed", last.Type)
	assert.Equal(t, made.OutputText(), last.Response.OutputText())
	ask.Background = openai.Bool(true)
	queued, err := client.Responses.New(ctx, ask)
	complete(t, queued, err)
	canceled, err := client.Responses.Cancel(ctx, queued.ID)
	complete(t, canceled, err)
	assert.Equal(t, responses.ResponseStatusCancelled, canceled.Status)
	compacted, err := client.Responses.Compact(ctx, responses.ResponseCompactParams{Model: "gpt-5-mini", Input: responses.ResponseCompactParamsInputUnion{OfString: openai.String(sky)}})
	complete(t, compacted, err)

	chat, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "gpt-5-mini", Store: openai.Bool(true), Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(sky)}})
	complete(t, chat, err)
	stored, err := client.Chat.Completions.Get(ctx, chat.ID)
	complete(t, stored, err)
	messages, err := client.Chat.Completions.Messages.List(ctx, chat.ID, openai.ChatCompletionMessageListParams{})
	require.NoError(t, err)
	assert.Equal(t, sky, messages.Data[0].Content)

	spoken, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "gpt-4o-audio-preview", Modalities: []string{"text", "audio"},
		Audio:    openai.ChatCompletionAudioParam{Voice: openai.ChatCompletionAudioParamVoiceUnion{OfString: openai.String("alloy")}, Format: openai.ChatCompletionAudioParamFormatWAV},
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(sky)}})
	complete(t, spoken, err)
	assert.Equal(t, skySay, spoken.Choices[0].Message.Audio.Transcript)
	assert.Empty(t, spoken.Choices[0].Message.Content)

	_, err = client.VectorStores.New(ctx, openai.VectorStoreNewParams{})
	var missing *openai.Error
	require.ErrorAs(t, err, &missing)
	assert.Contains(t, missing.Message, "the mock has no fake for POST /v1/vector_stores: script its response")
}

func TestAnthropicEndpoints(t *testing.T) {
	t.Parallel()
	client := anthropic.NewClient(anthropicoption.WithHTTPClient(throughLava(t)), anthropicoption.WithAPIKey("replaced by lava"), anthropicoption.WithMaxRetries(0))
	ctx := t.Context()

	batch, err := client.Messages.Batches.New(ctx, anthropic.MessageBatchNewParams{Requests: []anthropic.MessageBatchNewParamsRequest{{
		CustomID: "a", Params: anthropic.MessageBatchNewParamsRequestParams{Model: "claude-sonnet-4-5", MaxTokens: 100,
			Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(sky))}}}}})
	complete(t, batch, err)
	batch, err = client.Messages.Batches.Get(ctx, batch.ID, anthropic.MessageBatchGetParams{})
	complete(t, batch, err)
	assert.Equal(t, anthropic.MessageBatchProcessingStatusEnded, batch.ProcessingStatus)
	results := client.Messages.Batches.ResultsStreaming(ctx, batch.ID, anthropic.MessageBatchResultsParams{})
	require.True(t, results.Next(), results.Err())
	result := results.Current()
	assert.Equal(t, skySay, result.Result.AsSucceeded().Message.Content[0].Text)
	assert.False(t, results.Next())

	file, err := client.Beta.Files.Upload(ctx, anthropic.BetaFileUploadParams{File: anthropic.File(strings.NewReader("Hello"), "hello.txt", "text/plain")})
	complete(t, file, err)
	file, err = client.Beta.Files.GetMetadata(ctx, file.ID, anthropic.BetaFileGetMetadataParams{})
	complete(t, file, err)
	assert.Equal(t, "text/plain", file.MimeType)
	deleted, err := client.Beta.Files.Delete(ctx, file.ID, anthropic.BetaFileDeleteParams{})
	complete(t, deleted, err)
}

func TestGoogleEndpoints(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client, err := genai.NewClient(ctx, &genai.ClientConfig{Backend: genai.BackendGeminiAPI, HTTPClient: throughLava(t), APIKey: "replaced by lava"})
	require.NoError(t, err)

	file, err := client.Files.Upload(ctx, strings.NewReader("Hello"), &genai.UploadFileConfig{MIMEType: "text/plain", DisplayName: "hello"})
	require.NoError(t, err)
	assert.Equal(t, genai.FileStateActive, file.State)
	assert.EqualValues(t, 5, *file.SizeBytes)
	file, err = client.Files.Get(ctx, file.Name, nil)
	require.NoError(t, err)

	cache, err := client.Caches.Create(ctx, "gemini-2.5-flash", &genai.CreateCachedContentConfig{TTL: 5 * time.Minute,
		Contents: []*genai.Content{genai.NewContentFromParts([]*genai.Part{genai.NewPartFromURI(file.URI, file.MIMEType)}, genai.RoleUser)}})
	require.NoError(t, err)
	assert.Equal(t, 5*time.Minute, cache.ExpireTime.Sub(cache.CreateTime))
	_, err = client.Caches.Delete(ctx, cache.Name, nil)
	require.NoError(t, err)
	_, err = client.Files.Delete(ctx, file.Name, nil)
	require.NoError(t, err)
	_, err = client.Files.Get(ctx, file.Name, nil)
	var missing genai.APIError
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, 403, missing.Code)

	_, err = client.Caches.Create(ctx, "gemini-2.5-flash", &genai.CreateCachedContentConfig{Contents: genai.Text("Hello")})
	require.ErrorContains(t, err, "Cached content is too small.")
}
