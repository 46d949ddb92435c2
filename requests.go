package lava

import (
	"context"
	"iter"
	"time"

	"github.com/shopspring/decimal"
)

// RequestsService reads the records of requests, and reports usage that did not
// pass through Lava's gateway.
type RequestsService service

// Create reports usage. The meter charges it even if the customer has no
// credits. Lava records each RequestID once: reporting it again returns the
// first record.
//
//lava:operation POST /requests
func (s *RequestsService) Create(ctx context.Context, params CreateRequestParams) (*Request, error) {
	return post[Request](ctx, s.client, at("requests"), params, retriesByID(params.RequestID))
}

// Retrieve returns a request's record.
//
//lava:operation GET /requests/{id}
func (s *RequestsService) Retrieve(ctx context.Context, requestID string) (*Request, error) {
	return get[Request](ctx, s.client, item("requests", "requestID", requestID), nil)
}

// List returns a page of the requests.
//
//lava:operation GET /requests
func (s *RequestsService) List(ctx context.Context, params ListRequestsParams) (*Page[Request], error) {
	q := pageQuery(params.Cursor, params.Limit)
	setQuery(q, "customer_id", params.CustomerID)
	setQuery(q, "meter_id", params.MeterID)
	if err := setMetadataFilters(q, params.MetadataFilters); err != nil {
		return nil, err
	}
	return list[Request](ctx, s.client, "requests", q)
}

// All iterates over all requests that List would return, page by page.
func (s *RequestsService) All(ctx context.Context, params ListRequestsParams) iter.Seq2[Request, error] {
	return all(params.Cursor, func(cursor string) (*Page[Request], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// CreateRequestParams report usage. Counts that the meter does not use are
// ignored.
type CreateRequestParams struct {
	RequestID        string            `json:"request_id"`  // your id; each id is recorded once
	CustomerID       string            `json:"customer_id"` // or your reference id
	MeterSlug        string            `json:"meter_slug"`
	Metadata         map[string]string `json:"metadata,omitzero"` // up to 100 pairs
	InputTokens      int64             `json:"input_tokens,omitzero"`
	OutputTokens     int64             `json:"output_tokens,omitzero"`
	InputCharacters  int64             `json:"input_characters,omitzero"`
	OutputCharacters int64             `json:"output_characters,omitzero"`
	InputSeconds     float64           `json:"input_seconds,omitzero"`
	OutputSeconds    float64           `json:"output_seconds,omitzero"`
}

// ListRequestsParams select requests.
type ListRequestsParams struct {
	CustomerID      string // or your reference id
	MeterID         string
	MetadataFilters map[string]string // all must match
	Cursor          string            // a page's NextCursor; "" for the first page
	Limit           int               // items per page, 1 to 100; by default 10
}

// Request is the record of one request: what it used and what it cost.
type Request struct {
	RequestID       string            `json:"request_id"`
	Status          RequestStatus     `json:"status"`
	CustomerID      string            `json:"customer_id"` // "" if the merchant paid
	MeterID         string            `json:"meter_id"`    // "" if it was not metered
	Provider        string            `json:"provider"`
	ProviderKeyType ProviderKeyType   `json:"provider_key_type"`
	Model           string            `json:"model"`
	Endpoint        string            `json:"endpoint"`
	ResponseID      string            `json:"response_id"` // the provider's id of its response
	ModelUsage      ModelUsage        `json:"model_usage"`
	Cost            decimal.Decimal   `json:"cost"` // the provider's, US dollars
	Charge          RequestCharge     `json:"charge"`
	Metadata        map[string]string `json:"metadata"`
	Timestamp       time.Time         `json:"timestamp"` // zero if it is not known
	CreatedAt       time.Time         `json:"created_at"`
}

// ModelUsage is what a request used and what the provider charged for it, in US
// dollars.
type ModelUsage struct {
	InputTokens      int64           `json:"input_tokens"`
	OutputTokens     int64           `json:"output_tokens"`
	TotalTokens      int64           `json:"total_tokens"`
	InputCharacters  int64           `json:"input_characters"`
	OutputCharacters int64           `json:"output_characters"`
	TotalCharacters  int64           `json:"total_characters"`
	InputSeconds     float64         `json:"input_seconds"`
	OutputSeconds    float64         `json:"output_seconds"`
	TotalSeconds     float64         `json:"total_seconds"`
	InputCost        decimal.Decimal `json:"input_cost"`
	OutputCost       decimal.Decimal `json:"output_cost"`
	TotalCost        decimal.Decimal `json:"total_cost"`
}

// RequestCharge is what the meter charged for a request, in US dollars.
type RequestCharge struct {
	Amount    decimal.Decimal    `json:"amount"`
	RateType  RateType           `json:"rate_type"`
	Breakdown []RequestTierUsage `json:"breakdown"`
}

// RequestTierUsage is the part of a charge that belongs to one tier.
type RequestTierUsage struct {
	Tier       MeterTier       `json:"tier"`
	Tokens     int64           `json:"tokens"`
	Characters int64           `json:"characters"`
	Seconds    float64         `json:"seconds"`
	Cost       decimal.Decimal `json:"cost"` // US dollars
}

// RequestStatus is the state of a request.
type RequestStatus string

// The request statuses.
const (
	RequestPending   RequestStatus = "pending"
	RequestCompleted RequestStatus = "completed"
	RequestFailed    RequestStatus = "error" // not charged
)

// ProviderKeyType is whose key a request used at the provider.
type ProviderKeyType string

// The provider key types.
const (
	ProviderKeyManaged   ProviderKeyType = "managed"   // Lava's: the wallet pays the provider's cost
	ProviderKeyUnmanaged ProviderKeyType = "unmanaged" // the caller's, sent with the request
	ProviderKeyStored    ProviderKeyType = "stored"    // the merchant's, kept by Lava
)
