package upstream_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// A response in the background is queued until it is asked for. It can be canceled until then; canceling again
// changes nothing, and others can't be canceled (github.com/BerriAI/litellm/pull/19899 has such responses).
func TestBackgroundResponses(t *testing.T) {
	t.Parallel()
	const url = "https://api.openai.com/v1/responses"
	const create = `{"model":"gpt-5.1","input":"Count to 100","background":true}`
	for _, c := range []struct {
		name, first, want, output string
	}{
		{"waiting", "GET", `"completed"`, `"This is a mock response to: Count to 100"`},
		{"canceling", "POST", `"cancelled"`, "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var fake upstream.Fake
			_, created := ask(t, &fake, "POST", url, create)
			assert.Equal(t, `"queued"`, at(t, created, "status"))
			assert.Equal(t, "[]", at(t, created, "output"))
			assert.Equal(t, "null", at(t, created, "usage"))
			id := strings.Trim(at(t, created, "id"), `"`)
			for _, method := range []string{c.first, "GET", "POST"} {
				path := url + "/" + id
				if method == "POST" {
					path += "/cancel"
				}
				resp, got := ask(t, &fake, method, path, "")
				assert.Equal(t, 200, resp.StatusCode)
				assert.Equal(t, c.want, at(t, got, "status"))
				if c.output == "null" {
					assert.Equal(t, "[]", at(t, got, "output"))
				} else {
					assert.Equal(t, c.output, at(t, got, "output", 0, "content", 0, "text"))
				}
			}
		})
	}
	var fake upstream.Fake
	_, created := ask(t, &fake, "POST", url, `{"model":"gpt-5.1","input":"Count to 100"}`)
	resp, got := ask(t, &fake, "POST", url+"/"+strings.Trim(at(t, created, "id"), `"`)+"/cancel", "")
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"Cannot cancel a synchronous response."`, at(t, got, "error", "message"))
}

// "background mode stores response data for roughly 10 minutes to enable polling"
// (developers.openai.com/api/docs/guides/background), also with store false.
func TestBackgroundResponsesAreStored(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	for store, want := range map[string]int{`"background":true,"store":false`: 200, `"background":true`: 200, `"store":false`: 404} {
		created := send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":"Hello",`+store+`}`)
		resp, _ := ask(t, f, "GET", openAIBase+"/responses/"+strings.Trim(at(t, created, "id"), `"`), "")
		assert.Equal(t, want, resp.StatusCode, store)
	}
}

// The SDKs stream a response again with stream=true, and go on after an event with starting_after ("The sequence number of
// the event after which to start streaming", openai-go's ResponseGetParams).
func TestStreamingResponsesAgain(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const create = `{"model":"gpt-5.1","input":"Hello","background":true,"stream":true}`
	first := send(t, f, "POST", openAIBase+"/responses", create)
	events := strings.SplitAfter(first, "\n\n")
	_, created, _ := strings.Cut(events[0], "data: ")
	target := openAIBase + "/responses/" + strings.Trim(at(t, strings.TrimSpace(created), "response", "id"), `"`)
	assert.Equal(t, first, send(t, f, "GET", target+"?stream=true", ""))
	assert.Equal(t, strings.Join(events[4:], ""), send(t, f, "GET", target+"?stream=true&starting_after=3", ""))
	assert.Empty(t, send(t, f, "GET", target+"?stream=true&starting_after=1000", ""))
	assert.JSONEq(t, `"completed"`, at(t, send(t, f, "GET", target+"?stream=false", ""), "status"))
	resp, _ := ask(t, f, "GET", target+"?stream=true&starting_after=last", "")
	assert.Equal(t, 400, resp.StatusCode)
}

// A response that was created without a stream has the same events. One that was canceled has none.
func TestStreamingWaitingResponses(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	for _, cancel := range []bool{false, true} {
		created := send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":"Hello","background":true}`)
		target := openAIBase + "/responses/" + strings.Trim(at(t, created, "id"), `"`)
		if cancel {
			send(t, f, "POST", target+"/cancel", "")
			resp, _ := ask(t, f, "GET", target+"?stream=true", "")
			assert.Equal(t, 400, resp.StatusCode)
			continue
		}
		streamed := send(t, f, "GET", target+"?stream=true", "")
		assert.Contains(t, streamed, `"type":"response.output_text.delta"`)
		assert.Contains(t, streamed, "event: response.completed\n")
	}
}

// "all the previous inputs are charged" (community.openai.com/t/1327213).
func TestChainedResponsesCountTheConversation(t *testing.T) {
	t.Parallel()
	var fake upstream.Fake
	const url = "https://api.openai.com/v1/responses"
	_, first := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"`+strings.Repeat("word ", 80)+`"}`) // 400 characters
	assert.Equal(t, "100", at(t, first, "usage", "input_tokens"))
	_, second := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"And?","previous_response_id":`+at(t, first, "id")+`}`)
	var said int
	require.NoError(t, json.Unmarshal([]byte(at(t, first, "usage", "output_tokens")), &said))
	assert.Equal(t, strconv.Itoa(100+said+1), at(t, second, "usage", "input_tokens"))
}

// The result of a tool is required in a chain too (github.com/Azure/azure-sdk-for-python/issues/46092).
func TestChainedResponsesNeedTheResultsOfTools(t *testing.T) {
	t.Parallel()
	var fake upstream.Fake
	const url = "https://api.openai.com/v1/responses"
	_, first := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"Hello","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}}}],"tool_choice":"required"}`)
	call, id := at(t, first, "output", 0, "call_id"), at(t, first, "id")
	resp, got := ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":"Go on","previous_response_id":`+id+`}`)
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"No tool output found for function call `+strings.Trim(call, `"`)+`."`, at(t, got, "error", "message"))
	resp, got = ask(t, &fake, "POST", url, `{"model":"gpt-4o","input":[{"type":"function_call_output","call_id":`+call+`,"output":"22"}],"previous_response_id":`+id+`}`)
	assert.Equal(t, 200, resp.StatusCode, got)
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
