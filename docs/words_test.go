package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// bannedWords are those that a technical writer would not use: there is a plainer one.
var bannedWords = regexp.MustCompile(`(?i)\b(whoever|whomever|meanwhile|anew|all else|says whether|tells whether|hitherto|thereof|whereby|herein|aforementioned)\b`)

// Code, comments, pages and documents use plain words.
func TestWords(t *testing.T) {
	t.Parallel()
	texts := []string{".go", ".md", ".html", ".js", ".mjs", ".jsx", ".css", ".yml", ".yaml", ".sh"}
	walk(t, func(path string) {
		if !slices.Contains(texts, filepath.Ext(path)) || strings.HasSuffix(path, "/words_test.go") || strings.HasSuffix(path, "/static/app.js") {
			return
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			if word := bannedWords.FindString(line); word != "" {
				t.Errorf("%s:%d: %q", strings.TrimPrefix(path, "../"), i+1, word)
			}
		}
	})
}
