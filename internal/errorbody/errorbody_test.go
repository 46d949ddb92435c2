package errorbody_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/errorbody"
)

// Bodies from providers, their frameworks and their proxies.
func TestMessage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, want string }{
		{"OpenAI", `{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}`, "Rate limit reached"},
		{"Google's list", `[{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}]`, "Invalid value"},
		{"Hugging Face", `{"error":"too many tokens: 9","error_type":"validation"}`, "too many tokens: 9"},
		{"Mistral", `{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}`, "Invalid model: x"},
		{"Mistral, validation", `{"object":"error","message":{"detail":[{"type":"missing","loc":["body","model"],"msg":"Field required","input":{}}]},"type":"invalid_request_error"}`, "model: Field required"},
		{"FastAPI", `{"detail":[{"loc":["body","messages",0,"content"],"msg":"field required","type":"value_error.missing"},{"loc":["body","n"],"msg":"too large","type":"x"}]}`, "messages.0.content: field required; n: too large"},
		{"FastAPI's exception", `{"detail":"Not Found"}`, "Not Found"},
		{"ElevenLabs", `{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}`, "Invalid API key"},
		{"Bedrock", `{"message":"The provided model identifier is invalid."}`, "The provided model identifier is invalid."},
		{"Amazon's front", `{"Message":"User is not authorized"}`, "User is not authorized"},
		{"Cloudflare", `{"success":false,"errors":[{"code":7003,"message":"Could not route"},{"message":"No route"}],"messages":[],"result":null}`, "Could not route; No route"},
		{"list of texts", `{"errors":["a is wrong","b is wrong"]}`, "a is wrong; b is wrong"},
		{"by field", `{"errors":{"b":["is wrong"],"a":["is missing","is odd"]}}`, "a: is missing; is odd; b: is wrong"},
		{"a problem document", `{"type":"about:blank","title":"Bad Request","status":400,"detail":"n must be 1"}`, "n must be 1"},
		{"a title alone", `{"title":"Bad Request","status":400}`, "Bad Request"},
		{"OAuth", `{"error":"invalid_grant","error_description":"The token has expired"}`, "The token has expired"},
		{"Spring", `{"timestamp":"x","status":404,"error":"Not Found","message":"No message available","path":"/v1"}`, "No message available"},
		{"OpenRouter, in a choice", `{"id":"gen-1","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream error"}}]}`, "Upstream error"},
		{"text in JSON", `"model is overloaded"`, "model is overloaded"},
		{"text", " upstream connect error\n", "upstream connect error"},
		{"nginx", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center></body></html>", "502 Bad Gateway"},
		{"a page without a title", `<!DOCTYPE html><h1 class="x">Service <b>Unavailable</b> &amp; more</h1>`, "Service Unavailable & more"},
		{"XML", `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`, "Access Denied"},
		{"no words", `{"error":{"code":5},"message":null,"detail":[]}`, ""},
		{"nothing", ``, ""},
		{"an empty object", `{}`, ""},
		{"cut", `{"error":{"mess`, ""},
		{"a page without words", `<html></html>`, ""},
		{"long", strings.Repeat("ü", 800), strings.Repeat("ü", 500) + "..."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, errorbody.Message([]byte(test.body)))
		})
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]errorbody.Kind{
		`{"error":{"code":429,"message":"x"}}`:                                   {Status: 429},
		`{"choices":[{"error":{"code":502,"message":"x"}}]}`:                     {Status: 502},
		`{"error":{"type":"requests","code":"rate_limit_exceeded"}}`:             {Words: []string{"rate_limit_exceeded", "requests"}},
		`{"response":{"status":"failed","error":{"code":"server_error"}}}`:       {Words: []string{"server_error", "failed"}},
		`{"__type":"com.amazon.coral.service#ThrottlingException"}`:              {Words: []string{"ThrottlingException"}},
		`{"object":"error","message":"x","type":"BadRequestError","code":"400"}`: {Status: 400, Words: []string{"BadRequestError"}},
		`[{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT"}}]`:     {Status: 400, Words: []string{"INVALID_ARGUMENT"}},
		`{"error":{"code":1113}}`:                                                {},
		`{"error":"x"}`:                                                          {},
		`[`:                                                                      {},
	} {
		assert.Equal(t, want, errorbody.KindOf([]byte(body)), body)
	}
}
