package anthropic_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/anthropic"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// The decoded text of a stream is counted, regardless of escapes.
func TestMeterCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		operation dialect.Operation
		kind      string
		data      string
		want      int64
	}{
		{"Anthropic text", dialect.Messages, "content_block_delta", `{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}`, 5},
		{"Anthropic without event names", dialect.Messages, "", `{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hello"}}`, 5},
		{"Anthropic thinking", dialect.Messages, "content_block_delta", `{"delta":{"type":"thinking_delta","thinking":"Hm"}}`, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := anthropic.Format{}.NewMeter(test.operation)
			assert.Equal(t, ending.Content, m.Read(test.kind, []byte(test.data)))
			assert.Equal(t, test.want, m.Characters())
			m.Read(test.kind, []byte(test.data))
			assert.Equal(t, 2*test.want, m.Characters(), "the same for later events")
		})
	}
}

func TestMeterClasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation  dialect.Operation
		kind, data string
		want       ending.Class
	}{
		{dialect.Messages, "message_stop", `{}`, ending.Terminal},
		{dialect.Messages, "error", `{}`, ending.Failure},
		{dialect.Messages, "ping", `{}`, ending.Content},
	} {
		assert.Equal(t, test.want, anthropic.Format{}.NewMeter(test.operation).Read(test.kind, []byte(test.data)), "%s %s", test.kind, test.data)
	}
}

// RFC 8259, section 8.3: strings are compared by their decoded value.
func TestUsageWithEscapedKeys(t *testing.T) {
	t.Parallel()
	u, ok := anthropic.Format{}.ReadUsage([]byte(`{"usage":{"input\u005ftokens":5,"output_tokens":8,"cache_creation":{"ephemeral_1h_input\u005ftokens":3}}}`))
	assert.True(t, ok)
	assert.Equal(t, dialect.Usage{InputTokens: 8, OutputTokens: 8, CacheWrite1hTokens: 3}, u)
}
