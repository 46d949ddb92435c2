package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

const fallbacksHeader = "X-Lava-Fallbacks"

// Fallback is where a request goes when the provider before has failed.
type Fallback struct {
	URL   string // a provider's endpoint, or its base URL
	Model string // what it is asked for there; "" means as before
}

// maxFallbacks is how long a chain can be, as that of an account.
const maxFallbacks = 5

// errNext says that a request goes on to the next in its chain.
var errNext = errors.New("the next provider is tried")

// chainIn reads the chain that a request brings; nil if it leaves that to the
// account. An empty one switches the account's off (assumption fallback-header).
func (g *Gateway) chainIn(r *http.Request) ([]Fallback, error) {
	text := r.Header.Get(fallbacksHeader)
	if text == "" {
		return nil, nil
	}
	bad := func(format string, args ...any) error {
		return billing.Errorf(billing.CodeInvalidRequest, "x-lava-fallbacks", "x-lava-fallbacks: "+format, args...)
	}
	chain := []Fallback{}
	switch err := json.Unmarshal([]byte(text), &chain); {
	case err != nil:
		return nil, bad(`must be a JSON array, as in [{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"}]`)
	case len(chain) > maxFallbacks:
		return nil, bad("has %d entries, at most %d are allowed", len(chain), maxFallbacks)
	}
	for i, f := range chain {
		if _, err := g.fallbackTarget(f); err != nil {
			return nil, bad("entry %d: %s", i, err)
		}
	}
	if chain == nil { // null
		chain = []Fallback{}
	}
	return chain, nil
}

func (g *Gateway) fallbackTarget(f Fallback) (target, error) {
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" {
		return target{}, badURL("url", "is not a provider's URL, such as https://api.openai.com/v1/chat/completions")
	}
	endpoint := dialect.EndpointOf(http.MethodPost, u)
	provider, err := g.providerOf("url", u, endpoint)
	if err != nil {
		return target{}, err
	}
	return g.targetAt(u, endpoint, provider)
}

// mayFallBack says whether there may be another provider to try.
func (c *call) mayFallBack() bool {
	if c.asked == nil || c.client.Context().Err() != nil {
		return false
	}
	if c.chain == nil && c.admission.Fallbacks != nil {
		c.chain = c.admission.Fallbacks()
	}
	return len(c.chain) > 0
}

// fallBack takes the next entry of the chain that can be gone to: one that the
// credential allows and the request can be translated for; others are passed over
// (assumption fallback-skips). It returns false at the end of the chain.
func (c *call) fallBack() bool {
	for c.mayFallBack() {
		next := c.chain[0]
		c.chain = c.chain[1:]
		t, err := c.gateway.fallbackTarget(next)
		if err != nil {
			continue
		}
		rt, err := c.routeTo(t, next.Model)
		if err != nil || !c.gateway.cfg.Billing.Allows(c.token, rt.provider.ID, rt.request.Model) {
			continue
		}
		c.route = rt
		return true
	}
	return false
}

// isFailure says whether an answer lets the next provider be tried.
func isFailure(status int) bool { return status >= 500 || status == http.StatusTooManyRequests }

// lost is the end of an exchange that broke before the client saw anything of
// it: the next provider is tried, or the client is told.
func (c *call) lost(ctx context.Context, err error) error {
	if c.fallBack() {
		return errNext
	}
	return c.failWith(c.providerError(ctx, err))
}
