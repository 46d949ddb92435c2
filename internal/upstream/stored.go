package upstream

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// What is stored stays until it is deleted, or until all owners together exceed this number of objects or bytes.
const (
	mostStored      = 1000
	mostStoredBytes = 64 << 20
)

// Owner is whose objects a request stores and finds. It finds nothing of other owners.
type Owner struct {
	ID    string
	Epoch uint64 // changes when the owner starts again with nothing
}

// stored keeps what requests create and others read back: responses, files, batches.
type stored struct {
	mu    sync.Mutex
	kept  map[storedKey]kept
	order []storedKey // oldest first
	bytes int
}

type storedKey struct {
	owner Owner
	id    string
}

type kept struct {
	object any
	bytes  int
}

// drop removes an object, and its place in the order.
func (s *stored) drop(key storedKey) {
	if old, ok := s.kept[key]; ok {
		s.bytes -= old.bytes
		delete(s.kept, key)
		if i := slices.Index(s.order, key); i > 0 {
			s.order = slices.Delete(s.order, i, i+1)
		} else { // the oldest, as for each request once the store is full
			s.order = s.order[1:]
		}
	}
}

// Forget removes what is stored for the owners that gone reports. Requests in progress may still store something for them.
func (f *Fake) Forget(gone func(Owner) bool) {
	s := &f.stored
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, old := range s.kept {
		if gone(key.owner) {
			s.bytes -= old.bytes
			delete(s.kept, key)
		}
	}
	s.order = slices.DeleteFunc(s.order, func(key storedKey) bool { return gone(key.owner) })
}

// shelf is what is stored for an owner.
type shelf struct {
	*stored
	owner Owner
}

// put keeps an object of about the given size.
func (s shelf) put(id string, object any, bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[storedKey]kept{}
	}
	key := storedKey{s.owner, id}
	s.drop(key)
	s.kept[key] = kept{object, bytes}
	s.order = append(s.order, key)
	s.bytes += bytes
	for len(s.order) > mostStored || s.bytes > mostStoredBytes && len(s.order) > 1 {
		s.drop(s.order[0])
	}
}

func (s shelf) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(storedKey{s.owner, id})
}

// recall returns an object of a type.
func recall[T any](s shelf, id string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	object, ok := s.kept[storedKey{s.owner, id}].object.(T)
	return object, ok
}

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

// storedResponse calls a function with the response that the path names.
func (c *call) storedResponse(then func(storedResponse) response) response {
	r, found := recall[storedResponse](c.stored, c.resource)
	if !found {
		return c.notStored(http.StatusNotFound, "Response with id '"+c.resource+"' not found.", nil, nil)
	}
	return then(r)
}

// retrieveResponse returns a response. One in the background is complete when it is asked for.
func (c *call) retrieveResponse(Reply) response {
	return c.storedResponse(func(r storedResponse) response {
		if r.queued != nil {
			r.queued = nil
			c.stored.put(c.resource, r, len(r.body))
		}
		if query, _ := url.ParseQuery(c.query); query.Get("stream") == "true" {
			return c.streamAgain(r, query.Get("starting_after"))
		}
		return response{kind: "application/json", body: r.body}
	})
}

// streamAgain returns the events of a response, or only those after the one with a sequence number. The errors are
// assumed.
func (c *call) streamAgain(r storedResponse, after string) response {
	if r.stream == nil {
		return c.notStored(http.StatusBadRequest, "Response with id '"+c.resource+"' was cancelled and can't be streamed.", nil, nil)
	}
	last, err := strconv.Atoi(orElse(after, "-1"))
	if err != nil {
		return c.notStored(http.StatusBadRequest, "Invalid type for 'starting_after': expected an integer, but got '"+after+"' instead.", "starting_after", "invalid_type")
	}
	a := r.stream()
	events := a.parts()
	a.opening, a.chunks, a.closing, a.texts = nil, events[min(max(last+1, 0), len(events)):], nil, nil
	return a
}

func (c *call) responseInput(Reply) response {
	return c.storedResponse(func(r storedResponse) response { return jsonResponse(page(r.input)) })
}

func (c *call) deleteResponse(Reply) response {
	return c.storedResponse(func(storedResponse) response {
		c.stored.remove(c.resource)
		return jsonResponse(object{"id": c.resource, "object": "response", "deleted": true})
	})
}

// cancelResponse cancels a background response, unless it has ended (github.com/sgl-project/sglang/pull/38003). Others
// can't be canceled.
func (c *call) cancelResponse(Reply) response {
	return c.storedResponse(func(r storedResponse) response {
		if !r.background {
			return c.notStored(http.StatusBadRequest, "Cannot cancel a synchronous response.", nil, nil)
		}
		if r.queued != nil {
			cancelled := maps.Clone(r.queued)
			cancelled["status"] = "cancelled"
			r.body, r.queued, r.stream = marshal(cancelled), nil, nil
			c.stored.put(c.resource, r, len(r.body))
		}
		return response{kind: "application/json", body: r.body}
	})
}

// storedChat is a chat completion that was to be stored.
type storedChat struct {
	body     object
	messages []object
}

// storeChat keeps a chat completion, with the messages of its request.
func (c *call) storeChat(body []byte) {
	chat := storedChat{body: object{}, messages: []object{}}
	_ = json.Unmarshal(body, &chat.body) // it was just written
	chat.body["metadata"] = object{}
	if metadata, ok := c.parsed().get("metadata").decoded().(object); ok {
		chat.body["metadata"] = metadata
	}
	id, _ := chat.body["id"].(string)
	for i, m := range c.parsed().get("messages").items {
		message, ok := m.decoded().(object)
		if !ok {
			continue
		}
		message["id"] = id + "-" + strconv.Itoa(i)
		message["content_parts"] = nil
		if m.get("content").isArray() {
			message["content"], message["content_parts"] = nil, message["content"]
		}
		chat.messages = append(chat.messages, message)
	}
	c.stored.put(id, chat, len(body)+len(c.body))
}

func (c *call) storedChat(then func(storedChat) response) response {
	chat, found := recall[storedChat](c.stored, c.resource)
	if !found {
		return c.notStored(http.StatusNotFound, "Chat completion with id '"+c.resource+"' not found.", nil, nil)
	}
	return then(chat)
}

func (c *call) retrieveChat(Reply) response {
	return c.storedChat(func(chat storedChat) response { return jsonResponse(chat.body) })
}

func (c *call) chatMessages(Reply) response {
	return c.storedChat(func(chat storedChat) response { return jsonResponse(page(chat.messages)) })
}

func (c *call) deleteChat(Reply) response {
	return c.storedChat(func(storedChat) response {
		c.stored.remove(c.resource)
		return jsonResponse(object{"id": c.resource, "object": "chat.completion.deleted", "deleted": true})
	})
}

// page is a list of OpenAI's that is complete.
func page(list []object) object {
	p := object{"object": "list", "data": list, "has_more": false, "first_id": nil, "last_id": nil}
	if n := len(list); n > 0 {
		p["first_id"], p["last_id"] = list[0]["id"], list[n-1]["id"]
	}
	return p
}

// notStored is OpenAI's error about something that does not exist.
func (c *call) notStored(status int, message string, param, code any) response {
	a := jsonResponse(object{"error": object{"message": message, "type": "invalid_request_error", "param": param, "code": code}})
	a.status = status
	return a
}

// inputItems returns the input items of a request, newest first, as in lists.
func (c *call) inputItems(input json.RawMessage) []object {
	var text string
	if json.Unmarshal(input, &text) == nil {
		return []object{{"id": c.id("msg_in", 0), "type": "message", "status": "completed", "role": "user",
			"content": []object{{"type": "input_text", "text": text}}}}
	}
	var items []object
	_ = json.Unmarshal(input, &items)
	list := make([]object, 0, len(items))
	for i, item := range slices.Backward(items) {
		if item == nil {
			continue
		}
		if item["type"] == nil {
			item["type"], item["status"] = "message", "completed"
		}
		if text, ok := item["content"].(string); ok {
			item["content"] = []object{{"type": "input_text", "text": text}}
		}
		if item["id"] == nil {
			kind, _ := item["type"].(string)
			item["id"] = c.id(orElse(itemPrefixes[kind], "item")+"_", i)
		}
		list = append(list, item)
	}
	return list
}
