package billing

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"time"
)

// CheckoutSession is an offer to one person to pay for a plan or a bundle.
type CheckoutSession struct {
	Object
	Mode           CheckoutMode
	OriginURL      string // the only origin that may show it
	PlanID         string
	CreditBundleID string
	CustomerID     string // empty: the person who completes it
	SecretHash     KeyHash
	CompletedAt    time.Time // zero while it is open
	ExpiredAt      time.Time `json:",omitzero"` // when it was expired early; zero otherwise
}

// CheckoutMode is what a session sells.
type CheckoutMode string

// The modes that Lava documents.
const (
	CheckoutSubscription CheckoutMode = "subscription"
	CheckoutCreditBundle CheckoutMode = "credit_bundle"
)

// CheckoutSessionLife is how long a session is valid.
const CheckoutSessionLife = 60 * time.Minute

type sessionRef struct {
	m *merchant
	s *CheckoutSession
}

// CreateCheckoutSession opens a session.
type CreateCheckoutSession struct {
	MerchantID     string
	Mode           CheckoutMode
	OriginURL      string
	PlanID         string
	CreditBundleID string
	Customer       string // id or reference id
}

func (c CreateCheckoutSession) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateCheckoutSession) apply(tx *tx, m *merchant) (CheckoutSession, error) {
	if err := oneOf("checkout_mode", c.Mode, CheckoutSubscription, CheckoutCreditBundle); err != nil {
		return CheckoutSession{}, err
	}
	if err := checkOrigin(c.OriginURL); err != nil {
		return CheckoutSession{}, err
	}
	s := CheckoutSession{Mode: c.Mode, OriginURL: c.OriginURL}
	var cust *customer
	if c.Customer != "" {
		var err error
		if cust, err = m.customer(c.Customer); err != nil {
			return CheckoutSession{}, err
		}
		s.CustomerID = cust.ID
	}
	switch c.Mode {
	case CheckoutSubscription:
		if c.PlanID == "" {
			return CheckoutSession{}, missing("plan_id")
		}
		if _, err := m.livePlan(c.PlanID); err != nil {
			return CheckoutSession{}, err
		}
		s.PlanID = c.PlanID
	case CheckoutCreditBundle:
		if cust == nil {
			return CheckoutSession{}, missing("customer_id")
		}
		if c.CreditBundleID == "" {
			return CheckoutSession{}, missing("credit_bundle_id")
		}
		p := m.plan(m.active(cust).PlanID)
		if !p.hasBundle(c.CreditBundleID) {
			return CheckoutSession{}, Invalid("credit_bundle_id", "%q is not a bundle of %q, the plan the customer is on", shorten(c.CreditBundleID), p.Name)
		}
		s.CreditBundleID = c.CreditBundleID
	}
	s.Object = tx.object("cs")
	s.SecretHash = HashKey(tx.root.Derive(s.Secret()))
	tx.forgetSessions(m)
	m.sessions.add(&s)
	put(&tx.bySecret, s.SecretHash, sessionRef{m, &s})
	return s, nil
}

// keptSessions is the least number of ended checkout sessions that are kept, so that a person who comes back learns
// how their session ended.
const keptSessions = 10_000

// forgetSessions removes a merchant's oldest ended sessions if there are many. It only looks once in a while.
func (tx *tx) forgetSessions(m *merchant) {
	if n := len(m.sessions.items); n == 0 || n%keptSessions != 0 {
		return
	}
	gone := -keptSessions
	for _, s := range m.sessions.items {
		if s.open(tx.now) != nil {
			gone++
		}
	}
	m.sessions.removeFunc(func(s *CheckoutSession) bool {
		if gone <= 0 || s.open(tx.now) == nil {
			return false
		}
		gone--
		delete(tx.bySecret, s.SecretHash)
		return true
	})
}

// Secret names the secret that opens the session's page.
func (s CheckoutSession) Secret() Secret { return Secret{Kind: SecretOfCheckout, ID: s.ID} }

// CompleteCheckout completes a session as a person would: confirm the phone, enter a card, pay. A declined card
// leaves the session open. It is part of the result, not an error, because the attempt is recorded.
type CompleteCheckout struct {
	MerchantID string
	SessionID  string
	Phone      string // E.164; empty only for sessions that a test completes
	Card       *Card  // nil pays with the card on file
	// NewCard is the card that a person without a card on file pays with, if Card is nil and something is due now.
	NewCard *Card
}

// CheckoutResult is how an attempt to complete a session ended.
type CheckoutResult struct {
	CustomerID string // empty if the card was declined and the person is not a customer yet
	Declined   *Error // why the card was not charged, or nil
}

func (c CompleteCheckout) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CompleteCheckout) apply(tx *tx, m *merchant) (CheckoutResult, error) {
	s, ok := m.sessions.get(c.SessionID)
	if !ok {
		return CheckoutResult{}, notFound("checkout session", c.SessionID)
	}
	if err := s.open(tx.now); err != nil {
		return CheckoutResult{}, err
	}
	if err := (Profile{Phone: c.Phone}).check(); err != nil {
		return CheckoutResult{}, err
	}
	payer, err := m.payer(s, c.Phone)
	if err != nil {
		return CheckoutResult{}, err
	}
	purchase, err := m.purchase(s, payer)
	if err != nil {
		return CheckoutResult{}, err
	}

	// A new person becomes a customer only after the card has been charged.
	known := payer != nil
	if !known {
		payer = &customer{}
	}
	entered := c.Card
	if entered == nil && payer.Card == nil && purchase.dueNow() > 0 {
		entered = c.NewCard
	}
	card := cmp.Or(entered, payer.Card)
	if purchase.dueNow() > 0 {
		reason := DeclineNoCard
		if card != nil {
			reason = card.AtOnce
			if entered == nil {
				reason = card.LaterOn
			}
		}
		reason = tx.declineNext(m, payer.ID, purchase.purpose, reason)
		if reason != "" {
			_, err := tx.recordPayment(m, payer.ID, purchase.purpose, purchase.price, purchase.id, card, reason)
			return CheckoutResult{CustomerID: payer.ID, Declined: err}, nil
		}
	}
	if !known {
		payer = tx.addCustomer(m, Profile{})
	}
	if c.Phone != "" {
		m.verifyPhone(payer, c.Phone)
	}
	if entered != nil {
		payer.Card = entered
	}
	if purchase.dueNow() > 0 {
		_, _ = tx.recordPayment(m, payer.ID, purchase.purpose, purchase.price, purchase.id, card, "")
	}
	s.CompletedAt, s.CustomerID = tx.now, payer.ID
	tx.deliver(m, payer, purchase, known)
	return CheckoutResult{CustomerID: payer.ID}, nil
}

// purchase describes what a session sells.
type purchase struct {
	purpose PaymentPurpose
	price   Amount
	id      string // of the plan or bundle
	plan    *plan
	bundle  *CreditBundle
	later   bool // the plan starts, and is paid for, at the end of the current cycle
}

// dueNow returns what is charged when the session is completed.
func (p purchase) dueNow() Amount {
	if p.later {
		return 0
	}
	return p.price
}

// purchase returns what payer, who may be nil, buys by completing s.
func (m *merchant) purchase(s *CheckoutSession, payer *customer) (purchase, error) {
	if s.Mode == CheckoutCreditBundle {
		b := m.plan(m.active(payer).PlanID).bundle(s.CreditBundleID)
		if b == nil {
			return purchase{}, Errorf(CodeConflict, "credit_bundle_id", "credit_bundle_id: the customer's plan no longer has the bundle %q", s.CreditBundleID)
		}
		return purchase{purpose: PaymentBundle, price: b.Cost, id: b.ID, bundle: b}, nil
	}
	p, err := m.livePlan(s.PlanID)
	if err != nil {
		return purchase{}, err
	}
	buy := purchase{purpose: PaymentSubscription, price: p.PeriodAmount, id: p.ID, plan: p}
	if payer != nil {
		// A cheaper plan of the same interval waits for the end of the cycle;
		// every other change takes effect immediately. Assumption plan-change.
		current := m.plan(m.active(payer).PlanID)
		buy.later = current.Interval == p.Interval && p.PeriodAmount < current.PeriodAmount
	}
	return buy, nil
}

// deliver gives the customer what was bought.
func (tx *tx) deliver(m *merchant, c *customer, buy purchase, known bool) {
	entries := c.Ledger.count
	switch {
	case buy.bundle != nil:
		tx.post(c, EntryBundle, Credits{Bundle: buy.bundle.CreditAmount}, buy.bundle.ID)
		m.active(c).TopUpBlocked = false
		tx.announceBalance(m, c, entries)
	case !known:
		tx.subscribe(m, c, buy.plan)
		tx.announce(m, c, CustomerCreated)
		tx.announceBalance(m, c, entries)
	case buy.later:
		s := m.active(c)
		s.Pending, s.TopUpBlocked = &PendingChange{Type: Downgrade, PlanID: buy.plan.ID}, false
	default:
		tx.changePlan(m, c, buy.plan)
	}
}

// payer returns the customer who completes a session: the one it names, the one with this phone, or nil. The phone on
// file of a customer whom a session names can't be replaced, and no two customers can have the same verified phone.
// Assumption checkout-phone.
func (m *merchant) payer(s *CheckoutSession, phone string) (*customer, error) {
	owner := m.byPhone[phone]
	if s.CustomerID == "" {
		return owner, nil
	}
	c, err := m.customer(s.CustomerID)
	switch {
	case err != nil:
		return nil, err
	case phone != "" && c.Phone != "" && phone != c.Phone:
		return nil, Errorf(CodeConflict, "phone", "phone: the customer has another phone on file, which a checkout does not replace")
	case owner != nil && owner != c:
		return nil, Errorf(CodeConflict, "phone", "phone: it belongs to another customer")
	}
	return c, nil
}

// open returns an error if the session can't be completed at now.
func (s *CheckoutSession) open(now time.Time) error {
	switch {
	case !s.CompletedAt.IsZero():
		return Errorf(CodeConflict, "", "the checkout session %q was completed at %s", s.ID, s.CompletedAt.Format(time.RFC3339))
	case !now.Before(s.expiry()):
		return Errorf(CodeSessionExpired, "", "the checkout session %q expired at %s; create a new one", s.ID, s.expiry().Format(time.RFC3339))
	}
	return nil
}

// expiry returns when a session expires if it is not completed.
func (s *CheckoutSession) expiry() time.Time {
	if !s.ExpiredAt.IsZero() {
		return s.ExpiredAt
	}
	return s.CreatedAt.Add(CheckoutSessionLife)
}

// firstToExpire returns the open session that expires first after now, or nil.
func (m *merchant) firstToExpire(now time.Time) (first *CheckoutSession) {
	for _, s := range slices.Backward(m.sessions.items) {
		if !now.Before(s.CreatedAt.Add(CheckoutSessionLife)) {
			break // all older sessions have ended too
		}
		if s.open(now) == nil {
			first = s
		}
	}
	return first
}

// CheckoutSessionMerchant returns the id of the merchant that opened a session.
func (e *Engine) CheckoutSessionMerchant(id string) (merchantID string, ok bool) {
	e.view(func(s *state) {
		for _, m := range s.merchants.items {
			if _, ok = m.sessions.get(id); ok {
				merchantID = m.ID
				return
			}
		}
	})
	return merchantID, ok
}

// CheckoutSessionBySecret returns a session and its merchant by the hash of the
// secret that the embedded page is opened with.
func (e *Engine) CheckoutSessionBySecret(hash KeyHash) (merchantID string, session CheckoutSession, ok bool) {
	e.view(func(s *state) {
		var ref sessionRef
		if ref, ok = s.bySecret[hash]; ok {
			merchantID, session = ref.m.ID, *ref.s
		}
	})
	return merchantID, session, ok
}

// CheckoutOffer is what a session offers to the person who has opened it.
type CheckoutOffer struct {
	Mode     CheckoutMode
	Name     string // of the plan or bundle
	Price    Amount // once for a bundle, per cycle for a plan
	Interval Interval
	Credit   Amount       // included: once, or per cycle
	Replaces *CurrentPlan // the plan that a customer is on who buys another; nil otherwise
	Known    bool         // the person is already a customer
	Phone    string       // on file, or empty
	Card     *Card        // on file, or nil
}

// CurrentPlan is the plan that an offer replaces.
type CurrentPlan struct {
	Name     string
	Price    Amount
	Interval Interval
	Same     bool      // the plan on offer is the current one
	Ends     time.Time // when the new plan starts; zero if it starts immediately
	Keeps    Amount    // of the customer's credit, if the plan ended now
	Loses    Amount
	Pending  *PendingChange // also replaced by the offer, or nil
	Next     string         // the name of the plan that a pending change leads to
}

// DueNow returns what is charged when the session is completed.
func (o CheckoutOffer) DueNow() Amount {
	if o.Replaces != nil && !o.Replaces.Ends.IsZero() {
		return 0
	}
	return o.Price
}

// CheckoutOffer returns what a session that is open at now offers to the customer it names or, if it names none, to
// the customer who has verified the phone.
func (e *Engine) CheckoutOffer(merchantID, sessionID, phone string, now time.Time) (CheckoutOffer, error) {
	return read(e, merchantID, func(m *merchant) (CheckoutOffer, error) {
		s, ok := m.sessions.get(sessionID)
		if !ok {
			return CheckoutOffer{}, notFound("checkout session", sessionID)
		}
		if err := s.open(now); err != nil {
			return CheckoutOffer{}, err
		}
		payer, err := m.payer(s, phone)
		if err != nil {
			return CheckoutOffer{}, err
		}
		buy, err := m.purchase(s, payer)
		if err != nil {
			return CheckoutOffer{}, err
		}
		offer := CheckoutOffer{Mode: s.Mode, Price: buy.price}
		if buy.bundle != nil {
			offer.Name, offer.Credit = buy.bundle.Name, buy.bundle.CreditAmount
		} else {
			offer.Name, offer.Credit, offer.Interval = buy.plan.Name, buy.plan.IncludedCredit, buy.plan.Interval
		}
		if payer != nil {
			offer.Known, offer.Phone, offer.Card = true, payer.Phone, payer.Card
		}
		if payer != nil && buy.plan != nil {
			offer.Replaces = m.replaced(payer, buy)
		}
		return offer, nil
	})
}

// replaced describes the plan that a purchase replaces.
func (m *merchant) replaced(c *customer, buy purchase) *CurrentPlan {
	s := m.active(c)
	p := m.plan(s.PlanID)
	kept := c.Credits.leftover(p).Total()
	current := &CurrentPlan{
		Name: p.Name, Price: p.PeriodAmount, Interval: p.Interval, Same: p == buy.plan,
		Keeps: kept, Loses: c.Credits.Total() - kept,
	}
	if buy.later {
		current.Ends = s.CycleEnd
	}
	if s.Pending != nil {
		pending := *s.Pending
		current.Pending, current.Next = &pending, m.next(s).Name
	}
	return current
}

// originHost matches a host as browsers write it: in ASCII.
var originHost = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]+$`)

// checkOrigin requires a scheme and a host, as in a browser's origin. A path is ignored.
func checkOrigin(origin string) error {
	if origin == "" {
		return missing("origin_url")
	}
	u, err := url.Parse(origin)
	if err != nil || !originHost.MatchString(u.Host) || u.Scheme != "https" && u.Scheme != "http" {
		return Invalid("origin_url", "%q is not an http or https URL such as \"https://app.example.com\"", shorten(origin))
	}
	return nil
}
