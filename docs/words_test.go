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

// bannedWords are words and phrases that a native technical writer would not use here.
var bannedWords = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	"aforementioned", "all else", "all the same", "also if", "amid", "amongst", "anew", "anybody", "as ever", "be it",
	"beside", "everybody", "falls silent", "fell silent", "for ever", "from then on", "hangs up", "hear of", "hears of",
	"herein", "heretofore", "hitherto", "in silence", "is over", "less what", "meanwhile", "nothing but", "now and then",
	"on record", "otherwise than", "out of turn", "puts on record", "says whether", "sees to", "shall", "so many",
	"some day", "somebody", "such as it is", "tell apart", "tells apart", "tells whether", "thereof", "thus",
	"turn the clock", "turns the clock", "under way", "whereby", "whoever", "whomever", "whose things",
	"wins over",
}, "|") + `)\b`)

// Code, comments, pages and documents use plain words.
func TestWords(t *testing.T) {
	t.Parallel()
	texts := []string{".go", ".md", ".html", ".js", ".mjs", ".jsx", ".css", ".yml", ".yaml", ".sh"}
	scripts := []string{"run", "release", "Dockerfile"}
	walk(t, func(path string) {
		if !slices.Contains(texts, filepath.Ext(path)) && !slices.Contains(scripts, filepath.Base(path)) || strings.HasSuffix(path, "/words_test.go") || strings.HasSuffix(path, "/static/app.js") {
			return
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for i, line := range strings.Split(string(text), "\n") {
			if word := bannedWords.FindString(line); word != "" && !strings.Contains(line, "This is not a chat model and") { // OpenAI's words
				t.Errorf("%s:%d: %q", strings.TrimPrefix(path, "../"), i+1, word)
			}
		}
	})
}
