package gateway

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/translate"
)

// conversation is what a client asks a model, in the client's own format. It can be
// sent to providers of other formats.
type conversation struct {
	format  dialect.Name
	codec   translate.Format
	request dialect.Request
	model   string
	array   bool // the stream is wanted as a JSON array
	// neutral is the request in no format, once it was needed.
	neutral *translate.Request
}

// readConversation reads what a client asks in a format. Model and stream are in the
// path of the URL that it gave, if that is a path of the same format and has them.
func readConversation(format dialect.Name, codec translate.Format, path dialect.Endpoint, u *url.URL, body []byte) (*conversation, error) {
	endpoint := conversations[format]
	if path.Dialect == format {
		endpoint = path
	}
	request, err := endpoint.ReadRequest("application/json", body)
	if err != nil {
		return nil, requestError(err)
	}
	return &conversation{
		format: format, codec: codec, request: request,
		model: strings.TrimPrefix(request.Model, "models/"), array: wantsArray(request, u),
	}, nil
}

// read returns the request in no format.
func (c *conversation) read() (*translate.Request, error) {
	if c.neutral == nil {
		r, err := c.codec.ReadRequest(c.request.Body)
		if err != nil {
			return nil, c.fieldError(err)
		}
		r.Stream, r.Array = c.request.Stream, c.array
		c.neutral = r
	}
	return c.neutral, nil
}

// fieldError is a refusal that names a field of the client's request.
func (c *conversation) fieldError(err error) error {
	err = translate.Named(c.format, err)
	var field *translate.FieldError
	if errors.As(err, &field) {
		return billing.Errorf(billing.CodeInvalidRequest, field.Field, "%s", field)
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}

// modelAt is what an endpoint is asked for: model, if it is given, else what the
// endpoint's URL says, else what the client does.
func (c *conversation) modelAt(to chatEndpoint, model string) (string, error) {
	model = cmp.Or(model, to.model, c.model)
	if model == "" {
		if neutral, err := c.read(); err == nil { // where few clients write it
			model = neutral.Model
		}
	}
	if model == "" {
		return "", billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
	}
	return model, nil
}

// routeTo is the way of a call's conversation to an endpoint. model is what the
// provider calls the model; "" means as the client does.
func (c *call) routeTo(to chatEndpoint, model string) (*route, error) {
	model, err := c.conversation.modelAt(to, model)
	if err != nil {
		return nil, err
	}
	rt := &route{provider: to.provider, url: to.urlFor(model, c.conversation.request.Stream)}
	if to.format == c.conversation.format {
		err = c.conversation.passOn(rt, model)
	} else {
		err = c.conversation.translateFor(rt, to.format, model)
	}
	if err != nil {
		return nil, err
	}
	return rt, c.gateway.complete(rt)
}

// passOn makes the request that of a route to a provider of the same format: what
// is known of it is not read again.
func (c *conversation) passOn(rt *route, model string) (err error) {
	if c.array {
		rt.url.RawQuery = withoutParam(rt.url.RawQuery, "alt")
	}
	rt.request = c.request
	rt.request.Endpoint = dialect.EndpointOf(http.MethodPost, rt.url)
	switch {
	case rt.request.Endpoint.Model != "":
		rt.request.Model = rt.request.Endpoint.Model
	case model != c.model:
		rt.request, err = rt.request.WithModel(model)
	}
	if err != nil {
		return billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
	}
	return nil
}

// translateFor makes the request that of a route to a provider of another format.
func (c *conversation) translateFor(rt *route, format dialect.Name, model string) error {
	codec, ok := codecOf(format, rt.provider)
	if !ok {
		return unsupported(rt.provider)
	}
	neutral, err := c.read()
	if err != nil {
		return err
	}
	request := *neutral
	request.Model = model
	body, err := codec.WriteRequest(&request)
	if err != nil {
		return c.fieldError(err)
	}
	endpoint := dialect.EndpointOf(http.MethodPost, rt.url)
	rt.request = dialect.Request{Endpoint: endpoint, Model: cmp.Or(endpoint.Model, model), Stream: request.Stream, Body: body}
	rt.translation = &translation{client: c.codec, format: c.format, provider: codec, request: &request}
	return nil
}
