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
	path   string // ends the path of requests; {id} stands for any part, which becomes the call's resource
	// operation is the key of the endpoint's rules; "" if it has none.
	operation dialect.Operation
	respond   func(*call, Reply) response
}

// endpoints are the fakes by provider. Hosts that are not in the catalog have OpenAI's.
var endpoints = map[string][]endpoint{
	"openai": slices.Concat(storedResponses, []endpoint{
		{http.MethodGet, "v1/chat/completions/{id}", "", (*call).retrieveChat},
		{http.MethodGet, "v1/chat/completions/{id}/messages", "", (*call).chatMessages},
		{http.MethodDelete, "v1/chat/completions/{id}", "", (*call).deleteChat},
		{http.MethodPost, "v1/files", files, (*call).uploadFile},
		{http.MethodGet, "v1/files/{id}", "", (*call).retrieveFile},
		{http.MethodGet, "v1/files/{id}/content", "", (*call).fileContent},
		{http.MethodDelete, "v1/files/{id}", "", (*call).deleteFile},
		{http.MethodPost, "v1/batches", batches, (*call).createBatch},
		{http.MethodGet, "v1/batches/{id}", "", (*call).retrieveBatch},
		{http.MethodPost, "v1/batches/{id}/cancel", "", (*call).cancelBatch},
	}),
	"xai": storedResponses,
	"anthropic": {
		{http.MethodPost, "v1/messages/batches", batches, (*call).createClaudeBatch},
		{http.MethodGet, "v1/messages/batches/{id}", "", (*call).retrieveClaudeBatch},
		{http.MethodGet, "v1/messages/batches/{id}/results", "", (*call).claudeBatchResults},
		{http.MethodPost, "v1/messages/batches/{id}/cancel", "", (*call).cancelClaudeBatch},
		{http.MethodDelete, "v1/messages/batches/{id}", "", (*call).deleteClaudeBatch},
		{http.MethodPost, "v1/files", "", (*call).uploadClaudeFile},
		{http.MethodGet, "v1/files/{id}", "", (*call).retrieveClaudeFile},
		{http.MethodDelete, "v1/files/{id}", "", (*call).deleteClaudeFile},
	},
	"google": {
		{http.MethodPost, "upload/v1beta/files", "", (*call).uploadGoogleFile},
		{http.MethodGet, "v1beta/files/{id}", "", (*call).retrieveGoogleFile},
		{http.MethodDelete, "v1beta/files/{id}", "", (*call).deleteGoogleFile},
		{http.MethodPost, "cachedContents", caches, (*call).createCache},
		{http.MethodGet, "cachedContents/{id}", "", (*call).retrieveCache},
		{http.MethodPatch, "cachedContents/{id}", "", (*call).updateCache},
		{http.MethodDelete, "cachedContents/{id}", "", (*call).deleteCache},
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
	files   dialect.Operation = "files"
	batches dialect.Operation = "batches"
	caches  dialect.Operation = "caches"
	ocr     dialect.Operation = "ocr"
)

var storedResponses = []endpoint{
	{http.MethodGet, "v1/responses/{id}", "", (*call).retrieveResponse},
	{http.MethodGet, "v1/responses/{id}/input_items", "", (*call).responseInput},
	{http.MethodPost, "v1/responses/{id}/cancel", "", (*call).cancelResponse},
	{http.MethodDelete, "v1/responses/{id}", "", (*call).deleteResponse},
}

// HasEndpoint reports whether the fake of a provider has an endpoint that is no operation of the provider's format. An
// empty id stands for hosts that are not in the catalog.
func HasEndpoint(provider, method, path string) bool {
	e, _ := findEndpoint(provider, method, path)
	return e != nil
}

// findEndpoint returns the fake of an endpoint, and the id in the path; nil if there is none.
func findEndpoint(provider, method, path string) (e *endpoint, resource string) {
	if provider == "" {
		provider = "openai"
	}
	list := endpoints[provider]
	for i := range list {
		if list[i].method != method {
			continue
		}
		if resource, ok := matchEnd(path, list[i].path); ok {
			return &list[i], resource
		}
	}
	return nil, ""
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
	e, resource := findEndpoint(provider, c.method, c.path)
	c.resource = resource
	return e
}

// matchEnd reports whether a path ends with the parts of a pattern, and returns the part in the place of {id}.
func matchEnd(path, pattern string) (id string, ok bool) {
	path = strings.TrimSuffix(path, "/")
	for pattern != "" {
		before, want, _ := cutEnd(pattern)
		rest, part, found := cutEnd(path)
		switch {
		case !found || part == "":
			return "", false
		case want == "{id}":
			id = part
		case want != part:
			return "", false
		}
		pattern, path = before, rest
	}
	return id, true
}

// cutEnd cuts off the last part of a path; ok reports whether a slash is before it.
func cutEnd(path string) (before, last string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:], i >= 0
}
