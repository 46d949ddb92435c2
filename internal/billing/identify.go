package billing

import "strings"

// Identity is what an id refers to. It helps to explain a wrong id.
type Identity struct {
	Kind       string // such as "meter"; empty if the prefix isn't one of Lava's
	MerchantID string // of the owner; empty if nothing has the id
	CustomerID string // of a subscription or a request
	Issued     bool   // this engine created the id; the object may be gone
	Live       bool   // it has the form of ids outside of test mode
}

// idKinds maps prefixes of ids to kinds of objects. has reports whether a merchant has the object with an id, and
// returns its customer, if it has one; has is nil for kinds that can't be looked up.
var idKinds = map[string]struct {
	name string
	has  func(m *merchant, id string) (customer string, ok bool)
}{
	"con": {"customer", func(m *merchant, id string) (string, bool) { _, ok := m.customers.get(id); return "", ok }},
	"prd": {"meter", func(m *merchant, id string) (string, bool) { _, ok := m.meters.get(id); return "", ok }},
	"sc":  {"plan", func(m *merchant, id string) (string, bool) { _, ok := m.plans.get(id); return "", ok }},
	"cs":  {"checkout session", func(m *merchant, id string) (string, bool) { _, ok := m.sessions.get(id); return "", ok }},
	"pay": {"payment", func(m *merchant, id string) (string, bool) { _, ok := m.payments.get(id); return "", ok }},
	"sk":  {"secret key", func(m *merchant, id string) (string, bool) { _, ok := m.secretKeys.get(id); return "", ok }},
	"spk": {"spend key", func(m *merchant, id string) (string, bool) { _, ok := m.spendKeys.get(id); return "", ok }},
	"wh":  {"webhook", func(m *merchant, id string) (string, bool) { _, ok := m.webhooks.get(id); return "", ok }},
	"sub": {"subscription", func(m *merchant, id string) (string, bool) {
		s, ok := m.subscriptions.get(id)
		if !ok {
			return "", false
		}
		return s.CustomerID, true
	}},
	"req": {"request", func(m *merchant, id string) (string, bool) {
		r, ok := m.requests.find(id)
		return r.CustomerID, ok
	}},
	"mer": {"merchant", func(m *merchant, id string) (string, bool) { return "", m.ID == id }},
	"acc": {"account", func(m *merchant, id string) (string, bool) { return "", m.AccountID == id }},
	"wal": {"wallet", func(m *merchant, id string) (string, bool) { return "", m.WalletID == id }},
	"cb":  {"credit bundle", nil},
	"pm":  {"payment method", nil},
}

// Identify returns what an id refers to, regardless of its owner.
func (e *Engine) Identify(id string) (of Identity) {
	prefix, rest, _ := strings.Cut(id, "_")
	kind, known := idKinds[prefix]
	if of.Kind = kind.name; !known {
		return of
	}
	e.view(func(s *state) {
		of.Issued = isIssued(prefix, id, s.seed)
		of.Live = !strings.HasPrefix(rest, "test_") && len(rest) == 26
		for _, m := range s.merchants.items {
			if kind.has == nil {
				return
			}
			if customer, ok := kind.has(m, id); ok {
				of.MerchantID, of.CustomerID = m.ID, customer
				return
			}
		}
	})
	return of
}

// MeterBySlug returns the id of the meter of a merchant that has a slug.
func (e *Engine) MeterBySlug(merchantID, slug string) (id string, ok bool) {
	meter, err := read(e, merchantID, func(m *merchant) (*Meter, error) { return m.bySlug[slug], nil })
	if err != nil || meter == nil {
		return "", false
	}
	return meter.ID, true
}
