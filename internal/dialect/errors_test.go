package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/dialect"
)

func TestErrorFrom(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ message, body, want string }{
		{"slow down", `{"error":{}}`, "slow down"},
		{"", "upstream connect error", "upstream connect error"},
		{"", "<html>oops</html>", "Bad Gateway"},
		{"", `{"oops":1}`, "Bad Gateway"},
		{"", "", "Bad Gateway"},
	} {
		assert.Equal(t, test.want, dialect.ErrorFrom(502, test.message, []byte(test.body)).Text(), test.body)
	}
	assert.Equal(t, "status 299", dialect.Error{Status: 299}.Text())
}

// 529 is Anthropic's own.
func TestErrorStandard(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]int{529: 503, 503: 503, 429: 429} {
		assert.Equal(t, dialect.Error{Status: want, Message: "x"}, dialect.Error{Status: status, Message: "x"}.Standard())
	}
}
