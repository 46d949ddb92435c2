package billing

import (
	"cmp"
	"slices"
)

// plan is what a customer subscribes to.
type plan struct {
	Object
	Name           string
	PeriodAmount   Amount // the price of a cycle
	IncludedCredit Amount // granted at the start of each cycle
	Interval       Interval
	Rollover       Rollover
	BundleRollover Rollover
	TopUpBundleID  string // bought automatically for new subscriptions; may be empty
	MeterIDs       []string
	Bundles        []*CreditBundle
	Deleted        bool // kept for the subscriptions that ended on it
}

// Rollover is what happens to credit at the end of a cycle.
type Rollover string

// The ways of rolling over that Lava documents.
const (
	RolloverFull Rollover = "full" // it is kept
	RolloverNone Rollover = "none" // it expires
)

// Plan is a plan as an application sees it.
type Plan struct {
	Object
	MerchantID     string
	Name           string
	PeriodAmount   Amount
	IncludedCredit Amount
	Interval       Interval
	Rollover       Rollover
	BundleRollover Rollover
	TopUpBundleID  string
	Meters         []Meter
	Bundles        []CreditBundle
}

// The highest price of a plan, as Lava documents it, and the highest credit at a time. Assumption credit-limit.
const (
	maxPeriodAmount = 10_000 * Dollar
	maxCredit       = 1_000_000 * Dollar
)

// CreatePlan defines a plan.
type CreatePlan struct {
	MerchantID       string
	Name             string
	PeriodAmount     string
	IncludedCredit   string // PeriodAmount if empty
	Interval         Interval
	Rollover         Rollover // none if empty
	BundleRollover   Rollover // full if empty
	MeterIDs         []string
	Bundles          []CreditBundleParams
	TopUpBundleIndex *int // into Bundles
}

func (c CreatePlan) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreatePlan) apply(tx *tx, m *merchant) (Plan, error) {
	p := plan{
		Name: c.Name, Interval: c.Interval,
		Rollover: cmp.Or(c.Rollover, RolloverNone), BundleRollover: cmp.Or(c.BundleRollover, RolloverFull),
	}
	err := checkName("name", c.Name)
	if err != nil {
		return Plan{}, err
	}
	if p.PeriodAmount, err = parseMoney("period_amount", c.PeriodAmount, 0, maxPeriodAmount); err != nil {
		return Plan{}, err
	}
	if err := oneOf("billing_interval", c.Interval, Day, Week, Month, Year); err != nil {
		return Plan{}, err
	}
	p.IncludedCredit = p.PeriodAmount
	if c.IncludedCredit != "" {
		if p.IncludedCredit, err = parseMoney("included_credit", c.IncludedCredit, 0, maxCredit); err != nil {
			return Plan{}, err
		}
	}
	if err := p.checkRollover(); err != nil {
		return Plan{}, err
	}
	if p.MeterIDs, err = m.linked(c.MeterIDs); err != nil {
		return Plan{}, err
	}
	for i, b := range c.Bundles {
		bundle, err := b.parse(i)
		if err != nil {
			return Plan{}, err
		}
		p.Bundles = append(p.Bundles, bundle)
	}
	if i := c.TopUpBundleIndex; i != nil && (*i < 0 || *i >= len(p.Bundles)) {
		return Plan{}, Invalid("default_auto_top_up_bundle_index", "%d is not the index of one of %d credit_bundles", *i, len(p.Bundles))
	}

	p.Object = tx.object("sc")
	for _, b := range p.Bundles {
		b.Object, b.PlanID = tx.object("cb"), p.ID
	}
	if c.TopUpBundleIndex != nil {
		p.TopUpBundleID = p.Bundles[*c.TopUpBundleIndex].ID
	}
	m.plans.add(&p)
	return m.viewPlan(&p), nil
}

// UpdatePlan changes a plan. A nil field stays unchanged. A changed included
// credit applies from each subscription's next renewal on (assumption
// included-credit). MeterIDs replaces the links; Bundles are reconciled: unmentioned
// ones stay.
type UpdatePlan struct {
	MerchantID     string
	ID             string
	Name           *string
	IncludedCredit *string
	Rollover       *Rollover
	BundleRollover *Rollover
	MeterIDs       *[]string
	Bundles        []CreditBundleParams
	TopUpBundleID  *string // empty clears it
}

func (c UpdatePlan) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdatePlan) apply(tx *tx, m *merchant) (Plan, error) {
	p, err := m.livePlan(c.ID)
	if err != nil {
		return Plan{}, err
	}
	next := *p
	if c.Name != nil {
		next.Name = *c.Name
		if err := checkName("name", next.Name); err != nil {
			return Plan{}, err
		}
	}
	if c.IncludedCredit != nil {
		if next.IncludedCredit, err = parseMoney("included_credit", *c.IncludedCredit, 0, maxCredit); err != nil {
			return Plan{}, err
		}
	}
	next.Rollover = deref(c.Rollover, next.Rollover)
	next.BundleRollover = deref(c.BundleRollover, next.BundleRollover)
	if err := next.checkRollover(); err != nil {
		return Plan{}, err
	}
	if c.MeterIDs != nil {
		if next.MeterIDs, err = m.linked(*c.MeterIDs); err != nil {
			return Plan{}, err
		}
	}
	if next.Bundles, err = p.reconcile(c.Bundles); err != nil {
		return Plan{}, err
	}
	if !next.hasBundle(next.TopUpBundleID) {
		next.TopUpBundleID = ""
	}
	if c.TopUpBundleID != nil {
		next.TopUpBundleID = *c.TopUpBundleID
		if next.TopUpBundleID != "" && !next.hasBundle(next.TopUpBundleID) {
			return Plan{}, Invalid("default_auto_top_up_bundle_id", "%q is not a bundle of this plan", shorten(next.TopUpBundleID))
		}
	}

	for _, b := range next.Bundles {
		if b.ID == "" {
			b.Object, b.PlanID = tx.object("cb"), p.ID
		}
	}
	*p = next
	for _, s := range m.subscriptions.items {
		if s.PlanID == p.ID && s.Status == SubscriptionActive && !p.hasBundle(s.TopUpBundleID) {
			s.TopUpBundleID, s.TopUpBlocked = "", false
		}
	}
	return m.viewPlan(p), nil
}

// DeletePlan removes a plan that no customer is on or is to change to. The Free
// plan stays. Assumption plan-delete.
type DeletePlan struct {
	MerchantID string
	ID         string
}

func (c DeletePlan) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeletePlan) apply(_ *tx, m *merchant) (struct{}, error) {
	p, err := m.livePlan(c.ID)
	if err != nil {
		return struct{}{}, err
	}
	if p.ID == m.FreePlanID {
		return struct{}{}, Errorf(CodeConflict, "", "the plan %q can't be deleted, because customers without a paid plan are on it", p.Name)
	}
	for _, s := range m.subscriptions.items {
		if s.Status == SubscriptionActive && (s.PlanID == p.ID || s.Pending != nil && s.Pending.PlanID == p.ID) {
			return struct{}{}, Errorf(CodeConflict, "", "the plan %q can't be deleted, because it has subscribers", p.Name)
		}
	}
	p.Deleted = true
	return struct{}{}, nil
}

// Plan returns a plan by its id.
func (e *Engine) Plan(merchantID, id string) (Plan, error) {
	return read(e, merchantID, func(m *merchant) (Plan, error) {
		p, err := m.livePlan(id)
		if err != nil {
			return Plan{}, err
		}
		return m.viewPlan(p), nil
	})
}

// Plans lists plans.
func (e *Engine) Plans(merchantID string, page PageParams) (Page[Plan], error) {
	return read(e, merchantID, func(m *merchant) (Page[Plan], error) {
		live := func(p *plan) bool { return !p.Deleted }
		return pageOf(m.plans.items, page, m.plans.seq, live, m.viewPlan), nil
	})
}

// plan returns a plan that something refers to, deleted or not.
func (m *merchant) plan(id string) *plan {
	p, _ := m.plans.get(id)
	return p
}

func (m *merchant) freePlan() *plan { return m.plan(m.FreePlanID) }

func (m *merchant) livePlan(id string) (*plan, error) {
	p, ok := m.plans.get(id)
	if !ok || p.Deleted {
		return nil, unknown("plan_id", "plan", id)
	}
	return p, nil
}

func (m *merchant) viewPlan(p *plan) Plan {
	v := Plan{
		Object: p.Object, MerchantID: m.ID, Name: p.Name, PeriodAmount: p.PeriodAmount,
		IncludedCredit: p.IncludedCredit, Interval: p.Interval, Rollover: p.Rollover,
		BundleRollover: p.BundleRollover, TopUpBundleID: p.TopUpBundleID,
	}
	for _, id := range p.MeterIDs {
		meter, _ := m.meters.get(id)
		v.Meters = append(v.Meters, *meter)
	}
	for _, b := range p.Bundles {
		v.Bundles = append(v.Bundles, *b)
	}
	return v
}

// linked checks the ids of the meters to link to a plan.
func (m *merchant) linked(ids []string) ([]string, error) {
	var out []string
	for i, id := range ids {
		if _, err := m.liveMeter(id); err != nil {
			return nil, Invalid("meter_ids", "no meter %q (at index %d)", shorten(id), i)
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

// admits reports whether customers of the plan may use a meter. A plan without linked meters admits all meters.
// Assumption entitlement.
func (p *plan) admits(meter *Meter) bool {
	return len(p.MeterIDs) == 0 || slices.Contains(p.MeterIDs, meter.ID)
}

func (p *plan) checkRollover() error {
	if err := oneOf("rollover_type", p.Rollover, RolloverFull, RolloverNone); err != nil {
		return err
	}
	return oneOf("bundle_rollover_type", p.BundleRollover, RolloverFull, RolloverNone)
}
