package known_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// streamErrors are errors in streams as providers send them, by class. The sources are
// platform.claude.com/docs/en/build-with-claude/streaming ("Error events") and /api/errors, the union
// ConverseStreamOutput in aws-sdk-go-v2's bedrockruntime, cloud.google.com/apis/design/errors, and for the others the
// reports cited next to them.
var streamErrors = []struct {
	format     Name
	kind, data string
	class      int
}{
	{"anthropic", "error", `{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}`, 529},
	{"anthropic", "error", `{"type":"error","error":{"type":"rate_limit_error","message":"Busy"}}`, 429},
	{"anthropic", "error", `{"type":"error","error":{"type":"api_error","message":"Busy"},"request_id":"req_1"}`, 500},
	{"anthropic", "error", `{"type":"error","error":{"type":"invalid_request_error","message":"Busy"}}`, 400},
	{"anthropic", "error", `{"type":"error","error":{"type":"billing_error","message":"Busy"}}`, 402},
	{"anthropic", "error", `{"type":"error","error":{"type":"timeout_error","message":"Busy"}}`, 504},
	{"openai", "", `{"error":{"message":"Busy","type":"server_error","param":null,"code":null}}`, 500},
	{"openai", "", `{"error":{"message":"Busy","type":"server_error","code":"rate_limit_exceeded"}}`, 429},
	{"openai", "", `{"error":{"message":"Busy","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`, 429},
	{"openai", "", `{"error":{"message":"Busy","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, 402},
	{"openai", "", `{"error":{"message":"Busy","type":"invalid_request_error","code":"context_length_exceeded"}}`, 400},
	// github.com/anomalyco/opencode/issues/25730
	{"openai", "error", `{"type":"error","sequence_number":2,"error":{"type":"service_unavailable_error","code":"server_is_overloaded","message":"Busy","param":null}}`, 503},
	// openrouter.ai/docs/api-reference/errors, "Mid-stream errors"
	{"openai", "", `{"id":"x","object":"chat.completion.chunk","error":{"code":502,"message":"Busy"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}`, 502},
	{"openai", "", `{"error":{"code":"429","message":"Busy"}}`, 429},
	// platform.moonshot.ai/docs/api/errors
	{"openai", "", `{"error":{"type":"engine_overloaded_error","message":"Busy"}}`, 503},
	{"openai", "", `{"error":{"type":"exceeded_current_quota_error","message":"Busy"}}`, 402},
	// vLLM, whose type is the name of an exception
	{"openai", "", `{"object":"error","message":"Busy","type":"BadRequestError","param":null,"code":400}`, 400},
	{"openai", "", `{"error":"Busy"}`, 500},
	{"google", "", `{"error":{"code":503,"message":"Busy","status":"UNAVAILABLE"}}`, 503},
	{"google", "", `{"error":{"code":429,"message":"Busy","status":"RESOURCE_EXHAUSTED"}}`, 429},
	{"google", "", `{"error":{"message":"Busy","status":"DEADLINE_EXCEEDED"}}`, 504},
	{"bedrock", "throttlingException", `{"message":"Busy"}`, 429},
	{"bedrock", "serviceUnavailableException", `{"message":"Busy"}`, 503},
	{"bedrock", "modelStreamErrorException", `{"message":"Busy","originalStatusCode":424}`, 424},
	{"bedrock", "validationException", `{"message":"Busy"}`, 400},
	{"bedrock", "internalServerException", `{"message":"Busy"}`, 500},
}

// errorWords are each format's words for a class in a stream.
var errorWords = map[int]map[Name]string{
	400: {"openai": `"type":"invalid_request_error"`, "anthropic": `"type":"invalid_request_error"`, "google": `"status":"INVALID_ARGUMENT"`, "bedrock": "validationException"},
	402: {"openai": `"code":"insufficient_quota"`, "anthropic": `"type":"billing_error"`, "google": `"status":"RESOURCE_EXHAUSTED"`, "bedrock": "throttlingException"},
	424: {"openai": `"type":"invalid_request_error"`, "anthropic": `"type":"invalid_request_error"`, "google": `"status":"FAILED_PRECONDITION"`, "bedrock": "modelStreamErrorException"},
	429: {"openai": `"code":"rate_limit_exceeded"`, "anthropic": `"type":"rate_limit_error"`, "google": `"status":"RESOURCE_EXHAUSTED"`, "bedrock": "throttlingException"},
	500: {"openai": `"type":"server_error"`, "anthropic": `"type":"api_error"`, "google": `"status":"INTERNAL"`, "bedrock": "internalServerException"},
	502: {"openai": `"type":"server_error"`, "anthropic": `"type":"api_error"`, "google": `"status":"INTERNAL"`, "bedrock": "internalServerException"},
	503: {"openai": `"code":"server_is_overloaded"`, "anthropic": `"type":"overloaded_error"`, "google": `"status":"UNAVAILABLE"`, "bedrock": "serviceUnavailableException"},
	504: {"openai": `"type":"server_error"`, "anthropic": `"type":"timeout_error"`, "google": `"status":"DEADLINE_EXCEEDED"`, "bedrock": "modelStreamErrorException"},
	529: {"openai": `"code":"server_is_overloaded"`, "anthropic": `"type":"overloaded_error"`, "google": `"status":"UNAVAILABLE"`, "bedrock": "serviceUnavailableException"},
}

// A prompt that is too long is recognizable for each client, by the code or the words that it knows: openai-python
// and LangChain check the code, Claude Code and others the words.
func TestPromptsThatAreTooLong(t *testing.T) {
	t.Parallel()
	want := map[Name]string{
		"openai": `"code":"context_length_exceeded"`, "anthropic": "prompt is too long", "google": "nput token count", "bedrock": "Input is too long for requested model",
	}
	for _, e := range []struct{ format, data string }{
		// platform.openai.com/docs/guides/error-codes, github.com/langchain-ai/langchain/issues/1349
		{"openai", `{"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`},
		{"openai", `{"error":{"message":"Too much.","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}}`},
		// github.com/ggml-org/llama.cpp/pull/15416
		{"openai", `{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error","n_prompt_tokens":12,"n_ctx":8}}`},
		// openrouter.ai/docs/api-reference/errors, "metadata"
		{"openai", `{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 208310 tokens > 200000 maximum\"}}","provider_name":"Anthropic"}}}`},
		// github.com/anthropics/claude-code/issues/3187
		{"anthropic", `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}}`},
		{"anthropic", "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again\"}}"},
		// github.com/google-gemini/gemini-cli/issues/4178
		{"google", `{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`},
		// github.com/cline/cline/issues/2153
		{"bedrock", `{"message":"Input is too long for requested model."}`},
	} {
		read := formats[e.format].ReadError(400, []byte(e.data))
		assert.True(t, read.TooLong, e.data)
		for to, client := range formats {
			status, body := client.WriteError(read)
			assert.Equal(t, 400, status)
			assert.Contains(t, string(body), want[Name(to)], "%s to %s", e.data, to)
			assert.Contains(t, string(body), strings.SplitN(read.Message, "`", 2)[0][:8])
		}
	}
	for _, data := range []string{`{"error":{"message":"temperature is too long ago","type":"invalid_request_error"}}`, `{"error":{"message":"Rate limit reached for input token count"},"code":"rate_limit_exceeded"}`} {
		assert.False(t, OpenAI.ReadError(429, []byte(data)).TooLong)
	}
}

// OpenRouter's own message only says that the provider returned an error.
func TestWordsOfAnotherProvider(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`"{\"error\":{\"message\":\"tools.0.custom.name: bad\"}}"`, `{"message":"tools.0.custom.name: bad"}`, `"tools.0.custom.name: bad"`} {
		e := OpenAI.ReadError(400, []byte(`{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":`+raw+`}}}`))
		assert.Equal(t, "Provider returned error: tools.0.custom.name: bad", e.Message)
	}
	assert.Equal(t, "No", OpenAI.ReadError(400, []byte(`{"error":{"message":"No","metadata":{"raw":null}}}`)).Message)
}

// An error in a stream keeps its class in all pairs of formats.
func TestErrorsInStreams(t *testing.T) {
	t.Parallel()
	for _, e := range streamErrors {
		class := ending.OfEvent(e.kind, []byte(e.data))
		if e.format == "bedrock" {
			class = ending.OfFrame(e.kind, []byte(e.data))
		}
		assert.Equal(t, ending.Failure, class, e.data)
		for to, client := range formats {
			out := NewTranslator(formats[string(e.format)], client, &Request{}, Opening{}).Event(nil, class, e.kind, []byte(e.data))
			said := string(out)
			if to == "bedrock" {
				message, _, err := eventstream.NewReader(bytes.NewReader(out), 1<<16).Next()
				require.NoError(t, err)
				kind, data := message.Event()
				said = kind + " " + string(data)
			}
			assert.Contains(t, said, errorWords[e.class][Name(to)], "%s to %s: %s", e.format, to, e.data)
			assert.Contains(t, said, "Busy", "%s to %s", e.format, to)
		}
	}
}

// There is no HTTP status for an account that has nothing left. Whole responses and streams report it in the same
// way.
func TestQuotas(t *testing.T) {
	t.Parallel()
	const spent = `{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`
	for to, want := range map[string]struct {
		status int
		body   string
	}{
		"openai":    {429, spent},
		"anthropic": {402, `{"type":"error","error":{"type":"billing_error","message":"You exceeded your current quota"}}`},
		"google":    {429, `{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}`},
		"bedrock":   {400, `{"__type":"ServiceQuotaExceededException","message":"You exceeded your current quota"}`},
	} {
		status, body := formats[to].WriteError(OpenAI.ReadError(429, []byte(spent)))
		assert.Equal(t, want.status, status, to)
		assert.JSONEq(t, want.body, string(body), to)
	}
	status, body := OpenAI.WriteError(Anthropic.ReadError(402, []byte(`{"type":"error","error":{"type":"billing_error","message":"Pay"}}`)))
	assert.Equal(t, 429, status)
	assert.Equal(t, 1, strings.Count(string(body), `"code":"insufficient_quota"`))
}
