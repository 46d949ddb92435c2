package mockserver

import (
	"slices"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// Event is something that Lava announces to webhooks.
type Event struct {
	Type       lava.WebhookEventType
	At         time.Time // by the server's clock
	MerchantID string
	CustomerID string
}

func newEvent(e billing.Event) Event {
	return Event{Type: lava.WebhookEventType(e.Type), At: e.At, MerchantID: e.MerchantID, CustomerID: e.Customer.ID}
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
