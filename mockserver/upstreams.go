package mockserver

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// formats are shared by all servers, as the routes are.
var formats = known.Formats()

func (s *Server) newGateway() *gateway.Gateway {
	u := &s.cfg.upstreams
	s.fakes = &upstream.Fake{Catalog: s.catalog, Now: s.clock.read, RequestID: gateway.RequestID, Lenient: u.lenient}
	cfg := gateway.Config{
		Billing: gatewayBilling{&s.api, s.clock}, Formats: formats, Upstream: s.fakes, WriteError: s.writeError, Catalog: s.catalog,
		AllowUnknownHosts: u.unknownHosts, AllowUnknownModels: u.unknownModels,
	}
	if token := s.controlToken; !token.IsZero() {
		cfg.HoldsSecret = func(text string) bool { return strings.Contains(text, token.Reveal()) }
	}
	if u.hosts != nil {
		cfg.Upstream = &upstream.Router{Hosts: u.hosts, Default: s.fakes}
	}
	if u.keys != nil {
		cfg.ProviderKey = func(provider string) string { return u.keys[provider].Reveal() }
	}
	return gateway.New(cfg)
}
