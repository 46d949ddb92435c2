package upstream

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// endpoint is the fake of an endpoint that is no operation of its provider's format.
type endpoint struct {
	method string
	path   string // ends the path of requests; {id} stands for any part, which becomes the call's resource, {item} for its item
	// operation is the key of the endpoint's rules; "" if it has none.
	operation dialect.Operation
	respond   func(*call, Reply) response
}

// endpoints are the fakes by provider. Hosts that are not in the catalog have OpenAI's.
var endpoints = map[string][]endpoint{
	"openai": slices.Concat(responsesEndpoints, []endpoint{
		{http.MethodGet, "v1/chat/completions", "", storedChats.list},
		{http.MethodGet, "v1/chat/completions/{id}", "", storedChats.retrieve},
		{http.MethodPost, "v1/chat/completions/{id}", "", storedChats.found((*call).updateChat)},
		{http.MethodDelete, "v1/chat/completions/{id}", "", storedChats.remove},
		{http.MethodGet, "v1/chat/completions/{id}/messages", "", storedChats.found((*call).chatMessages)},
		{http.MethodPost, "v1/conversations", "", (*call).createConversation},
		{http.MethodGet, "v1/conversations/{id}", "", conversations.retrieve},
		{http.MethodPost, "v1/conversations/{id}", "", conversations.found((*call).updateConversation)},
		{http.MethodDelete, "v1/conversations/{id}", "", conversations.remove},
		{http.MethodPost, "v1/conversations/{id}/items", "", conversations.found((*call).createItems)},
		{http.MethodGet, "v1/conversations/{id}/items", "", conversations.found((*call).listItems)},
		{http.MethodGet, "v1/conversations/{id}/items/{item}", "", conversations.found((*call).retrieveItem)},
		{http.MethodDelete, "v1/conversations/{id}/items/{item}", "", conversations.found((*call).deleteItem)},
		{http.MethodPost, "v1/files", files, (*call).uploadFile},
		{http.MethodGet, "v1/files", "", openAIFiles.list},
		{http.MethodGet, "v1/files/{id}", "", openAIFiles.retrieve},
		{http.MethodGet, "v1/files/{id}/content", "", openAIFiles.found((*call).fileContent)},
		{http.MethodDelete, "v1/files/{id}", "", openAIFiles.remove},
		{http.MethodPost, "v1/uploads", openUploads, (*call).createUpload},
		{http.MethodPost, "v1/uploads/{id}/parts", "", pending((*call).addPart)},
		{http.MethodPost, "v1/uploads/{id}/complete", "", pending((*call).completeUpload)},
		{http.MethodPost, "v1/uploads/{id}/cancel", "", pending((*call).cancelUpload)},
		{http.MethodPost, "v1/batches", batches, (*call).createBatch},
		{http.MethodGet, "v1/batches", "", openAIBatches.list},
		{http.MethodGet, "v1/batches/{id}", "", openAIBatches.retrieve},
		{http.MethodPost, "v1/batches/{id}/cancel", "", openAIBatches.found((*call).cancelBatch)},
	}),
	"xai": responsesEndpoints,
	"anthropic": {
		{http.MethodPost, "v1/messages/batches", batches, (*call).createClaudeBatch},
		{http.MethodGet, "v1/messages/batches", "", claudeBatches.list},
		{http.MethodGet, "v1/messages/batches/{id}", "", claudeBatches.retrieve},
		{http.MethodGet, "v1/messages/batches/{id}/results", "", claudeBatches.found((*call).claudeBatchResults)},
		{http.MethodPost, "v1/messages/batches/{id}/cancel", "", claudeBatches.found((*call).cancelClaudeBatch)},
		{http.MethodDelete, "v1/messages/batches/{id}", "", claudeBatches.found((*call).deleteClaudeBatch)},
		{http.MethodPost, "v1/files", "", (*call).uploadClaudeFile},
		{http.MethodGet, "v1/files", "", claudeFiles.list},
		{http.MethodGet, "v1/files/{id}", "", claudeFiles.retrieve},
		{http.MethodDelete, "v1/files/{id}", "", claudeFiles.remove},
	},
	"google": {
		{http.MethodPost, "upload/v1beta/files", "", (*call).uploadGoogleFile},
		{http.MethodGet, "v1beta/files", "", googleFiles.list},
		{http.MethodGet, "v1beta/files/{id}", "", googleFiles.retrieve},
		{http.MethodDelete, "v1beta/files/{id}", "", googleFiles.remove},
		{http.MethodPost, "cachedContents", caches, (*call).createCache},
		{http.MethodGet, "cachedContents", "", googleCaches.list},
		{http.MethodGet, "cachedContents/{id}", "", googleCaches.retrieve},
		{http.MethodPatch, "cachedContents/{id}", "", googleCaches.found((*call).updateCache)},
		{http.MethodDelete, "cachedContents/{id}", "", googleCaches.remove},
	},
	"mistral": {
		{http.MethodPost, "v1/ocr", ocr, (*call).ocr},
	},
	"elevenlabs": {
		{http.MethodGet, "v1/voices", "", (*call).listVoices},
		{http.MethodGet, "v2/voices", "", (*call).pageOfVoices},
		{http.MethodGet, "v1/voices/{id}", "", (*call).voice},
		{http.MethodPost, "v1/sound-generation", "", (*call).soundEffect},
	},
	"cohere": {
		{http.MethodPost, "v2/chat", dialect.NativeChat, (*call).cohereChat},
		{http.MethodPost, "v2/embed", dialect.Embed, (*call).cohereEmbed},
		{http.MethodPost, "v2/rerank", dialect.Rerank, (*call).rerank},
	},
	"voyage": {
		{http.MethodPost, "v1/rerank", dialect.Rerank, (*call).rerank},
	},
}

// The operations of endpoints with rules, in addition to those of the formats.
const (
	files       dialect.Operation = "files"
	batches     dialect.Operation = "batches"
	openUploads dialect.Operation = "uploads"
	caches      dialect.Operation = "caches"
	ocr         dialect.Operation = "ocr"
)

var responsesEndpoints = []endpoint{
	{http.MethodGet, "v1/responses/{id}", "", storedResponses.found((*call).retrieveResponse)},
	{http.MethodGet, "v1/responses/{id}/input_items", "", storedResponses.found((*call).responseInput)},
	{http.MethodPost, "v1/responses/{id}/cancel", "", storedResponses.found((*call).cancelResponse)},
	{http.MethodDelete, "v1/responses/{id}", "", storedResponses.remove},
}

// HasEndpoint reports whether the fake of a provider has an endpoint that is no operation of the provider's format. An
// empty id stands for hosts that are not in the catalog.
func HasEndpoint(provider, method, path string) bool {
	e, _, _ := findEndpoint(provider, method, path)
	return e != nil
}

// findEndpoint returns the fake of an endpoint, and the ids in the path; nil if there is none.
func findEndpoint(provider, method, path string) (e *endpoint, resource, item string) {
	if provider == "" {
		provider = "openai"
	}
	list := endpoints[provider]
	for i := range list {
		if list[i].method != method {
			continue
		}
		if resource, item, ok := matchEnd(path, list[i].path); ok {
			return &list[i], resource, item
		}
	}
	return nil, "", ""
}

// endpoint returns the fake of the call's endpoint, and sets the call's resource; nil if there is none, or if the
// format knows the operation.
func (c *call) endpoint() *endpoint {
	if c.Operation != dialect.Other {
		return nil
	}
	provider := ""
	if c.provider != nil {
		provider = c.provider.ID
	}
	var e *endpoint
	e, c.resource, c.item = findEndpoint(provider, c.method, c.path)
	return e
}

// matchEnd reports whether a path ends with the parts of a pattern, and returns the parts in the places of {id} and
// {item}.
func matchEnd(path, pattern string) (id, item string, ok bool) {
	path = strings.TrimSuffix(path, "/")
	for pattern != "" {
		before, want, _ := cutEnd(pattern)
		rest, part, found := cutEnd(path)
		switch {
		case !found || part == "":
			return "", "", false
		case want == "{id}":
			id = part
		case want == "{item}":
			item = part
		case want != part:
			return "", "", false
		}
		pattern, path = before, rest
	}
	return id, item, true
}

// cutEnd cuts off the last part of a path; ok reports whether a slash is before it.
func cutEnd(path string) (before, last string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:], i >= 0
}
