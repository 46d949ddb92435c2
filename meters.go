package lava

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// MetersService manages meters, which set what usage costs a customer.
type MetersService service

func meter(meterID string) endpoint { return item("meters", "meterID", meterID) }

// Create creates a meter.
//
//lava:operation POST /meters
func (s *MetersService) Create(ctx context.Context, params CreateMeterParams) (*Meter, error) {
	return post[Meter](ctx, s.client, at("meters"), params, exchange.IfRejected)
}

// Retrieve returns a meter.
//
//lava:operation GET /meters/{id}
func (s *MetersService) Retrieve(ctx context.Context, meterID string) (*Meter, error) {
	return get[Meter](ctx, s.client, meter(meterID), nil)
}

// List returns a page of the meters.
//
//lava:operation GET /meters
func (s *MetersService) List(ctx context.Context, params ListMetersParams) (*Page[Meter], error) {
	return list[Meter](ctx, s.client, "meters", pageQuery(params.Cursor, params.Limit))
}

// All iterates over all meters, page by page.
func (s *MetersService) All(ctx context.Context, params ListMetersParams) iter.Seq2[Meter, error] {
	return all(params.Cursor, func(cursor string) (*Page[Meter], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// Update changes a meter's name or tiers.
//
//lava:operation PATCH /meters/{id}
func (s *MetersService) Update(ctx context.Context, meterID string, params UpdateMeterParams) (*Meter, error) {
	return patch[Meter](ctx, s.client, meter(meterID), params)
}

// Delete removes a meter. The requests that it measured remain.
//
//lava:operation DELETE /meters/{id}
func (s *MetersService) Delete(ctx context.Context, meterID string) error {
	return remove(ctx, s.client, meter(meterID))
}

// CreateMeterParams describe a new meter.
type CreateMeterParams struct {
	Name      string            `json:"name"`
	MeterSlug string            `json:"meter_slug,omitzero"` // unique; by default Lava derives one from the name
	RateType  RateType          `json:"rate_type"`
	TierType  TierType          `json:"tier_type"`
	Tiers     []MeterTierParams `json:"tiers"` // the first starts at 0, the others ascend
}

// ListMetersParams select a page of the meters.
type ListMetersParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// UpdateMeterParams change a meter. Zero fields stay unchanged.
type UpdateMeterParams struct {
	Name  string            `json:"name,omitzero"`
	Tiers []MeterTierParams `json:"tiers,omitzero"` // replace all tiers
}

// MeterTierParams set the rate for all units from Start. Prices are graduated:
// each unit costs the rate of its tier.
type MeterTierParams struct {
	Start decimal.Decimal // cumulative units: tokens, characters, minutes or requests
	Rate  decimal.Decimal // US dollars per unit or per million (see [TierType]), or percent
}

// MarshalJSON implements [json.Marshaler]: both fields are strings, even if the
// program has set [decimal.MarshalJSONWithoutQuotes].
func (t MeterTierParams) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Start quoted `json:"start"`
		Rate  quoted `json:"rate"`
	}{quoted(t.Start), quoted(t.Rate)})
}

// Meter measures usage and sets its price.
type Meter struct {
	MeterID   string      `json:"meter_id"`
	MeterSlug string      `json:"meter_slug"`
	Name      string      `json:"name"`
	RateType  RateType    `json:"rate_type"`
	Tiers     []MeterTier `json:"tiers"`
	CreatedAt time.Time   `json:"created_at"`
}

// MeterTier is the rate for all units from Start.
type MeterTier struct {
	Start decimal.Decimal `json:"start"`
	Rate  decimal.Decimal `json:"rate"`
	Type  TierType        `json:"type"`
}

// RateType is what the rate of a meter is multiplied by.
type RateType string

// The rate types.
const (
	RateFixed      RateType = "fixed"      // the units of usage
	RatePercentage RateType = "percentage" // the provider's cost
)

// TierType is the unit that a meter counts, and prices.
type TierType string

// The tier types.
const (
	TierTokens1M     TierType = "tokens_1m"     // counts tokens, the rate is per million
	TierCharacters1M TierType = "characters_1m" // counts characters, the rate is per million
	TierMinutes      TierType = "minutes"       // counts minutes, fractions included
	TierRequests     TierType = "requests"      // counts requests
)
