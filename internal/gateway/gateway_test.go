package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// ledger is a billing that admits all but one key, and keeps what is recorded.
type ledger struct {
	mu        sync.Mutex
	admitted  []gateway.Destination
	tokens    []gateway.Token
	outcomes  []gateway.Outcome
	forbidden []string // providers
	fallbacks []gateway.Fallback
	recorded  chan struct{} // gets a value for each outcome, if it is not nil
}

const goodKey = "aks_test_good"

func (l *ledger) Admit(_ context.Context, t gateway.Token, to gateway.Destination) (gateway.Admission, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.SecretKey != goodKey {
		return gateway.Admission{RequestID: "req_refused"}, billing.Errorf(billing.CodeAuthentication, "authorization", "wrong key")
	}
	l.admitted, l.tokens = append(l.admitted, to), append(l.tokens, t)
	id := "req_" + strconv.Itoa(len(l.admitted))
	var once sync.Once
	return gateway.Admission{RequestID: id, Fallbacks: func() []gateway.Fallback { return l.fallbacks }, Record: func(o gateway.Outcome) error {
		twice := true
		once.Do(func() { twice = false })
		if twice {
			panic("recorded twice")
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.outcomes = append(l.outcomes, o)
		if l.recorded != nil {
			l.recorded <- struct{}{}
		}
		return nil
	}}, nil
}

// Allows allows all but what a test has forbidden.
func (l *ledger) Allows(_ gateway.Token, provider, _ string) bool {
	return !slices.Contains(l.forbidden, provider)
}

// last returns the newest outcome; none is a failure, because a record is there
// before the answer's end.
func (l *ledger) last(t *testing.T) gateway.Outcome {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	require.NotEmpty(t, l.outcomes, "nothing was recorded")
	return l.outcomes[len(l.outcomes)-1]
}

func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.outcomes)
}

var statuses = map[billing.Code]int{
	billing.CodeInvalidRequest: 400, billing.CodeAuthentication: 401, billing.CodePayloadTooLarge: 413,
	billing.CodeProviderError: 502, billing.CodeForwardEndpointNotSupported: 400,
	billing.CodeForwardModelNotSupported: 400, billing.CodeForwardModelInvalid: 400,
}

func writeError(w http.ResponseWriter, _ *http.Request, err error) {
	var e *billing.Error
	if !errors.As(err, &e) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statuses[e.Code])
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": e.Message, "code": e.Code, "param": e.Param}})
}

// rig is a gateway on a real listener, with fake providers unless another
// upstream is given.
type rig struct {
	*ledger
	fake *upstream.Fake
	url  string
}

func newRig(t testing.TB, change ...func(*gateway.Config)) *rig {
	t.Helper()
	r := &rig{ledger: &ledger{}, fake: &upstream.Fake{}}
	cfg := gateway.Config{Billing: r.ledger, Upstream: r.fake, WriteError: writeError}
	for _, f := range change {
		f(&cfg)
	}
	server := httptest.NewServer(routes(gateway.New(cfg)))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func routes(g *gateway.Gateway) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/forward", g.Forward)
	mux.HandleFunc("/v1/forward/{name}", g.Forward)
	mux.HandleFunc("POST /v1/chat/completions", g.ChatCompletions)
	mux.HandleFunc("POST /v1/messages", g.Messages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, gateway.RewritePrefix) { // which the mux would clean of its //
			g.Rewrite(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// token is a forward token of some fields.
func token(fields map[string]any) string {
	if _, ok := fields["secret_key"]; !ok {
		fields["secret_key"] = goodKey
	}
	b, _ := json.Marshal(fields)
	return base64.StdEncoding.EncodeToString(b)
}

// reply is what a client got.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) code() string {
	var e struct {
		Error struct{ Code string }
	}
	_ = json.Unmarshal([]byte(r.body), &e)
	return e.Error.Code
}

func (r *rig) do(t testing.TB, method, path, body string, header ...string) reply {
	t.Helper()
	req, err := http.NewRequest(method, r.url+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+goodKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, string(b)}
}

const (
	chatPath = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
	chatBody = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello there"}]}`
	// Hello there has 11 characters: 3 tokens. The fake's answer "This is a
	// mock answer to: Hello there" has 37: 10 tokens.
	chatIn, chatOut = 3, 10
)

func amount(t *testing.T, s string) billing.Amount {
	t.Helper()
	a, err := billing.ParseAmount(s)
	require.NoError(t, err)
	return a
}

func TestForwardChat(t *testing.T) {
	r := newRig(t)
	got := r.do(t, "POST", chatPath, chatBody)
	require.Equal(t, 200, got.status, got.body)
	assert.Equal(t, "req_1", got.header.Get("x-lava-request-id"))
	assert.Equal(t, "application/json", got.header.Get("Content-Type"))

	var answer struct {
		ID      string
		Choices []struct{ Message struct{ Content string } }
		Usage   struct {
			Prompt     int64 `json:"prompt_tokens"`
			Completion int64 `json:"completion_tokens"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(got.body), &answer))
	assert.Equal(t, "This is a mock answer to: Hello there", answer.Choices[0].Message.Content)

	o := r.last(t)
	assert.Equal(t, answer.Usage.Prompt, o.Usage.InputTokens)
	assert.Equal(t, answer.Usage.Completion, o.Usage.OutputTokens)
	assert.Equal(t, answer.ID, o.ResponseID)
	assert.EqualValues(t, chatIn, o.Usage.InputTokens)
	assert.Equal(t, "openai", o.Provider)
	assert.Equal(t, "gpt-4o-mini", o.Model)
	assert.Equal(t, "POST /v1/chat/completions", o.Endpoint)
	assert.False(t, o.Failed)
	assert.False(t, o.Unmanaged)
	// gpt-4o-mini is 0.15 and 0.60 a million.
	assert.Equal(t, amount(t, "0.00000045"), o.InputCost)
	assert.Equal(t, gateway.Destination{Provider: "openai", Model: "gpt-4o-mini", Endpoint: "POST /v1/chat/completions"}, r.admitted[0])
}

// The same answer comes for the same request, byte for byte.
func TestForwardIsDeterministic(t *testing.T) {
	a, b := newRig(t), newRig(t)
	assert.Equal(t, a.do(t, "POST", chatPath, chatBody).body, b.do(t, "POST", chatPath, chatBody).body)
}

func TestForwardStream(t *testing.T) {
	for _, test := range []struct {
		name, options string
		wantsUsage    bool
	}{
		{"usage not asked for", ``, false},
		{"usage asked for", `,"stream_options":{"include_usage":true}`, true},
		{"usage declined", `,"stream_options":{"include_usage":false}`, false},
		{"options null", `,"stream_options":null`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			got := r.do(t, "POST", chatPath, strings.TrimSuffix(chatBody, "}")+`,"stream":true`+test.options+"}")
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, "text/event-stream; charset=utf-8", got.header.Get("Content-Type"))
			assert.Equal(t, test.wantsUsage, strings.Contains(got.body, `"choices":[],`), "the usage chunk")
			assert.True(t, strings.HasSuffix(got.body, "data: [DONE]\n\n"))
			o := r.last(t)
			assert.EqualValues(t, chatIn, o.Usage.InputTokens)
			assert.EqualValues(t, chatOut, o.Usage.OutputTokens)
			assert.NotEmpty(t, o.ResponseID)
		})
	}
}

// A stream is recorded before the event that SDKs stop at.
func TestRecordIsThereBeforeDone(t *testing.T) {
	r := newRig(t)
	req, _ := http.NewRequest("POST", r.url+chatPath, strings.NewReader(strings.TrimSuffix(chatBody, "}")+`,"stream":true}`))
	req.Header.Set("Authorization", "Bearer "+goodKey)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var seen bytes.Buffer
	buf := make([]byte, 1)
	for !strings.Contains(seen.String(), "[DONE]") {
		_, err := resp.Body.Read(buf)
		require.NoError(t, err)
		seen.Write(buf)
	}
	assert.Equal(t, 1, r.count())
}
