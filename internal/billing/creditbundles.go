package billing

import "slices"

// CreditBundle is extra credit that subscribers of a plan can buy.
type CreditBundle struct {
	Object
	PlanID       string
	Name         string
	Cost         Amount
	CreditAmount Amount
}

// CreditBundleParams is a bundle as an application gives it.
type CreditBundleParams struct {
	ID           string // in an update: the bundle to change; empty adds one
	Name         string
	Cost         string
	CreditAmount string
	Deleted      bool // in an update: removes the bundle
}

// CreditBundle returns a bundle by its id.
func (e *Engine) CreditBundle(merchantID, id string) (CreditBundle, error) {
	return read(e, merchantID, func(m *merchant) (CreditBundle, error) {
		for _, b := range m.bundles("") {
			if b.ID == id {
				return *b, nil
			}
		}
		return CreditBundle{}, notFound("credit bundle", id)
	})
}

// CreditBundles lists the bundles of one plan, or of all if planID is empty.
func (e *Engine) CreditBundles(merchantID, planID string, page PageParams) (Page[CreditBundle], error) {
	return read(e, merchantID, func(m *merchant) (Page[CreditBundle], error) {
		if planID != "" {
			if _, err := m.livePlan(planID); err != nil {
				return Page[CreditBundle]{}, err
			}
		}
		seq := func(b *CreditBundle) uint64 { return b.Seq }
		return pageOf(m.bundles(planID), page, seq, nil, valueOf), nil
	})
}

// bundles returns the bundles of a plan, or of all plans, oldest first.
func (m *merchant) bundles(planID string) []*CreditBundle {
	var all []*CreditBundle
	for _, p := range m.plans.items {
		if !p.Deleted && (planID == "" || p.ID == planID) {
			all = append(all, p.Bundles...)
		}
	}
	slices.SortFunc(all, func(a, b *CreditBundle) int { return bySeq(a, b.Seq) })
	return all
}

func (p *plan) bundle(id string) *CreditBundle {
	for _, b := range p.Bundles {
		if b.ID == id {
			return b
		}
	}
	return nil
}

func (p *plan) hasBundle(id string) bool { return p.bundle(id) != nil }

// reconcile returns the plan's bundles with the changes of an update applied. The bundles in the result are new; p
// keeps its own.
func (p *plan) reconcile(changes []CreditBundleParams) ([]*CreditBundle, error) {
	bundles := slices.Clone(p.Bundles)
	for i, change := range changes {
		at := -1
		if change.ID != "" {
			at = slices.IndexFunc(bundles, func(b *CreditBundle) bool { return b.ID == change.ID })
			if at < 0 {
				return nil, Invalid(indexed("credit_bundles", i, "credit_bundle_id"), "%q is not a bundle of this plan", shorten(change.ID))
			}
		}
		if change.Deleted {
			if at < 0 {
				return nil, Invalid(indexed("credit_bundles", i, "credit_bundle_id"), "is required to remove a bundle")
			}
			bundles = slices.Delete(bundles, at, at+1)
			continue
		}
		b, err := change.parse(i)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			bundles = append(bundles, b)
			continue
		}
		b.Object, b.PlanID = bundles[at].Object, p.ID
		bundles[at] = b
	}
	return bundles, nil
}

func (b CreditBundleParams) parse(i int) (*CreditBundle, error) {
	if err := checkName(indexed("credit_bundles", i, "name"), b.Name); err != nil {
		return nil, err
	}
	cost, err := parseMoney(indexed("credit_bundles", i, "cost"), b.Cost, 0, maxPeriodAmount)
	if err != nil {
		return nil, err
	}
	credit, err := parseMoney(indexed("credit_bundles", i, "credit_amount"), b.CreditAmount, 0, maxCredit)
	if err != nil {
		return nil, err
	}
	return &CreditBundle{Name: b.Name, Cost: cost, CreditAmount: credit}, nil
}

// topUp buys the subscription's bundle, if it names one, when credits are used up. After a decline, it does not try
// again until something changes. Assumption top-up.
func (tx *tx) topUp(m *merchant, c *customer) {
	s := m.active(c)
	bundle := m.plan(s.PlanID).bundle(s.TopUpBundleID)
	if bundle == nil || s.TopUpBlocked || c.Credits.Total() > 0 {
		return
	}
	if err := tx.pay(m, c, PaymentTopUp, bundle.Cost, bundle.ID); err != nil {
		s.TopUpBlocked = true
		return
	}
	tx.post(c, EntryTopUp, Credits{Bundle: bundle.CreditAmount}, bundle.ID)
}
