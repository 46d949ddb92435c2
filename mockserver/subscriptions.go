package mockserver

import (
	"cmp"

	"github.com/lavapayments/lava-go/internal/billing"
)

func createSubscription(c *call) (any, error) {
	in, err := decode[struct {
		CustomerID string `json:"customer_id"`
		PlanID     string `json:"plan_id"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case in.CustomerID == "":
		return nil, billing.Invalid("customer_id", "is required")
	case in.PlanID == "":
		return nil, billing.Invalid("plan_id", "is required")
	}
	s, err := do(c, billing.CreateSubscription{MerchantID: c.merchant, Customer: in.CustomerID, PlanID: in.PlanID})
	return subscriptionEnvelope{encodeSubscription(s)}, err
}

func listSubscriptions(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	q := c.r.URL.Query()
	filter := billing.SubscriptionFilter{Customer: q.Get("customer_id")}
	switch status := cmp.Or(q.Get("status"), "active"); status {
	case "active", "cancelled":
		filter.Status = billing.SubscriptionStatus(status)
	case "all":
	default:
		return nil, billing.Invalid("status", "%q is not one of \"active\", \"cancelled\", \"all\"", status)
	}
	subs, err := c.engine.Subscriptions(c.merchant, filter, page)
	return list(subs, encodeListedSubscription), err
}

func updateSubscription(c *call) (any, error) {
	in, err := decode[struct {
		TopUpBundleID patch[string] `json:"auto_top_up_bundle_id"`
	}](c)
	if err != nil {
		return nil, err
	}
	_, err = do(c, billing.UpdateSubscription{MerchantID: c.merchant, ID: c.id, TopUpBundleID: in.TopUpBundleID.ptr()})
	return successBody{Success: true}, err
}

func cancelSubscription(c *call) (any, error) {
	_, err := do(c, billing.CancelSubscription{MerchantID: c.merchant, ID: c.id})
	return successBody{Success: true}, err
}

type subscriptionEnvelope struct {
	Subscription subscriptionBody `json:"subscription"`
}

type subscriptionBody struct {
	ID            string                     `json:"subscription_id"`
	PlanID        string                     `json:"plan_id"`
	Status        billing.SubscriptionStatus `json:"status"`
	TopUpBundleID *string                    `json:"auto_top_up_bundle_id"`
	StartedAt     instant                    `json:"started_at"`
	CancelledAt   *instant                   `json:"cancelled_at"`
	CycleStartAt  *instant                   `json:"cycle_start_at"`
	CycleEndAt    *instant                   `json:"cycle_end_at"`
	Plan          subscriptionPlanBody       `json:"plan"`
	Credits       creditsBody                `json:"credits"`
	PendingChange *pendingChangeBody         `json:"pending_change"`
}

type subscriptionPlanBody struct {
	Name           string           `json:"name"`
	PeriodAmount   billing.Amount   `json:"period_amount"`
	IncludedCredit billing.Amount   `json:"included_credit"`
	Interval       billing.Interval `json:"billing_interval"`
	Rollover       billing.Rollover `json:"rollover_type"`
	BundleRollover billing.Rollover `json:"bundle_rollover_type"`
}

type creditsBody struct {
	Total  billing.Amount `json:"total_remaining"`
	Cycle  billing.Amount `json:"cycle_remaining"`
	Bundle billing.Amount `json:"bundle_remaining"`
}

type pendingChangeBody struct {
	Type           billing.ChangeType `json:"type"`
	EffectiveAt    *instant           `json:"effective_at"`
	PlanID         string             `json:"plan_id,omitzero"`
	Name           string             `json:"name,omitzero"`
	PeriodAmount   *billing.Amount    `json:"period_amount,omitzero"`
	IncludedCredit *billing.Amount    `json:"included_credit,omitzero"`
}

// listedSubscription adds the customer to a subscription.
type listedSubscription struct {
	subscriptionBody
	CustomerID string               `json:"customer_id"`
	Customer   subscriptionCustomer `json:"customer"`
}

type subscriptionCustomer struct {
	Phone     string `json:"phone"`
	Email     string `json:"email,omitzero"`
	FirstName string `json:"first_name,omitzero"`
	LastName  string `json:"last_name,omitzero"`
}

func encodeSubscription(s billing.Subscription) subscriptionBody {
	body := subscriptionBody{
		ID: s.ID, PlanID: s.Plan.ID, Status: s.Status, TopUpBundleID: orNull(s.TopUpBundleID),
		StartedAt: instant(s.CreatedAt), CancelledAt: instantOrNull(s.CancelledAt),
		CycleStartAt: instantOrNull(s.CycleStart), CycleEndAt: instantOrNull(s.CycleEnd),
		Plan: subscriptionPlanBody{
			Name: s.Plan.Name, PeriodAmount: s.Plan.PeriodAmount, IncludedCredit: s.Plan.IncludedCredit,
			Interval: s.Plan.Interval, Rollover: s.Plan.Rollover, BundleRollover: s.Plan.BundleRollover,
		},
		Credits: creditsBody{Total: s.Credits.Total(), Cycle: s.Credits.Cycle, Bundle: s.Credits.Bundle},
	}
	if s.Pending != nil {
		body.PendingChange = &pendingChangeBody{Type: s.Pending.Type, EffectiveAt: instantOrNull(s.CycleEnd)}
		if p := s.PendingPlan; p != nil {
			body.PendingChange.PlanID, body.PendingChange.Name = p.ID, p.Name
			body.PendingChange.PeriodAmount, body.PendingChange.IncludedCredit = &p.PeriodAmount, &p.IncludedCredit
		}
	}
	return body
}

func encodeListedSubscription(s billing.Subscription) listedSubscription {
	return listedSubscription{
		subscriptionBody: encodeSubscription(s),
		CustomerID:       s.Customer.ID,
		Customer: subscriptionCustomer{
			Phone: s.Customer.Phone, Email: s.Customer.Email,
			FirstName: s.Customer.FirstName, LastName: s.Customer.LastName,
		},
	}
}
