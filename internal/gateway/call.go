package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

const requestIDHeader = "X-Lava-Request-Id"

// call is one request on its way to a provider.
type call struct {
	gateway  *Gateway
	client   *http.Request // as it came in
	token    Token
	metadata map[string]string

	shape string

	route            // the one that is taken
	asked *asked     // nil if the request can go nowhere else
	chain []Fallback // what is left of it; nil is the account's

	admission Admission
	recorded  bool
	idle      idleLimit
}

// newCall reads what is the same on all endpoints.
func (g *Gateway) newCall(r *http.Request) (*call, error) {
	c := &call{gateway: g, client: r}
	var err error
	if c.token, err = findToken(r); err != nil {
		return nil, err
	}
	c.metadata, err = findMetadata(r)
	return c, err
}

// run is the whole way of a call: admit, send, pass the answer on; where a
// provider fails and there is a chain of fallbacks, send again. What it
// returns is an error that the client has not seen yet; an answer that fails
// later is aborted.
func (c *call) run(w http.ResponseWriter) error {
	to := Target{Provider: c.provider.ID, Model: c.request.Model, Endpoint: c.endpoint(), Shape: c.shape}
	admission, err := c.gateway.cfg.Billing.Admit(c.client.Context(), c.token, to)
	if admission.RequestID != "" {
		w.Header().Set(requestIDHeader, admission.RequestID)
	}
	if err != nil {
		return err
	}
	c.admission = admission
	defer func() {
		if !c.recorded { // something panicked
			_ = c.fail()
		}
	}()

	for {
		if err := c.try(w); !errors.Is(err, errNext) {
			return err
		}
	}
}

// try sends the request to one provider. The error is errNext if that failed and
// the call has turned to the next.
func (c *call) try(w http.ResponseWriter) error {
	ctx, cancel := context.WithCancelCause(c.client.Context())
	defer cancel(nil)
	c.idle.start(c.gateway.cfg.IdleTimeout, cancel)
	defer c.idle.stop()

	out, err := c.outgoing(ctx)
	if err != nil {
		return c.failWith(err)
	}
	resp, err := c.gateway.cfg.Upstream.RoundTrip(out)
	if err != nil {
		return c.lost(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if isFailure(resp.StatusCode) && c.fallBack() {
		return errNext
	}
	return c.pass(ctx, w, resp)
}

func (c *call) endpoint() string { return c.client.Method + " " + c.url.Path }

// outgoing is the request to the provider.
func (c *call) outgoing(ctx context.Context) (*http.Request, error) {
	body := c.body
	if c.asksForUsage() {
		var err error
		if body, err = dialect.AsksForUsage(body); err != nil {
			return nil, billing.Errorf(billing.CodeInvalidRequest, "body", "the body is not a JSON object: %s", err)
		}
	}
	out := &http.Request{
		Method:        c.client.Method,
		URL:           c.url,
		Host:          c.url.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        c.header(),
		Body:          http.NoBody,
		ContentLength: int64(len(body)),
	}
	if len(body) > 0 {
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	return out.WithContext(ctx), nil
}

// asksForUsage says whether the provider must be asked for the usage of a
// stream, which OpenAI's format does not carry by itself.
func (c *call) asksForUsage() bool {
	r := c.request
	return r.Stream && !r.WantsUsage && !c.provider.ReportsUsage &&
		(r.Operation == dialect.Chat || r.Operation == dialect.Completions)
}

// header returns the client's headers for the provider: less Lava's own and
// those of the connection, with the provider's key.
func (c *call) header() http.Header {
	h := make(http.Header, len(c.client.Header)+2)
	for name, values := range c.client.Header {
		if !strings.HasPrefix(name, "X-Lava-") {
			h[name] = values
		}
	}
	stripCredentials(h)
	stripConnection(h)
	if c.translation != nil {
		c.translation.header(h)
	}
	if c.asked != nil && c.request.Dialect == dialect.Anthropic && h.Get("Anthropic-Version") == "" {
		h.Set("Anthropic-Version", "2023-06-01") // which the provider insists on
	}
	h.Del("Content-Length")
	h["Accept-Encoding"] = identity // the answer must be readable
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = nil // else Go sends its own
	}
	key := c.token.ProviderKey
	if key == "" && c.gateway.cfg.ProviderKey != nil {
		key = c.gateway.cfg.ProviderKey(c.provider.ID)
	}
	if key != "" {
		c.setKey(h, key)
	}
	return h
}

var identity = []string{"identity"}

// setKey puts the provider's key where the provider looks for it.
func (c *call) setKey(h http.Header, key string) {
	speaks := c.request.Dialect
	if speaks == "" {
		speaks = dialect.Name(c.provider.Dialect)
	}
	switch speaks {
	case dialect.Anthropic:
		h.Set("X-Api-Key", key)
	case dialect.Google:
		h.Set("X-Goog-Api-Key", key)
	case dialect.ElevenLabs:
		h.Set("Xi-Api-Key", key)
	default:
		h.Set("Authorization", "Bearer "+key)
	}
}

// stripConnection removes the headers that belong to one connection.
func stripConnection(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
		"Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		delete(h, name)
	}
}
