package upstream

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
)

// storedResponse is a response of the responses API.
type storedResponse struct {
	body       []byte
	input      []object // its items
	tokens     int64    // of the conversation up to it, which the next response reads again
	calls      []string // the ids of its function calls
	background bool
	stream     func() response // its events; nil if it was canceled
	queued     object          // a background response that nobody has asked for yet
}

var storedResponses = collection[storedResponse]{
	missing: func(c *call) response {
		return openAIFailure(http.StatusNotFound, "", "", "Response with id '%s' not found.", c.resource)
	},
	deleted: func(c *call) object { return object{"id": c.resource, "object": "response", "deleted": true} },
}

// shown returns a response. One in the background is complete when it is asked for.
func (r storedResponse) shown(c *call) any {
	if r.queued != nil {
		r.queued = nil
		c.change(c.resource, r, 0)
	}
	return json.RawMessage(r.body)
}

func (c *call) retrieveResponse(r storedResponse) response {
	shown := jsonResponse(r.shown(c))
	if query, _ := url.ParseQuery(c.query); query.Get("stream") == "true" {
		return c.streamAgain(r, query.Get("starting_after"))
	}
	return shown
}

// streamAgain returns the events of a response, or only those after the one with a sequence number. The errors are
// assumed.
func (c *call) streamAgain(r storedResponse, after string) response {
	if r.stream == nil {
		return openAIFailure(http.StatusBadRequest, "", "", "Response with id '%s' was cancelled and can't be streamed.", c.resource)
	}
	last, err := strconv.Atoi(orElse(after, "-1"))
	if err != nil {
		return openAIFailure(http.StatusBadRequest, "starting_after", "invalid_type", "Invalid type for 'starting_after': expected an integer, but got '%s' instead.", after)
	}
	a := r.stream()
	events := a.parts()
	a.opening, a.chunks, a.closing, a.texts = nil, events[min(max(last+1, 0), len(events)):], nil, nil
	return a
}

func (c *call) responseInput(r storedResponse) response {
	return openAIList{20, 100, "desc"}.page(c, entries(r.input))
}

// cancelResponse cancels a background response, unless it has ended (github.com/sgl-project/sglang/pull/38003). Others
// can't be canceled.
func (c *call) cancelResponse(r storedResponse) response {
	if !r.background {
		return openAIFailure(http.StatusBadRequest, "", "", "Cannot cancel a synchronous response.")
	}
	if r.queued != nil {
		cancelled := maps.Clone(r.queued)
		cancelled["status"] = "cancelled"
		r.body, r.queued, r.stream = marshal(cancelled), nil, nil
		c.change(c.resource, r, 0)
	}
	return response{kind: "application/json", body: r.body}
}

// inputItems returns the input items of a request.
func (c *call) inputItems(input json.RawMessage) []object {
	var text string
	if json.Unmarshal(input, &text) == nil {
		return []object{{"id": c.id("msg_in", 0), "type": "message", "status": "completed", "role": "user",
			"content": []object{{"type": "input_text", "text": text}}}}
	}
	var items []object
	_ = json.Unmarshal(input, &items)
	list := make([]object, 0, len(items))
	for i, item := range items {
		if item == nil {
			continue
		}
		if item["type"] == nil {
			item["type"] = "message"
		}
		if item["type"] == "message" && item["status"] == nil {
			item["status"] = "completed"
		}
		if text, ok := item["content"].(string); ok {
			part := object{"type": "input_text", "text": text}
			if item["role"] == "assistant" {
				part = object{"type": "output_text", "text": text, "annotations": []object{}}
			}
			item["content"] = []object{part}
		}
		if item["id"] == nil {
			kind, _ := item["type"].(string)
			item["id"] = c.id(orElse(itemPrefixes[kind], "item")+"_", i)
		}
		list = append(list, item)
	}
	return list
}
