package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
)

type customer struct {
	CustomerID  string         `json:"customer_id"`
	ReferenceID string         `json:"reference_id,omitzero" jsonschema:"the merchant's own id; it works wherever a customer_id is taken"`
	Name        string         `json:"name,omitzero"`
	Email       string         `json:"email,omitzero"`
	Phone       string         `json:"phone,omitzero"`
	PlanID      string         `json:"plan_id,omitzero"`
	PlanName    string         `json:"plan_name,omitzero"`
	Status      string         `json:"subscription_status,omitzero"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
}

type getSubscriptionArgs struct {
	CustomerID string `json:"customer_id" jsonschema:"the customer's id, or your own reference id"`
}

type subscription struct {
	SubscriptionID    string         `json:"subscription_id"`
	Status            string         `json:"status"`
	PlanID            string         `json:"plan_id"`
	PlanName          string         `json:"plan_name"`
	PeriodAmount      string         `json:"period_amount" jsonschema:"US dollars for each interval"`
	BillingInterval   string         `json:"billing_interval"`
	IncludedCredit    string         `json:"included_credit" jsonschema:"US dollars"`
	Credits           credits        `json:"credits"`
	AutoTopUpBundleID string         `json:"auto_top_up_bundle_id,omitzero" jsonschema:"the credit bundle that is bought when credits run out"`
	StartedAt         time.Time      `json:"started_at,omitzero"`
	CycleStartAt      time.Time      `json:"cycle_start_at,omitzero"`
	CycleEndAt        time.Time      `json:"cycle_end_at,omitzero" jsonschema:"when the included credit renews"`
	CancelledAt       time.Time      `json:"cancelled_at,omitzero"`
	PendingChange     *pendingChange `json:"pending_change,omitempty"`
}

type credits struct {
	TotalRemaining  string `json:"total_remaining" jsonschema:"US dollars; can be below 0"`
	CycleRemaining  string `json:"cycle_remaining" jsonschema:"US dollars, of the included credit"`
	BundleRemaining string `json:"bundle_remaining" jsonschema:"US dollars, of bought bundles"`
}

type pendingChange struct {
	Type        string    `json:"type" jsonschema:"cancellation or downgrade"`
	EffectiveAt time.Time `json:"effective_at"`
	PlanID      string    `json:"plan_id,omitzero" jsonschema:"the plan of a downgrade"`
	PlanName    string    `json:"plan_name,omitzero"`
}

func addCustomers(t toolbox) {
	add(t, tool{
		name:        "list_customers",
		title:       "List customers",
		description: "List the customers with their plans. A customer is created by completing a checkout.",
		effect:      reads,
	}, func(ctx context.Context, client *lava.Client, in listArgs) (listResult[customer], string, error) {
		page, err := client.Customers.List(ctx, lava.ListCustomersParams(in))
		return encodeList(page, err, encodeCustomer, customer.String)
	})
	add(t, tool{
		name:        "get_subscription",
		title:       "Read a subscription",
		description: "Read a customer's subscription: plan, remaining credits, billing cycle, and pending changes.",
		effect:      reads,
	}, getSubscription)
}

func encodeCustomer(c lava.Customer) customer {
	out := customer{
		CustomerID: c.CustomerID, ReferenceID: c.ReferenceID, Email: c.Contact.Email, Phone: c.Contact.Phone,
		Name:     strings.TrimSpace(c.Contact.FirstName + " " + c.Contact.LastName),
		Metadata: c.Metadata, CreatedAt: c.CreatedAt,
	}
	if s := c.Subscription; s != nil {
		out.PlanID, out.PlanName, out.Status = s.PlanID, s.Name, string(s.Status)
	}
	return out
}

// String summarizes a customer in one line.
func (c customer) String() string {
	who := cmp.Or(c.ReferenceID, c.Name, c.Email, c.Phone, "without a name")
	return fmt.Sprintf("customer %s (%s), on plan %q", c.CustomerID, who, c.PlanName)
}

func getSubscription(ctx context.Context, client *lava.Client, in getSubscriptionArgs) (subscription, string, error) {
	if in.CustomerID == "" {
		return subscription{}, "", errors.New("customer_id: must not be empty")
	}
	s, err := client.Customers.RetrieveSubscription(ctx, in.CustomerID)
	if err != nil {
		return subscription{}, "", err
	}
	out := subscription{
		SubscriptionID: s.SubscriptionID, Status: string(s.Status), PlanID: s.PlanID, PlanName: s.Plan.Name,
		PeriodAmount: s.Plan.PeriodAmount.String(), BillingInterval: string(s.Plan.BillingInterval), IncludedCredit: s.Plan.IncludedCredit.String(),
		Credits: credits{
			TotalRemaining:  s.Credits.TotalRemaining.String(),
			CycleRemaining:  s.Credits.CycleRemaining.String(),
			BundleRemaining: s.Credits.BundleRemaining.String(),
		},
		AutoTopUpBundleID: s.AutoTopUpBundleID,
		StartedAt:         s.StartedAt, CycleStartAt: s.CycleStartAt, CycleEndAt: s.CycleEndAt, CancelledAt: s.CancelledAt,
	}
	text := fmt.Sprintf("Plan %q, %s: %s of credit left", out.PlanName, out.Status, dollars(out.Credits.TotalRemaining))
	if !out.CycleEndAt.IsZero() {
		text += ", the cycle ends at " + out.CycleEndAt.Format(time.RFC3339)
	}
	if p := s.PendingChange; p != nil {
		out.PendingChange = &pendingChange{Type: string(p.Type), EffectiveAt: p.EffectiveAt, PlanID: p.PlanID, PlanName: p.Name}
		text += fmt.Sprintf(", with a %s at %s", p.Type, p.EffectiveAt.Format(time.RFC3339))
	}
	return out, text + ".", nil
}
