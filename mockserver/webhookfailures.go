package mockserver

import (
	"fmt"
	"slices"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// WebhookFailure is a failure of webhook deliveries. Zero fields match all
// deliveries.
type WebhookFailure struct {
	Kind    WebhookFailureKind
	Webhook string                // the webhook's id
	Event   lava.WebhookEventType // of the event

	// After is how many deliveries (or attempts, see Kind) pass first, and Times how
	// many must then fail: see [Server.Unused]. 0 is no limit.
	After, Times int

	// Delay is how late a delayed or reordered delivery is, on the server's clock.
	// The default for reordered deliveries is 5 seconds.
	Delay time.Duration
}

// WebhookFailureKind is what a [WebhookFailure] does.
type WebhookFailureKind string

// Failures of deliveries. All attempts of a delivery count as one.
const (
	// WebhookDropped is never sent.
	WebhookDropped = WebhookFailureKind(billing.DeliveryDropped)
	// WebhookDuplicated is sent again after it has arrived.
	WebhookDuplicated = WebhookFailureKind(billing.DeliveryDuplicated)
	// WebhookDelayed is late, and later deliveries wait for it.
	WebhookDelayed = WebhookFailureKind(billing.DeliveryDelayed)
	// WebhookReordered is late, and later deliveries do not wait for it.
	WebhookReordered = WebhookFailureKind(billing.DeliveryReordered)
)

// Failures of attempts. Each attempt counts, and Lava retries a failed attempt.
const (
	// WebhookWrongSignature is signed with another secret.
	WebhookWrongSignature = WebhookFailureKind(billing.AttemptWrongSignature)
	// WebhookTimedOut reaches the receiver, but the response is too late. The test
	// does not wait for it.
	WebhookTimedOut = WebhookFailureKind(billing.AttemptTimedOut)
	// WebhookUnreachable acts as if the receiver were down.
	WebhookUnreachable = WebhookFailureKind(billing.AttemptUnreachable)
)

// FailWebhooks arms a failure of future deliveries to this merchant's webhooks. An
// invalid or unmet failure is handled as in [Merchant.Fail], which returns an id too.
func (m *Merchant) FailWebhooks(f WebhookFailure) (id string) {
	m.server.test.Helper()
	armed, err := m.server.failWebhooks(m.ID(), f)
	m.server.mustArm("FailWebhooks", err)
	return armed.ID
}

// FailWebhooks is [Merchant.FailWebhooks] for the webhooks of all merchants.
func (s *Server) FailWebhooks(f WebhookFailure) (id string) {
	s.test.Helper()
	armed, err := s.failWebhooks("", f)
	s.mustArm("FailWebhooks", err)
	return armed.ID
}

func (s *Server) failWebhooks(merchant string, f WebhookFailure) (Armed, error) {
	if f.Webhook != "" && !s.hasWebhook(merchant, f.Webhook) {
		return Armed{}, toError(billing.Errorf(billing.CodeNotFound, "webhook_id", "webhook_id: no webhook %q", f.Webhook))
	}
	d := &s.deliveries
	d.mu.Lock()
	defer d.mu.Unlock()
	armed, err := d.queue.Arm(billing.DeliveryFailure{
		MerchantID: merchant, WebhookID: f.Webhook, Event: billing.EventType(f.Event), Kind: billing.DeliveryFailureKind(f.Kind),
		Delay: f.Delay, Turns: billing.Turns{After: f.After, Times: f.Times},
	})
	if err != nil {
		return Armed{}, toError(err)
	}
	s.watchers.tell(ChangeArmed, "")
	return s.armedWebhookFailure(&armed), nil
}

// hasWebhook reports whether a merchant has a webhook, or any merchant if merchant is empty.
func (s *Server) hasWebhook(merchant, id string) bool {
	for _, m := range s.engine.MerchantIDs() {
		if merchant != "" && merchant != m {
			continue
		}
		if _, err := s.engine.Webhook(m, id); err == nil {
			return true
		}
	}
	return false
}

// unusedWebhookFailures describes the unused failures.
func (s *Server) unusedWebhookFailures(merchant string) []string {
	var all []string
	for _, f := range s.deliveries.failures() {
		if !f.IsUsed() && (merchant == "" || merchant == f.MerchantID) {
			all = append(all, fmt.Sprintf("FailWebhooks: %s%s %s: %s", f.Kind, s.ofMerchant(f.MerchantID), happened(f.Turns), whyUnused(f.Turns, "deliveries or attempts")))
		}
	}
	return all
}

// happened describes how many times something has happened, if that wasn't enough.
func happened(t billing.Turns) string {
	if t.Used == 0 && t.Least() == 1 {
		return "has not happened"
	}
	return fmt.Sprintf("has happened %d times of %d", t.Used, t.Least())
}

// failures returns the armed failures, including spent ones.
func (d *deliveries) failures() []billing.DeliveryFailure {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.queue.Failures)
}

func (d *deliveries) disarmOne(merchant, id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.DisarmOne(id, merchant)
}

func (d *deliveries) disarm(merchant string, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.Disarm(merchant, all)
}
