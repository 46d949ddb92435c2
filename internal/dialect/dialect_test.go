package dialect_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
)

func TestEndpointOf(t *testing.T) {
	for _, test := range []struct {
		method, path string
		want         dialect.Endpoint
	}{
		{"POST", "/v1/chat/completions", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}},
		{"POST", "/openai/v1/chat/completions/", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}},
		{"POST", "/v1beta/openai/chat/completions", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}},
		{"POST", "/v1/completions", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Completions}},
		{"POST", "/v1/responses", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Responses}},
		{"GET", "/v1/responses/resp_1", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/v1/responses/resp_1/cancel", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/v1/messages", dialect.Endpoint{Dialect: dialect.Anthropic, Operation: dialect.Messages}},
		{"POST", "/v1/messages/count_tokens", dialect.Endpoint{Dialect: dialect.Anthropic, Operation: dialect.CountTokens}},
		{"POST", "/v1/messages/batches", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/v1/threads/thread_1/messages", dialect.Endpoint{Operation: dialect.Other}},
		{"GET", "/v1/messages", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/v1/audio/translations", dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Transcription}},
		{"POST", "/v1beta/models/gemini-2.5-flash:generateContent", dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.Generate, Model: "gemini-2.5-flash"}},
		{"POST", "/v1beta/models/gemini-2.5-flash:streamGenerateContent", dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.Generate, Model: "gemini-2.5-flash", Stream: true}},
		{"POST", "/v1beta/models/x:batchEmbedContents", dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.Embed, Model: "x"}},
		{"POST", "/v1beta/models/x:countTokens", dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.CountTokens, Model: "x"}},
		{"POST", "/model/anthropic.claude-3-haiku-20240307-v1:0/converse", dialect.Endpoint{Dialect: dialect.Bedrock, Operation: dialect.Converse, Model: "anthropic.claude-3-haiku-20240307-v1:0"}},
		{"POST", "/model/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x/converse-stream", dialect.Endpoint{Dialect: dialect.Bedrock, Operation: dialect.Converse, Model: "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.x", Stream: true}},
		{"POST", "/model/x/invoke", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/model//converse", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "/v1/text-to-speech/voice", dialect.Endpoint{Dialect: dialect.ElevenLabs, Operation: dialect.Speech}},
		{"POST", "/v1/text-to-speech/voice/stream", dialect.Endpoint{Dialect: dialect.ElevenLabs, Operation: dialect.Speech, Stream: true}},
		{"POST", "/v1/text-to-speech/voice/with-timestamps", dialect.Endpoint{Dialect: dialect.ElevenLabs, Operation: dialect.Speech}},
		{"POST", "/v1/speech-to-text", dialect.Endpoint{Dialect: dialect.ElevenLabs, Operation: dialect.Transcription}},
		{"GET", "/v1/models", dialect.Endpoint{Operation: dialect.Models}},
		{"GET", "/v1/models/gpt-4o", dialect.Endpoint{Operation: dialect.Models, Model: "gpt-4o"}},
		{"DELETE", "/v1/models/ft-x", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", "", dialect.Endpoint{Operation: dialect.Other}},
		{"POST", ":", dialect.Endpoint{Operation: dialect.Other}},
	} {
		assert.Equal(t, test.want, dialect.EndpointOf(test.method, &url.URL{Path: test.path}), "%s %s", test.method, test.path)
	}
}

func TestSetField(t *testing.T) {
	for _, test := range []struct{ name, object, want string }{
		{"added to none", `{}`, `{"k":1}`},
		{"added to none, spaced", "{ \n}", "{ \n\"k\":1}"},
		{"added at the end", `{"a":1}`, `{"a":1,"k":1}`},
		{"replaced", `{ "k" : [2, {"k":3}] , "a":"k" }`, `{ "k" : 1 , "a":"k" }`},
		{"the last of two", `{"k":2,"k":3}`, `{"k":2,"k":1}`},
		{"an escaped name is the same name", `{"\u006b":2}`, `{"\u006b":1}`},
		{"nested ones are others", `{"a":{"k":2}}`, `{"a":{"k":2},"k":1}`},
		{"big numbers stay", `{"n":12345678901234567890.10}`, `{"n":12345678901234567890.10,"k":1}`},
		{"space after", "{\"a\":1} \n", "{\"a\":1,\"k\":1} \n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := dialect.SetField([]byte(test.object), "k", []byte("1"))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
		})
	}
	for _, bad := range []string{``, `[]`, `{"a":1`, `{"a":1}}`, `{"a":1} x`, `null`} {
		_, err := dialect.SetField([]byte(bad), "k", []byte("1"))
		assert.Error(t, err, bad)
	}
}

// What is counted in a stream is the text, however it is written.
func TestStreamCharacters(t *testing.T) {
	chat := dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}
	responses := dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Responses}
	messages := dialect.Endpoint{Dialect: dialect.Anthropic, Operation: dialect.Messages}
	generate := dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.Generate}
	converse := dialect.Endpoint{Dialect: dialect.Bedrock, Operation: dialect.Converse}
	for _, test := range []struct {
		name     string
		endpoint dialect.Endpoint
		event    string
		data     string
		want     int64
	}{
		{"text", chat, "", `{"choices":[{"delta":{"content":"Hello"}}]}`, 5},
		{"spaced JSON", chat, "", `{"choices": [{"delta": {"content" : "Hello"}}]}`, 5},
		{"escapes", chat, "", `{"choices":[{"delta":{"content":"a\n\"\u00e9\\"}}]}`, 5},
		{"a surrogate pair is one", chat, "", `{"choices":[{"delta":{"content":"\ud83d\ude00x"}}]}`, 2},
		{"UTF-8", chat, "", `{"choices":[{"delta":{"content":"ü😀"}}]}`, 2},
		{"text that looks like JSON", chat, "", `{"choices":[{"delta":{"content":"{\"content\":\"xx\"}"}}]}`, 16},
		{"null", chat, "", `{"choices":[{"delta":{"content":null}}]}`, 0},
		{"tool arguments", chat, "", `{"choices":[{"delta":{"tool_calls":[{"type":"function","function":{"arguments":"{}"}}]}}]}`, 2},
		{"response delta", responses, "response.output_text.delta", `{"type":"response.output_text.delta","delta":"Hello"}`, 5},
		{"response text repeated", responses, "response.output_text.done", `{"type":"response.output_text.done","text":"Hello"}`, 0},
		{"Anthropic text", messages, "content_block_delta", `{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}`, 5},
		{"Anthropic without event names", messages, "", `{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}`, 5},
		{"Anthropic thinking", messages, "content_block_delta", `{"delta":{"type":"thinking_delta","thinking":"Hm"}}`, 2},
		{"Google", generate, "", `{"candidates":[{"content":{"parts":[{"text":"Hello"}]}}]}`, 5},
		{"Bedrock", converse, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Hello"},"p":"abc"}`, 5},
		{"Bedrock's tools", converse, "contentBlockDelta", `{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}`, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := test.endpoint.NewStream()
			assert.Equal(t, dialect.Content, s.Read(test.event, []byte(test.data)))
			assert.Equal(t, test.want, s.Characters())
			s.Read(test.event, []byte(test.data))
			assert.Equal(t, 2*test.want, s.Characters(), "the same for later events")
		})
	}
}

func TestEventClasses(t *testing.T) {
	chat := dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}
	responses := dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Responses}
	messages := dialect.Endpoint{Dialect: dialect.Anthropic, Operation: dialect.Messages}
	generate := dialect.Endpoint{Dialect: dialect.Google, Operation: dialect.Generate}
	converse := dialect.Endpoint{Dialect: dialect.Bedrock, Operation: dialect.Converse}
	for _, test := range []struct {
		endpoint    dialect.Endpoint
		event, data string
		want        dialect.Class
	}{
		{chat, "", `[DONE]`, dialect.Terminal},
		{chat, "", `{"choices":[{"finish_reason":"stop"}]}`, dialect.Content},
		{chat, "", `{"choices":[],"usage":{"prompt_tokens":1}}`, dialect.UsageOnly},
		{chat, "", `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}`, dialect.Content},
		{chat, "", `{"choices":[],"prompt_filter_results":[]}`, dialect.Content},
		{chat, "", `{"error":{"message":"x"}}`, dialect.Failure},
		{chat, "error", `{"message":"x"}`, dialect.Failure},
		{chat, "", `{"choices":[],"error":null}`, dialect.Content},
		{responses, "response.completed", `{"response":{}}`, dialect.Terminal},
		{responses, "", `{"type":"response.incomplete","response":{}}`, dialect.Terminal},
		{responses, "", `{"type":"response.failed","response":{"error":{"code":"x"}}}`, dialect.Failure},
		{responses, "response.created", `{"response":{"error":null}}`, dialect.Content},
		{messages, "message_stop", `{}`, dialect.Terminal},
		{messages, "error", `{}`, dialect.Failure},
		{messages, "ping", `{}`, dialect.Content},
		{generate, "", `{"candidates":[{"finishReason":"STOP"}]}`, dialect.Last},
		{generate, "", `{"promptFeedback":{"blockReason":"SAFETY"}}`, dialect.Last},
		{generate, "", `{"error":{"code":503}}`, dialect.Failure},
		{converse, "messageStop", `{"stopReason":"end_turn"}`, dialect.Content},
		{converse, "metadata", `{"usage":{}}`, dialect.Terminal},
		{converse, "throttlingException", `{}`, dialect.Failure},
		{dialect.Endpoint{Operation: dialect.Other}, "", `anything`, dialect.Content},
	} {
		assert.Equal(t, test.want, test.endpoint.NewStream().Read(test.event, []byte(test.data)), "%s %s", test.event, test.data)
	}
}

// A field of an unexpected type loses that field only.
func TestUsageOfUnexpectedTypes(t *testing.T) {
	chat := dialect.Endpoint{Dialect: dialect.OpenAI, Operation: dialect.Chat}
	u, ok := chat.ReadUsage([]byte(`{"id":7,"model":"m","usage":{"prompt_tokens":"5","completion_tokens":6}}`))
	assert.True(t, ok)
	assert.Equal(t, dialect.Usage{Model: "m", OutputTokens: 6}, u)
}

func TestPromptCharacters(t *testing.T) {
	for _, test := range []struct {
		path, body string
		want       int64
	}{
		{"/chat/completions", `{"messages":[{"role":"system","content":"12"},{"role":"user","content":[{"type":"text","text":"345"},{"type":"image_url","image_url":{"url":"data:xxxx"}}]}]}`, 5},
		{"/chat/completions", `{"messages":[{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"ok"}]}`, 5},
		{"/chat/completions", `{"messages":[],"tools":[{"a":1}]}`, 9},
		{"/messages", `{"system":[{"type":"text","text":"12"}],"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"345"}]}]}`, 5},
		{"/messages", `{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"f","input":{"a":1}}]}]}`, 8},
		{"/responses", `{"instructions":"12","input":"345"}`, 5},
		{"/embeddings", `{"input":["12","345"]}`, 5},
		{"/embeddings", `{"input":[1,2,3]}`, 12},
		{"/model/x/converse", `{"system":[{"text":"12"}],"messages":[{"role":"user","content":[{"text":"345"},{"toolResult":{"toolUseId":"x","content":[{"text":"6"}]}}]}],"toolConfig":{"tools":[1]}}`, 9},
		{"/models/x:generateContent", `{"systemInstruction":{"parts":[{"text":"12"}]},"contents":[{"parts":[{"text":"345"},{"inlineData":{"data":"xxxx"}}]}]}`, 5},
	} {
		r, err := dialect.EndpointOf("POST", &url.URL{Path: test.path}).ReadRequest("application/json", []byte(test.body))
		require.NoError(t, err)
		assert.Equal(t, test.want, r.PromptCharacters(), test.body)
	}
}

var endpoints = []string{"/chat/completions", "/completions", "/responses", "/embeddings", "/images/generations", "/audio/speech",
	"/audio/transcriptions", "/messages", "/models/x:generateContent", "/models/x:streamGenerateContent", "/model/x/converse", "/text-to-speech/x", "/speech-to-text", "/other"}

// No answer, whatever it is, may panic a reader or make a charge that is
// negative or beyond reason.
func FuzzReadUsage(f *testing.F) {
	for i := range endpoints {
		f.Add(uint8(i), []byte(`{"id":"x","model":"m","usage":{"prompt_tokens":1,"input_tokens":2,"completion_tokens":3,"cache_creation":{"ephemeral_1h_input_tokens":9},"cache_creation_input_tokens":5},"usageMetadata":{"promptTokenCount":4}}`))
		f.Add(uint8(i), []byte(`[{"usageMetadata":{"promptTokenCount":4}}]`))
		f.Add(uint8(i), []byte(`{"audio_duration_secs":1e300,"duration":"x"}`))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		e := dialect.EndpointOf("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]})
		u, _ := e.ReadUsage(body)
		sane(t, u)
		_, _ = e.TextOf(body)
		r, _ := e.ReadRequest("application/json", body)
		sane(t, r.Estimate(u, 10))
	})
}

func FuzzStream(f *testing.F) {
	f.Add(uint8(0), "", []byte(`{"id":"x","choices":[],"usage":{"prompt_tokens":1}}`))
	f.Add(uint8(2), "response.completed", []byte(`{"response":{"usage":{"input_tokens":1}}}`))
	f.Add(uint8(7), "message_start", []byte(`{"message":{"usage":{"input_tokens":-1,"cache_read_input_tokens":9}}}`))
	f.Add(uint8(8), "", []byte(`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{}}`))
	f.Add(uint8(0), "", []byte(`{"content":"\u`))
	f.Add(uint8(9), "metadata", []byte(`{"usage":{"inputTokens":-1,"cacheWriteInputTokens":5,"cacheDetails":[{"ttl":"1h","inputTokens":9}]}}`))
	f.Fuzz(func(t *testing.T, which uint8, event string, data []byte) {
		s := dialect.EndpointOf("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]}).NewStream()
		for range 3 {
			s.Read(event, data)
		}
		u, _ := s.Usage()
		sane(t, u)
		assert.GreaterOrEqual(t, s.Characters(), int64(0))
	})
}

func sane(t *testing.T, u dialect.Usage) {
	t.Helper()
	for _, n := range []int64{u.InputTokens, u.OutputTokens, u.CachedTokens, u.CacheWriteTokens, u.CacheWrite1hTokens,
		u.AudioInputTokens, u.ImageInputTokens, u.AudioOutputTokens, u.ImageOutputTokens, u.InputCharacters, int64(u.InputDuration)} {
		if n < 0 || n > 1e17 {
			t.Errorf("%+v", u)
		}
	}
}

// SetField changes one field and nothing else, or refuses.
func FuzzSetField(f *testing.F) {
	f.Add([]byte(`{"a":1,"stream_options":null}`))
	f.Add([]byte(`{ }`))
	f.Fuzz(func(t *testing.T, object []byte) {
		out, err := dialect.SetField(object, "k", []byte(`"v"`))
		if err != nil {
			return
		}
		var before, after map[string]json.RawMessage
		if json.Unmarshal(object, &before) != nil {
			return // the decoder of tokens is more lenient
		}
		require.NoError(t, json.Unmarshal(out, &after), "%q from %q", out, object)
		assert.Equal(t, `"v"`, string(after["k"]))
		delete(before, "k")
		delete(after, "k")
		assert.Equal(t, before, after)
	})
}

// FuzzRequest reads requests of all kinds, forms too.
func FuzzRequest(f *testing.F) {
	f.Add(uint8(0), "application/json", []byte(`{"model":"m","messages":[{"content":[{"text":"x"}]}],"stream_options":{"include_usage":1}}`))
	f.Add(uint8(6), "multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nRIFF0000WAVEdata\r\n--b--"))
	f.Fuzz(func(t *testing.T, which uint8, kind string, body []byte) {
		e := dialect.EndpointOf("POST", &url.URL{Path: endpoints[int(which)%len(endpoints)]})
		r, _ := e.ReadRequest(kind, body)
		assert.GreaterOrEqual(t, dialect.AudioDuration(r.Audio), dialect.AudioDuration(nil))
		_, _ = r.AskForUsage()
		_, _ = r.WithModel("m")
		assert.GreaterOrEqual(t, r.PromptCharacters(), int64(0))
	})
}
