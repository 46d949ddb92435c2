package mockserver

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createCheckoutSession(c *call) (any, error) {
	in, err := decode[struct {
		Mode           string `json:"checkout_mode"`
		OriginURL      string `json:"origin_url"`
		PlanID         string `json:"plan_id"`
		CustomerID     string `json:"customer_id"`
		CreditBundleID string `json:"credit_bundle_id"`
	}](c)
	if err != nil {
		return nil, err
	}
	s, err := do(c, billing.CreateCheckoutSession{
		MerchantID: c.merchant, Mode: billing.CheckoutMode(in.Mode), OriginURL: in.OriginURL,
		PlanID: in.PlanID, Customer: in.CustomerID, CreditBundleID: in.CreditBundleID,
	})
	if err != nil {
		return nil, err
	}
	c.shown = &shown{Secret: s.Secret(), Base: c.origin() + "/"}
	return checkoutSessionBody{
		ID: s.ID, Token: c.shown.text(c.root), Mode: s.Mode, OriginURL: s.OriginURL,
		CustomerID: s.CustomerID, PlanID: s.PlanID, CreatedAt: instant(s.CreatedAt),
	}, nil
}

// checkoutToken is the token with which the checkout package opens the page of a session.
func checkoutToken(secret, base string) string {
	token, err := json.Marshal(struct {
		Secret string `json:"secret"`
		Base   string `json:"base"`
	}{secret, base})
	if err != nil {
		panic(err) // can't fail for two strings
	}
	return base64.StdEncoding.EncodeToString(token)
}

type checkoutSessionBody struct {
	ID         string               `json:"checkout_session_id"`
	Token      string               `json:"checkout_session_token"`
	Mode       billing.CheckoutMode `json:"checkout_mode"`
	OriginURL  string               `json:"origin_url"`
	CustomerID string               `json:"customer_id,omitzero"`
	PlanID     string               `json:"plan_id,omitzero"`
	CreatedAt  instant              `json:"created_at"`
}

// Checkout is what a person enters in a checkout. The zero value is a new person
// with a card that works.
type Checkout struct {
	// Phone is an E.164 number such as "+15551234567". A person who completed an
	// earlier checkout with the same phone is the same customer. An empty Phone is a
	// new person, unless the session names a customer. It can't differ from that
	// customer's phone on file, and it can't be a phone that another customer has
	// confirmed.
	Phone string
	// Card is the number of a test card. Without one, the card on file is charged, or,
	// if there is none, 4242 4242 4242 4242, which works. 4000 0000 0000 0002 is
	// declined, 4000 0000 0000 9995 has insufficient funds, 4000 0000 0000 0069 has
	// expired, and 4000 0000 0000 0341 works now but is declined at every later charge.
	// Other numbers are rejected.
	Card string
}

// goodCard is the test card that works.
const goodCard = "4242 4242 4242 4242"

// CompleteCheckout does what a person does on the page of a checkout session: confirm
// the phone, enter a card, and pay. The session is named by its id. It returns the id
// of the customer. The page's rules apply: fields that are not given stay unchanged,
// and if there is nothing to pay, no card is needed. If the card is declined, the error
// is an [*Error] with the code "payment_declined", and the session can be tried again.
// A phone that the page would not accept is rejected with status 409. A person who
// cancels leaves the session unchanged, so a test of a cancellation calls nothing.
// Assumption checkout-cancel.
func (s *Server) CompleteCheckout(ctx context.Context, sessionID string, in Checkout) (customerID string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	merchant, ok := s.engine.CheckoutSessionMerchant(sessionID)
	if !ok {
		return "", toError(billing.Errorf(billing.CodeNotFound, "", "no checkout session %q", sessionID))
	}
	now := s.tick()
	card, err := billing.TestCard(cmp.Or(in.Card, goodCard), 12, now.Year()+3)
	if err != nil {
		return "", toError(err)
	}
	cmd := billing.CompleteCheckout{MerchantID: merchant, SessionID: sessionID, Phone: in.Phone, Card: &card}
	if in.Card == "" {
		cmd.Card, cmd.NewCard = nil, &card
	}
	customerID, err = s.completeCheckout(now, cmd, nil)
	if err != nil {
		return "", toError(err)
	}
	return customerID, nil
}

// completeCheckout is the end of every checkout.
func (a *api) completeCheckout(now time.Time, cmd billing.CompleteCheckout, trace *billing.Trace) (customerID string, err error) {
	result, err := billing.DoTraced(a.engine, now, cmd, trace)
	switch {
	case err != nil:
		return "", err
	case result.Declined != nil:
		return "", result.Declined
	}
	return result.CustomerID, nil
}
