package anthropic_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
)

// Clients mark every message of a long conversation; Claude takes four points, and the
// last ones are worth most (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
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
	assert.Len(t, request.Messages[0].Parts, 2, "the request stays as it is")
}
