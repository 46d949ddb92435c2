package upstream_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// platform.openai.com/docs/api-reference/chat/list: only completions with store true are stored.
func TestStoredChat(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	for _, stream := range []string{"", `,"stream":true`} {
		made := send(t, f, "POST", chatURL, `{"model":"gpt-4o","store":true,"metadata":{"foo":"bar"},"messages":[{"role":"user","content":"write a haiku about ai"}]`+stream+`}`)
		made, _, _ = strings.Cut(strings.TrimPrefix(made, "data: "), "\n")
		target := chatURL + "/" + strings.Trim(at(t, made, "id"), `"`)
		chat := send(t, f, "GET", target, "")
		assert.Equal(t, `"This is a mock response to: write a haiku about ai"`, at(t, chat, "choices", 0, "message", "content"))
		assert.Equal(t, `{"foo":"bar"}`, at(t, chat, "metadata"))
		messages := send(t, f, "GET", target+"/messages", "")
		assert.Equal(t, `"write a haiku about ai"`, at(t, messages, "data", 0, "content"))
		assert.Equal(t, `"chat.completion.deleted"`, at(t, send(t, f, "DELETE", target, ""), "object"))
		resp, _ := ask(t, f, "GET", target, "")
		assert.Equal(t, 404, resp.StatusCode)
	}
}

// openai-go, ChatCompletionListParams: by model, by metadata ("metadata[key1]=value1&metadata[key2]=value2"), "Defaults to
// `asc`". ChatCompletionUpdateParams: the only supported modification is to update the metadata.
func TestStoredChatsAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	var ids []string
	for _, body := range []string{
		`{"model":"gpt-4o","store":true,"metadata":{"foo":"bar","n":"1"},"messages":[{"role":"user","content":"one"}]}`,
		`{"model":"gpt-4o-mini","store":true,"metadata":{"foo":"bar","n":"2"},"messages":[{"role":"user","content":"two"},{"role":"assistant","content":"2"},{"role":"user","content":"three"}]}`,
		`{"model":"gpt-4o","store":true,"messages":[{"role":"user","content":"four"}]}`,
		`{"model":"gpt-4o","messages":[{"role":"user","content":"not stored"}]}`,
	} {
		ids = append(ids, strings.Trim(at(t, send(t, f, "POST", chatURL, body), "id"), `"`))
	}
	for query, want := range map[string][]string{
		"":                                      ids[:3],
		"?order=desc":                           {ids[2], ids[1], ids[0]},
		"?model=gpt-4o":                         {ids[0], ids[2]},
		"?metadata%5Bfoo%5D=bar":                ids[:2],
		"?metadata[foo]=bar&metadata[n]=2":      {ids[1]},
		"?metadata[foo]=other":                  {},
		"?limit=1":                              ids[:1],
		"?model=gpt-4o&limit=1&after=" + ids[0]: {ids[2]},
	} {
		assert.Equal(t, want, listed(t, send(t, f, "GET", chatURL+query, ""), "data", "id"), query)
	}
	target := chatURL + "/" + ids[1]
	for query, want := range map[string][]string{"": {"two", "2", "three"}, "?order=desc&limit=2": {"three", "2"}, "?after=" + ids[1] + "-1": {"three"}} {
		assert.Equal(t, want, listed(t, send(t, f, "GET", target+"/messages"+query, ""), "data", "content"), query)
	}
	assert.JSONEq(t, `{"foo":"baz"}`, at(t, send(t, f, "POST", target, `{"metadata":{"foo":"baz"}}`), "metadata"))
	assert.JSONEq(t, `{"foo":"baz"}`, at(t, send(t, f, "GET", target, ""), "metadata"))
	assert.JSONEq(t, `{}`, at(t, send(t, f, "POST", target, `{"metadata":null}`), "metadata"))
	assert.Equal(t, ids[:3], listed(t, send(t, f, "GET", chatURL, ""), "data", "id"), "in the same place")
	resp, _ := ask(t, f, "POST", chatURL+"/chatcmpl-none", `{"metadata":null}`)
	assert.Equal(t, 404, resp.StatusCode)
}
