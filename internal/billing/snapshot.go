package billing

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// snapshotVersion changes whenever older snapshots can't be read any more.
const snapshotVersion = 1

// snapshot is the state of an engine, as JSON. What can be derived is left out.
type snapshot struct {
	Version   int
	Seed      uint64
	Seq       uint64
	Now       time.Time
	Merchants []merchantSnapshot
}

type merchantSnapshot struct {
	Merchant
	Meters        []*Meter
	Plans         []*plan
	Customers     []*customer
	Subscriptions []*subscription
	Sessions      []*CheckoutSession
	Payments      []*Payment
	SecretKeys    []*SecretKey
	SpendKeys     []*SpendKey
	Webhooks      []*Webhook
	Requests      []Request
}

// Snapshot returns the whole state as JSON. Equal states give equal bytes. It
// holds no secret, only hashes of secrets.
func (e *Engine) Snapshot() ([]byte, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	snap := snapshot{Version: snapshotVersion, Seed: e.cfg.Seed, Seq: e.seq, Now: e.now}
	for _, m := range e.all.items {
		requests := make([]Request, len(m.requests.all))
		for i, r := range m.requests.all {
			requests[i] = r.view()
		}
		snap.Merchants = append(snap.Merchants, merchantSnapshot{
			Merchant: m.Merchant, Meters: m.meters.items, Plans: m.plans.items, Customers: m.customers.items,
			Subscriptions: m.subscriptions.items, Sessions: m.sessions.items, Payments: m.payments.items,
			SecretKeys: m.secretKeys.items, SpendKeys: m.spendKeys.items, Webhooks: m.webhooks.items, Requests: requests,
		})
	}
	return json.Marshal(snap)
}

// Restore replaces the state of an engine by a snapshot. On an error the
// engine stays as it was.
func (e *Engine) Restore(data []byte) error {
	var snap snapshot
	if err := json.Unmarshal(data, &snap); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if snap.Version != snapshotVersion {
		return fmt.Errorf("snapshot: version %d, this program reads version %d", snap.Version, snapshotVersion)
	}
	if len(snap.Merchants) == 0 {
		return errors.New("snapshot: it has no merchant")
	}
	cfg := e.cfg
	cfg.Seed = snap.Seed
	next := New(cfg)
	next.seq, next.now = snap.Seq, snap.Now
	for _, ms := range snap.Merchants {
		if err := next.restore(ms); err != nil {
			return fmt.Errorf("snapshot: %w", err)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cfg, e.seq, e.now, e.due = next.cfg, next.seq, next.now, next.due
	e.all, e.byKey, e.bySecret, e.bySpendKey = next.all, next.byKey, next.bySecret, next.bySpendKey
	return nil
}

func (e *Engine) restore(ms merchantSnapshot) error {
	m := newMerchant(ms.Merchant)
	e.all.add(m)
	addAll(&m.meters, ms.Meters)
	addAll(&m.plans, ms.Plans)
	addAll(&m.customers, ms.Customers)
	addAll(&m.subscriptions, ms.Subscriptions)
	addAll(&m.sessions, ms.Sessions)
	addAll(&m.payments, ms.Payments)
	addAll(&m.secretKeys, ms.SecretKeys)
	addAll(&m.spendKeys, ms.SpendKeys)
	addAll(&m.webhooks, ms.Webhooks)
	for _, k := range ms.SecretKeys {
		e.byKey[k.Hash] = m
	}
	for _, k := range ms.SpendKeys {
		e.bySpendKey[k.Hash] = spendKeyRef{m, k}
	}
	for _, s := range ms.Sessions {
		e.bySecret[s.SecretHash] = sessionRef{m, s}
	}
	for _, meter := range ms.Meters {
		if !meter.Deleted {
			m.bySlug[meter.Slug] = meter
		}
	}
	for _, c := range ms.Customers {
		if c.ReferenceID != "" {
			m.byReference[c.ReferenceID] = c
		}
		if c.PhoneVerified {
			m.byPhone[c.Phone] = c
		}
	}
	for _, s := range ms.Subscriptions {
		if m.plan(s.PlanID) == nil {
			return fmt.Errorf("the subscription %q is on an unknown plan", s.ID)
		}
		if s.Status == SubscriptionActive {
			e.schedule(m, s)
		}
	}
	for _, r := range ms.Requests {
		cust, _ := m.customers.get(r.CustomerID)
		m.requests.add(m.restoreRecord(r), cust)
	}
	return nil
}

func (m *merchant) restoreRecord(r Request) *record {
	meter, _ := m.meters.get(r.MeterID)
	return &record{
		id: r.ID, seq: r.Seq, at: r.CreatedAt, customerID: r.CustomerID, meter: meter,
		source: m.requests.source(r.Source), responseID: r.ResponseID, usage: r.Usage,
		inputCost: r.InputCost, outputCost: r.OutputCost, charge: r.Charge.Amount,
		breakdown: r.Charge.Breakdown, metadata: r.Metadata, failed: r.Status == RequestError,
	}
}

func addAll[T interface{ object() *Object }](l *list[T], items []T) {
	for _, v := range items {
		l.add(v)
	}
}
