// Package docs keeps the documents true.
package docs

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	row      = regexp.MustCompile(`(?m)^\| ([a-z0-9-]+) \|.*\| ([\w/.]+\.go) \|(.*)\|$`)
	mention  = regexp.MustCompile(`[Aa]ssumption ([a-z0-9-]+)[.),;]`)
	newLine  = regexp.MustCompile(`\n\s*//\s*`)
	optionID = regexp.MustCompile("`(\\w+)\\(")
)

// Every assumption in the table is named by a comment in the file that the table names, and every assumption in a
// comment is in the table.
func TestAssumptions(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("fidelity.md")
	require.NoError(t, err)
	where := map[string]string{}
	options := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(table), -1) {
		require.NotContains(t, where, m[1], "%s is listed twice", m[1])
		where[m[1]] = m[2]
		for _, o := range optionID.FindAllStringSubmatch(m[3], -1) {
			options[o[1]] = true
		}
	}
	require.Greater(t, len(where), 40, "the table was not read")

	named := map[string]map[string]bool{}
	source := map[string]string{}
	err = filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "node_modules") {
			return err
		}
		text, err := os.ReadFile(path)
		path = filepath.ToSlash(strings.TrimPrefix(path, "../"))
		source[path] = string(text)
		for _, m := range mention.FindAllStringSubmatch(newLine.ReplaceAllString(string(text), " "), -1) {
			if named[m[1]] == nil {
				named[m[1]] = map[string]bool{}
			}
			named[m[1]][path] = true
		}
		return err
	})
	require.NoError(t, err)

	for id, file := range where {
		if !named[id][file] {
			t.Errorf("no comment in %s names the assumption %s", file, id)
		}
	}
	for id, files := range named {
		if where[id] == "" {
			t.Errorf("docs/fidelity.md does not list the assumption %s of %v", id, slices.Sorted(maps.Keys(files)))
		}
	}
	for o := range options {
		found := false
		for path, text := range source {
			found = found || strings.HasPrefix(path, "mockserver/") && strings.Contains(text, "func "+o+"(")
		}
		require.True(t, found, "docs/fidelity.md names the option %s, which mockserver does not have", o)
	}
}
