package billing

import (
	"cmp"
)

// Decline is a charge to come that a test has armed to be declined. What follows from
// that is as with any card that is declined.
type Decline struct {
	Object
	Customer string         // id or reference id of who is charged; empty: everybody
	Purpose  PaymentPurpose // empty: every purpose
	Reason   DeclineReason
	Turns
}

// ArmDecline arms a decline.
type ArmDecline struct {
	MerchantID string
	Decline    Decline // DeclineGeneric if it has no Reason
}

func (c ArmDecline) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ArmDecline) apply(tx *tx, m *merchant) (Decline, error) {
	d := c.Decline
	d.Reason = cmp.Or(d.Reason, DeclineGeneric)
	d.Met, d.Used = 0, 0
	if err := d.check(); err != nil {
		return Decline{}, err
	}
	if err := tx.isAnybody(m, d.Customer); err != nil {
		return Decline{}, err
	}
	d.Object = tx.object("dcl")
	var err error
	m.declines, err = arm(m.declines, func(d *Decline) *Turns { return &d.Turns }, &d)
	return d, err
}

func (d *Decline) check() error {
	if err := d.Turns.check(); err != nil {
		return err
	}
	if err := oneOf("reason", d.Reason, DeclineGeneric, DeclineInsufficient, DeclineExpired, DeclineAuthentication); err != nil {
		return err
	}
	if d.Purpose == "" {
		return nil
	}
	if d.Purpose == PaymentWallet && d.Customer != "" {
		return invalid("customer_id", "no customer pays for the wallet: leave it out")
	}
	return oneOf("purpose", d.Purpose, PaymentSubscription, PaymentRenewal, PaymentBundle, PaymentTopUp, PaymentWallet)
}

// declineNext counts a charge, and returns why it is declined: because a test has
// armed that, or else for the card's own reason, which may be empty.
func (m *merchant) declineNext(customerID string, purpose PaymentPurpose, reason DeclineReason) DeclineReason {
	var struck *Decline
	for _, d := range m.declines {
		switch {
		case !m.isOf(d, customerID, purpose):
		case struck != nil:
			d.pass()
		case d.take():
			struck = d
		}
	}
	if struck == nil {
		return reason
	}
	return struck.Reason
}

// isOf reports whether a decline is for a charge at all.
func (m *merchant) isOf(d *Decline, customerID string, purpose PaymentPurpose) bool {
	if d.Purpose != "" && d.Purpose != purpose {
		return false
	}
	if d.Customer == "" || d.Customer == customerID {
		return true
	}
	c, err := m.customer(d.Customer)
	return err == nil && c.ID == customerID
}

// DropDeclines disarms all declines of a merchant.
type DropDeclines struct{ MerchantID string }

func (c DropDeclines) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (DropDeclines) apply(_ *tx, m *merchant) (struct{}, error) {
	m.declines = nil
	return struct{}{}, nil
}

// Declines returns what a merchant has armed, in that order.
func (e *Engine) Declines(merchantID string) ([]Decline, error) {
	return read(e, merchantID, func(m *merchant) ([]Decline, error) {
		all := make([]Decline, len(m.declines))
		for i, d := range m.declines {
			all[i] = *d
		}
		return all, nil
	})
}
