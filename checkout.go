package lava

import (
	"context"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// CheckoutSessionsService creates checkout sessions, in which customers
// subscribe or buy credits in their browser.
type CheckoutSessionsService service

// Create creates a checkout session, which is valid for 60 minutes. Pass its
// token's Reveal to the checkout package in the browser.
//
//lava:operation POST /checkout_sessions
func (s *CheckoutSessionsService) Create(ctx context.Context, params CreateCheckoutSessionParams) (*CheckoutSession, error) {
	return post[CheckoutSession](ctx, s.client, at("checkout_sessions"), params, exchange.IfRejected)
}

// CreateCheckoutSessionParams describe a checkout.
type CreateCheckoutSessionParams struct {
	CheckoutMode   CheckoutMode `json:"checkout_mode"`
	OriginURL      string       `json:"origin_url"`                // the page that embeds the checkout
	CustomerID     string       `json:"customer_id,omitzero"`      // an existing customer; required for a credit bundle
	PlanID         string       `json:"plan_id,omitzero"`          // required for a subscription
	CreditBundleID string       `json:"credit_bundle_id,omitzero"` // required for a credit bundle
}

// CheckoutSession is a checkout that a customer can complete.
type CheckoutSession struct {
	CheckoutSessionID    string       `json:"checkout_session_id"`
	CheckoutSessionToken Secret       `json:"checkout_session_token"` // for the browser; it lets anyone complete the checkout
	CheckoutMode         CheckoutMode `json:"checkout_mode"`
	OriginURL            string       `json:"origin_url"`
	CustomerID           string       `json:"customer_id"`
	PlanID               string       `json:"plan_id"`
	CreatedAt            time.Time    `json:"created_at"`
	CompletedAt          time.Time    `json:"completed_at"` // zero until it is completed
}

// CheckoutMode is what a checkout sells.
type CheckoutMode string

// The checkout modes.
const (
	CheckoutSubscription CheckoutMode = "subscription"
	CheckoutCreditBundle CheckoutMode = "credit_bundle"
)
