package dashboard

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/lavapayments/lava-go/mockserver"
)

// result is a line about the result of a verb, with a link if it has a page.
type result struct{ Text, Link string }

// moment counts what had happened before a verb.
type moment struct{ events, payments, attempts int }

func (v *visit) moment() moment {
	m := moment{events: len(v.events()), payments: len(v.merchant.Payments())}
	for _, d := range v.deliveries() {
		m.attempts += len(d.Attempts)
	}
	return m
}

// events returns the merchant's events, oldest first.
func (v *visit) events() []mockserver.Event {
	return slices.DeleteFunc(v.server.Events(), func(e mockserver.Event) bool { return e.MerchantID != v.merchant.ID() })
}

// shownResults limits how many events, and how many payments, are listed.
const shownResults = 5

// results describes the result of a verb in a few lines: its response, and what has happened since before it.
func (v *visit) results(name string, args url.Values, body []byte, before moment) (lines []result) {
	v.now = v.server.Now()
	switch name {
	case "clock.advance":
		lines = append(lines, result{Text: "The clock is at " + v.now.UTC().Format(exactTime) + "."})
	case "scenarios.create", "checkout_sessions.complete":
		var made struct {
			CustomerID string `json:"customer_id"`
		}
		if json.Unmarshal(body, &made) == nil && made.CustomerID != "" {
			lines = append(lines, result{"The customer is " + v.nameOf(made.CustomerID), v.base + "customers/" + url.PathEscape(made.CustomerID)})
		}
		return lines
	case "deliveries.resend":
		return append(lines, v.waitsBehind(args.Get("id"))...)
	case "deliveries.settle":
		lines = v.stillWaiting()
	case "triggers.run":
	default:
		return nil
	}
	return append(lines, v.since(before)...)
}

// since describes what has happened since a moment.
func (v *visit) since(before moment) (lines []result) {
	now := v.moment()
	payments := v.merchant.Payments()[min(before.payments, now.payments):]
	for i, p := range payments {
		if i == shownResults {
			lines = append(lines, result{Text: "… and " + count(len(payments)-i, "more payment")})
			break
		}
		outcome := "paid"
		if p.Declined {
			outcome = "declined, " + words(p.DeclineReason)
		}
		lines = append(lines, v.about(fmt.Sprintf("%s of %s %s", words(string(p.Purpose)), money(p.Amount), outcome), p.CustomerID))
	}
	events := v.events()[min(before.events, now.events):]
	for i, e := range events {
		if i == shownResults {
			lines = append(lines, result{Text: "… and " + count(len(events)-i, "more event")})
			break
		}
		lines = append(lines, v.about(string(e.Type), e.CustomerID))
	}
	if n := now.attempts - before.attempts; n > 0 {
		lines = append(lines, result{count(n, "attempt") + " to deliver to webhooks", v.base + "webhooks"})
	}
	if len(payments)+len(events) == 0 && now.attempts <= before.attempts {
		lines = append(lines, result{Text: "No event has happened."})
	}
	return lines
}

// about returns a line with the name of a customer, if there is one.
func (v *visit) about(text, customerID string) result {
	if customerID == "" {
		return result{Text: text}
	}
	return result{text + ": " + v.nameOf(customerID), v.base + "customers/" + url.PathEscape(customerID)}
}

// waitsBehind describes what a delivery waits for: a webhook's deliveries are sent in order.
func (v *visit) waitsBehind(id string) []result {
	deliveries := v.deliveries()
	i := slices.IndexFunc(deliveries, func(d mockserver.Delivery) bool { return d.ID == id && d.Status == mockserver.DeliveryPending })
	if i < 0 {
		return nil
	}
	for _, d := range deliveries {
		if d.WebhookID == deliveries[i].WebhookID && d.ID != id && d.Status == mockserver.DeliveryPending && d.NextAttempt.After(v.now) {
			return []result{{"It waits behind " + short(d.ID) + ", which is tried again at " + d.NextAttempt.UTC().Format(exactTime) + ": move the clock to that time, or resend that one", v.base + "deliveries/" + url.PathEscape(d.ID)}}
		}
	}
	return nil
}

// stillWaiting describes what is left after everything due has been sent.
func (v *visit) stillWaiting() []result {
	waiting := 0
	for _, d := range v.deliveries() {
		if d.Status == mockserver.DeliveryPending {
			waiting++
		}
	}
	if waiting == 0 {
		return []result{{Text: "Nothing waits any more."}}
	}
	line := number(waiting) + " of the deliveries still waiting"
	if next, ok := v.merchant.NextDue(mockserver.DueDelivery); ok && next.At.After(v.now) {
		line += "; the next attempt is at " + next.At.UTC().Format(exactTime)
	}
	return []result{{Text: line + "."}}
}
