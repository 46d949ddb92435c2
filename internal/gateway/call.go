package gateway

import (
	"net/http"

	"github.com/lavapayments/lava-go/internal/billing"
)

const requestIDHeader = "X-Lava-Request-Id"

// call is a client's request, which may be sent to several providers until one of them responds.
type call struct {
	gateway  *Gateway
	client   *http.Request // as received
	token    Token
	metadata map[string]string
	shape    string // as in [Destination]

	compressed, plain []byte // the client's body, if it was compressed

	requested    *route
	conversation *conversation // nil if the request has no other destination
	fallbacks    []Fallback    // the rest of the chain; nil: the account's

	admission Admission
	recorded  bool
}

// newCall reads what all endpoints have in common. It checks the credential first: without a valid one, a caller
// learns nothing about other errors (assumption credentials-first).
func (g *Gateway) newCall(r *http.Request) (*call, error) {
	c := &call{gateway: g, client: r}
	var fault error
	if c.token, fault = g.places().findToken(r); c.token.SecretKey == "" {
		return nil, fault
	}
	if err := g.cfg.Billing.Authenticate(r.Context(), c.token); err != nil {
		return nil, err
	}
	if fault == nil && g.holdsCredential(c.token.ProviderKey) {
		fault = billing.Errorf(billing.CodeInvalidRequest, "provider_key",
			"forward token: provider_key is one of Lava's credentials, which must not be sent to a provider: leave it out to use Lava's key for the provider")
	}
	if fault != nil {
		return nil, fault
	}
	var err error
	c.metadata, err = findMetadata(r)
	return c, err
}

// run carries out a call: it admits the call, sends it to one provider after another until one responds, and passes
// that response on. If none responds, the client gets the last failure. A returned error has not been sent to the
// client yet; a response that fails while it is passed on is aborted.
func (c *call) run(w http.ResponseWriter) error {
	if err := c.admit(w); err != nil {
		return err
	}
	var a *attempt
	defer func() {
		if !c.recorded { // something panicked
			_ = a.fail()
		}
		a.close()
	}()
	for rt := range c.routes() {
		if a != nil {
			a.close()
		}
		a = c.newAttempt(rt)
		if a.send() {
			break
		}
	}
	return a.pass(w)
}

// admit asks whether the request may be sent to its destination.
func (c *call) admit(w http.ResponseWriter) error {
	rt := c.requested
	to := Destination{Provider: rt.provider.ID, Model: rt.request.Model, Shape: c.shape, Unpriced: rt.unpriced()}
	admission, err := c.gateway.cfg.Billing.Admit(c.client.Context(), c.token, to)
	if admission.RequestID != "" {
		w.Header().Set(requestIDHeader, admission.RequestID)
	}
	c.admission = admission
	return err
}

// endpoint returns the endpoint of a route for records: method and URL, without the query, which may contain a key of
// the provider (assumption request-endpoint).
func (c *call) endpoint(rt *route) string {
	return c.client.Method + " " + rt.url.Scheme + "://" + rt.url.Host + rt.url.EscapedPath()
}
