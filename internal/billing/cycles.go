package billing

import (
	"container/heap"
	"slices"
	"time"
)

// endCycle does what is due at the end of a cycle: a pending change, or the
// renewal, which a declined card turns into a cancellation. A customer who loses
// a plan is on Free from then on. Assumption declined-renewal.
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
	// Free plans renew as others do. Assumption free-cycles.
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

// next is the plan that a pending change leads to.
func (m *merchant) next(s *subscription) *plan {
	if s.Pending.Type == Downgrade {
		return m.plan(s.Pending.PlanID)
	}
	return m.freePlan()
}

// expire takes away what does not roll over at the end of a cycle of p.
func (tx *tx) expire(c *customer, p *plan, cause string) {
	left := c.Credits.leftover(p)
	tx.post(c, EntryExpiry, Credits{Cycle: left.Cycle - c.Credits.Cycle, Bundle: left.Bundle - c.Credits.Bundle}, cause)
}

// dueCycle is a cycle that ends. That of a subscription that was cancelled
// before is passed over.
type dueCycle struct {
	at time.Time
	m  *merchant
	s  *subscription
}

type dueHeap []dueCycle

func (h dueHeap) Len() int { return len(h) }

// Less orders by time, then by creation, so that the order is always the same.
func (h dueHeap) Less(i, j int) bool {
	if order := h[i].at.Compare(h[j].at); order != 0 {
		return order < 0
	}
	return h[i].s.Seq < h[j].s.Seq
}
func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(dueCycle)) }
func (h *dueHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// Upcoming is something that happens by itself when its time comes.
type Upcoming struct {
	At         time.Time
	Kind       UpcomingKind
	MerchantID string
	CustomerID string // empty for a session that names none
	ID         string // of the subscription or checkout session
}

// UpcomingKind says what an Upcoming is.
type UpcomingKind string

// What happens by itself.
const (
	UpcomingRenewal       UpcomingKind = "renewal"
	UpcomingCancellation  UpcomingKind = "cancellation"
	UpcomingDowngrade     UpcomingKind = "downgrade"
	UpcomingSessionExpiry UpcomingKind = "checkout_session_expiry"
)

// Upcoming returns what happens next after a time, of one merchant or, if there is
// none, of all. It is false if nothing does. It takes time in proportion to what is
// scheduled: it is for people who look at a clock, not for the clock.
func (e *Engine) Upcoming(merchantID string, now time.Time) (next Upcoming, ok bool) {
	e.view(func(s *state) {
		for _, due := range s.due {
			if due.s.Status == SubscriptionActive && (merchantID == "" || due.m.ID == merchantID) && (!ok || due.at.Before(next.At)) {
				next, ok = Upcoming{due.at, due.s.upcoming(), due.m.ID, due.s.CustomerID, due.s.ID}, true
			}
		}
		for _, m := range s.merchants.items {
			if merchantID != "" && m.ID != merchantID {
				continue
			}
			if session := m.firstToExpire(now); session != nil && (!ok || session.expiry().Before(next.At)) {
				next, ok = Upcoming{session.expiry(), UpcomingSessionExpiry, m.ID, session.CustomerID, session.ID}, true
			}
		}
	})
	return next, ok
}

// upcoming is what the end of the cycle is.
func (s *subscription) upcoming() UpcomingKind {
	switch {
	case s.Pending == nil:
		return UpcomingRenewal
	case s.Pending.Type == Downgrade:
		return UpcomingDowngrade
	}
	return UpcomingCancellation
}

// forget removes the cycles of a merchant.
func (h *dueHeap) forget(m *merchant) {
	*h = slices.DeleteFunc(*h, func(d dueCycle) bool { return d.m == m })
	heap.Init(h)
}

func (s *state) schedule(m *merchant, sub *subscription) {
	heap.Push(&s.due, dueCycle{at: sub.CycleEnd, m: m, s: sub})
}

// unschedule takes back what schedule has done.
func (s *state) unschedule(sub *subscription) {
	if i := slices.IndexFunc(s.due, func(d dueCycle) bool { return d.s == sub }); i >= 0 {
		heap.Remove(&s.due, i)
	}
}

// runDue ends the cycles that end up to at, each at its own instant, in order.
func (tx *tx) runDue(at time.Time) {
	for {
		next, ok := tx.nextDue()
		if !ok || next.After(at) {
			return
		}
		tx.now = next
		cycle := heap.Pop(&tx.due).(dueCycle)
		tx.endCycle(cycle.m, cycle.s)
		tx.ended++
	}
}

// exceedsCycles reports whether more than most cycles end up to at, if plans and cards
// stay as they are.
func (s *state) exceedsCycles(at time.Time, most int) bool {
	if days := Day.count(s.now, at) + 1; s.due.Len()*(days+1) <= most { // no cycle is shorter
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

// nextDue returns when the next cycle ends, and false if none does. It first
// removes the ends of subscriptions that were cancelled from the front of the heap.
func (s *state) nextDue() (time.Time, bool) {
	for s.due.Len() > 0 {
		if s.due[0].s.Status == SubscriptionActive {
			return s.due[0].at, true
		}
		heap.Pop(&s.due)
	}
	return time.Time{}, false
}
