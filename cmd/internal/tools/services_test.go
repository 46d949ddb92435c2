package tools_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/cmd/internal/tools"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	a := connect(t, account(mockserver.Start(t, mockserver.InMemory())))
	first := func(query string) map[string]any {
		found := items(a.do("search", args{"query": query}), "services")
		require.NotEmpty(t, found, query)
		return found[0]
	}
	assert.Equal(t, "gpt-4o-mini", first("gpt-4o-mini")["id"], "the exact name comes first")
	assert.Equal(t, "anthropic", first("haiku anthropic")["provider"], "words may match different fields")
	price := first("GPT-4o-mini")["pricing"].(map[string]any)
	assert.Equal(t, args{"unit": "tokens_1m", "input": "0.15", "output": "0.6", "cache_input_read": "0.075"}, price)

	two := a.do("search", args{"query": "", "limit": 2})
	assert.Len(t, two["services"], 2)
	assert.Greater(t, two["found"], 100.0)
	none := a.call("search", args{"query": "no such model"})
	assert.False(t, none.IsError)
	assert.Contains(t, text(none), "Nothing matches")
	for _, s := range items(a.do("search", args{"query": "gpt", "provider": "openai"}), "services") {
		assert.Equal(t, "openai", s["provider"])
	}
}

func TestProviderDocs(t *testing.T) {
	t.Parallel()
	a := connect(t, account(mockserver.Start(t, mockserver.InMemory())))
	docs := a.do("get_provider_docs", args{"provider": "anthropic", "limit": 3})
	assert.Equal(t, "Anthropic", docs["name"])
	assert.Len(t, docs["services"], 3)
	assert.Greater(t, docs["found"], 3.0)
}

// A catalog may have more fields than the mock's.
func TestServiceDetails(t *testing.T) {
	t.Parallel()
	client := handlerClient(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "fal", r.URL.Query().Get("provider"))
		_, _ = w.Write([]byte(`{"object":"list","providers":[{"id":"fal","label":"Fal","api_reference":"https://fal.ai/docs"}],"data":[{
			"id":"flux","provider":"fal","service_type":"image","capabilities":["text-to-image"],"pricing":{"type":"requests","cost_per_request":0.04},
			"endpoint":"https://queue.fal.run/flux","method":"POST","url_template":"https://queue.fal.run/{model}",
			"workflow":{"kind":"poll","poll_after":"10s","id_field":"request_id"},"example_body":{"prompt":"a cat"}}]}`))
	})
	a := connect(t, tools.NewKeyAccount("a test", lava.WithSecretKey("aks_test_1"), lava.WithBaseURL("http://lava.test"), lava.WithHTTPClient(client)))
	docs := a.do("get_provider_docs", args{"provider": "fal"})
	assert.Equal(t, "https://fal.ai/docs", docs["api_reference"])
	assert.Equal(t, args{
		"id": "flux", "provider": "fal", "kind": "image", "managed": false, "capabilities": []any{"text-to-image"},
		"pricing":  args{"unit": "requests", "request": "0.04"},
		"endpoint": "https://queue.fal.run/flux", "method": "POST", "url_template": "https://queue.fal.run/{model}",
		"poll_after": "10s", "example_body": args{"prompt": "a cat"},
	}, items(docs, "services")[0])
}

func TestPages(t *testing.T) {
	t.Parallel()
	a := connect(t, account(mockserver.Start(t, mockserver.InMemory())))
	names := []string{"first", "second", "third"}
	for _, name := range names {
		a.do("create_meter", args{"name": name, "rate_type": "fixed", "tier_type": "requests", "tiers": []args{{"rate": "1"}}})
	}
	page := a.do("list_meters", args{"limit": 2})
	require.Len(t, page["items"], 2)
	assert.Equal(t, "third", items(page, "items")[0]["name"])
	rest := a.do("list_meters", args{"limit": 2, "cursor": page["next_cursor"]})
	require.Len(t, rest["items"], 1)
	assert.Equal(t, "first", items(rest, "items")[0]["name"])
	assert.NotContains(t, rest, "next_cursor")
	assert.Len(t, items(a.do("list_plans", nil), "items"), 1, "the plan Free")
}
