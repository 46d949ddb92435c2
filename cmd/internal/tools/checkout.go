package tools

import (
	"context"
	"fmt"
	"time"

	"github.com/lavapayments/lava-go"
)

type createCheckoutArgs struct {
	CheckoutMode   lava.CheckoutMode `json:"checkout_mode" jsonschema:"what is sold: subscription needs plan_id; credit_bundle needs customer_id and credit_bundle_id"`
	OriginURL      string            `json:"origin_url" jsonschema:"the origin of the page that will embed the checkout, such as https://app.example.com"`
	CustomerID     string            `json:"customer_id,omitzero" jsonschema:"the customer who pays; without one a subscription's checkout makes a new customer"`
	PlanID         string            `json:"plan_id,omitzero"`
	CreditBundleID string            `json:"credit_bundle_id,omitzero" jsonschema:"a bundle of the customer's plan; list_plans shows them"`
}

type checkoutSession struct {
	CheckoutSessionID    string    `json:"checkout_session_id"`
	CheckoutSessionToken string    `json:"checkout_session_token" jsonschema:"for the checkout package in the customer's browser, and nobody else: anyone who has it can complete the checkout, once"`
	CheckoutMode         string    `json:"checkout_mode"`
	OriginURL            string    `json:"origin_url"`
	CustomerID           string    `json:"customer_id,omitzero"`
	PlanID               string    `json:"plan_id,omitzero"`
	CreatedAt            time.Time `json:"created_at"`
}

func addCheckout(t toolbox) {
	add(t, tool{
		name:  "create_checkout_session",
		title: "Create a checkout session",
		description: "Create a checkout, in which a customer subscribes to a plan or buys a credit bundle in the browser. " +
			"The page passes checkout_session_token to the package @lavapayments/checkout. The session is valid for 60 minutes.",
		effect: creates,
	}, createCheckoutSession)
}

func createCheckoutSession(ctx context.Context, client *lava.Client, in createCheckoutArgs) (checkoutSession, string, error) {
	s, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams(in))
	if err != nil {
		return checkoutSession{}, "", err
	}
	return checkoutSession{
		CheckoutSessionID: s.CheckoutSessionID, CheckoutSessionToken: s.CheckoutSessionToken.Reveal(), CheckoutMode: string(s.CheckoutMode),
		OriginURL: s.OriginURL, CustomerID: s.CustomerID, PlanID: s.PlanID, CreatedAt: s.CreatedAt,
	}, fmt.Sprintf("Created checkout session %s, valid for 60 minutes.", s.CheckoutSessionID), nil
}
