package anthropic_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
)

// Clients mark every message of a long conversation; Claude accepts four points, and the last ones are the most
// useful (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
func TestCachePointsThatAreTooMany(t *testing.T) {
	t.Parallel()
	point := dialect.CachePoint{}
	turn := func(role dialect.Role, text string) dialect.Message {
		return dialect.Message{Role: role, Parts: []dialect.Part{dialect.Text{Text: text}, point}}
	}
	limit := int64(9)
	request := &dialect.Request{
		Model: "claude-sonnet-4-5", MaxTokens: &limit,
		System:   []dialect.Part{dialect.Text{Text: "s"}, point},
		Tools:    []dialect.Tool{{Name: "f", Cache: &point}},
		Messages: []dialect.Message{turn(dialect.User, "a"), turn(dialect.Assistant, "b"), turn(dialect.User, "c")},
	}
	const marked = `"cache_control":{"type":"ephemeral"}`
	body, err := anthropic.Format{}.WriteRequest(request, dialect.Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"claude-sonnet-4-5","max_tokens":9,
		"system":[{"type":"text","text":"s",`+marked+`}],
		"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},`+marked+`}],
		"messages":[
			{"role":"user","content":"a"},
			{"role":"assistant","content":[{"type":"text","text":"b",`+marked+`}]},
			{"role":"user","content":[{"type":"text","text":"c",`+marked+`}]}]}`, string(body))
	assert.Len(t, request.Messages[0].Parts, 2, "the request is not modified")
}

// "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note
// that blocks are processed in the following order: `tools`, `system`, `messages`"
// (https://github.com/headroomlabs-ai/headroom/issues/2939).
func TestCachePointsOfAnHourBehindShorterOnes(t *testing.T) {
	t.Parallel()
	hour, short := dialect.CachePoint{TTL: "1h"}, dialect.CachePoint{}
	limit := int64(9)
	request := &dialect.Request{
		Model: "claude-sonnet-4-5", MaxTokens: &limit,
		Tools:    []dialect.Tool{{Name: "f", Cache: &hour}},
		System:   []dialect.Part{dialect.Text{Text: "s"}, short},
		Messages: []dialect.Message{{Role: dialect.User, Parts: []dialect.Part{dialect.Text{Text: "a"}, hour}}},
	}
	body, err := anthropic.Format{}.WriteRequest(request, dialect.Traits{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"model":"claude-sonnet-4-5","max_tokens":9,
		"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral","ttl":"1h"}}],
		"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],
		"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]}`, string(body))
	assert.Equal(t, hour, request.Messages[0].Parts[1], "the request is not modified")
}
