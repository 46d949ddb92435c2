package gateway

import (
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// chatEndpoint is a provider's endpoint for conversations.
type chatEndpoint struct {
	provider *catalog.Provider
	format   dialect.Chat
	// url is the endpoint; if the format has the model in the path, the part before it.
	url   *url.URL
	model string // if the URL contains it
}

// chatEndpointAt returns the endpoint for a provider's URL given by a client.
//
// The URL of an endpoint of the provider is used unchanged. SDKs add the path of their own format to a base URL, so
// if the provider uses another format, any endpoint for conversations means the provider's own (assumption
// rewrite-paths).
func (g *Gateway) chatEndpointAt(u *url.URL, e dialect.Endpoint, p *catalog.Provider) (chatEndpoint, error) {
	spoken := p.FormatAt(u)
	if format, ok := e.Format.(dialect.Chat); ok && e.Converses && format.Name() == spoken {
		to := chatEndpoint{provider: p, format: format, url: u, model: e.Model}
		if e.Model != "" && !e.Deployment {
			to.url = beforeModel(u, e)
		}
		return to, nil
	}
	return g.chatEndpointBelow(p.BaseAt(u.Host, spoken), spoken, p)
}

// chatEndpointFor returns a provider's endpoint for a format or, without one, its own format's.
func (g *Gateway) chatEndpointFor(format dialect.Name, p *catalog.Provider) (chatEndpoint, error) {
	base := p.BaseFor(format)
	if base == "" {
		format, base = p.Dialect, p.BaseURL
	}
	u, err := url.Parse(base)
	if err != nil || base == "" {
		return chatEndpoint{}, unsupported(p)
	}
	return g.chatEndpointBelow(u, format, p)
}

// chatEndpointBelow returns a provider's endpoint for a format below a base URL, or nil if it has none.
func (g *Gateway) chatEndpointBelow(base *url.URL, name dialect.Name, p *catalog.Provider) (chatEndpoint, error) {
	format, ok := g.cfg.Formats.Chat(name)
	if !ok || base == nil {
		return chatEndpoint{}, unsupported(p)
	}
	base.Path += format.Path()
	return chatEndpoint{provider: p, format: format, url: base}, nil
}

func unsupported(p *catalog.Provider) error {
	return billing.Errorf(billing.CodeForwardEndpointNotSupported, "url",
		"url: %s has no conversation endpoint there that can be translated", p.Name)
}

// beforeModel returns the part of an endpoint's URL before its model, which is followed by :method or /method.
func beforeModel(u *url.URL, e dialect.Endpoint) *url.URL {
	base := *u
	path := strings.TrimSuffix(u.Path, "/")
	path = path[:strings.LastIndexAny(path, ":/")]
	base.Path, base.RawPath = strings.TrimSuffix(path, e.Model), ""
	return &base
}
