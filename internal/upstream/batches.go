package upstream

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// The batches of OpenAI and Anthropic. A batch is processed when it is created, each request as if it had been sent by
// itself. It is reported to be in progress at first, and has ended when it is retrieved: until then, it can be canceled.

type storedBatch struct {
	id      string
	about   object       // what the provider says about it
	end     object       // the same when it is retrieved for the first time; nil if it has ended
	results []byte       // Anthropic's
	files   []storedFile // the results of OpenAI's, which can be read when it has ended
}

// keepBatch stores a batch.
func (c *call) keepBatch(b storedBatch) {
	bytes := len(b.results)
	for _, f := range b.files {
		bytes += len(f.content)
	}
	c.store(b.id, kept{object: b, bytes: bytes})
}

// shown ends a batch that has not ended yet.
func (b storedBatch) shown(c *call) any {
	if b.end == nil {
		return b.about
	}
	for _, f := range b.files {
		c.keepFile(f)
	}
	b.about, b.end, b.files = b.end, nil, nil
	c.keepBatch(b)
	return b.about
}

const batchPurpose = "batch"

// ask sends a request of a batch to the fake itself, unless refuse rejects it.
func (c *call) ask(path string, body []byte, refuse func(path string, request value) (response, bool)) (status int, got []byte) {
	if refusal, refused := refuse(path, parseValue(body)); refused {
		return refusal.status, refusal.body
	}
	target := url.URL{Scheme: "https", Host: c.host, Path: path}
	req, err := http.NewRequestWithContext(c.req.Context(), http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return http.StatusBadRequest, marshal(object{"error": object{"message": err.Error()}})
	}
	req.Header = c.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Del("Content-Encoding")
	resp, err := c.fakes.RoundTrip(req)
	if err != nil { // a reply cuts the connection
		return http.StatusInternalServerError, c.failure(http.StatusInternalServerError, "").body
	}
	defer func() { _ = resp.Body.Close() }()
	got, err = io.ReadAll(resp.Body)
	if err != nil {
		return http.StatusInternalServerError, c.failure(http.StatusInternalServerError, "").body
	}
	if !jsonscan.Valid(got) { // as a reply may be
		got = marshal(string(got))
	}
	return resp.StatusCode, got
}

// lacks reports whether a model for a path does not exist at the call's provider. The gateway, which checks the models
// of requests that use tokens, has not seen those in batches.
func (c *call) lacks(path, model string) bool {
	if model == "" || c.provider == nil || !c.provider.Closed || c.allowsModels || !builtinFormats.Find(http.MethodPost, &url.URL{Host: c.host, Path: path}).UsesTokens {
		return false
	}
	_, found := c.provider.Model(model)
	return !found
}

// batchLine is a line of a file for a batch.
type batchLine struct {
	ID     string          `json:"custom_id"`
	Method string          `json:"method"`
	URL    string          `json:"url"`
	Body   json.RawMessage `json:"body"`
}

func (c *call) createBatch(Reply) response {
	var req struct {
		Input    string          `json:"input_file_id"`
		Endpoint string          `json:"endpoint"`
		Window   string          `json:"completion_window"`
		Metadata json.RawMessage `json:"metadata"`
	}
	_ = json.Unmarshal(c.body, &req) // the rules have checked it
	const day = 24 * 60 * 60
	id, now := c.id("batch_", 0), c.created()
	about := object{"id": id, "object": "batch", "endpoint": req.Endpoint, "errors": nil, "input_file_id": req.Input, "completion_window": req.Window,
		"status": "validating", "output_file_id": nil, "error_file_id": nil, "created_at": now, "in_progress_at": nil, "expires_at": now + day,
		"finalizing_at": nil, "completed_at": nil, "failed_at": nil, "expired_at": nil, "cancelling_at": nil, "cancelled_at": nil,
		"request_counts": object{"total": 0, "completed": 0, "failed": 0}, "metadata": req.Metadata}
	ended := maps.Clone(about)
	file, found := recall[storedFile](c, req.Input)
	lines, faults := batchLines(file.content, req.Endpoint)
	if !found {
		faults = []object{batchFault("file_not_found", nil, "No such File object: "+req.Input)}
	}
	var written []storedFile
	if len(faults) > 0 {
		ended["status"], ended["failed_at"] = "failed", now
		ended["errors"] = object{"object": "list", "data": faults}
	} else {
		var result object
		result, written = c.runBatch(lines)
		maps.Copy(ended, result)
	}
	c.keepBatch(storedBatch{id: id, about: about, end: ended, files: written})
	return jsonResponse(about)
}

func batchFault(code string, line any, message string) object {
	return object{"code": code, "line": line, "message": message, "param": nil}
}

// batchLines reads the requests of a file. OpenAI reports the faults of a file when it has read it: the batch fails.
func batchLines(content []byte, endpoint string) (lines []batchLine, faults []object) {
	seen := map[string]bool{}
	n, model := 0, ""
	for raw := range bytes.Lines(content) {
		n++
		var line batchLine
		err := json.Unmarshal(raw, &line)
		wanted := parseValue(line.Body).get("model").text()
		switch {
		case len(bytes.TrimSpace(raw)) == 0:
		case err != nil:
			faults = append(faults, batchFault("invalid_json_line", n, "This line is not parseable as valid JSON."))
		case line.ID == "":
			faults = append(faults, batchFault("missing_required_parameter", n, "Missing required parameter: 'custom_id'."))
		case seen[line.ID]:
			faults = append(faults, batchFault("duplicate_custom_id", n, "The custom_id '"+line.ID+"' for this request is a duplicate of another request. "+
				"The custom_id parameter must be unique for each request in a batch."))
		case line.URL != endpoint:
			faults = append(faults, batchFault("url_mismatch", n, "The URL provided for this request does not match the batch endpoint."))
		case model != "" && wanted != "" && wanted != model:
			faults = append(faults, batchFault("mismatched_model", n, "The model '"+wanted+"' for this request does not match the rest of the batch. "+
				"Each batch must contain requests for a single model."))
		default:
			lines = append(lines, line)
		}
		seen[line.ID], model = true, orElse(model, wanted)
	}
	if len(lines)+len(faults) == 0 {
		faults = append(faults, batchFault("empty_file", nil, "The input file is empty."))
	}
	return lines, faults
}

// refuseBatched returns OpenAI's error about a request that is no error of the request's endpoint. The guide says that
// streams are rejected, but not how: the message is assumed.
func (c *call) refuseBatched(path string, request value) (response, bool) {
	switch model := request.get("model").text(); {
	case c.lacks(path, model):
		return openAIFailure(http.StatusNotFound, "", "model_not_found", "The model `%s` does not exist or you do not have access to it.", model), true
	case request.get("stream").isTrue():
		return openAIFailure(http.StatusBadRequest, "stream", "", "Streaming is not supported in the Batch API."), true
	}
	return response{}, false
}

// runBatch returns the fields of a batch that has completed, and its files: one with responses, and one with errors.
func (c *call) runBatch(lines []batchLine) (ended object, files []storedFile) {
	var output, errors bytes.Buffer
	failed := 0
	model := ""
	used := Usage{}
	for i, line := range lines {
		status, body := c.ask(line.URL, line.Body, c.refuseBatched)
		written := &output
		if status >= http.StatusBadRequest {
			failed++
			written = &errors
		}
		var got struct {
			Model string `json:"model"`
			Usage struct {
				Prompt     int64 `json:"prompt_tokens"`
				Completion int64 `json:"completion_tokens"`
				Input      int64 `json:"input_tokens"`
				Output     int64 `json:"output_tokens"`
			} `json:"usage"`
		}
		if json.Unmarshal(body, &got) == nil {
			used.InputTokens += got.Usage.Prompt + got.Usage.Input
			used.OutputTokens += got.Usage.Completion + got.Usage.Output
			model = got.Model
		}
		written.Write(marshal(object{"id": c.id("batch_req_", i), "custom_id": line.ID, "error": nil,
			"response": object{"status_code": status, "request_id": c.id("req_", i), "body": json.RawMessage(body)}}))
		written.WriteByte('\n')
	}
	now := c.created()
	ended = object{"status": completed, "in_progress_at": now, "finalizing_at": now, "completed_at": now, "model": model,
		"request_counts": object{"total": len(lines), "completed": len(lines) - failed, "failed": failed}, "usage": responsesUsage(used)}
	for i, result := range [...]struct {
		kind    string
		content []byte
	}{{"output", output.Bytes()}, {"error", errors.Bytes()}} {
		if len(result.content) > 0 {
			f := c.newFile(c.id("file-", i+1), c.id("batch_", 0)+"_"+result.kind+".jsonl", "batch_output", 0, result.content)
			ended[result.kind+"_file_id"] = f.id
			files = append(files, f)
		}
	}
	return ended, files
}

var openAIBatches = collection[storedBatch]{
	missing: func(c *call) response {
		return openAIFailure(http.StatusNotFound, "", "", "No batch found with id '%s'.", c.resource)
	},
	page: openAIList{20, 100, "desc"}.page,
}

// cancelBatch cancels a batch unless it has ended. No request has been processed yet.
func (c *call) cancelBatch(b storedBatch) response {
	switch {
	case b.end == nil:
		return openAIFailure(http.StatusConflict, "", "", "Cannot cancel a batch with status '%s'.", b.about["status"])
	case b.about["cancelling_at"] != nil:
		return jsonResponse(b.about)
	}
	now, end := maps.Clone(b.about), maps.Clone(b.about)
	now["status"], now["cancelling_at"] = "cancelling", c.created()
	end["status"], end["cancelling_at"], end["cancelled_at"] = "cancelled", c.created(), c.created()
	c.keepBatch(storedBatch{id: b.id, about: now, end: end})
	return jsonResponse(now)
}

// createClaudeBatch is Anthropic's. The parameters of its requests are checked when they are processed, so wrong ones
// are results.
func (c *call) createClaudeBatch(Reply) response {
	id := c.id("msgbatch_", 0)
	about := object{"id": id, "type": "message_batch", "processing_status": "in_progress", "created_at": c.timestamp(0), "expires_at": c.timestamp(24 * time.Hour),
		"ended_at": nil, "cancel_initiated_at": nil, "archived_at": nil, "results_url": nil}
	requests := c.parsed().get("requests").items
	var results bytes.Buffer
	succeeded := 0
	for _, request := range requests {
		status, body := c.ask("/v1/messages", request.get("params").raw, c.refuseClaudeBatched)
		result := object{"type": "succeeded", "message": json.RawMessage(body)}
		if status >= http.StatusBadRequest {
			result = object{"type": "errored", "error": json.RawMessage(body)}
		} else {
			succeeded++
		}
		results.Write(marshal(object{"custom_id": request.get("custom_id").text(), "result": result}))
		results.WriteByte('\n')
	}
	ended := maps.Clone(about)
	maps.Copy(ended, object{"processing_status": "ended", "ended_at": c.timestamp(0), "results_url": "https://" + c.host + "/v1/messages/batches/" + id + "/results"})
	counts := func(processing, succeeded, errored int) object {
		return object{"processing": processing, "succeeded": succeeded, "errored": errored, "canceled": 0, "expired": 0}
	}
	about["request_counts"], ended["request_counts"] = counts(len(requests), 0, 0), counts(0, succeeded, len(requests)-succeeded)
	c.keepBatch(storedBatch{id: id, about: about, end: ended, results: results.Bytes()})
	return jsonResponse(about)
}

// refuseClaudeBatched is the same as refuseBatched for Anthropic.
func (c *call) refuseClaudeBatched(path string, request value) (response, bool) {
	switch model := request.get("model").text(); {
	case c.lacks(path, model):
		return c.failure(http.StatusNotFound, "model: "+model), true
	case request.get("stream").isTrue():
		return c.failure(http.StatusBadRequest, `"stream=True" is not supported in the Message Batches API`), true
	}
	return response{}, false
}

var claudeBatches = collection[storedBatch]{
	missing: func(c *call) response {
		return c.failure(http.StatusNotFound, "Message Batch "+c.resource+" not found.")
	},
	page: claudePage,
}

func (c *call) claudeBatchResults(b storedBatch) response {
	if b.end != nil {
		return c.failure(http.StatusNotFound, "Message Batch "+c.resource+" has no available results.")
	}
	return response{kind: "application/x-jsonl", body: b.results}
}

// cancelClaudeBatch cancels a batch and its requests. "Batches may be canceled any time before processing ends"; how
// the API rejects it later is not documented, so that the error is assumed.
func (c *call) cancelClaudeBatch(b storedBatch) response {
	switch {
	case b.end == nil:
		return c.failure(http.StatusBadRequest, "Message Batch "+c.resource+" has ended and cannot be canceled.")
	case b.about["cancel_initiated_at"] != nil:
		return jsonResponse(b.about)
	}
	var results bytes.Buffer
	n := 0
	for line := range bytes.Lines(b.results) {
		results.Write(marshal(object{"custom_id": parseValue(line).get("custom_id").text(), "result": object{"type": "canceled"}}))
		results.WriteByte('\n')
		n++
	}
	now, end := maps.Clone(b.about), maps.Clone(b.end)
	now["processing_status"], now["cancel_initiated_at"] = "canceling", c.timestamp(0)
	end["cancel_initiated_at"] = c.timestamp(0)
	end["request_counts"] = object{"processing": 0, "succeeded": 0, "errored": 0, "canceled": n, "expired": 0}
	c.keepBatch(storedBatch{id: b.id, about: now, end: end, results: results.Bytes()})
	return jsonResponse(now)
}

func (c *call) deleteClaudeBatch(b storedBatch) response {
	if b.end != nil {
		return c.failure(http.StatusBadRequest, "In progress batches cannot be deleted. Consider canceling the batch instead.")
	}
	c.remove(c.resource)
	return jsonResponse(object{"id": c.resource, "type": "message_batch_deleted"})
}
