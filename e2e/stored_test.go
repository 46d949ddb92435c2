package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/conversations"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/genai"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// What is stored at the providers, read page by page with the official SDKs.

// pages is what the official SDKs' iterators over all pages have in common.
type pages[T any] interface {
	Next() bool
	Current() T
	Err() error
}

// all returns a field of each object that an SDK reads.
func all[T any](t *testing.T, list pages[T], field func(T) string) []string {
	t.Helper()
	values := []string{}
	for list.Next() {
		values = append(values, field(list.Current()))
	}
	require.NoError(t, list.Err())
	return values
}

func TestOpenAILists(t *testing.T) {
	t.Parallel()
	client := openai.NewClient(option.WithHTTPClient(throughLava(t)), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	ctx := t.Context()

	var files, batches, chats []string // newest last
	for i := range 3 {
		n := strconv.Itoa(i)
		line := `{"custom_id":"` + n + `","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o-mini","messages":[{"role":"user","content":"` + sky + `"}]}}`
		file, err := client.Files.New(ctx, openai.FileNewParams{Purpose: openai.FilePurposeBatch, File: openai.File(strings.NewReader(line), "requests.jsonl", "application/jsonl")})
		complete(t, file, err)
		batch, err := client.Batches.New(ctx, openai.BatchNewParams{InputFileID: file.ID, Endpoint: openai.BatchNewParamsEndpointV1ChatCompletions, CompletionWindow: openai.BatchNewParamsCompletionWindow24h})
		complete(t, batch, err)
		chat, err := client.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: "gpt-5-mini", Store: openai.Bool(true), Metadata: shared.Metadata{"n": n, "odd": strconv.FormatBool(i%2 == 1)},
			Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(sky), openai.AssistantMessage("Blue."), openai.UserMessage(n)}})
		complete(t, chat, err)
		files, batches, chats = append(files, file.ID), append(batches, batch.ID), append(chats, chat.ID)
	}
	fileID := func(f openai.FileObject) string { return f.ID }
	assert.Equal(t, files, all(t, client.Files.ListAutoPaging(ctx, openai.FileListParams{Limit: openai.Int(2), Purpose: openai.String("batch"), Order: openai.FileListParamsOrderAsc}), fileID))
	_, err := client.Batches.List(ctx, openai.BatchListParams{}) // they end
	require.NoError(t, err)
	assert.Len(t, all(t, client.Files.ListAutoPaging(ctx, openai.FileListParams{Limit: openai.Int(2)}), fileID), 6)
	listed := all(t, client.Batches.ListAutoPaging(ctx, openai.BatchListParams{Limit: openai.Int(1)}), func(b openai.Batch) string { return string(b.Status) + " " + b.ID })
	assert.Equal(t, []string{"completed " + batches[2], "completed " + batches[1], "completed " + batches[0]}, listed)

	chatID := func(c openai.ChatCompletion) string { return c.ID }
	assert.Equal(t, chats, all(t, client.Chat.Completions.ListAutoPaging(ctx, openai.ChatCompletionListParams{Limit: openai.Int(1)}), chatID))
	assert.Equal(t, chats[1:2], all(t, client.Chat.Completions.ListAutoPaging(ctx, openai.ChatCompletionListParams{Metadata: shared.Metadata{"odd": "true"}}), chatID))
	said := all(t, client.Chat.Completions.Messages.ListAutoPaging(ctx, chats[2], openai.ChatCompletionMessageListParams{Limit: openai.Int(2)}), func(m openai.ChatCompletionStoreMessage) string { return m.Content })
	assert.Equal(t, []string{sky, "Blue.", "2"}, said)
	updated, err := client.Chat.Completions.Update(ctx, chats[0], openai.ChatCompletionUpdateParams{Metadata: shared.Metadata{"odd": "true"}})
	complete(t, updated, err)
	// A client may delete what it reads.
	pager := client.Chat.Completions.ListAutoPaging(ctx, openai.ChatCompletionListParams{Limit: openai.Int(1), Metadata: shared.Metadata{"odd": "true"}})
	deleted := all(t, pager, func(c openai.ChatCompletion) string {
		_, err := client.Chat.Completions.Delete(ctx, c.ID)
		require.NoError(t, err)
		return c.ID
	})
	assert.Equal(t, chats[:2], deleted)

	made, err := client.Responses.New(ctx, responses.ResponseNewParams{Model: "gpt-5-mini", Input: responses.ResponseNewParamsInputUnion{OfInputItemList: responses.ResponseInputParam{
		responses.ResponseInputItemParamOfMessage("one", responses.EasyInputMessageRoleUser), responses.ResponseInputItemParamOfMessage("two", responses.EasyInputMessageRoleUser)}}})
	complete(t, made, err)
	items := all(t, client.Responses.InputItems.ListAutoPaging(ctx, made.ID, responses.InputItemListParams{Limit: openai.Int(1)}), func(i responses.ResponseItemUnion) string {
		return i.Content.OfResponseOutputMessageContentArray[0].Text
	})
	assert.Equal(t, []string{"two", "one"}, items)
}

func TestUploads(t *testing.T) {
	t.Parallel()
	client := openai.NewClient(option.WithHTTPClient(throughLava(t)), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	ctx := t.Context()
	upload, err := client.Uploads.New(ctx, openai.UploadNewParams{Bytes: 10, Filename: "large.txt", MimeType: "text/plain", Purpose: openai.FilePurposeFineTune})
	complete(t, upload, err)
	first, err := client.Uploads.Parts.New(ctx, upload.ID, openai.UploadPartNewParams{Data: strings.NewReader("Hello")})
	complete(t, first, err)
	second, err := client.Uploads.Parts.New(ctx, upload.ID, openai.UploadPartNewParams{Data: strings.NewReader("world")})
	complete(t, second, err)
	upload, err = client.Uploads.Complete(ctx, upload.ID, openai.UploadCompleteParams{PartIDs: []string{first.ID, second.ID}})
	complete(t, upload, err)
	assert.Equal(t, openai.UploadStatusCompleted, upload.Status)
	content, err := client.Files.Content(ctx, upload.File.ID)
	require.NoError(t, err)
	defer func() { _ = content.Body.Close() }()
	whole, err := io.ReadAll(content.Body)
	require.NoError(t, err)
	assert.Equal(t, "Helloworld", string(whole))
}

func TestConversations(t *testing.T) {
	t.Parallel()
	client := openai.NewClient(option.WithHTTPClient(throughLava(t)), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	ctx := t.Context()
	talk, err := client.Conversations.New(ctx, conversations.ConversationNewParams{Metadata: shared.Metadata{"topic": "demo"}})
	complete(t, talk, err)
	added, err := client.Conversations.Items.New(ctx, talk.ID, conversations.ItemNewParams{Items: []responses.ResponseInputItemUnionParam{responses.ResponseInputItemParamOfMessage("Hello!", responses.EasyInputMessageRoleUser)}})
	complete(t, added, err)
	item, err := client.Conversations.Items.Get(ctx, talk.ID, added.FirstID, conversations.ItemGetParams{})
	require.NoError(t, err)
	assert.Equal(t, "Hello!", item.AsMessage().Content[0].Text)
	made, err := client.Responses.New(ctx, responses.ResponseNewParams{Model: "gpt-5-mini", Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(sky)},
		Conversation: responses.ResponseNewParamsConversationUnion{OfString: openai.String(talk.ID)}})
	complete(t, made, err)
	assert.Equal(t, talk.ID, made.Conversation.ID)
	said := all(t, client.Conversations.Items.ListAutoPaging(ctx, talk.ID, conversations.ItemListParams{Limit: openai.Int(2)}), func(i conversations.ConversationItemUnion) string { return i.AsMessage().Content[0].Text })
	assert.Equal(t, []string{skySay, sky, "Hello!"}, said)
	talk, err = client.Conversations.Items.Delete(ctx, talk.ID, added.FirstID)
	complete(t, talk, err)
	talk, err = client.Conversations.Update(ctx, talk.ID, conversations.ConversationUpdateParams{Metadata: shared.Metadata{"topic": "project-x"}})
	complete(t, talk, err)
	deleted, err := client.Conversations.Delete(ctx, talk.ID)
	complete(t, deleted, err)
	_, err = client.Conversations.Get(ctx, talk.ID)
	var missing *openai.Error
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, "Conversation with id '"+talk.ID+"' not found.", missing.Message)
}

func TestAnthropicLists(t *testing.T) {
	t.Parallel()
	client := anthropic.NewClient(anthropicoption.WithHTTPClient(throughLava(t)), anthropicoption.WithAPIKey("replaced by lava"), anthropicoption.WithMaxRetries(0))
	ctx := t.Context()
	var batches, files []string // newest first
	for i := range 3 {
		batch, err := client.Messages.Batches.New(ctx, anthropic.MessageBatchNewParams{Requests: []anthropic.MessageBatchNewParamsRequest{{
			CustomID: strconv.Itoa(i), Params: anthropic.MessageBatchNewParamsRequestParams{Model: "claude-sonnet-4-5", MaxTokens: 100,
				Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(sky))}}}}})
		complete(t, batch, err)
		file, err := client.Beta.Files.Upload(ctx, anthropic.BetaFileUploadParams{File: anthropic.File(strings.NewReader("Hello"), "hello.txt", "text/plain")})
		complete(t, file, err)
		batches, files = append([]string{batch.ID}, batches...), append([]string{file.ID}, files...)
	}
	batchID := func(b anthropic.MessageBatch) string { return b.ID }
	assert.Equal(t, batches, all(t, client.Messages.Batches.ListAutoPaging(ctx, anthropic.MessageBatchListParams{Limit: anthropic.Int(2)}), batchID))
	before := client.Messages.Batches.ListAutoPaging(ctx, anthropic.MessageBatchListParams{Limit: anthropic.Int(1), BeforeID: anthropic.String(batches[2])})
	assert.Equal(t, []string{batches[1], batches[0]}, all(t, before, batchID))
	fileID := func(f anthropic.BetaFileMetadata) string { return f.ID }
	assert.Equal(t, files, all(t, client.Beta.Files.ListAutoPaging(ctx, anthropic.BetaFileListParams{Limit: anthropic.Int(2)}), fileID))
	assert.Equal(t, files[1:2], all(t, client.Beta.Files.ListAutoPaging(ctx, anthropic.BetaFileListParams{IDs: []string{files[1], "file_none"}}), fileID))
}

func TestGoogleLists(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	client, err := genai.NewClient(ctx, &genai.ClientConfig{Backend: genai.BackendGeminiAPI, HTTPClient: throughLava(t), APIKey: "replaced by lava"})
	require.NoError(t, err)
	for i := range 12 {
		file, err := client.Files.Upload(ctx, strings.NewReader("Hello"), &genai.UploadFileConfig{MIMEType: "text/plain", DisplayName: strconv.Itoa(i)})
		require.NoError(t, err)
		if i < 3 {
			_, err := client.Caches.Create(ctx, "gemini-2.5-flash", &genai.CreateCachedContentConfig{DisplayName: strconv.Itoa(i),
				Contents: []*genai.Content{genai.NewContentFromParts([]*genai.Part{genai.NewPartFromURI(file.URI, file.MIMEType)}, genai.RoleUser)}})
			require.NoError(t, err)
		}
	}
	var files []string
	for file, err := range client.Files.All(ctx) {
		require.NoError(t, err)
		files = append(files, file.DisplayName)
	}
	assert.Equal(t, []string{"11", "10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"}, files)

	page, err := client.Caches.List(ctx, &genai.ListCachedContentsConfig{PageSize: 2})
	require.NoError(t, err)
	assert.Len(t, page.Items, 2)
	updated, err := client.Caches.Update(ctx, page.Items[0].Name, &genai.UpdateCachedContentConfig{TTL: 2 * time.Hour})
	require.NoError(t, err)
	assert.Equal(t, 2*time.Hour, updated.ExpireTime.Sub(updated.UpdateTime))
	page, err = page.Next(ctx)
	require.NoError(t, err)
	assert.Len(t, page.Items, 1)
	assert.Equal(t, "0", page.Items[0].DisplayName)
	_, err = page.Next(ctx)
	require.ErrorIs(t, err, genai.ErrPageDone)
}

// What background responses and batches use is charged when it is seen first.
func TestStoredUsageIsChargedOnce(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	transport, err := s.Client().Transport(lava.TransportParams{})
	require.NoError(t, err)
	web := &http.Client{Transport: transport}
	client := openai.NewClient(option.WithHTTPClient(web), option.WithAPIKey("replaced by lava"), option.WithMaxRetries(0))
	claude := anthropic.NewClient(anthropicoption.WithHTTPClient(web), anthropicoption.WithAPIKey("replaced by lava"), anthropicoption.WithMaxRetries(0))
	ctx := t.Context()
	spent := func() decimal.Decimal {
		usage, err := s.Client().Usage.Retrieve(ctx, lava.RetrieveUsageParams{Start: s.Now().AddDate(0, 0, -1)})
		require.NoError(t, err)
		return usage.Totals.TotalCost
	}
	line := `{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"gpt-5-mini","input":"` + sky + `"}}`
	for name, create := range map[string]func() (retrieve func()){
		"a response": func() func() {
			made, err := client.Responses.New(ctx, responses.ResponseNewParams{Model: "gpt-5-mini", Background: openai.Bool(true), Input: responses.ResponseNewParamsInputUnion{OfString: openai.String(sky)}})
			require.NoError(t, err)
			return func() {
				got, err := client.Responses.Get(ctx, made.ID, responses.ResponseGetParams{})
				complete(t, got, err)
			}
		},
		"OpenAI's batch": func() func() {
			file, err := client.Files.New(ctx, openai.FileNewParams{Purpose: openai.FilePurposeBatch, File: openai.File(strings.NewReader(line), "requests.jsonl", "application/jsonl")})
			require.NoError(t, err)
			batch, err := client.Batches.New(ctx, openai.BatchNewParams{InputFileID: file.ID, Endpoint: openai.BatchNewParamsEndpointV1Responses, CompletionWindow: openai.BatchNewParamsCompletionWindow24h})
			require.NoError(t, err)
			return func() { got, err := client.Batches.Get(ctx, batch.ID); complete(t, got, err) }
		},
		"Anthropic's batch": func() func() {
			batch, err := claude.Messages.Batches.New(ctx, anthropic.MessageBatchNewParams{Requests: []anthropic.MessageBatchNewParamsRequest{{
				CustomID: "a", Params: anthropic.MessageBatchNewParamsRequestParams{Model: "claude-sonnet-4-5", MaxTokens: 100, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(sky))}}}}})
			require.NoError(t, err)
			return func() {
				_, err := claude.Messages.Batches.Get(ctx, batch.ID, anthropic.MessageBatchGetParams{})
				require.NoError(t, err)
				results := claude.Messages.Batches.ResultsStreaming(ctx, batch.ID, anthropic.MessageBatchResultsParams{})
				for results.Next() {
				}
				require.NoError(t, results.Err())
			}
		},
	} {
		before := spent()
		retrieve := create()
		assert.Equal(t, before.String(), spent().String(), name)
		retrieve()
		after := spent()
		assert.True(t, after.GreaterThan(before), name)
		retrieve()
		assert.Equal(t, after.String(), spent().String(), name)
	}
}
