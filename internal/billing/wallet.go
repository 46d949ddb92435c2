package billing

// PaymentMethod is a card that a merchant funds the wallet with.
type PaymentMethod struct {
	Object
	Card    Card
	Default bool
}

// The least and most that a wallet can be funded with at a time, according to Lava's documentation.
const (
	minFunding = 10 * Dollar
	maxFunding = 10_000 * Dollar
)

// FundWallet charges a merchant's card and adds the money to the wallet.
type FundWallet struct {
	MerchantID      string
	PaymentMethodID string
	Amount          string
}

// Funding is how a funding ended.
type Funding struct {
	Payment  Payment
	Balance  Amount // of the wallet, afterwards
	Declined *Error // why the card was not charged, or nil
}

func (c FundWallet) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c FundWallet) apply(tx *tx, m *merchant) (Funding, error) {
	if c.PaymentMethodID == "" {
		return Funding{}, missing("payment_method_id")
	}
	amount, err := parseMoney("amount", c.Amount, minFunding, maxFunding)
	if err != nil {
		return Funding{}, err
	}
	if amount%(Dollar/100) != 0 {
		return Funding{}, Invalid("amount", "%s is not a whole number of cents", c.Amount)
	}
	for _, pm := range m.Cards {
		if pm.ID != c.PaymentMethodID {
			continue
		}
		reason := tx.declineNext(m, "", PaymentWallet, pm.Card.LaterOn)
		if pm.Card.Confirm && reason == pm.Card.LaterOn {
			p, _ := tx.recordPayment(m, "", PaymentWallet, amount, m.WalletID, &pm.Card, "")
			p.Status = PaymentRequiresAction
			return Funding{Payment: *p, Balance: m.WalletBalance}, nil
		}
		p, err := tx.recordPayment(m, "", PaymentWallet, amount, m.WalletID, &pm.Card, reason)
		if err == nil {
			m.WalletBalance = m.WalletBalance.plus(amount)
		}
		return Funding{Payment: *p, Balance: m.WalletBalance, Declined: err}, nil
	}
	return Funding{}, unknown("payment_method_id", "payment method", c.PaymentMethodID)
}

// ConfirmPayment confirms a funding that waits for it, as the card's holder would. Confirming it again changes
// nothing.
type ConfirmPayment struct {
	MerchantID string
	PaymentID  string
}

func (c ConfirmPayment) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ConfirmPayment) apply(_ *tx, m *merchant) (Payment, error) {
	p, ok := m.payments.get(c.PaymentID)
	if !ok {
		return Payment{}, notFound("payment", c.PaymentID)
	}
	if p.Status == PaymentRequiresAction {
		p.Status = PaymentSucceeded
		m.WalletBalance = m.WalletBalance.plus(p.Amount)
	}
	return *p, nil
}

// FindPayment returns a payment of any merchant by its id.
func (e *Engine) FindPayment(id string) (merchantID string, payment Payment, ok bool) {
	e.view(func(s *state) {
		for _, m := range s.merchants.items {
			var p *Payment
			if p, ok = m.payments.get(id); ok {
				merchantID, payment = m.ID, *p
				return
			}
		}
	})
	return merchantID, payment, ok
}
