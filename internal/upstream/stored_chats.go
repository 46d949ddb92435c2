package upstream

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// storedChat is a chat completion that was to be stored.
type storedChat struct {
	body     object
	messages []object
}

// storeChat keeps a chat completion, with the messages of its request.
func (c *call) storeChat(body []byte) {
	chat := storedChat{body: object{}, messages: []object{}}
	_ = json.Unmarshal(body, &chat.body) // it was just written
	chat.body["metadata"] = metadataOf(c.parsed())
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
	c.store(id, kept{object: chat, bytes: len(body) + len(c.body)})
}

// metadataOf returns the metadata of a request.
func metadataOf(request value) object {
	if metadata, ok := request.get("metadata").decoded().(object); ok {
		return metadata
	}
	return object{}
}

var storedChats = collection[storedChat]{
	missing: func(c *call) response {
		return openAIFailure(http.StatusNotFound, "", "", "Chat completion with id '%s' not found.", c.resource)
	},
	deleted: func(c *call) object {
		return object{"id": c.resource, "object": "chat.completion.deleted", "deleted": true}
	},
	listed: storedChat.isListed,
	page:   openAIList{20, 100, "asc"}.page,
}

func (chat storedChat) shown(*call) any { return chat.body }

// isListed reports whether a list of a model, or with metadata such as metadata[key1]=value1, has the chat.
func (chat storedChat) isListed(query url.Values) bool {
	if model := query.Get("model"); model != "" && model != chat.body["model"] {
		return false
	}
	metadata, _ := chat.body["metadata"].(object)
	for name, values := range query {
		key, isMetadata := strings.CutPrefix(name, "metadata[")
		if isMetadata && metadata[strings.TrimSuffix(key, "]")] != values[0] {
			return false
		}
	}
	return true
}

func (c *call) chatMessages(chat storedChat) response {
	return openAIList{20, 100, "asc"}.page(c, entries(chat.messages))
}

// updateChat replaces the metadata: nothing else can be changed.
func (c *call) updateChat(chat storedChat) response {
	chat.body = maps.Clone(chat.body)
	chat.body["metadata"] = metadataOf(c.parsed())
	c.change(c.resource, chat, 0)
	return jsonResponse(chat.body)
}
