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

// Server is one mock of Lava. It is an [http.Handler] too. Its methods may be
// called from any number of goroutines.
type Server struct {
	api
	cfg      config
	clock    *clock
	merchant *Merchant
	gateway  *gateway.Gateway
	fakes    *upstream.Fake

	rejections rejections

	mounted atomic.Pointer[http.ServeMux] // nil while nothing is

	listener listener
	http     *http.Server
	client   *http.Client
	closed   sync.Once
	closing  chan struct{} // closed when the server is

	responses  responses
	rateLimits rateLimits
	resets     sync.Mutex    // one after the other
	requests   atomic.Uint64 // counts requests that are not on record, for their ids

	calls calls

	scripts scripts
	test    interface { // that the server is for, or noTest
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

// Start runs a server for the time of a test: when that ends, the server is closed as
// by [Server.Close]. The test's log says, once a rule, when a fake provider rejects a
// request by a [Rule]: see [OnRejection]. A test that passes although something that it
// has armed was not met fails: see [Server.Unused]. If the test has failed, its log has a
// line for each [Call].
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

// noTest is what a server has instead of a test that it is for. What would fail the test is
// a mistake in the program that calls.
type noTest struct{}

func (noTest) Helper() {}

func (noTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// New runs a server until [Server.Close]. Without options it listens on a free
// port of 127.0.0.1 and its clock stands at the current time.
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
	if err := s.setUp(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// setUp creates what [Setup] does.
func (s *Server) setUp() error {
	if s.cfg.setup == nil {
		return nil
	}
	err := s.cfg.setup(s)
	s.calls.forget(s.merchant.ID())
	return err
}

// Close stops the server and cuts its connections. It waits for the handlers of
// [Server.HandleWebhooks] that still run, whose requests have ended then, and returns
// an error if one has not returned after 5 seconds.
func (s *Server) Close() error {
	var err error
	s.closed.Do(func() {
		close(s.closing)
		err = s.http.Close()
		s.watchers.close()
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

// Shutdown stops the server after the requests that are under way, or cuts them
// when ctx ends.
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
	if forward == nil && page == nil && !isAPI { // first the gateway, because its paths may hold a whole URL
		switch { // what tests and tools do with the server is no call of the application's
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
		forward.handle(s.gateway, rec, rec.request())
	case isAPI:
		s.serveAPI(rec, r)
	case page != nil:
		rec.call.endpoint = page.name
		s.servePage(rec, r, page)
	default:
		s.writeError(rec, r, errNoRoute(r, "; the API is below "+apiPrefix))
	}
}

// URL returns where the server listens, without a path and without a slash at
// the end. For a server that is [InMemory] only [Server.HTTPClient] reaches it.
func (s *Server) URL() string { return "http://" + s.listener.Host() }

// HTTPClient returns a client that reaches the server, on a port or in memory.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Env returns the environment that points an unchanged program, with its own
// lava.New() or the Node SDK's MCP server, at this server.
func (s *Server) Env() []string {
	return []string{
		"LAVA_SECRET_KEY=" + s.SecretKey(),
		"LAVA_API_URL=" + s.URL(),
		"LAVA_APP_URL=" + s.URL(),
	}
}

// Setenv sets the environment of [Server.Env] for the time of a test, which must not be
// parallel. It fails the test if the server is [InMemory], because no program finds it there.
func (s *Server) Setenv(t interface {
	Helper()
	Setenv(key, value string)
	Fatalf(format string, args ...any)
}) {
	t.Helper()
	if s.cfg.inMemory {
		t.Fatalf("mockserver: Setenv: the server is InMemory, where no program that reads the environment can reach it; leave out InMemory, or use Client or HTTPClient")
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

// collect keeps an event of the engine until somebody asks for it, and sends it
// to the webhooks.
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
