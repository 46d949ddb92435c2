package mockserver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// Server is one mock of Lava. It is an [http.Handler] too. Its methods may be
// called from any number of goroutines.
type Server struct {
	cfg      config
	engine   *billing.Engine
	clock    *clock
	merchant *Merchant
	gateway  *gateway.Gateway
	fakes    *upstream.Fake

	mounted http.ServeMux

	listener listener
	http     *http.Server
	client   *http.Client
	closed   sync.Once

	webhookSecrets secrets
	authCodes      authCodes
	answers        answers
	rateLimits     rateLimits
	requests       atomic.Uint64 // counts management requests, for their ids

	deliveries deliveries
	alarm      alarm
	advancing  sync.Mutex

	mu     sync.Mutex
	events []Event // all of them, oldest first
}

// TB is the part of [testing.TB] that [Start] needs.
type TB interface {
	Helper()
	Cleanup(func())
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start runs a server for the time of a test.
func Start(t TB, opts ...Option) *Server {
	t.Helper()
	s, err := New(opts...)
	if err != nil {
		t.Fatalf("mockserver: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Logf("mockserver: close: %v", err)
		}
	})
	return s
}

// New runs a server until [Server.Close]. Without options it listens on a free
// port of 127.0.0.1 and its clock stands at the current time.
func New(opts ...Option) (*Server, error) {
	cfg := config{addr: "127.0.0.1:0", wallet: 1000 * billing.Dollar, clock: &clock{frozen: true}, webhookTimeout: 10 * time.Second}
	for _, opt := range opts {
		if err := opt(&cfg); err != nil {
			return nil, err
		}
	}
	if cfg.seed == nil {
		seed := randomSeed()
		cfg.seed = &seed
	}
	s := &Server{cfg: cfg, clock: cfg.clock}
	s.clock.start()
	s.engine = billing.New(billing.Config{Seed: *cfg.seed, Rules: cfg.rules, OnEvent: s.collect})
	s.gateway = s.newGateway()
	for i, key := range cfg.keys {
		m, err := s.addMerchant(key)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			s.merchant = m
		}
	}
	if s.merchant == nil {
		m, err := s.addMerchant(newSecret("aks_test_"))
		if err != nil {
			return nil, err
		}
		s.merchant = m
	}
	if err := s.listen(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Server) listen() error {
	if s.cfg.inMemory {
		s.listener = newPipeListener()
	} else {
		l, err := net.Listen("tcp", s.cfg.addr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", s.cfg.addr, err)
		}
		s.listener = tcpListener{l}
	}
	s.client = &http.Client{Transport: &http.Transport{
		DialContext:         s.listener.DialContext,
		MaxIdleConnsPerHost: 64,
		DisableCompression:  true,
	}}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(quiet{}, "", 0),
	}
	go func() { _ = s.http.Serve(s.listener) }() // returns when Close closes the listener
	return nil
}

// quiet drops what net/http would log about clients that hang up.
type quiet struct{}

func (quiet) Write(p []byte) (int, error) { return len(p), nil }

// Close stops the server and cuts its connections.
func (s *Server) Close() error {
	var err error
	s.closed.Do(func() {
		err = s.http.Close()
		s.alarm.close()
		s.deliveries.close()
		s.client.CloseIdleConnections()
		for _, f := range s.cfg.upstreams.close {
			f()
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

// Setenv sets the environment of [Server.Env] for the time of a test.
func (s *Server) Setenv(t interface{ Setenv(key, value string) }) {
	for _, kv := range s.Env() {
		key, value, _ := strings.Cut(kv, "=")
		t.Setenv(key, value)
	}
}

// collect keeps an event of the engine until somebody asks for it, and sends it
// to the webhooks.
func (s *Server) collect(e billing.Event) {
	s.mu.Lock()
	s.events = append(s.events, newEvent(e))
	s.mu.Unlock()
	if len(e.Webhooks) > 0 {
		s.deliver(e)
	}
}

// randomSeed makes the ids of two servers differ.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// config is what options set.
type config struct {
	upstreams        upstreams
	addr             string
	inMemory         bool
	keys             []string
	seed             *uint64
	rules            billing.Rules
	wallet           billing.Amount
	enforceRateLimit bool
	walletCard       string
	publicURL        string
	allowedHosts     []string // that control endpoints and pages may be reached under
	clock            *clock
	webhookTimeout   time.Duration
}

// Option changes how a server starts.
type Option func(*config) error

// Addr listens on a TCP address instead of a free port of 127.0.0.1.
func Addr(addr string) Option {
	return func(c *config) error {
		c.addr = addr
		return nil
	}
}

// InMemory listens on no port at all. Only [Server.HTTPClient] and
// [Server.Client] reach the server then, also inside a testing/synctest bubble.
func InMemory() Option {
	return func(c *config) error {
		c.inMemory = true
		return nil
	}
}

// SecretKey sets the secret key of the server's merchant, which must start with
// "aks_test_". Given more than once, each makes a merchant of its own; methods
// of Server speak for the first.
func SecretKey(key string) Option {
	return func(c *config) error {
		if !strings.HasPrefix(key, testKeyPrefix) {
			return fmt.Errorf("secret key: must start with %q; this is a mock, keep live keys away from it", testKeyPrefix)
		}
		if len(key) < len(testKeyPrefix)+4 {
			return fmt.Errorf("secret key: needs at least 4 characters after %q", testKeyPrefix)
		}
		c.keys = append(c.keys, key)
		return nil
	}
}

// Seed makes ids the same from run to run: the same calls at the same times get
// the same ids. By default they differ.
func Seed(seed uint64) Option {
	return func(c *config) error {
		c.seed = &seed
		return nil
	}
}

// At starts the clock at t, standing still, instead of at the current time.
func At(t time.Time) Option {
	return func(c *config) error {
		c.clock = &clock{frozen: true, now: t}
		return nil
	}
}

// RealTime lets the clock go. [Server.Advance] then jumps ahead.
func RealTime() Option {
	return func(c *config) error {
		c.clock = &clock{}
		return nil
	}
}

// WalletBalance sets what is in the merchant's wallet, which pays the providers.
// The default is 1,000 dollars.
func WalletBalance(dollars decimal.Decimal) Option {
	return func(c *config) (err error) {
		c.wallet, err = billing.AmountOf(dollars)
		return err
	}
}

// WalletCard sets the test card that a merchant funds the wallet with. The
// default, 4242 4242 4242 4242, works; see [Checkout] for others. With
// 4000 0027 6000 3184 a person must confirm each payment, on the page that the
// answer redirects to.
func WalletCard(number string) Option {
	return func(c *config) error {
		_, err := billing.TestCard(number, 12, 2100)
		c.walletCard = number
		return err
	}
}

// PublicURL sets the origin that the server puts into links, for servers behind
// another name. By default it is the one that each request was sent to.
func PublicURL(url string) Option {
	return func(c *config) error {
		c.publicURL = strings.TrimSuffix(url, "/")
		return nil
	}
}

// AllowHost lets pages and control endpoints be reached under a host name, such
// as that of a container. Loopback addresses and the host of [PublicURL] are
// always allowed; others are refused, because any web page could reach them.
func AllowHost(host string) Option {
	return func(c *config) error {
		c.allowedHosts = append(c.allowedHosts, host)
		return nil
	}
}

// ResetTiersEachCycle starts the count that selects a meter's tier at zero in
// each billing cycle. By default it never resets. Assumption tier-count.
func ResetTiersEachCycle() Option {
	return func(c *config) error {
		c.rules.ResetTiersEachCycle = true
		return nil
	}
}

// PercentageAsFraction reads the rate "0.2" of a percentage meter as 20 %. By
// default "20" is. Assumption percentage-rate.
func PercentageAsFraction() Option {
	return func(c *config) error {
		c.rules.PercentageAsFraction = true
		return nil
	}
}
