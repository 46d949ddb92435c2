package billing

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	maxSeq    = 1<<40 - 1  // limited by the bits in NewID
	maxCycles = 8100 * 366 // the days of all years
)

// restore reads a state that snapshot has written.
func restore(data []byte) (*state, error) {
	var snap Snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if snap.Version < 1 || snap.Version > snapshotVersion {
		return nil, fmt.Errorf("snapshot: version %d, this program reads versions 1 to %d", snap.Version, snapshotVersion)
	}
	if len(snap.Merchants) == 0 {
		return nil, errors.New("snapshot: there is no merchant")
	}
	if year := snap.Now.UTC().Year(); year < 1970 || year > 9998 {
		return nil, fmt.Errorf("snapshot: the year %d is out of range", year)
	}
	if snap.Seq > maxSeq {
		return nil, fmt.Errorf("snapshot: the sequence %d is more than ids hold", snap.Seq)
	}
	s := newState(snap.Seed)
	s.seq, s.now = snap.Seq, snap.Now.UTC().Truncate(time.Millisecond)
	for _, ms := range snap.Merchants {
		if err := s.restoreMerchant(ms); err != nil {
			return nil, fmt.Errorf("snapshot: %w", err)
		}
	}
	for _, f := range snap.Failures {
		if f == nil {
			return nil, errors.New("snapshot: a failure is missing")
		}
		if err := f.check(); err != nil {
			return nil, fmt.Errorf("snapshot: the failure %q: %w", f.ID, err)
		}
	}
	s.failures, s.lenient = snap.Failures, snap.Lenient
	if err := s.restoreDeclines(&snap); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	if err := s.restoreReplies(snap.Replies); err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	return s, nil
}

func (s *state) restoreMerchant(ms merchantSnapshot) error {
	m := &merchant{Merchant: ms.Merchant}
	if _, taken := s.merchants.get(m.ID); taken {
		return fmt.Errorf("the merchant %q appears twice", m.ID)
	}
	s.merchants.add(m)
	if err := errors.Join(
		addAll(&m.meters, ms.Meters, s.seq), addAll(&m.plans, ms.Plans, s.seq), addAll(&m.customers, ms.Customers, s.seq),
		addAll(&m.subscriptions, ms.Subscriptions, s.seq), addAll(&m.sessions, ms.Sessions, s.seq),
		addAll(&m.payments, ms.Payments, s.seq), addAll(&m.secretKeys, ms.SecretKeys, s.seq),
		addAll(&m.spendKeys, ms.SpendKeys, s.seq), addAll(&m.webhooks, ms.Webhooks, s.seq),
	); err != nil {
		return err
	}
	if err := m.check(s.now); err != nil {
		return err
	}
	for _, k := range ms.SecretKeys {
		if _, taken := s.byKey[k.Hash]; taken {
			return fmt.Errorf("the secret key %q appears twice", k.ID)
		}
		s.byKey[k.Hash] = m
	}
	for _, k := range ms.SpendKeys {
		if _, taken := s.bySpendKey[k.Hash]; taken {
			return fmt.Errorf("the spend key %q appears twice", k.ID)
		}
		put(&s.bySpendKey, k.Hash, spendKeyRef{m, k})
	}
	for _, session := range ms.Sessions {
		put(&s.bySecret, session.SecretHash, sessionRef{m, session})
	}
	for _, meter := range ms.Meters {
		if _, taken := m.bySlug[meter.Slug]; !meter.Deleted && taken {
			return fmt.Errorf("the slug %q appears twice", meter.Slug)
		}
		if !meter.Deleted {
			put(&m.bySlug, meter.Slug, meter)
		}
	}
	for _, c := range ms.Customers {
		if _, taken := m.byReference[c.ReferenceID]; taken {
			return fmt.Errorf("the reference id %q appears twice", c.ReferenceID)
		}
		if c.ReferenceID != "" {
			put(&m.byReference, c.ReferenceID, c)
		}
		if _, taken := m.byPhone[c.Phone]; c.PhoneVerified && (taken || c.Phone == "") {
			return fmt.Errorf("the phone of the customer %q is not theirs alone", c.ID)
		}
		if c.PhoneVerified {
			put(&m.byPhone, c.Phone, c)
		}
	}
	for _, sub := range ms.Subscriptions {
		if sub.Status == SubscriptionActive {
			s.schedule(m, sub)
		}
	}
	return s.restoreRequests(m, ms)
}

func (s *state) restoreRequests(m *merchant, ms merchantSnapshot) error {
	var last Object
	check := func(r *Request) error {
		if r.Seq <= last.Seq || r.Seq > s.seq || r.CreatedAt.Before(last.CreatedAt) || r.CreatedAt.After(s.now) {
			return fmt.Errorf("the request %q is out of order", r.ID)
		}
		last = r.Object
		if _, taken := m.requests.find(r.ID); taken {
			return fmt.Errorf("the request %q appears twice", r.ID)
		}
		if err := r.Usage.check(); err != nil {
			return fmt.Errorf("the request %q: %w", r.ID, err)
		}
		return nil
	}
	for _, r := range ms.Requests {
		meter, ok := m.meters.get(r.MeterID)
		if r.MeterID != "" && !ok {
			return fmt.Errorf("the request %q has an unknown meter", r.ID)
		}
		if err := check(&r); err != nil {
			return err
		}
		m.requests.add(&r, meter)
	}
	tables := &requestLog{customers: interned[string]{all: ms.Log.Customers}, sources: interned[Source]{all: ms.Log.Sources}}
	for _, id := range ms.Log.Meters {
		meter, ok := m.meters.get(id)
		if id != "" && !ok {
			return fmt.Errorf("there are requests of the unknown meter %q", id)
		}
		tables.meters.all = append(tables.meters.all, meter)
	}
	for _, packed := range ms.Log.Chunks {
		if err := m.requests.restore(packed, tables, check); err != nil {
			return fmt.Errorf("the requests of the merchant %q: %w", m.ID, err)
		}
	}
	return nil
}

// check rejects a state that no commands could have led to, as far as the engine depends on it.
func (m *merchant) check(now time.Time) error {
	if p := m.freePlan(); p == nil || p.Deleted || p.PeriodAmount != 0 {
		return fmt.Errorf("the merchant %q has no free plan", m.ID)
	}
	for _, meter := range m.meters.items {
		if err := meter.check(); err != nil {
			return fmt.Errorf("the meter %q: %w", meter.ID, err)
		}
	}
	for _, p := range m.plans.items {
		if err := p.check(); err != nil {
			return fmt.Errorf("the plan %q: %w", p.ID, err)
		}
		for _, id := range p.MeterIDs {
			if _, err := m.liveMeter(id); err != nil {
				return fmt.Errorf("the plan %q: %w", p.ID, err)
			}
		}
	}
	for _, s := range m.subscriptions.items {
		if err := m.checkSubscription(s, now); err != nil {
			return err
		}
	}
	for _, s := range m.sessions.items {
		if s.Mode == CheckoutCreditBundle && s.CustomerID == "" {
			return fmt.Errorf("the checkout session %q sells a bundle to nobody", s.ID)
		}
	}
	for _, k := range m.spendKeys.items {
		if err := k.check(); err != nil {
			return fmt.Errorf("the spend key %q: %w", k.ID, err)
		}
	}
	for _, w := range m.webhooks.items {
		if err := w.check(); err != nil {
			return fmt.Errorf("the webhook %q: %w", w.ID, err)
		}
	}
	for _, pm := range m.Cards {
		if pm.Card.Brand == "" {
			return fmt.Errorf("the payment method %q is not a card", pm.ID)
		}
	}
	for _, c := range m.customers.items {
		if s := m.active(c); s == nil || s.CustomerID != c.ID || s.Status != SubscriptionActive {
			return fmt.Errorf("the customer %q has no active subscription", c.ID)
		}
		if c.Counts == nil {
			c.Counts = map[string]int64{}
		}
		for id, n := range c.Counts {
			if n < 0 {
				return fmt.Errorf("the customer %q has used %d of the meter %q", c.ID, n, id)
			}
		}
		if c.Card != nil && c.Card.Brand == "" {
			return fmt.Errorf("the customer %q has no card", c.ID)
		}
		if entries, err := c.Ledger.entries(); err != nil || !addsUp(entries, c.Credits) {
			return fmt.Errorf("the ledger of the customer %q does not add up to the credits", c.ID)
		}
	}
	return nil
}

func (m *Meter) check() error {
	if err := oneOf("rate_type", m.RateType, Fixed, Percentage); err != nil {
		return err
	}
	if err := oneOf("tier_type", m.Unit, Tokens1M, Characters1M, Minutes, Requests); err != nil {
		return err
	}
	if m.Count < 0 {
		return fmt.Errorf("%d are used", m.Count)
	}
	if len(m.Tiers) == 0 || m.Tiers[0].Start != 0 || !slices.IsSortedFunc(m.Tiers, func(a, b Tier) int { return cmp.Compare(a.Start, b.Start) }) {
		return errors.New("the tiers don't ascend from 0")
	}
	for _, t := range m.Tiers {
		if t.Rate < 0 || t.Rate > MaxAmount {
			return fmt.Errorf("the rate %s is out of range", t.Rate.Plain())
		}
	}
	return nil
}

func (p *plan) check() error {
	if err := oneOf("billing_interval", p.Interval, Day, Week, Month, Year); err != nil {
		return err
	}
	if err := p.checkRollover(); err != nil {
		return err
	}
	if p.PeriodAmount < 0 || p.IncludedCredit < 0 || p.IncludedCredit > maxCredit {
		return errors.New("the price or the credit is out of range")
	}
	for _, b := range p.Bundles {
		if b == nil || b.Cost < 0 || b.CreditAmount < 0 || b.CreditAmount > maxCredit {
			return errors.New("a bundle is out of range")
		}
	}
	return nil
}

func (m *merchant) checkSubscription(s *subscription, now time.Time) error {
	p := m.plan(s.PlanID)
	if p == nil {
		return fmt.Errorf("the subscription %q is on an unknown plan", s.ID)
	}
	if s.Status != SubscriptionActive {
		return nil
	}
	c, ok := m.customers.get(s.CustomerID)
	switch {
	case !ok || c.SubscriptionID != s.ID:
		return fmt.Errorf("the subscription %q is active but has no customer", s.ID)
	case s.Cycle < 0 || s.Cycle > maxCycles || !s.CycleEnd.Equal(p.Interval.after(s.anchor(), s.Cycle+1)) ||
		!s.CycleEnd.After(s.CycleStart) || !s.CycleEnd.After(now) || s.CreatedAt.After(now) || s.anchor().After(now):
		return fmt.Errorf("the cycle of the subscription %q does not fit its plan", s.ID)
	case s.Pending != nil && s.Pending.Type == Downgrade && m.plan(s.Pending.PlanID) == nil:
		return fmt.Errorf("the subscription %q has a pending change to an unknown plan", s.ID)
	}
	return nil
}

// addAll fills a list, whose items must be in the order of their creation.
func addAll[T any, P interface {
	*T
	object() *Object
}](l *list[P], items []P, most uint64) error {
	last := uint64(0)
	for _, v := range items {
		if v == nil || v.object().Seq <= last || v.object().Seq > most {
			return errors.New("a list is not in the order of creation")
		}
		last = v.object().Seq
		if _, taken := l.get(v.object().ID); taken {
			return fmt.Errorf("%q appears twice", v.object().ID)
		}
		l.add(v)
	}
	return nil
}
