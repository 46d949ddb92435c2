package tools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lavapayments/lava-go"
)

type createPlanArgs struct {
	Name                        string               `json:"name"`
	PeriodAmount                amount               `json:"period_amount" jsonschema:"the price for each billing interval in US dollars, 0 to 10000, as a decimal string such as 49.00"`
	BillingInterval             lava.BillingInterval `json:"billing_interval"`
	IncludedCredit              amount               `json:"included_credit,omitzero" jsonschema:"the credit that comes with each interval in US dollars, as a decimal string; by default the price"`
	MeterIDs                    []string             `json:"meter_ids,omitempty" jsonschema:"the meters that the plan admits, by meter_id; by default all"`
	RolloverType                lava.RolloverType    `json:"rollover_type,omitzero" jsonschema:"what happens to unused included credit at the end of an interval; by default none is kept"`
	BundleRolloverType          lava.RolloverType    `json:"bundle_rollover_type,omitzero" jsonschema:"what happens to unused bought credit; by default it is kept in full"`
	CreditBundles               []creditBundleArg    `json:"credit_bundles,omitempty" jsonschema:"extra credit that customers on the plan can buy"`
	DefaultAutoTopUpBundleIndex *int                 `json:"default_auto_top_up_bundle_index,omitempty" jsonschema:"the credit bundle that is bought when credits run out, by its place in credit_bundles, from 0; by default none"`
}

type creditBundleArg struct {
	Name         string `json:"name"`
	Cost         amount `json:"cost" jsonschema:"what the customer pays in US dollars, as a decimal string"`
	CreditAmount amount `json:"credit_amount" jsonschema:"what the customer gets in US dollars, as a decimal string"`
}

type plan struct {
	PlanID                   string         `json:"plan_id"`
	Name                     string         `json:"name"`
	PeriodAmount             string         `json:"period_amount" jsonschema:"US dollars"`
	IncludedCredit           string         `json:"included_credit" jsonschema:"US dollars"`
	BillingInterval          string         `json:"billing_interval"`
	RolloverType             string         `json:"rollover_type"`
	BundleRolloverType       string         `json:"bundle_rollover_type"`
	DefaultAutoTopUpBundleID string         `json:"default_auto_top_up_bundle_id,omitzero"`
	LinkedMeters             []linkedMeter  `json:"linked_meters" jsonschema:"the meters that the plan admits; none listed: all"`
	CreditBundles            []creditBundle `json:"credit_bundles"`
	CreatedAt                time.Time      `json:"created_at"`
}

type linkedMeter struct {
	MeterID string `json:"meter_id"`
	Name    string `json:"name"`
}

type creditBundle struct {
	CreditBundleID string `json:"credit_bundle_id" jsonschema:"what create_checkout_session takes"`
	Name           string `json:"name"`
	Cost           string `json:"cost" jsonschema:"US dollars"`
	CreditAmount   string `json:"credit_amount" jsonschema:"US dollars"`
}

func addPlans(t toolbox) {
	add(t, tool{
		name:        "create_plan",
		title:       "Create a plan",
		description: "Create a plan that customers subscribe to: a price for each interval, and the credit and meters that come with it. Price and interval can't be changed later.",
		effect:      creates,
	}, createPlan)
	add(t, tool{
		name:        "list_plans",
		title:       "List plans",
		description: "List the plans with their prices, meters and credit bundles.",
		effect:      reads,
	}, func(ctx context.Context, client *lava.Client, in listArgs) (listResult[plan], string, error) {
		page, err := client.Subscriptions.ListPlans(ctx, lava.ListPlansParams(in))
		return encodeList(page, err, encodePlan, plan.String)
	})
}

func createPlan(ctx context.Context, client *lava.Client, in createPlanArgs) (plan, string, error) {
	params := lava.CreatePlanParams{
		Name: in.Name, PeriodAmount: in.PeriodAmount.decimal(), BillingInterval: in.BillingInterval,
		RolloverType: in.RolloverType, BundleRolloverType: in.BundleRolloverType, MeterIDs: in.MeterIDs,
	}
	if in.IncludedCredit != "" {
		params.IncludedCredit = lava.Set(in.IncludedCredit.decimal())
	}
	if in.DefaultAutoTopUpBundleIndex != nil {
		params.DefaultAutoTopUpBundleIndex = lava.Set(*in.DefaultAutoTopUpBundleIndex)
	}
	for _, b := range in.CreditBundles {
		params.CreditBundles = append(params.CreditBundles, lava.PlanCreditBundleParams{
			Name: b.Name, Cost: b.Cost.decimal(), CreditAmount: b.CreditAmount.decimal(),
		})
	}
	created, err := client.Subscriptions.CreatePlan(ctx, params)
	if err != nil {
		return plan{}, "", err
	}
	out := encodePlan(*created)
	return out, "Created " + out.String(), nil
}

func encodePlan(p lava.Plan) plan {
	out := plan{
		PlanID: p.PlanID, Name: p.Name, PeriodAmount: p.PeriodAmount.String(), IncludedCredit: p.IncludedCredit.String(),
		BillingInterval: string(p.BillingInterval), RolloverType: string(p.RolloverType), BundleRolloverType: string(p.BundleRolloverType),
		DefaultAutoTopUpBundleID: p.DefaultAutoTopUpBundleID,
		LinkedMeters:             make([]linkedMeter, len(p.LinkedMeters)),
		CreditBundles:            make([]creditBundle, len(p.CreditBundles)),
		CreatedAt:                p.CreatedAt,
	}
	for i, m := range p.LinkedMeters {
		out.LinkedMeters[i] = linkedMeter(m)
	}
	for i, b := range p.CreditBundles {
		out.CreditBundles[i] = creditBundle{CreditBundleID: b.CreditBundleID, Name: b.Name, Cost: b.Cost.String(), CreditAmount: b.CreditAmount.String()}
	}
	return out
}

// String summarizes a plan in one line.
func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %q, id %s: %s a %s with %s of credit", p.Name, p.PlanID, dollars(p.PeriodAmount), p.BillingInterval, dollars(p.IncludedCredit))
	for _, c := range p.CreditBundles {
		fmt.Fprintf(&b, "; bundle %q, id %s: %s for %s of credit", c.Name, c.CreditBundleID, dollars(c.Cost), dollars(c.CreditAmount))
	}
	return b.String()
}
