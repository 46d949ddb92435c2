package gateway

import (
	"iter"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// route is one way to a provider: what is sent where, and how the response is read.
type route struct {
	url      *url.URL
	provider *catalog.Provider
	request  dialect.Facts
	body     []byte         // that of the request, asked for its usage
	model    *catalog.Model // nil if it has no price
	// addsUsage says that the body asks for usage, which the client did not.
	addsUsage bool
	// translation is what happens to the request and its response; nil if both
	// pass as they are.
	translation *translation
}

// complete adds to a route what follows from its request.
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

// cleanTarget takes Lava's credentials out of a URL that a request is about to go to.
// In its host and path there is none to take out without making it another, and no way
// up, which would lead out of the path that an upstream has. Some servers take what
// follows a semicolon for a parameter of the segment: "..;" is a way up too.
func (g *Gateway) cleanTarget(u *url.URL) error {
	u.RawQuery = g.queryWithoutCredentials(u.RawQuery)
	for part := range strings.FieldsFuncSeq(unescape(u.Path), func(c rune) bool { return c == '/' || c == '\\' }) {
		if name, _, _ := strings.Cut(part, ";"); name == ".." {
			return badURL("url", `the path must not contain ".."`)
		}
	}
	if g.holdsCredential(u.Host) || g.holdsCredential(u.Path) {
		return badURL("url", "the host and path must not contain one of Lava's credentials")
	}
	return nil
}

// unpriced reports whether the cost will be 0, whatever is used. A model that only
// the response will name may have a price.
func (rt *route) unpriced() bool {
	if rt.model == nil {
		return rt.request.Model != "" || !rt.request.UsesTokens
	}
	return rt.model.Free() || rt.request.Operation == dialect.Models || rt.request.Operation == dialect.CountTokens
}

// growsAsJSON reports whether a JSON response grows while it is sent: a stream that is
// an array.
func (rt *route) growsAsJSON() bool { return rt.request.Stream && rt.request.Array }

// format is what the provider speaks at the endpoint.
func (g *Gateway) format(rt *route) dialect.Format {
	if rt.request.Guessed {
		if f, ok := g.cfg.Formats.ByName(rt.provider.Dialect); ok {
			return f
		}
	}
	return rt.request.Format
}

// routes are the ways that a call can take, in their order: the requested one, and
// what is left of the chain of fallbacks, less the entries that can't be gone to:
// those that the credential does not allow, that nobody serves, that the request
// can't be translated for, or that would get another provider's key (assumption
// fallback-skips). A route is prepared when the one before has failed. When the
// client has gone, there are no more.
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

// fallbackRoute is the way to an entry of the chain; false if it can't be gone to.
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

// affords reports whether a fallback can be paid for. The requested route was admitted
// for its own price, which may be none.
func (c *call) affords(rt *route) bool {
	if rt.unpriced() || !c.requested.unpriced() || c.admission.Affords == nil {
		return true
	}
	return c.admission.Affords()
}
