package gateway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// ledger is a Billing that admits all keys but one, and keeps the outcomes.
type ledger struct {
	mu        sync.Mutex
	admitted  []gateway.Destination
	tokens    []gateway.Token
	outcomes  []gateway.Outcome
	forbidden []string // providers
	fallbacks []gateway.Fallback
	broke     bool          // requests with a price are rejected
	chains    int           // how many times the fallbacks were read
	recorded  chan struct{} // receives a value for each outcome, if not nil
}

// The keys that a ledger knows. It rejects all requests with the last.
const (
	goodKey    = "aks_test_good"
	hiddenKey  = "aks_test_hidden" // must not appear in errors
	spendKey   = "lava_sk_good"
	refusedKey = "aks_test_refused"
)

func (l *ledger) Authenticate(_ context.Context, t gateway.Token) error {
	if !slices.Contains([]string{goodKey, hiddenKey, spendKey, refusedKey}, t.SecretKey) {
		return billing.Errorf(billing.CodeAuthentication, "authorization", "wrong key")
	}
	return nil
}

func (l *ledger) Admit(_ context.Context, t gateway.Token, to gateway.Destination) (gateway.Admission, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.SecretKey == refusedKey {
		return gateway.Admission{RequestID: "req_refused"}, billing.Errorf(billing.CodeInsufficientCredits, "", "no credit left")
	}
	l.admitted, l.tokens = append(l.admitted, to), append(l.tokens, t)
	id := "req_" + strconv.Itoa(len(l.admitted))
	var once sync.Once
	return gateway.Admission{RequestID: id, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Fallbacks: l.chain, Affords: func() bool { return !l.broke }, Record: func(o gateway.Outcome) error {
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

func (l *ledger) chain() []gateway.Fallback {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.chains++
	return l.fallbacks
}

// Allows allows all providers but those that a test has forbidden.
func (l *ledger) Allows(_ gateway.Token, provider, _ string) bool {
	return !slices.Contains(l.forbidden, provider)
}

// last returns the newest outcome. It fails if there is none, because a record must exist before the response's end.
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
	billing.CodeInsufficientCredits: 402, billing.CodeProviderError: 502, billing.CodeForwardEndpointNotSupported: 400,
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

// newGateway returns a gateway with the settings that all tests share.
func newGateway(cfg gateway.Config) *gateway.Gateway {
	cfg.WriteError = writeError
	if cfg.Formats == nil {
		cfg.Formats = known.Formats()
	}
	return gateway.New(cfg)
}

// rig is a gateway on a real listener, with fake providers unless another upstream is given.
type rig struct {
	*ledger
	fake   *upstream.Fake
	url    string
	client *http.Client
}

func newRig(tb testing.TB, change ...func(*gateway.Config)) *rig {
	tb.Helper()
	r := &rig{ledger: &ledger{}, fake: &upstream.Fake{}}
	cfg := gateway.Config{Billing: r.ledger, Upstream: r.fake}
	for _, f := range change {
		f(&cfg)
	}
	server := httptest.NewServer(routes(newGateway(cfg)))
	tb.Cleanup(server.Close)
	r.url, r.client = server.URL, server.Client()
	return r
}

// always chooses the same reply for all requests.
func always(r upstream.Reply) func(*http.Request, string, dialect.Facts) upstream.Reply {
	return func(*http.Request, string, dialect.Facts) upstream.Reply { return r }
}

// onlyFrom chooses a reply for the requests to one provider; "" means all.
func onlyFrom(provider string, r upstream.Reply) func(*http.Request, string, dialect.Facts) upstream.Reply {
	return func(_ *http.Request, asked string, _ dialect.Facts) upstream.Reply {
		if provider == "" || asked == provider {
			return r
		}
		return upstream.Reply{}
	}
}

func routes(g *gateway.Gateway) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/v1/forward", g.Forward)
	mux.HandleFunc("/v1/forward/{name}", g.Forward)
	mux.HandleFunc("POST /v1/chat/completions", g.ChatCompletions)
	mux.HandleFunc("POST /v1/messages", g.Messages)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, gateway.RewritePrefix) { // because the mux would clean the // in it
			g.Rewrite(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// token returns a forward token with the given fields.
func token(fields map[string]any) string {
	if _, ok := fields["secret_key"]; !ok {
		fields["secret_key"] = goodKey
	}
	b, _ := json.Marshal(fields)
	return base64.StdEncoding.EncodeToString(b)
}

// reply is a response that a client received.
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

// open sends a request, for tests that read the response themselves. Headers with the value "" are omitted.
func (r *rig) open(tb testing.TB, method, path, body string, header ...string) *http.Response {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, r.url+path, strings.NewReader(body))
	require.NoError(tb, err)
	req.Header.Set("Authorization", "Bearer "+goodKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] != "" {
			req.Header.Set(header[i], header[i+1])
		}
		if header[i+1] == "" {
			req.Header.Del(header[i])
		}
	}
	resp, err := r.client.Do(req)
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// do sends a request and reads the response to its end.
func (r *rig) do(tb testing.TB, method, path, body string, header ...string) reply {
	tb.Helper()
	resp := r.open(tb, method, path, body, header...)
	b, err := io.ReadAll(resp.Body)
	require.NoError(tb, err)
	return reply{resp.StatusCode, resp.Header, string(b)}
}

const (
	chatPath = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
	chatBody = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello there"}]}`
	// "Hello there" has 11 characters: 3 tokens. The fake's response "This is a mock response to: Hello there" has 37:
	// 10 tokens.
	chatIn, chatOut = 3, 10
)

func amount(t *testing.T, s string) billing.Amount {
	t.Helper()
	a, err := billing.ParseAmount(s)
	require.NoError(t, err)
	return a
}

// serve lets a gateway serve one request in a synctest bubble, where waiting takes no time and a leaked goroutine is
// a failure. It returns whether the response was aborted.
func serve(ctx context.Context, r *rig, upstream http.RoundTripper, body string) (w *httptest.ResponseRecorder, aborted bool) {
	g := newGateway(gateway.Config{Billing: r.ledger, Upstream: upstream, IdleTimeout: time.Minute, MaxEvent: 1 << 20})
	req := httptest.NewRequestWithContext(ctx, "POST", chatPath, strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+goodKey)
	w = httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			aborted = true
		}
	}()
	g.Forward(w, req)
	return w, false
}

var streamBody = strings.TrimSuffix(chatBody, "}") + `,"stream":true}`

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// recorder is an upstream that keeps the request and sends a simple response.
type recorder struct {
	url     string
	host    string
	header  http.Header
	body    string
	method  string
	respond func(*http.Request) (*http.Response, error)
}

func (p *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	p.url, p.host, p.header, p.method = req.URL.String(), req.Host, req.Header, req.Method
	b, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	p.body = string(b)
	if p.respond != nil {
		return p.respond(req)
	}
	return response(200, "application/json", `{}`), nil
}

func response(status int, kind, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {kind}}
	for i := 0; i < len(header); i += 2 {
		h.Add(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}

func responding(status int, kind, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return response(status, kind, body, header...), nil }
}

func recording(p *recorder) func(*gateway.Config) {
	return func(c *gateway.Config) { c.Upstream = p }
}

var _ gateway.Billing = (*ledger)(nil)

// listen serves a handler without a port, and returns its dialer.
func listen(t *testing.T, h http.Handler) func(ctx context.Context, network, addr string) (net.Conn, error) {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	server.Start()
	t.Cleanup(server.Close)
	return l.dial
}

// pipes is an in-memory listener.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipes) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "gateway", Net: "pipe"} }

// discard is a client that reads everything and keeps nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) Flush()                      {}
