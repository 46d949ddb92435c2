package gateway

import (
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Forward serves ANY /v1/forward?u=<provider URL>. Method, body and headers go
// to the provider as they are, less what is Lava's; the provider's answer comes
// back as it is, with x-lava-request-id.
func (g *Gateway) Forward(w http.ResponseWriter, r *http.Request) {
	g.serve(w, r, g.forward)
}

func (g *Gateway) forward(r *http.Request) (*call, error) {
	c, err := g.newCall(r)
	if err != nil {
		return nil, err
	}
	u, err := targetURL(r)
	if err != nil {
		return nil, err
	}
	endpoint := dialect.EndpointOf(r.Method, u)
	provider, err := g.providerOf("u", u, endpoint)
	if err != nil {
		return nil, err
	}
	return c, c.forwardTo(u, endpoint, provider)
}

// forwardTo prepares a call that passes as it is.
func (c *call) forwardTo(u *url.URL, endpoint dialect.Endpoint, provider *catalog.Provider) (err error) {
	r := c.client
	c.url, c.provider = u, provider
	if r.Header.Get("Upgrade") != "" {
		return billing.Errorf(billing.CodeForwardEndpointNotSupported, "u", "u: connections that change protocol, such as WebSockets, can't be forwarded")
	}
	if c.body, err = readBody(r); err != nil {
		return err
	}
	if c.request, err = endpoint.ReadRequest(r.Header.Get("Content-Type"), c.body); err != nil {
		return requestError(err)
	}
	c.model, err = c.gateway.modelOf(c.provider, c.request)
	return err
}

// readBody reads a request's body before anything is sent, because answers that
// overtake the request's body get cut (golang/go#40747), and because the
// request must be read to be admitted.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	b, err := readAll(r.Body, r.ContentLength)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, billing.Errorf(billing.CodePayloadTooLarge, "", "the body is larger than %d bytes", tooLarge.Limit)
	case err != nil:
		return nil, billing.Errorf(billing.CodeInvalidRequest, "", "the body could not be read to its end")
	}
	return b, nil
}

// readAll reads r, whose length is announced, if at all, by someone who may be
// wrong.
func readAll(r io.Reader, announced int64) ([]byte, error) {
	b := make([]byte, 0, min(max(announced+1, 512), 1<<20))
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err != nil {
			return b, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// requestError says what is wrong with a request that could not be read.
func requestError(err error) error {
	if errors.Is(err, dialect.ErrModel) {
		return billing.Errorf(billing.CodeForwardModelInvalid, "model", "model: must be a string")
	}
	return billing.Errorf(billing.CodeInvalidRequest, "body", "%s", err)
}
