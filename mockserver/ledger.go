package mockserver

import (
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
)

// LedgerEntry is one change of a customer's credits, in dollars. A balance is
// the sum of its entries.
type LedgerEntry struct {
	ID            string // the customer's id and the entry's position in the ledger
	At            time.Time
	Kind          EntryKind
	Cycle         decimal.Decimal // change of the cycle's credit
	Bundle        decimal.Decimal // change of the credit from bundles
	CycleBalance  decimal.Decimal // after the change
	BundleBalance decimal.Decimal
	Cause         string // the id of the request, subscription or bundle behind it
	CallID        string // the [Call] that caused it; empty if there is none or it is no longer kept
}

// String returns a line with the changes and the balances after them.
func (e LedgerEntry) String() string {
	change := func(d decimal.Decimal) string {
		if d.IsPositive() {
			return "+" + d.String()
		}
		return d.String()
	}
	return fmt.Sprintf("%s %s: cycle %s = %s, bundle %s = %s, by %s",
		e.At.Format(time.RFC3339), e.Kind, change(e.Cycle), e.CycleBalance, change(e.Bundle), e.BundleBalance, e.Cause)
}

// EntryKind is the reason for a [LedgerEntry].
type EntryKind string

// The kinds of entries.
const (
	// EntryGrant is the credit included in a plan, for one cycle.
	EntryGrant = EntryKind(billing.EntryGrant)
	// EntryExpiry is credit that expired at the end of a cycle or plan.
	EntryExpiry = EntryKind(billing.EntryExpiry)
	// EntryBundle is a bundle that the customer bought.
	EntryBundle = EntryKind(billing.EntryBundle)
	// EntryTopUp is a bundle that was bought because credits ran out.
	EntryTopUp = EntryKind(billing.EntryTopUp)
	// EntryCharge is a metered request.
	EntryCharge = EntryKind(billing.EntryCharge)
)

// Ledger returns all changes of a customer's credits, oldest first. Name the
// customer by id or reference id.
func (m *Merchant) Ledger(customer string) ([]LedgerEntry, error) {
	m.server.tick()
	entries, err := m.server.engine.Ledger(m.ID(), customer)
	if err != nil {
		return nil, toError(err)
	}
	if c, err := m.server.engine.Customer(m.ID(), customer); err == nil {
		customer = c.ID
	}
	out, callOf := make([]LedgerEntry, len(entries)), m.server.calls.causes(billing.EffectEntry, customer)
	for i, e := range entries {
		out[i] = LedgerEntry{
			ID: entryID(customer, uint64(i+1)), CallID: callOf(billing.Effect{ID: customer, Number: uint64(i + 1)}),
			At: e.At, Kind: EntryKind(e.Kind), Cause: e.Cause,
			Cycle: e.Change.Cycle.Decimal(), Bundle: e.Change.Bundle.Decimal(),
			CycleBalance: e.Balance.Cycle.Decimal(), BundleBalance: e.Balance.Bundle.Decimal(),
		}
	}
	return out, nil
}

// LatestBalances returns a customer's credits after each of the latest n entries of the
// [Merchant.Ledger], oldest first. It costs as little as they do, for who looks often.
func (m *Merchant) LatestBalances(customer string, n int) ([]decimal.Decimal, error) {
	m.server.tick()
	entries, err := m.server.engine.LatestEntries(m.ID(), customer, n)
	if err != nil {
		return nil, toError(err)
	}
	balances := make([]decimal.Decimal, len(entries))
	for i, e := range entries {
		balances[i] = e.Balance.Total().Decimal()
	}
	return balances, nil
}

// entryID returns the id of an entry by its position in a customer's ledger.
func entryID(customerID string, number uint64) string {
	return customerID + "/" + strconv.FormatUint(number, 10)
}

// Ledger is [Merchant.Ledger] of the merchant that the server started with.
func (s *Server) Ledger(customer string) ([]LedgerEntry, error) { return s.merchant.Ledger(customer) }

// LatestBalances is [Merchant.LatestBalances] of the merchant that the server started with.
func (s *Server) LatestBalances(customer string, n int) ([]decimal.Decimal, error) {
	return s.merchant.LatestBalances(customer, n)
}
