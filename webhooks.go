package lava

import (
	"context"
	"iter"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// WebhooksService manages the addresses to which Lava sends events. To receive
// them, see [NewWebhookHandler].
type WebhooksService service

func webhook(webhookID string) endpoint { return item("webhooks", "webhookID", webhookID) }

// Create registers an address; there can be three. Only this response contains
// the secret that signs the deliveries. Store what its Reveal returns, because
// fmt writes [redacted], even to a file.
//
//lava:operation POST /webhooks
func (s *WebhooksService) Create(ctx context.Context, params CreateWebhookParams) (*WebhookCreated, error) {
	return post[WebhookCreated](ctx, s.client, at("webhooks"), params, exchange.IfRejected)
}

// Retrieve returns a webhook.
//
//lava:operation GET /webhooks/{id}
func (s *WebhooksService) Retrieve(ctx context.Context, webhookID string) (*Webhook, error) {
	return get[Webhook](ctx, s.client, webhook(webhookID), nil)
}

// List returns a page of the webhooks.
//
//lava:operation GET /webhooks
func (s *WebhooksService) List(ctx context.Context, params ListWebhooksParams) (*Page[Webhook], error) {
	return list[Webhook](ctx, s.client, "webhooks", pageQuery(params.Cursor, params.Limit))
}

// All iterates over all webhooks, page by page.
func (s *WebhooksService) All(ctx context.Context, params ListWebhooksParams) iter.Seq2[Webhook, error] {
	return all(params.Cursor, func(cursor string) (*Page[Webhook], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// Update changes a webhook's name or address. Its secret stays.
//
//lava:operation PATCH /webhooks/{id}
func (s *WebhooksService) Update(ctx context.Context, webhookID string, params UpdateWebhookParams) (*Webhook, error) {
	return patch[Webhook](ctx, s.client, webhook(webhookID), params)
}

// Delete removes a webhook.
//
//lava:operation DELETE /webhooks/{id}
func (s *WebhooksService) Delete(ctx context.Context, webhookID string) error {
	return remove(ctx, s.client, webhook(webhookID))
}

// CreateWebhookParams describe a new webhook.
type CreateWebhookParams struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// ListWebhooksParams select a page of the webhooks.
type ListWebhooksParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// UpdateWebhookParams change a webhook. Zero fields stay unchanged.
type UpdateWebhookParams struct {
	Name string `json:"name,omitzero"`
	URL  string `json:"url,omitzero"`
}

// Webhook is an address to which Lava sends events.
type Webhook struct {
	WebhookID string    `json:"webhook_id"`
	Name      string    `json:"name"`
	URL       string    `json:"url"`
	CreatedAt time.Time `json:"created_at"`
}

// WebhookCreated is a new webhook, with the secret that signs its deliveries.
type WebhookCreated struct {
	Webhook
	Secret Secret `json:"webhook_secret"`
}
