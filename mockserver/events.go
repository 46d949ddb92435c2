package mockserver

import (
	"slices"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Event is something that Lava announces to webhooks.
type Event struct {
	Type       EventType
	At         time.Time // by the server's clock
	CustomerID string
}

// EventType is the name of an event, such as "customer.created".
type EventType string

// The events that Lava documents.
const (
	// CustomerCreated says that there is a new customer.
	CustomerCreated = EventType(billing.CustomerCreated)
	// CustomerBalanceUpdated says that a customer's credits have changed: usage
	// was charged, a payment made, credit added or renewed.
	CustomerBalanceUpdated = EventType(billing.CustomerBalanceUpdated)
	// CustomerDeleted says that a customer is gone.
	CustomerDeleted = EventType(billing.CustomerDeleted)
)

func newEvent(e billing.Event) Event {
	return Event{Type: EventType(e.Type), At: e.At, CustomerID: e.Customer.ID}
}

// Events returns all that has happened since the server started, oldest first.
func (s *Server) Events() []Event { return s.eventsSince(0) }

func (s *Server) countEvents() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events)
}

func (s *Server) eventsSince(mark int) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events[mark:])
}
