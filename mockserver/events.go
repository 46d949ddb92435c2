package mockserver

import (
	"slices"
	"sync"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// Event is an event that Lava announces to webhooks.
type Event struct {
	ID         string
	Type       lava.WebhookEventType
	At         time.Time // by the server's clock
	MerchantID string
	CustomerID string
	CallID     string // the [Call] that caused it; empty if there is none or it is no longer kept
}

func newEvent(e billing.Event) Event {
	return Event{Type: lava.WebhookEventType(e.Type), At: e.At, MerchantID: e.MerchantID, CustomerID: e.Customer.ID}
}

// Events returns the latest 100,000 events since the server started, oldest
// first.
func (s *Server) Events() []Event { return s.eventsSince(0) }

// eventsSince returns the events after the first n.
func (s *Server) eventsSince(mark int) []Event {
	events, first := s.events.since(mark)
	callOf := s.calls.causes(billing.EffectEvent, "")
	for i := range events {
		e := &events[i]
		if e.isForgotten() {
			continue
		}
		e.ID = s.eventID(e.At, first+uint64(i))
		e.CallID = callOf(billing.Effect{Number: first + uint64(i)})
	}
	return slices.DeleteFunc(events, Event.isForgotten)
}

// eventID returns the id of an event by its position.
func (s *Server) eventID(at time.Time, position uint64) string {
	return billing.NewID("evt", at, *s.cfg.seed, position)
}

// maxEvents is how many events are kept, which takes about 20 MB.
const maxEvents = 100_000

// eventLog keeps the latest events.
type eventLog struct {
	mu      sync.Mutex
	latest  []Event // oldest first, up to twice as many as are kept
	dropped int     // how many came before those
	notice  notice
}

// add keeps an event and returns its position, from 1.
func (l *eventLog) add(e Event) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.latest) - maxEvents; n >= maxEvents {
		l.latest = slices.Clone(l.latest[n:])
		l.dropped += n
	}
	l.latest = append(l.latest, e)
	l.notice.tell()
	return uint64(l.dropped + len(l.latest))
}

// count returns how many events were ever added.
func (l *eventLog) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped + len(l.latest)
}

// since returns the events after the first n that are still kept, and the position of the first of them.
func (l *eventLog) since(mark int) (events []Event, first uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	from := max(mark-l.dropped, len(l.latest)-maxEvents, 0)
	return slices.Clone(l.latest[from:]), uint64(l.dropped + from + 1)
}

// at returns when the event at a position happened, or false if it is no longer kept.
func (l *eventLog) at(position uint64) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := int(position) - l.dropped - 1
	if i < 0 || i >= len(l.latest) {
		return time.Time{}, false
	}
	return l.latest[i].At, true
}

// forget blanks the events of a merchant, so that the others keep their positions.
func (l *eventLog) forget(merchantID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.latest {
		if l.latest[i].MerchantID == merchantID {
			l.latest[i] = Event{}
		}
	}
}

func (e Event) isForgotten() bool { return e == Event{} }
