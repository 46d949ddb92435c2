package openai_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/openai"
)

// A field of an unexpected type loses that field only.
func TestUsageOfUnexpectedTypes(t *testing.T) {
	t.Parallel()
	u, ok := openai.Format{}.ReadUsage([]byte(`{"id":7,"model":"m","usage":{"prompt_tokens":"5","completion_tokens":6}}`))
	assert.True(t, ok)
	assert.Equal(t, dialect.Usage{Model: "m", OutputTokens: 6}, u)
}
