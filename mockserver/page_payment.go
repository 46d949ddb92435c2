package mockserver

import (
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/billing"
)

const confirmPrefix = "/wallet/confirm/"

// servePayment answers requests for the page on which the holder of a card
// confirms a funding of the wallet. Assumption payment-page.
func (s *Server) servePayment(w http.ResponseWriter, r *http.Request) error {
	merchant, payment, ok := s.engine.FindPayment(strings.TrimPrefix(r.URL.Path, confirmPrefix))
	if !ok || payment.Purpose != billing.PaymentWallet {
		return errNoRoute(r, "; there is no such payment")
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		if err := s.fromOwnPage(r); err != nil {
			return err
		}
		var err error
		payment, err = billing.Do(s.engine, s.Now(), billing.ConfirmPayment{MerchantID: merchant, PaymentID: payment.ID})
		if err != nil {
			return err
		}
	default:
		return errMethod(r, "GET or POST")
	}
	return writePage(w, http.StatusOK, "payment.html", paymentPage{
		Amount: payment.Amount.Cents(), Card: payment.CardLast4, Waits: payment.Status == billing.PaymentRequiresAction,
	}, "'none'", "'self'")
}

// paymentPage is what the page of a payment shows.
type paymentPage struct {
	Amount string
	Card   string // the end of its number
	Waits  bool   // to be confirmed
}
