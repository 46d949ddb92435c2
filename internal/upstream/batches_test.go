package upstream_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// send sends a request that must succeed, and returns the body of the response.
func send(t *testing.T, f *upstream.Fake, method, target, body string) string {
	t.Helper()
	resp, got := ask(t, f, method, target, body)
	require.Equal(t, http.StatusOK, resp.StatusCode, got)
	return got
}

// uploaded uploads a file to OpenAI, and returns its id.
func uploaded(t *testing.T, f *upstream.Fake, purpose, content string) string {
	t.Helper()
	const boundary = "the-boundary"
	form := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n" + purpose + "\r\n--" + boundary +
		"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"requests.jsonl\"\r\nContent-Type: application/jsonl\r\n\r\n" + content +
		"\r\n--" + boundary + "--\r\n"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, openAIBase+"/files", strings.NewReader(form))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	resp, err := f.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var b strings.Builder
	require.NoError(t, resp.Write(&b))
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	assert.Equal(t, `"processed"`, at(t, body, "status"))
	return strings.Trim(at(t, body, "id"), `"`)
}

const batchFor = `","endpoint":"/v1/chat/completions","completion_window":"24h","metadata":{"customer_id":"user_123456789"}}`

// The lines are those of platform.openai.com/docs/guides/batch, with a third that the API rejects.
func TestBatch(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{Choose: func(_ *http.Request, _ string, facts dialect.Facts) upstream.Reply {
		if facts.Model == "gpt-3.5-turbo-0125" {
			return upstream.Reply{Text: "Hello.", Usage: &upstream.Usage{InputTokens: 20, OutputTokens: 2}}
		}
		return upstream.Reply{}
	}}
	file := uploaded(t, f, "batch", `{"custom_id": "request-1", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-3.5-turbo-0125", "messages": [{"role": "system", "content": "You are a helpful assistant."},{"role": "user", "content": "Hello world!"}],"max_tokens": 1000}}
{"custom_id": "request-2", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-3.5-turbo-0125", "messages": [{"role": "system", "content": "You are an unhelpful assistant."},{"role": "user", "content": "Hello world!"}],"max_tokens": 1000}}
{"custom_id": "request-3", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-3.5-turbo-0125", "messages": []}}`)
	created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+file+batchFor)
	id := strings.Trim(at(t, created, "id"), `"`)
	assert.Equal(t, `"validating"`, at(t, created, "status"))
	assert.JSONEq(t, `{"total":0,"completed":0,"failed":0}`, at(t, created, "request_counts"))
	assert.JSONEq(t, `{"customer_id":"user_123456789"}`, at(t, created, "metadata"))

	batch := send(t, f, "GET", openAIBase+"/batches/"+id, "")
	assert.Equal(t, batch, send(t, f, "GET", openAIBase+"/batches/"+id, ""))
	assert.Equal(t, `"completed"`, at(t, batch, "status"))
	assert.JSONEq(t, `{"total":3,"completed":2,"failed":1}`, at(t, batch, "request_counts"))
	assert.Equal(t, "44", at(t, batch, "usage", "total_tokens"))
	lines := strings.Split(send(t, f, "GET", openAIBase+"/files/"+strings.Trim(at(t, batch, "output_file_id"), `"`)+"/content", ""), "\n")
	require.Len(t, lines, 3) // the last is empty
	assert.Equal(t, `"request-2"`, at(t, lines[1], "custom_id"))
	assert.Equal(t, `"Hello."`, at(t, lines[1], "response", "body", "choices", 0, "message", "content"))
	// https://github.com/openai/openai-openapi/issues/302: the error is in the body of the response.
	failed := send(t, f, "GET", openAIBase+"/files/"+strings.Trim(at(t, batch, "error_file_id"), `"`)+"/content", "")
	assert.Equal(t, "400", at(t, failed, "response", "status_code"))
	assert.Equal(t, `"messages"`, at(t, failed, "response", "body", "error", "param"))
	assert.Equal(t, "null", at(t, failed, "error"))

	assert.Equal(t, `"cancelling"`, at(t, send(t, f, "POST", openAIBase+"/batches/"+id+"/cancel", ""), "status"))
	assert.Equal(t, `"cancelled"`, at(t, send(t, f, "GET", openAIBase+"/batches/"+id, ""), "status"))
}

// A file with faults is accepted, and its batch fails: github.com/stdapi-ai/stdapi.ai/issues/240 has the codes.
func TestFailedBatch(t *testing.T) {
	t.Parallel()
	const line = `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{}}`
	for _, test := range []struct{ name, content, want string }{
		{"no JSON", `{"custom_id":`, `{"code":"invalid_json_line","line":1,"message":"This line is not parseable as valid JSON.","param":null}`},
		{"the same id", line + "\n" + line, `{"code":"duplicate_custom_id","line":2,"message":"The custom_id 'a' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.","param":null}`},
		{"another endpoint", strings.Replace(line, "chat/completions", "responses", 1), `{"code":"url_mismatch","line":1,"message":"The URL provided for this request does not match the batch endpoint.","param":null}`},
		{"empty", "", `{"code":"empty_file","line":null,"message":"The input file is empty.","param":null}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &upstream.Fake{}
			created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+uploaded(t, f, "batch", test.content)+batchFor)
			batch := send(t, f, "GET", openAIBase+"/batches/"+strings.Trim(at(t, created, "id"), `"`), "")
			assert.Equal(t, `"failed"`, at(t, batch, "status"))
			assert.JSONEq(t, test.want, at(t, batch, "errors", "data", 0))
		})
	}
}

// https://github.com/danny-avila/LibreChat/issues/2632 quotes the first error.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	resp, body := ask(t, f, "GET", openAIBase+"/files/file-vyA4ivhKGPlD4hezlXpAtOGN", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, `"No such File object: file-vyA4ivhKGPlD4hezlXpAtOGN"`, at(t, body, "error", "message"))
	id := uploaded(t, f, "user_data", "Hello")
	resp, body = ask(t, f, "GET", openAIBase+"/files/"+id+"/content", "")
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"Not allowed to download files of purpose: user_data"`, at(t, body, "error", "message"))
	assert.Equal(t, "true", at(t, send(t, f, "DELETE", openAIBase+"/files/"+id, ""), "deleted"))
	resp, _ = ask(t, f, "GET", openAIBase+"/files/"+id, "")
	assert.Equal(t, 404, resp.StatusCode)
}

// The requests are those of platform.claude.com/docs/en/build-with-claude/batch-processing, with a third that the API
// rejects when it is processed.
func TestClaudeBatch(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	created := send(t, f, "POST", messagesURL+"/batches", `{"requests":[
		{"custom_id":"my-first-request","params":{"model":"claude-opus-4-8","max_tokens":1024,"messages":[{"role":"user","content":"Hello, world"}]}},
		{"custom_id":"my-second-request","params":{"model":"claude-opus-4-8","max_tokens":1024,"messages":[{"role":"user","content":"Hi again, friend"}]}},
		{"custom_id":"wrong","params":{"model":"claude-opus-4-8","messages":[]}}]}`)
	target := messagesURL + "/batches/" + strings.Trim(at(t, created, "id"), `"`)
	assert.Equal(t, `"in_progress"`, at(t, created, "processing_status"))
	assert.JSONEq(t, `{"processing":3,"succeeded":0,"errored":0,"canceled":0,"expired":0}`, at(t, created, "request_counts"))
	assert.Equal(t, "null", at(t, created, "results_url"))

	batch := send(t, f, "GET", target, "")
	assert.Equal(t, `"ended"`, at(t, batch, "processing_status"))
	assert.JSONEq(t, `{"processing":0,"succeeded":2,"errored":1,"canceled":0,"expired":0}`, at(t, batch, "request_counts"))
	assert.Equal(t, `"`+target+`/results"`, at(t, batch, "results_url"))
	lines := strings.Split(send(t, f, "GET", target+"/results", ""), "\n")
	require.Len(t, lines, 4) // the last is empty
	assert.Equal(t, `"succeeded"`, at(t, lines[1], "result", "type"))
	assert.Equal(t, `"This is a mock response to: Hi again, friend"`, at(t, lines[1], "result", "message", "content", 0, "text"))
	assert.Equal(t, `"errored"`, at(t, lines[2], "result", "type"))
	assert.Equal(t, `"invalid_request_error"`, at(t, lines[2], "result", "error", "error", "type"))

	assert.Equal(t, `"canceling"`, at(t, send(t, f, "POST", target+"/cancel", ""), "processing_status"))
	assert.Equal(t, `3`, at(t, send(t, f, "GET", target, ""), "request_counts", "canceled"))
	assert.Equal(t, `{"custom_id":"wrong","result":{"type":"canceled"}}`, strings.Split(send(t, f, "GET", target+"/results", ""), "\n")[2])
	assert.Equal(t, `"message_batch_deleted"`, at(t, send(t, f, "DELETE", target, ""), "type"))
	resp, _ := ask(t, f, "GET", target, "")
	assert.Equal(t, 404, resp.StatusCode)
}
