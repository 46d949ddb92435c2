package gateway

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// otherProvider is the id of all providers that aren't in the catalog.
const otherProvider = "other"

// providerOf returns the provider at a URL, which the client gave as param. A host that isn't in the catalog can be
// reached with the caller's own key for it: requests there are counted, and cost nothing (assumption unknown-hosts).
func (g *Gateway) providerOf(param string, u *url.URL, e dialect.Endpoint, ownKey bool) (*catalog.Provider, error) {
	if u.User != nil {
		return nil, billing.Invalid(param, "must not contain a user name or password")
	}
	if p, ok := g.catalog().ByHost(strings.TrimSuffix(u.Host, ":443")); ok && (u.Scheme == "https" || g.cfg.AllowUnknownHosts) {
		return p, nil
	}
	if g.cfg.AllowUnknownHosts || ownKey && u.Scheme == "https" {
		p := &catalog.Provider{ID: otherProvider, Name: u.Host}
		if !e.Guessed {
			p.Dialect = e.Format.Name()
		}
		return p, nil
	}
	if u.Scheme != "https" {
		return nil, billing.Invalid(param, "must begin with https://")
	}
	return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, param,
		"%s: no provider in the catalog has the host %.255q: send your key for it as provider_key in a forward token, "+
			"or start the mock server with AllowUnknownHosts (lavamock -allow-unknown-hosts)", param, u.Host)
}

// modelOf returns the model of a request, or nil if the catalog has no price for it. If the catalog's list is closed,
// other models are rejected; otherwise they pass and cost nothing (assumption unknown-models).
func (g *Gateway) modelOf(p *catalog.Provider, r dialect.Facts) (*catalog.Model, error) {
	if r.Model == "" {
		if r.NeedsModel {
			return nil, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
		}
		return nil, nil
	}
	m, ok := g.catalog().Model(p, r.Format.Name(), r.Model)
	if ok || !p.Closed || !r.UsesTokens || g.cfg.AllowUnknownModels {
		return m, nil
	}
	hint := ""
	if like := p.Nearest(r.Model); like != "" {
		hint = "; did you mean " + like + "?"
	}
	return nil, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
		"model: %s has no model %.255q in the catalog of %s%s", p.Name, r.Model, g.catalog().Date, hint)
}
