package upstream_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// The inputs and the flags of texts are those of platform.openai.com/docs/api-reference/moderations/create.
func TestModerations(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	body := send(t, f, "POST", openAIBase+"/moderations", `{"input":"I want to kill them."}`)
	assert.Equal(t, `"omni-moderation-latest"`, at(t, body, "model"))
	assert.JSONEq(t, `{"harassment":true,"harassment/threatening":true,"hate":false,"hate/threatening":false,"illicit":false,"illicit/violent":false,
		"self-harm":false,"self-harm/instructions":false,"self-harm/intent":false,"sexual":false,"sexual/minors":false,"violence":true,"violence/graphic":false}`,
		at(t, body, "results", 0, "categories"))
	assert.Equal(t, "true", at(t, body, "results", 0, "flagged"))
	assert.Equal(t, "0.98", at(t, body, "results", 0, "category_scores", "violence"))
	assert.Equal(t, `["text"]`, at(t, body, "results", 0, "category_applied_input_types", "hate"))

	body = send(t, f, "POST", openAIBase+"/moderations", `{"model":"omni-moderation-latest","input":[{"type":"text","text":"...text to classify goes here..."},
		{"type":"image_url","image_url":{"url":"https://example.com/image.png"}}]}`)
	assert.Equal(t, 1, strings.Count(body, `"flagged"`), "the parts of one input")
	assert.Equal(t, `["text","image"]`, at(t, body, "results", 0, "category_applied_input_types", "sexual"))
	assert.Equal(t, `["text"]`, at(t, body, "results", 0, "category_applied_input_types", "sexual/minors"))

	body = send(t, f, "POST", openAIBase+"/moderations", `{"model":"omni-moderation-latest","input":[{"type":"image_url","image_url":{"url":"https://example.com/image.png"}}]}`)
	assert.Equal(t, `[]`, at(t, body, "results", 0, "category_applied_input_types", "hate"))
	assert.Equal(t, `0`, at(t, body, "results", 0, "category_scores", "hate"))

	body = send(t, f, "POST", openAIBase+"/moderations", `{"input":["I like it.","a text about violence/graphic"]}`)
	assert.Equal(t, `false`, at(t, body, "results", 0, "flagged"))
	assert.Equal(t, `true`, at(t, body, "results", 1, "categories", "violence"))

	// https://github.com/64bit/async-openai/issues/355
	body = send(t, f, "POST", openAIBase+"/moderations", `{"model":"text-moderation-latest","input":["Lions want to kill","I hate them"]}`)
	assert.Contains(t, body, `"violence/graphic"`)
	assert.NotContains(t, body, "illicit")
}

// docs.mistral.ai/capabilities/guardrailing: texts, and conversations, whose last message is moderated.
func TestMistralModerations(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const base = "https://api.mistral.ai/v1/"
	body := send(t, f, "POST", base+"moderations", `{"model":"mistral-moderation-latest","input":["...text to classify...","I want to kill them."]}`)
	assert.Equal(t, "false", at(t, body, "results", 0, "categories", "violence_and_threats"))
	assert.Equal(t, "true", at(t, body, "results", 1, "categories", "violence_and_threats"))
	assert.NotContains(t, body, "flagged")
	const chat = `[{"role":"user","content":"I want to kill them."},{"role":"assistant","content":"...the assistant response..."}]`
	body = send(t, f, "POST", base+"chat/moderations", `{"model":"mistral-moderation-latest","input":`+chat+`}`)
	assert.Equal(t, "false", at(t, body, "results", 0, "categories", "violence_and_threats"))
	body = send(t, f, "POST", base+"chat/moderations", `{"model":"mistral-moderation-latest","input":[`+chat+`,[{"role":"user","content":"I will kill you."}]]}`)
	assert.Equal(t, "true", at(t, body, "results", 1, "categories", "violence_and_threats"))
}
