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

	// The SDK's ConflictError in BerriAI/litellm, tests/batches_tests/test_openai_batches_and_files.py.
	resp, rejected := ask(t, f, "POST", openAIBase+"/batches/"+id+"/cancel", "")
	assert.Equal(t, 409, resp.StatusCode)
	assert.Equal(t, `"Cannot cancel a batch with status 'completed'."`, at(t, rejected, "error", "message"))
	assert.Equal(t, batch, send(t, f, "GET", openAIBase+"/batches/"+id, ""))
}

// "The batch will be in status cancelling for up to 10 minutes, before changing to cancelled, where it will have partial
// results (if any) available in the output file" (openai-go): before a batch is retrieved, it has none.
func TestCanceledBatch(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	file := uploaded(t, f, "batch", `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}}`)
	created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+file+batchFor)
	target := openAIBase + "/batches/" + strings.Trim(at(t, created, "id"), `"`)
	for range 2 { // it can be repeated
		assert.Equal(t, `"cancelling"`, at(t, send(t, f, "POST", target+"/cancel", ""), "status"))
	}
	canceled := send(t, f, "GET", target, "")
	assert.Equal(t, `"cancelled"`, at(t, canceled, "status"))
	assert.JSONEq(t, `{"total":0,"completed":0,"failed":0}`, at(t, canceled, "request_counts"))
	assert.Equal(t, "null", at(t, canceled, "output_file_id"))
	assert.NotEqual(t, "null", at(t, canceled, "cancelled_at"))
	resp, _ := ask(t, f, "POST", target+"/cancel", "")
	assert.Equal(t, 409, resp.StatusCode)
}

// Requests of a batch that fail although their bodies are right. A model that the batch API does not have is a 404 in the
// file of errors (github.com/openai/openai-python/issues/3071).
func TestBatchesOfRequestsThatCannotBeBatched(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, body, status, code string }{
		{"no such model", `{"model":"gpt-9-imaginary","messages":[{"role":"user","content":"Hi"}]}`, "404", `"model_not_found"`},
		{"a stream", `{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}`, "400", "null"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &upstream.Fake{}
			file := uploaded(t, f, "batch", `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":`+test.body+`}`)
			created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+file+batchFor)
			batch := send(t, f, "GET", openAIBase+"/batches/"+strings.Trim(at(t, created, "id"), `"`), "")
			assert.Equal(t, `"completed"`, at(t, batch, "status"))
			assert.JSONEq(t, `{"total":1,"completed":0,"failed":1}`, at(t, batch, "request_counts"))
			assert.Equal(t, "null", at(t, batch, "output_file_id"))
			failed := send(t, f, "GET", openAIBase+"/files/"+strings.Trim(at(t, batch, "error_file_id"), `"`)+"/content", "")
			assert.Equal(t, test.status, at(t, failed, "response", "status_code"))
			assert.Equal(t, test.code, at(t, failed, "response", "body", "error", "code"))
		})
	}
	// Models that use no tokens are not in the catalog.
	f := &upstream.Fake{}
	moderated := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+uploaded(t, f, "batch", `{"custom_id":"a","method":"POST","url":"/v1/moderations","body":{"model":"omni-moderation-latest","input":"Hi"}}`)+
		strings.Replace(batchFor, "chat/completions", "moderations", 1))
	assert.Equal(t, "1", at(t, send(t, f, "GET", openAIBase+"/batches/"+strings.Trim(at(t, moderated, "id"), `"`), ""), "request_counts", "completed"))

	f = &upstream.Fake{AllowUnknownModels: true}
	file := uploaded(t, f, "batch", `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-9-imaginary","messages":[{"role":"user","content":"Hi"}]}}`)
	created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+file+batchFor)
	batch := send(t, f, "GET", openAIBase+"/batches/"+strings.Trim(at(t, created, "id"), `"`), "")
	assert.JSONEq(t, `{"total":1,"completed":1,"failed":0}`, at(t, batch, "request_counts"))
}

// A reply may be no JSON.
func TestBatchWithText(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{Choose: func(_ *http.Request, _ string, facts dialect.Facts) upstream.Reply {
		if facts.Model == "gpt-4o" {
			return upstream.Reply{Body: []byte("plain"), ContentType: "text/plain"}
		}
		return upstream.Reply{}
	}}
	file := uploaded(t, f, "batch", `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}}`)
	created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+file+batchFor)
	batch := send(t, f, "GET", openAIBase+"/batches/"+strings.Trim(at(t, created, "id"), `"`), "")
	output := send(t, f, "GET", openAIBase+"/files/"+strings.Trim(at(t, batch, "output_file_id"), `"`)+"/content", "")
	assert.Equal(t, `"plain"`, at(t, output, "response", "body"))
}

// A file with faults is accepted, and its batch fails: github.com/stdapi-ai/stdapi.ai/issues/240 has the codes.
func TestFailedBatch(t *testing.T) {
	t.Parallel()
	const line = `{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{}}`
	for _, test := range []struct{ name, content, want string }{
		{"no JSON", `{"custom_id":`, `{"code":"invalid_json_line","line":1,"message":"This line is not parseable as valid JSON.","param":null}`},
		{"the same id", line + "\n" + line, `{"code":"duplicate_custom_id","line":2,"message":"The custom_id 'a' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.","param":null}`},
		{"another endpoint", strings.Replace(line, "chat/completions", "responses", 1), `{"code":"url_mismatch","line":1,"message":"The URL provided for this request does not match the batch endpoint.","param":null}`},
		// "each input file can only include requests to a single model" (platform.openai.com/docs/guides/batch); Alibaba's
		// compatible API documents the message (alibabacloud.com/help/en/model-studio/error-code).
		{"two models", strings.Replace(line, "{}", `{"model":"gpt-4o"}`, 1) + "\n" + strings.NewReplacer(`"a"`, `"b"`, "{}", `{"model":"gpt-4o-mini"}`).Replace(line),
			`{"code":"mismatched_model","line":2,"message":"The model 'gpt-4o-mini' for this request does not match the rest of the batch. Each batch must contain requests for a single model.","param":null}`},
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
	id := strings.Trim(at(t, created, "id"), `"`)
	target := messagesURL + "/batches/" + id
	assert.Equal(t, `"in_progress"`, at(t, created, "processing_status"))
	assert.JSONEq(t, `{"processing":3,"succeeded":0,"errored":0,"canceled":0,"expired":0}`, at(t, created, "request_counts"))
	assert.Equal(t, "null", at(t, created, "results_url"))
	resp, early := ask(t, f, "GET", target+"/results", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, `"Message Batch `+id+` has no available results."`, at(t, early, "error", "message"))

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

	// "Batches may be canceled any time before processing ends."
	resp, _ = ask(t, f, "POST", target+"/cancel", "")
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, batch, send(t, f, "GET", target, ""))
	assert.Equal(t, `"message_batch_deleted"`, at(t, send(t, f, "DELETE", target, ""), "type"))
	resp, _ = ask(t, f, "GET", target, "")
	assert.Equal(t, 404, resp.StatusCode)
}

// "Message Batches can only be deleted once they've finished processing. If you'd like to delete an in-progress batch, you
// must first cancel it" (platform.claude.com/docs/en/api/deleting-message-batches).
func TestCanceledClaudeBatch(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	created := send(t, f, "POST", messagesURL+"/batches", `{"requests":[
		{"custom_id":"c-1","params":{"model":"claude-opus-4-8","max_tokens":5,"messages":[{"role":"user","content":"1"}]}},
		{"custom_id":"c-2","params":{"model":"claude-opus-4-8","max_tokens":5,"messages":[{"role":"user","content":"2"}]}}]}`)
	target := messagesURL + "/batches/" + strings.Trim(at(t, created, "id"), `"`)
	resp, rejected := ask(t, f, "DELETE", target, "")
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"In progress batches cannot be deleted. Consider canceling the batch instead."`, at(t, rejected, "error", "message"))
	for range 2 { // it can be repeated
		canceling := send(t, f, "POST", target+"/cancel", "")
		assert.Equal(t, `"canceling"`, at(t, canceling, "processing_status"))
		assert.JSONEq(t, `{"processing":2,"succeeded":0,"errored":0,"canceled":0,"expired":0}`, at(t, canceling, "request_counts"))
		assert.NotEqual(t, "null", at(t, canceling, "cancel_initiated_at"))
	}
	ended := send(t, f, "GET", target, "")
	assert.Equal(t, `"ended"`, at(t, ended, "processing_status"))
	assert.JSONEq(t, `{"processing":0,"succeeded":0,"errored":0,"canceled":2,"expired":0}`, at(t, ended, "request_counts"))
	assert.Equal(t, `{"custom_id":"c-2","result":{"type":"canceled"}}`, strings.Split(send(t, f, "GET", target+"/results", ""), "\n")[1])
	send(t, f, "DELETE", target, "")
}

func TestClaudeBatchesOfRequestsThatCannotBeBatched(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	created := send(t, f, "POST", messagesURL+"/batches", `{"requests":[
		{"custom_id":"bad-model","params":{"model":"claude-does-not-exist-9","max_tokens":5,"messages":[{"role":"user","content":"1"}]}},
		{"custom_id":"stream","params":{"model":"claude-opus-4-8","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"2"}]}}]}`)
	target := messagesURL + "/batches/" + strings.Trim(at(t, created, "id"), `"`)
	assert.Equal(t, "2", at(t, send(t, f, "GET", target, ""), "request_counts", "errored"))
	lines := strings.Split(send(t, f, "GET", target+"/results", ""), "\n")
	assert.Equal(t, `"not_found_error"`, at(t, lines[0], "result", "error", "error", "type"))
	assert.Equal(t, `"model: claude-does-not-exist-9"`, at(t, lines[0], "result", "error", "error", "message"))
	assert.Equal(t, `"\"stream=True\" is not supported in the Message Batches API"`, at(t, lines[1], "result", "error", "error", "message"))

	resp, empty := ask(t, f, "POST", messagesURL+"/batches", `{"requests":[]}`)
	assert.Equal(t, 400, resp.StatusCode)
	assert.Equal(t, `"requests: List should have at least 1 item after validation, not 0"`, at(t, empty, "error", "message"))
}
