package gateway

import (
	"net/http"

	"github.com/lavapayments/lava-go/internal/billing"
)

const requestIDHeader = "X-Lava-Request-Id"

// call is one request of a client, which may be sent to several providers until
// one of them responds.
type call struct {
	gateway  *Gateway
	client   *http.Request // as it came in
	token    Token
	metadata map[string]string
	shape    string // as [Destination] has it

	packed, unpacked []byte // the client's body, if it came compressed

	requested    *route
	conversation *conversation // nil if the request can go nowhere else
	fallbacks    []Fallback    // what is left of the chain; nil is the account's

	admission Admission
	recorded  bool
}

// newCall reads what is the same on all endpoints. The credential comes first: who has
// none learns nothing about what else is wrong (assumption credentials-first).
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

// run carries out a call: it admits the call, sends it to one provider after
// another until one responds, and passes that response on. If none responds, the
// client gets the last failure. The returned error has not been sent to the
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

// admit asks whether the request may go where the client wants it to.
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

// endpoint is what records say a route called: method and URL, without the query, which
// may hold a key of the provider's (assumption request-endpoint).
func (c *call) endpoint(rt *route) string {
	return c.client.Method + " " + rt.url.Scheme + "://" + rt.url.Host + rt.url.EscapedPath()
}
