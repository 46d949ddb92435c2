package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/translate"
)

// RewritePrefix begins the paths of [Gateway.Rewrite].
const RewritePrefix = "/v1/rewrite/"

// Rewrite serves /v1/rewrite/{format}/{provider URL}. The client speaks the
// format, the provider its own: request, answer and stream are translated. Where
// both are the same, and at endpoints that take no conversation, it is as
// [Gateway.Forward]. Errors of the provider come in the client's format, those of
// the gateway in Lava's (assumption rewrite-errors).
func (g *Gateway) Rewrite(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, g.rewrite)
}

func (g *Gateway) rewrite(r *http.Request) (*call, error) {
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	client, u, err := rewriteTarget(r)
	if err != nil {
		return nil, err
	}
	format, ok := translate.Of(client)
	if !ok {
		return nil, billing.Errorf(billing.CodeInvalidRequest, "format", "format: %.60q is not one of openai, anthropic, google and bedrock", string(client))
	}
	endpoint := dialect.EndpointOf(r.Method, u)
	provider, err := g.providerOf("url", u, endpoint)
	if err != nil {
		return nil, err
	}
	if !endpoint.Converses() {
		if endpoint.Dialect != "" && endpoint.Dialect != client {
			return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, "url",
				"url: %.255q is an endpoint of the format %s, and only conversations can be translated", u.Path, endpoint.Dialect)
		}
		return c, c.forwardTo(u, endpoint, provider)
	}
	if c.body, err = readBody(r); err != nil {
		return nil, err
	}
	if c.asked, err = readAsked(client, format, endpoint, u, c.body); err != nil {
		return nil, err
	}
	if c.chain, err = g.chainIn(r); err != nil {
		return nil, err
	}
	t, err := g.targetAt(u, endpoint, provider)
	if err != nil {
		return nil, err
	}
	c.route, err = c.routeTo(t, "")
	return c, err
}

// rewriteTarget reads format and URL from a path. The URL may lack its https://,
// have lost one of the slashes to a proxy, or be percent-encoded.
func rewriteTarget(r *http.Request) (dialect.Name, *url.URL, error) {
	path := r.URL.EscapedPath() // as it was sent: the URL in it may hold escapes of its own
	_, path, _ = strings.Cut(path, "/rewrite/")
	format, raw, _ := strings.Cut(path, "/")
	if raw == "" {
		return "", nil, badURL("url", `is required: the provider's URL, as in /v1/rewrite/openai/https://api.anthropic.com/v1/messages`)
	}
	if lower := strings.ToLower(raw); strings.HasPrefix(lower, "https%3a") || strings.HasPrefix(lower, "http%3a") {
		if decoded, err := url.PathUnescape(raw); err == nil {
			raw = decoded
		}
	}
	scheme, rest, ok := strings.Cut(raw, ":/")
	if !ok || scheme != "https" && scheme != "http" {
		scheme, rest = "https", raw
	}
	u, err := url.Parse(scheme + "://" + strings.TrimLeft(rest, "/"))
	switch {
	case err != nil || u.Host == "":
		return "", nil, badURL("url", "is not a valid URL")
	case u.User != nil:
		return "", nil, badURL("url", "must not hold a user name or password")
	}
	u.RawQuery = joinQuery(withoutLavaKey(u.RawQuery), withoutParam(withoutLavaKey(r.URL.RawQuery), metadataParam))
	u.Fragment, u.RawFragment = "", ""
	return dialect.Name(format), u, nil
}

// readAsked reads what a client asks. Google's and Bedrock's clients say model and
// stream in the path, if the path is of their format.
func readAsked(speaks dialect.Name, format translate.Format, path dialect.Endpoint, u *url.URL, body []byte) (*asked, error) {
	endpoint := conversations[speaks]
	if path.Dialect == speaks {
		endpoint = path
	}
	request, err := endpoint.ReadRequest("application/json", body)
	if err != nil {
		return nil, requestError(err)
	}
	return &asked{
		speaks: speaks, format: format, body: body, model: strings.TrimPrefix(request.Model, "models/"), stream: request.Stream,
		array: speaks == dialect.Google && request.Stream && !strings.Contains(u.RawQuery, "alt=sse"),
	}, nil
}

// conversations are the endpoints of the formats, as far as they need no path.
var conversations = map[dialect.Name]dialect.Endpoint{
	dialect.OpenAI:    {Dialect: dialect.OpenAI, Operation: dialect.Chat},
	dialect.Anthropic: {Dialect: dialect.Anthropic, Operation: dialect.Messages},
	dialect.Google:    {Dialect: dialect.Google, Operation: dialect.Generate},
	dialect.Bedrock:   {Dialect: dialect.Bedrock, Operation: dialect.Converse},
}
