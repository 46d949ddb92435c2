package docs

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/golden"
	"github.com/lavapayments/lava-go/internal/upstream"
	"github.com/lavapayments/lava-go/mockserver"
)

// scriptTools is a rule of the mock, not of a provider.
const scriptTools = `the mock's reply calls the tool "weather", but the request offers no tools | the test's script, not a provider`

// scriptCandidates is another such rule.
const scriptCandidates = "the mock's reply has 2 candidates, but the request asks for 1 | the test's script, not a provider"

// The page lists exactly the rules that have examples.
// go test ./docs -run TestProviderRules -update writes its table.
func TestProviderRules(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("provider-rules.md")
	require.NoError(t, err)
	before, _, ok := strings.Cut(string(page), "\n|")
	require.True(t, ok)
	rows := ruleRows(t)
	rows["script.candidates"], rows["script.tools"] = scriptCandidates, scriptTools
	assert.Equal(t, mockserver.Rules(), slices.Sorted(maps.Keys(rows)))
	table := before + "\n| Rule | What it requires | Example error | Source |\n|---|---|---|---|\n"
	for _, rule := range mockserver.Rules() {
		requirement := upstream.Requirement(upstream.Rule(rule))
		require.NotEmpty(t, requirement, "%s: what does the rule require?", rule)
		table += "| `" + string(rule) + "` | " + requirement + " | " + rows[rule] + " |\n"
	}
	golden.Equal(t, "provider-rules.md", table)
}

// ruleRows returns the rows of the table, with the first example of each rule.
func ruleRows(t *testing.T) map[mockserver.Rule]string {
	t.Helper()
	files, err := filepath.Glob("../internal/upstream/testdata/rules/*.txt")
	require.NoError(t, err)
	rows := map[mockserver.Rule]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, block := range strings.Split(string(text), "\n# ")[1:] {
			name, rest, _ := strings.Cut(block, "\n")
			rule := mockserver.Rule(name)
			if rows[rule] != "" {
				continue
			}
			fields := map[string]string{}
			for line := range strings.Lines(rest) {
				word, text, _ := strings.Cut(strings.TrimSpace(line), " ")
				fields[word] = text
			}
			_, response, _ := strings.Cut(fields["responds"], " ")
			said := shortened(message(t, response))
			if strings.HasPrefix(fields["wording"], "assumed") {
				said += " (wording assumed)"
			}
			rows[rule] = said + " | [" + sourceName(t, fields["source"]) + "](" + fields["source"] + ")"
		}
	}
	return rows
}

// message returns the first message anywhere in an error's body.
func message(t *testing.T, body string) string {
	t.Helper()
	m := regexp.MustCompile(`"(?:message|msg|error|detail)": ?("(?:[^"\\]|\\.)*")`).FindStringSubmatch(body)
	require.NotNil(t, m, body)
	var s string
	require.NoError(t, json.Unmarshal([]byte(m[1]), &s))
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}

func shortened(s string) string {
	const longest = 140
	if len(s) <= longest {
		return s
	}
	return s[:strings.LastIndex(s[:longest], " ")] + " …"
}

// sourceName returns the repository and number of a report, or host and page.
func sourceName(t *testing.T, source string) string {
	t.Helper()
	if m := regexp.MustCompile(`^https://github\.com/([^/]+/[^/]+)/(?:issues|pull)/(\d+)`).FindStringSubmatch(source); m != nil {
		return m[1] + "#" + m[2]
	}
	u, err := url.Parse(source)
	require.NoError(t, err)
	return u.Host + ": " + strings.TrimSuffix(path.Base(u.Path), ".html")
}
