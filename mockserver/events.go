package mockserver

import (
	"slices"
	"sync"
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

// Events returns what has happened since the server started, oldest first: the
// latest 100,000 of it.
func (s *Server) Events() []Event { return s.events.since(0) }

// maxEvents is how many events are kept, which takes about 20 MB.
const maxEvents = 100_000

// eventLog keeps the latest events.
type eventLog struct {
	mu      sync.Mutex
	latest  []Event // oldest first, up to twice as many as are kept
	dropped int     // how many there were before those
}

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.latest) - maxEvents; n >= maxEvents {
		l.latest = slices.Clone(l.latest[n:])
		l.dropped += n
	}
	l.latest = append(l.latest, e)
}

// count returns how many events there have been.
func (l *eventLog) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped + len(l.latest)
}

// since returns the events after the first so many, as far as they are kept.
func (l *eventLog) since(mark int) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.latest[max(mark-l.dropped, len(l.latest)-maxEvents, 0):])
}
