package upstream

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// The batches of OpenAI and Anthropic. A batch is processed when it is created, each request as if it had been sent by
// itself. It is reported to be in progress at first, and to have ended whenever it is retrieved.

// storedBatch is a batch as it is when it has ended.
type storedBatch struct {
	about   object
	results []byte // Anthropic's; those of OpenAI are a file
}

const batchPurpose = "batch"

// ask sends a request of a batch to the fake itself.
func (c *call) ask(path string, body []byte) (status int, got []byte) {
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
	return resp.StatusCode, got
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
	file, found := recall[storedFile](c.stored, req.Input)
	lines, faults := batchLines(file.content, req.Endpoint)
	if !found {
		faults = []object{batchFault("file_not_found", nil, "No such File object: "+req.Input)}
	}
	if len(faults) > 0 {
		ended["status"], ended["failed_at"] = "failed", now
		ended["errors"] = object{"object": "list", "data": faults}
	} else {
		maps.Copy(ended, c.runBatch(lines))
	}
	c.stored.put(id, storedBatch{about: ended}, len(c.body))
	return jsonResponse(about)
}

func batchFault(code string, line any, message string) object {
	return object{"code": code, "line": line, "message": message, "param": nil}
}

// batchLines reads the requests of a file. OpenAI reports the faults of a file when it has read it: the batch fails.
func batchLines(content []byte, endpoint string) (lines []batchLine, faults []object) {
	seen := map[string]bool{}
	n := 0
	for raw := range bytes.Lines(content) {
		n++
		var line batchLine
		switch err := json.Unmarshal(raw, &line); {
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
		default:
			lines = append(lines, line)
		}
		seen[line.ID] = true
	}
	if len(lines)+len(faults) == 0 {
		faults = append(faults, batchFault("empty_file", nil, "The input file is empty."))
	}
	return lines, faults
}

// runBatch returns the fields of a batch that has completed. Responses are in one file, and errors in another.
func (c *call) runBatch(lines []batchLine) object {
	var output, errors bytes.Buffer
	failed := 0
	model := ""
	used := Usage{}
	for i, line := range lines {
		status, body := c.ask(line.URL, line.Body)
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
	ended := object{"status": completed, "in_progress_at": now, "finalizing_at": now, "completed_at": now, "model": model,
		"request_counts": object{"total": len(lines), "completed": len(lines) - failed, "failed": failed}, "usage": responsesUsage(used)}
	if output.Len() > 0 {
		ended["output_file_id"] = c.writeFile(c.id("file-", 1), c.id("batch_", 0)+"_output.jsonl", "batch_output", nil, output.Bytes())["id"]
	}
	if errors.Len() > 0 {
		ended["error_file_id"] = c.writeFile(c.id("file-", 2), c.id("batch_", 0)+"_error.jsonl", "batch_output", nil, errors.Bytes())["id"]
	}
	return ended
}

// storedBatch calls a function with the batch that the path names.
func (c *call) storedBatch(then func(storedBatch) response) response {
	b, found := recall[storedBatch](c.stored, c.resource)
	if !found {
		return c.notStored(http.StatusNotFound, "No batch found with id '"+c.resource+"'.", nil, nil)
	}
	return then(b)
}

func (c *call) retrieveBatch(Reply) response {
	return c.storedBatch(func(b storedBatch) response { return jsonResponse(b.about) })
}

// cancelBatch cancels a batch as if it were in progress.
func (c *call) cancelBatch(Reply) response {
	return c.storedBatch(func(b storedBatch) response {
		canceled := maps.Clone(b.about)
		maps.Copy(canceled, object{"status": "cancelled", "cancelling_at": c.created(), "cancelled_at": c.created(), "finalizing_at": nil,
			"completed_at": nil, "output_file_id": nil, "error_file_id": nil})
		c.stored.put(c.resource, storedBatch{about: canceled}, len(b.results))
		now := maps.Clone(canceled)
		now["status"], now["cancelled_at"] = "cancelling", nil
		return jsonResponse(now)
	})
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
		status, body := c.ask("/v1/messages", request.get("params").raw)
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
	c.stored.put(id, storedBatch{ended, results.Bytes()}, results.Len())
	return jsonResponse(about)
}

// storedClaudeBatch calls a function with the batch that the path names.
func (c *call) storedClaudeBatch(then func(storedBatch) response) response {
	b, found := recall[storedBatch](c.stored, c.resource)
	if !found {
		return c.failure(http.StatusNotFound, "Message Batch "+c.resource+" not found.")
	}
	return then(b)
}

func (c *call) retrieveClaudeBatch(Reply) response {
	return c.storedClaudeBatch(func(b storedBatch) response { return jsonResponse(b.about) })
}

func (c *call) claudeBatchResults(Reply) response {
	return c.storedClaudeBatch(func(b storedBatch) response { return response{kind: "application/x-jsonl", body: b.results} })
}

// cancelClaudeBatch cancels a batch as if it were in progress: its requests are canceled.
func (c *call) cancelClaudeBatch(Reply) response {
	return c.storedClaudeBatch(func(b storedBatch) response {
		canceled := maps.Clone(b.about)
		canceled["cancel_initiated_at"] = c.timestamp(0)
		var results bytes.Buffer
		n := 0
		for line := range bytes.Lines(b.results) {
			results.Write(marshal(object{"custom_id": parseValue(line).get("custom_id").text(), "result": object{"type": "canceled"}}))
			results.WriteByte('\n')
			n++
		}
		canceled["request_counts"] = object{"processing": 0, "succeeded": 0, "errored": 0, "canceled": n, "expired": 0}
		c.stored.put(c.resource, storedBatch{canceled, results.Bytes()}, results.Len())
		now := maps.Clone(canceled)
		maps.Copy(now, object{"processing_status": "canceling", "ended_at": nil, "results_url": nil,
			"request_counts": object{"processing": n, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0}})
		return jsonResponse(now)
	})
}

func (c *call) deleteClaudeBatch(Reply) response {
	return c.storedClaudeBatch(func(storedBatch) response {
		c.stored.remove(c.resource)
		return jsonResponse(object{"id": c.resource, "type": "message_batch_deleted"})
	})
}
