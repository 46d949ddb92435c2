package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

var moneyVerbs = []verb{
	{"checkout_sessions.complete", "complete", "POST", "checkout_sessions/{id}/complete", "CompleteCheckout", "completes a checkout session as a person would on its page: confirms the phone, enters a card, pays", "$SESSION_ID card=4000000000000341", with(completeCheckout)},
	{"customers.ledger", "ledger", "GET", "customers/{id}/ledger", "Ledger LatestBalances", "lists the changes of a customer's credits", "ada", with(getLedger)},
	{"payments.list", "payments", "GET", "payments", "Payments", "lists the attempts to charge a card", "", with(getPayments)},
}

type completeCheckoutInput struct {
	ID    string `json:"id" positional:"true" about:"the checkout session's id"`
	Phone string `json:"phone,omitempty" about:"a phone number in E.164, such as +15551234567; by default a new person's"`
	Card  string `json:"card,omitempty" about:"a test card's number; by default the card on file, or one that works"`
}

type completeCheckoutBody struct {
	CheckoutSessionID string `json:"checkout_session_id"`
	CustomerID        string `json:"customer_id"`
}

func completeCheckout(c *controlCall, in completeCheckoutInput) (completeCheckoutBody, error) {
	customer, err := c.server.CompleteCheckout(c.r.Context(), in.ID, Checkout{Phone: in.Phone, Card: in.Card})
	return completeCheckoutBody{in.ID, customer}, err
}

type customerInput struct {
	ID string `json:"id" positional:"true" about:"the customer's id or reference id"`
}

type ledgerEntryBody struct {
	ID            string            `json:"ledger_entry_id"`
	At            instant           `json:"at"`
	Kind          billing.EntryKind `json:"kind"`
	Cycle         billing.Amount    `json:"cycle"`
	Bundle        billing.Amount    `json:"bundle"`
	CycleBalance  billing.Amount    `json:"cycle_balance"`
	BundleBalance billing.Amount    `json:"bundle_balance"`
	Cause         string            `json:"cause"`
	CallID        string            `json:"call_id,omitzero"`
}

func getLedger(c *controlCall, in customerInput) (dataBody[ledgerEntryBody], error) {
	entries, err := c.engine.Ledger(c.merchant, in.ID)
	if known, err := c.engine.Customer(c.merchant, in.ID); err == nil {
		in.ID = known.ID
	}
	body, callOf := dataBody[ledgerEntryBody]{make([]ledgerEntryBody, len(entries))}, c.server.calls.causes(billing.EffectEntry, in.ID)
	for i, e := range entries {
		body.Data[i] = ledgerEntryBody{
			ID: entryID(in.ID, uint64(i+1)), CallID: callOf(billing.Effect{ID: in.ID, Number: uint64(i + 1)}),
			At: instant(e.At), Kind: e.Kind, Cause: e.Cause, Cycle: e.Change.Cycle, Bundle: e.Change.Bundle,
			CycleBalance: e.Balance.Cycle, BundleBalance: e.Balance.Bundle,
		}
	}
	return body, err
}

type paymentBody struct {
	ID            string                 `json:"payment_id"`
	CustomerID    string                 `json:"customer_id,omitzero"`
	Purpose       billing.PaymentPurpose `json:"purpose"`
	Amount        billing.Amount         `json:"amount"`
	Status        billing.PaymentStatus  `json:"status"`
	DeclineReason billing.DeclineReason  `json:"decline_reason,omitzero"`
	CardLast4     string                 `json:"card_last4,omitzero"`
	Cause         string                 `json:"cause"`
	CallID        string                 `json:"call_id,omitzero"`
	CreatedAt     instant                `json:"created_at"`
}

func getPayments(c *controlCall, _ none) (dataBody[paymentBody], error) {
	payments, err := c.engine.Payments(c.merchant)
	body, callOf := dataBody[paymentBody]{make([]paymentBody, len(payments))}, c.server.calls.causes(billing.EffectPayment, "")
	for i, p := range payments {
		body.Data[i] = paymentBody{
			ID: p.ID, CustomerID: p.CustomerID, Purpose: p.Purpose, Amount: p.Amount, Status: p.Status,
			DeclineReason: p.DeclineReason, CardLast4: p.CardLast4, Cause: p.Cause, CallID: callOf(billing.Effect{ID: p.ID}), CreatedAt: instant(p.CreatedAt),
		}
	}
	return body, err
}
