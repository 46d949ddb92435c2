package mockserver

import (
	"encoding/json"
	"net/http"

	"github.com/lavapayments/lava-go"
)

var deliveryVerbs = []verb{
	{"deliveries.list", "deliveries", "GET", "deliveries", "Deliveries", "lists what was sent to webhooks, with every attempt", "", with(getDeliveries)},
	{"deliveries.resend", "", "POST", "deliveries/{id}/resend", "Resend", "sends a delivery again", "$DELIVERY_ID", with(resendDelivery)},
	{"deliveries.settle", "settle", "POST", "settle", "Settle", "waits until everything that is due has been delivered", "", with(settle)},
}

type deliveryInput struct {
	ID string `json:"id" positional:"true" about:"the delivery's id"`
}

type deliveryBody struct {
	ID            string                `json:"delivery_id"`
	CallID        string                `json:"call_id,omitzero"`
	WebhookID     string                `json:"webhook_id"`
	Event         lava.WebhookEventType `json:"event"`
	CustomerID    string                `json:"customer_id"`
	Status        DeliveryStatus        `json:"status"`
	Attempts      []attemptBody         `json:"attempts"`
	NextAttemptAt *instant              `json:"next_attempt_at"`
	Body          json.RawMessage       `json:"body"`
	CreatedAt     instant               `json:"created_at"`
	Hint          string                `json:"hint,omitzero"`
	Line          string                `json:"line"` // what the command line prints
}

type attemptBody struct {
	At       instant            `json:"at"`
	URL      string             `json:"url"`
	Header   http.Header        `json:"header,omitempty"`
	Status   int                `json:"status,omitzero"`
	Response string             `json:"response,omitzero"`
	Error    string             `json:"error,omitzero"`
	Failure  WebhookFailureKind `json:"failure,omitzero"`
}

func getDeliveries(c *controlCall, _ none) (dataBody[deliveryBody], error) {
	body := dataBody[deliveryBody]{[]deliveryBody{}}
	for _, d := range c.server.Deliveries() {
		if d.MerchantID == c.merchant {
			body.Data = append(body.Data, c.encodeDelivery(d))
		}
	}
	return body, nil
}

// encodeDelivery encodes a delivery. Secrets that ended up in its data are masked, as in calls.
func (c *controlCall) encodeDelivery(d Delivery) deliveryBody {
	attempts := make([]attemptBody, len(d.Attempts))
	for i, a := range d.Attempts {
		attempts[i] = attemptBody{instant(a.At), a.URL, a.Header, a.Status, a.Response, a.Error, a.Failure}
	}
	return deliveryBody{
		ID: d.ID, CallID: d.CallID, WebhookID: d.WebhookID, Event: d.Event, CustomerID: d.CustomerID, Status: d.Status,
		Attempts: attempts, NextAttemptAt: instantOrNull(d.NextAttempt), Body: c.server.maskBody(nil, d.Body), CreatedAt: instant(d.CreatedAt), Hint: d.Hint, Line: d.String(),
	}
}

func resendDelivery(c *controlCall, in deliveryInput) (successBody, error) {
	return successBody{Success: true}, c.server.resend(in.ID, c.merchant)
}

func settle(c *controlCall, _ none) (successBody, error) {
	return successBody{Success: true}, c.server.Settle(c.r.Context())
}
