package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// targetURL returns the provider URL that a forward request names: u, decoded
// once, and every later query parameter in order, less metadata and less a key
// that is Lava's. What comes before u is not the target's (assumption forward-target).
func targetURL(r *http.Request) (*url.URL, error) {
	raw, later, ok := cutTarget(r.URL.RawQuery)
	if !ok {
		return nil, badURL("u", `is required: the provider's URL, as in ?u=https://api.openai.com/v1/chat/completions`)
	}
	// Not QueryUnescape: a plus in a raw URL is a plus.
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		decoded = raw // a raw URL with a percent sign that starts no escape
	}
	u, err := url.Parse(decoded)
	if err != nil {
		return nil, badURL("u", "is not a valid URL")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, badURL("u", "must be an absolute URL that begins with https://")
	case u.User != nil:
		return nil, badURL("u", "must not hold a user name or password")
	}
	u.Fragment, u.RawFragment = "", ""
	u.RawQuery = joinQuery(withoutLavaKey(u.RawQuery), withoutParam(withoutLavaKey(later), metadataParam))
	return u, nil
}

func badURL(param, what string) error {
	return billing.Errorf(billing.CodeInvalidRequest, param, "%s: %s", param, what)
}

// cutTarget splits a raw query at the parameter u.
func cutTarget(rawQuery string) (u, later string, ok bool) {
	for rest := rawQuery; rest != ""; {
		part, after, _ := strings.Cut(rest, "&")
		if value, is := strings.CutPrefix(part, "u="); is {
			return value, after, value != ""
		}
		rest = after
	}
	return "", "", false
}

// withoutLavaKey drops the parameter key where it holds a Lava credential, and
// leaves Google's own.
func withoutLavaKey(rawQuery string) string {
	if !strings.Contains(rawQuery, keyParam+"=") || !isLava(queryValue(rawQuery, keyParam)) {
		return rawQuery
	}
	return withoutParam(rawQuery, keyParam)
}

func withoutParam(rawQuery, name string) string {
	if !strings.Contains(rawQuery, name) {
		return rawQuery
	}
	var kept []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if k, _, _ := strings.Cut(part, "="); k != name {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

func joinQuery(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "&" + b
}

// providerOf returns the provider at a URL, which the client gave as param.
func (g *Gateway) providerOf(param string, u *url.URL, e dialect.Endpoint) (*catalog.Provider, error) {
	if p, ok := g.catalog().ByHost(strings.TrimSuffix(u.Host, ":443")); ok && (u.Scheme == "https" || g.cfg.AllowUnknownHosts) {
		return p, nil
	}
	if g.cfg.AllowUnknownHosts {
		return &catalog.Provider{ID: u.Host, Name: u.Host, Dialect: string(e.Dialect)}, nil
	}
	if u.Scheme != "https" {
		return nil, badURL(param, "must begin with https://")
	}
	return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, param,
		"%s: the host %.255q belongs to no known provider", param, u.Host)
}

// modelOf returns the model of a request, nil if the catalog has no prices for
// it. Where the catalog's list is closed, other models are refused; elsewhere
// they pass and cost nothing (assumption unknown-models).
func (g *Gateway) modelOf(p *catalog.Provider, r dialect.Request) (*catalog.Model, error) {
	if r.Model == "" {
		if r.NeedsModel() {
			return nil, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
		}
		return nil, nil
	}
	m, ok := p.Model(r.Model)
	if ok || !p.Closed || !r.UsesTokens() || g.cfg.AllowUnknownModels {
		return m, nil
	}
	hint := ""
	if like := p.Nearest(r.Model); like != "" {
		hint = "; did you mean " + like + "?"
	}
	return nil, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
		"model: %s has no model %.255q in the catalog of %s%s", p.Name, r.Model, g.catalog().Date, hint)
}
