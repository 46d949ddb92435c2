package mockserver

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

var waitVerbs = []verb{
	{"wait", "", "GET", "wait", "WaitForCalls", "waits for a matching call, event or delivery, including earlier ones; fails on timeout", "call endpoint=customers.create status=201 timeout=30s", with(waitFor)},
}

type waitInput struct {
	For      string   `json:"for" positional:"true" allowed:"call event delivery" about:"what to wait for"`
	Endpoint string   `json:"endpoint,omitempty" about:"the endpoint of a call, such as customers.create"`
	Type     string   `json:"type,omitempty" allowed:"customer.created customer.wallet.balance.updated customer.deleted" about:"the type of an event or delivery"`
	Customer string   `json:"customer,omitempty" about:"the customer that it is about, by id or reference id"`
	Status   string   `json:"status,omitempty" about:"the status of a call, such as 201, or of a delivery: pending, delivered, given_up or refused"`
	Times    int      `json:"times,omitempty" about:"how many to wait for; by default 1"`
	Timeout  duration `json:"timeout,omitempty" about:"how long to wait; by default 10s, at most 60s"`
}

// waitBody contains the last of the awaited items.
type waitBody struct {
	Call     *callBody     `json:"call,omitzero"`
	Event    *eventBody    `json:"event,omitzero"`
	Delivery *deliveryBody `json:"delivery,omitzero"`
}

const (
	usualWait   = 10 * time.Second
	codeTimeout = "timeout" // like the next one, for control endpoints only: Lava has no such code
	codeClosed  = "closed"
)

func waitFor(c *controlCall, in waitInput) (waitBody, error) {
	within := cmp.Or(time.Duration(in.Timeout), usualWait)
	if err := in.check(within); err != nil {
		return waitBody{}, err
	}
	timeout := time.NewTimer(within)
	defer timeout.Stop()
	for {
		changed := in.changed(c.server)
		met, others := in.look(c)
		if len(met) >= max(1, in.Times) {
			return met[len(met)-1], nil
		}
		select {
		case <-changed:
		case <-timeout.C:
			return waitBody{}, &Error{
				Status: http.StatusRequestTimeout, Code: codeTimeout,
				Message: fmt.Sprintf("after %v, %d of %d matched; %d others did not: %s", within, len(met), max(1, in.Times), others, in.listedBy()),
			}
		case <-c.server.closing:
			return waitBody{}, errClosed()
		case <-c.r.Context().Done():
			return waitBody{}, c.r.Context().Err()
		}
	}
}

// errClosed ends a wait that can't succeed any more.
func errClosed() error {
	return &Error{Status: http.StatusServiceUnavailable, Code: codeClosed, Message: "the server was closed while waiting"}
}

func (in waitInput) check(within time.Duration) error {
	switch {
	case within > longestWait:
		return billing.Invalid("timeout", "%s is more than %s", within, longestWait)
	case in.Times < 0:
		return billing.Invalid("times", "%d is negative", in.Times)
	case in.Endpoint != "" && in.For != "call":
		return billing.Invalid("endpoint", "applies to calls only")
	case in.Type != "" && in.For == "call":
		return billing.Invalid("type", "applies to events and deliveries only")
	case in.Endpoint != "":
		if err := Endpoint(in.Endpoint).check(); err != nil {
			return billing.Invalid("endpoint", "%s", err)
		}
	}
	if in.Status == "" {
		return nil
	}
	switch in.For {
	case "call":
		if n, err := strconv.Atoi(in.Status); err != nil || n < 100 || n > 599 {
			return billing.Invalid("status", "%.40q is not the status of a call, such as 201", in.Status)
		}
	case "event":
		return billing.Invalid("status", "applies to calls and deliveries only")
	case "delivery":
		switch DeliveryStatus(in.Status) {
		case DeliveryPending, DeliveryDelivered, DeliveryGivenUp, DeliveryRefused:
		default:
			return billing.Invalid("status", "%.40q is not one of pending, delivered, given_up, refused", in.Status)
		}
	}
	return nil
}

// listedBy names the verb that lists the existing items.
func (in waitInput) listedBy() string {
	return map[string]string{"call": "calls.list", "event": "events.list", "delivery": "deliveries.list"}[in.For] + " shows them"
}

// changed is closed when there is something new.
func (in waitInput) changed(s *Server) <-chan struct{} {
	switch in.For {
	case "event":
		s.events.mu.Lock()
		defer s.events.mu.Unlock()
		return s.events.notice.wait()
	case "delivery":
		s.deliveries.mu.Lock()
		defer s.deliveries.mu.Unlock()
		return s.deliveries.notice.wait()
	}
	return s.calls.changed()
}

// look returns the matching items, and how many don't match.
func (in waitInput) look(c *controlCall) (met []waitBody, others int) {
	add := func(fits bool, body waitBody) {
		if fits {
			met = append(met, body)
		} else {
			others++
		}
	}
	about := c.isAbout(in.Customer)
	switch in.For {
	case "call":
		for _, call := range c.server.Calls() {
			if c.sees(call) {
				body := encodeCall(call)
				add(about(call.CustomerID, call.ReferenceID) && (in.Endpoint == "" || in.Endpoint == string(call.Endpoint)) && (in.Status == "" || in.Status == strconv.Itoa(call.Status)), waitBody{Call: &body})
			}
		}
	case "event":
		for _, body := range c.encodeEvents(c.server.Events()) {
			add(about(body.CustomerID, "") && (in.Type == "" || body.Type == lava.WebhookEventType(in.Type)), waitBody{Event: &body})
		}
	case "delivery":
		for _, d := range c.server.Deliveries() {
			if d.MerchantID == c.merchant {
				body := c.encodeDelivery(d)
				add(about(d.CustomerID, "") && (in.Type == "" || string(d.Event) == in.Type) && (in.Status == "" || string(d.Status) == in.Status), waitBody{Delivery: &body})
			}
		}
	}
	return met, others
}
