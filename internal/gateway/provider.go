package gateway

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// providerOf returns the provider at a URL, which the client gave as param.
func (g *Gateway) providerOf(param string, u *url.URL, e dialect.Endpoint) (*catalog.Provider, error) {
	if p, ok := g.catalog().ByHost(strings.TrimSuffix(u.Host, ":443")); ok && (u.Scheme == "https" || g.cfg.AllowUnknownHosts) {
		return p, nil
	}
	if g.cfg.AllowUnknownHosts {
		p := &catalog.Provider{ID: u.Host, Name: u.Host}
		if !e.Guessed {
			p.Dialect = e.Format.Name()
		}
		return p, nil
	}
	if u.Scheme != "https" {
		return nil, badURL(param, "must begin with https://")
	}
	return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, param,
		"%s: the host %.255q belongs to no known provider", param, u.Host)
}

// modelOf returns the model of a request, nil if the catalog has no prices for
// it. Where the catalog's list is closed, other models are rejected; elsewhere
// they pass and cost nothing (assumption unknown-models).
func (g *Gateway) modelOf(p *catalog.Provider, r dialect.Facts) (*catalog.Model, error) {
	if r.Model == "" {
		if r.NeedsModel {
			return nil, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
		}
		return nil, nil
	}
	m, ok := p.Model(r.Model)
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
