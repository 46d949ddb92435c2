package billing

import (
	"slices"
	"time"
)

// Credits are what a customer can still use. Charges burn the cycle's credit
// first, then that of bundles. A debt sits in the cycle's.
type Credits struct {
	Cycle  Amount // granted by the plan, for this cycle
	Bundle Amount // bought in bundles
}

// Total returns all credits together.
func (c Credits) Total() Amount { return c.Cycle.plus(c.Bundle) }

// EntryKind says what an entry of the ledger is for.
type EntryKind string

// The kinds of entries.
const (
	EntryGrant  EntryKind = "grant"  // the credit included in a plan, for one cycle
	EntryExpiry EntryKind = "expiry" // credit that a cycle's or a plan's end took away
	EntryBundle EntryKind = "bundle" // a bundle that the customer bought
	EntryTopUp  EntryKind = "top_up" // a bundle that was bought automatically
	EntryCharge EntryKind = "charge" // a metered request
)

// Entry is one change of a customer's credits. A balance is the sum of its
// entries.
type Entry struct {
	At      time.Time
	Kind    EntryKind
	Change  Credits
	Balance Credits // after the change
	Cause   string  // the id of the request, payment or subscription behind it
}

// post writes an entry and keeps the balance. An entry that changes nothing is
// not written.
func (tx *tx) post(c *customer, kind EntryKind, change Credits, cause string) {
	balance := Credits{Cycle: c.Credits.Cycle.plus(change.Cycle), Bundle: c.Credits.Bundle.plus(change.Bundle)}
	// What really changed: at the ceiling it is less than what was asked for.
	change = Credits{Cycle: balance.Cycle - c.Credits.Cycle, Bundle: balance.Bundle - c.Credits.Bundle}
	if change == (Credits{}) {
		return
	}
	c.Credits = balance
	c.Ledger = append(c.Ledger, Entry{At: tx.now, Kind: kind, Change: change, Balance: balance, Cause: cause})
}

// burn splits a charge over the cycle's credit and then that of bundles. What
// neither covers becomes the cycle's debt. Assumption burn-order.
func (c Credits) burn(amount Amount) Credits {
	cycle := min(amount, max(c.Cycle, 0))
	bundle := min(amount-cycle, max(c.Bundle, 0))
	return Credits{Cycle: -(amount - bundle), Bundle: -bundle}
}

// leftover returns what remains of c when a cycle of plan ends: credit only
// where the plan says it rolls over, a debt always. Assumption rollover-debt.
func (c Credits) leftover(p *plan) Credits {
	if p.Rollover != RolloverFull {
		c.Cycle = min(c.Cycle, 0)
	}
	if p.BundleRollover != RolloverFull {
		c.Bundle = 0
	}
	return c
}

// Ledger returns the entries of a customer, oldest first.
func (e *Engine) Ledger(merchantID, customer string) ([]Entry, error) {
	return read(e, merchantID, func(m *merchant) ([]Entry, error) {
		c, err := m.customer(customer)
		if err != nil {
			return nil, err
		}
		return slices.Clip(c.Ledger), nil
	})
}
