package billing

// Admit decides whether a request may be sent to its provider.
type Admit struct {
	MerchantID     string
	Customer       string // id or reference id; empty: the merchant pays
	Meter          string // slug or id; empty: nothing is metered
	DisableBilling bool
	Unmanaged      bool // the caller brings its own key for the provider
	Unpriced       bool // the provider charges nothing for it
}

// Decision is the result of Admit. A request that is rejected may have bought a
// bundle, so the rejection is a value and not an error.
type Decision struct {
	Refused    *Error // nil if the request is admitted
	RequestID  string
	MerchantID string
	CustomerID string
	MeterID    string
	SpendKeyID string
	Epoch      uint64 // of the merchant when it was admitted
}

func (c Admit) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c Admit) apply(tx *tx, m *merchant) (Decision, error) {
	d := Decision{MerchantID: m.ID}
	var meter *Meter
	if c.Meter != "" {
		var err error
		if meter, err = m.meter(c.Meter); err != nil {
			return Decision{}, err
		}
		d.MeterID = meter.ID
	}
	if !c.Unmanaged && !c.Unpriced && m.WalletBalance <= 0 {
		return Decision{}, errEmptyWallet()
	}
	if c.Customer != "" {
		cust, err := m.customer(c.Customer)
		if err != nil {
			return Decision{}, err
		}
		d.CustomerID = cust.ID
		if err := tx.admit(m, cust, meter, c.DisableBilling, &d); err != nil {
			return Decision{}, err
		}
	}
	if d.Refused == nil {
		d.RequestID, d.Epoch = tx.object("req").ID, m.epoch
	}
	return d, nil
}

// errEmptyWallet rejects requests that the wallet would have to pay for. Free requests are admitted without funds.
// Assumption empty-wallet.
func errEmptyWallet() *Error {
	return Errorf(CodeInsufficientBalance, "", "the merchant's wallet is empty: until it is funded, only free models and requests with a provider_key are accepted")
}

// admit decides whether a customer may use a meter, and buys a bundle if that makes the request admissible.
func (tx *tx) admit(m *merchant, c *customer, meter *Meter, free bool, d *Decision) error {
	if meter == nil {
		return missing("meter_slug")
	}
	if p := m.plan(m.active(c).PlanID); !p.admits(meter) {
		return Errorf(CodeMeterNotOnPlan, "meter_slug", "meter_slug: the plan %q of customer %q does not include the meter %q", p.Name, c.ID, meter.Slug)
	}
	if free || c.Credits.Total() > 0 {
		return nil
	}
	entries := c.Ledger.count
	tx.topUp(m, c)
	tx.announceBalance(m, c, entries)
	if c.Credits.Total() <= 0 {
		d.Refused = Errorf(CodeInsufficientCredits, "customer_id", "customer_id: customer %q has no credit left (%s)%s",
			c.ID, c.Credits.Total().Plain(), topUpFailure(m.active(c), c.Ledger.count > entries))
	}
	return nil
}

// topUpFailure returns why an automatic top-up did not admit a request: one can buy a bundle that is smaller than the
// debt.
func topUpFailure(s *subscription, bought bool) string {
	switch {
	case bought:
		return ", although an automatic top-up has just bought a bundle"
	case s.TopUpBlocked:
		return "; the last automatic top-up was declined"
	}
	return ""
}
