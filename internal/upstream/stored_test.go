package upstream_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// Only responses in the background can be canceled; one that is complete is returned unchanged
// (github.com/sgl-project/sglang/pull/38003).
func TestCancelResponse(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	made := send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":"Hello","background":true}`)
	target := openAIBase + "/responses/" + strings.Trim(at(t, made, "id"), `"`)
	assert.JSONEq(t, made, send(t, f, "POST", target+"/cancel", ""))

	made = send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":"Hello"}`)
	resp, body := ask(t, f, "POST", openAIBase+"/responses/"+strings.Trim(at(t, made, "id"), `"`)+"/cancel", "")
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"Cannot cancel a synchronous response."`, at(t, body, "error", "message"))
}

// "This is a list of all user messages, followed by a single compaction item" (openai-go's CompactedResponse).
func TestCompaction(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	body := send(t, f, "POST", openAIBase+"/responses/compact", `{"model":"gpt-5.1","input":[
		{"role":"user","content":"Create a simple landing page for a dog petting cafe."},
		{"id":"msg_001","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"text":"Below is a page."}],"role":"assistant"},
		{"role":"user","content":"Make it blue."}]}`)
	assert.Equal(t, `"response.compaction"`, at(t, body, "object"))
	assert.Equal(t, `"Create a simple landing page for a dog petting cafe."`, at(t, body, "output", 0, "content", 0, "text"))
	assert.Equal(t, `"Make it blue."`, at(t, body, "output", 1, "content", 0, "text"))
	assert.Equal(t, `"compaction"`, at(t, body, "output", 2, "type"))
	// The next request contains the compacted conversation.
	send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":`+at(t, body, "output")+`}`)
}

// platform.openai.com/docs/api-reference/chat/list: only completions with store true are stored.
func TestStoredChat(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	for _, stream := range []string{"", `,"stream":true`} {
		made := send(t, f, "POST", chatURL, `{"model":"gpt-4o","store":true,"metadata":{"foo":"bar"},"messages":[{"role":"user","content":"write a haiku about ai"}]`+stream+`}`)
		made, _, _ = strings.Cut(strings.TrimPrefix(made, "data: "), "\n")
		target := chatURL + "/" + strings.Trim(at(t, made, "id"), `"`)
		chat := send(t, f, "GET", target, "")
		assert.Equal(t, `"This is a mock response to: write a haiku about ai"`, at(t, chat, "choices", 0, "message", "content"))
		assert.Equal(t, `{"foo":"bar"}`, at(t, chat, "metadata"))
		messages := send(t, f, "GET", target+"/messages", "")
		assert.Equal(t, `"write a haiku about ai"`, at(t, messages, "data", 0, "content"))
		assert.Equal(t, `"chat.completion.deleted"`, at(t, send(t, f, "DELETE", target, ""), "object"))
		resp, _ := ask(t, f, "GET", target, "")
		assert.Equal(t, 404, resp.StatusCode)
	}
}

// The oldest objects make room for new ones.
func TestStoredObjectsAreLimited(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{RequestID: func(ctx context.Context) string { return ctx.Value(counting{}).(string) }}
	var ids []string
	for i := range 1001 {
		req, err := http.NewRequestWithContext(context.WithValue(t.Context(), counting{}, strconv.Itoa(i)), http.MethodPost, openAIBase+"/responses",
			strings.NewReader(`{"model":"gpt-5.1","input":"Hello"}`))
		require.NoError(t, err)
		resp, err := f.RoundTrip(req)
		require.NoError(t, err)
		var made struct{ ID string }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&made))
		ids = append(ids, made.ID)
	}
	f.RequestID = nil
	resp, _ := ask(t, f, "GET", openAIBase+"/responses/"+ids[0], "")
	assert.Equal(t, 404, resp.StatusCode)
	send(t, f, "GET", openAIBase+"/responses/"+ids[1], "")
	send(t, f, "GET", openAIBase+"/responses/"+ids[1000], "")
}

type counting struct{}
