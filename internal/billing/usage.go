package billing

import (
	"cmp"
	"slices"
	"time"
)

// Usage is what one request consumed, in raw units. Counts are never negative.
type Usage struct {
	InputTokens      int64
	OutputTokens     int64
	InputCharacters  int64
	OutputCharacters int64
	InputDuration    time.Duration
	OutputDuration   time.Duration
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

// DayUsage is what was used on one day.
type DayUsage struct {
	Start time.Time // the first instant of the day that counts
	End   time.Time // the last one
	Totals
}

// UsageFilter selects requests for [Engine.Usage]. Start and End both count.
// The location of Start says where days begin; it must have a fixed offset.
type UsageFilter struct {
	RequestFilter
	Start, End time.Time
}

// Usage sums up requests by day, oldest first. Days without any are zero.
func (e *Engine) Usage(merchantID string, f UsageFilter) ([]DayUsage, Totals, error) {
	type answer struct {
		days  []DayUsage
		total Totals
	}
	a, err := read(e, merchantID, func(m *merchant) (answer, error) {
		sum, err := m.summer(f.RequestFilter)
		if err != nil {
			return answer{}, err
		}
		var a answer
		for day := range days(f.Start, f.End) {
			day.Totals = sum(day.Start, day.End)
			a.total.add(day.Totals)
			a.days = append(a.days, day)
		}
		return a, nil
	})
	return a.days, a.total, err
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

// summer returns a function that sums up what the filter selects between two
// instants, which both count.
func (m *merchant) summer(f RequestFilter) (func(from, to time.Time) Totals, error) {
	records, keep, err := m.selectRecords(f)
	if err != nil {
		return nil, err
	}
	scan := func(from, to time.Time) (t Totals) {
		i, _ := slices.BinarySearchFunc(records, from, func(r *record, at time.Time) int { return cmp.Compare(r.at.UnixMilli(), at.UnixMilli()) })
		for ; i < len(records) && !records[i].at.After(to); i++ {
			if keep(records[i]) {
				t.add(records[i].totals())
			}
		}
		return t
	}
	if len(f.Metadata) > 0 {
		return scan, nil
	}
	key := seriesKey{meterID: m.meterID(f.Meter)}
	if f.Customer != "" {
		c, err := m.customer(f.Customer)
		if err != nil {
			return nil, err
		}
		key.customerID = c.ID
	}
	s := m.requests.series[key]
	return func(from, to time.Time) Totals { return s.between(from, to, scan) }, nil
}

// seriesKey names what a series sums up. An empty field stands for all.
type seriesKey struct{ customerID, meterID string }

// series is the totals of requests in quarters of an hour, which is fine enough
// for the days of every time zone. It makes usage cost the same whether ten
// requests lie behind it or ten million.
type series struct{ quarters []quarter }

type quarter struct {
	slot        int64 // quarters since 1970
	first, last time.Time
	Totals
}

const quarterHour = 15 * time.Minute

func slotOf(t time.Time) int64 { return t.UnixMilli() / quarterHour.Milliseconds() }

// sum adds a request to every series that it belongs to.
func (l *requestLog) sum(r *record) {
	l.seriesOf("", "").add(r)
	meterID := ""
	if r.meter != nil {
		meterID = r.meter.ID
		l.seriesOf("", meterID).add(r)
	}
	if r.customerID != "" {
		l.seriesOf(r.customerID, "").add(r)
		if meterID != "" {
			l.seriesOf(r.customerID, meterID).add(r)
		}
	}
}

func (l *requestLog) seriesOf(customerID, meterID string) *series {
	key := seriesKey{customerID, meterID}
	s := l.series[key]
	if s == nil {
		s = &series{}
		l.series[key] = s
	}
	return s
}

func (s *series) add(r *record) {
	slot := slotOf(r.at)
	if n := len(s.quarters); n == 0 || s.quarters[n-1].slot != slot {
		s.quarters = append(s.quarters, quarter{slot: slot, first: r.at})
	}
	last := &s.quarters[len(s.quarters)-1]
	last.last = r.at
	last.add(r.totals())
}

// between sums up the quarters between two instants. Of a quarter that sticks
// out, the requests are looked at one by one.
func (s *series) between(from, to time.Time, scan func(from, to time.Time) Totals) (t Totals) {
	if s == nil {
		return t
	}
	i, _ := slices.BinarySearchFunc(s.quarters, slotOf(from), func(q quarter, slot int64) int { return cmp.Compare(q.slot, slot) })
	for ; i < len(s.quarters) && s.quarters[i].slot <= slotOf(to); i++ {
		q := &s.quarters[i]
		if q.first.Before(from) || q.last.After(to) {
			later, earlier := q.first, q.last
			if later.Before(from) {
				later = from
			}
			if earlier.After(to) {
				earlier = to
			}
			t.add(scan(later, earlier))
			continue
		}
		t.add(q.Totals)
	}
	return t
}

func (r *record) totals() Totals {
	if r.failed {
		return Totals{}
	}
	return Totals{
		Requests: 1,
		Tokens:   r.usage.InputTokens + r.usage.OutputTokens,
		Cost:     r.inputCost.plus(r.outputCost),
		Charge:   r.charge,
	}
}
