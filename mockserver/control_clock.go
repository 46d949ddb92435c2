package mockserver

import (
	"time"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
)

var clockVerbs = []verb{
	{"clock.get", "clock", "GET", "clock", "Now", "shows the time on the server's clock", "", with(getClock)},
	{"clock.advance", "advance", "POST", "clock", "Advance AdvanceTo", "moves the clock forward, carries out what falls due on the way, and returns what happened", "30d", with(turnClock)},
	{"clock.next", "next", "GET", "clock/next", "NextDue", "shows what happens next: a renewal, cancellation, downgrade, delivery, or the end of a checkout session", "", with(getNextDue)},
	{"events.list", "events", "GET", "events", "Events", "lists the latest 100,000 events that Lava announces to webhooks", "", with(getEvents)},
}

type clockBody struct {
	Now     instant `json:"now"`
	Running bool    `json:"running"` // it follows Go's time
}

type eventBody struct {
	ID         string                `json:"event_id"`
	Type       lava.WebhookEventType `json:"type"`
	At         instant               `json:"at"`
	CustomerID string                `json:"customer_id"`
	CallID     string                `json:"call_id,omitzero"`
}

// encodeEvents encodes the events of a control call's merchant.
func (c *controlCall) encodeEvents(events []Event) []eventBody {
	body := []eventBody{}
	for _, e := range events {
		if e.MerchantID == c.merchant {
			body = append(body, eventBody{ID: e.ID, CallID: e.CallID, Type: e.Type, At: instant(e.At), CustomerID: e.CustomerID})
		}
	}
	return body
}

func (c *controlCall) clockBody(now time.Time) clockBody {
	return clockBody{instant(now), !c.server.clock.frozen}
}

func getClock(c *controlCall, _ none) (clockBody, error) { return c.clockBody(c.now), nil }

type turnClockInput struct {
	Advance *duration `json:"advance,omitempty" positional:"true" about:"the time to move forward by, such as 720h or 30d"`
	To      *moment   `json:"to,omitempty" about:"the time to move forward to instead, such as 2026-03-01T00:00:00Z"`
}

type turnClockBody struct {
	Now    instant     `json:"now"`
	Events []eventBody `json:"events"`
}

func turnClock(c *controlCall, in turnClockInput) (turnClockBody, error) {
	if (in.Advance == nil) == (in.To == nil) {
		return turnClockBody{}, billing.Invalid("advance", `give either "advance", such as "720h" or "30d", or "to", an RFC 3339 time`)
	}
	var j jump
	if in.Advance != nil {
		j = jumpBy(time.Duration(*in.Advance))
	} else {
		j = jumpTo(time.Time(*in.To))
	}
	events, err := c.server.advance(c.r.Context(), j)
	return turnClockBody{instant(c.server.Now()), c.encodeEvents(events)}, err
}

type dueBody struct {
	At         instant `json:"at"`
	Kind       DueKind `json:"kind"`
	CustomerID string  `json:"customer_id,omitzero"`
	ID         string  `json:"id"`
}

type nextDueInput struct {
	Kind DueKind `json:"kind,omitempty" allowed:"renewal cancellation downgrade checkout_session_expiry delivery" about:"the kind; by default any"`
}

type nextDueBody struct {
	Now  instant  `json:"now"`
	Next *dueBody `json:"next"`
}

func getNextDue(c *controlCall, in nextDueInput) (nextDueBody, error) {
	body := nextDueBody{Now: instant(c.now)}
	var kinds []DueKind
	if in.Kind != "" {
		kinds = append(kinds, in.Kind)
	}
	if d, ok := c.server.upcoming(c.merchant, kinds); ok {
		body.Next = &dueBody{instant(d.At), d.Kind, d.CustomerID, d.ID}
	}
	return body, nil
}

func getEvents(c *controlCall, _ none) (dataBody[eventBody], error) {
	return dataBody[eventBody]{c.encodeEvents(c.server.Events())}, nil
}
