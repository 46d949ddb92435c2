package tools_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// handlerClient returns an HTTP client whose requests are served by a handler.
func handlerClient(handle http.HandlerFunc) *http.Client {
	return &http.Client{Transport: handlerTransport(handle)}
}

type handlerTransport http.HandlerFunc

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	h(w, r)
	return w.Result(), nil
}

// What a provider receives, and which part of its response the agent sees.
func TestCall(t *testing.T) {
	t.Parallel()
	var method, query, version, key string
	provider := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, query, version, key = r.Method, r.URL.RawQuery, r.Header.Get("Anthropic-Version"), r.Header.Get("Authorization")
		kind, body, _ := strings.Cut(r.URL.Query().Get("answer"), ",")
		w.Header().Set("Content-Type", kind)
		body = strings.ReplaceAll(body, "LONG", strings.Repeat("long", 100<<10))
		_, _ = w.Write([]byte(strings.ReplaceAll(body, "HUGE", strings.Repeat("\xff", 5<<20))))
	})
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.Upstream("api.anthropic.com", provider))
	a := connect(t, account(s))
	const url = "https://api.anthropic.com/v1/things?answer="

	t.Run("request", func(t *testing.T) {
		a.do("call", args{"url": url + "text/plain,a", "headers": args{"anthropic-version": "2023-06-01"}})
		assert.Equal(t, []string{"GET", "answer=text/plain,a", "2023-06-01", ""}, []string{method, query, version, key})
		a.do("call", args{"url": url + "text/plain,a", "body": args{"model": "claude-haiku-4-5"}})
		assert.Equal(t, "POST", method)
		a.do("call", args{"url": url + "text/plain,a", "method": "DELETE"})
		assert.Equal(t, "DELETE", method)
	})
	t.Run("json", func(t *testing.T) {
		out := a.do("call", args{"url": url + `application/json,{"n":[1]}`})
		assert.Equal(t, args{"n": []any{1.0}}, out["body"])
	})
	t.Run("text", func(t *testing.T) {
		out := a.do("call", args{"url": url + "text/event-stream,data: a"})
		assert.Equal(t, "data: a", out["body"])
		assert.Equal(t, "text/event-stream", out["content_type"])
	})
	t.Run("too long", func(t *testing.T) {
		out := a.do("call", args{"url": url + `application/json,["LONG"]`})
		assert.Equal(t, true, out["truncated"])
		assert.Len(t, out["body"], 256<<10)
	})
	t.Run("image", func(t *testing.T) {
		result := a.call("call", args{"url": url + "image/png,%89PNG"})
		require.Len(t, result.Content, 1)
		assert.Equal(t, &mcp.ImageContent{Data: []byte("\x89PNG"), MIMEType: "image/png"}, result.Content[0])
		assert.NotContains(t, result.StructuredContent, "body")
	})
	t.Run("audio", func(t *testing.T) {
		result := a.call("call", args{"url": url + "audio/mpeg,%FF%FB"})
		require.Len(t, result.Content, 1)
		assert.Equal(t, &mcp.AudioContent{Data: []byte("\xff\xfb"), MIMEType: "audio/mpeg"}, result.Content[0])
	})
	t.Run("too large", func(t *testing.T) {
		result := a.call("call", args{"url": url + "image/png,HUGE"})
		assert.Equal(t, "Status 200, 5242880 bytes of image/png, which can't be shown.", text(result))
	})
	t.Run("other bytes", func(t *testing.T) {
		result := a.call("call", args{"url": url + "application/zip,%FF%FE"})
		assert.Equal(t, "Status 200, 2 bytes of application/zip, which can't be shown.", text(result))
	})
}

// Three arguments determine who pays.
func TestCallBilling(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	a := connect(t, account(s))
	customer := subscriber(t, s, "5")
	tests := map[string]struct {
		in       args
		customer string
		meter    bool
		charged  string
	}{
		"merchant":             {in: args{}, charged: "0"},
		"meter":                {in: args{"meter_slug": "requests"}, meter: true, charged: "0"},
		"customer":             {in: args{"customer_id": "ada", "meter_slug": "requests"}, customer: customer, meter: true, charged: "1"},
		"customer, not billed": {in: args{"customer_id": "ada", "meter_slug": "requests", "disable_billing": true}, customer: customer, meter: true, charged: "0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := credits(t, s, customer)
			test.in["url"] = "https://api.openai.com/v1/chat/completions"
			test.in["body"] = args{"model": "gpt-4o-mini", "messages": []args{{"role": "user", "content": "Hi"}}}
			test.in["metadata"] = args{"case": strings.ReplaceAll(name, " ", "")}
			out := a.do("call", test.in)
			record, err := s.Client().Requests.Retrieve(t.Context(), out["request_id"].(string))
			require.NoError(t, err)
			assert.Equal(t, test.customer, record.CustomerID)
			assert.Equal(t, test.meter, record.MeterID != "")
			assert.Equal(t, strings.ReplaceAll(name, " ", ""), record.Metadata["case"])
			assert.Equal(t, test.charged, before.Sub(credits(t, s, customer)).String())
		})
	}
}

// The tools act for the account they were given, regardless of the environment.
func TestEnvironmentIsNotRead(t *testing.T) {
	t.Setenv("LAVA_SECRET_KEY", "aks_test_environment")
	t.Setenv("LAVA_API_URL", "http://environment.invalid")
	s := mockserver.Start(t, mockserver.InMemory())
	login := connect(t, account(s)).do("login", nil)
	assert.Equal(t, args{"status": "logged_in", "api_url": s.URL() + "/v1/", "key_from": "a test"}, login)
}
