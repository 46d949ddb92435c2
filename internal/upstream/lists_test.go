package upstream_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// listed returns a field of each object in a list.
func listed(t *testing.T, body, list, field string) []string {
	t.Helper()
	var objects []map[string]any
	require.NoError(t, json.Unmarshal([]byte(at(t, body, list)), &objects), body)
	values := []string{}
	for _, o := range objects {
		values = append(values, fmt.Sprint(o[field]))
	}
	return values
}

// text returns a string in a JSON document.
func text(t *testing.T, body string, path ...any) (s string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(at(t, body, path...)), &s))
	return s
}

// openai-go, FileListParams: "Limit can range between 1 and 10,000", "Only return files with the given purpose", "Sort order
// by the created_at timestamp". The shape of a page is that of developers.openai.com/api/reference/resources/files.
func TestFilesAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	a, b, c := uploaded(t, f, "batch", `{"n":1}`), uploaded(t, f, "user_data", "2"), uploaded(t, f, "batch", `{"n":3}`)
	const files = openAIBase + "/files"
	for query, want := range map[string][]string{
		"":                              {c, b, a},
		"?order=asc":                    {a, b, c},
		"?order=desc":                   {c, b, a},
		"?purpose=batch":                {c, a},
		"?purpose=vision":               {},
		"?limit=2":                      {c, b},
		"?limit=2&after=" + b:           {a},
		"?order=asc&limit=1&after=" + a: {b},
		"?limit=10000":                  {c, b, a},
	} {
		assert.Equal(t, want, listed(t, send(t, f, "GET", files+query, ""), "data", "id"), query)
	}
	page := send(t, f, "GET", files+"?limit=2", "")
	for field, want := range map[string]string{"object": `"list"`, "has_more": "true", "first_id": `"` + c + `"`, "last_id": `"` + b + `"`} {
		assert.Equal(t, want, at(t, page, field), field)
	}
	page = send(t, f, "GET", files+"?limit=2&purpose=batch", "")
	assert.Equal(t, "false", at(t, page, "has_more"))

	// A client that deletes each file that it has read goes on after it.
	send(t, f, "DELETE", files+"/"+c, "")
	assert.Equal(t, []string{b, a}, listed(t, send(t, f, "GET", files+"?after="+c, ""), "data", "id"))
	assert.Equal(t, []string{b, a}, listed(t, send(t, f, "GET", files, ""), "data", "id"))

	for query, message := range map[string]string{
		"?limit=0":          "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.",
		"?limit=10001":      "Invalid 'limit': integer above maximum value. Expected a value <= 10000, but got 10001 instead.",
		"?limit=all":        "Invalid type for 'limit': expected an integer, but got a string instead.",
		"?order=newest":     "Invalid value: 'newest'. Supported values are: 'asc' and 'desc'.",
		"?after=file-other": "No object found with id 'file-other'.",
	} {
		resp, got := ask(t, f, "GET", files+query, "")
		assert.GreaterOrEqual(t, resp.StatusCode, 400)
		assert.Equal(t, message, text(t, got, "error", "message"), query)
	}
}

// A list shows what a retrieval shows: a client may wait for a batch with lists only.
func TestBatchesAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	var ids []string
	for _, content := range []string{"1", "2"} {
		line := `{"custom_id":"` + content + `","method":"POST","url":"/v1/chat/completions","body":{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}}`
		created := send(t, f, "POST", openAIBase+"/batches", `{"input_file_id":"`+uploaded(t, f, "batch", line)+batchFor)
		ids = append(ids, strings.Trim(at(t, created, "id"), `"`))
	}
	got := send(t, f, "GET", openAIBase+"/batches?limit=1", "")
	assert.Equal(t, []string{ids[1]}, listed(t, got, "data", "id"))
	assert.Equal(t, "true", at(t, got, "has_more"))
	got = send(t, f, "GET", openAIBase+"/batches?after="+ids[1], "")
	assert.Equal(t, []string{ids[0]}, listed(t, got, "data", "id"))
	assert.Equal(t, `"completed"`, at(t, got, "data", 0, "status"))
	output := strings.Trim(at(t, got, "data", 0, "output_file_id"), `"`)
	assert.Contains(t, send(t, f, "GET", openAIBase+"/files/"+output+"/content", ""), `"custom_id":"1"`)
	resp, _ := ask(t, f, "GET", openAIBase+"/batches?limit=101", "")
	assert.Equal(t, 400, resp.StatusCode)
}

// openai-go, InputItemListParams: "The order to return the input items in. Default is `desc`."
func TestInputItemsAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	created := send(t, f, "POST", openAIBase+"/responses", `{"model":"gpt-5.1","input":[{"role":"user","content":"one"},{"role":"assistant","content":[{"type":"output_text","text":"1"}]},{"role":"user","content":"two"}]}`)
	items := openAIBase + "/responses/" + strings.Trim(at(t, created, "id"), `"`) + "/input_items"
	newest := listed(t, send(t, f, "GET", items, ""), "data", "id")
	assert.Equal(t, `"two"`, at(t, send(t, f, "GET", items, ""), "data", 0, "content", 0, "text"))
	assert.Equal(t, newest[1:2], listed(t, send(t, f, "GET", items+"?limit=1&after="+newest[0], ""), "data", "id"))
	assert.Equal(t, []string{newest[2], newest[1], newest[0]}, listed(t, send(t, f, "GET", items+"?order=asc", ""), "data", "id"))
}

// anthropic-sdk-go, MessageBatchListParams: after_id "returns the page of results immediately after this object", before_id
// immediately before it; "Most recently created batches are returned first"
// (platform.claude.com/docs/en/api/messages/batches/list).
func TestClaudeBatchesAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const batches = messagesURL + "/batches"
	var ids []string
	for i := range 4 {
		created := send(t, f, "POST", batches, fmt.Sprintf(`{"requests":[{"custom_id":"a%d","params":%s}]}`, i, askClaude))
		ids = append(ids, strings.Trim(at(t, created, "id"), `"`))
	}
	a, b, c, d := ids[0], ids[1], ids[2], ids[3]
	for _, test := range []struct {
		query string
		want  []string
		more  string
	}{
		{"", []string{d, c, b, a}, "false"},
		{"?limit=2", []string{d, c}, "true"},
		{"?limit=2&after_id=" + c, []string{b, a}, "false"},
		{"?limit=1&after_id=" + d, []string{c}, "true"},
		{"?limit=2&before_id=" + a, []string{c, b}, "true"},
		{"?before_id=" + b, []string{d, c}, "false"},
		{"?after_id=" + a, []string{}, "false"},
	} {
		got := send(t, f, "GET", batches+test.query, "")
		assert.Equal(t, test.want, listed(t, got, "data", "id"), test.query)
		assert.Equal(t, test.more, at(t, got, "has_more"), test.query)
	}
	page := send(t, f, "GET", batches+"?limit=2", "")
	assert.Equal(t, `"`+d+`"`, at(t, page, "first_id"))
	assert.Equal(t, `"`+c+`"`, at(t, page, "last_id"))
	for query, message := range map[string]string{"?limit=0": "limit: Input should be greater than or equal to 1", "?limit=1001": "limit: Input should be less than or equal to 1000"} {
		resp, got := ask(t, f, "GET", batches+query, "")
		assert.Equal(t, 400, resp.StatusCode)
		assert.Equal(t, fmt.Sprintf("%q", message), at(t, got, "error", "message"))
	}
}

// ai.google.dev/api/caching: pageSize and pageToken; "If this field is omitted, there are no subsequent pages." Values above
// 1000 are coerced to 1000. An updated cache has a new end and the same place.
func TestCachedContentsAreListed(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	const caches = geminiURL + "cachedContents"
	assert.Equal(t, "{}", send(t, f, "GET", caches, ""))
	var names []string
	for i := range 3 {
		names = append(names, strings.Trim(at(t, send(t, f, "POST", caches, cacheBody(strconv.Itoa(i), `"ttl":"300s"`)), "name"), `"`))
	}
	send(t, f, "PATCH", geminiURL+names[0]+"?updateMask=ttl", `{"ttl":"600s"}`)
	page := send(t, f, "GET", caches+"?pageSize=2", "")
	assert.Equal(t, []string{names[2], names[1]}, listed(t, page, "cachedContents", "name"))
	token := strings.Trim(at(t, page, "nextPageToken"), `"`)
	page = send(t, f, "GET", caches+"?pageSize=2&pageToken="+token, "")
	assert.Equal(t, names[:1], listed(t, page, "cachedContents", "name"))
	assert.NotContains(t, page, "nextPageToken")
	assert.Len(t, listed(t, send(t, f, "GET", caches+"?pageSize=5000", ""), "cachedContents", "name"), 3)
	resp, _ := ask(t, f, "GET", caches+"?pageToken=none", "")
	assert.Equal(t, 400, resp.StatusCode)
}

// cacheBody is a cached content that is large enough.
func cacheBody(text, more string) string {
	return `{"model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"` + text + strings.Repeat("four", 1200) + `"}]}],` + more + `}`
}

// ai.google.dev/gemini-api/docs/caching: "If not set, the TTL defaults to 1 hour." ai.google.dev/api/caching:
// expireTime is "always provided on output, regardless of what was sent on input".
func TestCachedContentExpires(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, create, update string
		lives                time.Duration
		ends                 string
	}{
		{"by default", `"displayName":"a"`, "", time.Hour, "2026-03-01T13:00:00Z"},
		{"ttl", `"ttl":"300s"`, "", 5 * time.Minute, "2026-03-01T12:05:00Z"},
		{"expireTime", `"expireTime":"2026-03-01T12:30:00Z"`, "", 30 * time.Minute, "2026-03-01T12:30:00Z"},
		{"longer", `"ttl":"300s"`, `{"ttl":"7200s"}`, 2 * time.Hour, "2026-03-01T14:00:00Z"},
		{"shorter", `"ttl":"300s"`, `{"expireTime":"2026-03-01T12:00:30Z"}`, 30 * time.Second, "2026-03-01T12:00:30Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
			now := start
			f := &upstream.Fake{Now: func() time.Time { return now }}
			cache := send(t, f, "POST", geminiURL+"cachedContents", cacheBody("a", test.create))
			target := geminiURL + strings.Trim(at(t, cache, "name"), `"`)
			if test.update != "" {
				cache = send(t, f, "PATCH", target, test.update)
			}
			assert.Equal(t, `"`+test.ends+`"`, at(t, cache, "expireTime"))
			generate := `{"cachedContent":` + at(t, cache, "name") + `,"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}`

			now = start.Add(test.lives - time.Second)
			assert.JSONEq(t, cache, send(t, f, "GET", target, ""))
			send(t, f, "POST", generateURL, generate)
			now = start.Add(test.lives)
			for _, request := range [][3]string{{"GET", target}, {"PATCH", target, `{"ttl":"60s"}`}, {"DELETE", target}, {"POST", generateURL, generate}} {
				resp, got := ask(t, f, request[0], request[1], request[2])
				assert.Equal(t, http.StatusForbidden, resp.StatusCode)
				assert.Equal(t, `"CachedContent not found (or permission denied)"`, at(t, got, "error", "message"))
			}
			assert.Equal(t, "{}", send(t, f, "GET", geminiURL+"cachedContents", ""))
		})
	}
}

// ai.google.dev/api/tokens, CountTokensResponse: "When cachedContent is set, [totalTokens] is still the total effective
// prompt size", cachedContentTokenCount the "number of tokens in the cached part of the prompt".
func TestCountTokensWithCachedContent(t *testing.T) {
	t.Parallel()
	f := &upstream.Fake{}
	cache := send(t, f, "POST", geminiURL+"cachedContents", cacheBody("a", `"ttl":"300s"`))
	const prompt = `"contents":[{"role":"user","parts":[{"text":"Please summarize this transcript"}]}]`
	const count = geminiURL + "models/gemini-2.5-flash:countTokens"
	alone := send(t, f, "POST", count, `{"generateContentRequest":{"model":"models/gemini-2.5-flash",`+prompt+`}}`)
	assert.JSONEq(t, `{"totalTokens":8}`, alone)
	cached := send(t, f, "POST", count, `{"generateContentRequest":{"model":"models/gemini-2.5-flash","cachedContent":`+at(t, cache, "name")+`,`+prompt+`}}`)
	assert.JSONEq(t, `{"totalTokens":1209,"cachedContentTokenCount":1201}`, cached)
	resp, _ := ask(t, f, "POST", count, `{"generateContentRequest":{"model":"models/gemini-2.5-flash","cachedContent":"cachedContents/none",`+prompt+`}}`)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
}
