package gateway_test

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
	"github.com/lavapayments/lava-go/internal/jsonscan"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// documented are the requests in the test data of the formats and the fakes, by format: those that providers accept
// and those they reject.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	bodies := map[string][]string{}
	for format := range conversations {
		for _, pattern := range []string{
			"../dialect/known/testdata/rules/" + format + ".txt",
			"../upstream/testdata/*/" + format + ".txt",
			"testdata/rewrite/" + format + "/request.json",
			"testdata/rewrite/" + format + "/thinking.json",
		} {
			files, err := filepath.Glob(pattern)
			require.NoError(t, err)
			require.NotEmpty(t, files, pattern)
			for _, file := range files {
				text, err := os.ReadFile(file)
				require.NoError(t, err)
				if strings.HasSuffix(file, ".json") {
					bodies[format] = append(bodies[format], string(text))
					continue
				}
				for line := range strings.Lines(string(text)) {
					word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
					switch {
					case word == "accepts" || word == "rejects":
						bodies[format] = append(bodies[format], rest)
					case strings.HasPrefix(line, "{"):
						bodies[format] = append(bodies[format], line)
					}
				}
			}
		}
		require.Greater(t, len(bodies[format]), 20, format)
	}
	return bodies
}

// tooMuch are rules of what is too much or too large, which no writer can make less, and of what only the client can
// write otherwise: Moonshot takes a reference in a schema only to $defs.
var tooMuch = map[string]bool{
	"openai.tools-length": true, "anthropic.image-dimensions": true, "anthropic.image-size": true, "anthropic.pdf-pages": true,
	"anthropic.request-size": true, "deepseek.max-tokens": true, "fireworks.max-tokens": true, "moonshot.tool-schema": true,
}

// targets are models for the writers to write to.
var targets = []struct{ format, model, url string }{
	{"openai", "gpt-4o-mini", "https://api.openai.com/v1/chat/completions"},
	{"openai", "gpt-5-mini", "https://api.openai.com/v1/chat/completions"},
	{"openai", "gpt-5.5", "https://api.openai.com/v1/chat/completions"},
	{"openai", "o3", "https://api.openai.com/v1/chat/completions"},
	{"openai", "mistral-large-latest", "https://api.mistral.ai/v1/chat/completions"},
	{"openai", "openai/gpt-oss-20b", "https://api.groq.com/openai/v1/chat/completions"},
	{"openai", "qwen/qwen3-32b", "https://api.groq.com/openai/v1/chat/completions"},
	{"openai", "llama-3.3-70b-versatile", "https://api.groq.com/openai/v1/chat/completions"},
	{"openai", "deepseek-chat", "https://api.deepseek.com/v1/chat/completions"},
	{"openai", "deepseek-v4-flash", "https://api.deepseek.com/v1/chat/completions"},
	{"openai", "grok-4.3", "https://api.x.ai/v1/chat/completions"},
	{"openai", "sonar", "https://api.perplexity.ai/chat/completions"},
	{"openai", "kimi-k2.6", "https://api.moonshot.ai/v1/chat/completions"},
	{"openai", "kimi-k3", "https://api.moonshot.ai/v1/chat/completions"},
	{"openai", "gpt-oss-120b", "https://api.cerebras.ai/v1/chat/completions"},
	{"openai", "accounts/fireworks/models/deepseek-v3p1", "https://api.fireworks.ai/inference/v1/chat/completions"},
	{"openai", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"},
	{"anthropic", "claude-3-haiku-20240307", "https://api.anthropic.com/v1/messages"},
	{"anthropic", "claude-sonnet-4-5", "https://api.anthropic.com/v1/messages"},
	{"anthropic", "claude-opus-4-8", "https://api.anthropic.com/v1/messages"},
	{"anthropic", "claude-sonnet-5", "https://api.anthropic.com/v1/messages"},
	{"anthropic", "claude-opus-5-5", "https://api.anthropic.com/v1/messages"},
	{"google", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"},
	{"google", "gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:generateContent"},
	{"google", "gemini-3-pro-preview", "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro-preview:generateContent"},
	{"bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"},
	{"bedrock", "us.anthropic.claude-opus-5-5", "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-opus-5-5/converse"},
	{"bedrock", "amazon.nova-pro-v1:0", "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-pro-v1%3A0/converse"},
}

// Providers' rules are implemented twice, independently: the writers follow one list, and the fakes enforce the
// other. Requests from the writers must pass the fakes' rules.
func TestWritersPassTheFakesRules(t *testing.T) {
	t.Parallel()
	chats := map[string]dialect.Chat{}
	for _, f := range known.Formats() {
		if chat, ok := f.(dialect.Chat); ok {
			chats[string(f.Name())] = chat
		}
	}
	written := 0
	for from, bodies := range documented(t) {
		for _, body := range bodies {
			for _, to := range targets {
				r, err := chats[from].ReadRequest([]byte(body))
				if err != nil {
					break // a rejected body may not even be in the format
				}
				r.Model, r.Stream = to.model, false
				u, err := url.Parse(to.url)
				require.NoError(t, err)
				provider, ok := catalog.Default().ByHost(u.Host)
				require.True(t, ok)
				out, err := chats[to.format].WriteRequest(r, provider.Traits)
				if err != nil {
					var field *dialect.FieldError
					require.ErrorAs(t, err, &field)
					continue
				}
				written++
				rule, got := refusedBy(t, to.url, string(out))
				if tooMuch[rule] || strings.HasSuffix(rule, ".output-limit") {
					continue // the client asks for more than the model supports, in a field that all formats have: the provider's own error is right
				}
				assert.Empty(t, rule, "%s %s\n%s\nof %s\n%s\n%s", to.format, to.model, out, from, body, got)
			}
		}
	}
	assert.Greater(t, written, 500)
}

// The accepted requests in the formats' tests are accepted by the fakes.
func TestFakesAcceptWhatTheFormatsDo(t *testing.T) {
	t.Parallel()
	urls := map[string]string{
		"openai":    "https://api.openai.com/v1/chat/completions",
		"anthropic": "https://api.anthropic.com/v1/messages",
		"google":    "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent",
		"bedrock":   "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-sonnet-4-20250514-v1%3A0/converse",
	}
	for format, url := range urls {
		text, err := os.ReadFile("../dialect/known/testdata/rules/" + format + ".txt")
		require.NoError(t, err)
		for _, section := range strings.Split(string(text), "--- accepted\n")[1:] {
			body, _, _ := strings.Cut(section, "\n")
			rule, got := refusedBy(t, url, body)
			assert.Empty(t, rule, "%s\n%s", body, got)
		}
	}
}

// refusedBy sends a request to a fake and returns the rule it breaks, if any.
func refusedBy(t *testing.T, url, body string) (rule, response string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := (&upstream.Fake{}).RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.Header.Get(upstream.RuleHeader), string(got)
}

// What OpenAI accepts is accepted by other providers of its format after it was adapted, or rejected with the name of a
// field.
func TestAdaptedRequestsPassTheFakesRules(t *testing.T) {
	t.Parallel()
	bodies := documented(t)["openai"]
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		bodies = append(bodies, anyRequest(random))
	}
	const openAI = "https://api.openai.com/v1/chat/completions"
	adapted, changed := 0, 0
	for _, body := range bodies {
		if rule, _ := refusedBy(t, openAI, body); rule != "" {
			continue
		}
		for _, to := range targets {
			u, err := url.Parse(to.url)
			require.NoError(t, err)
			provider, ok := catalog.Default().ByHost(u.Host)
			require.True(t, ok)
			if to.format != "openai" || provider.Original {
				continue
			}
			asked, err := jsonscan.SetField([]byte(body), "model", []byte(`"`+to.model+`"`))
			require.NoError(t, err)
			out, _, err := openai.Format{}.Adapt(asked, to.model, provider.Traits)
			if err != nil {
				var field *dialect.FieldError
				require.ErrorAs(t, err, &field)
				continue
			}
			adapted++
			if string(out) != string(asked) {
				changed++
			}
			if rule, got := refusedBy(t, to.url, string(out)); !tooMuch[rule] {
				assert.Empty(t, rule, "%s\n%s\nof\n%s\n%s", to.model, out, body, got)
			}
			again, _, err := openai.Format{}.Adapt(out, to.model, provider.Traits)
			require.NoError(t, err)
			assert.Equal(t, string(out), string(again), "what was adapted needs no change")
		}
	}
	assert.Greater(t, adapted, 800)
	assert.Greater(t, changed, 400)
}

// anyRequest returns a request with a random choice of the fields that OpenAI documents
// (platform.openai.com/docs/api-reference/chat/create), and messages and values from its examples.
func anyRequest(random *rand.Rand) string {
	const call = `{"role":"assistant","content":null,"refusal":null,"annotations":[],"audio":null,"function_call":null,"tool_calls":[{"id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","type":"function","function":{"name":"get_current_weather","arguments":"{\"location\":\"Boston, MA\"}"}}]},
		{"role":"tool","tool_call_id":"call_kzDkSmPC3bFTk9MZzZ2Zzq3L","content":"22 degrees"}`
	user := `{"role":"user","content":"What is the weather like in Boston today? In JSON."}`
	messages := []string{
		`{"role":"user","content":"Go on."}`, `{"role":"user","name":"Ann","content":[{"type":"text","text":"And tomorrow?"}]}`,
		`{"role":"user","content":[{"type":"text","text":"What is in this image?"},{"type":"image_url","image_url":{"url":"https://upload.wikimedia.org/boardwalk.jpg"}}]}`,
		`{"role":"assistant","content":"It is sunny.","refusal":null,"annotations":[]}`, `{"role":"assistant","content":""}`,
		`{"role":"assistant","content":[{"type":"refusal","refusal":"I can't help with that."}]}`, `{"role":"assistant","name":"Bob","content":"Hello!"}`,
		`{"role":"assistant","content":null,"refusal":"I'm sorry, I cannot assist with that request."}`,
		`{"role":"system","content":"Answer in one sentence."}`, `{"role":"developer","content":[{"type":"text","text":"Be brief."}]}`, call, call,
	}
	var said []string
	if random.IntN(2) == 0 {
		said = append(said, `{"role":"developer","content":"You are a helpful assistant."}`)
	}
	said = append(said, user)
	for range random.IntN(5) {
		said = append(said, messages[random.IntN(len(messages))])
	}
	const weather = `{"type":"function","function":{"name":"get_current_weather","description":"Get the current weather in a given location","parameters":{"type":"object","properties":{"location":{"type":"string"}},"required":["location"],"additionalProperties":false},"strict":true}}`
	fields := []string{`"model":"gpt-4o"`, `"messages":[` + strings.Join(said, ",") + `]`}
	for _, f := range []string{
		`"frequency_penalty":0.5`, `"logit_bias":{"50256":-100}`, `"logprobs":true,"top_logprobs":2`, `"logprobs":false`, `"max_completion_tokens":300`,
		`"metadata":{"topic":"demo"},"store":true`, `"store":false`, `"modalities":["text"]`, `"n":1`, `"n":2`, `"parallel_tool_calls":false`,
		`"prediction":{"type":"content","content":"class User {}"}`, `"presence_penalty":0.5`, `"prompt_cache_key":"k"`, `"response_format":{"type":"text"}`,
		`"response_format":{"type":"json_object"}`,
		`"response_format":{"type":"json_schema","json_schema":{"name":"forecast","strict":true,"schema":{"type":"object","properties":{"celsius":{"type":"number"}},"required":["celsius"],"additionalProperties":false}}}`,
		`"safety_identifier":"u1"`, `"seed":7`, `"service_tier":"auto"`, `"stop":["END"]`, `"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}`,
		`"temperature":1.9`, `"top_p":0.9`, `"tool_choice":"required"`, `"tool_choice":{"type":"function","function":{"name":"get_current_weather"}}`,
		`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"get_current_weather"}}]}}`,
		`"tools":[` + weather + `]`, `"tools":[` + weather + `,{"type":"function","function":{"name":"today"}}]`, `"user":"u_1"`, `"verbosity":"medium"`,
	} {
		if name, _, _ := strings.Cut(f, ":"); random.IntN(8) == 0 && !strings.Contains(strings.Join(fields, ","), name) {
			fields = append(fields, f)
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}
