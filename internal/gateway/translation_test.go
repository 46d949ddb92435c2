package gateway_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// A provider's rejections are returned in the client's format, with the same status, also inside a stream.
func TestRewriteErrors(t *testing.T) {
	t.Parallel()
	codes := map[string]string{
		"openai": `"code":"rate_limit_exceeded"`, "anthropic": `"type":"rate_limit_error"`, "google": `"status":"RESOURCE_EXHAUSTED"`, "bedrock": `"__type":"ThrottlingException"`,
	}
	streams := map[string]string{
		"openai": "data: {\"error\":{", "anthropic": "event: error\n", "google": "data: {\"error\":{", "bedrock": "Exception",
	}
	for client, bodies := range conversations {
		for _, to := range destinations {
			if client == to.name {
				continue
			}
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.fake.Choose = always(upstream.Reply{Status: 429, Message: "slow down", Header: http.Header{"Retry-After": {"7"}}})
				got := r.do(t, "POST", gateway.RewritePrefix+client+"/"+to.url, bodies(to.model)[0])
				assert.Equal(t, 429, got.status)
				assert.Equal(t, "7", got.header.Get("Retry-After"))
				assert.Contains(t, got.body, codes[client])
				assert.Contains(t, got.body, "slow down")
				assert.True(t, r.last(t).Failed)

				r.fake.Choose = always(upstream.Reply{Fault: upstream.ErrorAfter(2)})
				path, body := streamed(client, to, bodies(to.model)[0])
				got = r.do(t, "POST", path, body)
				assert.Equal(t, 200, got.status)
				assert.Contains(t, got.body, streams[client])
				for _, end := range []string{"[DONE]", "message_stop", "messageStop", "finishReason"} {
					assert.NotContains(t, got.body, end)
				}
				assert.True(t, r.last(t).Failed)
			})
		}
	}
}

// Headers of the client's format are removed, and those that the provider needs are added.
func TestRewriteHeaders(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json", `{"id":"m","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":1,"output_tokens":2}}`, "Content-Encoding", "identity")}
	r := newRig(t, recording(p))
	got := r.do(t, "POST", gateway.RewritePrefix+"openai/https://api.anthropic.com/v1/messages", strings.Replace(chatBody, "gpt-4o-mini", "claude-sonnet-4-5", 1),
		"Authorization", "Bearer "+token(map[string]any{"provider_key": "sk-mine"}), "OpenAI-Organization", "org", "Anthropic-Beta", "x", "User-Agent", "sdk/1", "Accept", "text/event-stream")
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, http.Header{
		"X-Api-Key": {"sk-mine"}, "Anthropic-Version": {"2023-06-01"}, "Anthropic-Beta": {"x"}, "Content-Type": {"application/json"},
		"Accept-Encoding": {"identity"}, "User-Agent": {"sdk/1"},
	}, p.header)
	assert.Empty(t, got.header.Get("Content-Encoding"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))
}

// A model's thoughts are shown in each format.
func TestRewriteThoughts(t *testing.T) {
	t.Parallel()
	for client, bodies := range conversations {
		for _, to := range destinations {
			t.Run(client+" to "+to.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				r.fake.Choose = always(upstream.Reply{Reasoning: "Pondering", Text: "Yes."})
				got := r.do(t, "POST", gateway.RewritePrefix+client+"/"+to.url, bodies(to.model)[0])
				assert.Contains(t, got.body, "Pondering")
				assert.Contains(t, got.body, "Yes.")
				path, body := streamed(client, to, bodies(to.model)[0])
				got = r.do(t, "POST", path, body)
				assert.Contains(t, got.body, "Pondering")
				assert.Contains(t, got.body, "Yes.")
			})
		}
	}
}

// A body that isn't a response in the format is the provider's fault, and not charged.
func TestRewriteUnreadableResponses(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", "", "["} {
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", body)}))
		got := r.do(t, "POST", gateway.RewritePrefix+"openai/https://api.anthropic.com/v1/messages", strings.Replace(chatBody, "gpt-4o-mini", "claude-sonnet-4-5", 1))
		assert.Equal(t, 502, got.status, got.body)
		assert.True(t, r.last(t).Failed)
	}
}

// An error that comes with the status of a success is returned in the provider's words, with the status that it
// names, and is not charged.
func TestRewriteErrorsInSuccesses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		body, words string
		status      int
	}{
		// https://openrouter.ai/docs/api-reference/errors, https://github.com/BerriAI/litellm/pull/21755
		{`{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-min"},"user_id":"u"}`, "Rate limit exceeded", 429},
		// https://github.com/nodetool-ai/nodetool/pull/5755
		{`{"id":"gen-1","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream error from Nvidia"}}]}`, "Upstream error from Nvidia", 502},
		{`{"error":{"code":"rate_limit_exceeded","message":"no number"}}`, "no number", 429},
		{`{"error":{"code":"E1113","message":"no word"}}`, "no word", 502},
	} {
		r := newRig(t, recording(&recorder{respond: responding(200, "application/json", test.body)}))
		got := r.do(t, "POST", gateway.RewritePrefix+"anthropic/https://openrouter.ai/api/v1/chat/completions", strings.Replace(chatBody, "gpt-4o-mini", "openai/gpt-4o-mini", 1))
		assert.Equal(t, test.status, got.status, got.body)
		assert.Contains(t, got.body, test.words)
		assert.Contains(t, got.body, `"type":"error"`)
		assert.True(t, r.last(t).Failed)
	}
}

// Streams end and fail as package ending determines, whatever the translator does with the event itself.
func TestRewriteStreamEnds(t *testing.T) {
	t.Parallel()
	const (
		chat     = gateway.RewritePrefix + "anthropic/https://api.openai.com/v1/chat/completions"
		generate = gateway.RewritePrefix + "openai/https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent"
		chunk    = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n"
	)
	for _, test := range []struct {
		name, path, model, stream string
		failed                    bool
		want                      string
	}{
		{"a heartbeat", chat, "gpt-4o", chunk + "data:\n\ndata: [DONE]\n\n", false, "message_stop"},
		{"an error as text", chat, "gpt-4o", "data: {\"error\":\"overloaded\"}\n\n", true, "event: error"},
		{"an error that is not first", chat, "gpt-4o", "data: {\"id\":\"c\",\"choices\":[],\"error\":{\"message\":\"busy\"}}\n\n", true, "busy"},
		{"no error, first", chat, "gpt-4o", "data: {\"error\":null," + strings.TrimPrefix(chunk, "data: {") + "data: [DONE] \n\n", false, "message_stop"},
		{"an error without framing (theopenco/llmgateway#3616)", generate, "gemini-2.5-flash", "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Part\"}]}}]}\r\n\r\n{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"This model is currently experiencing high demand.\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}", true, "high demand"},
		{"a blocked prompt", generate, "gemini-2.5-flash", "data: {\"promptFeedback\":{\"safetyRatings\":[]},\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n", false, `"finish_reason":"content_filter"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, recording(&recorder{respond: responding(200, "text/event-stream", test.stream)}))
			body := `{"model":"` + test.model + `","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hello"}]}`
			got := r.do(t, "POST", test.path, body)
			assert.Equal(t, 200, got.status, got.body)
			assert.Contains(t, got.body, test.want)
			assert.Equal(t, test.failed, r.last(t).Failed)
		})
	}
}
