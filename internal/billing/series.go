package billing

import (
	"cmp"
	"slices"
	"time"
)

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
