package docs

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// The page lists each rule, and no other.
func TestProviderRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("provider-rules.md")
	require.NoError(t, err)
	var listed []mockserver.Rule
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` ").FindAllStringSubmatch(string(text), -1) {
		listed = append(listed, mockserver.Rule(m[1]))
	}
	slices.Sort(listed)
	assert.Equal(t, mockserver.Rules(), listed)
}
