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
	"github.com/lavapayments/lava-go/internal/dialect/translate"
)

// route is one way to a provider: what is sent where, and how the answer is read.
type route struct {
	url      *url.URL
	body     []byte
	request  dialect.Request
	provider *catalog.Provider
	model    *catalog.Model // nil if it has no price
	// translation is what happens to the request and its answer; nil if both
	// pass as they are.
	translation *translation
}

// translation is between a client and a provider that speak different formats.
type translation struct {
	client   translate.Format
	speaks   dialect.Name // the client's format
	provider translate.Format
	request  *translate.Request // as it was sent
}

// asked is what a client wants of a model, in its own format. It can be sent to
// providers of others.
type asked struct {
	speaks dialect.Name
	format translate.Format
	body   []byte
	model  string
	stream bool
	array  bool // Google's streams are JSON arrays unless asked for as events
	// neutral is the body in no format, once it was needed.
	neutral *translate.Request
}

func (a *asked) read() (*translate.Request, error) {
	if a.neutral == nil {
		r, err := a.format.ReadRequest(a.body)
		if err != nil {
			return nil, fieldError(a.speaks, err)
		}
		r.Stream, r.Array = a.stream, a.array
		a.neutral = r
	}
	return a.neutral, nil
}

// fieldError is a refusal that names a field of the client's request.
func fieldError(speaks dialect.Name, err error) error {
	err = translate.Named(speaks, err)
	var field *translate.FieldError
	if errors.As(err, &field) {
		return billing.Errorf(billing.CodeInvalidRequest, field.Field, "%s", field)
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}

// target is where a provider takes conversations.
type target struct {
	provider *catalog.Provider
	speaks   dialect.Name
	// url is the endpoint; of Google's and Bedrock's what comes before the model.
	url   *url.URL
	model string // where the URL has it
}

// targetAt tells where a URL leads that a client gave as a provider's.
//
// A provider's own endpoint is taken as it is. SDKs add the path of their own
// format to a base URL, so at a provider that speaks another, any endpoint for
// conversations means the provider's own (assumption rewrite-paths).
func (g *Gateway) targetAt(u *url.URL, e dialect.Endpoint, p *catalog.Provider) (target, error) {
	if e.Converses() && speaks(p, e.Dialect, u) {
		t := target{provider: p, speaks: e.Dialect, url: u, model: e.Model}
		if e.Model != "" {
			t.url = beforeModel(u, e)
		}
		return t, nil
	}
	base, err := url.Parse(p.BaseURL)
	if err != nil || p.BaseURL == "" {
		return target{}, unsupported(p)
	}
	if dialect.Name(p.Dialect) == dialect.Bedrock { // in the region that was asked for
		base.Host = u.Host
	}
	return ownTarget(p, dialect.Name(p.Dialect), base)
}

// ownTarget is a provider's endpoint for conversations below a base URL.
func ownTarget(p *catalog.Provider, speaks dialect.Name, base *url.URL) (target, error) {
	path, ok := map[dialect.Name]string{
		dialect.OpenAI: "/chat/completions", dialect.Anthropic: "/messages", dialect.Google: "/models/", dialect.Bedrock: "/model/",
	}[speaks]
	if !ok {
		return target{}, unsupported(p)
	}
	base.Path += path
	return target{provider: p, speaks: speaks, url: base}, nil
}

func unsupported(p *catalog.Provider) error {
	return billing.Errorf(billing.CodeForwardEndpointNotSupported, "url",
		"url: %s has no endpoint for conversations there that can be translated", p.Name)
}

// speaks says whether a provider takes a format at a URL by itself.
func speaks(p *catalog.Provider, format dialect.Name, u *url.URL) bool {
	if dialect.Name(p.Dialect) == format {
		return true
	}
	also, err := url.Parse(p.OpenAIBaseURL)
	return err == nil && format == dialect.OpenAI && p.OpenAIBaseURL != "" && strings.HasPrefix(u.Path, also.Path+"/")
}

// beforeModel is the part of an endpoint's URL before its model, which is followed
// by :method or /method.
func beforeModel(u *url.URL, e dialect.Endpoint) *url.URL {
	base := *u
	path := strings.TrimSuffix(u.Path, "/")
	path = path[:strings.LastIndexAny(path, ":/")]
	base.Path, base.RawPath = strings.TrimSuffix(path, e.Model), ""
	return &base
}

// to is the URL for a model, in the way that the format has for streams.
func (t target) to(model string, stream bool) *url.URL {
	u := *t.url
	switch t.speaks {
	case dialect.Google:
		u.RawQuery = withoutParam(u.RawQuery, "alt")
		u.Path += strings.TrimPrefix(model, "models/") + ":generateContent"
		if stream {
			u.Path = strings.TrimSuffix(u.Path, "generateContent") + "streamGenerateContent"
			u.RawQuery = joinQuery("alt=sse", u.RawQuery)
		}
	case dialect.Bedrock:
		raw := u.EscapedPath() + url.PathEscape(model)
		end := "/converse"
		if stream {
			end = "/converse-stream"
		}
		u.Path, u.RawPath = u.Path+model+end, raw+end
	}
	return &u
}

// routeTo is the way for what the client asks to a provider's endpoint. model is
// what the provider calls the model; "" means as the client does.
func (c *call) routeTo(t target, model string) (route, error) {
	a := c.asked
	model = cmp.Or(model, t.model, a.model)
	if model == "" {
		if neutral, err := a.read(); err == nil { // where few clients write it
			model = neutral.Model
		}
	}
	if model == "" {
		return route{}, billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: is required")
	}
	rt := route{provider: t.provider}
	endpoint := dialect.Endpoint{}
	var err error
	if t.speaks == a.speaks {
		rt.url, rt.body = t.to(model, a.stream), a.body
		if a.array {
			rt.url.RawQuery = withoutParam(rt.url.RawQuery, "alt")
		}
		endpoint = dialect.EndpointOf(http.MethodPost, rt.url)
		if endpoint.Model == "" && model != a.model {
			if rt.body, err = dialect.WithModel(rt.body, model); err != nil {
				return route{}, billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
			}
		}
	} else {
		rt.url = t.to(model, a.stream)
		endpoint = dialect.EndpointOf(http.MethodPost, rt.url)
		if rt.translation, rt.body, err = a.translated(t, model); err != nil {
			return route{}, err
		}
	}
	if rt.request, err = endpoint.ReadRequest("application/json", rt.body); err != nil {
		return route{}, requestError(err)
	}
	rt.model, err = c.gateway.modelOf(rt.provider, rt.request)
	return rt, err
}

// translated is the request in the format of another provider.
func (a *asked) translated(t target, model string) (*translation, []byte, error) {
	format, ok := translate.Of(t.speaks)
	if !ok {
		return nil, nil, unsupported(t.provider)
	}
	if t.speaks == dialect.OpenAI && t.provider.ID != "openai" {
		format = translate.OpenAILike
	}
	neutral, err := a.read()
	if err != nil {
		return nil, nil, err
	}
	request := *neutral
	request.Model = model
	body, err := format.WriteRequest(&request)
	if err != nil {
		return nil, nil, fieldError(a.speaks, err)
	}
	return &translation{client: a.format, speaks: a.speaks, provider: format, request: &request}, body, nil
}
