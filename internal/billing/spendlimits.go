package billing

import (
	"cmp"
	"slices"
	"time"
)

// SpendLimit limits what a key spends in a cycle.
type SpendLimit struct {
	Amount Amount
	Cycle  LimitCycle
}

// RequestLimit limits how many requests a key makes in a cycle.
type RequestLimit struct {
	Count int64
	Cycle LimitCycle
}

// RateLimit limits how fast a key makes requests.
type RateLimit struct {
	RPM   int64
	Burst int64 // how many at a time; 0 is RPM
}

// LimitCycle is when a limit starts again: at midnight UTC, each day, on
// Mondays or on the first of the month, or never. That weeks begin on Monday is
// this project's choice. Assumption limit-cycles.
type LimitCycle string

// The cycles that Lava documents.
const (
	CycleDaily   LimitCycle = "daily"
	CycleWeekly  LimitCycle = "weekly"
	CycleMonthly LimitCycle = "monthly"
	CycleTotal   LimitCycle = "total"
)

// SpendDay is what a key has used on one day, in UTC.
type SpendDay struct {
	Day      int64 // since 1970
	Spend    Amount
	Requests int64
}

// AdmitSpendKey decides whether a request with a spend key may be sent to its
// provider. Each limit has its own error.
type AdmitSpendKey struct {
	KeyHash  KeyHash
	Shape    RequestShape // of the endpoint
	Provider string
	Model    string
	Unpriced bool // the provider charges nothing for it
}

func (c AdmitSpendKey) owner(s *state) (*merchant, error) {
	ref, ok := s.bySpendKey[c.KeyHash]
	if !ok {
		return nil, Errorf(CodeAuthentication, "", "the spend key is unknown or was revoked")
	}
	return ref.m, nil
}

func (c AdmitSpendKey) apply(tx *tx, m *merchant) (Decision, error) {
	k := tx.bySpendKey[c.KeyHash].k
	if err := k.admits(c, tx.now); err != nil {
		return Decision{}, err
	}
	if !c.Unpriced && m.WalletBalance <= 0 {
		return Decision{}, errEmptyWallet()
	}
	if k.RateLimit != nil {
		k.NextAt = k.RateLimit.next(k.NextAt, tx.now)
	}
	k.use(tx.now, SpendDay{Requests: 1})
	return Decision{RequestID: tx.object("req").ID, MerchantID: m.ID, SpendKeyID: k.ID, Epoch: m.epoch}, nil
}

// admits checks all limits of a key. Money counts once it is recorded, and nothing is reserved: concurrent requests
// that began below the limit are all charged in full. Assumption spend-limits.
func (k *SpendKey) admits(c AdmitSpendKey, now time.Time) error {
	if err := k.open(now); err != nil {
		return err
	}
	switch {
	case c.Shape != "" && c.Shape != k.Shape:
		return Errorf(CodeRequestShape, "", "the spend key %q is for requests in the format of %s, not of %s", k.Name, k.Shape, c.Shape)
	case !k.AllowsProvider(c.Provider):
		return Errorf(CodeModelNotAllowed, "model", "model: the spend key %q does not allow the provider %q", k.Name, c.Provider)
	case !k.AllowsModel(c.Model):
		return Errorf(CodeModelNotAllowed, "model", "model: the spend key %q does not allow the model %q", k.Name, c.Model)
	}
	if err := k.withinLimits(now); err != nil {
		return err
	}
	if l := k.RateLimit; l != nil && !l.admits(k.NextAt, now) {
		return Errorf(CodeRateLimitExceeded, "", "the spend key %q is limited to %d requests per minute", k.Name, l.RPM)
	}
	return nil
}

// open rejects a key that can't be used for anything now.
func (k *SpendKey) open(now time.Time) error {
	switch {
	case k.Status == SpendKeyPaused:
		return Errorf(CodeKeyPaused, "", "the spend key %q is paused", k.Name)
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return Errorf(CodeForbidden, "", "the spend key %q expired at %s", k.Name, k.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

// withinLimits rejects a key that has reached a limit of its cycle.
func (k *SpendKey) withinLimits(now time.Time) error {
	if l := k.SpendLimit; l != nil && k.in(l.Cycle, now).Spend >= l.Amount {
		return Errorf(CodeSpendLimitExceeded, "", "Service key spend limit exceeded. The spend key %q has spent its %s limit of %s.", k.Name, l.Cycle, l.Amount.Plain())
	}
	if l := k.RequestLimit; l != nil && k.in(l.Cycle, now).Requests >= l.Count {
		return Errorf(CodeRateLimitExceeded, "", "the spend key %q has made the %d requests of its %s limit", k.Name, l.Count, l.Cycle)
	}
	return nil
}

// AllowsProvider reports whether the key may reach a provider.
func (t *SpendKeyTerms) AllowsProvider(provider string) bool {
	return t.AllowedProviders == nil || slices.Contains(t.AllowedProviders, provider)
}

// AllowsModel reports whether the key may use a model.
func (t *SpendKeyTerms) AllowsModel(model string) bool {
	return t.AllowedModels == nil || slices.Contains(t.AllowedModels, model)
}

// A rate limit is a bucket that holds a burst and refills evenly. The only state is the instant at which it will be
// full again. Assumption spend-key-rate.

func (l *RateLimit) interval() time.Duration { return time.Minute / time.Duration(l.RPM) }

func (l *RateLimit) admits(full, now time.Time) bool {
	room := time.Duration(cmp.Or(l.Burst, l.RPM)) * l.interval()
	return l.next(full, now).Sub(now) <= room
}

func (l *RateLimit) next(full, now time.Time) time.Time {
	if full.Before(now) {
		full = now
	}
	return full.Add(l.interval())
}

// keptDays is how many days of use are kept: a monthly limit needs 31.
const keptDays = 31

const day = 24 * time.Hour

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// use adds to the usage of a key.
func (k *SpendKey) use(now time.Time, u SpendDay) {
	today := dayOf(now)
	if n := len(k.Days); n == 0 || k.Days[n-1].Day != today {
		first := 0
		for first < n && k.Days[first].Day <= today-keptDays {
			first++
		}
		k.Days = append(slices.Clone(k.Days[first:]), SpendDay{Day: today})
	} else {
		k.Days = slices.Clone(k.Days) // readers hold the old one
	}
	for _, d := range []*SpendDay{&k.Days[len(k.Days)-1], &k.Total} {
		d.Spend = d.Spend.plus(u.Spend)
		d.Requests += u.Requests
	}
	k.LastUsedAt = now
}

// in returns what a key has used in the current cycle of a limit.
func (k *SpendKey) in(cycle LimitCycle, now time.Time) SpendDay {
	today := dayOf(now)
	var first int64
	switch cycle {
	case CycleDaily:
		first = today
	case CycleWeekly:
		first = today - int64(now.Weekday()+6)%7 // since Monday
	case CycleMonthly:
		first = today - int64(now.Day()-1)
	default:
		return k.Total
	}
	var sum SpendDay
	for _, d := range k.Days {
		if d.Day >= first {
			sum.Spend = sum.Spend.plus(d.Spend)
			sum.Requests += d.Requests
		}
	}
	return sum
}

// Current returns what a key has spent, and how many requests it has made, in the current cycle of each limit.
// Without a limit, it is the total.
func (k SpendKey) Current(now time.Time) (spend Amount, requests int64) {
	spend, requests = k.Total.Spend, k.Total.Requests
	if k.SpendLimit != nil {
		spend = k.in(k.SpendLimit.Cycle, now).Spend
	}
	if k.RequestLimit != nil {
		requests = k.in(k.RequestLimit.Cycle, now).Requests
	}
	return spend, requests
}

func (l *SpendLimit) check() error {
	switch {
	case l == nil:
		return nil
	case l.Amount <= 0 || l.Amount > MaxAmount:
		return Invalid("spend_limit.amount", "%s must be greater than 0", l.Amount.Plain())
	}
	return l.Cycle.check("spend_limit.cycle")
}

func (l *RequestLimit) check() error {
	switch {
	case l == nil:
		return nil
	case l.Count < 1:
		return Invalid("request_limit.count", "%d must be greater than 0", l.Count)
	}
	return l.Cycle.check("request_limit.cycle")
}

func (l *RateLimit) check() error {
	const most = 1_000_000
	switch {
	case l == nil:
		return nil
	case l.RPM < 1 || l.RPM > most:
		return Invalid("rate_limit.rpm", "%d is not between 1 and %d", l.RPM, most)
	case l.Burst < 0 || l.Burst > most:
		return Invalid("rate_limit.burst", "%d is not between 1 and %d", l.Burst, most)
	}
	return nil
}

func (c LimitCycle) check(param string) error {
	return oneOf(param, c, CycleDaily, CycleWeekly, CycleMonthly, CycleTotal)
}
