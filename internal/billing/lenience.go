package billing

import "slices"

// Lenience lets fake providers accept requests that break a rule. Like a [Failure], it is
// not part of Lava's billing, but state that a test has set.
type Lenience struct {
	MerchantID string // whose requests; empty: all merchants'
	Rule       string // empty: every rule
}

// SetLenience switches rules off, or on again.
type SetLenience struct {
	MerchantID string // empty: all merchants'
	Rules      []string
	Lenient    bool
}

func (c SetLenience) owner(s *state) (*merchant, error) {
	if c.MerchantID == "" {
		return nil, nil
	}
	return s.merchant(c.MerchantID)
}

// apply keeps one entry per rule; an entry for every rule replaces all others.
func (c SetLenience) apply(tx *tx, _ *merchant) (struct{}, error) {
	for _, rule := range c.Rules {
		set := Lenience{c.MerchantID, rule}
		tx.lenient = slices.DeleteFunc(tx.lenient, func(l Lenience) bool { return l == set || !c.Lenient && rule == "" && l.MerchantID == c.MerchantID })
		if c.Lenient {
			tx.lenient = append(tx.lenient, set)
		}
	}
	return struct{}{}, nil
}

// Lenient returns which rules are turned off, in the order in which they were turned off.
func (e *Engine) Lenient() (all []Lenience) {
	if !e.lenient.Load() {
		return nil
	}
	e.view(func(s *state) { all = slices.Clone(s.lenient) })
	return all
}
