package mockserver

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

// controlPrefix is where a server is controlled over HTTP, for programs that
// can't call its methods. Lava itself has nothing there.
const controlPrefix = "/_mock/"

// controlCall is a request to a control endpoint. These endpoints alone hold the
// server, because they mirror its methods.
type controlCall struct {
	*call
	server *Server
}

// controlRoutes mirror methods of Server. They need no key; with one they speak
// for its merchant, without for the first.
var controlRoutes = newRouter([]route[func(*controlCall) (any, error)]{
	{"clock.get", "GET", "clock", open, 200, getClock},
	{"clock.advance", "POST", "clock", open, 200, turnClock},
	{"events.list", "GET", "events", open, 200, getEvents},
	{"payments.list", "GET", "payments", open, 200, getPayments},
	{"snapshot.get", "GET", "snapshot", open, 200, getSnapshot},
	{"snapshot.restore", "POST", "snapshot", open, 200, postSnapshot},
	{"customers.ledger", "GET", "customers/{id}/ledger", open, 200, getLedger},
	{"checkout_sessions.complete", "POST", "checkout_sessions/{id}/complete", open, 200, completeCheckout},
	{"deliveries.list", "GET", "deliveries", open, 200, getDeliveries},
	{"deliveries.resend", "POST", "deliveries/{id}/resend", open, 200, resendDelivery},
	{"settle", "POST", "settle", open, 200, settle},
})

// serveControl responds to a request to a control endpoint.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(requestIDHeader, s.newRequestID())
	status, body, err := s.callControl(w, r)
	s.respond(w, r, status, body, err)
}

func (s *Server) callControl(w http.ResponseWriter, r *http.Request) (status int, body any, err error) {
	if err := s.guardControl(r); err != nil {
		return 0, nil, err
	}
	rt, id, err := controlRoutes.match(strings.TrimPrefix(r.URL.EscapedPath(), controlPrefix), w, r)
	if err != nil {
		return 0, nil, err
	}
	c := s.newCall(r, s.merchant.ID())
	c.id = id
	if key := bearer(r); key != "" {
		if c.merchant, err = c.merchantByKey(key); err != nil {
			return 0, nil, err
		}
	}
	body, err = rt.handle(&controlCall{c, s})
	return rt.status, body, err
}

// decodeControl reads the JSON object in the body of a control call. No body is an
// empty one. A key that is unknown is rejected, unlike by Lava: to leave out what a
// test asked for would make it pass for the wrong reason.
func decodeControl[T any](c *controlCall) (T, error) {
	var v T
	body, err := readBody(c.r, maxBody)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return v, err
	}
	if err := decodeJSON(body, &v); err != nil {
		return v, err
	}
	var known []string
	for i := range reflect.TypeFor[T]().NumField() {
		known = append(known, reflect.TypeFor[T]().Field(i).Tag.Get("json"))
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(body, &given); err != nil {
		return v, billing.Errorf(billing.CodeInvalidRequest, "", "the body can't be read: %v", err)
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(known, key) {
			return v, billing.Errorf(billing.CodeInvalidRequest, "", "there is no field %.40q; did you mean %q?", key, nearest(key, known)[0])
		}
	}
	return v, nil
}

type clockBody struct {
	Now instant `json:"now"`
}

type eventBody struct {
	Type       lava.WebhookEventType `json:"type"`
	At         instant               `json:"at"`
	CustomerID string                `json:"customer_id"`
}

// encodeEvents encodes the events of the merchant for whom a call speaks.
func (c *controlCall) encodeEvents(events []Event) []eventBody {
	body := []eventBody{}
	for _, e := range events {
		if e.MerchantID == c.merchant {
			body = append(body, eventBody{Type: e.Type, At: instant(e.At), CustomerID: e.CustomerID})
		}
	}
	return body
}

func getClock(c *controlCall) (any, error) { return clockBody{Now: instant(c.now)}, nil }

func turnClock(c *controlCall) (any, error) {
	in, err := decodeControl[struct {
		Advance string `json:"advance"`
		To      string `json:"to"`
	}](c)
	if err != nil {
		return nil, err
	}
	var j jump
	switch {
	case (in.Advance == "") == (in.To == ""):
		return nil, invalid("advance", `give either "advance", such as "720h", or "to", an RFC 3339 time`)
	case in.Advance != "":
		d, err := time.ParseDuration(in.Advance)
		if err != nil || d < 0 {
			return nil, invalid("advance", "%.40q is not a duration such as \"720h\", and the clock does not go back", in.Advance)
		}
		j = jumpBy(d)
	default:
		t, err := time.Parse(time.RFC3339, in.To)
		if err != nil {
			return nil, invalid("to", "%.40q is not an RFC 3339 time", in.To)
		}
		j = jumpTo(t)
	}
	events, err := c.server.advance(c.r.Context(), j)
	return struct {
		Now    instant     `json:"now"`
		Events []eventBody `json:"events"`
	}{instant(c.server.Now()), c.encodeEvents(events)}, err
}

func getEvents(c *controlCall) (any, error) {
	return struct {
		Data []eventBody `json:"data"`
	}{c.encodeEvents(c.server.Events())}, nil
}

func getLedger(c *controlCall) (any, error) {
	entries, err := c.engine.Ledger(c.merchant, c.id)
	body := struct {
		Data []ledgerEntryBody `json:"data"`
	}{make([]ledgerEntryBody, len(entries))}
	for i, e := range entries {
		body.Data[i] = ledgerEntryBody{
			At: instant(e.At), Kind: e.Kind, Cause: e.Cause, Cycle: e.Change.Cycle, Bundle: e.Change.Bundle,
			CycleBalance: e.Balance.Cycle, BundleBalance: e.Balance.Bundle,
		}
	}
	return body, err
}

type ledgerEntryBody struct {
	At            instant           `json:"at"`
	Kind          billing.EntryKind `json:"kind"`
	Cycle         billing.Amount    `json:"cycle"`
	Bundle        billing.Amount    `json:"bundle"`
	CycleBalance  billing.Amount    `json:"cycle_balance"`
	BundleBalance billing.Amount    `json:"bundle_balance"`
	Cause         string            `json:"cause"`
}

func getPayments(c *controlCall) (any, error) {
	payments, err := c.engine.Payments(c.merchant)
	body := struct {
		Data []paymentBody `json:"data"`
	}{make([]paymentBody, len(payments))}
	for i, p := range payments {
		body.Data[i] = paymentBody{
			ID: p.ID, CustomerID: p.CustomerID, Purpose: p.Purpose, Amount: p.Amount, Status: p.Status,
			DeclineReason: p.DeclineReason, CardLast4: p.CardLast4, Cause: p.Cause, CreatedAt: instant(p.CreatedAt),
		}
	}
	return body, err
}

type paymentBody struct {
	ID            string                 `json:"payment_id"`
	CustomerID    string                 `json:"customer_id,omitzero"`
	Purpose       billing.PaymentPurpose `json:"purpose"`
	Amount        billing.Amount         `json:"amount"`
	Status        billing.PaymentStatus  `json:"status"`
	DeclineReason billing.DeclineReason  `json:"decline_reason,omitzero"`
	CardLast4     string                 `json:"card_last4,omitzero"`
	Cause         string                 `json:"cause"`
	CreatedAt     instant                `json:"created_at"`
}

func getSnapshot(c *controlCall) (any, error) {
	data, err := c.server.Snapshot()
	return json.RawMessage(data), err
}

func postSnapshot(c *controlCall) (any, error) {
	data, err := readBody(c.r, maxSnapshot)
	if err != nil {
		return nil, err
	}
	if err := c.server.Restore(data); err != nil {
		return nil, billing.Errorf(billing.CodeInvalidRequest, "", "%v", err)
	}
	return clockBody{Now: instant(c.server.Now())}, nil
}

func completeCheckout(c *controlCall) (any, error) {
	in, err := decodeControl[struct {
		Phone string `json:"phone"`
		Card  string `json:"card"`
	}](c)
	if err != nil {
		return nil, err
	}
	id, err := c.server.CompleteCheckout(c.r.Context(), c.id, Checkout(in))
	return struct {
		CheckoutSessionID string `json:"checkout_session_id"`
		CustomerID        string `json:"customer_id"`
	}{c.id, id}, err
}

func getDeliveries(c *controlCall) (any, error) {
	body := struct {
		Data []deliveryBody `json:"data"`
	}{[]deliveryBody{}}
	for _, d := range c.server.Deliveries() {
		if d.MerchantID != c.merchant {
			continue
		}
		attempts := make([]attemptBody, len(d.Attempts))
		for i, a := range d.Attempts {
			attempts[i] = attemptBody{At: instant(a.At), URL: a.URL, Status: a.Status, Answer: a.Answer, Error: a.Error}
		}
		body.Data = append(body.Data, deliveryBody{
			ID: d.ID, WebhookID: d.WebhookID, Event: d.Event, CustomerID: d.CustomerID, Status: d.Status,
			Attempts: attempts, NextAttemptAt: instantOrNull(d.NextAttempt), Body: d.Body, CreatedAt: instant(d.CreatedAt),
		})
	}
	return body, nil
}

type deliveryBody struct {
	ID            string                `json:"delivery_id"`
	WebhookID     string                `json:"webhook_id"`
	Event         lava.WebhookEventType `json:"event"`
	CustomerID    string                `json:"customer_id"`
	Status        DeliveryStatus        `json:"status"`
	Attempts      []attemptBody         `json:"attempts"`
	NextAttemptAt *instant              `json:"next_attempt_at"`
	Body          json.RawMessage       `json:"body"`
	CreatedAt     instant               `json:"created_at"`
}

type attemptBody struct {
	At     instant `json:"at"`
	URL    string  `json:"url"`
	Status int     `json:"status,omitzero"`
	Answer string  `json:"answer,omitzero"`
	Error  string  `json:"error,omitzero"`
}

func resendDelivery(c *controlCall) (any, error) {
	return successBody{Success: true}, c.server.resend(c.id, c.merchant)
}

func settle(c *controlCall) (any, error) {
	return successBody{Success: true}, c.server.Settle(c.r.Context())
}
