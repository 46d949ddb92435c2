package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// Each snippet of the guide is a part of a test that is compiled and run, but for its
// indentation. Where the guide leaves lines out it says so with an empty line.
func TestSnippetsOfTheGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("testing.md")
	require.NoError(t, err)
	tests := ""
	files, err := filepath.Glob("../mockserver/*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		tests += plain(string(text))
	}
	blocks := goBlock.FindAllStringSubmatch(string(guide), -1)
	require.Greater(t, len(blocks), 6)
	for _, block := range blocks {
		for part := range strings.SplitSeq(block[1], "\n\n") {
			require.Contains(t, tests, plain(part), "no test of mockserver has this")
		}
	}
}

// plain is code without indentation and without the alignment of comments.
func plain(code string) string {
	var lines []string
	for line := range strings.SplitSeq(code, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
