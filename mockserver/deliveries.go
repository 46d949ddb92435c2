package mockserver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Delivery is an event on its way to a webhook, or at the end of that way.
type Delivery struct {
	ID          string
	MerchantID  string
	WebhookID   string
	Event       EventType
	CustomerID  string
	CreatedAt   time.Time // when the event happened, by the server's clock
	Body        []byte    // what is sent, the same each time
	Status      DeliveryStatus
	Attempts    []DeliveryAttempt // oldest first
	NextAttempt time.Time         // while pending: not before this; what is ahead of it comes first
}

// DeliveryStatus says how far a delivery has come.
type DeliveryStatus string

// The stages of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending"   // waits for its turn or its next attempt
	DeliveryDelivered DeliveryStatus = "delivered" // the receiver has answered 2xx
	DeliveryGivenUp   DeliveryStatus = "given_up"  // after the last attempt, or because the webhook is gone
)

// DeliveryAttempt is one try to deliver.
type DeliveryAttempt struct {
	At     time.Time // by the server's clock
	URL    string
	Status int    // of the answer; 0 if there was none
	Answer string // the first KiB of the answer's body
	Error  string // why it failed; empty if it did not
}

// retryDelays are the waits after failed attempts, by the server's clock. After
// the last one a delivery is given up. Assumption webhook-retries.
var retryDelays = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// Deliveries returns what has been sent, or is to be sent, to the webhooks of
// all merchants: oldest first, with every attempt, and kept as long as the
// server runs.
func (s *Server) Deliveries() []Delivery {
	d := &s.deliveries
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Delivery, len(d.all))
	for i, v := range d.all {
		all[i] = v.Delivery
		all[i].Body = slices.Clone(v.Body)
		all[i].Attempts = slices.Clone(v.Attempts)
	}
	return all
}

// Resend sends a delivery again, whatever became of it: with the same id and
// body, behind those that wait already, and with all its retries. It returns
// before it is sent; see [Server.Settle].
func (s *Server) Resend(deliveryID string) error {
	if !s.deliveries.again(deliveryID, s.Now()) {
		return toError(billing.Errorf(billing.CodeNotFound, "", "no delivery %q", deliveryID))
	}
	s.deliverDue()
	return nil
}

// Settle waits until everything that is due by now has been delivered to the
// webhooks, or has failed and waits for its next attempt: after it, a test finds
// what its calls have caused. A receiver must not call it, because it would wait
// for itself.
func (s *Server) Settle(ctx context.Context) error {
	for {
		// Even if nothing is due: what another call has just carried out is
		// announced when this returns.
		_, _ = billing.Do(s.engine, s.Now(), billing.Advance{})
		s.deliverDue()
		working, closed := s.deliveries.working()
		switch {
		case closed:
			return http.ErrServerClosed
		case working == nil:
			return ctx.Err()
		}
		select {
		case <-working:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// deliveries are all that the server delivers to webhooks. Each webhook has a
// queue, of which only the first is tried, so that a receiver gets its events in
// order. Assumption webhook-order. A queue has a goroutine only while its first
// delivery is due.
type deliveries struct {
	receivers receivers

	mu      sync.Mutex
	all     []*delivery
	queues  map[string]*queue // by webhook; only those with something in them
	workers int               // that run
	idle    chan struct{}     // closed when the last of them ends
	closed  bool
}

type delivery struct {
	Delivery
	failed int // attempts since it was created or resent
}

type queue struct {
	merchantID string
	webhookID  string
	waiting    []*delivery
	worked     bool // a worker is at it
}

// due returns when the first delivery of q can be tried.
func (q *queue) due() time.Time { return q.waiting[0].NextAttempt }

// deliver queues an event for the webhooks that are to hear of it.
func (s *Server) deliver(e billing.Event) {
	body, err := json.Marshal(struct {
		Event billing.EventType `json:"event"`
		Data  customerBody      `json:"data"`
	}{e.Type, encodeCustomer(e.Customer)})
	if err != nil {
		panic(err) // the engine holds nothing that is not JSON
	}
	d := &s.deliveries
	d.mu.Lock()
	for _, w := range e.Webhooks {
		v := &delivery{Delivery: Delivery{
			ID:         billing.NewID("whd", e.At, *s.cfg.seed, uint64(len(d.all))),
			MerchantID: e.MerchantID, WebhookID: w.ID, Event: EventType(e.Type), CustomerID: e.Customer.ID,
			CreatedAt: e.At, Body: body, Status: DeliveryPending, NextAttempt: e.At,
		}}
		d.all = append(d.all, v)
		d.enqueue(v)
	}
	d.mu.Unlock()
	s.deliverDue()
}

// enqueue puts v behind what waits for its webhook already.
func (d *deliveries) enqueue(v *delivery) {
	q, ok := d.queues[v.WebhookID]
	if !ok {
		q = &queue{merchantID: v.MerchantID, webhookID: v.WebhookID}
		if d.queues == nil {
			d.queues = map[string]*queue{}
		}
		d.queues[v.WebhookID] = q
	}
	q.waiting = append(q.waiting, v)
}

// again makes a delivery due now, with all its retries.
func (d *deliveries) again(id string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := slices.IndexFunc(d.all, func(v *delivery) bool { return v.ID == id })
	if i < 0 {
		return false
	}
	v := d.all[i]
	if v.Status != DeliveryPending {
		v.Status = DeliveryPending
		d.enqueue(v)
	}
	v.NextAttempt, v.failed = now, 0
	return true
}

// deliverDue starts a worker for each queue whose turn has come.
func (s *Server) deliverDue() {
	d, now := &s.deliveries, s.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	for _, q := range d.queues {
		if q.worked || q.due().After(now) {
			continue
		}
		if d.workers == 0 {
			d.idle = make(chan struct{})
		}
		d.workers++
		q.worked = true
		go s.work(q)
	}
}

// work delivers what is due in a queue.
func (s *Server) work(q *queue) {
	d := &s.deliveries
	for v := d.next(q, s.Now()); v != nil; v = d.next(q, s.Now()) {
		attempt := s.attempt(q, v.Body)
		d.finish(q, v, attempt, s.Now())
	}
	s.setAlarm()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.workers--; d.workers == 0 {
		close(d.idle)
	}
}

// next returns what is due in q. If nothing is, q is released.
func (d *deliveries) next(q *queue, now time.Time) *delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(q.waiting) == 0 || q.due().After(now) || d.closed {
		q.worked = false
		if len(q.waiting) == 0 {
			delete(d.queues, q.webhookID)
		}
		return nil
	}
	return q.waiting[0]
}

// attempt sends a body to the webhook of q, where that is by now.
// Assumption webhook-moved.
func (s *Server) attempt(q *queue, body []byte) DeliveryAttempt {
	at := s.Now()
	w, err := s.engine.Webhook(q.merchantID, q.webhookID)
	if err != nil {
		return DeliveryAttempt{At: at, Error: errWebhookGone}
	}
	a := s.deliveries.receivers.post(w.URL, body, s.webhookSecrets.get(w.ID), s.cfg.webhookTimeout)
	a.At, a.URL = at, w.URL
	return a
}

const errWebhookGone = "the webhook has been deleted"

// finish puts an attempt on record and decides how it goes on.
func (d *deliveries) finish(q *queue, v *delivery, a DeliveryAttempt, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return // it was cut, and says nothing about the receiver
	}
	v.Attempts = append(v.Attempts, a)
	switch {
	case a.Error == "":
		v.Status = DeliveryDelivered
	case v.failed == len(retryDelays) || a.Error == errWebhookGone:
		v.Status = DeliveryGivenUp
	default:
		v.NextAttempt = now.Add(retryDelays[v.failed])
		v.failed++
		return
	}
	v.NextAttempt = time.Time{}
	q.waiting = q.waiting[1:]
}

// working returns a channel that is closed when the workers that run now have
// ended. It is nil if there are none.
func (d *deliveries) working() (idle <-chan struct{}, closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.workers == 0 {
		return nil, d.closed
	}
	return d.idle, d.closed
}

// nextDue returns when the next delivery can be tried that nobody is at.
func (d *deliveries) nextDue() (next time.Time, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return time.Time{}, false
	}
	for _, q := range d.queues {
		if !q.worked && (!ok || q.due().Before(next)) {
			next, ok = q.due(), true
		}
	}
	return next, ok
}

// alarm wakes a server whose clock goes when the next thing is due. It takes no
// goroutine to wait.
type alarm struct {
	mu     sync.Mutex // taken before any other lock
	timer  *time.Timer
	closed bool
}

// setAlarm sets the alarm to the next thing that is due. It must follow whatever
// may have brought that forward.
func (s *Server) setAlarm() {
	if s.clock.frozen {
		return
	}
	a := &s.alarm
	a.mu.Lock()
	defer a.mu.Unlock()
	next, ok := s.nextDue()
	if !ok || a.closed {
		return
	}
	wait := next.Sub(s.Now())
	if a.timer == nil {
		a.timer = time.AfterFunc(wait, s.wake)
	} else {
		a.timer.Reset(wait)
	}
}

// wake does what has fallen due by itself.
func (s *Server) wake() {
	s.tick()
	s.deliverDue()
	s.setAlarm()
}

func (a *alarm) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

// close cuts what is on its way and waits until that is done.
func (d *deliveries) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.receivers.close()
	if idle, _ := d.working(); idle != nil {
		<-idle
	}
}
