package billing

import "strings"

// Payment is an attempt to charge a customer's card.
type Payment struct {
	Object
	CustomerID    string // empty if the merchant paid
	Purpose       PaymentPurpose
	Amount        Amount
	Status        PaymentStatus
	DeclineReason DeclineReason // empty if it succeeded
	CardLast4     string        // empty if there was no card
	Cause         string        // the id of the plan, subscription or bundle that is paid
}

// PaymentPurpose says what a payment is for.
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
	// PaymentRequiresAction waits for a person to confirm it, and has not ended.
	PaymentRequiresAction PaymentStatus = "requires_action"
)

// DeclineReason says why a card was not charged.
type DeclineReason string

// The reasons, in Stripe's words for its test cards.
const (
	DeclineGeneric      DeclineReason = "card_declined"
	DeclineInsufficient DeclineReason = "insufficient_funds"
	DeclineNoCard       DeclineReason = "no_card"
	// DeclineAuthentication is of a card that wants its holder to confirm each
	// payment, where nobody is there to do so.
	DeclineAuthentication DeclineReason = "authentication_required"
)

// Card is a payment card. Of its number only the end is kept.
type Card struct {
	Brand    string
	Last4    string
	ExpMonth int
	ExpYear  int
	AtOnce   DeclineReason // why it is declined in a checkout; empty if it works
	LaterOn  DeclineReason // why it is declined afterwards; empty if it works
	Confirm  bool          // a person must confirm what the merchant pays with it
}

// The test cards, which behave as Stripe's of the same number do.
var testCards = map[string]Card{
	"4242424242424242": {Brand: "visa"},
	"4000000000000002": {Brand: "visa", AtOnce: DeclineGeneric, LaterOn: DeclineGeneric},
	"4000000000009995": {Brand: "visa", AtOnce: DeclineInsufficient, LaterOn: DeclineInsufficient},
	"4000000000000341": {Brand: "visa", LaterOn: DeclineGeneric},
	"4000002760003184": {Brand: "visa", LaterOn: DeclineAuthentication, Confirm: true},
}

// TestCard returns the test card with a number, which may contain spaces. Other
// numbers are refused: a real card has no business in a mock.
func TestCard(number string, expMonth, expYear int) (Card, error) {
	digits := strings.ReplaceAll(number, " ", "")
	card, ok := testCards[digits]
	if !ok {
		return Card{}, invalid("card", "only test cards work here: 4242 4242 4242 4242 (works), 4000 0000 0000 0002 (declined), 4000 0000 0000 9995 (insufficient funds), 4000 0000 0000 0341 (works now, is declined later), 4000 0027 6000 3184 (its holder must confirm)")
	}
	if expMonth < 1 || expMonth > 12 {
		return Card{}, invalid("card", "%d is not a month", expMonth)
	}
	card.Last4, card.ExpMonth, card.ExpYear = digits[len(digits)-4:], expMonth, expYear
	return card, nil
}

// pay charges a customer's card for something outside of a checkout. Both
// success and decline are on record; a decline is returned as an error.
func (tx *tx) pay(m *merchant, c *customer, purpose PaymentPurpose, amount Amount, cause string) error {
	reason := DeclineNoCard
	if c.Card != nil {
		reason = c.Card.LaterOn
	}
	if _, err := tx.recordPayment(m, c.ID, purpose, amount, cause, c.Card, reason); err != nil {
		return err
	}
	return nil
}

// recordPayment puts an attempt on record. A reason makes it a declined one,
// which is returned as an error too.
func (tx *tx) recordPayment(m *merchant, customerID string, purpose PaymentPurpose, amount Amount, cause string, card *Card, reason DeclineReason) (*Payment, *Error) {
	p := &Payment{Object: tx.object("pay"), CustomerID: customerID, Purpose: purpose, Amount: amount, Status: PaymentSucceeded, Cause: cause}
	if card != nil {
		p.CardLast4 = card.Last4
	}
	m.payments.add(p)
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

// topUp buys the subscription's bundle, if it names one, when credits are used
// up. After a decline it does not try again before something has changed.
// Assumption top-up.
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
