package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

// recorder is an upstream that keeps what reached it and answers plainly.
type recorder struct {
	url    string
	host   string
	header http.Header
	body   string
	method string
	answer func(*http.Request) (*http.Response, error)
}

func (p *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	p.url, p.host, p.header, p.method = req.URL.String(), req.Host, req.Header, req.Method
	b, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	p.body = string(b)
	if p.answer != nil {
		return p.answer(req)
	}
	return response(200, "application/json", `{}`), nil
}

func response(status int, kind, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {kind}}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}

func answering(status int, kind, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return response(status, kind, body, header...), nil }
}

func recording(p *recorder) func(*gateway.Config) {
	return func(c *gateway.Config) { c.Upstream = p }
}

func TestForwardTarget(t *testing.T) {
	for _, test := range []struct{ name, query, want string }{
		{"raw", "u=https://api.openai.com/v1/models", "https://api.openai.com/v1/models"},
		{"encoded", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fmodels", "https://api.openai.com/v1/models"},
		{"encoded query of the target", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Fmodels%3Fa%3D1%26b%3D2", "https://api.openai.com/v1/models?a=1&b=2"},
		{"raw query of the target", "u=https://api.openai.com/v1/models?a=1&b=2&a=3", "https://api.openai.com/v1/models?a=1&b=2&a=3"},
		{"later parameters in order", "u=https://api.openai.com/v1/models&z=1&a=2", "https://api.openai.com/v1/models?z=1&a=2"},
		{"earlier parameters are not the target's", "x=1&u=https://api.openai.com/v1/models&y=2", "https://api.openai.com/v1/models?y=2"},
		{"decoded once", "u=https%3A%2F%2Fapi.openai.com%2Fv1%2Ffiles%2Fa%2520b", "https://api.openai.com/v1/files/a%20b"},
		{"a plus stays", "u=https://api.openai.com/v1/files/a+b", "https://api.openai.com/v1/files/a+b"},
		{"values keep their encoding", "u=https://api.openai.com/v1/files&q=a%2Bb%20c", "https://api.openai.com/v1/files?q=a%2Bb%20c"},
		{"metadata is taken out", `u=https://api.openai.com/v1/models&metadata={"a":"b"}&x=1`, "https://api.openai.com/v1/models?x=1"},
		{"Google's own key stays", "u=https://generativelanguage.googleapis.com/v1beta/models&key=AIza1", "https://generativelanguage.googleapis.com/v1beta/models?key=AIza1"},
		{"Lava's key is taken out", "u=https://api.openai.com/v1/models&key=aks_test_good&x=1", "https://api.openai.com/v1/models?x=1"},
		{"Lava's key within the target too", "u=https://api.openai.com/v1/models?key=aks_test_good", "https://api.openai.com/v1/models"},
		{"upper-case host", "u=https://API.OpenAI.com/v1/models", "https://API.OpenAI.com/v1/models"},
		{"port 443", "u=https://api.openai.com:443/v1/models", "https://api.openai.com:443/v1/models"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := &recorder{}
			r := newRig(t, recording(p))
			path := "/v1/forward?" + strings.ReplaceAll(test.query, `{"a":"b"}`, `%7B%22a%22:%22b%22%7D`)
			got := r.do(t, "GET", path, "")
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.want, p.url)
		})
	}
}

func TestForwardRefusesTargets(t *testing.T) {
	for _, test := range []struct {
		name, query, code, says string
	}{
		{"none", "", "invalid_request", "u: is required"},
		{"empty", "?u=", "invalid_request", "u: is required"},
		{"no scheme", "?u=api.openai.com/v1/models", "invalid_request", "https://"},
		{"other scheme", "?u=ftp://api.openai.com/", "invalid_request", "https://"},
		{"http", "?u=http://api.openai.com/v1/models", "invalid_request", "https://"},
		{"with a password", "?u=https://me:hidden@api.openai.com/", "invalid_request", "password"},
		{"unknown host", "?u=https://api.example.com/v1/models", "forward_endpoint_not_supported", "api.example.com"},
		{"host that only ends like one", "?u=https://evil-api.openai.com/v1/models", "forward_endpoint_not_supported", ""},
		{"host in the path", "?u=https://example.com/api.openai.com", "forward_endpoint_not_supported", ""},
		{"not a URL", "?u=https://a%20b/", "invalid_request", "not a valid URL"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			got := r.do(t, "GET", "/v1/forward"+test.query, "")
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
			assert.NotContains(t, got.body, "hidden")
		})
	}
}

func TestForwardUnknownHostsByOption(t *testing.T) {
	p := &recorder{answer: answering(200, "application/json", `{"id":"x","usage":{"prompt_tokens":4,"completion_tokens":5}}`)}
	r := newRig(t, recording(p), func(c *gateway.Config) { c.AllowUnknownHosts = true })
	got := r.do(t, "POST", "/v1/forward?u=http://127.0.0.1:9999/v1/chat/completions", chatBody)
	require.Equal(t, 200, got.status, got.body)
	o := r.last(t)
	assert.Equal(t, "127.0.0.1:9999", o.Provider)
	assert.EqualValues(t, 4, o.Usage.InputTokens)
	assert.Zero(t, o.InputCost)
}

// What is Lava's or the connection's stays here, everything else goes on.
func TestForwardHeaders(t *testing.T) {
	p := &recorder{answer: answering(200, "application/json", `{}`,
		"X-Ratelimit-Remaining", "7", "Connection", "X-Hop", "X-Hop", "1", "Access-Control-Allow-Origin", "*", "X-Lava-Request-Id", "forged")}
	r := newRig(t, recording(p))
	tok := token(map[string]any{"provider_key": "sk-mine"})
	got := r.do(t, "POST", chatPath, chatBody, "Authorization", "", "X-Api-Key", tok, "OpenAI-Organization", "org_1",
		"X-Lava-Metadata", `{"a":"b"}`, "X-Lava-Fallbacks", "[]", "Accept-Encoding", "br", "User-Agent", "sdk/1")
	require.Equal(t, 200, got.status, got.body)

	assert.Equal(t, http.Header{
		"Authorization":       {"Bearer sk-mine"},
		"Accept-Encoding":     {"identity"},
		"Content-Type":        {"application/json"},
		"Openai-Organization": {"org_1"},
		"User-Agent":          {"sdk/1"},
	}, p.header)
	assert.Equal(t, "api.openai.com", p.host)
	assert.Equal(t, chatBody, p.body)

	assert.Equal(t, "7", got.header.Get("X-Ratelimit-Remaining"))
	assert.Equal(t, "req_1", got.header.Get("X-Lava-Request-Id"))
	assert.Empty(t, got.header.Get("X-Hop"))
	assert.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
}

func TestForwardSendsTheProvidersKey(t *testing.T) {
	for _, test := range []struct{ target, header, want string }{
		{"https://api.openai.com/v1/models", "Authorization", "Bearer sk-mine"},
		{"https://api.anthropic.com/v1/models", "X-Api-Key", "sk-mine"},
		{"https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "X-Goog-Api-Key", "sk-mine"},
		{"https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "Authorization", "Bearer sk-mine"},
		{"https://api.elevenlabs.io/v1/text-to-speech/abc", "Xi-Api-Key", "sk-mine"},
	} {
		t.Run(test.target, func(t *testing.T) {
			p := &recorder{}
			r := newRig(t, recording(p))
			got := r.do(t, "POST", "/v1/forward?u="+test.target, `{"model":"gemini-2.5-flash"}`,
				"Authorization", "Bearer "+token(map[string]any{"provider_key": "sk-mine"}))
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, test.want, p.header.Get(test.header))
			for _, place := range []string{"Authorization", "X-Api-Key", "X-Goog-Api-Key", "Xi-Api-Key"} {
				if place != test.header {
					assert.Empty(t, p.header.Get(place))
				}
			}
			assert.True(t, r.last(t).Unmanaged)
		})
	}
}

func TestForwardBodies(t *testing.T) {
	t.Run("over the limit", func(t *testing.T) {
		r := newRig(t, func(c *gateway.Config) { c.MaxBody = 100 })
		got := r.do(t, "POST", chatPath, `{"model":"gpt-4o","messages":"`+strings.Repeat("x", 100)+`"}`)
		assert.Equal(t, 413, got.status)
		assert.Equal(t, "payload_too_large", got.code())
	})
	t.Run("malformed JSON", func(t *testing.T) {
		r := newRig(t)
		got := r.do(t, "POST", chatPath, `{"model":`)
		assert.Equal(t, 400, got.status)
		assert.Equal(t, "invalid_request", got.code())
		assert.Contains(t, got.body, "body")
	})
	for _, test := range []struct{ name, body, code, says string }{
		{"no model", `{"messages":[]}`, "forward_model_invalid", "model: is required"},
		{"model null", `{"model":null}`, "forward_model_invalid", "model: is required"},
		{"model of a wrong type", `{"model":4}`, "forward_model_invalid", "must be a string"},
		{"unknown model", `{"model":"gpt-4o-mimi"}`, "forward_model_not_supported", "did you mean gpt-4o-mini?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			got := r.do(t, "POST", chatPath, test.body)
			assert.Equal(t, 400, got.status)
			assert.Equal(t, test.code, got.code(), got.body)
			assert.Contains(t, got.body, test.says)
		})
	}
	t.Run("unknown models by option", func(t *testing.T) {
		r := newRig(t, func(c *gateway.Config) { c.AllowUnknownModels = true })
		got := r.do(t, "POST", chatPath, strings.Replace(chatBody, "gpt-4o-mini", "gpt-99", 1))
		require.Equal(t, 200, got.status)
		assert.NotZero(t, r.last(t).Usage.InputTokens)
		assert.Zero(t, r.last(t).InputCost)
	})
	t.Run("streams are asked for usage, all else unchanged", func(t *testing.T) {
		p := &recorder{}
		r := newRig(t, recording(p))
		r.do(t, "POST", chatPath, `{ "stream":true, "model":"gpt-4o",  "messages":[1.0,1e2], "big":12345678901234567890 }`)
		assert.Equal(t, `{ "stream":true, "model":"gpt-4o",  "messages":[1.0,1e2], "big":12345678901234567890 ,"stream_options":{"include_usage":true}}`, p.body)
		r.do(t, "POST", chatPath, `{"stream_options":{"include_usage":false,"x":1},"stream":true,"model":"gpt-4o"}`)
		assert.Equal(t, `{"stream_options":{"include_usage":true,"x":1},"stream":true,"model":"gpt-4o"}`, p.body)
	})
	t.Run("a provider that reports usage anyway is not asked", func(t *testing.T) {
		p := &recorder{}
		r := newRig(t, recording(p))
		body := `{"stream":true,"model":"mistral-small-latest"}`
		r.do(t, "POST", "/v1/forward?u=https://api.mistral.ai/v1/chat/completions", body)
		assert.Equal(t, body, p.body)
	})
}

func TestMetadata(t *testing.T) {
	pairs := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":"v"`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	const q = "%22"
	for _, test := range []struct {
		name, query string
		header      []string
		want        map[string]string
		says        string // of the refusal
	}{
		{name: "none"},
		{name: "header", header: []string{"x-lava-metadata", `{"User":"u 1","x":"ü"}`}, want: map[string]string{"User": "u 1", "x": "ü"}},
		{name: "query", query: "&metadata={" + q + "a" + q + ":" + q + "b" + q + "}", want: map[string]string{"a": "b"}},
		{name: "single headers", header: []string{"x-lava-metadata-User_ID", "7", "x-lava-metadata-plan", "pro"}, want: map[string]string{"user_id": "7", "plan": "pro"}},
		{name: "all, the more specific wins", query: "&metadata={" + q + "a" + q + ":" + q + "1" + q + "," + q + "b" + q + ":" + q + "1" + q + "," + q + "c" + q + ":" + q + "1" + q + "}",
			header: []string{"x-lava-metadata", `{"b":"2","c":"2"}`, "x-lava-metadata-c", "3"}, want: map[string]string{"a": "1", "b": "2", "c": "3"}},
		{name: "100 pairs", header: []string{"x-lava-metadata", pairs(100)}, want: nil},
		{name: "101 pairs", header: []string{"x-lava-metadata", pairs(101)}, says: "at most 100"},
		{name: "no JSON", header: []string{"x-lava-metadata", "user=7"}, says: "x-lava-metadata: must be a JSON object"},
		{name: "a number", header: []string{"x-lava-metadata", `{"a":1}`}, says: "values are strings"},
		{name: "query no JSON", query: "&metadata=x", says: "metadata: must be a JSON object"},
		{name: "a dash in a key", header: []string{"x-lava-metadata-user-id", "7"}, says: `the key \"user-id\" is not 1 to 255 letters, digits or underscores`},
		{name: "an empty key", header: []string{"x-lava-metadata", `{"":"x"}`}, says: `the key \"\" is not 1 to 255 letters`},
		{name: "an empty value", header: []string{"x-lava-metadata", `{"a":""}`}, says: "has 0 characters, 1 to 255 are allowed"},
		{name: "a long value", header: []string{"x-lava-metadata", `{"a":"` + strings.Repeat("x", 256) + `"}`}, says: "has 256 characters, 1 to 255 are allowed"},
		{name: "a long key", header: []string{"x-lava-metadata", `{"` + strings.Repeat("x", 256) + `":"a"}`}, says: "is not 1 to 255 letters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			got := r.do(t, "POST", chatPath+test.query, chatBody, test.header...)
			if test.says != "" {
				assert.Equal(t, 400, got.status)
				assert.Contains(t, got.body, test.says)
				assert.Zero(t, r.count())
				return
			}
			require.Equal(t, 200, got.status, got.body)
			if test.want != nil || len(test.header) == 0 {
				assert.Equal(t, test.want, r.last(t).Metadata)
			} else {
				assert.Len(t, r.last(t).Metadata, 100)
			}
		})
	}
}

// A provider's error passes through and is recorded, not charged.
func TestProviderErrors(t *testing.T) {
	p := &recorder{answer: answering(429, "application/json", `{"error":{"message":"slow down"},"usage":{"prompt_tokens":9}}`, "Retry-After", "3")}
	r := newRig(t, recording(p))
	got := r.do(t, "POST", chatPath, chatBody, "x-lava-metadata-a", "b")
	assert.Equal(t, 429, got.status)
	assert.Equal(t, "3", got.header.Get("Retry-After"))
	assert.Contains(t, got.body, "slow down")
	assert.Equal(t, gateway.Outcome{Provider: "openai", Model: "gpt-4o-mini", Endpoint: "POST /v1/chat/completions",
		Metadata: map[string]string{"a": "b"}, Failed: true}, r.last(t))
}

func TestRefusedRequestsCarryTheirID(t *testing.T) {
	r := newRig(t)
	got := r.do(t, "POST", chatPath, chatBody, "Authorization", "Bearer aks_test_other")
	assert.Equal(t, "req_refused", got.header.Get("x-lava-request-id"))
}
