package known_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/known"
)

// want is the expected endpoint; the format is "" if it can only be guessed.
type want struct {
	format    dialect.Name
	operation dialect.Operation
	model     string
	stream    bool
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, path string
		want         want
	}{
		{"POST", "/v1/chat/completions", want{"openai", dialect.ChatCompletions, "", false}},
		{"POST", "/openai/v1/chat/completions/", want{"openai", dialect.ChatCompletions, "", false}},
		{"POST", "/v1beta/openai/chat/completions", want{"openai", dialect.ChatCompletions, "", false}},
		{"POST", "/v1/agents/completions", want{"openai", dialect.Completions, "", false}},
		{"POST", "/v1/completions", want{"openai", dialect.Completions, "", false}},
		{"POST", "/v1/responses", want{"openai", dialect.Responses, "", false}},
		{"POST", "/v1/responses/compact", want{"openai", dialect.Responses, "", false}},
		{"POST", "/v1/responses/input_tokens", want{"openai", dialect.CountTokens, "", false}},
		{"POST", "/v1/moderations", want{"openai", dialect.Moderation, "", false}},
		{"POST", "/v1/chat/moderations", want{"openai", dialect.Moderation, "", false}},
		{"POST", "/v1/multimodalembeddings", want{"openai", dialect.Embed, "", false}},
		{"GET", "/v1/responses/resp_1", want{"", dialect.Other, "", false}},
		{"POST", "/v1/responses/resp_1/cancel", want{"", dialect.Other, "", false}},
		{"POST", "/v1/messages", want{"anthropic", dialect.Messages, "", false}},
		{"POST", "/v1/messages/count_tokens", want{"anthropic", dialect.CountTokens, "", false}},
		{"POST", "/v1/messages/batches", want{"", dialect.Other, "", false}},
		{"POST", "/v1/threads/thread_1/messages", want{"", dialect.Other, "", false}},
		{"GET", "/v1/messages", want{"", dialect.Other, "", false}},
		{"POST", "/v1/audio/translations", want{"openai", dialect.Transcription, "", false}},
		{"POST", "/v1beta/models/gemini-2.5-flash:generateContent", want{"google", dialect.Generate, "gemini-2.5-flash", false}},
		{"POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", want{"google", dialect.Generate, "gemini-2.5-flash", true}},
		{"POST", "/v1beta/models/x:batchEmbedContents", want{"google", dialect.Embed, "x", false}},
		{"POST", "/v1beta/models/x:countTokens", want{"google", dialect.CountTokens, "x", false}},
		{"POST", "/model/anthropic.claude-3-haiku-20240307-v1:0/converse", want{"bedrock", dialect.Converse, "anthropic.claude-3-haiku-20240307-v1:0", false}},
		{"POST", "/model/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x/converse-stream", want{"bedrock", dialect.Converse, "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x", true}},
		{"POST", "/model/x/invoke", want{"bedrock", dialect.Invoke, "x", false}},
		{"POST", "/model/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x/invoke-with-response-stream", want{"bedrock", dialect.Invoke, "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x", true}},
		{"POST", "/model/x/count-tokens", want{"bedrock", dialect.CountTokens, "x", false}},
		{"POST", "/model/x/other", want{"", dialect.Other, "", false}},
		{"POST", "/v2/chat", want{"cohere", dialect.NativeChat, "", false}},
		{"POST", "/v2/embed", want{"cohere", dialect.Embed, "", false}},
		{"POST", "/v2/rerank", want{"cohere", dialect.Rerank, "", false}},
		{"POST", "/model//converse", want{"", dialect.Other, "", false}},
		{"POST", "/v1/text-to-speech/voice", want{"elevenlabs", dialect.Speech, "", false}},
		{"POST", "/v1/text-to-speech/voice/stream", want{"elevenlabs", dialect.Speech, "", true}},
		{"POST", "/v1/text-to-speech/voice/with-timestamps", want{"elevenlabs", dialect.Speech, "", false}},
		{"POST", "/v1/speech-to-text", want{"elevenlabs", dialect.Transcription, "", false}},
		{"GET", "/v1/models", want{"", dialect.Models, "", false}},
		{"GET", "/v1/models/gpt-4o", want{"", dialect.Models, "gpt-4o", false}},
		{"DELETE", "/v1/models/ft-x", want{"", dialect.Other, "", false}},
		{"POST", "", want{"", dialect.Other, "", false}},
		{"POST", ":", want{"", dialect.Other, "", false}},
	} {
		e := known.Formats().Find(test.method, &url.URL{Path: test.path})
		got := want{e.Format.Name(), e.Operation, e.Model, e.Stream}
		if e.Guessed {
			got.format = ""
		}
		assert.Equal(t, test.want, got, "%s %s", test.method, test.path)
	}
}

// Properties of endpoints besides their names.
func TestFindKinds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path                              string
		converses, needsModel, usesTokens bool
	}{
		{"/chat/completions", true, true, true},
		{"/messages", true, true, true},
		{"/models/x:generateContent", true, true, true},
		{"/model/x/converse", true, true, true},
		{"/completions", false, true, true},
		{"/embeddings", false, true, true},
		{"/models/x:embedContent", false, true, true},
		{"/responses", false, false, true},
		{"/messages/count_tokens", false, false, false},
		{"/models/x:countTokens", false, false, false},
		{"/images/generations", false, false, false},
		{"/audio/speech", false, false, false},
		{"/speech-to-text", false, false, false},
		{"/other", false, false, false},
	} {
		e := known.Formats().Find(http.MethodPost, &url.URL{Path: test.path})
		assert.Equal(t, []bool{test.converses, test.needsModel, test.usesTokens}, []bool{e.Converses, e.NeedsModel, e.UsesTokens}, test.path)
	}
}

// The URL of a conversation leads back to its endpoint.
func TestConversationURLs(t *testing.T) {
	t.Parallel()
	for _, chat := range known.Formats().Chats() {
		for _, stream := range []bool{false, true} {
			base, err := url.Parse("https://example.com/v1")
			require.NoError(t, err)
			base.Path += chat.Path()
			u := chat.URL(base, dialect.Endpoint{Model: "a/b:c", Stream: stream})
			e := known.Formats().Find(http.MethodPost, u)
			assert.True(t, e.Converses, u.String())
			assert.Equal(t, chat, e.Format)
			assert.False(t, e.Array, u.String())
			if e.Model != "" {
				assert.Equal(t, "a/b:c", e.Model)
				assert.Equal(t, stream, e.Stream)
			}
			assert.Equal(t, "/v1"+chat.Path(), base.Path, "place is not modified")
		}
	}
}

func TestByName(t *testing.T) {
	t.Parallel()
	set := known.Formats()
	for _, f := range set {
		got, ok := set.ByName(f.Name())
		assert.True(t, ok)
		assert.Equal(t, f, got)
	}
	_, ok := set.ByName("morse")
	assert.False(t, ok)
	_, ok = set.Chat("elevenlabs")
	assert.False(t, ok)
	_, ok = set.Chat("google")
	assert.True(t, ok)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	var headers, queries []string
	for _, c := range known.Formats().Credentials() {
		headers = append(headers, c.Header)
		assert.Equal(t, http.CanonicalHeaderKey(c.Header), c.Header)
		if c.Query != "" {
			queries = append(queries, c.Query)
		}
	}
	assert.Equal(t, []string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Xi-Api-Key"}, headers)
	assert.Equal(t, []string{"key"}, queries)
}
