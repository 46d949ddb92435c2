package billing

import (
	"encoding/json"
	"slices"
	"time"
)

// Credits are what a customer can still use. Charges use the cycle's credit
// first, then that of bundles. A debt counts against the cycle's credit.
type Credits struct {
	Cycle  Amount // granted by the plan, for this cycle
	Bundle Amount // bought in bundles
}

// Total returns all credits together.
func (c Credits) Total() Amount { return c.Cycle.plus(c.Bundle) }

// EntryKind is the reason for an entry of the ledger.
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

// post writes an entry and updates the balance. An entry that changes nothing is not written.
func (tx *tx) post(c *customer, kind EntryKind, change Credits, cause string) {
	balance := Credits{Cycle: c.Credits.Cycle.plus(change.Cycle), Bundle: c.Credits.Bundle.plus(change.Bundle)}
	// The actual change: at the limit, it is less than requested.
	change = Credits{Cycle: balance.Cycle - c.Credits.Cycle, Bundle: balance.Bundle - c.Credits.Bundle}
	if change == (Credits{}) {
		return
	}
	c.Credits = balance
	c.Ledger.add(tx.now, kind, change, cause)
	tx.caused(EffectEntry, c.ID, c.Ledger.count)
}

// burn splits a charge between the cycle's credit and that of bundles, in this order. What neither covers becomes the
// cycle's debt. Assumption burn-order.
func (c Credits) burn(amount Amount) Credits {
	cycle := min(amount, max(c.Cycle, 0))
	bundle := min(amount-cycle, max(c.Bundle, 0))
	return Credits{Cycle: -(amount - bundle), Bundle: -bundle}
}

// leftover returns what remains of c when a cycle of plan ends: credit only where the plan rolls it over, a debt
// always. Assumption rollover-debt.
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
		return c.Ledger.entries()
	})
}

// LatestEntries returns the latest n entries of a customer, oldest first. Its cost does not grow with the ledger.
func (e *Engine) LatestEntries(merchantID, customer string, n int) ([]Entry, error) {
	return read(e, merchantID, func(m *merchant) ([]Entry, error) {
		c, err := m.customer(customer)
		if err != nil {
			return nil, err
		}
		return c.Ledger.latest(n, c.Credits)
	})
}

// ledger contains the entries of a customer, packed: there is one for each charged request, and it takes 30 bytes
// instead of 88. Balances are left out, because they are the sums of the changes.
type ledger struct {
	Packed []byte // append-only, so that a snapshot can share it
	count  int
	last   int64      // when the last entry was written, in milliseconds
	blocks []blockTop // of blockSize entries each, to find the latest without reading all
}

// blockTop is where a block begins, and when the entry before it was written.
type blockTop struct {
	offset int
	last   int64
}

const blockSize = 64

// entryKinds are the kinds in the order of their numbers in packed entries.
var entryKinds = [...]EntryKind{EntryGrant, EntryExpiry, EntryBundle, EntryTopUp, EntryCharge}

func (l *ledger) add(at time.Time, kind EntryKind, change Credits, cause string) {
	if l.count%blockSize == 0 {
		l.blocks = append(l.blocks, blockTop{len(l.Packed), l.last})
	}
	b := packUint(l.Packed, slices.Index(entryKinds[:], kind))
	b = packInt(b, at.UnixMilli()-l.last)
	b = packInt(packInt(b, int64(change.Cycle)), int64(change.Bundle))
	l.Packed = packID(b, cause)
	l.last = at.UnixMilli()
	l.count++
}

// entries unpacks a ledger. It fails if the ledger was damaged in a snapshot.
func (l *ledger) entries() ([]Entry, error) {
	return unpackEntries(make([]Entry, 0, l.count), l.Packed, 0)
}

// latest unpacks the last n entries, the last of which leads to a balance.
func (l *ledger) latest(n int, balance Credits) ([]Entry, error) {
	first := l.count - min(max(n, 0), l.count)
	if first == l.count {
		return nil, nil
	}
	top := l.blocks[first/blockSize]
	entries, err := unpackEntries(nil, l.Packed[top.offset:], top.last)
	if err != nil {
		return nil, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		entries[i].Balance = balance
		balance.Cycle -= entries[i].Change.Cycle
		balance.Bundle -= entries[i].Change.Bundle
	}
	return entries[first%blockSize:], nil
}

// unpackEntries appends the entries that are packed in data to all, with balances that start at zero. last is when
// the entry before them was written.
func unpackEntries(all []Entry, data []byte, last int64) ([]Entry, error) {
	var balance Credits
	for u := (unpacker{rest: data}); len(u.rest) > 0; {
		kind := u.uint()
		last += u.int()
		change := Credits{Amount(u.int()), Amount(u.int())}
		cause := u.id()
		if u.failed || kind >= uint64(len(entryKinds)) {
			return nil, errPacked
		}
		balance = Credits{balance.Cycle.plus(change.Cycle), balance.Bundle.plus(change.Bundle)}
		all = append(all, Entry{time.UnixMilli(last).UTC(), entryKinds[kind], change, balance, cause})
	}
	return all, nil
}

// addsUp reports whether entries add up to a balance.
func addsUp(entries []Entry, balance Credits) bool {
	if len(entries) == 0 {
		return balance == Credits{}
	}
	return entries[len(entries)-1].Balance == balance
}

// UnmarshalJSON reads a ledger from a snapshot. In version 1 it is a list of entries.
func (l *ledger) UnmarshalJSON(data []byte) error {
	var entries []Entry
	if len(data) > 0 && data[0] == '[' {
		if err := json.Unmarshal(data, &entries); err != nil {
			return err
		}
	} else {
		var packed struct{ Packed []byte }
		err := json.Unmarshal(data, &packed)
		if err == nil {
			entries, err = (&ledger{Packed: packed.Packed}).entries()
		}
		if err != nil {
			return err
		}
	}
	*l = ledger{}
	for _, e := range entries {
		if !slices.Contains(entryKinds[:], e.Kind) {
			return errPacked
		}
		l.add(e.At, e.Kind, e.Change, e.Cause)
	}
	return nil
}
