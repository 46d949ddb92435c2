package mockserver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// upstreams is what options say of the providers behind the gateway.
type upstreams struct {
	hosts         map[string]http.RoundTripper
	keys          map[string]string // by provider
	catalog       *catalog.Catalog  // nil is the built-in one
	unknownHosts  bool
	unknownModels bool
	close         []func()
}

// Upstream lets handler answer what goes to a provider's host, such as
// "api.openai.com", instead of a fake provider. It is metered in the same way.
func Upstream(host string, handler http.Handler) Option {
	return func(c *config) error {
		c.upstreams.add(host, upstream.Handler(handler))
		return nil
	}
}

// UpstreamURL sends what goes to a provider's host, such as "api.openai.com", to
// a server: another fake, or the provider itself at "https://api.openai.com",
// for which [ProviderKey] gives the key. It is metered in the same way.
func UpstreamURL(host, target string) Option {
	return func(c *config) error {
		u, err := url.Parse(target)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("upstream %s: %q is not an http or https URL", host, target)
		}
		transport := http.DefaultTransport.(*http.Transport).Clone()
		c.upstreams.add(host, upstream.To(u, transport))
		c.upstreams.close = append(c.upstreams.close, transport.CloseIdleConnections)
		return nil
	}
}

// ProviderKey sets the key that the gateway sends to a provider, such as
// "openai", for requests that bring none of their own. Fake providers want none.
func ProviderKey(provider, key string) Option {
	return func(c *config) error {
		if c.upstreams.keys == nil {
			c.upstreams.keys = map[string]string{}
		}
		c.upstreams.keys[provider] = key
		return nil
	}
}

// Price sets what a model of a provider costs, in dollars per million tokens of
// input and output, instead of the public price in the catalog. A model that the
// catalog does not have is added.
func Price(provider, model string, input, output decimal.Decimal) Option {
	return func(c *config) error {
		in, err := billing.AmountOf(input)
		if err != nil {
			return fmt.Errorf("price of %s: input: %w", model, err)
		}
		out, err := billing.AmountOf(output)
		if err != nil {
			return fmt.Errorf("price of %s: output: %w", model, err)
		}
		c.upstreams.catalog = c.upstreams.known().With(provider, catalog.Model{ID: model, Rates: catalog.Rates{Input: in, Output: out}})
		return nil
	}
}

// AllowUnknownHosts lets the gateway forward to any host, also over http. By
// default hosts that no provider in the catalog has are refused. What unknown
// hosts answer costs nothing.
func AllowUnknownHosts() Option {
	return func(c *config) error {
		c.upstreams.unknownHosts = true
		return nil
	}
}

// AllowUnknownModels lets models pass that the catalog does not have, at no
// cost. By default they are refused at OpenAI, Anthropic and Google.
func AllowUnknownModels() Option {
	return func(c *config) error {
		c.upstreams.unknownModels = true
		return nil
	}
}

func (u *upstreams) add(host string, to http.RoundTripper) {
	if u.hosts == nil {
		u.hosts = map[string]http.RoundTripper{}
	}
	u.hosts[strings.ToLower(host)] = to
}

// known returns the catalog of providers, models and prices.
func (u *upstreams) known() *catalog.Catalog {
	if u.catalog != nil {
		return u.catalog
	}
	return catalog.Default()
}

func (s *Server) newGateway() *gateway.Gateway {
	u := &s.cfg.upstreams
	s.fakes = &upstream.Fake{Catalog: u.catalog}
	cfg := gateway.Config{
		Billing: gatewayBilling{s}, Upstream: s.fakes, WriteError: s.writeError, Catalog: u.catalog,
		AllowUnknownHosts: u.unknownHosts, AllowUnknownModels: u.unknownModels,
	}
	if u.hosts != nil {
		cfg.Upstream = &upstream.Router{Hosts: u.hosts, Default: s.fakes}
	}
	if u.keys != nil {
		cfg.ProviderKey = func(provider string) string { return u.keys[provider] }
	}
	return gateway.New(cfg)
}
