package gateway

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// RewritePrefix begins the paths of [Gateway.Rewrite].
const RewritePrefix = "/v1/rewrite/"

// Rewrite serves /v1/rewrite/{format}/{provider URL}. The client uses the format,
// the provider its own: request, response and stream are translated. If both
// formats are the same, only what the provider rejects is changed. Requests to
// other endpoints pass as through [Gateway.Forward]. The provider's errors are returned in the client's format,
// the gateway's own in Lava's (assumption rewrite-errors).
func (g *Gateway) Rewrite(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, g.rewrite)
}

func (g *Gateway) rewrite(r *http.Request) (*call, error) {
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	name, u, err := rewriteURL(r)
	if err != nil {
		return nil, err
	}
	client, ok := g.cfg.Formats.Chat(name)
	if !ok {
		return nil, g.unknownFormat(name)
	}
	asked, u := g.cutOwnPath(client, r.Method, u)
	endpoint := g.cfg.Formats.Find(r.Method, u)
	provider, err := g.providerOf("url", u, endpoint, c.token.ProviderKey != "")
	if err != nil {
		return nil, err
	}
	if !endpoint.Converses { // (assumption rewrite-endpoints)
		if !endpoint.Guessed && endpoint.Format != client {
			return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, "url",
				"url: %.255q is an endpoint of the format %s, but only conversations can be translated", u.Path, endpoint.Format.Name())
		}
		if endpoint.Operation == dialect.Responses && provider.Dialect != "" && provider.Dialect != endpoint.Format.Name() {
			return nil, billing.Errorf(billing.CodeForwardEndpointNotSupported, "url",
				"url: %s has no %.255q, and responses can't be translated: send a chat completion", provider.Name, u.Path)
		}
		c.requested, err = c.routeAsIs(u, endpoint, provider)
		return c, err
	}
	if err := c.converse(client, asked, u); err != nil {
		return nil, err
	}
	to, err := g.chatEndpointAt(u, endpoint, provider)
	if err != nil {
		return nil, err
	}
	c.requested, err = c.routeTo(to, "")
	return c, err
}

// cutOwnPath removes from a URL the path that the client's SDK has added to its base URL, if the rest is a provider's
// endpoint. If the rest is the provider's base URL, what the SDK has added belongs to it (assumption rewrite-paths).
// The client's endpoint may contain its model.
func (g *Gateway) cutOwnPath(client dialect.Chat, method string, u *url.URL) (asked dialect.Endpoint, target *url.URL) {
	asked = g.cfg.Formats.Find(method, u)
	path := u.EscapedPath()
	base, ok := client.CutPath(path)
	if !ok {
		return asked, u
	}
	rest := withPath(u, base)
	if g.cfg.Formats.Find(method, rest).Guessed {
		return asked, u
	}
	return g.cfg.Formats.Find(method, withPath(u, path[len(base):])), rest
}

// withPath returns a URL with another path, given in escaped form.
func withPath(u *url.URL, path string) *url.URL {
	next := *u
	next.Path, next.RawPath = unescape(path), path
	return &next
}

// unknownFormat rejects a format that can't be translated.
func (g *Gateway) unknownFormat(name dialect.Name) error {
	var names []string
	for _, chat := range g.cfg.Formats.Chats() {
		names = append(names, string(chat.Name()))
	}
	last := len(names) - 1
	list := strings.Join(names[:last], ", ") + " and " + names[last]
	return billing.Invalid("format", "%.60q is not one of %s", string(name), list)
}

// rewriteURL reads the format and the URL from a path. The URL may lack its https://, have lost a slash to a proxy,
// or be percent-encoded.
func rewriteURL(r *http.Request) (dialect.Name, *url.URL, error) {
	path := r.URL.EscapedPath() // unchanged: the URL in it may contain its own escapes
	_, path, _ = strings.Cut(path, "/rewrite/")
	format, raw, _ := strings.Cut(path, "/")
	if raw == "" {
		return "", nil, billing.Invalid("url", `is required: the provider's URL, as in /v1/rewrite/openai/https://api.anthropic.com/v1/messages`)
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
	if err != nil || u.Host == "" {
		return "", nil, billing.Invalid("url", "is not a valid URL")
	}
	cleanURL(u, r.URL.RawQuery)
	return dialect.Name(format), u, nil
}
