package mockserver

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// clock is what the server's billing goes by. It never goes back.
type clock struct {
	frozen bool

	mu     sync.Mutex
	now    time.Time     // of a clock that stands still
	offset time.Duration // from Go's time to that of one that goes
}

func (c *clock) start() {
	if c.frozen && c.now.IsZero() {
		c.now = time.Now()
	}
	c.now = c.now.UTC().Truncate(time.Millisecond)
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen {
		return c.now
	}
	return time.Now().Add(c.offset).UTC().Truncate(time.Millisecond)
}

// turn sets the clock to t, unless it is past that.
func (c *clock) turn(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.frozen:
		c.offset = max(c.offset, time.Until(t))
	case t.After(c.now):
		c.now = t
	}
}

// Now returns the time by the server's clock, in UTC.
func (s *Server) Now() time.Time { return s.clock.read() }

// Advance turns the clock forward by d and carries out all that falls due on
// the way (renewals, cancellations, downgrades, deliveries to webhooks and their
// retries), each at its own instant and in order. It returns what happened, when
// the receivers have heard of it. A receiver sees the server as it is at that
// instant and may call the API, but not Advance, because it would wait for
// itself. Advance panics if d is negative: a clock that went back would
// contradict what is on record.
func (s *Server) Advance(d time.Duration) []Event {
	if d < 0 {
		panic(fmt.Sprintf("mockserver: Advance(%v): the clock does not go back", d))
	}
	return s.advanceTo(s.Now().Add(d))
}

// AdvanceTo is [Server.Advance] up to an instant. It panics if that is past.
func (s *Server) AdvanceTo(t time.Time) []Event {
	if now := s.Now(); t.Before(now) {
		panic(fmt.Sprintf("mockserver: AdvanceTo(%v): the clock is at %v and does not go back", t, now))
	}
	return s.advanceTo(t)
}

func (s *Server) advanceTo(target time.Time) []Event {
	s.advancing.Lock()
	defer s.advancing.Unlock()
	s.tick()
	mark := s.countEvents()
	s.settle()
	for {
		due, ok := s.nextDue()
		if !ok || due.After(target) {
			break
		}
		s.clock.turn(due)
		s.settle()
	}
	s.clock.turn(target)
	s.settle()
	s.setAlarm()
	return s.eventsSince(mark)
}

// settle does what is due now, and waits until that is delivered.
func (s *Server) settle() { _ = s.Settle(context.Background()) } // fails only once the server is closed

// nextDue returns when the engine or a delivery next does something by itself.
func (s *Server) nextDue() (time.Time, bool) {
	due, ok := s.engine.NextDue()
	if next, waits := s.deliveries.nextDue(); waits && (!ok || next.Before(due)) {
		return next, true
	}
	return due, ok
}

// tick carries out what is due by now. Whatever reads the engine does it first;
// commands do so by themselves.
func (s *Server) tick() time.Time {
	now := s.Now()
	if due, ok := s.engine.NextDue(); ok && !due.After(now) {
		_, _ = billing.Do(s.engine, now, billing.Advance{})
	}
	return now
}
