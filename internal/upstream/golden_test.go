package upstream_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/golden"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// The golden files in testdata contain the fakes' responses, literally, for each provider and operation: go test -run
// TestFakesGolden -update writes them; review them like code.

const (
	askOpenAI    = `{"model":"gpt-4o","messages":[{"role":"user","content":"Is it warm in Rome?"}]}`
	streamOpenAI = `{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Is it warm in Rome?"}]}`
	askClaude    = `{"model":"claude-sonnet-4-5","max_tokens":100,"messages":[{"role":"user","content":"Is it warm in Rome?"}]}`
	streamClaude = `{"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Is it warm in Rome?"}]}`
	askGemini    = `{"contents":[{"role":"user","parts":[{"text":"Is it warm in Rome?"}]}]}`
	askNova      = `{"messages":[{"role":"user","content":[{"text":"Is it warm in Rome?"}]}]}`

	askCommand = `{"model":"command-a","messages":[{"role":"user","content":"Is it warm in Rome?"}]}`

	askClaudeByBedrock = `{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"Is it warm in Rome?"}]}`

	cohereBase     = "https://api.cohere.com/v2"
	openAIBase     = "https://api.openai.com/v1"
	googleBase     = "https://generativelanguage.googleapis.com/v1beta/models"
	elevenLabsBase = "https://api.elevenlabs.io/v1"
)

var (
	// rich contains everything that a model can return in one response.
	rich = upstream.Reply{
		Reasoning: "Hm. Rome.", Text: "Let me <look>.", ToolCalls: []upstream.ToolCall{{Name: "weather", Arguments: `{"city":"Rome"}`}, {Name: "time"}},
		Usage: &upstream.Usage{InputTokens: 100, OutputTokens: 30, CachedTokens: 40, CacheWriteTokens: 10, ReasoningTokens: 5},
	}
	busy    = upstream.Reply{Status: 429, Message: "slow down"}
	heard   = upstream.Reply{Text: "Is it warm? It is, in Rome.", Usage: &upstream.Usage{Duration: 7 * time.Second / 2}}
	failing = upstream.Reply{Text: "Let me look.", Fault: upstream.ErrorAfter(2)}
)

func invokeURL(model, method string) string {
	return "https://bedrock-runtime.us-east-1.amazonaws.com/model/" + model + "/" + method
}

// fakeCall is a request to a fake. A body that begins with "audio " is an upload of a recording, with the following
// fields.
type fakeCall struct {
	title  string
	method string // empty: POST
	url    string
	body   string
	reply  upstream.Reply
}

var fakeCalls = map[string][]fakeCall{
	"openai-chat": {
		{title: "by itself", url: chatURL, body: askOpenAI},
		{title: "rich", url: chatURL, body: askOpenAI, reply: rich},
		{title: "a stream", url: chatURL, body: streamOpenAI, reply: rich},
		{title: "a stream without usage", url: chatURL, body: strings.Replace(streamOpenAI, "true}", "false}", 1)},
		{title: "a stream of a provider that always reports usage", url: "https://api.mistral.ai/v1/chat/completions", body: strings.Replace(streamOpenAI, "true}", "false}", 1)},
		{title: "a stream that fails", url: chatURL, body: streamOpenAI, reply: failing},
		{title: "rejected", url: chatURL, body: askOpenAI, reply: busy},
		{title: "invalid", url: chatURL, body: `{"model":"gpt-4o"}`},
	},
	"habits": habitCalls(),
	"openai-responses": {
		{title: "what was asked is in it", url: openAIBase + "/responses", body: `{"model":"gpt-5.1","input":"Is it warm in Rome?","instructions":"Be brief, in JSON.","metadata":{"trip":"7"},"temperature":0.2,"max_output_tokens":50,"store":false,"parallel_tool_calls":false,"tool_choice":"none","tools":[{"type":"function","name":"weather","parameters":{"type":"object","properties":{},"additionalProperties":false},"strict":true}],"reasoning":{"effort":"none","summary":"auto"},"text":{"format":{"type":"json_object"}}}`},
		{title: "after one that is not there", url: openAIBase + "/responses", body: `{"model":"gpt-4o","input":"And now?","previous_response_id":"resp_1"}`},
		{title: "one that is not there", method: "GET", url: openAIBase + "/responses/resp_1"},
		{title: "rich", url: openAIBase + "/responses", body: `{"model":"gpt-4o","input":"Is it warm in Rome?"}`, reply: rich},
		{title: "a stream", url: openAIBase + "/responses", body: `{"model":"gpt-4o","stream":true,"input":"Is it warm in Rome?"}`, reply: rich},
		{title: "a stream that fails", url: openAIBase + "/responses", body: `{"model":"gpt-4o","stream":true,"input":"Is it warm in Rome?"}`, reply: failing},
	},
	"openai-completions": {
		{title: "by itself", url: openAIBase + "/completions", body: `{"model":"gpt-3.5-turbo-instruct","prompt":"Once"}`},
		{title: "a stream", url: openAIBase + "/completions", body: `{"model":"gpt-3.5-turbo-instruct","stream":true,"stream_options":{"include_usage":true},"prompt":"Once"}`},
	},
	"openai-media": {
		{title: "embeddings", url: openAIBase + "/embeddings", body: `{"model":"text-embedding-3-small","dimensions":4,"input":["a","b"]}`},
		{title: "embeddings in base64", url: openAIBase + "/embeddings", body: `{"model":"text-embedding-3-small","dimensions":4,"encoding_format":"base64","input":"a"}`},
		{title: "images", url: openAIBase + "/images/generations", body: `{"model":"gpt-image-1","prompt":"Rome","n":2}`},
		{title: "images as a stream", url: openAIBase + "/images/generations", body: `{"model":"gpt-image-1","prompt":"Rome","n":2,"stream":true,"partial_images":1}`},
		{title: "images by URL", url: openAIBase + "/images/generations", body: `{"model":"dall-e-3","prompt":"Rome"}`},
		{title: "speech", url: openAIBase + "/audio/speech", body: `{"model":"gpt-4o-mini-tts","input":"Rome","voice":"alloy"}`},
		{title: "speech as a stream", url: openAIBase + "/audio/speech", body: `{"model":"gpt-4o-mini-tts","input":"Rome","voice":"alloy","stream_format":"sse"}`},
		{title: "a transcription", url: openAIBase + "/audio/transcriptions", body: "audio model=gpt-4o-transcribe"},
		{title: "a transcription as a stream", url: openAIBase + "/audio/transcriptions", body: "audio model=gpt-4o-transcribe stream=true"},
		{title: "a verbose transcription", url: openAIBase + "/audio/transcriptions", body: "audio model=whisper-1 response_format=verbose_json"},
		{title: "a transcription with words", url: openAIBase + "/audio/transcriptions", body: "audio model=whisper-1 response_format=verbose_json timestamp_granularities[]=word", reply: heard},
		{title: "a transcription as SubRip", url: openAIBase + "/audio/transcriptions", body: "audio model=whisper-1 response_format=srt", reply: heard},
		{title: "a transcription as WebVTT", url: openAIBase + "/audio/transcriptions", body: "audio model=whisper-1 response_format=vtt", reply: heard},
		{title: "a transcription as text", url: openAIBase + "/audio/transcriptions", body: "audio model=whisper-1 response_format=text"},
	},
	"endpoints": {
		{title: "a moderation", url: openAIBase + "/moderations", body: `{"model":"omni-moderation-latest","input":"I want to kill them."}`},
		{title: "a moderation by Mistral", url: "https://api.mistral.ai/v1/moderations", body: `{"model":"mistral-moderation-latest","input":["a"]}`},
		{title: "a file", url: openAIBase + "/files", body: "audio purpose=user_data"},
		{title: "a batch", url: openAIBase + "/batches", body: `{"input_file_id":"file-1","endpoint":"/v1/responses","completion_window":"24h"}`},
		{title: "a batch that is not there", method: "GET", url: openAIBase + "/batches/batch_1"},
		{title: "a compaction", url: openAIBase + "/responses/compact", body: `{"model":"gpt-5.1","input":"Is it warm in Rome?"}`},
		{title: "a count of input tokens", url: openAIBase + "/responses/input_tokens", body: `{"model":"gpt-5.1","input":"Is it warm in Rome?"}`},
		{title: "a batch of Anthropic", url: messagesURL + "/batches", body: `{"requests":[{"custom_id":"a","params":` + askClaude + `}]}`},
		{title: "a file of Anthropic", url: "https://api.anthropic.com/v1/files", body: "audio"},
		{title: "a prediction of Imagen", url: googleBase + "/imagen-4.0-generate-001:predict", body: `{"instances":[{"prompt":"Rome"}],"parameters":{"sampleCount":2}}`},
		{title: "an embedding of Vertex", url: "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google/models/text-embedding-005:predict", body: `{"instances":[{"content":"a"}],"parameters":{"outputDimensionality":4}}`},
		{title: "a cached content", url: strings.TrimSuffix(googleBase, "models") + "cachedContents", body: `{"model":"models/gemini-2.0-flash-001","contents":` + askGemini[len(`{"contents":`):len(askGemini)-1] + `,"ttl":"300s"}`},
		{title: "images of Titan", url: invokeURL("amazon.titan-image-generator-v2:0", "invoke"), body: `{"taskType":"TEXT_IMAGE","textToImageParams":{"text":"Rome"},"imageGenerationConfig":{"numberOfImages":2}}`},
		{title: "an image of Stability AI", url: invokeURL("stability.stable-image-core-v1:1", "invoke"), body: `{"prompt":"Rome"}`},
		{title: "a ranking of Amazon", url: invokeURL("amazon.rerank-v1:0", "invoke"), body: `{"query":"the sky","documents":["the sea","the sky"],"top_n":1}`},
		{title: "a ranking of Cohere at Bedrock", url: invokeURL("cohere.rerank-v3-5:0", "invoke"), body: `{"query":"the sky","documents":["the sea","the sky"],"api_version":2}`},
		{title: "an embedding of Titan for images", url: invokeURL("amazon.titan-embed-image-v1", "invoke"), body: `{"inputText":"a","embeddingConfig":{"outputEmbeddingLength":256}}`},
		{title: "an embedding of Nova", url: invokeURL("amazon.nova-2-multimodal-embeddings-v1:0", "invoke"), body: `{"taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":{"embeddingPurpose":"GENERIC_INDEX","embeddingDimension":256,"text":{"truncationMode":"END","value":"a"}}}`},
		{title: "multimodal embeddings", url: "https://api.voyageai.com/v1/multimodalembeddings", body: `{"inputs":[{"content":[{"type":"text","text":"This is a banana."},{"type":"image_url","image_url":"https://example.com/banana.jpg"}]}],"model":"voyage-multimodal-3.5","output_dimension":256}`},
		{title: "contextualized embeddings", url: "https://api.voyageai.com/v1/contextualizedembeddings", body: `{"inputs":[["a","b"],["c"]],"model":"voyage-context-3","output_dimension":256}`},
		{title: "code between two pieces", url: "https://api.mistral.ai/v1/fim/completions", body: `{"model":"codestral-latest","prompt":"def f(","suffix":"return a + b"}`},
		{title: "a transcription of Mistral", url: "https://api.mistral.ai/v1/audio/transcriptions", body: "audio model=voxtral-mini-latest", reply: heard},
		{title: "speech of Mistral", url: "https://api.mistral.ai/v1/audio/speech", body: `{"model":"voxtral-mini-tts-2603","input":"a"}`},
		{title: "a document that is read", url: "https://api.mistral.ai/v1/ocr", body: `{"model":"mistral-ocr-latest","document":{"type":"document_url","document_url":"https://arxiv.org/pdf/2201.04234"},"pages":[0,2]}`},
		{title: "voices", method: "GET", url: "https://api.elevenlabs.io/v2/voices"},
		{title: "a voice that is not there", method: "GET", url: elevenLabsBase + "/voices/none"},
		{title: "what has no fake", url: openAIBase + "/vector_stores", body: `{"name":"Rome"}`},
	},
	"anthropic": {
		{title: "by itself", url: messagesURL, body: askClaude},
		{title: "rich", url: messagesURL, body: askClaude, reply: rich},
		{title: "a stream", url: messagesURL, body: streamClaude, reply: rich},
		{title: "a stream that fails", url: messagesURL, body: streamClaude, reply: failing},
		{title: "rejected", url: messagesURL, body: askClaude, reply: busy},
		{title: "count tokens", url: messagesURL + "/count_tokens", body: strings.Replace(askClaude, `"max_tokens":100,`, "", 1)},
	},
	"google": {
		{title: "by itself", url: generateURL, body: askGemini},
		{title: "rich", url: generateURL, body: askGemini, reply: rich},
		{title: "a stream", url: streamURL, body: askGemini, reply: rich},
		{title: "a stream as an array", url: strings.TrimSuffix(streamURL, "?alt=sse"), body: askGemini, reply: upstream.Reply{Text: "Let me."}},
		{title: "a stream that fails", url: streamURL, body: askGemini, reply: failing},
		{title: "rejected", url: generateURL, body: askGemini, reply: busy},
		{title: "count tokens", url: googleBase + "/gemini-2.5-flash:countTokens", body: askGemini},
		{title: "an image", url: googleBase + "/gemini-2.5-flash-image:generateContent", body: askGemini},
		{title: "two candidates", url: generateURL, body: strings.TrimSuffix(askGemini, "}") + `,"generationConfig":{"candidateCount":2}}`},
		{title: "a signed call", url: googleBase + "/gemini-3-pro-preview:generateContent", body: askGemini, reply: rich},
		{title: "embed", url: googleBase + "/gemini-embedding-001:embedContent", body: `{"content":{"parts":[{"text":"a"}]},"outputDimensionality":4}`},
		{title: "embed several", url: googleBase + "/gemini-embedding-001:batchEmbedContents", body: `{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":4}]}`},
	},
	"bedrock": {
		{title: "by itself", url: converseURL, body: askNova},
		{title: "rich", url: converseURL, body: askNova, reply: rich},
		{title: "a stream", url: converseURL + "-stream", body: askNova, reply: rich},
		{title: "a stream that fails", url: converseURL + "-stream", body: askNova, reply: failing},
		{title: "rejected", url: converseURL, body: askNova, reply: busy},
	},
	"bedrock-invoke": {
		{title: "Claude", url: invokeURL("anthropic.claude-sonnet-4-5-20250929-v1:0", "invoke"), body: askClaudeByBedrock, reply: rich},
		{title: "Claude, a stream", url: invokeURL("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "invoke-with-response-stream"), body: askClaudeByBedrock},
		{title: "Nova", url: invokeURL("amazon.nova-pro-v1:0", "invoke"), body: askNova},
		{title: "Nova, a stream", url: invokeURL("amazon.nova-pro-v1:0", "invoke-with-response-stream"), body: askNova},
		{title: "Titan", url: invokeURL("amazon.titan-text-express-v1", "invoke"), body: `{"inputText":"Is it warm in Rome?"}`},
		{title: "Titan, a stream", url: invokeURL("amazon.titan-text-express-v1", "invoke-with-response-stream"), body: `{"inputText":"Rome?"}`},
		{title: "Llama", url: invokeURL("meta.llama3-8b-instruct-v1:0", "invoke"), body: `{"prompt":"Is it warm in Rome?"}`},
		{title: "Mistral", url: invokeURL("mistral.mistral-7b-instruct-v0:2", "invoke"), body: `{"prompt":"Is it warm in Rome?"}`},
		{title: "another model", url: invokeURL("openai.gpt-oss-20b-1:0", "invoke"), body: askOpenAI},
		{title: "embeddings of Titan", url: invokeURL("amazon.titan-embed-text-v2:0", "invoke"), body: `{"inputText":"a","dimensions":4}`},
		{title: "embeddings of Cohere", url: invokeURL("cohere.embed-english-v3", "invoke"), body: `{"texts":["a"],"input_type":"search_query","output_dimension":4}`},
		{title: "invalid", url: invokeURL("anthropic.claude-sonnet-4-5-20250929-v1:0", "invoke"), body: `{"messages":[]}`},
	},
	"cohere": {
		{title: "by itself", url: cohereBase + "/chat", body: askCommand},
		{title: "rich", url: cohereBase + "/chat", body: askCommand, reply: rich},
		{title: "a stream", url: cohereBase + "/chat", body: strings.Replace(askCommand, "{", `{"stream":true,`, 1), reply: rich},
		{title: "a stream that fails", url: cohereBase + "/chat", body: strings.Replace(askCommand, "{", `{"stream":true,`, 1), reply: failing},
		{title: "embeddings", url: cohereBase + "/embed", body: `{"model":"embed-v4.0","input_type":"search_query","texts":["a"],"output_dimension":8,"embedding_types":["float","int8","uint8","binary","ubinary","base64"]}`},
		{title: "ranking", url: cohereBase + "/rerank", body: `{"model":"rerank-v3.5","query":"the sky","documents":["the sea","the sky","a fish"],"top_n":2}`},
		{title: "rejected", url: cohereBase + "/chat", body: askCommand, reply: busy},
	},
	"elevenlabs": {
		{title: "speech", url: elevenLabsBase + "/text-to-speech/21m00Tcm4TlvDq8ikWAM", body: `{"model_id":"eleven_flash_v2_5","text":"Rome"}`},
		{title: "speech with timestamps", url: elevenLabsBase + "/text-to-speech/21m00Tcm4TlvDq8ikWAM/with-timestamps", body: `{"model_id":"eleven_flash_v2_5","text":"Rome"}`},
		{title: "a stream with timestamps", url: elevenLabsBase + "/text-to-speech/21m00Tcm4TlvDq8ikWAM/stream/with-timestamps", body: `{"model_id":"eleven_flash_v2_5","text":"In Rome"}`},
		{title: "a transcription", url: elevenLabsBase + "/speech-to-text", body: "audio model_id=scribe_v1"},
		{title: "rejected", url: elevenLabsBase + "/text-to-speech/21m00Tcm4TlvDq8ikWAM", body: `{"text":"Rome"}`, reply: busy},
	},
	"models": {
		{title: "OpenAI's format", method: "GET", url: "https://openai.example.com/v1/models"},
		{title: "Anthropic's format", method: "GET", url: "https://anthropic.example.com/v1/models"},
		{title: "Google's format", method: "GET", url: "https://google.example.com/v1/models"},
		{title: "ElevenLabs' format", method: "GET", url: "https://elevenlabs.example.com/v1/models"},
		{title: "one", method: "GET", url: "https://openai.example.com/v1/models/m-1"},
		{title: "one that is not there", method: "GET", url: "https://google.example.com/v1/models/m-2"},
	},
}

// habitCalls returns calls to the providers of OpenAI's format that deviate from it.
func habitCalls() []fakeCall {
	var calls []fakeCall
	for _, at := range []struct{ provider, url string }{
		{"Mistral", "https://api.mistral.ai/v1"}, {"DeepSeek", "https://api.deepseek.com/v1"}, {"xAI", "https://api.x.ai/v1"},
		{"Groq", "https://api.groq.com/openai/v1"}, {"Together", "https://api.together.xyz/v1"}, {"Fireworks", "https://api.fireworks.ai/inference/v1"},
		{"Cerebras", "https://api.cerebras.ai/v1"}, {"Moonshot", "https://api.moonshot.ai/v1"}, {"Perplexity", "https://api.perplexity.ai"},
		{"OpenRouter", "https://openrouter.ai/api/v1"},
	} {
		at.url += "/chat/completions"
		quiet := strings.Replace(streamOpenAI, `"stream_options":{"include_usage":true},`, "", 1)
		calls = append(calls,
			fakeCall{title: at.provider, url: at.url, body: askOpenAI, reply: rich},
			fakeCall{title: at.provider + ", a stream", url: at.url, body: quiet, reply: rich},
			fakeCall{title: at.provider + ", a stream that fails", url: at.url, body: quiet, reply: failing},
			fakeCall{title: at.provider + ", rejected", url: at.url, body: askOpenAI, reply: busy})
	}
	return calls
}

func TestFakesGolden(t *testing.T) {
	t.Parallel()
	models := catalog.Default()
	for _, format := range known.Formats() {
		name := string(format.Name())
		models = models.WithProvider(catalog.Provider{ID: name + "-example", Dialect: format.Name(), BaseURL: "https://" + name + ".example.com/v1"},
			catalog.Model{ID: "m-1", Context: 1000})
	}
	for name, calls := range fakeCalls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			for _, c := range calls {
				c.write(t, &got, &upstream.Fake{Catalog: models, Lenient: without(upstream.ScriptTools)})
			}
			golden.Equal(t, path.Join("testdata", name+".txt"), got.String())
		})
	}
}

// without returns the lenience of a fake that does not enforce a rule.
func without(rule upstream.Rule) func(context.Context) func(upstream.Rule) bool {
	return func(context.Context) func(upstream.Rule) bool {
		return func(asked upstream.Rule) bool { return asked == rule }
	}
}

// write calls the fake and writes request and response.
func (c fakeCall) write(t *testing.T, out io.Writer, fake *upstream.Fake) {
	t.Helper()
	fake.Choose = always(c.reply)
	if c.method == "" {
		c.method = http.MethodPost
	}
	mediaType, body := "application/json", c.body
	if fields, ok := strings.CutPrefix(c.body, "audio"); ok {
		mediaType, body = upload(t, strings.Fields(fields))
	}
	req, err := http.NewRequestWithContext(t.Context(), c.method, c.url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := fake.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)

	_, _ = fmt.Fprintf(out, "=== %s\n\n%s %s\n%s\n\n%d\n", c.title, c.method, c.url, c.body, resp.StatusCode)
	resp.Header.Del("Content-Length")
	var header bytes.Buffer
	require.NoError(t, resp.Header.Write(&header))
	_, _ = fmt.Fprintf(out, "%s\n%s\n", strings.ReplaceAll(header.String(), "\r\n", "\n"), squeezed(golden.Body(resp.Header.Get("Content-Type"), string(b))))
}

// squeezed returns text in which lines that repeat more than twice are replaced by a count: the vectors of embeddings
// are long.
func squeezed(text string) string {
	var out strings.Builder
	var last string
	times := 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		if line != last {
			if times > 2 {
				fmt.Fprintf(&out, "(%d times)\n", times)
			}
			last, times = line, 0
		}
		times++
		if times <= 2 {
			out.WriteString(line)
		}
	}
	return out.String()
}

// upload returns a form with a silent recording, and fields such as model=whisper-1.
func upload(t *testing.T, fields []string) (mediaType, body string) {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	require.NoError(t, form.SetBoundary("the-boundary")) // ids depend on the request's bytes
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		require.NoError(t, form.WriteField(name, value))
	}
	file, err := form.CreateFormFile("file", "speech.mp3")
	require.NoError(t, err)
	_, err = file.Write([]byte("\xff\xfb\x90\x64"))
	require.NoError(t, err)
	require.NoError(t, form.Close())
	return form.FormDataContentType(), b.String()
}
