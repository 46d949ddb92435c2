package lava

import (
	"context"
	"net/url"
	"time"

	"github.com/shopspring/decimal"
)

// UsageService reports what was used and charged.
type UsageService service

// The API's timestamps have milliseconds.
const timeLayout = "2006-01-02T15:04:05.999Z07:00"

// Retrieve returns the usage per day, and its totals.
//
//lava:operation GET /usage
func (s *UsageService) Retrieve(ctx context.Context, params RetrieveUsageParams) (*Usage, error) {
	q := make(url.Values)
	if !params.Start.IsZero() {
		q.Set("start", params.Start.Format(timeLayout))
	}
	if !params.End.IsZero() {
		q.Set("end", params.End.Format(timeLayout))
	}
	setQuery(q, "customer_id", params.CustomerID)
	setQuery(q, "meter_id", params.MeterID)
	if err := setMetadataFilters(q, params.MetadataFilters); err != nil {
		return nil, err
	}
	return get[Usage](ctx, s.client, at("usage"), q)
}

// RetrieveUsageParams select usage. Start is required; both ends are inclusive.
//
// The days follow Start's offset from UTC, which is the same for the whole span. If
// daylight saving time begins or ends in the span, the days after the change begin
// an hour early or late. For exact local days, make separate calls for the spans
// before and after the change, or use UTC.
type RetrieveUsageParams struct {
	Start           time.Time // its offset from UTC, not its location, sets the days
	End             time.Time // by default now
	CustomerID      string    // or your reference id
	MeterID         string
	MetadataFilters map[string]string // all of which must match a request's metadata
}

// Usage is the usage in a span of days.
type Usage struct {
	Items  []UsageItem `json:"items"` // oldest first
	Totals UsageTotals `json:"totals"`
}

// UsageItem is the usage of one day.
type UsageItem struct {
	Date  string    `json:"date"` // "2006-01-02", in the time zone of the query
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	UsageTotals
}

// UsageTotals are sums over requests, with money in US dollars.
type UsageTotals struct {
	TotalRequests    int64           `json:"total_requests"`
	TotalUsageTokens int64           `json:"total_usage_tokens"`
	TotalCost        decimal.Decimal `json:"total_cost"`   // what the providers cost
	TotalCharge      decimal.Decimal `json:"total_charge"` // what the meters charged
}
