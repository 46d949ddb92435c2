package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/lavapayments/lava-go"
)

// usageSpan is the default period of usage.
const usageSpan = 30 * 24 * time.Hour

type getUsageArgs struct {
	Start      string            `json:"start,omitzero" jsonschema:"an ISO 8601 time, whose offset sets the time zone of the days, or a date; by default 30 days ago"`
	End        string            `json:"end,omitzero" jsonschema:"a time, or a date, which is meant as a whole; by default now"`
	CustomerID string            `json:"customer_id,omitzero" jsonschema:"only this customer's usage, by id or by your own reference id"`
	MeterID    string            `json:"meter_id,omitzero" jsonschema:"only this meter's usage, by meter_id"`
	Metadata   map[string]string `json:"metadata,omitzero" jsonschema:"only requests with all of this metadata"`
}

type usage struct {
	Totals totals     `json:"totals"`
	Days   []usageDay `json:"days" jsonschema:"the days that had requests, the oldest first"`
}

type usageDay struct {
	Date string `json:"date"`
	totals
}

type totals struct {
	TotalRequests    int64  `json:"total_requests"`
	TotalUsageTokens int64  `json:"total_usage_tokens"`
	TotalCost        string `json:"total_cost" jsonschema:"US dollars that the providers cost the merchant"`
	TotalCharge      string `json:"total_charge" jsonschema:"US dollars that the meters charged"`
}

func addUsage(t toolbox) {
	add(t, tool{
		name:        "get_usage",
		title:       "Read usage",
		description: "Read usage, provider cost and charges, in total and by day, for all requests or for a customer or meter.",
		effect:      reads,
	}, getUsage)
}

func getUsage(ctx context.Context, client *lava.Client, in getUsageArgs) (usage, string, error) {
	params := lava.RetrieveUsageParams{
		Start: time.Now().Add(-usageSpan).UTC(), CustomerID: in.CustomerID, MeterID: in.MeterID, MetadataFilters: in.Metadata,
	}
	var err error
	if in.Start != "" {
		if params.Start, _, err = parseTime("start", in.Start, time.UTC); err != nil {
			return usage{}, "", err
		}
	}
	if in.End != "" {
		var day bool
		if params.End, day, err = parseTime("end", in.End, params.Start.Location()); err != nil {
			return usage{}, "", err
		}
		if day {
			params.End = params.End.AddDate(0, 0, 1).Add(-time.Millisecond)
		}
	}
	got, err := client.Usage.Retrieve(ctx, params)
	if err != nil {
		return usage{}, "", err
	}
	out := usage{Totals: encodeTotals(got.Totals), Days: []usageDay{}}
	for _, item := range got.Items {
		if item.TotalRequests > 0 {
			out.Days = append(out.Days, usageDay{Date: item.Date, totals: encodeTotals(item.UsageTotals)})
		}
	}
	return out, fmt.Sprintf("%d requests, %d tokens, cost %s, charged %s since %s.", out.Totals.TotalRequests,
		out.Totals.TotalUsageTokens, dollars(out.Totals.TotalCost), dollars(out.Totals.TotalCharge), params.Start.Format(time.RFC3339)), nil
}

func encodeTotals(t lava.UsageTotals) totals {
	return totals{
		TotalRequests: t.TotalRequests, TotalUsageTokens: t.TotalUsageTokens,
		TotalCost: t.TotalCost.String(), TotalCharge: t.TotalCharge.String(),
	}
}

// parseTime parses a time, or a date, which begins at midnight in zone.
func parseTime(param, text string, zone *time.Location) (t time.Time, day bool, err error) {
	if t, err = time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return t, true, nil
	}
	if t, err = time.Parse(time.RFC3339, text); err == nil {
		return t, false, nil
	}
	return t, false, fmt.Errorf("%s: %.40q is neither a time such as 2026-01-31T00:00:00Z nor a date such as 2026-01-31", param, text)
}
