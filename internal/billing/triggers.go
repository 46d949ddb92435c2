package billing

import (
	"math"
	"sort"
	"time"
)

// The commands in this file make something happen now that would otherwise take time, usage or bad luck. Each has all
// the effects of the real event.

// RenewNow ends a customer's cycle now, as if its time had come: the subscription
// renews, or its pending change takes effect. Its cycles count from now on.
type RenewNow struct {
	MerchantID string
	Customer   string // id or reference id
}

func (c RenewNow) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c RenewNow) apply(tx *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	if err == nil {
		tx.endCycleNow(m, m.active(cust))
	}
	return struct{}{}, err
}

// CancelNow cancels a customer's subscription, and lets that take effect now.
type CancelNow struct {
	MerchantID string
	Customer   string // id or reference id
}

func (c CancelNow) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CancelNow) apply(tx *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	if err != nil {
		return struct{}{}, err
	}
	s := m.active(cust)
	if _, err := (CancelSubscription{MerchantID: m.ID, ID: s.ID}).apply(tx, m); err != nil {
		return struct{}{}, err
	}
	tx.endCycleNow(m, s)
	return struct{}{}, nil
}

// endCycleNow ends a cycle early. If another one follows, the following cycles count from now.
func (tx *tx) endCycleNow(m *merchant, s *subscription) {
	tx.unschedule(s)
	s.CycleEnd, s.Anchor, s.Cycle = tx.now, tx.now, -1
	tx.endCycle(m, s)
}

// UseUpCredits reports as much usage as uses up a customer's current credits. If the plan tops up, it does. Without
// credit, nothing happens.
type UseUpCredits struct {
	MerchantID string
	Customer   string // id or reference id
}

func (c UseUpCredits) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UseUpCredits) apply(tx *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	if err != nil || cust.Credits.Total() <= 0 {
		return struct{}{}, err
	}
	for _, meter := range m.meters.items {
		if meter.Deleted || !m.plan(m.active(cust).PlanID).admits(meter) {
			continue
		}
		if requests := tx.thatUse(cust, meter, cust.Credits.Total()); requests != nil {
			for i := range requests {
				tx.record(m, &requests[i], meter, false)
			}
			return struct{}{}, nil
		}
	}
	return struct{}{}, Errorf(CodeConflict, "", "no meter of the customer's plan can charge %s with %d requests: create a meter with a higher rate and link it to the plan", cust.Credits.Total().Plain(), maxTriggered)
}

// maxTriggered limits how many requests a trigger makes.
const maxTriggered = 10_000

// thatUse returns requests that charge an amount, or as little more as possible; nil if the meter can't. They are
// priced one after another, because the tier may change.
func (tx *tx) thatUse(c *customer, meter *Meter, amount Amount) []Request {
	var all []Request
	for count := c.Counts[meter.ID]; amount > 0; {
		charge := func(n int) (Charge, error) {
			use, cost := meter.usage(n)
			return meter.price(tx.rules, count, use, cost)
		}
		n := 1 + sort.Search(meter.most()-1, func(below int) bool {
			charge, err := charge(below + 1)
			return err != nil || charge.Amount >= amount
		})
		priced, err := charge(n)
		if err != nil || priced.Amount <= 0 || len(all) == maxTriggered {
			return nil
		}
		use, cost := meter.usage(n)
		r := Request{
			Object: Object{ID: tx.object("req").ID}, Status: RequestCompleted, CustomerID: c.ID,
			Source: Source{Provider: "custom", Endpoint: "POST /v1/requests", KeyType: KeyUnmanaged},
			Usage:  use, InputCost: cost,
		}
		r.ofMeter(meter)
		r.Charge = priced
		count = addCounts(count, meter.Unit.of(use))
		amount -= priced.Amount
		all = append(all, r)
	}
	return all
}

// usage returns n of the unit that decides what a request costs: tokens, characters or seconds, or cents of the
// provider's cost.
func (m *Meter) usage(n int) (use Usage, cost Amount) {
	switch {
	case m.RateType == Percentage:
		cost = Amount(n) * (Dollar / 100)
	case m.Unit == Tokens1M:
		use.InputTokens = int64(n)
	case m.Unit == Characters1M:
		use.InputCharacters = int64(n)
	case m.Unit == Minutes:
		use.InputDuration = time.Duration(n) * time.Second
	}
	return use, cost
}

// most returns the highest number that usage accepts.
func (m *Meter) most() int {
	most := int64(maxCount)
	switch {
	case m.RateType == Percentage:
		most = int64(MaxAmount / (Dollar / 100))
	case m.Unit == Requests:
		most = 1
	case m.Unit == Minutes:
		most = int64(maxDuration / time.Second)
	}
	return int(min(most, math.MaxInt))
}

// EmptyWallet records a request that costs as much as a merchant's wallet holds. If it is empty, nothing happens.
type EmptyWallet struct{ MerchantID string }

func (c EmptyWallet) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c EmptyWallet) apply(tx *tx, m *merchant) (struct{}, error) {
	if m.WalletBalance <= 0 {
		return struct{}{}, nil
	}
	return struct{}{}, tx.spend(m, "", m.WalletBalance)
}

// spend records a request that the wallet pays for, optionally with a spend key.
func (tx *tx) spend(m *merchant, spendKeyID string, cost Amount) error {
	d := Decision{RequestID: tx.object("req").ID, MerchantID: m.ID, SpendKeyID: spendKeyID, Epoch: m.epoch}
	_, err := RecordUsage{
		Decision: d, Source: Source{Provider: "custom", Endpoint: "POST /v1/forward", KeyType: KeyManaged}, InputCost: cost,
	}.apply(tx, m)
	return err
}

// ReachSpendLimit spends the remainder of a spend key's limit in the current cycle.
type ReachSpendLimit struct {
	MerchantID string
	SpendKeyID string
}

func (c ReachSpendLimit) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ReachSpendLimit) apply(tx *tx, m *merchant) (struct{}, error) {
	k, err := m.spendKey(c.SpendKeyID)
	if err != nil {
		return struct{}{}, err
	}
	if k.SpendLimit == nil {
		return struct{}{}, Errorf(CodeConflict, "spend_limit", "spend_limit: the spend key %q has no spend limit", k.Name)
	}
	left := k.SpendLimit.Amount - k.in(k.SpendLimit.Cycle, tx.now).Spend
	if left <= 0 {
		return struct{}{}, nil
	}
	if err := tx.canReach("spend_limit", k); err != nil {
		return struct{}{}, err
	}
	if m.WalletBalance <= 0 {
		return struct{}{}, Errorf(CodeConflict, "spend_limit", "spend_limit: can't be reached, because the wallet is empty: fund it first")
	}
	k.use(tx.now, SpendDay{Requests: 1})
	return struct{}{}, tx.spend(m, k.ID, left)
}

// canReach returns an error if no request can be made with a key, so that its limit can't be reached.
func (tx *tx) canReach(limit string, k *SpendKey) error {
	err := k.open(tx.now)
	if err == nil {
		err = k.withinLimits(tx.now)
	}
	if err == nil {
		return nil
	}
	return Errorf(CodeConflict, limit, "%s: can't be reached, because no request is admitted: %v", limit, err)
}

// ReachRequestLimit makes the remaining requests of a spend key's limit in the current cycle. They cost nothing.
type ReachRequestLimit struct {
	MerchantID string
	SpendKeyID string
}

func (c ReachRequestLimit) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ReachRequestLimit) apply(tx *tx, m *merchant) (struct{}, error) {
	k, err := m.spendKey(c.SpendKeyID)
	if err != nil {
		return struct{}{}, err
	}
	if k.RequestLimit == nil {
		return struct{}{}, Errorf(CodeConflict, "request_limit", "request_limit: the spend key %q has no request limit", k.Name)
	}
	left := k.RequestLimit.Count - k.in(k.RequestLimit.Cycle, tx.now).Requests
	if left > maxTriggered {
		return struct{}{}, Errorf(CodeConflict, "request_limit", "request_limit: %d requests are left, but at most %d can be made at once: set a lower limit", left, maxTriggered)
	}
	if left <= 0 {
		return struct{}{}, nil
	}
	if err := tx.canReach("request_limit", k); err != nil {
		return struct{}{}, err
	}
	for range left {
		k.use(tx.now, SpendDay{Requests: 1})
		if err := tx.spend(m, k.ID, 0); err != nil {
			return struct{}{}, err
		}
	}
	return struct{}{}, nil
}

// ChangeCard replaces the card that a customer is charged with from now on. Top-ups,
// which stop after a decline, are tried again with it.
type ChangeCard struct {
	MerchantID string
	Customer   string // id or reference id
	Card       Card
}

func (c ChangeCard) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ChangeCard) apply(_ *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	if err != nil {
		return struct{}{}, err
	}
	cust.Card = &c.Card
	m.active(cust).TopUpBlocked = false
	return struct{}{}, nil
}

// ExpireCard lets a customer's card expire at the end of the month before: charges are
// declined from now on.
type ExpireCard struct {
	MerchantID string
	Customer   string // id or reference id
}

func (c ExpireCard) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ExpireCard) apply(tx *tx, m *merchant) (struct{}, error) {
	cust, err := m.customer(c.Customer)
	switch {
	case err != nil:
		return struct{}{}, err
	case cust.Card == nil:
		return struct{}{}, Errorf(CodeConflict, "card", "card: customer %q has no card on file: complete a checkout first", cust.ID)
	}
	card, before := *cust.Card, Month.after(tx.now, -1)
	card.ExpYear, card.ExpMonth = before.Year(), int(before.Month())
	card.AtOnce, card.LaterOn = DeclineExpired, DeclineExpired
	cust.Card = &card // readers hold the old one
	return struct{}{}, nil
}

// ExpireSession ends a checkout session before its time. A session that has ended stays
// as it is.
type ExpireSession struct {
	MerchantID string
	SessionID  string
}

func (c ExpireSession) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ExpireSession) apply(tx *tx, m *merchant) (struct{}, error) {
	s, ok := m.sessions.get(c.SessionID)
	if !ok {
		return struct{}{}, notFound("checkout session", c.SessionID)
	}
	if s.open(tx.now) == nil {
		s.ExpiredAt = tx.now
	}
	return struct{}{}, nil
}
