package billing

import (
	"fmt"
	"slices"
	"time"
)

// DeliveryFailure is a fault of webhooks that a test has armed.
type DeliveryFailure struct {
	ID         int       // from 1, in the order in which they were armed
	MerchantID string    // whose webhooks; empty: all merchants'
	WebhookID  string    // empty: every webhook
	Event      EventType // empty: every event
	Kind       DeliveryFailureKind
	Delay      time.Duration // of delayed or reordered deliveries
	Turns
}

// DeliveryFailureKind is what goes wrong.
type DeliveryFailureKind string

// What can go wrong with a delivery, and then with one attempt to deliver.
const (
	DeliveryDropped    DeliveryFailureKind = "dropped"    // it is never sent
	DeliveryDuplicated DeliveryFailureKind = "duplicated" // it is sent again after it has arrived
	DeliveryDelayed    DeliveryFailureKind = "delayed"    // it and those behind it are late
	DeliveryReordered  DeliveryFailureKind = "reordered"  // only it is late

	AttemptWrongSignature DeliveryFailureKind = "wrong_signature"
	AttemptTimedOut       DeliveryFailureKind = "timed_out"   // the receiver gets it and responds too late
	AttemptUnreachable    DeliveryFailureKind = "unreachable" // the receiver is down
)

var (
	deliveryKinds = []DeliveryFailureKind{DeliveryDropped, DeliveryDuplicated, DeliveryDelayed, DeliveryReordered}
	attemptKinds  = []DeliveryFailureKind{AttemptWrongSignature, AttemptTimedOut, AttemptUnreachable}
)

// Arm arms a failure, and returns it as it is armed.
func (d *Deliveries) Arm(f DeliveryFailure) (DeliveryFailure, error) {
	if f.Kind == DeliveryReordered && f.Delay == 0 {
		f.Delay = retryDelays[0]
	}
	f.Met, f.Used = 0, 0
	if err := f.check(); err != nil {
		return DeliveryFailure{}, err
	}
	f.ID = d.Armed + 1
	var err error
	if d.Failures, err = arm(d.Failures, f); err != nil {
		return DeliveryFailure{}, err
	}
	d.Armed++
	return f, nil
}

// RestoreFailures replaces the armed failures with those of a snapshot, which get new IDs.
func (d *Deliveries) RestoreFailures(failures []DeliveryFailure) {
	d.Failures = slices.Clone(failures)
	for i := range d.Failures {
		d.Armed++
		d.Failures[i].ID = d.Armed
	}
}

// Name returns the failure's id among everything that is armed.
func (f *DeliveryFailure) Name() string { return fmt.Sprintf("whf_%d", f.ID) }

// CheckFailures rejects what could not be armed.
func CheckFailures(failures []DeliveryFailure) error {
	for i := range failures {
		if err := failures[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (f *DeliveryFailure) check() error {
	if err := oneOf("kind", f.Kind, slices.Concat(deliveryKinds, attemptKinds)...); err != nil {
		return err
	}
	if err := f.Turns.check(); err != nil {
		return err
	}
	if f.Event != "" {
		if err := oneOf("event", f.Event, CustomerCreated, CustomerBalanceUpdated, CustomerDeleted); err != nil {
			return err
		}
	}
	late := f.Kind == DeliveryDelayed || f.Kind == DeliveryReordered
	switch {
	case late && f.Delay <= 0:
		return Invalid("delay", "%v must be greater than 0", f.Delay)
	case !late && f.Delay != 0:
		return Invalid("delay", "only allowed with the kinds %q and %q", DeliveryDelayed, DeliveryReordered)
	}
	return nil
}

// DisarmOne drops the failure with a Name, and reports whether there was one. With a merchant, it must have been armed
// for this merchant.
func (d *Deliveries) DisarmOne(name, merchantID string) bool {
	before := len(d.Failures)
	d.Failures = slices.DeleteFunc(d.Failures, func(f DeliveryFailure) bool {
		return f.Name() == name && (merchantID == "" || merchantID == f.MerchantID)
	})
	return len(d.Failures) < before
}

// Disarm drops the failures that were armed for a merchant, for all merchants if merchantID is empty, or all
// failures.
func (d *Deliveries) Disarm(merchantID string, all bool) {
	d.Failures = slices.DeleteFunc(d.Failures, func(f DeliveryFailure) bool { return all || f.MerchantID == merchantID })
}

// fail makes a new delivery fail if a failure is armed. It reports whether that ended the delivery.
func (d *Deliveries) fail(v *Delivery, url string) bool {
	f := d.strike(deliveryKinds, v)
	if f == nil {
		return false
	}
	switch f.Kind {
	case DeliveryDropped:
		v.Status, v.NextAttempt = DeliveryGivenUp, time.Time{}
		v.Attempts = []DeliveryAttempt{{At: v.CreatedAt, URL: url, Error: "not sent: the test dropped this delivery", Failure: f.Kind}}
		return true
	case DeliveryDuplicated:
		v.Again = true
	case DeliveryReordered:
		// A reordered delivery blocks no others, so there may be many.
		v.Overtaken = len(d.Queues) < maxWaiting
		v.NextAttempt = v.CreatedAt.Add(f.Delay)
	default:
		v.NextAttempt = v.CreatedAt.Add(f.Delay)
	}
	return false
}

// Begin counts an attempt to deliver, and returns how it has to fail; empty if it has
// not.
func (d *Deliveries) Begin(v Delivery) DeliveryFailureKind {
	if f := d.strike(attemptKinds, &v); f != nil {
		return f.Kind
	}
	return ""
}

// strike returns the failure of the given kinds that strikes a delivery, or nil.
func (d *Deliveries) strike(kinds []DeliveryFailureKind, v *Delivery) *DeliveryFailure {
	armed := make([]*DeliveryFailure, len(d.Failures))
	for i := range d.Failures {
		armed[i] = &d.Failures[i]
	}
	struck, _ := strike(armed, func(f *DeliveryFailure) bool { return slices.Contains(kinds, f.Kind) && f.appliesTo(v) })
	return struck
}

func (f *DeliveryFailure) appliesTo(v *Delivery) bool {
	return (f.MerchantID == "" || f.MerchantID == v.MerchantID) &&
		(f.WebhookID == "" || f.WebhookID == v.WebhookID) &&
		(f.Event == "" || f.Event == v.Event)
}
