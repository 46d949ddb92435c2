package gateway

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// The endpoints that accept a spend key or a secret key and find the provider by the model, with their formats.
const (
	chatCompletionsFormat dialect.Name = "openai"
	messagesFormat        dialect.Name = "anthropic"
)

// ChatCompletions serves POST /v1/chat/completions for every model of the catalog.
func (g *Gateway) ChatCompletions(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(r *http.Request) (*call, error) { return g.byModel(r, chatCompletionsFormat) })
}

// Messages serves POST /v1/messages for every model of the catalog.
func (g *Gateway) Messages(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, func(r *http.Request) (*call, error) { return g.byModel(r, messagesFormat) })
}

// byModel prepares a call to a provider that offers the model.
func (g *Gateway) byModel(r *http.Request, name dialect.Name) (*call, error) {
	client, ok := g.cfg.Formats.Chat(name)
	if !ok {
		return nil, g.unknownFormat(name)
	}
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	c.shape = string(name)
	if err := c.converse(client, client.Conversation(r.URL), r.URL); err != nil {
		return nil, err
	}
	offer, err := c.offer(name)
	if err != nil {
		return nil, err
	}
	to, err := g.chatEndpointFor(name, offer.Provider)
	if err != nil {
		return nil, err
	}
	if to.format == client {
		to.url.RawQuery = ownQuery(r.URL.RawQuery)
	}
	c.requested, err = c.routeTo(to, offer.Name)
	return c, err
}

// offer chooses among the providers of a model: of those that the key allows, the first that uses the client's
// format, or else the first that a translation exists for (assumption offer-order).
func (c *call) offer(client dialect.Name) (catalog.Offer, error) {
	g, model := c.gateway, c.conversation.model
	if model == "" {
		return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
	}
	offers := g.catalog().Find(model)
	if allowed := slices.DeleteFunc(slices.Clone(offers), func(o catalog.Offer) bool {
		return !g.cfg.Billing.Allows(c.token, o.Provider.ID, o.Name)
	}); len(allowed) > 0 {
		offers = allowed // otherwise admission rejects the first
	}
	for _, o := range offers {
		if o.Provider.BaseFor(client) != "" {
			return o, nil
		}
	}
	for _, o := range offers {
		if _, ok := g.cfg.Formats.Chat(o.Provider.Dialect); ok {
			return o, nil
		}
	}
	if len(offers) > 0 {
		return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
			"model: %.255q of %s does not support conversations", model, offers[0].Provider.Name)
	}
	hint := ""
	for _, p := range g.catalog().Providers() {
		if like := p.Nearest(model); like != "" {
			hint = "; did you mean " + strconv.Quote(like) + "?"
			break
		}
	}
	return catalog.Offer{}, billing.Errorf(billing.CodeForwardModelNotSupported, "model",
		"model: no provider in the catalog of %s offers %.255q%s", g.catalog().Date, model, hint)
}
