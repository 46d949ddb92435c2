package upstream

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// mostStored is the maximum number of stored responses: the oldest is dropped.
const mostStored = 1000

// stored keeps the responses of the responses API, unless their requests say not to.
type stored struct {
	mu    sync.Mutex
	byID  map[string]storedResponse
	order []string // oldest first
}

type storedResponse struct {
	body  []byte
	input []object // its items
}

func (s *stored) put(id string, r storedResponse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]storedResponse{}
	}
	if _, ok := s.byID[id]; !ok {
		s.order = append(s.order, id)
	}
	s.byID[id] = r
	if len(s.order) > mostStored {
		delete(s.byID, s.order[0])
		s.order = s.order[1:]
	}
}

func (s *stored) get(id string) (storedResponse, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.byID[id]
	return r, ok
}

func (s *stored) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id) // its entry in order stays, which is harmless
}

// storedResponse responds to GET and DELETE /responses/{id}, and to GET /responses/{id}/input_items; false for other
// paths.
func (c *call) storedResponse() (response, bool) {
	_, rest, ok := strings.Cut(c.path, "/responses/")
	id, part, _ := strings.Cut(rest, "/")
	if !ok || id == "" || c.method != http.MethodGet && c.method != http.MethodDelete {
		return response{}, false
	}
	r, found := c.stored.get(id)
	switch {
	case !found:
		return c.notStored(http.StatusNotFound, "Response with id '"+id+"' not found.", nil, nil), true
	case part == "" && c.method == http.MethodDelete:
		c.stored.remove(id)
		return jsonResponse(object{"id": id, "object": "response", "deleted": true}), true
	case part == "":
		return response{kind: "application/json", body: r.body}, true
	case part == "input_items" && c.method == http.MethodGet:
		page := object{"object": "list", "data": r.input, "has_more": false, "first_id": nil, "last_id": nil}
		if n := len(r.input); n > 0 {
			page["first_id"], page["last_id"] = r.input[0]["id"], r.input[n-1]["id"]
		}
		return jsonResponse(page), true
	}
	return response{}, false
}

// notStored is OpenAI's error for a response that does not exist.
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
			item["id"] = c.id("item_", i)
		}
		list = append(list, item)
	}
	return list
}
