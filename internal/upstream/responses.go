package upstream

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// OpenAI's responses API.

type responsesRequest struct {
	Input      json.RawMessage `json:"input"`
	Tools      []responsesTool `json:"tools"`
	ToolChoice json.RawMessage `json:"tool_choice"`
	Text       struct {
		Format struct {
			Type   string `json:"type"`
			Schema any    `json:"schema"`
		} `json:"format"`
	} `json:"text"`
	Store      *bool    `json:"store"`
	Background bool     `json:"background"`
	Previous   string   `json:"previous_response_id"`
	Include    []string `json:"include"`
}

type responsesTool struct {
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	Parameters json.RawMessage `json:"parameters"`
}

func (r responsesRequest) prompt() prompt {
	p := prompt{forced: openAIToolChoice(parseValue(r.ToolChoice)), json: strings.HasPrefix(r.Text.Format.Type, "json"), schema: r.Text.Format.Schema}
	for _, t := range r.Tools {
		if t.Type == "function" {
			p.tools = append(p.tools, tool{t.Name, parseValue(t.Parameters)})
		}
	}
	if json.Unmarshal(r.Input, &p.last) == nil {
		return p
	}
	var items []struct {
		Type    string          `json:"type"`
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	}
	_ = json.Unmarshal(r.Input, &items)
	for _, item := range items {
		if item.Role == "user" {
			p.last = textOf(parseValue(item.Content))
		}
	}
	return p
}

func (c *call) responses(r Reply) response {
	var req responsesRequest
	if err := json.Unmarshal(c.body, &req); err != nil {
		return c.failure(http.StatusBadRequest, "We could not parse the JSON body of your request: "+err.Error())
	}
	switch {
	case c.Model != "":
	case c.parsed().get("prompt").isObject(): // which contains a model
		c.Model = "gpt-4.1"
	default:
		return c.failure(http.StatusBadRequest, "Missing required parameter: 'model'.")
	}
	var previous storedResponse
	if req.Previous != "" {
		var ok bool
		if previous, ok = recall[storedResponse](c, req.Previous); !ok {
			return openAIFailure(http.StatusBadRequest, "previous_response_id", "previous_response_not_found", "Previous response with id '%s' not found.", req.Previous)
		}
	}
	if strings.HasSuffix(c.path, "/compact") {
		return c.compact(req, r)
	}
	var talk conversation
	if id := conversationID(c.parsed()); id != "" {
		var ok bool
		if talk, ok = recall[conversation](c, id); !ok {
			return noConversation(id)
		}
	}
	t := c.think(req.prompt(), r)
	if r.Usage == nil {
		t.usage.InputTokens += previous.tokens + talk.tokens(c.Format)
	}
	var images [][]byte
	if slices.ContainsFunc(req.Tools, func(t responsesTool) bool { return t.Type == "image_generation" }) {
		images = r.Images
	}
	items := c.responseItems(t, images, slices.Contains(req.Include, "reasoning.encrypted_content"))
	whole := marshal(c.response(t.status(), items, t, r))
	made := storedResponse{body: whole, input: c.inputItems(req.Input), tokens: t.usage.InputTokens + t.usage.OutputTokens - t.usage.ReasoningTokens, background: req.Background}
	if talk.id != "" {
		c.addItems(talk, slices.Concat(made.input, items), len(whole)+len(c.body))
	}
	for i := range t.tools {
		made.calls = append(made.calls, c.id("call_", i+1))
	}
	if req.Background && !c.Stream {
		made.queued = c.response("queued", []object{}, t, r)
		whole = marshal(made.queued)
	}
	// "Because background mode stores response data for roughly 10 minutes to enable polling …"
	// (developers.openai.com/api/docs/guides/background)
	if req.Background || req.Store == nil || *req.Store {
		made.stream = c.replay(t, items, r)
		c.store(c.id("resp_", 0), kept{object: made, bytes: len(whole) + len(c.body)})
	}
	if !c.Stream {
		return response{kind: "application/json", body: whole}
	}
	return c.responseStream(t, items, r)
}

// compact returns the user's messages, followed by an item that stands for the rest of the conversation.
func (c *call) compact(req responsesRequest, r Reply) response {
	output := []object{}
	for _, item := range c.inputItems(req.Input) {
		if item["role"] == "user" {
			output = append(output, item)
		}
	}
	output = append(output, object{"id": c.id("cmp_", 0), "type": "compaction", "encrypted_content": base64Of([]byte(c.id("", 0)))})
	return jsonResponse(object{"id": c.id("resp_", 0), "object": "response.compaction", "created_at": c.created(),
		"output": output, "usage": responsesUsage(c.count(turn{text: "The conversation so far."}, r))})
}

// echoed are the fields of a request that are repeated in its response.
var echoed = []string{
	"background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt",
	"prompt_cache_key", "reasoning", "safety_identifier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
}

// response is the object that gives the endpoint its name. It contains the request's settings, or the defaults.
func (c *call) response(status string, items []object, t turn, r Reply) object {
	o := object{
		"background": false, "instructions": nil, "max_output_tokens": nil, "max_tool_calls": nil, "metadata": object{},
		"parallel_tool_calls": true, "previous_response_id": nil, "prompt_cache_key": nil, "reasoning": object{"effort": nil, "summary": nil},
		"safety_identifier": nil, "service_tier": "default", "store": true, "temperature": 1.0, "tool_choice": "auto", "tools": []object{},
		"top_logprobs": 0, "top_p": 1.0, "truncation": "disabled", "user": nil, "access_programs": object{"cyber": "standard"},
	}
	var asked map[string]json.RawMessage
	_ = json.Unmarshal(c.body, &asked)
	for _, name := range echoed {
		if v, ok := asked[name]; ok && string(v) != "null" {
			o[name] = v
		}
	}
	if id := conversationID(c.parsed()); id != "" {
		o["conversation"] = object{"id": id}
	}
	text := object{}
	if json.Unmarshal(asked["text"], &text) != nil || text == nil {
		text = object{}
	}
	for name, v := range (object{"verbosity": "medium", "format": object{"type": "text"}}) {
		if text[name] == nil {
			text[name] = v
		}
	}
	maps.Copy(o, object{
		"id": c.id("resp_", 0), "object": "response", "created_at": c.created(), "status": status, "model": c.Model,
		"output": items, "error": nil, "incomplete_details": nil, "usage": nil, "text": text,
	})
	switch status {
	case completed:
		o["completed_at"] = c.created()
	case incomplete:
		o["incomplete_details"] = object{"reason": responsesFinish.of(t.finish)}
	default:
		return o
	}
	if !r.NoUsage {
		o["usage"] = responsesUsage(t.usage)
	}
	return o
}

// The final status of a response and its output items.
const (
	completed  = "completed"
	incomplete = "incomplete"
)

var responsesFinish = finishWords{FinishLength: "max_output_tokens"}

// status returns the status of a turn that has ended.
func (t turn) status() string {
	if t.finish == FinishLength || t.finish == FinishContentFilter {
		return incomplete
	}
	return completed
}

func responsesUsage(u Usage) object {
	return object{
		"input_tokens": u.InputTokens, "input_tokens_details": object{"cached_tokens": u.CachedTokens, "cache_write_tokens": u.CacheWriteTokens},
		"output_tokens": u.OutputTokens, "output_tokens_details": object{"reasoning_tokens": u.ReasoningTokens},
		"total_tokens": u.InputTokens + u.OutputTokens,
	}
}

// responseItems returns the output items of a response: images, a message, function calls. Thoughts are encrypted if
// requested.
func (c *call) responseItems(t turn, images [][]byte, encrypted bool) []object {
	items := []object{}
	if t.reasoning != "" {
		item := object{"id": c.id("rs_", 0), "type": "reasoning", "summary": []object{summaryText(t.reasoning)}}
		if encrypted {
			item["encrypted_content"] = base64Of([]byte(c.id("", 0)))
		}
		items = append(items, item)
	}
	for i, image := range images {
		items = append(items, object{"id": c.id("ig_", i+1), "type": imageCall, "status": completed, "result": base64Of(image)})
	}
	if t.text != "" {
		items = append(items, object{"id": c.id("msg_", 0), "type": "message", "role": "assistant", "status": completed,
			"content": []object{t.part(t.text)}})
	}
	for i, call := range t.tools {
		items = append(items, object{"id": c.id("fc_", i+1), "type": "function_call", "status": completed,
			"call_id": c.id("call_", i+1), "name": call.Name, "arguments": call.Arguments})
	}
	if n := len(items); n > 0 && items[n-1]["status"] != nil && items[n-1]["type"] != imageCall {
		items[n-1]["status"] = t.status() // only the last item can be truncated
	}
	return items
}

// imageCall is the type of an item with an image.
const imageCall = "image_generation_call"

// part is a part of a message with a piece of the turn's text.
func (t turn) part(text string) object {
	if t.finish == FinishRefusal {
		return object{"type": "refusal", "refusal": text}
	}
	return object{"type": "output_text", "text": text, "annotations": []object{}, "logprobs": []object{}}
}

func summaryText(text string) object { return object{"type": "summary_text", "text": text} }

// replay returns a function that writes the same events again. It holds only what they are made of.
func (c *call) replay(t turn, items []object, r Reply) func() response {
	created := time.Unix(c.created(), 0)
	past := &call{Facts: dialect.Facts{Model: c.Model}, body: c.body, ids: c.ids, now: func() time.Time { return created }}
	r.Fault = Fault{}
	return func() response { return past.responseStream(t, items, r) }
}

// responseStream writes the typed events, numbered as OpenAI's are.
func (c *call) responseStream(t turn, items []object, r Reply) response {
	n := -1
	a := eventResponse()
	event := func(kind string, fields object) []byte {
		n++
		fields["type"], fields["sequence_number"] = kind, n
		return a.named(kind, fields)
	}
	a.opening = append(a.opening,
		event("response.created", object{"response": c.response("in_progress", []object{}, t, r)}),
		event("response.in_progress", object{"response": c.response("in_progress", []object{}, t, r)}))
	for i, item := range items {
		id := item["id"]
		begun := object{}
		maps.Copy(begun, item)
		switch item["type"] {
		case "message":
			begun["status"], begun["content"] = "in_progress", []object{}
		case "function_call":
			begun["status"], begun["arguments"] = "in_progress", ""
		case "reasoning":
			begun["summary"] = []object{}
		case imageCall:
			begun["status"], begun["result"] = "in_progress", nil
		}
		a.chunks = append(a.chunks, event("response.output_item.added", object{"output_index": i, "item": begun}))
		switch item["type"] {
		case imageCall:
			for _, status := range [...]string{"in_progress", "generating", completed} {
				a.chunk(event("response."+imageCall+"."+status, object{"item_id": id, "output_index": i}))
			}
		case "reasoning":
			at := func(fields object) object {
				maps.Copy(fields, object{"item_id": id, "output_index": i, "summary_index": 0})
				return fields
			}
			a.chunk(event("response.reasoning_summary_part.added", at(object{"part": summaryText("")})))
			for _, text := range pieces(t.reasoning, r.ChunkSize) {
				a.chunk(event("response.reasoning_summary_text.delta", at(object{"delta": text})))
			}
			a.chunk(event("response.reasoning_summary_text.done", at(object{"text": t.reasoning})))
			a.chunk(event("response.reasoning_summary_part.done", at(object{"part": summaryText(t.reasoning)})))
		case "message":
			at := func(field string, v any) object {
				o := object{"item_id": id, "output_index": i, "content_index": 0, field: v}
				if t.finish != FinishRefusal && field != "part" {
					o["logprobs"] = []object{}
				}
				return o
			}
			kind, whole := "response.output_text", "text"
			if t.finish == FinishRefusal {
				kind, whole = "response.refusal", "refusal"
			}
			a.chunks = append(a.chunks, event("response.content_part.added", at("part", t.part(""))))
			for _, text := range pieces(t.text, r.ChunkSize) {
				a.text(event(kind+".delta", at("delta", text)))
			}
			a.chunks = append(a.chunks, event(kind+".done", at(whole, t.text)), event("response.content_part.done", at("part", t.part(t.text))))
		case "function_call":
			arguments, _ := item["arguments"].(string)
			for _, text := range pieces(arguments, r.ChunkSize) {
				a.chunks = append(a.chunks, event("response.function_call_arguments.delta",
					object{"item_id": id, "output_index": i, "delta": text}))
			}
			a.chunks = append(a.chunks, event("response.function_call_arguments.done",
				object{"item_id": id, "output_index": i, "name": item["name"], "arguments": arguments}))
		}
		a.chunks = append(a.chunks, event("response.output_item.done", object{"output_index": i, "item": item}))
	}
	a.closing = append(a.closing, event("response."+t.status(), object{"response": c.response(t.status(), items, t, r)}))
	if r.Fault.kind == fail {
		failed := c.response("failed", []object{}, t, r)
		failed["error"] = object{"code": "server_error", "message": streamFault}
		n = a.faultAt(r.Fault.after) - 1 // the events sent so far: each part is one event
		a.failure = event("response.failed", object{"response": failed})
	}
	return a
}
