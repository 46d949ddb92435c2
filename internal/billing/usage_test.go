package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUsageByDay(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m, other := s.dollarMeter(), s.dollarMeter()
	a := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "a"})
	b := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	report := func(at time.Time, customer string, meter Meter, tag string) {
		t.Helper()
		s.at = at
		must(s, ReportUsage{
			MerchantID: s.merchant.ID, RequestID: s.nextID(), Customer: customer, Meter: meter.Slug,
			Usage: Usage{InputTokens: 2, OutputTokens: 3}, Metadata: map[string]string{"tag": tag},
		})
	}
	start := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	report(start, a.ID, m, "x")
	report(start.Add(24*time.Hour-time.Millisecond), b.ID, m, "y")
	report(start.Add(48*time.Hour), a.ID, other, "x")
	end := start.Add(72*time.Hour - time.Millisecond)

	for _, tt := range []struct {
		name   string
		filter RequestFilter
		start  time.Time
		want   []int64 // requests on each day
	}{
		{"all", RequestFilter{}, start, []int64{2, 0, 1}},
		{"a customer by reference", RequestFilter{Customer: "a"}, start, []int64{1, 0, 1}},
		{"a meter by slug", RequestFilter{Meter: m.Slug}, start, []int64{2, 0, 0}},
		{"a customer and a meter", RequestFilter{Customer: a.ID, Meter: other.ID}, start, []int64{0, 0, 1}},
		{"metadata", RequestFilter{Metadata: []Pair{{"tag", "x"}}}, start, []int64{1, 0, 1}},
		{"metadata of a customer", RequestFilter{Customer: b.ID, Metadata: []Pair{{"tag", "x"}}}, start, []int64{0, 0, 0}},
		{"from inside a quarter of an hour", RequestFilter{}, start.Add(time.Millisecond), []int64{1, 0, 1}},
		{"days of another zone", RequestFilter{}, start.In(time.FixedZone("", -3600)), []int64{1, 1, 1, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			days, total, err := s.Usage(s.merchant.ID, UsageFilter{RequestFilter: tt.filter, Start: tt.start, End: end}, s.at)
			require.NoError(t, err)
			var got []int64
			var sum Totals
			for _, d := range days {
				got = append(got, d.Requests)
				sum.add(d.Totals)
			}
			require.Equal(t, tt.want, got)
			require.Equal(t, sum, total)
			require.Equal(t, 5*total.Requests, total.Tokens)
			require.Equal(t, Amount(total.Requests)*Dollar, total.Charge)
		})
	}
}

func TestBadUsage(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	for param, u := range map[string]Usage{
		"input_tokens":      {InputTokens: -1},
		"output_tokens":     {OutputTokens: maxCount + 1},
		"input_characters":  {InputCharacters: -1},
		"output_characters": {OutputCharacters: maxCount + 1},
		"input_seconds":     {InputDuration: -time.Millisecond},
		"output_seconds":    {OutputDuration: -time.Second},
	} {
		e := rejected(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "r", Customer: c.ID, Meter: m.Slug, Usage: u})
		require.Equal(t, CodeInvalidRequest, e.Code)
		require.Equal(t, param, e.Param, e.Message)
	}
}
