package upstream

import (
	"net/http"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// conversation is a conversation of OpenAI's. Requests and responses add items to it.
type conversation struct {
	id    string
	about object
	items []object // oldest first; the list is replaced, never changed
	bytes int
}

func (v conversation) shown(*call) any { return v.about }

var conversations = collection[conversation]{
	missing: func(c *call) response { return noConversation(c.resource) },
	deleted: func(c *call) object {
		return object{"id": c.resource, "object": "conversation.deleted", "deleted": true}
	},
}

func noConversation(id string) response {
	return openAIFailure(http.StatusNotFound, "", "", "Conversation with id '%s' not found.", id)
}

func (c *call) keepConversation(v conversation) {
	c.store(v.id, kept{object: v, bytes: v.bytes})
}

func (c *call) createConversation(Reply) response {
	id := c.id("conv_", 0)
	v := conversation{id: id, items: c.inputItems(c.parsed().get("items").raw), bytes: len(c.body),
		about: object{"id": id, "object": "conversation", "created_at": c.created(), "metadata": metadataOf(c.parsed())}}
	c.keepConversation(v)
	return jsonResponse(v.about)
}

// updateConversation replaces the metadata.
func (c *call) updateConversation(v conversation) response {
	v.about = object{"id": v.id, "object": "conversation", "created_at": v.about["created_at"], "metadata": metadataOf(c.parsed())}
	c.keepConversation(v)
	return jsonResponse(v.about)
}

func (c *call) listItems(v conversation) response {
	return openAIList{20, 100, "desc"}.page(c, entries(v.items))
}

func (c *call) createItems(v conversation) response {
	added := c.inputItems(c.parsed().get("items").raw)
	c.addItems(v, added, len(c.body))
	page := pageOf(entries(added), false)
	page["object"] = "list"
	return jsonResponse(page)
}

func (c *call) addItems(v conversation, items []object, bytes int) {
	v.items, v.bytes = slices.Concat(v.items, items), v.bytes+bytes
	c.keepConversation(v)
}

func (c *call) retrieveItem(v conversation) response {
	if i := c.itemOf(v); i >= 0 {
		return jsonResponse(v.items[i])
	}
	return c.noItem()
}

func (c *call) deleteItem(v conversation) response {
	i := c.itemOf(v)
	if i < 0 {
		return c.noItem()
	}
	v.items = slices.Delete(slices.Clone(v.items), i, i+1)
	c.keepConversation(v)
	return jsonResponse(v.about)
}

// itemOf returns the index of the item that the path names, or -1.
func (c *call) itemOf(v conversation) int {
	return slices.IndexFunc(v.items, func(item object) bool { return item["id"] == c.item })
}

func (c *call) noItem() response { // the words are assumed
	return openAIFailure(http.StatusNotFound, "", "", "Item with id '%s' not found.", c.item)
}

// conversationID returns the conversation that a request belongs to, or "".
func conversationID(request value) string {
	v := request.get("conversation")
	return orElse(v.text(), v.get("id").text())
}

// tokens estimates the tokens of a conversation, which each response reads again.
func (v conversation) tokens(f dialect.Format) int64 {
	if len(v.items) == 0 {
		return 0
	}
	return dialect.EstimateTokens(f.CountPrompt(marshal(object{"input": v.items})))
}
