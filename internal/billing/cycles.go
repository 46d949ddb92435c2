package billing

import (
	"slices"
	"time"
)

// endCycle does what is due at the end of a cycle: a pending change or the renewal. A declined card turns the renewal
// into a cancellation. A customer who loses a plan moves to Free. Assumption declined-renewal.
func (tx *tx) endCycle(m *merchant, s *subscription) {
	c, _ := m.customers.get(s.CustomerID)
	p := m.plan(s.PlanID)
	if s.Pending != nil {
		next := m.next(s)
		if tx.pay(m, c, PaymentSubscription, next.PeriodAmount, next.ID) != nil {
			next = m.freePlan()
		}
		tx.changePlan(m, c, next)
		return
	}
	if tx.pay(m, c, PaymentRenewal, p.PeriodAmount, s.ID) != nil {
		tx.changePlan(m, c, m.freePlan())
		return
	}
	// Free plans renew like others. Assumption free-cycles.
	entries := c.Ledger.count
	s.Cycle++
	s.CycleStart = s.CycleEnd
	s.CycleEnd = p.Interval.after(s.anchor(), s.Cycle+1)
	s.TopUpBlocked = false
	tx.schedule(m, s)
	if tx.rules.ResetTiersEachCycle {
		clear(c.Counts)
	}
	tx.expire(c, p, s.ID)
	tx.post(c, EntryGrant, Credits{Cycle: p.IncludedCredit}, s.ID)
	tx.announceBalance(m, c, entries)
}

// next returns the plan that a pending change leads to.
func (m *merchant) next(s *subscription) *plan {
	if s.Pending.Type == Downgrade {
		return m.plan(s.Pending.PlanID)
	}
	return m.freePlan()
}

// expire removes credit that does not roll over at the end of a cycle of p.
func (tx *tx) expire(c *customer, p *plan, cause string) {
	left := c.Credits.leftover(p)
	tx.post(c, EntryExpiry, Credits{Cycle: left.Cycle - c.Credits.Cycle, Bundle: left.Bundle - c.Credits.Bundle}, cause)
}

// dueCycle is a cycle that ends. The cycle of a subscription that was cancelled before is skipped.
type dueCycle struct {
	at time.Time
	m  *merchant
	s  *subscription
}

// before orders by time, then by creation, so that the order is deterministic.
func (d *dueCycle) before(other *dueCycle) bool {
	if order := d.at.Compare(other.at); order != 0 {
		return order < 0
	}
	return d.s.Seq < other.s.Seq
}

// dueHeap is a heap with the first cycle at index 0. With container/heap, which calls the methods of an interface and
// swaps where one move is enough, renewals took 1.25 times as long.
type dueHeap []dueCycle

func (h *dueHeap) push(d dueCycle) {
	*h = append(*h, d)
	h.up(len(*h) - 1)
}

// remove removes the cycle at i.
func (h *dueHeap) remove(i int) dueCycle {
	removed, last := (*h)[i], len(*h)-1
	(*h)[i] = (*h)[last]
	(*h)[last] = dueCycle{}
	*h = (*h)[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
	return removed
}

// up moves the cycle at i toward the front until the order is restored.
func (h dueHeap) up(i int) {
	moving := h[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !moving.before(&h[parent]) {
			break
		}
		h[i], i = h[parent], parent
	}
	h[i] = moving
}

// down moves the cycle at i toward the back until the order is restored.
func (h dueHeap) down(i int) {
	moving := h[i]
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if right := child + 1; right < len(h) && h[right].before(&h[child]) {
			child = right
		}
		if !h[child].before(&moving) {
			break
		}
		h[i], i = h[child], child
	}
	h[i] = moving
}

// Upcoming is something that happens automatically at a certain time.
type Upcoming struct {
	At         time.Time
	Kind       UpcomingKind
	MerchantID string
	CustomerID string // empty for a session without a customer
	ID         string // of the subscription or checkout session
}

// UpcomingKind is the kind of an Upcoming.
type UpcomingKind string

// What happens automatically.
const (
	UpcomingRenewal       UpcomingKind = "renewal"
	UpcomingCancellation  UpcomingKind = "cancellation"
	UpcomingDowngrade     UpcomingKind = "downgrade"
	UpcomingSessionExpiry UpcomingKind = "checkout_session_expiry"
)

// Upcoming returns what happens next after a time, for one merchant (all if empty), and of the given kinds. It
// returns false if nothing does. It takes time in proportion to what is scheduled, so use it to display what is next,
// not to run the clock.
func (e *Engine) Upcoming(merchantID string, now time.Time, isMeant func(UpcomingKind) bool) (next Upcoming, ok bool) {
	e.view(func(s *state) {
		for _, due := range s.due {
			if due.s.Status == SubscriptionActive && (merchantID == "" || due.m.ID == merchantID) && (!ok || due.at.Before(next.At)) && isMeant(due.s.upcoming()) {
				next, ok = Upcoming{due.at, due.s.upcoming(), due.m.ID, due.s.CustomerID, due.s.ID}, true
			}
		}
		for _, m := range s.merchants.items {
			if merchantID != "" && m.ID != merchantID || !isMeant(UpcomingSessionExpiry) {
				continue
			}
			if session := m.firstToExpire(now); session != nil && (!ok || session.expiry().Before(next.At)) {
				next, ok = Upcoming{session.expiry(), UpcomingSessionExpiry, m.ID, session.CustomerID, session.ID}, true
			}
		}
	})
	return next, ok
}

// upcoming describes what happens at the end of the cycle.
func (s *subscription) upcoming() UpcomingKind {
	switch {
	case s.Pending == nil:
		return UpcomingRenewal
	case s.Pending.Type == Downgrade:
		return UpcomingDowngrade
	}
	return UpcomingCancellation
}

// forget removes a merchant's cycles.
func (h *dueHeap) forget(m *merchant) {
	*h = slices.DeleteFunc(*h, func(d dueCycle) bool { return d.m == m })
	for i := len(*h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

func (s *state) schedule(m *merchant, sub *subscription) {
	s.due.push(dueCycle{at: sub.CycleEnd, m: m, s: sub})
}

// unschedule reverses schedule.
func (s *state) unschedule(sub *subscription) {
	if i := slices.IndexFunc(s.due, func(d dueCycle) bool { return d.s == sub }); i >= 0 {
		s.due.remove(i)
	}
}

// runDue ends the cycles that are due by at, each at its own instant, in order.
func (tx *tx) runDue(at time.Time) {
	for {
		next, ok := tx.nextDue()
		if !ok || next.After(at) {
			return
		}
		tx.now = next
		cycle := tx.due.remove(0)
		tx.endCycle(cycle.m, cycle.s)
		tx.ended++
	}
}

// exceedsCycles reports whether more than most cycles end by at, if plans and cards don't change.
func (s *state) exceedsCycles(at time.Time, most int) bool {
	if days := Day.count(s.now, at) + 1; len(s.due)*(days+1) <= most { // no cycle is shorter
		return false
	}
	ends := 0
	for _, due := range s.due {
		if due.s.Status != SubscriptionActive || due.at.After(at) {
			continue
		}
		if due.s.Pending == nil {
			ends += due.m.plan(due.s.PlanID).Interval.count(due.s.anchor(), at) - due.s.Cycle
		} else {
			ends += 1 + due.m.next(due.s).Interval.count(due.at, at)
		}
		if ends > most {
			return true
		}
	}
	return false
}

// nextDue returns when the next cycle ends, or false if no cycle is scheduled. It first removes cancelled
// subscriptions from the front of the heap.
func (s *state) nextDue() (time.Time, bool) {
	for len(s.due) > 0 {
		if s.due[0].s.Status == SubscriptionActive {
			return s.due[0].at, true
		}
		s.due.remove(0)
	}
	return time.Time{}, false
}
