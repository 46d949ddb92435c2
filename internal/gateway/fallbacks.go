package gateway

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

const fallbacksHeader = "X-Lava-Fallbacks"

// Fallback is where a request goes when the provider before has failed.
type Fallback struct {
	URL   string `json:"url"`   // a provider's endpoint, or its base URL
	Model string `json:"model"` // the model to request there; "" means unchanged
}

// findFallbacks reads the chain in a request; nil if the account's chain applies. An empty one turns off the
// account's chain (assumption fallback-header).
func (g *Gateway) findFallbacks(r *http.Request) ([]Fallback, error) {
	text := r.Header.Get(fallbacksHeader)
	if text == "" {
		return nil, nil
	}
	bad := func(format string, args ...any) error {
		return billing.Invalid("x-lava-fallbacks", format, args...)
	}
	var chain []Fallback
	err := jsonscan.Unmarshal([]byte(text), &chain)
	var key *jsonscan.KeyError
	switch {
	case errors.As(err, &key):
		return nil, bad("%s", key)
	case err != nil:
		return nil, bad(`must be a JSON array, as in [{"url":"https://api.openai.com/v1/chat/completions","model":"gpt-4o"}]`)
	case len(chain) > billing.MaxFallbacks:
		return nil, bad("has %d entries, at most %d are allowed", len(chain), billing.MaxFallbacks)
	}
	for i, f := range chain {
		if _, err := g.fallbackEndpoint(f); err != nil {
			return nil, bad("entry %d: %s", i, err)
		}
	}
	if chain == nil { // null
		chain = []Fallback{}
	}
	return chain, nil
}

// fallbackEndpoint returns the endpoint of an entry in a chain.
func (g *Gateway) fallbackEndpoint(f Fallback) (chatEndpoint, error) {
	u, err := url.Parse(f.URL)
	if err != nil || u.Host == "" {
		return chatEndpoint{}, billing.Invalid("url", "is not a provider's URL, such as https://api.openai.com/v1/chat/completions")
	}
	endpoint := g.cfg.Formats.Find(http.MethodPost, u)
	provider, err := g.providerOf("url", u, endpoint, false)
	if err != nil {
		return chatEndpoint{}, err
	}
	return g.chatEndpointAt(u, endpoint, provider)
}
