package billing

import (
	"math"
	"time"
)

// A request is recorded and charged when its response ends. By default, it can be read immediately, as completed.
// With Rules.RecordDelay, as with Lava itself, it can't be read at first, then is pending, and then completed, to
// test programs that poll for records. Only reads differ; the effects are the same. Assumption record-timing.

// appeared returns the instant, in milliseconds, such that requests recorded before it can be read at now.
func (r Rules) appeared(now time.Time) int64 { return r.recorded(now, 1) }

// completed is like appeared, for requests that are completed at now.
func (r Rules) completed(now time.Time) int64 { return r.recorded(now, 2) }

func (r Rules) recorded(now time.Time, delays int) int64 {
	if r.RecordDelay == 0 {
		return math.MaxInt64
	}
	return now.Add(-time.Duration(delays)*r.RecordDelay).UnixMilli() + 1
}

// appearance returns a request as it can be read at now. While it is pending, its usage and cost are unknown, and it
// does not count as usage.
func (r Rules) appearance(req Request, now time.Time) Request {
	if req.CreatedAt.UnixMilli() < r.completed(now) {
		return req
	}
	req.Status, req.ResponseID, req.Usage, req.InputCost, req.OutputCost = RequestPending, "", Usage{}, 0, 0
	req.Charge.Amount, req.Charge.Breakdown = 0, nil
	return req
}
