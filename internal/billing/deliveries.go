package billing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Deliveries are the pending and completed deliveries of events to webhooks. They are
// plain data without a clock: the owner sends deliveries and reports the outcome. The
// zero value is empty.
//
// Each webhook has a queue. Only the first delivery of a queue is tried, so that a
// receiver gets its events in order. Assumption webhook-order. A delivery that others
// may overtake has its own queue.
//
// At least the latest maxEnded completed deliveries are kept. If maxWaiting
// deliveries wait for one webhook, the first is given up for the next.
type Deliveries struct {
	Created uint64              // how many were ever created
	Kept    []Delivery          // oldest first
	Ended   int                 // how many of them are not pending
	Queues  map[string][]uint64 // by Delivery.queue, the Seq of pending deliveries

	Failures []DeliveryFailure `json:",omitempty"` // in the order in which they were armed
	Armed    int               `json:",omitempty"` // how many failures were ever armed
}

// The limits of deliveries: a receiver may be down, and the clock may not move.
const (
	maxEnded   = 10_000
	maxWaiting = 10_000
)

// Delivery is an event for one webhook.
type Delivery struct {
	Object      // created when the event happened
	MerchantID  string
	WebhookID   string
	CustomerID  string
	Event       EventType
	Body        json.RawMessage // the same at each attempt
	Status      DeliveryStatus
	Attempts    []DeliveryAttempt // oldest first
	Failed      int               // attempts since it was created or resent
	NextAttempt time.Time         // while pending: not before this
	Overtaken   bool              `json:",omitempty"` // later deliveries don't wait for it
	Again       bool              `json:",omitempty"` // it is sent again after it has arrived
}

// queue names the queue that a delivery waits in.
func (v *Delivery) queue() string {
	if v.Overtaken {
		return v.WebhookID + " " + v.ID
	}
	return v.WebhookID
}

// DeliveryStatus is the state of a delivery.
type DeliveryStatus string

// The states of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryGivenUp   DeliveryStatus = "given_up"
	DeliveryRefused   DeliveryStatus = "refused"
)

// DeliveryAttempt is one try to deliver, and what came of it.
type DeliveryAttempt struct {
	At        time.Time
	URL       string
	Signature string              // that was sent; empty if nothing was
	Status    int                 // of the response; 0 if there was none
	Response  string              // the start of its body
	Error     string              // why it failed; empty if it did not
	Failure   DeliveryFailureKind `json:",omitempty"` // that a test armed
	Gone      bool                // the receiver no longer exists
	Refused   bool                // nothing may be sent to this host
}

// retryDelays are the waits after failed attempts. After the last one, a delivery is given up. Assumption
// webhook-retries.
var retryDelays = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// Add queues an event for each webhook that receives it. The seed is that of the
// ids.
func (d *Deliveries) Add(seed uint64, e Event, body json.RawMessage) {
	for _, w := range e.Webhooks {
		if queue := d.Queues[w.ID]; len(queue) >= maxWaiting {
			d.end(d.at(queue[0]), DeliveryGivenUp, DeliveryAttempt{At: e.At, URL: w.URL, Error: fmt.Sprintf("not retried: %d other deliveries wait behind it", len(queue)-1)})
		}
		v := Delivery{
			Object:     Object{ID: NewID("whd", e.At, seed, d.Created), Seq: d.Created, CreatedAt: e.At},
			MerchantID: e.MerchantID, WebhookID: w.ID, CustomerID: e.Customer.ID, Event: e.Type,
			Body: body, Status: DeliveryPending, NextAttempt: e.At,
		}
		d.Created++
		if d.fail(&v, w.URL) {
			d.Ended++
			d.Kept = append(d.Kept, v)
			d.trim()
			continue
		}
		d.Kept = append(d.Kept, v)
		d.enqueue(v)
	}
}

// Due returns what can be tried now: of each webhook at most one, oldest first.
func (d *Deliveries) Due(now time.Time) []Delivery {
	var due []Delivery
	for _, queue := range d.Queues {
		if v := d.at(queue[0]); !v.NextAttempt.After(now) {
			due = append(due, *v)
		}
	}
	slices.SortFunc(due, func(a, b Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	return due
}

// NextDue returns when the next delivery can be tried, ignoring webhooks that are busy, and false if there is none.
func (d *Deliveries) NextDue(busy func(webhookID string) bool) (next time.Time, ok bool) {
	for _, queue := range d.Queues {
		if v := d.at(queue[0]); !busy(v.WebhookID) && (!ok || v.NextAttempt.Before(next)) {
			next, ok = v.NextAttempt, true
		}
	}
	return next, ok
}

// Next returns the delivery that can be tried next, of one merchant or of all, and false if there is none.
func (d *Deliveries) Next(merchantID string) (next Delivery, ok bool) {
	for _, queue := range d.Queues {
		v := d.at(queue[0])
		if (merchantID == "" || v.MerchantID == merchantID) && (!ok || v.NextAttempt.Before(next.NextAttempt)) {
			next, ok = *v, true
		}
	}
	return next, ok
}

// Attempted records an attempt to deliver the first of a queue and decides what happens next. It ignores other
// deliveries.
func (d *Deliveries) Attempted(id string, a DeliveryAttempt, now time.Time) {
	v := d.first(id)
	if v == nil {
		return
	}
	switch {
	case a.Error == "" && v.Again:
		v.Attempts = append(v.Attempts, a)
		v.NextAttempt, v.Again = now, false
	case a.Error == "":
		d.end(v, DeliveryDelivered, a)
	case a.Refused:
		d.end(v, DeliveryRefused, a)
	case a.Gone, v.Failed == len(retryDelays):
		d.end(v, DeliveryGivenUp, a)
	default:
		v.Attempts = append(v.Attempts, a)
		v.NextAttempt = now.Add(retryDelays[v.Failed])
		v.Failed++
	}
}

// end ends the first delivery of a queue after its last attempt.
func (d *Deliveries) end(v *Delivery, how DeliveryStatus, last DeliveryAttempt) {
	v.Attempts = append(v.Attempts, last)
	v.Status, v.NextAttempt = how, time.Time{}
	d.dequeue(v.queue())
	d.Ended++
	d.trim()
}

// trim forgets the oldest ended deliveries.
func (d *Deliveries) trim() {
	if d.Ended < 2*maxEnded {
		return
	}
	// Many at a time, so that the rest is seldom moved.
	d.Kept = slices.DeleteFunc(d.Kept, func(v Delivery) bool {
		if v.Status == DeliveryPending || d.Ended == maxEnded {
			return false
		}
		d.Ended--
		return true
	})
}

// Resend makes a delivery due now, with all its retries, regardless of its status. A delivery that is not pending
// goes to the back of the queue. It returns false if the merchant has no such delivery; an empty merchant means all.
func (d *Deliveries) Resend(id, merchantID string, now time.Time) bool {
	i := slices.IndexFunc(d.Kept, func(v Delivery) bool {
		return v.ID == id && (merchantID == "" || v.MerchantID == merchantID)
	})
	if i < 0 {
		return false
	}
	v := &d.Kept[i]
	if v.Status != DeliveryPending {
		v.Status, v.Overtaken = DeliveryPending, false
		d.Ended--
		d.enqueue(*v)
	}
	v.NextAttempt, v.Failed = now, 0
	return true
}

// Forget removes all deliveries of a merchant.
func (d *Deliveries) Forget(merchantID string) {
	d.Kept = slices.DeleteFunc(d.Kept, func(v Delivery) bool {
		if v.MerchantID != merchantID {
			return false
		}
		if v.Status != DeliveryPending {
			d.Ended--
		}
		delete(d.Queues, v.queue())
		return true
	})
}

// DropPending removes all pending deliveries.
func (d *Deliveries) DropPending() {
	d.Kept = slices.DeleteFunc(d.Kept, func(v Delivery) bool { return v.Status == DeliveryPending })
	d.Queues = nil
}

func (d *Deliveries) enqueue(v Delivery) {
	if d.Queues == nil {
		d.Queues = map[string][]uint64{}
	}
	d.Queues[v.queue()] = append(d.Queues[v.queue()], v.Seq)
}

func (d *Deliveries) dequeue(name string) {
	if queue := d.Queues[name]; len(queue) > 1 {
		d.Queues[name] = queue[1:]
	} else {
		delete(d.Queues, name)
	}
}

// at returns a pending delivery; pending deliveries are always kept.
func (d *Deliveries) at(seq uint64) *Delivery {
	i, _ := slices.BinarySearchFunc(d.Kept, seq, func(v Delivery, seq uint64) int { return cmp.Compare(v.Seq, seq) })
	return &d.Kept[i]
}

// first returns the delivery with the given id if it is the first of its queue, and nil otherwise.
func (d *Deliveries) first(id string) *Delivery {
	for _, queue := range d.Queues {
		if v := d.at(queue[0]); v.ID == id {
			return v
		}
	}
	return nil
}
