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
	"log/slog"
	"net/http"
)

// WebhookSignatureHeader is the header that carries a delivery's signature.
const WebhookSignatureHeader = "X-Webhook-Signature"

const maxWebhookBody = 1 << 20

// WebhookEvent is the event in a delivery.
type WebhookEvent struct {
	Type     WebhookEventType
	Customer *Customer       // the customer at the time of the event; nil for unknown event types
	Data     json.RawMessage // the event's data, unchanged
}

// WebhookEventType is the type of an event.
type WebhookEventType string

// The event types.
const (
	EventCustomerCreated        WebhookEventType = "customer.created"
	EventCustomerBalanceUpdated WebhookEventType = "customer.wallet.balance.updated" // a charge, a payment, a renewal
	EventCustomerDeleted        WebhookEventType = "customer.deleted"                // Customer.Subscription is nil
)

// SignWebhook returns the signature of a delivery, the lower-case hex
// HMAC-SHA256 of its raw body. Lava signs its deliveries; use SignWebhook to
// test a handler.
func SignWebhook(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// ConstructEvent verifies a delivery and reads its event. The body must be the
// raw bytes as received; signature is the header [WebhookSignatureHeader]. The
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

// WebhookHandler is an [http.Handler] that receives webhook deliveries.
type WebhookHandler struct {
	// OnError, if set before the first delivery, is called with the reason why a
	// delivery was not handled: the error of the function that handles events, or the
	// reason for its rejection ([ErrWebhookSignature], [ErrWebhookBody],
	// [ErrWebhookSecret], or [http.MaxBytesError]). By default, errors are logged
	// with [slog]. The sender sees only the status.
	OnError func(r *http.Request, err error)

	secret Secret
	handle func(context.Context, WebhookEvent) error
}

// NewWebhookHandler returns a handler that verifies each delivery and calls handle
// with the event. If handle returns an error, the response is 500 and Lava delivers
// again later. A delivery with a wrong signature is rejected with 401, a malformed
// body with 400, and a body of more than 1 MiB with 413; these do not reach handle.
//
// Events have no id and no time. They may arrive twice, late, or after a newer
// event, so treat an event as a hint: read the customer again with
// [CustomersService.Retrieve], and store the result, not the event's Customer.
func NewWebhookHandler(secret string, handle func(context.Context, WebhookEvent) error) *WebhookHandler {
	return &WebhookHandler{secret: NewSecret(secret), handle: handle}
}

// ServeHTTP implements [http.Handler].
func (h *WebhookHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	if status, err := h.receive(w, r); err != nil {
		h.report(r, status, err)
		http.Error(w, http.StatusText(status), status)
	}
}

// receive handles a delivery and returns the status for its error.
func (h *WebhookHandler) receive(w http.ResponseWriter, r *http.Request) (int, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge, fmt.Errorf("lava: webhook: %w", err)
		}
		return http.StatusBadRequest, fmt.Errorf("%w: %w", ErrWebhookBody, err)
	}
	event, err := ConstructEvent(body, r.Header.Get(WebhookSignatureHeader), h.secret.Reveal())
	switch {
	case errors.Is(err, ErrWebhookSignature):
		return http.StatusUnauthorized, err
	case errors.Is(err, ErrWebhookBody):
		return http.StatusBadRequest, err
	case err != nil:
		return http.StatusInternalServerError, err
	}
	if err := h.handle(r.Context(), *event); err != nil {
		return http.StatusInternalServerError, fmt.Errorf("lava: webhook: %s was not handled: %w", event.Type, err)
	}
	return http.StatusOK, nil
}

func (h *WebhookHandler) report(r *http.Request, status int, err error) {
	if h.OnError != nil {
		h.OnError(r, err)
		return
	}
	level := slog.LevelWarn // anyone can cause a rejected delivery
	if status == http.StatusInternalServerError {
		level = slog.LevelError
	}
	slog.Log(r.Context(), level, "webhook delivery failed", "status", status, "error", Redact(err.Error()))
}
