package lava

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// SpendKeysService manages spend keys: gateway keys with their own limits, paid from the merchant's
// wallet.
type SpendKeysService service

func spendKey(spendKeyID string) endpoint { return item("spend_keys", "spendKeyID", spendKeyID) }

// Create creates a spend key. Only this response contains the key. Store what its Reveal returns, because
// fmt writes [redacted], even to a file. The call is never retried once sent.
//
//lava:operation POST /spend_keys
func (s *SpendKeysService) Create(ctx context.Context, params CreateSpendKeyParams) (*SpendKeyCreated, error) {
	return post[SpendKeyCreated](ctx, s.client, at("spend_keys"), params, exchange.Never)
}

// Retrieve returns a spend key and what it has spent.
//
//lava:operation GET /spend_keys/{id}
func (s *SpendKeysService) Retrieve(ctx context.Context, spendKeyID string) (*SpendKey, error) {
	return get[SpendKey](ctx, s.client, spendKey(spendKeyID), nil)
}

// List returns a page of the spend keys that are not revoked.
//
//lava:operation GET /spend_keys
func (s *SpendKeysService) List(ctx context.Context, params ListSpendKeysParams) (*Page[SpendKey], error) {
	return list[SpendKey](ctx, s.client, "spend_keys", pageQuery(params.Cursor, params.Limit))
}

// All iterates over all spend keys that are not revoked, page by page.
func (s *SpendKeysService) All(ctx context.Context, params ListSpendKeysParams) iter.Seq2[SpendKey, error] {
	return all(params.Cursor, func(cursor string) (*Page[SpendKey], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// Update changes a spend key. Absent fields stay unchanged.
//
//lava:operation PUT /spend_keys/{id}
func (s *SpendKeysService) Update(ctx context.Context, spendKeyID string, params UpdateSpendKeyParams) (*SpendKey, error) {
	return result[SpendKey](ctx, s.client, call{
		method: http.MethodPut, at: spendKey(spendKeyID), params: params, retries: exchange.IfRejected,
	})
}

// Revoke revokes a spend key permanently.
//
//lava:operation DELETE /spend_keys/{id}
func (s *SpendKeysService) Revoke(ctx context.Context, spendKeyID string) error {
	return remove(ctx, s.client, spendKey(spendKeyID))
}

// Rotate replaces the key itself; limits and history stay. The old key stops working immediately. Only this response
// contains the new key. The call is never retried once sent.
//
//lava:operation POST /spend_keys/{id}/rotate
func (s *SpendKeysService) Rotate(ctx context.Context, spendKeyID string) (*SpendKeyCreated, error) {
	return post[SpendKeyCreated](ctx, s.client, spendKey(spendKeyID).of("/rotate"), nil, exchange.Never)
}

// CreateSpendKeyParams describe a new spend key. A limit that is absent or null
// does not apply.
type CreateSpendKeyParams struct {
	Name             string              `json:"name"`
	Status           SpendKeyStatus      `json:"status,omitzero"`        // by default active
	RequestShape     RequestShape        `json:"request_shape,omitzero"` // by default openai
	AllowedModels    Field[[]string]     `json:"allowed_models,omitzero"`
	AllowedProviders Field[[]string]     `json:"allowed_providers,omitzero"`
	SpendLimit       Field[SpendLimit]   `json:"spend_limit,omitzero"`
	RequestLimit     Field[RequestLimit] `json:"request_limit,omitzero"`
	RateLimit        Field[RateLimit]    `json:"rate_limit,omitzero"`
	ExpiresAt        Field[time.Time]    `json:"expires_at,omitzero"`
}

// ListSpendKeysParams select a page of the spend keys.
type ListSpendKeysParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// UpdateSpendKeyParams change a spend key: absent fields stay unchanged, null
// removes a limit.
type UpdateSpendKeyParams struct {
	Name             string              `json:"name,omitzero"`
	Status           SpendKeyStatus      `json:"status,omitzero"`
	RequestShape     RequestShape        `json:"request_shape,omitzero"`
	AllowedModels    Field[[]string]     `json:"allowed_models,omitzero"`
	AllowedProviders Field[[]string]     `json:"allowed_providers,omitzero"`
	SpendLimit       Field[SpendLimit]   `json:"spend_limit,omitzero"`
	RequestLimit     Field[RequestLimit] `json:"request_limit,omitzero"`
	RateLimit        Field[RateLimit]    `json:"rate_limit,omitzero"`
	ExpiresAt        Field[time.Time]    `json:"expires_at,omitzero"`
}

// SpendLimit limits what a key spends in a cycle. A request beyond the limit is
// rejected with 402, [ErrSpendLimitExceeded].
type SpendLimit struct {
	Amount decimal.Decimal `json:"amount"` // US dollars
	Cycle  LimitCycle      `json:"cycle"`
}

// MarshalJSON implements [json.Marshaler]: money is a string, even if the program
// has set [decimal.MarshalJSONWithoutQuotes].
func (l SpendLimit) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Amount quoted     `json:"amount"`
		Cycle  LimitCycle `json:"cycle"`
	}{quoted(l.Amount), l.Cycle})
}

// RequestLimit limits how many requests a key makes in a cycle. A request beyond
// the limit is rejected with 429, [ErrRateLimited].
type RequestLimit struct {
	Count int64      `json:"count"`
	Cycle LimitCycle `json:"cycle"`
}

// RateLimit limits how fast a key makes requests. A request beyond the limit is
// rejected with 429, [ErrRateLimited].
type RateLimit struct {
	RPM   int `json:"rpm"`            // requests per minute
	Burst int `json:"burst,omitzero"` // 0: not set
}

// SpendKey describes a spend key without revealing it.
type SpendKey struct {
	SpendKeyID       string          `json:"spend_key_id"`
	KeyPreview       string          `json:"key_preview"`
	Name             string          `json:"name"`
	Status           SpendKeyStatus  `json:"status"`
	RequestShape     RequestShape    `json:"request_shape"`
	WalletID         string          `json:"wallet_id"`
	AllowedModels    []string        `json:"allowed_models"`    // nil: all
	AllowedProviders []string        `json:"allowed_providers"` // nil: all
	SpendLimit       *SpendLimit     `json:"spend_limit"`       // nil: none
	CurrentSpend     decimal.Decimal `json:"current_spend"`     // in this cycle, US dollars
	TotalSpend       decimal.Decimal `json:"total_spend"`       // ever, US dollars
	RequestLimit     *RequestLimit   `json:"request_limit"`     // nil: none
	CurrentRequests  int64           `json:"current_requests"`  // in this cycle
	TotalRequests    int64           `json:"total_requests"`    // ever
	RateLimit        *RateLimit      `json:"rate_limit"`        // nil: none
	ExpiresAt        time.Time       `json:"expires_at"`        // zero: never
	LastUsedAt       time.Time       `json:"last_used_at"`      // zero: not yet
	CreatedAt        time.Time       `json:"created_at"`
}

// SpendKeyCreated is a spend key that was just created or rotated, with the key
// itself.
type SpendKeyCreated struct {
	SpendKey
	Key Secret `json:"key"`
}

// SpendKeyStatus is whether a spend key is active or paused.
type SpendKeyStatus string

// The spend key statuses. Requests with a paused or expired key are rejected
// with 403, [ErrForbidden]; with a revoked key, with 401, [ErrUnauthorized].
const (
	SpendKeyActive SpendKeyStatus = "active"
	SpendKeyPaused SpendKeyStatus = "paused"
)

// RequestShape is the format of a spend key's requests.
type RequestShape string

// The request shapes.
const (
	ShapeOpenAI    RequestShape = "openai"
	ShapeAnthropic RequestShape = "anthropic"
)

// LimitCycle is the period after which a limit starts again.
type LimitCycle string

// The limit cycles.
const (
	CycleDaily   LimitCycle = "daily"
	CycleWeekly  LimitCycle = "weekly"
	CycleMonthly LimitCycle = "monthly"
	CycleTotal   LimitCycle = "total" // never
)
