package mockserver

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/spelling"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// config is what options set.
type config struct {
	settings
	upstreams        upstreams
	addr             string
	inMemory         bool
	keys             []lava.Secret
	seed             *uint64
	root             billing.RootKey
	rules            billing.Rules
	enforceRateLimit bool
	allowedHosts     []string // under which control endpoints and pages may be reached
	clock            *clock
	webhookTimeout   time.Duration
	webhookHosts     []string // to which deliveries may be sent, besides this machine
	onCall           func(Call)
	setup            func(*Merchant) error
}

// settings are the part of config that handlers see.
type settings struct {
	ownCatalog   *catalog.Catalog // with [Price]; nil: the built-in one
	publicURL    string           // the origin of links; empty: the origin that a request was sent to
	wallet       billing.Amount   // the initial balance of a merchant
	walletCard   string
	controlToken lava.Secret // zero if not set
}

// catalog has the providers, models and prices. The built-in one is read when it is needed.
func (s *settings) catalog() *catalog.Catalog { return cmp.Or(s.ownCatalog, catalog.Default()) }

// newConfig returns the defaults, changed by options.
func newConfig(opts []Option) (config, error) {
	cfg := config{
		settings: settings{wallet: 1000 * billing.Dollar},
		addr:     "127.0.0.1:0", clock: &clock{frozen: true}, webhookTimeout: 10 * time.Second,
	}
	for _, opt := range opts {
		if opt == nil {
			return config{}, errors.New("an option is nil: leave it out")
		}
		if err := opt(&cfg); err != nil {
			return config{}, err
		}
	}
	for _, provider := range slices.Sorted(maps.Keys(cfg.upstreams.keys)) {
		if err := checkProviderID(cfg.catalog(), provider); err != nil {
			return config{}, fmt.Errorf("provider key: %w", err)
		}
	}
	cfg.root = newRootKey(cfg.seed)
	if cfg.seed == nil {
		seed := randomSeed()
		cfg.seed = &seed
	}
	return cfg, nil
}

// upstreams are the settings of the providers behind the gateway.
type upstreams struct {
	hosts         map[string]http.RoundTripper
	keys          map[string]lava.Secret // by provider
	unknownHosts  bool
	unknownModels bool
	transport     *http.Transport // to real providers; nil if all are fakes
	lenient       func(upstream.Rule) bool
	onRejection   func(Rule)
}

func (u *upstreams) add(host string, to http.RoundTripper) error {
	if !isHost(host) {
		return fmt.Errorf("upstream: %q is not a host such as \"api.openai.com\", without scheme and path", host)
	}
	if u.hosts == nil {
		u.hosts = map[string]http.RoundTripper{}
	}
	u.hosts[strings.TrimSuffix(strings.ToLower(host), ":443")] = to
	return nil
}

// isHost reports whether a text is a host, with or without a port, and not a URL.
func isHost(host string) bool {
	u, err := url.Parse("//" + host)
	return err == nil && host != "" && u.Host == host
}

func hasPort(host string) bool {
	u, err := url.Parse("//" + host)
	return err == nil && u.Port() != ""
}

// checkProviderID rejects an unknown id of a provider, which would match no request.
func checkProviderID(known *catalog.Catalog, name string) error {
	if _, ok := known.Provider(name); ok {
		return nil
	}
	if p, ok := known.ByHost(name); ok {
		return fmt.Errorf("%q is a host of the provider %q: use that id", name, p.ID)
	}
	return fmt.Errorf("%.60q is not the id of a provider%s", name, spelling.Suggest(name, providerIDs(known)))
}

func providerIDs(known *catalog.Catalog) []string {
	var ids []string
	for _, p := range known.Providers() {
		ids = append(ids, p.ID)
	}
	return ids
}

// randomSeed returns a seed that makes the ids of servers differ.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// checkSecretKey checks a secret key chosen by the user.
func checkSecretKey(key string) error {
	switch {
	case !strings.HasPrefix(key, testKeyPrefix):
		return fmt.Errorf("must start with %q: never give a live key to a mock", testKeyPrefix)
	case len(key) < len(testKeyPrefix)+4:
		return fmt.Errorf("needs at least 4 characters after %q", testKeyPrefix)
	}
	return nil
}
