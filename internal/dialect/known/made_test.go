package known_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// madeImage is a response with an image (ai.google.dev/gemini-api/docs/image-generation).
const madeImage = `{"candidates":[{"content":{"role":"model","parts":[{"text":"Here:"},{"inlineData":{"mimeType":"image/png","data":"iVBORw0="},"thoughtSignature":"R2VtaW5p"}]},"finishReason":"STOP","index":0}],"modelVersion":"gemini-2.5-flash-image","responseId":"r"}`

// Generated images are sent in the client's format, whole and streamed; formats without a place for them get the
// rest.
func TestMadeImages(t *testing.T) {
	t.Parallel()
	r, err := Google.ReadResponse([]byte(madeImage))
	require.NoError(t, err)
	assert.Contains(t, string(OpenAI.WriteResponse(r)), `"content":"Here:","refusal":null,"extra_content":{"google":{"thought_signature":"R2VtaW5p"}},"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}}]`)
	assert.Contains(t, string(Bedrock.WriteResponse(r)), `{"text":"Here:"},{"image":{"format":"png","source":{"bytes":"iVBORw0="}}}`)
	assert.Contains(t, string(Anthropic.WriteResponse(r)), `{"type":"text","text":"Here:"}`)
	assert.NotContains(t, string(Anthropic.WriteResponse(r)), "iVBORw0=")
	for name, want := range map[string][]string{
		"openai":    {`"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0="}}]`},
		"bedrock":   {`{"contentBlockIndex":1,"start":{"image":{"format":"png"}}}`, `{"contentBlockIndex":1,"delta":{"image":{"source":{"bytes":"iVBORw0="}}}}`, `{"contentBlockIndex":1}`},
		"anthropic": {`"text":"Here:"`, `{"type":"message_stop"}`},
		"google":    {`{"inlineData":{"mimeType":"image/png","data":"iVBORw0="}}`},
	} {
		s := NewTranslator(Google, formats[name], &Request{}, opening)
		out := s.Event(nil, classOf(Google, "", []byte(madeImage)), "", []byte(madeImage))
		out, err := s.End(out, Usage{})
		require.NoError(t, err)
		for _, text := range want {
			assert.Contains(t, string(out), text, name)
		}
		for _, e := range eventsOf(t, formats[name], out) {
			assert.True(t, json.Valid(e.Data) || string(e.Data) == "[DONE]", "%s", e.Data)
		}
	}
}

// A refusal in OpenAI's format ends with a refusal, even if the finish reason is the usual one (the comment on
// ChatCompletionMessage.Refusal in openai-go).
func TestRefusalsOfModels(t *testing.T) {
	t.Parallel()
	const whole = `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I can't help with that."},"finish_reason":"stop"}]}`
	r, err := OpenAI.ReadResponse([]byte(whole))
	require.NoError(t, err)
	assert.Contains(t, string(Anthropic.WriteResponse(r)), `"stop_reason":"refusal"`)
	assert.Contains(t, string(Bedrock.WriteResponse(r)), `"stopReason":"content_filtered"`)
	assert.Contains(t, string(Google.WriteResponse(r)), `"finishReason":"SAFETY"`)
	s := NewTranslator(OpenAI, Anthropic, &Request{}, opening)
	var out []byte
	for _, data := range []string{
		`{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null}}]}`,
		`{"id":"c","choices":[{"index":0,"delta":{"refusal":"I can't"}}]}`,
		`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`,
	} {
		out = s.Event(out, classOf(OpenAI, "", []byte(data)), "", []byte(data))
	}
	out, err = s.End(out, Usage{})
	require.NoError(t, err)
	assert.Contains(t, string(out), `"stop_reason":"refusal"`)
	assert.Contains(t, string(out), `"text":"I can't"`)
}
