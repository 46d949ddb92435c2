package mockserver_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var zone = time.FixedZone("", 2*60*60)

var usageMethods = methods{
	"Usage.Retrieve": {
		good: func(t *testing.T, c *lava.Client, s *account) error {
			now := s.Now()
			got, err := c.Usage.Retrieve(t.Context(), lava.RetrieveUsageParams{
				Start: now.AddDate(0, 0, -2).In(zone), End: now, CustomerID: "user_42", MeterID: s.meter.MeterID, MetadataFilters: map[string]string{"team": "a"},
			})
			if err != nil {
				return err
			}
			require.Len(t, got.Items, 3)
			require.Equal(t, now.In(zone).Format(time.DateOnly), got.Items[2].Date)
			require.EqualValues(t, 1000, got.Totals.TotalUsageTokens)
			require.Equal(t, "0.003", got.Totals.TotalCharge.String())
			require.Equal(t, got.Totals, got.Items[2].UsageTotals)
			return nil
		},
		bad: []badCall{
			{"no start", func(ctx context.Context, s *account) error {
				return only(s.Usage.Retrieve(ctx, lava.RetrieveUsageParams{}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "start"},
			{"from an invalid time", func(ctx context.Context, s *account) error {
				return s.Do(ctx, "GET", "usage?start=yesterday", nil, nil)
			}, lava.ErrInvalidRequest, 400, "invalid_request", "start"},
			{"over a century", func(ctx context.Context, s *account) error {
				return only(s.Usage.Retrieve(ctx, lava.RetrieveUsageParams{Start: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "start"},
			{"an end before the start", func(ctx context.Context, s *account) error {
				return only(s.Usage.Retrieve(ctx, lava.RetrieveUsageParams{Start: s.Now(), End: s.Now().Add(-time.Hour)}))
			}, lava.ErrInvalidRequest, 400, "invalid_request", "end"},
			{"unknown customer", func(ctx context.Context, s *account) error {
				return only(s.Usage.Retrieve(ctx, lava.RetrieveUsageParams{Start: s.Now(), CustomerID: "nobody"}))
			}, lava.ErrNotFound, 404, "not_found", "customer_id"},
		},
	},
}

// A start after the server's clock has its own error, different from that of an end before the start.
func TestUsageFromTheFuture(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	a := send(t, s, "GET", "/v1/usage?start=2026-01-02", "")
	require.Equal(t, 400, a.status)
	require.Contains(t, string(a.body), "start: 2026-01-02T00:00:00Z is after the server's clock, 2026-01-01T00:00:00Z")
}
