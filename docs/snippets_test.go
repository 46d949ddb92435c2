package docs

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// Each Go snippet is part of a test or example that is compiled and run, except for its indentation. An empty line
// means that the document omits lines.
func TestSnippets(t *testing.T) {
	t.Parallel()
	code := compiled(t)
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, block := range goBlock.FindAllStringSubmatch(string(text), -1) {
			for part := range strings.SplitSeq(block[1], "\n\n") {
				if !strings.Contains(code, plain(part)) {
					t.Errorf("%s: no test or example has\n%s", document, part)
				}
			}
		}
	}
}

// documents returns the Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	walk(t, func(path string) {
		if filepath.Ext(path) == ".md" {
			all = append(all, path)
		}
	})
	require.Greater(t, len(all), 10)
	return all
}

// compiled returns the code of all tests and examples.
func compiled(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	walk(t, func(path string) {
		if !strings.HasSuffix(path, "_test.go") && !strings.Contains(path, "/examples/") || filepath.Ext(path) != ".go" {
			return
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		code.WriteString(plain(string(text)))
	})
	return code.String()
}

// walk calls visit for each file of the repository.
func walk(t *testing.T, visit func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case entry.IsDir() && (name == "node_modules" || name == "testdata" || name == ".git"):
			return filepath.SkipDir
		case !entry.IsDir():
			visit(filepath.ToSlash(path))
		}
		return nil
	})
	require.NoError(t, err)
}

// plain returns code without indentation and without alignment of comments.
func plain(code string) string {
	var lines []string
	for line := range strings.SplitSeq(code, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fence   = regexp.MustCompile("(?s)```.*?```")
)

// Links to files and headings work. Links to other sites are not checked.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, match := range link.FindAllStringSubmatch(fence.ReplaceAllString(string(text), ""), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := document
			if target != "" {
				file = filepath.Join(filepath.Dir(document), filepath.FromSlash(target))
			}
			info, err := os.Stat(file)
			if err != nil {
				if !strings.HasPrefix(target, "../blob/") { // issue templates are shown on the site
					t.Errorf("%s: there is no %s", document, target)
				}
				continue
			}
			if anchor == "" || info.IsDir() {
				continue
			}
			linked, err := os.ReadFile(file)
			require.NoError(t, err)
			if !slices.Contains(anchors(string(linked)), anchor) {
				t.Errorf("%s: %s has no heading #%s", document, file, anchor)
			}
		}
	}
}

// anchors returns the anchors that GitHub generates for the headings of a document.
func anchors(document string) []string {
	names := map[string]bool{}
	for _, match := range heading.FindAllStringSubmatch(fence.ReplaceAllString(document, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ' || r == '-':
				return '-'
			case r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
				return r
			}
			return -1
		}, strings.ToLower(match[1]))
		names[name] = true
	}
	return slices.Collect(maps.Keys(names))
}
