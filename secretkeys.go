package lava

import (
	"context"
	"iter"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// SecretKeysService manages the merchant's secret keys.
type SecretKeysService service

// Create creates a secret key. Only this response contains the key. Store what its Reveal returns, because
// fmt writes [redacted], even to a file. The call is never retried once sent.
//
//lava:operation POST /secret_keys
func (s *SecretKeysService) Create(ctx context.Context, params CreateSecretKeyParams) (*SecretKeyCreated, error) {
	return post[SecretKeyCreated](ctx, s.client, at("secret_keys"), params, exchange.Never)
}

// List returns a page of the secret keys, without the keys themselves.
//
//lava:operation GET /secret_keys
func (s *SecretKeysService) List(ctx context.Context, params ListSecretKeysParams) (*Page[SecretKey], error) {
	return list[SecretKey](ctx, s.client, "secret_keys", pageQuery(params.Cursor, params.Limit))
}

// All iterates over all secret keys, page by page.
func (s *SecretKeysService) All(ctx context.Context, params ListSecretKeysParams) iter.Seq2[SecretKey, error] {
	return all(params.Cursor, func(cursor string) (*Page[SecretKey], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// Delete revokes a secret key immediately.
//
//lava:operation DELETE /secret_keys/{id}
func (s *SecretKeysService) Delete(ctx context.Context, secretKeyID string) error {
	return remove(ctx, s.client, item("secret_keys", "secretKeyID", secretKeyID))
}

// CreateSecretKeyParams describe a new secret key.
type CreateSecretKeyParams struct {
	Name string `json:"name"`
}

// ListSecretKeysParams select a page of the secret keys.
type ListSecretKeysParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// SecretKey describes a secret key without revealing it.
type SecretKey struct {
	SecretKeyID   string    `json:"secret_key_id"`
	Name          string    `json:"name"`
	SecretKeyHint string    `json:"secret_key_hint"` // its last 4 characters
	CreatedAt     time.Time `json:"created_at"`
}

// SecretKeyCreated is a new secret key.
type SecretKeyCreated struct {
	SecretKey
	Key Secret `json:"secret_key"`
}
