package upstream_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// The requests are those of platform.openai.com/docs/api-reference/conversations. openai-go, ResponseConversation: "Input
// items and output items from this response were automatically added to this conversation."
func TestConversations(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const base = openAIBase + "/conversations"
	created := send(t, f, "POST", base, `{"metadata":{"topic":"demo"},"items":[{"type":"message","role":"user","content":"Hello!"}]}`)
	id := strings.Trim(at(t, created, "id"), `"`)
	assert.True(t, strings.HasPrefix(id, "conv_"))
	assert.JSONEq(t, `{"id":"`+id+`","object":"conversation","created_at":1767225600,"metadata":{"topic":"demo"}}`, created)
	target := base + "/" + id
	assert.JSONEq(t, created, send(t, f, "GET", target, ""))
	updated := send(t, f, "POST", target, `{"metadata":{"topic":"project-x"}}`)
	assert.JSONEq(t, strings.Replace(created, "demo", "project-x", 1), updated)

	added := send(t, f, "POST", target+"/items", `{"items":[{"type":"message","role":"user","content":[{"type":"input_text","text":"How are you?"}]},{"role":"assistant","content":"Fine."}]}`)
	assert.Equal(t, `"How are you?"`, at(t, added, "data", 0, "content", 0, "text"))
	assert.Equal(t, `"completed"`, at(t, added, "data", 0, "status"))
	assert.JSONEq(t, `{"type":"output_text","text":"Fine.","annotations":[]}`, at(t, added, "data", 1, "content", 0))

	for _, conversation := range []string{`"` + id + `"`, `{"id":"` + id + `"}`} {
		made := send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":"And you?","conversation":`+conversation+`}`)
		assert.JSONEq(t, `{"id":"`+id+`"}`, at(t, made, "conversation"))
		tokens, err := strconv.Atoi(at(t, made, "usage", "input_tokens"))
		require.NoError(t, err)
		assert.Greater(t, tokens, 6, "8 characters, and the conversation")
	}
	newest := send(t, f, "GET", target+"/items?limit=10", "")
	require.Len(t, listed(t, newest, "data", "id"), 7)
	assert.Equal(t, `"This is a mock response to: And you?"`, at(t, newest, "data", 0, "content", 0, "text"))
	assert.Equal(t, `"And you?"`, at(t, newest, "data", 1, "content", 0, "text"))
	oldest := send(t, f, "GET", target+"/items?order=asc&limit=1", "")
	assert.Equal(t, `"Hello!"`, at(t, oldest, "data", 0, "content", 0, "text"))
	assert.Equal(t, "true", at(t, oldest, "has_more"))

	item := target + "/items/" + strings.Trim(at(t, added, "data", 1, "id"), `"`)
	assert.Equal(t, `"Fine."`, at(t, send(t, f, "GET", item, ""), "content", 0, "text"))
	assert.JSONEq(t, updated, send(t, f, "DELETE", item, ""))
	for _, method := range []string{"GET", "DELETE"} {
		resp, _ := ask(t, f, method, item, "")
		assert.Equal(t, 404, resp.StatusCode)
	}
	assert.Len(t, listed(t, send(t, f, "GET", target+"/items", ""), "data", "id"), 6)

	assert.JSONEq(t, `{"id":"`+id+`","object":"conversation.deleted","deleted":true}`, send(t, f, "DELETE", target, ""))
	for _, request := range [][3]string{{"GET", target}, {"GET", target + "/items"}, {"POST", openAIBase + "/responses", `{"model":"gpt-5.1","input":"Hi","conversation":"` + id + `"}`}} {
		resp, got := ask(t, f, request[0], request[1], request[2])
		assert.Equal(t, 404, resp.StatusCode)
		assert.Equal(t, `"Conversation with id '`+id+`' not found."`, at(t, got, "error", "message"))
	}
}
