package lava

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// WalletService reads and funds the merchant's wallet, which pays the providers.
type WalletService service

// Retrieve returns the wallet.
//
//lava:operation GET /wallet
func (s *WalletService) Retrieve(ctx context.Context) (*Wallet, error) {
	return get[Wallet](ctx, s.client, at("wallet"), nil)
}

// Fund charges a payment method and adds the amount to the wallet. The call is
// never retried once sent: after an error without a response, compare the
// balance before you fund again.
//
//lava:operation POST /wallet/fund
func (s *WalletService) Fund(ctx context.Context, params FundWalletParams) (*WalletFunding, error) {
	return post[WalletFunding](ctx, s.client, at("wallet/fund"), params, exchange.Never)
}

// PaymentMethodsService lists the merchant's payment methods.
type PaymentMethodsService service

// List returns all payment methods.
//
//lava:operation GET /payment_methods
func (s *PaymentMethodsService) List(ctx context.Context) ([]PaymentMethod, error) {
	return listWhole[PaymentMethod](ctx, s.client, "payment_methods", nil)
}

// FundWalletParams are the amount to add to the wallet and how it is paid.
type FundWalletParams struct {
	PaymentMethodID string          `json:"payment_method_id"`
	Amount          decimal.Decimal `json:"amount"` // US dollars, 10 to 10000
}

// MarshalJSON implements [json.Marshaler]: money is a string, even if the program
// has set [decimal.MarshalJSONWithoutQuotes].
func (p FundWalletParams) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		PaymentMethodID string `json:"payment_method_id"`
		Amount          quoted `json:"amount"`
	}{p.PaymentMethodID, quoted(p.Amount)})
}

// Wallet is the merchant's wallet.
type Wallet struct {
	WalletID string          `json:"wallet_id"`
	Balance  decimal.Decimal `json:"balance"` // US dollars
}

// WalletFunding is a payment into the wallet.
type WalletFunding struct {
	Status      FundingStatus   `json:"status"`
	PaymentID   string          `json:"payment_id"`
	Balance     decimal.Decimal `json:"balance"`      // if completed: US dollars, after the payment
	RedirectURL string          `json:"redirect_url"` // if it requires action: where a person confirms the payment
}

// PaymentMethod is a card. Its error fields describe the last charge, if it
// failed.
type PaymentMethod struct {
	PaymentMethodID string    `json:"payment_method_id"`
	Last4           string    `json:"last4"`
	ExpiryMonth     string    `json:"expiry_month"`
	ExpiryYear      string    `json:"expiry_year"`
	Brand           string    `json:"brand"`
	IsDefault       bool      `json:"is_default"`
	HasError        bool      `json:"has_error"`
	ErrorCode       string    `json:"error_code"`
	ErrorMessage    string    `json:"error_message"`
	ErrorAt         time.Time `json:"error_at"`
}

// FundingStatus is the state of a payment into the wallet.
type FundingStatus string

// The funding statuses.
const (
	FundingCompleted      FundingStatus = "completed"
	FundingRequiresAction FundingStatus = "requires_action"
)
