package billing

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// The simulation of spend keys: their limits, and the triggers that reach them.

// modelKey remembers each use of a key, and counts those in a cycle by the calendar.
type modelKey struct {
	id     string
	hash   KeyHash
	cycle  LimitCycle
	amount decimal.Decimal // zero: no limit
	count  int64           // 0: no limit
	paused bool
	uses   []modelUse
}

type modelUse struct {
	at   time.Time
	cost decimal.Decimal
}

// used sums the uses in the cycle that contains a time.
func (k *modelKey) used(now time.Time) (spend decimal.Decimal, requests int64) {
	for _, u := range k.uses {
		if sameCycle(k.cycle, u.at, now) {
			spend, requests = spend.Add(u.cost), requests+1
		}
	}
	return spend, requests
}

func sameCycle(cycle LimitCycle, a, b time.Time) bool {
	year, week := a.ISOWeek()
	thisYear, thisWeek := b.ISOWeek()
	switch cycle {
	case CycleDaily:
		return a.Format(time.DateOnly) == b.Format(time.DateOnly)
	case CycleWeekly:
		return year == thisYear && week == thisWeek
	case CycleMonthly:
		return a.Format("2006-01") == b.Format("2006-01")
	case CycleTotal:
	}
	return true
}

// refuses returns the code with which a request by the key is rejected, not counting wallets.
func (k *modelKey) refuses(now time.Time) Code {
	spend, requests := k.used(now)
	switch {
	case k.paused:
		return CodeKeyPaused
	case k.amount.IsPositive() && spend.GreaterThanOrEqual(k.amount):
		return CodeSpendLimitExceeded
	case k.count > 0 && requests >= k.count:
		return CodeRateLimitExceeded
	}
	return ""
}

func (s *sim) someKey() *modelKey {
	if len(s.model.keys) == 0 {
		return nil
	}
	return s.model.keys[s.n(len(s.model.keys))]
}

func (s *sim) createKey() {
	if len(s.model.keys) == 4 {
		_, err := give(s, RevokeSpendKey{MerchantID: s.merchant, ID: s.model.keys[0].id})
		s.noError(err)
		s.model.keys = s.model.keys[1:]
	}
	k := &modelKey{cycle: []LimitCycle{CycleDaily, CycleWeekly, CycleMonthly, CycleTotal}[s.n(4)]}
	terms := SpendKeyTerms{Name: "k"}
	if s.chance(70) {
		k.amount = decimal.New(int64(1+s.n(3)), 0)
		terms.SpendLimit = &SpendLimit{Amount(k.amount.IntPart()) * Dollar, k.cycle}
	}
	if s.chance(70) {
		k.count = int64(2 + s.n(4))
		terms.RequestLimit = &RequestLimit{k.count, k.cycle}
	}
	created, err := give(s, CreateSpendKey{MerchantID: s.merchant, Terms: terms})
	s.noError(err)
	k.id, k.hash = created.ID, created.Hash
	s.model.keys = append(s.model.keys, k)
}

func (s *sim) pauseKey() {
	k := s.someKey()
	if k == nil {
		return
	}
	k.paused = !k.paused
	status := SpendKeyActive
	if k.paused {
		status = SpendKeyPaused
	}
	_, err := give(s, UpdateSpendKey{MerchantID: s.merchant, ID: k.id, Status: &status})
	s.noError(err)
}

// useKey makes a request with a key, if it is admitted.
func (s *sim) useKey() {
	k := s.someKey()
	if k == nil {
		return
	}
	want := k.refuses(s.at)
	if want == "" && !s.model.wallet.IsPositive() {
		want = CodeInsufficientBalance
	}
	d, err := give(s, AdmitSpendKey{KeyHash: k.hash, Shape: ShapeOpenAI, Provider: "openai", Model: "gpt-4o"})
	s.same(want, err)
	if want != "" {
		return
	}
	cost := Amount(s.n(3)) * Dollar / 4
	r, err := give(s, RecordUsage{Decision: d, Source: Source{KeyType: KeyManaged}, InputCost: cost})
	s.noError(err)
	s.keyPaid(k, r.ID, cost.Decimal())
}

func (s *sim) keyPaid(k *modelKey, request string, cost decimal.Decimal) {
	s.model.record(request, "", "", Usage{}, cost, false, false, true)
	k.uses = append(k.uses, modelUse{s.at, cost})
}

// reachLimit makes a key reach one of its limits now.
func (s *sim) reachLimit() {
	k := s.someKey()
	if k == nil {
		return
	}
	spend, requests := k.used(s.at)
	left, times, costs := k.amount.Sub(spend), int64(1), s.chance(50)
	if !costs {
		left, times = decimal.Zero, k.count-requests
	}
	want, reached := Code(""), costs && !left.IsPositive() || !costs && times <= 0
	switch {
	case costs && k.amount.IsZero(), !costs && k.count == 0:
		want = CodeConflict
	case reached:
		times = 0
	case k.refuses(s.at) != "", costs && !s.model.wallet.IsPositive():
		want = CodeConflict
	}
	var err error
	if costs {
		_, err = give(s, ReachSpendLimit{MerchantID: s.merchant, SpendKeyID: k.id})
	} else {
		_, err = give(s, ReachRequestLimit{MerchantID: s.merchant, SpendKeyID: k.id})
	}
	s.same(want, err)
	if want != "" || times == 0 {
		return
	}
	made, err := s.engine.Requests(s.merchant, RequestFilter{}, PageParams{Limit: int(times)}, s.at)
	s.noError(err)
	for _, r := range slices.Backward(made.Items) {
		s.keyPaid(k, r.ID, left)
	}
	require.NotEmpty(s, k.refuses(s.at), "the limit is reached, %s", s.where())
}

// checkKeys compares what each key has used.
func (s *sim) checkKeys() {
	s.Helper()
	for _, k := range s.model.keys {
		got, err := s.engine.SpendKey(s.merchant, k.id)
		s.noError(err)
		spend := decimal.Zero
		for _, u := range k.uses {
			spend = spend.Add(u.cost)
		}
		require.Equal(s, int64(len(k.uses)), got.Total.Requests, "requests of a key, %s", s.where())
		require.Equal(s, spend.StringFixed(Digits), got.Total.Spend.String(), "spend of a key, %s", s.where())
	}
}
