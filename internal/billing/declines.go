package billing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Decline is a future charge that a test has armed to be declined, with the usual
// consequences of a declined card.
type Decline struct {
	Object
	MerchantID string         // the merchant, whose own charges are included; empty: all merchants
	Customer   string         // id or reference id of the customer who is charged; empty: all
	Purpose    PaymentPurpose // empty: every purpose
	Reason     DeclineReason
	Turns
}

// ArmDecline arms a decline, which is DeclineGeneric if it has no Reason.
type ArmDecline struct{ Decline Decline }

func (c ArmDecline) owner(s *state) (*merchant, error) {
	if c.Decline.MerchantID == "" {
		return nil, nil
	}
	return s.merchant(c.Decline.MerchantID)
}

func (c ArmDecline) apply(tx *tx, m *merchant) (Decline, error) {
	d := c.Decline
	d.Reason = cmp.Or(d.Reason, DeclineGeneric)
	d.Met, d.Used = 0, 0
	if err := d.check(); err != nil {
		return Decline{}, err
	}
	if err := tx.checkCustomer(m, d.Customer); err != nil {
		return Decline{}, err
	}
	d.Object = tx.object("dcl")
	var err error
	tx.declines, err = arm(tx.declines, &d)
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
		return Invalid("customer_id", "leave it out: no customer pays for the wallet")
	}
	return oneOf("purpose", d.Purpose, PaymentSubscription, PaymentRenewal, PaymentBundle, PaymentTopUp, PaymentWallet)
}

// declineNext counts a charge and returns why it is declined: because a test has armed a decline, or for the card's
// own reason, which may be empty.
func (s *state) declineNext(m *merchant, customerID string, purpose PaymentPurpose, reason DeclineReason) DeclineReason {
	if struck, ok := strike(s.declines, func(d *Decline) bool { return m.appliesTo(d, customerID, purpose) }); ok {
		return struck.Reason
	}
	return reason
}

// appliesTo reports whether a decline applies to a charge, regardless of turns.
func (m *merchant) appliesTo(d *Decline, customerID string, purpose PaymentPurpose) bool {
	if d.MerchantID != "" && d.MerchantID != m.ID || d.Purpose != "" && d.Purpose != purpose {
		return false
	}
	if d.Customer == "" || d.Customer == customerID {
		return true
	}
	c, err := m.customer(d.Customer)
	return err == nil && c.ID == customerID
}

// DropDeclines disarms the declines that were armed for a merchant.
type DropDeclines struct {
	MerchantID string // empty: those that were armed for all merchants
	All        bool   // regardless of the merchant
}

func (DropDeclines) owner(*state) (*merchant, error) { return nil, nil }

func (c DropDeclines) apply(tx *tx, _ *merchant) (struct{}, error) {
	tx.dropDeclines(func(d *Decline) bool { return c.All || d.MerchantID == c.MerchantID })
	return struct{}{}, nil
}

func (s *state) dropDeclines(gone func(*Decline) bool) {
	s.declines = slices.DeleteFunc(s.declines, gone)
}

// Declines returns the armed declines, including spent ones, in the order in which they were armed.
func (e *Engine) Declines() []Decline {
	var all []Decline
	e.view(func(s *state) {
		for _, d := range s.declines {
			all = append(all, *d)
		}
	})
	return all
}

// restoreDeclines restores the declines of a snapshot. In older versions, each merchant had its own.
func (s *state) restoreDeclines(snap *Snapshot) error {
	for _, ms := range snap.Merchants {
		for _, d := range ms.Declines {
			if d != nil {
				d.MerchantID = ms.ID
			}
			s.declines = append(s.declines, d)
		}
	}
	s.declines = append(s.declines, snap.Declines...)
	for _, d := range s.declines {
		if d == nil {
			return errors.New("a decline is missing")
		}
		if err := d.check(); err != nil {
			return fmt.Errorf("the decline %q: %w", d.ID, err)
		}
	}
	return nil
}
