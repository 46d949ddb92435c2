package mockserver

import (
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

const confirmPrefix = "/wallet/confirm/"

// servePayment responds to requests for the page on which a card's holder confirms a funding of the wallet.
// Assumption payment-page.
func servePayment(c *pageCall) error {
	merchant, payment, ok := c.engine.FindPayment(strings.TrimPrefix(c.r.URL.Path, confirmPrefix))
	c.merchant = merchant
	if !ok || payment.Purpose != billing.PaymentWallet {
		return errNoRoute(c.r, "; there is no such payment")
	}
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		if err := c.fromOwnPage(); err != nil {
			return err
		}
		var err error
		payment, err = do(c.call, billing.ConfirmPayment{MerchantID: merchant, PaymentID: payment.ID})
		if err != nil {
			return err
		}
	default:
		return errMethod(c.r, "GET or POST")
	}
	return writePage(c.w, http.StatusOK, "payment.html", paymentPage{
		Amount: dollars(payment.Amount), Card: payment.CardLast4, Waits: payment.Status == billing.PaymentRequiresAction,
	}, "'none'", "'self'")
}

// paymentPage is the data of a payment's page.
type paymentPage struct {
	Amount string
	Card   string // the end of its number
	Waits  bool   // to be confirmed
}
