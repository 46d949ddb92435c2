package redact_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/cmd/internal/redact"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"lavamock: all is well\n":                       "lavamock: all is well\n",
		`unexpected argument "aks_live_0123"`:           `unexpected argument "aks_live_[redacted]"`,
		`Post "http://me:secret@127.0.0.1:9000/v1": no`: `Post "http://[redacted]@127.0.0.1:9000/v1": no`,
		`"https://token@host" and "https://host/@me"`:   `"https://[redacted]@host" and "https://host/@me"`,
		"ada@example.com is not https://example.com":    "ada@example.com is not https://example.com",
	} {
		var out bytes.Buffer
		n, err := fmt.Fprint(redact.Writer(&out), message)
		require.NoError(t, err)
		assert.Equal(t, len(message), n)
		assert.Equal(t, want, out.String())
	}
}
