package upstream_test

import (
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/upstream"
)

// ruleExample is a block of testdata/rules.
type ruleExample struct {
	rule              upstream.Rule
	url               string // of rejects
	accepts           []sentTo
	rejects, responds string
	sure              bool // the response is quoted from a report, or marked as assumed
}

type sentTo struct{ url, body string }

// report is a link to a report that quotes a response.
var report = regexp.MustCompile(`^https://github\.com/[^/]+/[^/]+/(issues|pull)/\d+$`)

func ruleExamples(t *testing.T) []ruleExample {
	t.Helper()
	files, err := filepath.Glob("testdata/rules/*.txt")
	require.NoError(t, err)
	var list []ruleExample
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		url := ""
		for line := range strings.Lines(string(text)) {
			word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word == "#" {
				list = append(list, ruleExample{rule: upstream.Rule(rest), url: url})
			}
			if len(list) == 0 {
				continue
			}
			switch e := &list[len(list)-1]; word {
			case "url":
				url, e.url = rest, rest
			case "accepts":
				e.accepts = append(e.accepts, sentTo{url, rest})
			case "rejects":
				e.rejects = rest
			case "responds":
				e.responds = rest
			case "source":
				assert.True(t, strings.HasPrefix(rest, "https://"), rest)
				e.sure = report.MatchString(rest)
			case "wording":
				e.sure = true
			}
		}
	}
	return list
}

// Requests that a provider accepts are accepted, and those that it rejects are rejected with its own words, unless
// the rule is switched off.
func TestRules(t *testing.T) {
	t.Parallel()
	seen := []upstream.Rule{upstream.ScriptCandidates, upstream.ScriptTools} // these are about replies: see script_test.go
	for _, e := range ruleExamples(t) {
		seen = append(seen, e.rule)
		assert.True(t, e.sure, "%s: where are the words of the response from?", e.rule)
		t.Run(string(e.rule), func(t *testing.T) {
			t.Parallel()
			for _, a := range e.accepts {
				resp, got := sendRule(t, &upstream.Fake{}, a.url, a.body)
				assert.Equal(t, 200, resp.StatusCode, "%s\n%s", a.body, got)
			}
			status, want, _ := strings.Cut(e.responds, " ")
			resp, got := sendRule(t, &upstream.Fake{}, e.url, e.rejects)
			assert.Equal(t, string(e.rule), resp.Header.Get(upstream.RuleHeader))
			assert.Equal(t, status, strconv.Itoa(resp.StatusCode))
			assert.JSONEq(t, want, withoutRequestID(t, got))

			lenient := &upstream.Fake{Lenient: without(e.rule)}
			resp, _ = sendRule(t, lenient, e.url, e.rejects)
			assert.Empty(t, resp.Header.Get(upstream.RuleHeader), "no other rule is broken")
		})
	}
	slices.Sort(seen)
	assert.Equal(t, upstream.Rules(), slices.Compact(seen), "each rule has an example")
}

// Rules belong to a provider: others with the same format have their own.
func TestRulesAreOfOneProvider(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"api.together.xyz/v1", "openrouter.ai/api/v1", "unknown.example.com/v1"} {
		resp, body := sendRule(t, &upstream.Fake{}, "https://"+host+"/chat/completions", `{"model":"m","top_k":1,"messages":[{"role":"user","content":"x"}]}`)
		assert.Equal(t, 200, resp.StatusCode, body)
	}
}

// letters and copies are abbreviations for repetitions in bodies that would be too long to write out.
var (
	letters = regexp.MustCompile(`<(\d+) letters>`)
	copies  = regexp.MustCompile(`<(\d+) of ([^>]+)>`)
)

// ruleForm returns a form with the fields of an object. A value such as "@a.png image/png" is a file.
func ruleForm(t *testing.T, body string) (form, contentType string) {
	t.Helper()
	var fields map[string]string
	require.NoError(t, json.Unmarshal([]byte(body), &fields), body)
	var b strings.Builder
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		file, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			require.NoError(t, w.WriteField(name, value))
			continue
		}
		file, kind, _ := strings.Cut(file, " ")
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="` + name + `"; filename="` + file + `"`}, "Content-Type": {kind}})
		require.NoError(t, err)
		_, err = part.Write([]byte("ID3"))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String(), w.FormDataContentType()
}

func sendRule(t *testing.T, rt http.RoundTripper, url, body string) (*http.Response, string) {
	t.Helper()
	body = letters.ReplaceAllStringFunc(body, func(s string) string {
		n, err := strconv.Atoi(letters.FindStringSubmatch(s)[1])
		require.NoError(t, err)
		return strings.Repeat("a", n)
	})
	body = copies.ReplaceAllStringFunc(body, func(s string) string {
		found := copies.FindStringSubmatch(s)
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		return strings.TrimSuffix(strings.Repeat(found[2]+",", n), ",")
	})
	contentType := "application/json"
	if fields, isForm := strings.CutPrefix(body, "form "); isForm {
		body, contentType = ruleForm(t, fields)
	}
	body, withoutVersion := strings.CutPrefix(body, "without-version ")
	beta := ""
	if rest, withBeta := strings.CutPrefix(body, "with-beta "); withBeta {
		beta, body, _ = strings.Cut(rest, " ")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", contentType)
	if !withoutVersion {
		req.Header.Set("Anthropic-Version", "2023-06-01")
	}
	if beta != "" {
		req.Header.Set("Anthropic-Beta", beta)
	}
	resp, err := rt.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(b)
}

// withoutRequestID returns an error without the parts that vary.
func withoutRequestID(t *testing.T, body string) string {
	t.Helper()
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v), body)
	if o, ok := v.(map[string]any); ok {
		delete(o, "request_id")
	}
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}
