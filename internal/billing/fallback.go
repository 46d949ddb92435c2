package billing

import "net/url"

// Fallback is where a request goes when a provider before it has failed.
type Fallback struct {
	URL   string
	Model string
}

// MaxFallbacks is how long a chain of fallbacks can be, as Lava documents it.
const MaxFallbacks = 5

// SetFallbacks replaces a merchant's chain of fallbacks. Nil clears it.
type SetFallbacks struct {
	MerchantID string
	Chain      []Fallback
}

func (c SetFallbacks) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c SetFallbacks) apply(_ *tx, m *merchant) (struct{}, error) {
	if len(c.Chain) > MaxFallbacks {
		return struct{}{}, Invalid("fallback_chain", "has %d entries, at most %d are allowed", len(c.Chain), MaxFallbacks)
	}
	for i, f := range c.Chain {
		switch u, err := url.Parse(f.URL); {
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http": // not quoted, because it may contain a password
			return struct{}{}, Invalid(indexed("fallback_chain", i, "url"), "must be an http or https URL, such as https://api.openai.com/v1/chat/completions")
		case u.User != nil:
			return struct{}{}, Invalid(indexed("fallback_chain", i, "url"), "must not contain a user name or password")
		}
		if f.Model == "" {
			return struct{}{}, missing(indexed("fallback_chain", i, "model"))
		}
	}
	m.Fallbacks = c.Chain
	return struct{}{}, nil
}
