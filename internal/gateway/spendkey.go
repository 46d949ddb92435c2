package gateway

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// The endpoints that take a spend key or a secret key, and find the provider by
// the model.

// ChatCompletions serves POST /v1/chat/completions for every model that a
// provider offers in OpenAI's format.
func (g *Gateway) ChatCompletions(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(r *http.Request) (*call, error) {
		return g.byModel(r, "openai", "/chat/completions")
	})
}

// Messages serves POST /v1/messages for every model that a provider offers in
// Anthropic's format.
func (g *Gateway) Messages(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(r *http.Request) (*call, error) {
		c, err := g.byModel(r, "anthropic", "/messages")
		if err == nil && r.Header.Get("Anthropic-Version") == "" {
			r.Header.Set("Anthropic-Version", "2023-06-01") // which the provider insists on
		}
		return c, err
	})
}

// byModel prepares a call to the first provider that offers the model in a
// shape.
func (g *Gateway) byModel(r *http.Request, shape, path string) (*call, error) {
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	c.shape = shape
	if c.body, err = readBody(r); err != nil {
		return nil, err
	}
	endpoint := dialect.EndpointOf(http.MethodPost, &url.URL{Path: path})
	if c.request, err = readRequest(endpoint, r, c.body); err != nil {
		return nil, err
	}
	offer, err := g.offer(c.request.Model, shape)
	if err != nil {
		return nil, err
	}
	c.provider, c.model = offer.Provider, offer.Model
	if offer.Name != c.request.Model {
		if c.body, err = dialect.WithModel(c.body, offer.Name); err != nil {
			return nil, billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
		}
		c.request.Model = offer.Name
	}
	c.url, err = url.Parse(offer.Provider.BaseFor(shape) + path)
	if err == nil {
		c.url.RawQuery = withoutParam(withoutLavaKey(r.URL.RawQuery), metadataParam)
	}
	return c, err
}

// offer chooses among the providers of a model.
func (g *Gateway) offer(model, shape string) (catalog.Offer, error) {
	if model == "" {
		return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
	}
	offers := g.catalog().Find(model)
	for _, o := range offers {
		if o.Provider.BaseFor(shape) != "" {
			return o, nil
		}
	}
	if len(offers) > 0 {
		return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
			"model: %.255q is offered by %s, which does not speak the %s format", model, offers[0].Provider.Name, shape)
	}
	hint := ""
	for _, p := range g.catalog().Providers() {
		if like := p.Nearest(model); like != "" && p.BaseFor(shape) != "" {
			hint = "; did you mean " + strconv.Quote(like) + "?"
			break
		}
	}
	return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
		"model: no provider in the catalog of %s offers %.255q%s", g.catalog().Date, model, hint)
}
