package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// A provider's refusal says which rule was broken, whole or translated, and the
// option lets the request pass.
func TestLenient(t *testing.T) {
	t.Parallel()
	const (
		forward   = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
		translate = "/v1/rewrite/anthropic/https://api.openai.com/v1/chat/completions"
		body      = `{"model":"gpt-4o","top_k":1,"messages":[{"role":"user","content":"x"}]}`
	)
	strict := mockserver.Start(t)
	got := sendAs(t, strict, strict.SecretKey(), "POST", forward, body)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "openai.unknown-parameter", got.header.Get("X-Lavamock-Rule"))
	assert.JSONEq(t, `{"error":{"message":"Unrecognized request argument supplied: top_k","type":"invalid_request_error","param":null,"code":null}}`, string(got.body))

	strict.Script(mockserver.Reply{Status: 400, Header: http.Header{"X-Lavamock-Rule": {"openai.stop"}}})
	got = sendAs(t, strict, strict.SecretKey(), "POST", translate, `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "openai.stop", got.header.Get("X-Lavamock-Rule"), "headers of a translated refusal")

	for _, option := range []mockserver.Option{mockserver.Lenient(), mockserver.Lenient("openai.unknown-parameter")} {
		lenient := mockserver.Start(t, option)
		assert.Equal(t, 200, sendAs(t, lenient, lenient.SecretKey(), "POST", forward, body).status)
	}
	other := mockserver.Start(t, mockserver.Lenient("openai.stop"))
	assert.Equal(t, 400, sendAs(t, other, other.SecretKey(), "POST", forward, body).status)

	_, err := mockserver.New(mockserver.Lenient("openai.stops"))
	require.ErrorContains(t, err, `there is no rule "openai.stops"`)
}
