package billing

import "strings"

// Identity is what an id stands for, for people who have given the wrong one.
type Identity struct {
	Kind       string // such as "meter"; empty if the prefix is none of Lava's
	MerchantID string // whose it is; empty if nothing has the id
	CustomerID string // of a subscription or a request
	Issued     bool   // this engine has made the id, though nothing may have it any more
	Live       bool   // it has the form of ids outside of test mode
}

// idKinds are the kinds of objects by the prefix of their ids.
var idKinds = map[string]string{
	"con": "customer", "req": "request", "prd": "meter", "sc": "plan", "cb": "credit bundle", "cs": "checkout session", "pay": "payment",
	"sub": "subscription", "wh": "webhook", "sk": "secret key", "spk": "spend key", "wal": "wallet", "mer": "merchant", "acc": "account", "pm": "payment method",
}

// Identify returns what an id stands for, no matter who owns it.
func (e *Engine) Identify(id string) (of Identity) {
	prefix, rest, _ := strings.Cut(id, "_")
	if of.Kind = idKinds[prefix]; of.Kind == "" {
		return of
	}
	e.view(func(s *state) {
		of.Issued = isIssued(prefix, id, s.seed)
		of.Live = !strings.HasPrefix(rest, "test_") && len(rest) == 26
		for _, m := range s.merchants.items {
			if customer, ok := m.has(prefix, id); ok {
				of.MerchantID, of.CustomerID = m.ID, customer
				return
			}
		}
	})
	return of
}

// has reports whether something of a merchant has an id, and for which customer it is.
func (m *merchant) has(prefix, id string) (customer string, ok bool) {
	switch prefix {
	case "con":
		_, ok = m.customers.get(id)
	case "prd":
		_, ok = m.meters.get(id)
	case "sc":
		_, ok = m.plans.get(id)
	case "cs":
		_, ok = m.sessions.get(id)
	case "pay":
		_, ok = m.payments.get(id)
	case "sk":
		_, ok = m.secretKeys.get(id)
	case "spk":
		_, ok = m.spendKeys.get(id)
	case "wh":
		_, ok = m.webhooks.get(id)
	case "sub":
		var s *subscription
		if s, ok = m.subscriptions.get(id); ok {
			customer = s.CustomerID
		}
	case "req":
		var r Request
		if r, ok = m.requests.find(id); ok {
			customer = r.CustomerID
		}
	case "mer":
		ok = m.ID == id
	case "acc":
		ok = m.AccountID == id
	case "wal":
		ok = m.WalletID == id
	}
	return customer, ok
}

// MeterBySlug returns the id of the meter of a merchant that has a slug.
func (e *Engine) MeterBySlug(merchantID, slug string) (id string, ok bool) {
	meter, err := read(e, merchantID, func(m *merchant) (*Meter, error) { return m.bySlug[slug], nil })
	if err != nil || meter == nil {
		return "", false
	}
	return meter.ID, true
}
