package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Forward serves ANY /v1/forward?u=<provider URL>. It sends method, body and
// headers to the provider unchanged, except for Lava's own headers, and returns
// the provider's response unchanged, with x-lava-request-id.
func (g *Gateway) Forward(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, g.forward)
}

func (g *Gateway) forward(r *http.Request) (*call, error) {
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	u, err := forwardURL(r)
	if err != nil {
		return nil, err
	}
	endpoint := g.cfg.Formats.Find(r.Method, u)
	provider, err := g.providerOf("u", u, endpoint, c.token.ProviderKey != "")
	if err != nil {
		return nil, err
	}
	c.requested, err = c.routeAsIs(u, endpoint, provider)
	return c, err
}

// routeAsIs is the route of a request that passes unchanged.
func (c *call) routeAsIs(u *url.URL, endpoint dialect.Endpoint, provider *catalog.Provider) (*route, error) {
	if isSwitch(c.client.Header["Upgrade"]) {
		return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, "u", "u: connections that switch protocols, such as WebSockets, can't be forwarded")
	}
	body, err := c.readRequestBody()
	if err != nil {
		return nil, err
	}
	rt := &route{url: u, provider: provider}
	if rt.request, err = endpoint.ReadFacts(c.client.Header.Get("Content-Type"), body); err != nil {
		return nil, requestError(err)
	}
	return rt, c.gateway.complete(rt)
}

// isSwitch reports whether a client needs another protocol on its connection. With h2c, it only offers HTTP/2, as Java's
// client does in the first request to each http URL.
func isSwitch(upgrade []string) bool {
	for _, list := range upgrade {
		for protocol := range strings.SplitSeq(list, ",") {
			if !strings.EqualFold(strings.TrimSpace(protocol), "h2c") {
				return true
			}
		}
	}
	return false
}
