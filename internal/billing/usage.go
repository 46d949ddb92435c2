package billing

import "time"

// Usage is what one request consumed, in raw units. Counts are never negative.
type Usage struct {
	InputTokens      int64
	OutputTokens     int64
	InputCharacters  int64
	OutputCharacters int64
	InputDuration    time.Duration
	OutputDuration   time.Duration
}

// maxDuration limits durations, so that two can be added.
const maxDuration = 1_000_000_000 * time.Second

func (u Usage) check() error {
	for _, c := range []struct {
		param string
		n     int64
	}{
		{"input_tokens", u.InputTokens}, {"output_tokens", u.OutputTokens},
		{"input_characters", u.InputCharacters}, {"output_characters", u.OutputCharacters},
	} {
		if c.n < 0 || c.n > maxCount {
			return Invalid(c.param, "%d is not between 0 and %d", c.n, int64(maxCount))
		}
	}
	for _, c := range []struct {
		param string
		d     time.Duration
	}{{"input_seconds", u.InputDuration}, {"output_seconds", u.OutputDuration}} {
		if c.d < 0 || c.d > maxDuration {
			return Invalid(c.param, "%v is not between 0 and %d seconds", c.d, int64(maxDuration/time.Second))
		}
	}
	return nil
}

// bounded returns u with each count inside the range that check allows.
func (u Usage) bounded() Usage {
	count := func(n int64) int64 { return min(max(n, 0), maxCount) }
	duration := func(d time.Duration) time.Duration { return min(max(d, 0), maxDuration) }
	return Usage{
		InputTokens: count(u.InputTokens), OutputTokens: count(u.OutputTokens),
		InputCharacters: count(u.InputCharacters), OutputCharacters: count(u.OutputCharacters),
		InputDuration: duration(u.InputDuration), OutputDuration: duration(u.OutputDuration),
	}
}

// Totals sums up requests. Those that ended with an error don't count.
type Totals struct {
	Requests int64
	Tokens   int64
	Cost     Amount // what providers charge
	Charge   Amount // what customers are charged
}

func (t *Totals) add(u Totals) {
	t.Requests += u.Requests
	t.Tokens += u.Tokens
	t.Cost = t.Cost.plus(u.Cost)
	t.Charge = t.Charge.plus(u.Charge)
}

// DayUsage is the usage of one day.
type DayUsage struct {
	Start time.Time // the first instant of the day that is included
	End   time.Time // the last instant that is included
	Totals
}

// UsageFilter selects requests for [Engine.Usage]. Start and End are inclusive. The location of Start determines
// where days begin; it must have a fixed offset.
type UsageFilter struct {
	RequestFilter
	Start, End time.Time
}

// Usage sums up requests by day, oldest first, as far as they are completed at now.
// Days without any are zero.
func (e *Engine) Usage(merchantID string, f UsageFilter, now time.Time) ([]DayUsage, Totals, error) {
	type result struct {
		days  []DayUsage
		total Totals
	}
	r, err := read(e, merchantID, func(m *merchant) (result, error) {
		sum, err := m.summer(f.RequestFilter, e.cfg.Rules.completed(now))
		if err != nil {
			return result{}, err
		}
		var r result
		for day := range days(f.Start, f.End) {
			day.Totals = sum(day.Start, day.End)
			r.total.add(day.Totals)
			r.days = append(r.days, day)
		}
		return r, nil
	})
	return r.days, r.total, err
}

// days yields the days from start to end, in the zone of start.
func days(start, end time.Time) func(func(DayUsage) bool) {
	return func(yield func(DayUsage) bool) {
		for from := start; !from.After(end); {
			next := time.Date(from.Year(), from.Month(), from.Day()+1, 0, 0, 0, 0, start.Location())
			to := next.Add(-time.Millisecond)
			if to.After(end) {
				to = end
			}
			if !yield(DayUsage{Start: from, End: to}) {
				return
			}
			from = next
		}
	}
}

// summer returns a function that sums up what the filter selects between two instants, inclusive, and was recorded
// before latest.
func (m *merchant) summer(f RequestFilter, latest int64) (func(from, to time.Time) Totals, error) {
	s, err := m.seriesOf(f)
	if err != nil {
		return nil, err
	}
	l := &m.requests
	if len(f.Metadata) > 0 {
		return func(from, to time.Time) Totals {
			var sum sums
			i, _ := s.before(l, milliseconds(from))
			for end := min(to.UnixMilli()+1, latest); i < s.count; i++ {
				head := l.head(s.number(i))
				if head.at >= end {
					break
				}
				if l.matches(s.number(i), f.Metadata) {
					sum.add(head)
				}
			}
			return sum.minus(sums{})
		}, nil
	}
	var known struct { // a day begins where the previous one ends
		at  int64
		sum sums
	}
	upTo := func(at int64) sums {
		if at != known.at {
			known.at = at
			_, known.sum = s.before(l, min(at, latest))
		}
		return known.sum
	}
	return func(from, to time.Time) Totals {
		before := upTo(milliseconds(from))
		return upTo(to.UnixMilli() + 1).minus(before)
	}, nil
}
