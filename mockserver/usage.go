package mockserver

import (
	"strings"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// maxDays limits the period of a usage query. A long query reads only sums, but metadata filters read each request.
// Assumption usage-range.
const maxDays = 3660

func getUsage(c *call) (any, error) {
	filter, err := c.requestFilter()
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	if q.Get("start") == "" {
		return nil, billing.Invalid("start", "is required: an ISO 8601 time or date")
	}
	start, _, err := parseInstant("start", q.Get("start"), time.UTC)
	if err != nil {
		return nil, err
	}
	end := c.now.In(start.Location())
	if s := q.Get("end"); s != "" {
		var bare bool
		if end, bare, err = parseInstant("end", s, start.Location()); err != nil {
			return nil, err
		}
		if bare {
			end = end.AddDate(0, 0, 1).Add(-time.Millisecond)
		}
	}
	switch {
	case end.Before(start) && q.Get("end") == "":
		return nil, billing.Invalid("start", "%s is after the server's clock, %s, which is the default end", start.Format(time.RFC3339), end.Format(time.RFC3339))
	case end.Before(start):
		return nil, billing.Invalid("end", "%s is before start, %s", end.Format(time.RFC3339), start.Format(time.RFC3339))
	case end.Sub(start) > maxDays*24*time.Hour:
		return nil, billing.Invalid("start", "more than %d days before end", maxDays)
	}
	days, total, err := c.engine.Usage(c.merchant, billing.UsageFilter{RequestFilter: filter, Start: start, End: end}, c.now)
	if err != nil {
		return nil, err
	}
	body := usageBody{Items: make([]usageItem, len(days)), Totals: encodeTotals(total)}
	for i, d := range days {
		body.Items[i] = usageItem{
			Date: d.Start.Format(time.DateOnly), Start: instant(d.Start), End: instant(d.End),
			usageTotals: encodeTotals(d.Totals),
		}
	}
	return body, nil
}

// parseInstant reads an ISO 8601 time, keeping its offset, or a bare date, which means midnight in zone. It repairs a
// "+" that URL decoding has turned into a space. Assumption usage-days.
func parseInstant(param, s string, zone *time.Location) (t time.Time, bare bool, err error) {
	if t, err = time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, true, nil
	}
	t, err = time.Parse(time.RFC3339, strings.Replace(s, " ", "+", 1))
	if err != nil {
		return t, false, billing.Invalid(param, "%.40q is not an ISO 8601 time such as \"2026-01-31T00:00:00Z\" or a date", s)
	}
	// Not the machine's own time zone, even if the offset is the same today.
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset)), false, nil
}

type usageBody struct {
	Items  []usageItem `json:"items"`
	Totals usageTotals `json:"totals"`
}

type usageItem struct {
	Date  string  `json:"date"`
	Start instant `json:"start"`
	End   instant `json:"end"`
	usageTotals
}

type usageTotals struct {
	Requests int64          `json:"total_requests"`
	Tokens   int64          `json:"total_usage_tokens"`
	Cost     billing.Amount `json:"total_cost"`
	Charge   billing.Amount `json:"total_charge"`
}

func encodeTotals(t billing.Totals) usageTotals {
	return usageTotals{Requests: t.Requests, Tokens: t.Tokens, Cost: t.Cost, Charge: t.Charge}
}
