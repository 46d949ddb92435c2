package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Dates follow the calendar of RFC 3339. A month that lacks the anchor's day uses its last day.
func TestIntervals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		interval Interval
		anchor   time.Time
		want     []time.Time
	}{
		{Month, date(2026, 1, 31), []time.Time{
			date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31),
			date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31),
		}},
		{Month, date(2027, 12, 30), []time.Time{date(2028, 1, 30), date(2028, 2, 29), date(2028, 3, 30)}},
		{Year, date(2028, 2, 29), []time.Time{date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)}},
		{Year, date(2096, 2, 29), []time.Time{date(2097, 2, 28), date(2098, 2, 28), date(2099, 2, 28), date(2100, 2, 28)}},
		{Week, date(2026, 12, 28), []time.Time{date(2027, 1, 4), date(2027, 1, 11)}},
		{Day, date(2026, 2, 28), []time.Time{date(2026, 3, 1), date(2026, 3, 2)}},
	}
	for _, tt := range tests {
		for i, want := range tt.want {
			require.Equal(t, want, tt.interval.after(tt.anchor, i+1), "%s after %s, %d", tt.interval, tt.anchor, i+1)
		}
	}
}
