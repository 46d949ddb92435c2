package mockserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// A provider's rejection names the rule that was broken, translated or not, and the option makes the request pass.
func TestLenient(t *testing.T) {
	t.Parallel()
	const (
		forward   = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
		translate = "/v1/rewrite/anthropic/https://api.openai.com/v1/chat/completions"
		body      = `{"model":"gpt-4o","top_k":1,"messages":[{"role":"user","content":"x"}]}`
	)
	strict := mockserver.Start(t)
	got := sendAs(t, strict, strict.SecretKey(), "POST", forward, body)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "openai.unknown-parameter", got.header.Get("X-Lavamock-Rule"))
	assert.JSONEq(t, `{"error":{"message":"Unrecognized request argument supplied: top_k","type":"invalid_request_error","param":null,"code":null}}`, string(got.body))

	strict.Script(mockserver.Reply{Status: 400, Header: http.Header{"X-Lavamock-Rule": {"openai.stop"}}})
	got = sendAs(t, strict, strict.SecretKey(), "POST", translate, `{"model":"gpt-4o","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "openai.stop", got.header.Get("X-Lavamock-Rule"), "headers of a translated rejection")

	for _, option := range []mockserver.Option{mockserver.Lenient(), mockserver.Lenient("openai.unknown-parameter")} {
		lenient := mockserver.Start(t, option)
		assert.Equal(t, 200, sendAs(t, lenient, lenient.SecretKey(), "POST", forward, body).status)
	}
	other := mockserver.Start(t, mockserver.Lenient("openai.stop"))
	assert.Equal(t, 400, sendAs(t, other, other.SecretKey(), "POST", forward, body).status)

	_, err := mockserver.New(mockserver.Lenient("openai.stops"))
	require.ErrorContains(t, err, `there is no rule "openai.stops"`)
}

// The error for a misspelled rule suggests similar ones.
func TestLenientNamesTheNearest(t *testing.T) {
	t.Parallel()
	_, err := mockserver.New(mockserver.Lenient("openai.tool-mesage"))
	require.ErrorContains(t, err, `there is no rule "openai.tool-mesage" in docs/provider-rules.md; did you mean "openai.tool-message"?`)
}

// testLog is a test as Start sees it.
type testLog struct {
	failed   bool
	mu       sync.Mutex
	lines    []string
	cleanups []func()
}

func (*testLog) Helper()            {}
func (l *testLog) Failed() bool     { return l.failed }
func (l *testLog) Cleanup(f func()) { l.cleanups = append(l.cleanups, f) }
func (l *testLog) Fatalf(string, ...any) {
	panic("the server did not start")
}

func (l *testLog) Errorf(format string, args ...any) {
	l.failed = true
	l.Logf(format, args...)
}

func (l *testLog) Logf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// The test's log reports a rule once if the mock rejects a request because of it. After the test it reports nothing,
// because testing would panic.
func TestRejectionsAreLogged(t *testing.T) {
	t.Parallel()
	log := &testLog{}
	s := mockserver.Start(log)
	ask := func(body string) {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/forward?u=https://api.openai.com/v1/chat/completions", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.SecretKey())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(t, 400, w.Code, "%s", w.Body)
	}
	const orphan = `{"model":"gpt-4o","messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"call_1","content":"y"}]}`
	ask(orphan)
	ask(orphan)
	require.Equal(t, []string{`mockserver: request rejected by rule openai.tool-message; mockserver.Lenient("openai.tool-message") accepts it`}, log.lines)
	for _, f := range log.cleanups {
		f()
	}
	ask(`{"model":"gpt-4o","top_k":1,"messages":[{"role":"user","content":"x"}]}`)
	require.Len(t, log.lines, 1)

	var told []mockserver.Rule
	s = mockserver.Start(log, mockserver.OnRejection(func(rule mockserver.Rule) { told = append(told, rule) }))
	ask(orphan)
	require.Equal(t, []mockserver.Rule{"openai.tool-message"}, told)
	require.Len(t, log.lines, 1)
}
