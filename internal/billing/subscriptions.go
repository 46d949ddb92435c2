package billing

import "time"

// subscription is a customer's time on a plan.
type subscription struct {
	Object
	CustomerID    string
	PlanID        string
	Status        SubscriptionStatus
	TopUpBundleID string // bought automatically when credits run out; may be empty
	TopUpBlocked  bool   // after a decline, until card, bundle or cycle change
	CancelledAt   time.Time
	Anchor        time.Time `json:",omitzero"` // cycles count from here; zero: CreatedAt
	Cycle         int       // how many cycles came before this one
	CycleStart    time.Time
	CycleEnd      time.Time
	Pending       *PendingChange
}

// SubscriptionStatus is the state of a subscription.
type SubscriptionStatus string

// The states that Lava documents.
const (
	SubscriptionActive    SubscriptionStatus = "active"
	SubscriptionCancelled SubscriptionStatus = "cancelled"
)

// PendingChange is what happens to a subscription at the end of its cycle.
type PendingChange struct {
	Type   ChangeType
	PlanID string // of a downgrade
}

// ChangeType is the kind of a PendingChange.
type ChangeType string

// The changes that Lava documents.
const (
	Cancellation ChangeType = "cancellation"
	Downgrade    ChangeType = "downgrade"
)

// Subscription is a subscription as an application sees it.
type Subscription struct {
	Object
	Customer      Customer // without its Subscription
	Plan          Plan
	Status        SubscriptionStatus
	TopUpBundleID string
	CancelledAt   time.Time // zero while active
	CycleStart    time.Time
	CycleEnd      time.Time
	Credits       Credits        // zero once cancelled
	Pending       *PendingChange // takes effect at CycleEnd
	PendingPlan   *Plan          // of a downgrade
}

// CreateSubscription puts a customer on a free plan. A customer on another free plan changes immediately, a customer
// on a paid plan at the end of the cycle. For a customer who is already on the plan, nothing changes. Assumption
// free-subscription.
type CreateSubscription struct {
	MerchantID string
	Customer   string // id or reference id
	PlanID     string
}

func (c CreateSubscription) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateSubscription) apply(tx *tx, m *merchant) (Subscription, error) {
	cust, err := m.customer(c.Customer)
	if err != nil {
		return Subscription{}, err
	}
	p, err := m.livePlan(c.PlanID)
	if err != nil {
		return Subscription{}, err
	}
	if p.PeriodAmount > 0 {
		return Subscription{}, Invalid("plan_id", "the plan %q costs %s; only free plans can be assigned, others need a checkout session", p.Name, p.PeriodAmount.Plain())
	}
	s := m.active(cust)
	switch {
	case s.PlanID == p.ID:
	case m.plan(s.PlanID).PeriodAmount > 0:
		s.Pending = &PendingChange{Type: Downgrade, PlanID: p.ID}
	default:
		tx.changePlan(m, cust, p)
	}
	return m.viewSubscription(m.active(cust)), nil
}

// UpdateSubscription sets what a subscription is topped up with.
type UpdateSubscription struct {
	MerchantID    string
	ID            string
	TopUpBundleID *string // nil leaves it unchanged; empty turns off top-ups
}

func (c UpdateSubscription) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdateSubscription) apply(_ *tx, m *merchant) (struct{}, error) {
	s, err := m.activeByID(c.ID)
	if err != nil {
		return struct{}{}, err
	}
	if c.TopUpBundleID == nil {
		return struct{}{}, nil
	}
	if *c.TopUpBundleID != "" && !m.plan(s.PlanID).hasBundle(*c.TopUpBundleID) {
		return struct{}{}, Invalid("auto_top_up_bundle_id", "%q is not a bundle of the subscription's plan", shorten(*c.TopUpBundleID))
	}
	s.TopUpBundleID, s.TopUpBlocked = *c.TopUpBundleID, false
	return struct{}{}, nil
}

// CancelSubscription ends a subscription at the end of its cycle. Canceling it again changes nothing. Assumption
// cancel-twice.
type CancelSubscription struct {
	MerchantID string
	ID         string
}

func (c CancelSubscription) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CancelSubscription) apply(_ *tx, m *merchant) (struct{}, error) {
	s, ok := m.subscriptions.get(c.ID)
	if !ok {
		return struct{}{}, notFound("subscription", c.ID)
	}
	if s.Status == SubscriptionActive {
		s.Pending = &PendingChange{Type: Cancellation}
	}
	return struct{}{}, nil
}

// SubscriptionFilter selects subscriptions. Empty fields select all.
type SubscriptionFilter struct {
	Status   SubscriptionStatus
	Customer string // id or reference id
}

// Subscriptions lists subscriptions.
func (e *Engine) Subscriptions(merchantID string, filter SubscriptionFilter, page PageParams) (Page[Subscription], error) {
	return read(e, merchantID, func(m *merchant) (Page[Subscription], error) {
		customerID := ""
		if filter.Customer != "" {
			var err error
			if customerID, err = m.customerID(filter.Customer); err != nil {
				return Page[Subscription]{}, err
			}
		}
		keep := func(s *subscription) bool {
			return (filter.Status == "" || s.Status == filter.Status) && (customerID == "" || s.CustomerID == customerID)
		}
		return pageOf(m.subscriptions.items, page, m.subscriptions.seq, keep, m.viewSubscription), nil
	})
}

// CustomerSubscription returns the active subscription of a customer.
func (e *Engine) CustomerSubscription(merchantID, customer string) (Subscription, error) {
	return read(e, merchantID, func(m *merchant) (Subscription, error) {
		c, err := m.customer(customer)
		if err != nil {
			return Subscription{}, err
		}
		return m.viewSubscription(m.active(c)), nil
	})
}

// active returns the subscription of a customer. Every customer has one.
func (m *merchant) active(c *customer) *subscription {
	s, _ := m.subscriptions.get(c.SubscriptionID)
	return s
}

func (m *merchant) activeByID(id string) (*subscription, error) {
	s, ok := m.subscriptions.get(id)
	switch {
	case !ok:
		return nil, notFound("subscription", id)
	case s.Status != SubscriptionActive:
		return nil, Errorf(CodeConflict, "", "the subscription %q is cancelled", id)
	}
	return s, nil
}

func (m *merchant) viewSubscription(s *subscription) Subscription {
	v := Subscription{
		Object: s.Object, Plan: m.viewPlan(m.plan(s.PlanID)), Status: s.Status, TopUpBundleID: s.TopUpBundleID,
		CancelledAt: s.CancelledAt, CycleStart: s.CycleStart, CycleEnd: s.CycleEnd,
	}
	v.Customer.ID = s.CustomerID
	if c, ok := m.customers.get(s.CustomerID); ok {
		v.Customer = Customer{Object: c.Object, Profile: c.Profile, ReferenceID: c.ReferenceID}
		if s.Status == SubscriptionActive {
			v.Credits = c.Credits
		}
	}
	if s.Pending != nil {
		pending := *s.Pending
		v.Pending = &pending
		if p := m.plan(pending.PlanID); p != nil {
			plan := m.viewPlan(p)
			v.PendingPlan = &plan
		}
	}
	return v
}

// subscribe starts a subscription, whose first cycle begins now, and grants the
// credit that the plan includes.
func (tx *tx) subscribe(m *merchant, c *customer, p *plan) {
	s := &subscription{
		Object: tx.object("sub"), CustomerID: c.ID, PlanID: p.ID, Status: SubscriptionActive,
		TopUpBundleID: p.TopUpBundleID, CycleStart: tx.now, CycleEnd: p.Interval.after(tx.now, 1),
	}
	m.subscriptions.add(s)
	c.SubscriptionID = s.ID
	tx.schedule(m, s)
	tx.post(c, EntryGrant, Credits{Cycle: p.IncludedCredit}, s.ID)
}

// anchor returns the instant from which the cycles count.
func (s *subscription) anchor() time.Time {
	if s.Anchor.IsZero() {
		return s.CreatedAt
	}
	return s.Anchor
}

// end cancels a customer's subscription now. Remaining credits follow the plan's rollover settings.
func (tx *tx) end(m *merchant, c *customer) {
	s := m.active(c)
	s.Status, s.CancelledAt, s.Pending = SubscriptionCancelled, tx.now, nil
	c.SubscriptionID = ""
	tx.expire(c, m.plan(s.PlanID), s.ID)
}

// changePlan ends a customer's subscription and starts one on p, now. It is
// announced even if no credit changes, because an application that keeps a copy
// of its customers would otherwise show the old plan forever.
func (tx *tx) changePlan(m *merchant, c *customer, p *plan) {
	tx.end(m, c)
	tx.subscribe(m, c, p)
	tx.announce(m, c, CustomerBalanceUpdated)
}
