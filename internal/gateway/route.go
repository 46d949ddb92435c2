package gateway

import (
	"iter"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// route is one way to a provider: what is sent, where, and how the response is read.
type route struct {
	url      *url.URL
	provider *catalog.Provider
	request  dialect.Facts
	body     []byte         // the request's body, with usage requested
	model    *catalog.Model // nil if it is not priced
	// addsUsage means that the body asks for usage and the client's did not.
	addsUsage bool
	// translation describes how the response is translated, and usually the request; nil if it passes unchanged.
	translation *translation
}

// complete sets the fields of a route that follow from its request.
func (g *Gateway) complete(rt *route) error {
	if err := g.cleanTarget(rt.url); err != nil {
		return err
	}
	var err error
	if rt.model, err = g.modelOf(rt.provider, rt.request); err != nil {
		return err
	}
	rt.body = rt.request.Body
	if rt.addsUsage = rt.request.LacksUsage() && !rt.provider.ReportsUsage; rt.addsUsage {
		rt.body, err = rt.request.AskForUsage()
	}
	if err != nil {
		return billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
	}
	return nil
}

// cleanTarget removes Lava's credentials from the URL of an outgoing request. It rejects those in the host and the
// path, which can't be removed without changing the destination, and "..", which would lead out of the path of an
// upstream. Some servers treat what follows a semicolon as a parameter of the segment, so "..;" is rejected too.
func (g *Gateway) cleanTarget(u *url.URL) error {
	u.RawQuery = g.queryWithoutCredentials(u.RawQuery)
	for part := range strings.FieldsFuncSeq(unescape(u.Path), func(c rune) bool { return c == '/' || c == '\\' }) {
		if name, _, _ := strings.Cut(part, ";"); name == ".." {
			return billing.Invalid("url", `the path must not contain ".."`)
		}
	}
	if g.holdsCredential(u.Host) || g.holdsCredential(u.Path) {
		return billing.Invalid("url", "the host and path must not contain one of Lava's credentials")
	}
	return nil
}

// unpriced reports whether the cost will be 0 for any usage. A model that only the response names may have a price.
func (rt *route) unpriced() bool {
	if rt.model == nil {
		return rt.request.Model != "" || !rt.request.UsesTokens
	}
	return rt.model.Free() || rt.request.Operation == dialect.Models || rt.request.Operation == dialect.CountTokens
}

// growsAsJSON reports whether a JSON response grows while it is sent: a stream in the form of an array.
func (rt *route) growsAsJSON() bool { return rt.request.Stream && rt.request.Array }

// format returns the provider's format at the endpoint.
func (g *Gateway) format(rt *route) dialect.Format {
	if rt.request.Guessed {
		if f, ok := g.cfg.Formats.ByName(rt.provider.Dialect); ok {
			return f
		}
	}
	return rt.request.Format
}

// routes yields the routes of a call in order: the requested one, then the rest of the fallback chain. It skips
// entries that the credential does not allow, that no provider serves, that the request can't be translated for, or
// that would get another provider's key (assumption fallback-skips). A route is prepared only after the previous one
// has failed. After the client has disconnected, there are no more.
func (c *call) routes() iter.Seq[*route] {
	return func(yield func(*route) bool) {
		if !yield(c.requested) {
			return
		}
		for c.mayFallBack() {
			next := c.fallbacks[0]
			c.fallbacks = c.fallbacks[1:]
			if rt, ok := c.fallbackRoute(next); ok && !yield(rt) {
				return
			}
		}
	}
}

// mayFallBack reports whether there may be another provider to try.
func (c *call) mayFallBack() bool {
	if c.conversation == nil || c.client.Context().Err() != nil {
		return false
	}
	if c.fallbacks == nil && c.admission.Fallbacks != nil {
		c.fallbacks = c.admission.Fallbacks()
	}
	return len(c.fallbacks) > 0
}

// fallbackRoute returns the route for an entry of the chain; false if it can't be used.
func (c *call) fallbackRoute(f Fallback) (*route, bool) {
	to, err := c.gateway.fallbackEndpoint(f)
	if err != nil {
		return nil, false
	}
	rt, err := c.routeTo(to, f.Model)
	if err != nil || c.token.ProviderKey != "" && rt.provider.ID != c.requested.provider.ID {
		return nil, false
	}
	return rt, c.gateway.cfg.Billing.Allows(c.token, rt.provider.ID, rt.request.Model) && c.affords(rt)
}

// affords reports whether a fallback can be paid for. The requested route was admitted for its own price, which may
// be zero.
func (c *call) affords(rt *route) bool {
	if rt.unpriced() || !c.requested.unpriced() || c.admission.Affords == nil {
		return true
	}
	return c.admission.Affords()
}
