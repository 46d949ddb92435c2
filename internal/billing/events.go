package billing

import "time"

// Event is something that happened to a customer and that Lava announces to
// the merchant's webhooks.
type Event struct {
	Type       EventType
	At         time.Time
	MerchantID string
	Customer   Customer  // as it was right after the event
	Webhooks   []Webhook // of the merchant, as they were then: who is to hear of it
}

// EventType says what happened, in Lava's words.
type EventType string

// The events that Lava documents.
const (
	CustomerCreated        EventType = "customer.created"
	CustomerBalanceUpdated EventType = "customer.wallet.balance.updated"
	CustomerDeleted        EventType = "customer.deleted"
)
