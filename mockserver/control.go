package mockserver

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// controlPrefix is where a server is controlled over HTTP, for programs that
// can't call its methods. Lava itself has nothing there.
const controlPrefix = "/_mock/"

// controlRoutes mirror methods of Server. They need no key; with one they speak
// for its merchant, else for the first.
var controlRoutes = newRouter([]route{
	{"GET", "clock", 200, getClock},
	{"POST", "clock", 200, turnClock},
	{"GET", "events", 200, getEvents},
	{"GET", "payments", 200, getPayments},
	{"GET", "snapshot", 200, getSnapshot},
	{"POST", "snapshot", 200, postSnapshot},
	{"GET", "customers/{id}/ledger", 200, getLedger},
	{"POST", "checkout_sessions/{id}/complete", 200, completeCheckout},
	{"GET", "deliveries", 200, getDeliveries},
	{"POST", "deliveries/{id}/resend", 200, resendDelivery},
	{"POST", "settle", 200, settle},
})

// serveControl answers a request to a control endpoint.
func (s *Server) serveControl(w http.ResponseWriter, r *http.Request) (status int, body any, err error) {
	if err := s.guard(r); err != nil {
		return 0, nil, err
	}
	rt, id, err := controlRoutes.match(strings.TrimPrefix(r.URL.EscapedPath(), controlPrefix), w, r)
	if err != nil {
		return 0, nil, err
	}
	c := &call{Server: s, r: r, id: id, merchant: s.merchant.ID()}
	if key := bearer(r); key != "" {
		if c.merchant, err = s.merchantByKey(key); err != nil {
			return 0, nil, err
		}
	}
	c.now = s.tick()
	body, err = rt.handle(c)
	return rt.status, body, err
}

// Mount lets handler answer the paths of pattern, which is one of [http.ServeMux]
// such as "/mcp", besides what the server answers by itself. As with all that is
// not Lava's, only this machine and allowed hosts reach it.
func (s *Server) Mount(pattern string, handler http.Handler) {
	s.mounted.Handle(pattern, handler)
}

// serveMounted answers requests for what was mounted, and only those.
func (s *Server) serveMounted(w http.ResponseWriter, r *http.Request) bool {
	if _, pattern := s.mounted.Handler(r); pattern == "" {
		return false
	}
	if err := s.guard(r); err != nil {
		s.writeError(w, r, err)
		return true
	}
	w.Header().Del(requestIDHeader)
	s.mounted.ServeHTTP(w, r)
	return true
}

// guard refuses requests that a web page on another host has made: any page can
// reach a port of this machine, also under a name of its own that points here.
func (s *Server) guard(r *http.Request) error {
	if !s.isOwnHost(r.Host) {
		return billing.Errorf(billing.CodeForbidden, "", "the host %.100q is not this server's: use a loopback address, or allow the host by option", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !s.isOwnHost(u.Host) {
			return billing.Errorf(billing.CodeForbidden, "", "pages of the origin %.100q may not control this server", origin)
		}
	}
	return nil
}

func (s *Server) isOwnHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return true
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(s.cfg.allowedHosts, host) {
		return true
	}
	public, err := url.Parse(s.cfg.publicURL)
	return err == nil && public.Hostname() != "" && public.Hostname() == host
}

type clockBody struct {
	Now instant `json:"now"`
}

type eventBody struct {
	Type       EventType `json:"type"`
	At         instant   `json:"at"`
	CustomerID string    `json:"customer_id"`
}

func encodeEvents(events []Event) []eventBody {
	body := make([]eventBody, len(events))
	for i, e := range events {
		body[i] = eventBody{Type: e.Type, At: instant(e.At), CustomerID: e.CustomerID}
	}
	return body
}

func getClock(c *call) (any, error) { return clockBody{Now: instant(c.now)}, nil }

func turnClock(c *call) (any, error) {
	in, err := decode[struct {
		Advance string `json:"advance"`
		To      string `json:"to"`
	}](c)
	if err != nil {
		return nil, err
	}
	to := c.now
	switch {
	case (in.Advance == "") == (in.To == ""):
		return nil, invalid("advance", `give either "advance", such as "720h", or "to", an RFC 3339 time`)
	case in.Advance != "":
		d, err := time.ParseDuration(in.Advance)
		if err != nil || d < 0 {
			return nil, invalid("advance", "%.40q is not a duration such as \"720h\", and the clock does not go back", in.Advance)
		}
		to = to.Add(d)
	default:
		if to, err = time.Parse(time.RFC3339, in.To); err != nil {
			return nil, invalid("to", "%.40q is not an RFC 3339 time", in.To)
		}
		if to.Before(c.now) {
			return nil, invalid("to", "%s is past: the clock is at %s and does not go back", in.To, c.now.Format(time.RFC3339))
		}
	}
	events := c.advanceTo(to)
	return struct {
		Now    instant     `json:"now"`
		Events []eventBody `json:"events"`
	}{instant(c.Now()), encodeEvents(events)}, nil
}

func getEvents(c *call) (any, error) {
	return struct {
		Data []eventBody `json:"data"`
	}{encodeEvents(c.Events())}, nil
}

func getLedger(c *call) (any, error) {
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

func getPayments(c *call) (any, error) {
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

func getSnapshot(c *call) (any, error) {
	data, err := c.Snapshot()
	return json.RawMessage(data), err
}

func postSnapshot(c *call) (any, error) {
	data, err := readBody(c.r, maxSnapshot)
	if err != nil {
		return nil, err
	}
	if err := c.Restore(data); err != nil {
		return nil, billing.Errorf(billing.CodeInvalidRequest, "", "%v", err)
	}
	return clockBody{Now: instant(c.Now())}, nil
}

func completeCheckout(c *call) (any, error) {
	in, err := decode[struct {
		Phone string `json:"phone"`
		Card  string `json:"card"`
	}](c)
	if err != nil {
		return nil, err
	}
	id, err := c.CompleteCheckout(c.r.Context(), c.id, Checkout(in))
	return struct {
		CheckoutSessionID string `json:"checkout_session_id"`
		CustomerID        string `json:"customer_id"`
	}{c.id, id}, err
}

func getDeliveries(c *call) (any, error) {
	body := struct {
		Data []deliveryBody `json:"data"`
	}{[]deliveryBody{}}
	for _, d := range c.Deliveries() {
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
	ID            string          `json:"delivery_id"`
	WebhookID     string          `json:"webhook_id"`
	Event         EventType       `json:"event"`
	CustomerID    string          `json:"customer_id"`
	Status        DeliveryStatus  `json:"status"`
	Attempts      []attemptBody   `json:"attempts"`
	NextAttemptAt *instant        `json:"next_attempt_at"`
	Body          json.RawMessage `json:"body"`
	CreatedAt     instant         `json:"created_at"`
}

type attemptBody struct {
	At     instant `json:"at"`
	URL    string  `json:"url"`
	Status int     `json:"status,omitzero"`
	Answer string  `json:"answer,omitzero"`
	Error  string  `json:"error,omitzero"`
}

func resendDelivery(c *call) (any, error) {
	return successBody{Success: true}, c.Resend(c.id)
}

func settle(c *call) (any, error) {
	return successBody{Success: true}, c.Settle(c.r.Context())
}
