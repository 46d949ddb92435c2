package mockserver

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/delivery"
)

// Delivery is the delivery of an event to a webhook.
type Delivery struct {
	ID          string
	MerchantID  string
	WebhookID   string
	Event       lava.WebhookEventType
	CustomerID  string
	CreatedAt   time.Time // when the event happened, by the server's clock
	CallID      string    // the [Call] that caused it; empty if there is none or it is no longer kept
	Body        []byte    // the same in each attempt; unlike in calls, a key that was stored as a name is not masked
	Status      DeliveryStatus
	Attempts    []DeliveryAttempt // oldest first
	NextAttempt time.Time         // while pending: the earliest time of the next attempt; earlier deliveries come first
	// Hint says why the last attempt probably failed and what to do. It is empty if the
	// delivery has arrived, or if its attempts say it all.
	Hint string
}

// String returns a line without the body, which may contain sensitive data.
func (d Delivery) String() string {
	line := fmt.Sprintf("%s %s of %s to %s: %s", d.CreatedAt.Format(time.RFC3339), d.ID, d.Event, d.WebhookID, d.Status)
	if n := len(d.Attempts); n > 0 {
		line += fmt.Sprintf(", attempt %d at %s", n, d.Attempts[n-1].At.Format(time.RFC3339))
		if status := d.Attempts[n-1].Status; status != 0 {
			line += fmt.Sprintf(" got %d", status)
		}
	}
	if !d.NextAttempt.IsZero() {
		line += ", next at " + d.NextAttempt.Format(time.RFC3339)
	}
	if d.Hint != "" {
		line += "; hint: " + d.Hint
	}
	return line
}

// DeliveryStatus is the state of a delivery.
type DeliveryStatus string

// The states of a delivery.
const (
	DeliveryPending   = DeliveryStatus(billing.DeliveryPending)   // waits for its turn or its next attempt
	DeliveryDelivered = DeliveryStatus(billing.DeliveryDelivered) // the receiver has responded with 2xx
	DeliveryGivenUp   = DeliveryStatus(billing.DeliveryGivenUp)   // after the last attempt, or because the webhook was deleted
	DeliveryRefused   = DeliveryStatus(billing.DeliveryRefused)   // never sent: [AllowWebhooks] does not name the host
)

// DeliveryAttempt is one try to deliver.
type DeliveryAttempt struct {
	At       time.Time // by the server's clock
	URL      string
	Header   http.Header // that Lava set, with the signature; nil if nothing was sent
	Status   int         // of the response; 0 without a response
	Response string      // the first KiB of the response's body
	Error    string      // why it failed; empty on success
	// Failure is the failure that a test armed for the attempt; empty if there was none.
	Failure WebhookFailureKind
}

// Deliveries returns the past and pending deliveries to the webhooks of all merchants,
// oldest first, with every attempt. At least the latest 10,000 completed deliveries are
// kept. Up to 10,000 deliveries wait for one webhook; if there are more, the oldest is
// given up.
func (s *Server) Deliveries() []Delivery {
	d, callOf := &s.deliveries, s.calls.causes(billing.EffectDelivery, "")
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Delivery, len(d.queue.Kept))
	for i, v := range d.queue.Kept {
		all[i] = s.showDelivery(v)
		all[i].CallID = callOf(billing.Effect{ID: v.ID})
	}
	return all
}

// showDelivery returns a delivery with secrets masked in the receiver's URL and response: a receiver may echo what it
// got.
func (s *Server) showDelivery(v billing.Delivery) Delivery {
	d := Delivery{
		ID: v.ID, MerchantID: v.MerchantID, WebhookID: v.WebhookID, Event: lava.WebhookEventType(v.Event), CustomerID: v.CustomerID,
		CreatedAt: v.CreatedAt, Body: slices.Clone(v.Body), Status: DeliveryStatus(v.Status), NextAttempt: v.NextAttempt,
	}
	for _, a := range v.Attempts {
		attempt := DeliveryAttempt{
			At: a.At, URL: s.maskURL(a.URL), Status: a.Status, Response: s.maskText(a.Response), Error: s.maskURL(a.Error), Failure: WebhookFailureKind(a.Failure),
		}
		if a.Signature != "" {
			attempt.Header = delivery.Header(a.Signature) // a signature is good for one body, so it is no secret
		}
		d.Attempts = append(d.Attempts, attempt)
	}
	d.Hint = d.hint()
	return d
}

// hint returns why the last attempt probably failed.
func (d Delivery) hint() string {
	if d.Status == DeliveryDelivered || len(d.Attempts) == 0 {
		return ""
	}
	last := d.Attempts[len(d.Attempts)-1]
	const unverified = "the receiver probably could not verify the signature: its secret is not the webhook's, or it verified a body that was parsed and encoded again, not the bytes that arrived"
	switch {
	case last.Failure != "":
		return "nothing is wrong with the receiver: a test armed this failure, " + strings.ReplaceAll(string(last.Failure), "_", " ")
	case last.Status == http.StatusBadRequest, last.Status == http.StatusUnauthorized:
		return unverified
	case last.Status == http.StatusForbidden:
		return unverified + "; protection against CSRF, which runs before the handler, responds with 403 too"
	case last.Status == http.StatusNotFound, last.Status == http.StatusMethodNotAllowed:
		return "the receiver has no handler for POST at this path: compare the webhook's URL with the receiver's routes"
	}
	return ""
}

// Resend sends a delivery again, regardless of its status: with the same id and
// body, after those that already wait, and with all its retries. It returns
// before the delivery is sent; see [Server.Settle].
func (s *Server) Resend(deliveryID string) error { return s.resend(deliveryID, "") }

// resend is Resend for a merchant's delivery, or any delivery if merchant is empty.
func (s *Server) resend(deliveryID, merchantID string) error {
	if !s.deliveries.resend(deliveryID, merchantID, s.Now()) {
		return toError(billing.Errorf(billing.CodeNotFound, "", "no delivery %q", deliveryID))
	}
	s.watchers.tell(ChangeDelivery, deliveryID)
	s.deliverDue()
	return nil
}

// Settle waits until everything that is due has been delivered to the webhooks,
// or has failed and waits for its next attempt. After it returns, a test sees all
// effects of its calls. A receiver must not call Settle, because it would wait
// for itself.
func (s *Server) Settle(ctx context.Context) error {
	_, err := s.settle(ctx)
	return err
}

// settle is Settle, and returns how many cycles have ended.
func (s *Server) settle(ctx context.Context) (ended int, err error) {
	for {
		// Even if nothing is due: after this returns, what another call has just carried out is published.
		n, _ := billing.Do(s.engine, s.Now(), billing.Advance{}) // it is never rejected
		ended += n
		s.deliverDue()
		working, closed := s.deliveries.working()
		switch {
		case closed:
			return ended, http.ErrServerClosed
		case working == nil:
			return ended, ctx.Err()
		}
		select {
		case <-working:
		case <-ctx.Done():
			return ended, ctx.Err()
		}
	}
}

// deliveries joins the queue, which is plain data, with the sender. A webhook has a goroutine only during an attempt
// to deliver to it.
type deliveries struct {
	receivers receivers

	mu     sync.Mutex
	queue  billing.Deliveries
	sender *delivery.Sender // created on the first attempt
	busy   map[string]bool  // webhooks with an attempt in progress
	active int              // goroutines that make attempts
	idle   chan struct{}    // closed when the last of them ends
	closed bool
	notice notice
}

// deliver queues an event for its webhooks. The engine calls it for one event at a time.
func (s *Server) deliver(e billing.Event) {
	body, err := encode(struct {
		Event billing.EventType `json:"event"`
		Data  customerBody      `json:"data"`
	}{e.Type, encodeCustomer(e.Customer)})
	if err != nil {
		panic(err) // can't fail: the engine's data is valid JSON
	}
	for _, id := range s.deliveries.add(*s.cfg.seed, e, body) {
		s.watchers.tell(ChangeDelivery, id)
	}
	s.deliverDue()
}

// deliverDue attempts what is due, except for webhooks with an attempt in progress.
func (s *Server) deliverDue() {
	d, now := &s.deliveries, s.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	for _, v := range d.queue.Due(now) {
		if d.busy[v.WebhookID] {
			continue
		}
		if d.sender == nil {
			d.receivers.allowed = s.cfg.webhookHosts
			d.sender, d.busy = delivery.NewSender(&d.receivers, s.cfg.webhookTimeout), map[string]bool{}
		}
		if d.active == 0 {
			d.idle = make(chan struct{})
		}
		d.active++
		d.busy[v.WebhookID] = true
		go s.attempt(d.sender, v, d.queue.Begin(v))
	}
}

// attempt tries to deliver, and continues with what is due afterwards.
func (s *Server) attempt(sender *delivery.Sender, v billing.Delivery, fault billing.DeliveryFailureKind) {
	s.deliveries.attempted(v, s.send(sender, v, fault), s.Now())
	s.watchers.tell(ChangeDelivery, v.ID)
	s.deliverDue()
	s.setAlarm()
	s.deliveries.leave()
}

// send sends a delivery to its webhook's current URL. Assumption webhook-moved. An armed fault looks like a real one.
func (s *Server) send(sender *delivery.Sender, v billing.Delivery, fault billing.DeliveryFailureKind) billing.DeliveryAttempt {
	at := s.Now()
	w, err := s.engine.Webhook(v.MerchantID, v.WebhookID)
	if err != nil {
		return billing.DeliveryAttempt{At: at, Error: "the webhook was deleted", Gone: true}
	}
	if fault == billing.AttemptUnreachable {
		return billing.DeliveryAttempt{At: at, URL: w.URL, Error: "connect: connection refused", Failure: fault}
	}
	secret := s.webhookSecrets.of(w, s.root)
	if fault == billing.AttemptWrongSignature {
		secret = "not " + secret
	}
	signature := delivery.Sign(v.Body, secret)
	o := sender.Post(w.URL, signature, v.Body)
	if fault == billing.AttemptTimedOut && o.Error == "" {
		o = delivery.Outcome{Error: sender.TimedOut()}
	}
	return billing.DeliveryAttempt{At: at, URL: w.URL, Signature: signature, Status: o.Status, Response: o.Response, Error: o.Error, Failure: fault, Refused: o.Refused}
}

// add queues an event, and returns the ids of its deliveries.
func (d *deliveries) add(seed uint64, e billing.Event, body []byte) (ids []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.Add(seed, e, body)
	d.notice.tell()
	for _, v := range d.queue.Kept[len(d.queue.Kept)-len(e.Webhooks):] {
		ids = append(ids, v.ID)
		if e.Trace != nil {
			e.Trace.Add(billing.Effect{Kind: billing.EffectDelivery, Due: e.Due, ID: v.ID})
		}
	}
	return ids
}

func (d *deliveries) resend(id, merchantID string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notice.tell()
	return d.queue.Resend(id, merchantID, now)
}

// attempted records an attempt. One that was cut off by close says nothing about the receiver.
func (d *deliveries) attempted(v billing.Delivery, a billing.DeliveryAttempt, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, v.WebhookID)
	if !d.closed {
		d.queue.Attempted(v.ID, a, now)
		d.notice.tell()
	}
}

// restore replaces the armed failures with those of a snapshot, and drops pending deliveries, which belong to the
// replaced state. An attempt in progress continues.
func (d *deliveries) restore(failures []billing.DeliveryFailure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.DropPending()
	d.queue.RestoreFailures(failures)
}

// forget removes a merchant's deliveries. An attempt in progress continues.
func (d *deliveries) forget(merchantID string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.Forget(merchantID)
}

// leave ends a goroutine after its attempt.
func (d *deliveries) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active--; d.active == 0 {
		close(d.idle)
	}
}

// working returns a channel that is closed when no attempt is in progress. It is nil if none is in progress now.
func (d *deliveries) working() (idle <-chan struct{}, closed bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.active == 0 {
		return nil, d.closed
	}
	return d.idle, d.closed
}

// nextDue returns when the next delivery can be tried, ignoring webhooks with an attempt in progress.
func (d *deliveries) nextDue() (time.Time, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return time.Time{}, false
	}
	return d.queue.NextDue(func(webhookID string) bool { return d.busy[webhookID] })
}

// next returns the delivery that is tried next, of one merchant or of all.
func (d *deliveries) next(merchantID string) (billing.Delivery, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.queue.Next(merchantID)
}

// close cuts off attempts in progress and waits until they have ended, including the receivers' handlers.
func (d *deliveries) close() error {
	d.mu.Lock()
	d.closed = true
	if d.sender != nil {
		d.sender.Close()
	}
	d.mu.Unlock()
	err := d.receivers.close()
	if idle, _ := d.working(); idle != nil {
		<-idle
	}
	return err
}
