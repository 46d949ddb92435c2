package billing

import "time"

// Event is something that happened to a customer and that Lava announces to
// the merchant's webhooks.
type Event struct {
	Type       EventType
	At         time.Time
	MerchantID string
	Customer   Customer  // right after the event
	Webhooks   []Webhook // the receivers: the merchant's webhooks at the time
	Trace      *Trace    // of the command that caused it; nil if it has none
	Due        bool      // as in [Effect]
}

// EventType is the type of an event, in Lava's words.
type EventType string

// The events that Lava documents. Their exact times are not documented in full.
// Assumption webhook-events.
const (
	CustomerCreated        EventType = "customer.created"
	CustomerBalanceUpdated EventType = "customer.wallet.balance.updated"
	CustomerDeleted        EventType = "customer.deleted"
)

// announce emits an event about a customer.
func (tx *tx) announce(m *merchant, c *customer, what EventType) {
	if tx.silent {
		return
	}
	e := Event{Type: what, At: tx.now, MerchantID: m.ID, Customer: m.viewCustomer(c), Trace: tx.trace, Due: tx.ending}
	for _, w := range m.webhooks.items {
		e.Webhooks = append(e.Webhooks, *w)
	}
	tx.events = append(tx.events, e)
}

// announceBalance emits an event if the ledger has grown since it had the given number of entries.
func (tx *tx) announceBalance(m *merchant, c *customer, entries int) {
	if c.Ledger.count > entries {
		tx.announce(m, c, CustomerBalanceUpdated)
	}
}
