package gateway

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// conversation is a request to a model in the client's own format. It can be sent to providers of other formats.
type conversation struct {
	format  dialect.Chat
	request dialect.Facts
	model   string
	// neutral is the request in neutral form, once it was needed.
	neutral *dialect.Request
}

// converse makes a call a conversation: it reads the request, and the fallbacks for it.
func (c *call) converse(format dialect.Chat, path dialect.Endpoint, u *url.URL) error {
	body, err := c.readRequestBody()
	if err != nil {
		return err
	}
	if c.conversation, err = readConversation(format, path, u, body); err != nil {
		return err
	}
	c.fallbacks, err = c.gateway.findFallbacks(c.client)
	return err
}

// readConversation reads a request in a format. Model and stream are in the path of the given URL, if its format has
// them there.
func readConversation(format dialect.Chat, path dialect.Endpoint, u *url.URL, body []byte) (*conversation, error) {
	endpoint := path
	if path.Format != format || !path.Converses {
		endpoint = format.Conversation(u)
	}
	request, err := endpoint.ReadFacts("application/json", body)
	if err != nil {
		return nil, requestError(err)
	}
	return &conversation{format: format, request: request, model: strings.TrimPrefix(request.Model, "models/")}, nil
}

// read returns the request in neutral form.
func (c *conversation) read() (*dialect.Request, error) {
	if c.neutral == nil {
		r, err := c.format.ReadRequest(c.request.Body)
		if err != nil {
			return nil, c.fieldError(err)
		}
		r.Stream, r.Array = c.request.Stream, c.request.Stream && c.request.Array
		c.neutral = r
	}
	return c.neutral, nil
}

// fieldError rejects a request and names the field.
func (c *conversation) fieldError(err error) error {
	err = dialect.InWordsOf(c.format, err)
	var field *dialect.FieldError
	if errors.As(err, &field) {
		return billing.Errorf(billing.CodeInvalidRequest, field.Field, "%s", field)
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}

// modelAt returns the model to request from an endpoint: model if not "", else the one in the endpoint's URL, else
// the client's.
func (c *conversation) modelAt(to chatEndpoint, model string) (string, error) {
	model = cmp.Or(model, to.model, c.model)
	if model == "" {
		return "", billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
	}
	return model, nil
}

// routeTo returns the route of a call's conversation to an endpoint. model is the provider's name of the model; ""
// means the client's.
func (c *call) routeTo(to chatEndpoint, model string) (*route, error) {
	model, err := c.conversation.modelAt(to, model)
	if err != nil {
		return nil, err
	}
	asked := c.conversation.request
	u := to.format.URL(to.url, dialect.Endpoint{Model: model, Stream: asked.Stream, Array: asked.Array})
	rt := &route{provider: to.provider, url: u}
	endpoint := c.gateway.cfg.Formats.Find(http.MethodPost, u)
	// Another maker's signatures must not reach a provider, even of the same format.
	if to.format == c.conversation.format && !dialect.HoldsMarks(asked.Body) {
		err = c.passOn(rt, endpoint, model)
	} else {
		err = c.conversation.translateFor(rt, endpoint, to.format, model, c.limitAt(rt, model))
	}
	if err != nil {
		return nil, err
	}
	return rt, c.gateway.complete(rt)
}

// passOn sets the request of a route to a provider of the same format. It changes only what the provider is known to
// reject (assumption adapted-requests).
func (c *call) passOn(rt *route, endpoint dialect.Endpoint, model string) (err error) {
	rt.request = c.conversation.request
	rt.request.Endpoint = endpoint
	switch {
	case rt.request.Endpoint.Model != "":
		rt.request.Model = rt.request.Endpoint.Model
	case model != c.conversation.model:
		rt.request, err = rt.request.WithModel(model)
	}
	if err != nil {
		return billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
	}
	if rt.request.Body, err = c.conversation.limited(rt.request.Body, c.limitAt(rt, model)); err != nil {
		return requestError(err)
	}
	adapter, ok := c.conversation.format.(dialect.Adapter)
	if !ok || !c.adapts(rt.provider) {
		return nil
	}
	body, deviates, err := adapter.Adapt(rt.request.Body, model, rt.provider.Traits)
	if err != nil {
		return c.conversation.fieldError(err)
	}
	rt.request.Body = body
	if deviates {
		asked := &dialect.Request{Model: model, Stream: rt.request.Stream, WantsUsage: rt.request.WantsUsage}
		rt.translation = &translation{client: c.conversation.format, provider: c.conversation.format, request: asked}
	}
	return nil
}

// adapts reports whether requests to a provider of the client's format are adapted. The provider that defined the
// format knows what to reject in a request that was meant for it; a fallback was not. Nothing is known about a
// provider that isn't in the catalog.
func (c *call) adapts(p *catalog.Provider) bool {
	return p.ID != otherProvider && (!p.Original || c.requested != nil)
}

// translateFor sets the request of a route to a provider of another format.
// The limit of output tokens is at most most.
func (c *conversation) translateFor(rt *route, endpoint dialect.Endpoint, format dialect.Chat, model string, most int64) error {
	neutral, err := c.read()
	if err != nil {
		return err
	}
	request := *neutral
	request.Model = model
	if m, ok := rt.provider.Model(model); ok {
		request.MaxOutput = m.MaxOutput
	}
	if request.MaxTokens != nil && *request.MaxTokens > most {
		request.MaxTokens = &most
	}
	body, err := format.WriteRequest(&request, rt.provider.Traits)
	if err != nil {
		return c.fieldError(err)
	}
	rt.request = dialect.Facts{Endpoint: endpoint, Model: cmp.Or(endpoint.Model, model), Stream: request.Stream, Body: body}
	rt.translation = &translation{client: c.format, provider: format, request: &request}
	return nil
}
