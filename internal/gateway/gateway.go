// Package gateway sends requests to LLM providers and meters them: it admits a
// request, sends it, passes the response on, and records the usage.
//
// It has four endpoints. [Gateway.Forward] reaches any URL of a known provider,
// [Gateway.Rewrite] does the same for a client that uses another format, and
// [Gateway.ChatCompletions] and [Gateway.Messages] choose the provider by the model.
// Each request becomes a call (call.go), which takes the first of its routes
// (route.go) whose provider responds. The response determines what is recorded
// (pass.go, record.go).
//
// Package dialect determines what a response used, the catalog its cost, and [Billing] the meaning of admission and
// recording: the gateway knows nothing about customers and meters.
//
// # What a client can rely on
//
// A record is committed before the client can see the end of a response: before
// the body of a response that is not streamed, before the last byte of one that
// is, and before the event that ends a stream of events. So a client that has
// read a response finds it recorded (assumption record-before-end).
//
// Untranslated requests and responses pass unchanged, with two exceptions: the gateway asks OpenAI streams for their
// usage, and removes the extra event if the client did not ask for it; and it asks providers for uncompressed
// responses, so that it can read them.
package gateway

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Config configures a gateway. Billing, Formats, Upstream and WriteError must be set.
type Config struct {
	Billing Billing
	// Formats are the wire formats that clients and providers speak.
	Formats dialect.Set
	// Upstream reaches the providers, or stands in for them. It must honor the
	// request's context.
	Upstream http.RoundTripper
	// WriteError writes an error in Lava's format. The gateway's own errors are
	// *billing.Error; others come from Billing.
	WriteError func(http.ResponseWriter, *http.Request, error)
	// Catalog has the providers and prices; nil means [catalog.Default].
	Catalog *catalog.Catalog
	// ProviderKey returns the key for managed requests to a provider; "" or a nil func sends none, which is right for
	// fake providers.
	ProviderKey func(provider string) string
	// HoldsSecret reports whether an unencoded text contains one of the server's
	// secrets that the gateway can't recognize by its prefix. Such texts are not sent
	// to providers. nil means that there are no such secrets.
	HoldsSecret func(text string) bool
	// AllowUnknownHosts forwards to hosts that are not in the catalog too, and
	// to http URLs. Such requests cost nothing, and are metered by their path.
	AllowUnknownHosts bool
	// AllowUnknownModels accepts models that the catalog's closed lists don't have.
	// They cost nothing.
	AllowUnknownModels bool
	// IdleTimeout ends a call when the provider sends no data for this long; 0 means
	// 5 minutes.
	IdleTimeout time.Duration
	// MaxBody limits a request's body in bytes, and how much of a response is
	// read before it is passed on; 0 means 64 MiB.
	MaxBody int64
	// MaxEvent limits one event of a stream in bytes; 0 means 16 MiB.
	MaxEvent int
}

// Gateway serves the endpoints that lead to providers. It is safe for concurrent
// use.
type Gateway struct {
	cfg Config
	// found is nil until the first request: most mock servers get none.
	found atomic.Pointer[places]
	later later
}

// New returns a gateway. It does no I/O and starts no goroutine.
func New(cfg Config) *Gateway {
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = 5 * time.Minute
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 64 << 20
	}
	if cfg.MaxEvent == 0 {
		cfg.MaxEvent = 16 << 20
	}
	return &Gateway{cfg: cfg}
}

func (g *Gateway) places() *places {
	p := g.found.Load()
	if p == nil {
		p = newPlaces(g.cfg.Formats)
		g.found.Store(p)
	}
	return p
}

func (g *Gateway) catalog() *catalog.Catalog {
	if g.cfg.Catalog != nil {
		return g.cfg.Catalog
	}
	return catalog.Default()
}

// serve prepares a call and runs it.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, prepare func(*http.Request) (*call, error)) {
	r.Body = http.MaxBytesReader(w, r.Body, g.cfg.MaxBody)
	c, err := prepare(r)
	if err == nil {
		err = c.run(w)
	}
	if err != nil {
		g.cfg.WriteError(w, r, err)
	}
}
