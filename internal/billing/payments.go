package billing

// Payment is an attempt to charge a customer's card.
type Payment struct {
	Object
	CustomerID    string // empty if the merchant paid
	Purpose       PaymentPurpose
	Amount        Amount
	Status        PaymentStatus
	DeclineReason DeclineReason // empty if it succeeded
	CardLast4     string        // empty if there was no card
	Cause         string        // the id of the plan, subscription or bundle paid for
}

// PaymentPurpose is the purpose of a payment.
type PaymentPurpose string

// The purposes of payments.
const (
	PaymentSubscription PaymentPurpose = "subscription" // the first cycle on a plan
	PaymentRenewal      PaymentPurpose = "renewal"
	PaymentBundle       PaymentPurpose = "credit_bundle"
	PaymentTopUp        PaymentPurpose = "auto_top_up"
	PaymentWallet       PaymentPurpose = "wallet" // by the merchant
)

// PaymentStatus is how a payment ended.
type PaymentStatus string

// The ends of a payment.
const (
	PaymentSucceeded PaymentStatus = "succeeded"
	PaymentDeclined  PaymentStatus = "declined"
	// PaymentRequiresAction is a payment that waits for a person to confirm it.
	PaymentRequiresAction PaymentStatus = "requires_action"
)

// DeclineReason is why a card was not charged.
type DeclineReason string

// The reasons, in Stripe's words for its test cards.
const (
	DeclineGeneric      DeclineReason = "card_declined"
	DeclineInsufficient DeclineReason = "insufficient_funds"
	DeclineExpired      DeclineReason = "expired_card"
	DeclineNoCard       DeclineReason = "no_card"
	// DeclineAuthentication is for a card whose holder must confirm each payment
	// but is not present.
	DeclineAuthentication DeclineReason = "authentication_required"
)

// pay charges a customer's card outside of a checkout. Both success and decline
// are recorded; a decline is also returned as an error. If the amount is zero,
// no card is needed and no payment is recorded.
func (tx *tx) pay(m *merchant, c *customer, purpose PaymentPurpose, amount Amount, cause string) error {
	if amount == 0 {
		return nil
	}
	reason := DeclineNoCard
	if c.Card != nil {
		reason = c.Card.LaterOn
	}
	reason = tx.declineNext(m, c.ID, purpose, reason)
	if _, err := tx.recordPayment(m, c.ID, purpose, amount, cause, c.Card, reason); err != nil {
		return err
	}
	return nil
}

// recordPayment records an attempt to pay. With a reason it is declined, which is also returned as an error.
func (tx *tx) recordPayment(m *merchant, customerID string, purpose PaymentPurpose, amount Amount, cause string, card *Card, reason DeclineReason) (*Payment, *Error) {
	p := &Payment{Object: tx.object("pay"), CustomerID: customerID, Purpose: purpose, Amount: amount, Status: PaymentSucceeded, Cause: cause}
	if card != nil {
		p.CardLast4 = card.Last4
	}
	m.payments.add(p)
	tx.caused(EffectPayment, p.ID, 0)
	if reason == "" {
		return p, nil
	}
	p.Status, p.DeclineReason = PaymentDeclined, reason
	return p, declined(reason)
}

func declined(reason DeclineReason) *Error {
	text := map[DeclineReason]string{
		DeclineGeneric:        "the card was declined",
		DeclineInsufficient:   "the card has insufficient funds",
		DeclineExpired:        "the card has expired",
		DeclineNoCard:         "there is no card to charge",
		DeclineAuthentication: "the holder of the card must confirm the payment",
	}[reason]
	return Errorf(CodePaymentDeclined, "card", "card: %s", text)
}

// Payments lists all payments of a merchant, oldest first.
func (e *Engine) Payments(merchantID string) ([]Payment, error) {
	return read(e, merchantID, func(m *merchant) ([]Payment, error) {
		all := make([]Payment, len(m.payments.items))
		for i, p := range m.payments.items {
			all[i] = *p
		}
		return all, nil
	})
}
