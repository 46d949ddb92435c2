package mockserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// clock is the time that the server's billing follows. It never goes backward.
type clock struct {
	frozen bool

	mu    sync.Mutex
	now   time.Time // for a running clock: the time at since
	since time.Time // by Go's time, without a monotonic reading: the clock keeps running while the machine sleeps
}

// The clock stays before the year 9999, so that a time up to a year later can still be written in ISO 8601. A single
// jump is limited too, in years and in cycles that end on the way, because all of them are carried out and kept.
// Assumption clock-limits.
const (
	firstYear     = 1970
	lastYear      = 9998
	maxJumpYears  = 100
	maxJumpCycles = 1_000_000
)

func (c *clock) start() {
	c.since = time.Now().Round(0)
	if c.now.IsZero() {
		c.now = c.since
	}
	c.now = c.now.UTC().Truncate(time.Millisecond)
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reading()
}

func (c *clock) reading() time.Time {
	if c.frozen {
		return c.now
	}
	return c.now.Add(time.Since(c.since)).Truncate(time.Millisecond)
}

// turn sets the clock to t, unless the clock is already past it.
func (c *clock) turn(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.reading()) {
		c.now, c.since = t.UTC().Truncate(time.Millisecond), time.Now().Round(0)
	}
}

// jump is how far to move the clock. It starts where the clock is when the jump begins, so that simultaneous jumps
// add up.
type jump struct {
	param string                        // the caller's name for it
	end   func(now time.Time) time.Time // where it ends
}

func jumpBy(d time.Duration) jump {
	return jump{"advance", func(now time.Time) time.Time { return now.Add(d) }}
}

func jumpTo(t time.Time) jump { return jump{"to", func(time.Time) time.Time { return t }} }

// from returns where a jump ends, or an error if the clock can't make it.
func (j jump) from(now time.Time) (time.Time, error) {
	to, at := j.end(now), func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	switch most := now.AddDate(maxJumpYears, 0, 0); {
	case to.Before(now):
		return to, billing.Invalid(j.param, "%s is in the past: the clock is at %s and can't go back", at(to), at(now))
	case to.UTC().Year() > lastYear:
		return to, billing.Invalid(j.param, "the clock is at %s and can't go beyond the year %d", at(now), lastYear)
	case to.After(most):
		return to, billing.Invalid(j.param, "%s is more than %d years after the clock's time, %s: jump to %s first", at(to), maxJumpYears, at(now), at(most))
	}
	return to, nil
}

// Now returns the time on the server's clock, in UTC.
func (s *Server) Now() time.Time { return s.clock.read() }

// Advance moves the clock forward by d and carries out everything that falls due on the way (renewals,
// cancellations, downgrades, webhook deliveries and their retries), in order and each at its own instant.
// When the receivers have been notified, it returns what happened (the latest 100,000 events). A receiver
// sees the server's state at that instant and may call the API, but not Advance, because it would wait for
// itself. Other calls can run in between. If two Advances run at the same time, the second waits for the
// first and continues from there. Advance panics if d is negative, because a clock that goes back would
// contradict the records; if d is more than 100 years or leads beyond the year 9998; and if more than a
// million subscription cycles end on the way.
func (s *Server) Advance(d time.Duration) []Event { return s.mustAdvance(jumpBy(d)) }

// AdvanceTo is [Server.Advance] up to an instant. It panics if the instant is in the past, and for the
// same reasons as Advance.
func (s *Server) AdvanceTo(t time.Time) []Event { return s.mustAdvance(jumpTo(t)) }

func (s *Server) mustAdvance(j jump) []Event {
	events, err := s.advance(context.Background(), j)
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		panic(fmt.Sprintf("mockserver: %v", err))
	}
	return events
}

// advance makes a jump. If too much falls due on the way, ctx ends, or the server is closed, the clock stops there.
func (s *Server) advance(ctx context.Context, j jump) ([]Event, error) {
	select {
	case s.advancing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-s.advancing }()
	defer s.setAlarm()
	to, err := j.from(s.tick())
	if err == nil && s.engine.ExceedsCycles(to, maxJumpCycles) {
		err = billing.Invalid(j.param, "more than %d subscription cycles end before %s: jump there in steps", maxJumpCycles, to.Format(time.RFC3339))
	}
	if err != nil {
		return nil, err
	}
	mark := s.events.count()
	ended, err := s.settle(ctx)
	for at := s.Now(); err == nil && at.Before(to); {
		if ended > maxJumpCycles { // of subscriptions that began on the way
			err = billing.Errorf(billing.CodeConflict, "", "more than %d cycles ended on the way, and the clock stopped at %s: continue from there", maxJumpCycles, at.Format(time.RFC3339))
			break
		}
		if due, ok := s.nextDue(); ok && due.Before(to) {
			at = due
		} else {
			at = to
		}
		s.clock.turn(at)
		var n int
		n, err = s.settle(ctx)
		ended += n
		s.watchers.tell(ChangeClock, "")
	}
	return s.eventsSince(mark), err
}

// nextDue returns when the engine or a delivery next acts on its own.
func (s *Server) nextDue() (time.Time, bool) {
	due, ok := s.engine.NextDue()
	if next, waits := s.deliveries.nextDue(); waits && (!ok || next.Before(due)) {
		return next, true
	}
	return due, ok
}

// Due is something that happens automatically at a certain time.
type Due struct {
	At         time.Time // by the server's clock
	Kind       DueKind
	MerchantID string
	CustomerID string // or empty
	ID         string // of the subscription, checkout session or delivery
}

// String returns a line such as "2026-02-28T00:00:00Z renewal of customer con_…: sub_…".
func (d Due) String() string {
	return fmt.Sprintf("%s %s%s: %s", d.At.Format(time.RFC3339), d.Kind, ofCustomer(d.CustomerID), d.ID)
}

// DueKind is the kind of a [Due].
type DueKind string

// What happens automatically.
const (
	DueRenewal       = DueKind(billing.UpcomingRenewal)       // a cycle ends, the next begins
	DueCancellation  = DueKind(billing.UpcomingCancellation)  // a cycle ends, the customer goes to the free plan
	DueDowngrade     = DueKind(billing.UpcomingDowngrade)     // a cycle ends, a cheaper plan begins
	DueSessionExpiry = DueKind(billing.UpcomingSessionExpiry) // a checkout session can't be completed any more
	DueDelivery      = DueKind("delivery")                    // an attempt to deliver to a webhook
)

// NextDue returns what happens next automatically, if anything: advance to its time with
// [Server.AdvanceTo] to make it happen. With kinds, it returns the next of those kinds:
//
//	renewal, ok := s.NextDue(mockserver.DueRenewal)
//
// A kind that does not exist fails the test of [Start]; elsewhere NextDue panics.
func (s *Server) NextDue(kinds ...DueKind) (Due, bool) {
	s.test.Helper()
	s.mustBeKinds(kinds)
	return s.upcoming("", kinds)
}

// NextDue is [Server.NextDue] for this merchant only.
func (m *Merchant) NextDue(kinds ...DueKind) (Due, bool) {
	m.server.test.Helper()
	m.server.mustBeKinds(kinds)
	return m.server.upcoming(m.ID(), kinds)
}

var dueKinds = []DueKind{DueRenewal, DueCancellation, DueDowngrade, DueSessionExpiry, DueDelivery}

func (s *Server) mustBeKinds(kinds []DueKind) {
	s.test.Helper()
	for _, kind := range kinds {
		if !slices.Contains(dueKinds, kind) {
			s.test.Fatalf("mockserver: NextDue: nothing of the kind %q falls due%s", kind, spelling.Suggest(kind, dueKinds))
		}
	}
}

// upcoming is NextDue of one merchant, or of all.
func (s *Server) upcoming(merchantID string, kinds []DueKind) (Due, bool) {
	isMeant := func(kind billing.UpcomingKind) bool { return len(kinds) == 0 || slices.Contains(kinds, DueKind(kind)) }
	u, ok := s.engine.Upcoming(merchantID, s.tick(), isMeant)
	next := Due{u.At, DueKind(u.Kind), u.MerchantID, u.CustomerID, u.ID}
	if !isMeant(billing.UpcomingKind(DueDelivery)) {
		return next, ok
	}
	if d, waits := s.deliveries.next(merchantID); waits && (!ok || d.NextAttempt.Before(next.At)) {
		return Due{d.NextAttempt, DueDelivery, d.MerchantID, d.CustomerID, d.ID}, true
	}
	return next, ok
}

// tick carries out what is due now. Call it before reading the engine; commands call it themselves.
func (s *Server) tick() time.Time { return s.tickFor(nil) }

// tickFor is tick at the beginning of a call, and adds what was due to the call's trace.
func (s *Server) tickFor(trace *billing.Trace) time.Time {
	now := s.Now()
	if due, ok := s.engine.NextDue(); ok && !due.After(now) {
		_, _ = billing.DoTraced(s.engine, now, billing.Advance{}, trace)
	}
	return now
}
