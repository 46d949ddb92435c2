package lava

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// WebhookSignatureHeader is the header that carries a delivery's signature.
const WebhookSignatureHeader = "X-Webhook-Signature"

const maxWebhookBody = 1 << 20

// WebhookEvent is what a delivery tells.
type WebhookEvent struct {
	Type     WebhookEventType
	Customer *Customer       // the customer as it was at the event; nil for event types that this package does not know
	Data     json.RawMessage // the event's data as it came
}

// WebhookEventType says what happened.
type WebhookEventType string

// The event types.
const (
	EventCustomerCreated        WebhookEventType = "customer.created"
	EventCustomerBalanceUpdated WebhookEventType = "customer.wallet.balance.updated" // a charge, a payment, a renewal
	EventCustomerDeleted        WebhookEventType = "customer.deleted"                // Customer.Subscription is nil
)

// SignWebhook returns the signature of a delivery, the lower-case hex
// HMAC-SHA256 of its raw body. Lava computes it; use it to test a handler.
func SignWebhook(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// ConstructEvent verifies a delivery and reads its event. The body must be the
// raw bytes, as received; signature is the header [WebhookSignatureHeader]. The
// errors are [ErrWebhookSignature], [ErrWebhookBody] and, for an empty secret,
// [ErrWebhookSecret].
func ConstructEvent(body []byte, signature, secret string) (*WebhookEvent, error) {
	if secret == "" {
		return nil, ErrWebhookSecret
	}
	if !hmac.Equal([]byte(SignWebhook(body, secret)), []byte(signature)) {
		return nil, ErrWebhookSignature
	}
	var delivery struct {
		Event WebhookEventType `json:"event"`
		Data  json.RawMessage  `json:"data"`
	}
	if err := json.Unmarshal(body, &delivery); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWebhookBody, err)
	}
	if delivery.Event == "" {
		return nil, fmt.Errorf("%w: it has no event", ErrWebhookBody)
	}
	event := &WebhookEvent{Type: delivery.Event, Data: delivery.Data}
	switch event.Type {
	case EventCustomerCreated, EventCustomerBalanceUpdated, EventCustomerDeleted:
		if err := json.Unmarshal(event.Data, &event.Customer); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWebhookBody, err)
		}
		if event.Customer == nil {
			return nil, fmt.Errorf("%w: %s has no customer", ErrWebhookBody, event.Type)
		}
	}
	return event, nil
}

// NewWebhookHandler returns a handler for the address of a webhook: it verifies
// each delivery and calls handle with the event. If handle returns an error, the
// response is 500 and Lava delivers again later, so handle must be able to see an
// event twice.
//
// A delivery of more than 1 MiB, with a wrong signature or a malformed body is
// rejected and does not reach handle.
func NewWebhookHandler(secret string, handle func(context.Context, WebhookEvent) error) http.Handler {
	hidden := hide(secret)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := receive(w, r, hidden(), handle); status != http.StatusOK {
			http.Error(w, http.StatusText(status), status)
		}
	})
}

func receive(w http.ResponseWriter, r *http.Request, secret string, handle func(context.Context, WebhookEvent) error) int {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	event, err := ConstructEvent(body, r.Header.Get(WebhookSignatureHeader), secret)
	switch {
	case errors.Is(err, ErrWebhookSignature):
		return http.StatusUnauthorized
	case errors.Is(err, ErrWebhookBody):
		return http.StatusBadRequest
	case err != nil:
		return http.StatusInternalServerError
	}
	if handle(r.Context(), *event) != nil {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}
