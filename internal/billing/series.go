package billing

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// seriesKey selects the requests of a series. An empty field matches all.
type seriesKey struct{ customerID, meterID string }

// series contains the requests of a customer, a meter, both, or all of a merchant's, in order. At regular places
// there is a mark with the sums so far, so usage costs the same after ten requests and after ten million: a sum
// between two instants is a difference, and only the requests near its ends are read.
type series struct {
	picked []uint32 // numbers in the log; nil for all requests
	count  int
	marks  []mark
	last   int64 // when the last request was recorded, in milliseconds
	sums   sums  // of all
}

// mark precedes the first of markEvery requests.
type mark struct {
	at     int64 // of that request, in milliseconds
	before sums
}

// A mark takes 56 bytes: about 4 per request. Reading 16 requests takes 0.5 µs.
const markEvery = 16

// number returns the number in the log of the request at a place in the series.
func (s *series) number(i int) uint32 {
	if s.picked == nil {
		return uint32(i)
	}
	return s.picked[i]
}

// sum adds the latest request to every series it belongs to.
func (l *requestLog) sum(r *Request, h packedHead) {
	l.extend(seriesKey{}, h)
	if r.MeterID != "" {
		l.extend(seriesKey{meterID: r.MeterID}, h)
	}
	if r.CustomerID != "" {
		l.extend(seriesKey{customerID: r.CustomerID}, h)
	}
	if r.CustomerID != "" && r.MeterID != "" {
		l.extend(seriesKey{r.CustomerID, r.MeterID}, h)
	}
}

func (l *requestLog) extend(key seriesKey, h packedHead) {
	s := l.series[key]
	if s == nil {
		s = &series{}
		l.series[key] = s
	}
	if s.count%markEvery == 0 {
		s.marks = append(s.marks, mark{h.at, s.sums})
	}
	if key != (seriesKey{}) {
		s.picked = append(s.picked, l.count)
	}
	s.count++
	s.last = h.at
	s.sums.add(h)
}

// before returns how many requests came before an instant, in milliseconds, and
// their sums.
func (s *series) before(l *requestLog, at int64) (int, sums) {
	if at > s.last {
		return s.count, s.sums
	}
	n, _ := slices.BinarySearchFunc(s.marks, at, func(m mark, at int64) int { return cmp.Compare(m.at, at) })
	if n == 0 {
		return 0, sums{}
	}
	i, sum := (n-1)*markEvery, s.marks[n-1].before // the last mark that is earlier
	for ; i < s.count; i++ {
		head := l.head(s.number(i))
		if head.at >= at {
			break
		}
		sum.add(head)
	}
	return i, sum
}

// milliseconds returns t in milliseconds, rounded up.
func milliseconds(t time.Time) int64 { return t.Add(time.Millisecond - 1).UnixMilli() }

// sums are [Totals] that never overflow, so that two can be subtracted.
type sums struct {
	requests, tokens int64
	cost, charge     wide
}

func (s *sums) add(h packedHead) {
	if h.flags&packedFailed != 0 {
		return
	}
	s.requests++
	s.tokens += h.input + h.output
	s.cost = s.cost.plus(h.inputCost.plus(h.outputCost))
	s.charge = s.charge.plus(h.charge)
}

func (s sums) minus(t sums) Totals {
	return Totals{
		Requests: s.requests - t.requests, Tokens: s.tokens - t.tokens,
		Cost: s.cost.minus(t.cost), Charge: s.charge.minus(t.charge),
	}
}

// wide is a sum of amounts in 128 bits.
type wide struct{ hi, lo uint64 }

func (w wide) plus(a Amount) wide {
	lo, carry := bits.Add64(w.lo, uint64(a), 0)
	hi, _ := bits.Add64(w.hi, uint64(a>>63), carry)
	return wide{hi, lo}
}

// minus returns w-v, or the nearest Amount there is.
func (w wide) minus(v wide) Amount {
	lo, borrow := bits.Sub64(w.lo, v.lo, 0)
	hi, _ := bits.Sub64(w.hi, v.hi, borrow)
	switch a := Amount(lo); {
	case hi == uint64(a>>63):
		return a.plus(0)
	case int64(hi) < 0:
		return -maxSum
	}
	return maxSum
}
