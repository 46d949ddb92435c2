package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
)

// The request that is admitted is the request that the provider reads: keys are matched exactly, and a repeated key
// is rejected.
func TestKeysOfBodies(t *testing.T) {
	t.Parallel()
	const messages = `"messages":[{"role":"user","content":"hi"}]`
	for _, path := range []string{chatPath, "/v1/rewrite/openai/https://api.openai.com/v1/chat/completions",
		"/v1/rewrite/openai/https://api.anthropic.com/v1/messages", "/v1/chat/completions", "/v1/forward?u=https://api.openai.com/v1/batches"} {
		for _, body := range []string{
			`{"model":"gpt-4o-mini","model":"gpt-4o",` + messages + `}`,
			`{"model":"gpt-4o-mini","mod\u0065l":"gpt-4o",` + messages + `}`,
			`{"model":"gpt-4o-mini",` + messages + `,"stream":true,"stream":false}`,
		} {
			r := newRig(t)
			got := r.do(t, "POST", path, body)
			assert.Equal(t, 400, got.status, got.body)
			assert.Contains(t, got.body, "twice")
			assert.Empty(t, r.admitted)
		}
		r := newRig(t, recording(&recorder{}))
		if strings.Contains(path, "anthropic") { // a translated body is parsed, and the error says so
			got := r.do(t, "POST", path, `{"Model":"gpt-4o-mini","model":"claude-sonnet-4-5",`+messages+`}`)
			assert.Equal(t, 400, got.status, got.body)
			assert.Contains(t, got.body, `"param":"Model"`)
			assert.Empty(t, r.admitted)
			continue
		}
		r.do(t, "POST", path, `{"Model":"gpt-4o-mini","model":"gpt-4o","MODEL":"gpt-4.1-nano",`+messages+`}`)
		require.Len(t, r.admitted, 1)
		assert.Equal(t, "gpt-4o", r.admitted[0].Model)
	}
	r := newRig(t)
	got := r.do(t, "POST", chatPath, `{"Model":"gpt-4o-mini",`+messages+`}`)
	assert.Equal(t, "forward_model_invalid", got.code())

	const translated = "/v1/rewrite/openai/https://api.anthropic.com/v1/messages"
	got = r.do(t, "POST", translated, `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi","content":"ho"}]}`)
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, "messages[0].content: appears twice")
	got = r.do(t, "POST", translated, `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi","Content":"ho"}]}`)
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, "messages[0].Content: is not a field")

	form := "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-4o-transcribe\r\n--x--\r\n"
	got = r.do(t, "POST", "/v1/forward?u=https://api.openai.com/v1/audio/transcriptions", form, "Content-Type", "multipart/form-data; boundary=x")
	assert.Equal(t, 400, got.status)
	assert.Contains(t, got.body, "twice")
}

func TestBodies(t *testing.T) {
	t.Parallel()
	t.Run("over the limit", func(t *testing.T) {
		t.Parallel()
		g := newGateway(gateway.Config{Billing: &ledger{}, MaxBody: 100})
		req := httptest.NewRequestWithContext(t.Context(), "POST", chatPath, strings.NewReader(`{"model":"gpt-4o","messages":"`+strings.Repeat("x", 100)+`"}`))
		req.Header.Set("Authorization", "Bearer "+goodKey)
		w := httptest.NewRecorder()
		g.Forward(w, req)
		assert.Equal(t, 413, w.Code)
		assert.Equal(t, "payload_too_large", reply{body: w.Body.String()}.code())
	})
	t.Run("malformed JSON", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		got := r.do(t, "POST", chatPath, `{"model":`)
		assert.Equal(t, 400, got.status)
		assert.Equal(t, "invalid_request", got.code())
		assert.Contains(t, got.body, "body")
	})
}
