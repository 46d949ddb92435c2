package mockserver

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
)

// Payment is an attempt to charge a card: a customer's card, or the merchant's
// to fund the wallet.
type Payment struct {
	ID            string
	At            time.Time
	CustomerID    string // empty if the merchant paid
	Purpose       PaymentPurpose
	Amount        decimal.Decimal // in dollars
	Pending       bool            // a person has yet to confirm it
	Declined      bool
	DeclineReason string // such as "card_declined"; empty if not declined
	CardLast4     string // empty if there was no card
	Cause         string // the id of the plan, subscription, bundle or wallet paid for
	CallID        string // the [Call] that caused it; empty if there is none or it is no longer kept
}

// PaymentPurpose is what a [Payment] is for.
type PaymentPurpose string

// The purposes of payments.
const (
	// PaymentSubscription is the first cycle on a plan.
	PaymentSubscription = PaymentPurpose(billing.PaymentSubscription)
	// PaymentRenewal is a later cycle.
	PaymentRenewal = PaymentPurpose(billing.PaymentRenewal)
	// PaymentBundle is a credit bundle that the customer bought.
	PaymentBundle = PaymentPurpose(billing.PaymentBundle)
	// PaymentTopUp is a credit bundle that was bought because credits ran out.
	PaymentTopUp = PaymentPurpose(billing.PaymentTopUp)
	// PaymentWallet is money for the merchant's wallet.
	PaymentWallet = PaymentPurpose(billing.PaymentWallet)
)

// Payments returns all attempts to charge a card, oldest first.
func (m *Merchant) Payments() []Payment {
	m.server.tick()
	payments, err := m.server.engine.Payments(m.ID())
	if err != nil {
		return nil // the merchant isn't in a restored snapshot
	}
	out, callOf := make([]Payment, len(payments)), m.server.calls.causes(billing.EffectPayment, "")
	for i, p := range payments {
		out[i] = Payment{
			ID: p.ID, At: p.CreatedAt, CustomerID: p.CustomerID, Purpose: PaymentPurpose(p.Purpose),
			Amount: p.Amount.Decimal(), Declined: p.Status == billing.PaymentDeclined, Pending: p.Status == billing.PaymentRequiresAction,
			DeclineReason: string(p.DeclineReason), CardLast4: p.CardLast4, Cause: p.Cause,
			CallID: callOf(billing.Effect{ID: p.ID}),
		}
	}
	return out
}

// Payments is [Merchant.Payments] of the merchant that the server started with.
func (s *Server) Payments() []Payment { return s.merchant.Payments() }
