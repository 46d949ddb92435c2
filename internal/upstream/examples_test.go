package upstream_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// Requests from the providers' documentation are accepted: a rule that rejects one is wrong, whatever its source.
func TestDocumentedRequestsAreAccepted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/examples/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		source, url := "", ""
		for line := range strings.Lines(string(text)) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch word {
			case "source":
				source = rest
			case "url":
				url = rest
			case "accepts":
				n++
				resp, got := sendRule(t, &upstream.Fake{}, url, rest)
				assert.Equal(t, 200, resp.StatusCode, "%s (%s)\n%s\nof %s\n%s", url, resp.Header.Get(upstream.RuleHeader), rest, source, got)
			}
		}
	}
	assert.GreaterOrEqual(t, n, 140)
}
