package mockserver

import (
	"fmt"
	"slices"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// WebhookFailure is something that goes wrong with deliveries to webhooks. Its zero
// fields choose all of them.
type WebhookFailure struct {
	Kind    WebhookFailureKind
	Webhook string                // the webhook's id
	Event   lava.WebhookEventType // what is announced

	// After lets so many deliveries (or attempts, see Kind) pass first, Times is how
	// many it is then for, no fewer: see [Server.Unused]. With 0 there is no end.
	After, Times int

	// Delay is how late a delivery is that is delayed or reordered, by the server's
	// clock. One that is reordered is by default 5 seconds late.
	Delay time.Duration
}

// WebhookFailureKind says what a [WebhookFailure] does.
type WebhookFailureKind string

// What can go wrong with deliveries. All their attempts count as one.
const (
	// WebhookDropped is never sent.
	WebhookDropped = WebhookFailureKind(billing.DeliveryDropped)
	// WebhookDuplicated is sent again when it has arrived.
	WebhookDuplicated = WebhookFailureKind(billing.DeliveryDuplicated)
	// WebhookDelayed is late, and so is what comes after it, in order.
	WebhookDelayed = WebhookFailureKind(billing.DeliveryDelayed)
	// WebhookReordered is late, and what comes after it does not wait for it.
	WebhookReordered = WebhookFailureKind(billing.DeliveryReordered)
)

// What can go wrong with attempts to deliver. Each attempt counts, and one that fails
// is followed by Lava's retries.
const (
	// WebhookWrongSignature has the signature of another secret.
	WebhookWrongSignature = WebhookFailureKind(billing.AttemptWrongSignature)
	// WebhookTimedOut reaches the receiver, whose response comes too late. The test
	// does not wait for it.
	WebhookTimedOut = WebhookFailureKind(billing.AttemptTimedOut)
	// WebhookUnreachable is for a receiver that is down.
	WebhookUnreachable = WebhookFailureKind(billing.AttemptUnreachable)
)

// FailWebhooks arms a failure of deliveries to come to this merchant's webhooks. What
// makes no sense, and what nothing meets, is as with [Merchant.Fail].
func (m *Merchant) FailWebhooks(f WebhookFailure) {
	m.server.test.Helper()
	_, err := m.server.failWebhooks(m.ID(), f)
	m.server.mustArm("FailWebhooks", err)
}

// FailWebhooks is [Merchant.FailWebhooks] for the webhooks of all merchants.
func (s *Server) FailWebhooks(f WebhookFailure) {
	s.test.Helper()
	_, err := s.failWebhooks("", f)
	s.mustArm("FailWebhooks", err)
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

// hasWebhook reports whether a merchant, or any if there is none, has a webhook.
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

// unusedWebhookFailures says which failures no delivery has met.
func (s *Server) unusedWebhookFailures(merchant string) []string {
	var all []string
	for _, f := range s.deliveries.failures() {
		if !f.IsUsed() && (merchant == "" || merchant == f.MerchantID) {
			all = append(all, fmt.Sprintf("FailWebhooks: %s%s %s: %s", f.Kind, s.ofMerchant(f.MerchantID), happened(f.Turns), met(f.Turns, "deliveries or attempts")))
		}
	}
	return all
}

// happened says how often something has happened that has not happened often enough.
func happened(t billing.Turns) string {
	if t.Used == 0 && t.Least() == 1 {
		return "has not happened"
	}
	return fmt.Sprintf("has happened %d times of %d", t.Used, t.Least())
}

// failures are those that are armed, and those that were.
func (d *deliveries) failures() []billing.DeliveryFailure {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.queue.Failures)
}

func (d *deliveries) disarm(merchant string, all bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.Disarm(merchant, all)
}
