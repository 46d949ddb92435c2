package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Server is a mock of Lava. It is also an [http.Handler]. Its methods are safe
// for concurrent use.
type Server struct {
	api
	cfg      config
	clock    *clock
	merchant *Merchant
	gateway  *gateway.Gateway
	fakes    *upstream.Fake

	rejections rejections

	mounted atomic.Pointer[http.ServeMux] // nil while nothing is mounted

	listener listener
	http     *http.Server
	client   *http.Client
	closed   sync.Once
	stopping sync.Once
	closing  chan struct{} // closed when the server begins to stop

	responses  responses
	rateLimits rateLimits
	resets     sync.Mutex    // one at a time
	requests   atomic.Uint64 // counts requests that aren't recorded, for their ids

	calls calls

	scripts scripts
	test    interface { // the test that uses the server, or noTest
		Helper()
		Fatalf(format string, args ...any)
	}

	deliveries     deliveries
	webhookSecrets webhookSecrets
	alarm          alarm
	advancing      chan struct{} // holds one value while the clock jumps

	events eventLog

	merchants merchants
	watchers  watchers
}

// TB is the part of [testing.TB] that [Start] needs.
type TB interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start runs a server for the duration of a test. When the test ends, the server is
// closed as with [Server.Close]. When a fake provider rejects a request by a [Rule], the
// test's log says so, once per rule: see [OnRejection]. If the test armed something that
// was not met, it fails: see [Server.Unused]. If the test fails, its log has a line for
// each [Call].
func Start(t TB, opts ...Option) *Server {
	t.Helper()
	log := OnRejection(func(rule Rule) {
		t.Logf("mockserver: request rejected by rule %s; mockserver.Lenient(%q) accepts it", rule, rule)
	})
	s, err := New(append([]Option{log}, opts...)...)
	if err != nil {
		t.Fatalf("mockserver: %v", err)
		return nil
	}
	s.test = t
	t.Cleanup(func() {
		if !t.Failed() {
			for _, unused := range s.Unused() {
				t.Errorf("mockserver: %s", unused)
			}
		}
		if t.Failed() {
			s.logCalls(t)
		}
		if err := s.Close(); err != nil {
			t.Logf("mockserver: close: %v", err)
		}
	})
	return s
}

// noTest replaces the test of a server that isn't used by one. A mistake that would fail a test panics instead.
type noTest struct{}

func (noTest) Helper() {}

func (noTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// New runs a server until [Server.Close]. Without options, it listens on a free port on
// 127.0.0.1, and its clock stands still at the current time.
func New(opts ...Option) (*Server, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, test: noTest{}, clock: cfg.clock, advancing: make(chan struct{}, 1), closing: make(chan struct{})}
	s.clock.start()
	s.settings, s.root = cfg.settings, cfg.root
	s.engine = billing.New(billing.Config{Seed: *cfg.seed, RootKey: cfg.root, Rules: cfg.rules, OnEvent: s.collect})
	s.calls.isGone = s.isGone
	s.gateway = s.newGateway()
	for i, key := range cfg.keys {
		m, err := s.signUp(key.Reveal())
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.merchant = m
		}
	}
	if s.merchant == nil {
		m, err := s.signUp(newSecret("aks_test_"))
		if err != nil {
			return nil, err
		}
		s.merchant = m
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	if s.cfg.setup == nil {
		return s, nil
	}
	for _, id := range s.MerchantIDs() {
		if err := s.setUp(id); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// setUp runs [Setup] for a merchant.
func (s *Server) setUp(merchantID string) error {
	m := s.merchants.find(merchantID)
	if s.cfg.setup == nil || m == nil {
		return nil
	}
	err := s.cfg.setup(m)
	s.calls.forget(merchantID)
	return err
}

// Close stops the server and closes its connections. It cancels the requests of
// running handlers of [Server.HandleWebhooks] and waits for the handlers. It returns
// an error if a handler has not returned after 5 seconds.
func (s *Server) Close() error {
	var err error
	s.closed.Do(func() {
		s.endWaits()
		err = s.http.Close()
		s.alarm.close()
		err = errors.Join(err, s.deliveries.close())
		s.rejections.close()
		s.calls.close()
		s.client.CloseIdleConnections()
		if t := s.cfg.upstreams.transport; t != nil {
			t.CloseIdleConnections()
		}
	})
	return err
}

// endWaits ends what waits for something to happen.
func (s *Server) endWaits() {
	s.stopping.Do(func() { close(s.closing) })
	s.watchers.close()
}

// Shutdown stops the server after the requests in progress, or cuts them off when
// ctx ends. Requests that wait for something to happen, such as a call, end at once.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if closeErr := s.Close(); err == nil {
		err = closeErr
	}
	return err
}

// ServeHTTP responds to a request as Lava would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	forward, page := gatewayAt(r), pageAt(r.URL.Path)
	isAPI := strings.HasPrefix(r.URL.Path, apiPrefix)
	if forward == nil && page == nil && !isAPI { // check the gateway first, because its paths may contain a whole URL
		switch { // requests by tests and tools aren't calls of the application
		case s.isMounted(r):
			s.serveMounted(w, r)
			return
		case strings.HasPrefix(r.URL.Path+"/", controlPrefix):
			s.serveControl(w, r)
			return
		}
	}
	rec := s.record(w, r)
	defer rec.end()
	switch {
	case forward != nil:
		rec.call.endpoint = forward.name
		forward.handle(s.gateway, rec, rec.forwarded())
	case isAPI:
		s.serveAPI(rec, rec.request(r.Context()))
	case page != nil:
		rec.call.endpoint = page.name
		s.servePage(rec, rec.request(r.Context()), page)
	default:
		s.writeError(rec, r, errNoRoute(r, "; the API is below "+apiPrefix+s.forBrowsers(r)))
	}
}

// URL returns the server's address, without a path and without a final slash. If the
// server is [InMemory], only [Server.HTTPClient] can reach it.
func (s *Server) URL() string { return "http://" + s.listener.Host() }

// HTTPClient returns an HTTP client that can reach the server, on a port or in memory.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Env returns the environment variables that point an unchanged program at this server, such
// as one that calls lava.New() or the Node SDK's MCP server.
func (s *Server) Env() []string {
	return []string{
		"LAVA_SECRET_KEY=" + s.SecretKey(),
		"LAVA_API_URL=" + s.URL(),
		"LAVA_APP_URL=" + s.URL(),
	}
}

// Setenv sets the environment of [Server.Env] for the duration of a test, which must not be
// parallel. It fails the test if the server is [InMemory], because no program could reach it.
func (s *Server) Setenv(t interface {
	Helper()
	Setenv(key, value string)
	Fatalf(format string, args ...any)
}) {
	t.Helper()
	if s.cfg.inMemory {
		t.Fatalf("mockserver: Setenv: no program can reach a server that is InMemory: leave out InMemory, or use Client or HTTPClient")
		return
	}
	for _, kv := range s.Env() {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
}

// Format implements [fmt.Formatter]: no verb prints a secret, or what other
// goroutines change.
func (s *Server) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "mockserver.Server(%s)", s.URL()) }

// collect keeps an event of the engine, and sends it to the webhooks.
func (s *Server) collect(e billing.Event) {
	position := s.events.add(newEvent(e))
	defer s.watchers.tell(ChangeCustomer, e.Customer.ID)
	if e.Trace != nil {
		e.Trace.Add(billing.Effect{Kind: billing.EffectEvent, Due: e.Due, Number: position})
	}
	if len(e.Webhooks) > 0 {
		s.deliver(e)
	}
}
