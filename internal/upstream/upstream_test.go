package upstream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/upstream"
)

func ask(t testing.TB, rt http.RoundTripper, method, target, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(b)
}

// always chooses the same reply for all requests.
func always(r upstream.Reply) func(*http.Request, string, dialect.Facts) upstream.Reply {
	return func(*http.Request, string, dialect.Facts) upstream.Reply { return r }
}

const (
	chatURL     = "https://api.openai.com/v1/chat/completions"
	messagesURL = "https://api.anthropic.com/v1/messages"
	generateURL = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
	converseURL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse"
	streamURL   = "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
)

// at returns the value at a path in JSON, as JSON.
func at(t testing.TB, body string, path ...any) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			require.True(t, ok, "%v in %s", step, body)
			v = m[step]
		case int:
			l, ok := v.([]any)
			require.True(t, ok && len(l) > step, "%v in %s", step, body)
			v = l[step]
		}
	}
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestToolCalls(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","properties":{"city":{"type":"string","enum":["Oslo","Rome"]},"days":{"type":"integer","minimum":2},"extra":{"type":"string"}},"required":["city","days"]}`
	const arguments = `{"city":"Oslo","days":2}`
	for _, test := range []struct {
		name, target, body string
		path               []any
		want               string
	}{
		{"OpenAI, required", chatURL, `{"model":"gpt-4o","tool_choice":"required","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"weather","parameters":` + schema + `}}]}`,
			[]any{"choices", 0, "message", "tool_calls", 0, "function"}, `{"arguments":"{\"city\":\"Oslo\",\"days\":2}","name":"weather"}`},
		{"OpenAI, named", chatURL, `{"model":"gpt-4o","tool_choice":{"type":"function","function":{"name":"weather"}},"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"other"}},{"type":"function","function":{"name":"weather","parameters":` + schema + `}}]}`,
			[]any{"choices", 0, "message", "tool_calls", 0, "function", "name"}, `"weather"`},
		{"OpenAI, after the result", chatURL, `{"model":"gpt-4o","tool_choice":"required","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"y"}],"tools":[{"type":"function","function":{"name":"weather"}}]}`,
			[]any{"choices", 0, "finish_reason"}, `"tool_calls"`},
		{"OpenAI, not required", chatURL, `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"weather"}}]}`,
			[]any{"choices", 0, "finish_reason"}, `"stop"`},
		{"responses", "https://api.openai.com/v1/responses", `{"model":"gpt-4o","tool_choice":"required","input":"x","tools":[{"type":"function","name":"weather","parameters":` + schema + `}]}`,
			[]any{"output", 0, "arguments"}, `"{\"city\":\"Oslo\",\"days\":2}"`},
		{"Anthropic", messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":100,"tool_choice":{"type":"any"},"messages":[{"role":"user","content":"x"}],"tools":[{"name":"weather","input_schema":` + schema + `}]}`,
			[]any{"content", 0, "input"}, arguments},
		{"Anthropic, after the result", messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":100,"tool_choice":{"type":"any"},"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"weather","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":"y"}]}],"tools":[{"name":"weather","input_schema":` + schema + `}]}`,
			[]any{"stop_reason"}, `"tool_use"`},
		{"Bedrock", converseURL, `{"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"toolChoice":{"tool":{"name":"weather"}},"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":` + schema + `}}}]}}`,
			[]any{"output", "message", "content", 0, "toolUse", "input"}, arguments},
		{"Bedrock, after the result", converseURL, `{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"x","name":"weather","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"x","content":[{"text":"y"}]}}]}],"toolConfig":{"toolChoice":{"any":{}},"tools":[{"toolSpec":{"name":"weather","inputSchema":{"json":{"type":"object"}}}}]}}`,
			[]any{"stopReason"}, `"tool_use"`},
		{"Google", generateURL, `{"contents":[{"role":"user","parts":[{"text":"x"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}},"tools":[{"functionDeclarations":[{"name":"weather","parameters":` + strings.Replace(schema, `"object"`, `"OBJECT"`, 1) + `}]}]}`,
			nil, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp, body := ask(t, &upstream.Fake{}, "POST", test.target, test.body)
			require.Equal(t, 200, resp.StatusCode, body)
			if test.path != nil {
				assert.JSONEq(t, test.want, at(t, body, test.path...))
			}
		})
	}
}

func TestJSONMode(t *testing.T) {
	t.Parallel()
	const schema = `{"type":"object","properties":{"ok":{"type":"boolean"},"list":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["ok","list"],"$defs":{"n":{"type":["number","null"],"minimum":3}}}`
	_, body := ask(t, &upstream.Fake{}, "POST", chatURL, `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":`+schema+`}}}`)
	assert.Equal(t, `"{\"list\":[3],\"ok\":true}"`, at(t, body, "choices", 0, "message", "content"))
	_, body = ask(t, &upstream.Fake{}, "POST", chatURL, `{"model":"gpt-4o","messages":[{"role":"user","content":"x in JSON"}],"response_format":{"type":"json_object"}}`)
	assert.Equal(t, `"{\"answer\":\"This is a mock response to: x in JSON\"}"`, at(t, body, "choices", 0, "message", "content"))
}

// Google's own examples of an enum value, of underscores, and of a single value for a list
// (ai.google.dev/gemini-api/docs/structured-output, ai.google.dev/gemini-api/docs/embeddings).
func TestGoogleShortForms(t *testing.T) {
	t.Parallel()
	_, body := ask(t, &upstream.Fake{}, "POST", generateURL, `{"contents":{"parts":{"text":"What type of instrument is an oboe?"}},
		"generation_config":{"response_mime_type":"text/x.enum","response_schema":{"type":"STRING","enum":["Percussion","String","Woodwind"]}}}`)
	assert.Equal(t, `"Percussion"`, at(t, body, "candidates", 0, "content", "parts", 0, "text"))
	_, body = ask(t, &upstream.Fake{}, "POST", generateURL, `{"contents":{"role":"user","parts":{"text":"Turn on the lights please."}},
		"tools":{"function_declarations":{"name":"enable_lights"}},"tool_config":{"function_calling_config":{"mode":"any","allowed_function_names":"enable_lights"}}}`)
	assert.Equal(t, `"enable_lights"`, at(t, body, "candidates", 0, "content", "parts", 0, "functionCall", "name"))
	_, body = ask(t, &upstream.Fake{}, "POST", strings.Replace(generateURL, "gemini-2.5-flash:generateContent", "gemini-embedding-001:embedContent", 1),
		`{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"What is the meaning of life?"}]},"output_dimensionality":2}`)
	assert.Len(t, strings.Split(at(t, body, "embedding", "values"), ","), 2)
}

// developers.openai.com/api/docs/api-reference/chat/create has an example of logprobs; their
// texts joined are the response's.
func TestLogprobs(t *testing.T) {
	t.Parallel()
	const request = `{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}],"logprobs":true,"top_logprobs":2`
	_, body := ask(t, &upstream.Fake{}, "POST", chatURL, request+`}`)
	assert.JSONEq(t, `{"token":"This","logprob":0,"bytes":[84,104,105,115],
		"top_logprobs":[{"token":"This","logprob":0,"bytes":[84,104,105,115]},{"token":"Thisa","logprob":-10,"bytes":[84,104,105,115,97]}]}`,
		at(t, body, "choices", 0, "logprobs", "content", 0))
	_, stream := ask(t, &upstream.Fake{}, "POST", chatURL, request+`,"stream":true}`)
	assert.Equal(t, 7, strings.Count(stream, `"top_logprobs":`), "one for each word of: This is a mock response to: Hello!")
	_, body = ask(t, &upstream.Fake{}, "POST", chatURL, `{"model":"gpt-4o","messages":[{"role":"user","content":"Hello!"}]}`)
	assert.Equal(t, "null", at(t, body, "choices", 0, "logprobs"))
}

// A schema that contains itself still leads to a finite value.
func TestRecursiveSchema(t *testing.T) {
	t.Parallel()
	_, body := ask(t, &upstream.Fake{}, "POST", chatURL, `{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"again":{"$ref":"#"}},"required":["again"]}}}}`)
	assert.Contains(t, body, "again")
}

func TestErrorsInEachShape(t *testing.T) {
	t.Parallel()
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{Status: 429, Message: "too fast"})
	for _, test := range []struct {
		target string
		path   []any
		want   string
	}{
		{chatURL, []any{"error", "code"}, `"rate_limit_exceeded"`},
		{messagesURL, []any{"error", "type"}, `"rate_limit_error"`},
		{messagesURL, []any{"type"}, `"error"`},
		{generateURL, []any{"error", "status"}, `"RESOURCE_EXHAUSTED"`},
		{"https://api.elevenlabs.io/v1/text-to-speech/x", []any{"detail", "message"}, `"too fast"`},
		{converseURL, []any{"message"}, `"too fast"`},
		{"https://api.anthropic.com/v1/models", []any{"error", "message"}, `"too fast"`},
		{"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", []any{0, "error", "status"}, `"RESOURCE_EXHAUSTED"`},
		{streamURL, []any{"error", "status"}, `"RESOURCE_EXHAUSTED"`},
		{strings.TrimSuffix(streamURL, "?alt=sse"), []any{0, "error", "status"}, `"RESOURCE_EXHAUSTED"`},
	} {
		resp, body := ask(t, fake, "POST", test.target, `{"model":"gpt-4o"}`)
		assert.Equal(t, 429, resp.StatusCode)
		assert.Equal(t, test.want, at(t, body, test.path...), test.target)
	}
}

// https://github.com/anthropics/claude-code/issues/21329
func TestOverloaded(t *testing.T) {
	t.Parallel()
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{Status: 529})
	resp, body := ask(t, fake, "POST", messagesURL, `{"model":"claude-haiku-4-5"}`)
	assert.Equal(t, 529, resp.StatusCode)
	assert.JSONEq(t, `{"type":"overloaded_error","message":"Overloaded"}`, at(t, body, "error"))
}

func TestFakesRefuseWhatProvidersRefuse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, body, says string }{
		{chatURL, `{`, "JSON"},
		{chatURL, `{"messages":[{}]}`, "model"},
		{chatURL, `{"model":"gpt-4o"}`, "messages"},
		{messagesURL, `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"x"}]}`, "max_tokens: Field required"},
		{generateURL, `{}`, "contents"},
		{converseURL, `{}`, "must start with a user message"},
		{"https://api.openai.com/v1/audio/speech", `{"model":"tts-1"}`, "missing"},
	} {
		resp, body := ask(t, &upstream.Fake{}, "POST", test.target, test.body)
		assert.Equal(t, 400, resp.StatusCode, body)
		assert.Contains(t, body, test.says)
	}
	resp, body := ask(t, &upstream.Fake{}, "POST", "https://api.openai.com/v1/fine_tuning/jobs", `{}`)
	assert.Equal(t, 404, resp.StatusCode)
	assert.Contains(t, body, "no fake for POST /v1/fine_tuning/jobs")
}

func TestModels(t *testing.T) {
	t.Parallel()
	_, body := ask(t, &upstream.Fake{}, "GET", "https://api.openai.com/v1/models", "")
	assert.Equal(t, `"list"`, at(t, body, "object"))
	assert.Contains(t, body, `"gpt-4o"`)
	_, body = ask(t, &upstream.Fake{}, "GET", "https://api.openai.com/v1/models/gpt-4o", "")
	assert.Equal(t, `"gpt-4o"`, at(t, body, "id"))
	resp, _ := ask(t, &upstream.Fake{}, "GET", "https://api.openai.com/v1/models/nope", "")
	assert.Equal(t, 404, resp.StatusCode)
	_, body = ask(t, &upstream.Fake{}, "GET", "https://generativelanguage.googleapis.com/v1beta/models", "")
	assert.Contains(t, at(t, body, "models", 0, "name"), "models/")
	_, body = ask(t, &upstream.Fake{}, "GET", "https://api.anthropic.com/v1/models", "")
	assert.Equal(t, "false", at(t, body, "has_more"))
}

func TestChunks(t *testing.T) {
	t.Parallel()
	fake := &upstream.Fake{}
	fake.Choose = always(upstream.Reply{Text: "äbcdefg", ChunkSize: 3})
	_, body := ask(t, fake, "POST", chatURL, `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"x"}]}`)
	for _, chunk := range []string{`"content":"äbc"`, `"content":"def"`, `"content":"g"`} {
		assert.Contains(t, body, chunk)
	}
	_, body = ask(t, fake, "POST", streamURL, `{"contents":[{"parts":[{"text":"x"}]}]}`)
	assert.Contains(t, body, `"text":"def"`)
}

// Waits follow Go's time, which stands still in a bubble until all goroutines wait.
func TestWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := &upstream.Fake{}
		fake.Choose = always(upstream.Reply{Text: "a b c", Latency: time.Second, ChunkDelay: time.Minute})
		start := time.Now()
		ask(t, fake, "POST", chatURL, `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"x"}]}`)
		assert.Equal(t, time.Second+5*time.Minute, time.Since(start), "role, a, b, c, finish, done")
	})
	synctest.Test(t, func(t *testing.T) {
		fake := &upstream.Fake{}
		fake.Choose = always(upstream.Reply{Latency: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, chatURL, strings.NewReader(`{}`))
		resp, err := fake.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// A fault waits after the last part before it, even if there is none.
func TestFaultsWait(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault  upstream.Fault
		waited time.Duration
	}{
		{upstream.CutAfter(0), 7 * time.Second},
		{upstream.CutAfter(2), 2*time.Minute + 7*time.Second},
		{upstream.ErrorAfter(2), 3*time.Minute + 7*time.Second}, // the error is a chunk too
	} {
		synctest.Test(t, func(t *testing.T) {
			fake := &upstream.Fake{}
			fake.Choose = always(upstream.Reply{Text: "a b c", ChunkDelay: time.Minute, Fault: test.fault, FaultDelay: 7 * time.Second})
			start := time.Now()
			_, err := read(t, fake, chatURL, `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"x"}]}`)
			if test.fault != upstream.ErrorAfter(2) {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
			assert.Equal(t, test.waited, time.Since(start), "role, a, b, then the fault")
		})
	}
}

func TestEmbeddings(t *testing.T) {
	t.Parallel()
	const target = "https://api.openai.com/v1/embeddings"
	_, floats := ask(t, &upstream.Fake{}, "POST", target, `{"model":"text-embedding-3-small","input":["a","b","a"],"dimensions":8}`)
	assert.Equal(t, at(t, floats, "data", 0, "embedding"), at(t, floats, "data", 2, "embedding"))
	assert.NotEqual(t, at(t, floats, "data", 0, "embedding"), at(t, floats, "data", 1, "embedding"))
	_, encoded := ask(t, &upstream.Fake{}, "POST", target, `{"model":"text-embedding-3-small","input":"a","encoding_format":"base64"}`)
	b, err := base64.StdEncoding.DecodeString(strings.Trim(at(t, encoded, "data", 0, "embedding"), `"`))
	require.NoError(t, err)
	assert.Len(t, b, 4*1536)
	for input, tokens := range map[string]string{`"a"`: "1", `["a","b","a"]`: "3", `[1,2,3]`: "3", `[[1,2,3],[4]]`: "4"} { // of each input
		_, got := ask(t, &upstream.Fake{}, "POST", target, `{"model":"text-embedding-3-small","input":`+input+`}`)
		assert.Equal(t, tokens, at(t, got, "usage", "prompt_tokens"), input)
	}
}

func TestTo(t *testing.T) {
	t.Parallel()
	var got string
	next := roundTrip(func(req *http.Request) (*http.Response, error) {
		got = req.URL.String() + " " + req.Host
		return nil, errors.New("enough")
	})
	for _, c := range []struct{ base, path, want string }{
		{"http://127.0.0.1:9000", "/v1/models?a=b", "http://127.0.0.1:9000/v1/models?a=b"},
		{"http://127.0.0.1:9000/base/", "/v1/models?a=b", "http://127.0.0.1:9000/base/v1/models?a=b"},
		{"http://127.0.0.1:9000/base", "/model/arn%2Fx/converse", "http://127.0.0.1:9000/base/model/arn%2Fx/converse"},
	} {
		base, _ := url.Parse(c.base)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.openai.com"+c.path, nil)
		_, err := upstream.To(base, next).RoundTrip(req)
		require.Error(t, err)
		assert.Equal(t, c.want+" 127.0.0.1:9000", got)
		assert.Equal(t, "api.openai.com", req.URL.Host, "the caller's request is not modified")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// No request may panic a fake.
func FuzzFake(f *testing.F) {
	targets := []string{chatURL, messagesURL, generateURL, streamURL, converseURL, converseURL + "-stream", "https://api.openai.com/v1/responses", "https://api.openai.com/v1/embeddings",
		"https://api.openai.com/v1/images/generations", "https://api.openai.com/v1/audio/speech", "https://api.openai.com/v1/audio/transcriptions",
		"https://api.openai.com/v1/completions", "https://generativelanguage.googleapis.com/v1beta/models/x:batchEmbedContents", "https://api.elevenlabs.io/v1/speech-to-text"}
	for i := range targets {
		f.Add(uint8(i), []byte(`{"model":"m","stream":true,"max_tokens":1,"input":["a",[1]],"n":3,"messages":[{"role":"user","content":[{"text":"x"}]}],"contents":[{}],"tool_choice":"required","tools":[{"name":"f","function":{"name":"f","parameters":{"type":"array","minItems":1e9}}}],"requests":[{}]}`))
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		ask(t, &upstream.Fake{}, "POST", targets[int(which)%len(targets)], string(body))
	})
}

func BenchmarkFakeChat(b *testing.B) {
	for _, c := range []struct{ name, url, body string }{
		{"openai", chatURL, `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}`},
		{"anthropic", messagesURL, `{"model":"claude-sonnet-4-5","max_tokens":100,"system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"Hello"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}}]}`},
		{"google", googleBase + "/gemini-2.5-flash:generateContent", `{"contents":[{"role":"user","parts":[{"text":"Hello"}]}],"generationConfig":{"temperature":0.5},"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING"}}}}]}]}`},
		{"bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse", `{"messages":[{"role":"user","content":[{"text":"Hello"}]}],"inferenceConfig":{"temperature":0.5},"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{"a":{"type":"string"}}}}}}]}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			fake := &upstream.Fake{}
			b.ReportAllocs()
			for b.Loop() {
				ask(b, fake, "POST", c.url, c.body)
			}
		})
	}
}

// A response is stored until it is deleted, unless its request opts out.
func TestResponsesAreStored(t *testing.T) {
	t.Parallel()
	var fake upstream.Fake
	const url = "https://api.openai.com/v1/responses"
	_, created := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"Hello"}`)
	id := strings.Trim(at(t, created, "id"), `"`)

	resp, read := ask(t, &fake, "GET", url+"/"+id, "")
	assert.Equal(t, 200, resp.StatusCode)
	assert.JSONEq(t, created, read)
	_, items := ask(t, &fake, "GET", url+"/"+id+"/input_items", "")
	assert.Equal(t, `"Hello"`, at(t, items, "data", 0, "content", 0, "text"))
	resp, next := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"And now?","previous_response_id":"`+id+`"}`)
	assert.Equal(t, 200, resp.StatusCode, next)
	assert.Equal(t, `"`+id+`"`, at(t, next, "previous_response_id"))

	_, deleted := ask(t, &fake, "DELETE", url+"/"+id, "")
	assert.JSONEq(t, `{"id":"`+id+`","object":"response","deleted":true}`, deleted)
	resp, _ = ask(t, &fake, "GET", url+"/"+id, "")
	assert.Equal(t, 404, resp.StatusCode)

	_, created = ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"Hello again","store":false}`)
	resp, _ = ask(t, &fake, "GET", url+"/"+strings.Trim(at(t, created, "id"), `"`), "")
	assert.Equal(t, 404, resp.StatusCode)

	stream := `{"model":"gpt-4o","input":"Hello, slowly","stream":true}`
	_, events := ask(t, &fake, "POST", url, stream)
	_, id, _ = strings.Cut(events, `"id":"resp_`)
	id, _, _ = strings.Cut(id, `"`)
	_, read = ask(t, &fake, "GET", url+"/resp_"+id, "")
	assert.Equal(t, `"completed"`, at(t, read, "status"))
}

// A compressed body is read, with known or unknown length.
func TestCompressedRequest(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}`))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, body := range []io.Reader{bytes.NewReader(packed.Bytes()), io.MultiReader(bytes.NewReader(packed.Bytes()))} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.openai.com/v1/chat/completions", body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Content-Encoding", "gzip")
		resp, err := new(upstream.Fake).RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode)
	}
}
