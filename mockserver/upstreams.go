package mockserver

import (
	"context"
	"strings"
	"sync"

	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/gateway"
	"github.com/lavapayments/lava-go/internal/upstream"
)

// rejections are the rules with which fakes have rejected requests.
type rejections struct {
	mu     sync.Mutex
	seen   map[upstream.Rule]bool
	closed bool // stop reporting: a test that has ended must not log
}

// rejected reports the first rejection by a rule.
func (s *Server) rejected(rule upstream.Rule) {
	r, tell := &s.rejections, s.cfg.upstreams.onRejection
	r.mu.Lock()
	defer r.mu.Unlock()
	if tell == nil || r.closed || r.seen[rule] {
		return
	}
	if r.seen == nil {
		r.seen = map[upstream.Rule]bool{}
	}
	r.seen[rule] = true
	tell(Rule(rule))
}

func (r *rejections) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// formats are shared by all servers, like the routes.
var formats = known.Formats()

// ownerOf returns whose objects a request stores at a fake. The epoch of a merchant changes with a reset and a restore, so
// what a request from before that stores is never found.
func ownerOf(ctx context.Context) upstream.Owner {
	rec := recorderOf(ctx)
	return upstream.Owner{ID: rec.call.merchant, Epoch: rec.epoch}
}

func (s *Server) newGateway() *gateway.Gateway {
	u := &s.cfg.upstreams
	s.fakes = &upstream.Fake{Catalog: s.ownCatalog, Now: s.clock.read, RequestID: gateway.RequestID, Owner: ownerOf, Lenient: s.lenientFor, Choose: s.chooseReply, Rejected: s.rejected, AllowUnknownModels: u.unknownModels}
	cfg := gateway.Config{
		Billing: gatewayBilling{&s.api, s.clock}, Formats: formats, Upstream: s.fakes, WriteError: s.writeError, Catalog: s.ownCatalog,
		AllowUnknownHosts: u.unknownHosts, AllowUnknownModels: u.unknownModels,
	}
	if token := s.controlToken; !token.IsZero() {
		cfg.HoldsSecret = func(text string) bool { return strings.Contains(text, token.Reveal()) }
	}
	if u.hosts != nil {
		cfg.Upstream = &upstream.Router{Hosts: u.hosts, Default: s.fakes}
	}
	cfg.Upstream = providerCalls{cfg.Upstream, s.clock}
	if u.keys != nil {
		cfg.ProviderKey = func(provider string) string { return u.keys[provider].Reveal() }
	}
	return gateway.New(cfg)
}
