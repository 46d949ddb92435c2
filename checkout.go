package lava

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// CheckoutSessionsService begins checkouts, in which customers subscribe or buy
// credits in their browser.
type CheckoutSessionsService service

// Create creates a checkout session. It is valid for 60 minutes. Pass its token to
// the checkout package in the browser.
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

// CheckoutSession is a checkout that a customer can complete. Printing it does
// not show its token, which lets anyone complete it.
type CheckoutSession struct {
	CheckoutSessionID    string       `json:"checkout_session_id"`
	CheckoutSessionToken string       `json:"checkout_session_token"`
	CheckoutMode         CheckoutMode `json:"checkout_mode"`
	OriginURL            string       `json:"origin_url"`
	CustomerID           string       `json:"customer_id"`
	PlanID               string       `json:"plan_id"`
	CreatedAt            time.Time    `json:"created_at"`
	CompletedAt          time.Time    `json:"completed_at"` // zero until it is completed
}

type printedCheckoutSession CheckoutSession

func (s CheckoutSession) redacted() printedCheckoutSession {
	s.CheckoutSessionToken = redactedText
	return printedCheckoutSession(s)
}

// Format implements [fmt.Formatter] without the token.
func (s CheckoutSession) Format(f fmt.State, verb rune) { printRedacted(f, verb, s.redacted()) }

// LogValue implements [slog.LogValuer] without the token.
func (s CheckoutSession) LogValue() slog.Value { return slog.AnyValue(s.redacted()) }

// CheckoutMode is what a checkout sells.
type CheckoutMode string

// The checkout modes.
const (
	CheckoutSubscription CheckoutMode = "subscription"
	CheckoutCreditBundle CheckoutMode = "credit_bundle"
)
