package billing

import "time"

// Interval is how long a billing cycle lasts.
type Interval string

// The intervals that Lava documents.
const (
	Day   Interval = "day"
	Week  Interval = "week"
	Month Interval = "month"
	Year  Interval = "year"
)

// after returns the instant n intervals after anchor. Months and years keep the
// anchor's day and time of day; a month without that day uses its last day.
// Counting always starts at the anchor, so a short month does not shift later ones. Assumption month-end.
func (iv Interval) after(anchor time.Time, n int) time.Time {
	switch iv {
	case Day:
		return anchor.AddDate(0, 0, n)
	case Week:
		return anchor.AddDate(0, 0, 7*n)
	case Year:
		n *= 12
	case Month:
	}
	year, month, day := anchor.Date()
	first := time.Date(year, month+time.Month(n), 1, anchor.Hour(), anchor.Minute(), anchor.Second(), anchor.Nanosecond(), time.UTC)
	return first.AddDate(0, 0, min(day, daysIn(first))-1)
}

// count returns how many intervals after anchor have ended at t.
func (iv Interval) count(anchor, t time.Time) int {
	const day = 24 * 60 * 60
	var n int
	switch iv {
	case Day:
		n = int((t.Unix() - anchor.Unix()) / day)
	case Week:
		n = int((t.Unix() - anchor.Unix()) / (7 * day))
	case Month:
		n = 12*(t.Year()-anchor.Year()) + int(t.Month()-anchor.Month())
	case Year:
		n = t.Year() - anchor.Year()
	}
	if iv.after(anchor, n).After(t) {
		n--
	}
	return n
}

// daysIn returns the length of the month that contains t.
func daysIn(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
