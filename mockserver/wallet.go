package mockserver

import (
	"fmt"
	"strconv"

	"github.com/lavapayments/lava-go/internal/billing"
)

func getWallet(c *call) (any, error) {
	m, err := c.engine.Merchant(c.merchant)
	return walletBody{ID: m.WalletID, Balance: m.WalletBalance.Cents()}, err
}

type walletBody struct {
	ID      string `json:"wallet_id"`
	Balance string `json:"balance"`
}

func fundWallet(c *call) (any, error) {
	in, err := decode[struct {
		PaymentMethodID string `json:"payment_method_id"`
		Amount          string `json:"amount"`
	}](c)
	if err != nil {
		return nil, err
	}
	f, err := do(c, billing.FundWallet{MerchantID: c.merchant, PaymentMethodID: in.PaymentMethodID, Amount: in.Amount})
	switch {
	case err != nil:
		return nil, err
	case f.Declined != nil:
		return nil, f.Declined
	}
	if f.Payment.Status == billing.PaymentRequiresAction {
		return fundingBody{
			Status: "requires_action", PaymentID: f.Payment.ID, RedirectURL: c.origin() + confirmPrefix + f.Payment.ID,
		}, nil
	}
	return fundingBody{Status: "completed", PaymentID: f.Payment.ID, Balance: f.Balance.Cents()}, nil
}

type fundingBody struct {
	Status      string `json:"status"`
	PaymentID   string `json:"payment_id"`
	Balance     string `json:"balance,omitzero"`
	RedirectURL string `json:"redirect_url,omitzero"`
}

func listPaymentMethods(c *call) (any, error) {
	m, err := c.engine.Merchant(c.merchant)
	body := struct {
		Data []paymentMethodBody `json:"data"`
	}{make([]paymentMethodBody, len(m.Cards))}
	for i, pm := range m.Cards {
		body.Data[i] = paymentMethodBody{
			ID: pm.ID, Last4: pm.Card.Last4, Brand: pm.Card.Brand, IsDefault: pm.Default,
			ExpiryMonth: fmt.Sprintf("%02d", pm.Card.ExpMonth), ExpiryYear: strconv.Itoa(pm.Card.ExpYear),
		}
	}
	return body, err
}

type paymentMethodBody struct {
	ID           string   `json:"payment_method_id"`
	Last4        string   `json:"last4"`
	ExpiryMonth  string   `json:"expiry_month"`
	ExpiryYear   string   `json:"expiry_year"`
	Brand        string   `json:"brand"`
	IsDefault    bool     `json:"is_default"`
	HasError     bool     `json:"has_error"`
	ErrorCode    *string  `json:"error_code"`
	ErrorMessage *string  `json:"error_message"`
	ErrorAt      *instant `json:"error_at"`
}
