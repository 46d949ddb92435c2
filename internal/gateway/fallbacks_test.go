package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBadFallbackHeaders(t *testing.T) {
	t.Parallel()
	entry := `{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"},`
	for _, test := range []struct{ header, says string }{
		{"yes", "must be a JSON array"},
		{`{"url":"x"}`, "must be a JSON array"},
		{"[" + strings.Repeat(entry, 5) + strings.TrimSuffix(entry, ",") + "]", "at most 5"},
		{`[{"url":"nowhere"}]`, "entry 0"},
		{`[{"URL":"https://api.openai.com/v1/chat/completions"}]`, "[0].URL: is not a field"},
		{`[` + entry + `{"url":"https://api.openai.com/v1","model":"gpt-4o","model":"o3"}]`, "[1].model: appears twice"},
		{`[{"url":"https://example.com/v1/messages","model":"x"}]`, "example.com"},
		{`[{"url":"https://user:hidden@api.openai.com/v1/chat/completions","model":"x"}]`, "password"},
		{`[{"url":"https://user:hidden @api.openai.com/v1/chat/completions","model":"x"}]`, "entry 0"},
	} {
		r := newRig(t)
		got := r.do(t, "POST", rewriteChat, chatBody, "X-Lava-Fallbacks", test.header)
		assert.Equal(t, 400, got.status)
		assert.Contains(t, got.body, "x-lava-fallbacks: ")
		assert.Contains(t, got.body, test.says)
		assert.NotContains(t, got.body, "hidden")
		assert.Zero(t, r.count())
	}
}
