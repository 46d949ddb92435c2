package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

func createPlan(c *call) (any, error) {
	in, err := decode[struct {
		Name             string        `json:"name"`
		PeriodAmount     string        `json:"period_amount"`
		IncludedCredit   string        `json:"included_credit"`
		Interval         string        `json:"billing_interval"`
		Rollover         string        `json:"rollover_type"`
		BundleRollover   string        `json:"bundle_rollover_type"`
		MeterIDs         []string      `json:"meter_ids"`
		Bundles          []bundleInput `json:"credit_bundles"`
		TopUpBundleIndex *int          `json:"default_auto_top_up_bundle_index"`
		TopUpBundleID    *any          `json:"default_auto_top_up_bundle_id"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case in.TopUpBundleID != nil: // assumption bundle-at-creation.
		return nil, billing.Invalid("default_auto_top_up_bundle_id", "a plan that is created has no bundle yet; use default_auto_top_up_bundle_index, which counts credit_bundles from 0")
	}
	p, err := do(c, billing.CreatePlan{
		MerchantID: c.merchant, Name: in.Name, PeriodAmount: in.PeriodAmount, IncludedCredit: in.IncludedCredit,
		Interval: billing.Interval(in.Interval), Rollover: billing.Rollover(in.Rollover),
		BundleRollover: billing.Rollover(in.BundleRollover), MeterIDs: in.MeterIDs,
		Bundles: bundleParams(in.Bundles), TopUpBundleIndex: in.TopUpBundleIndex,
	})
	return encodePlan(p), err
}

func getPlan(c *call) (any, error) {
	p, err := c.engine.Plan(c.merchant, c.id)
	return encodePlan(p), err
}

func listPlans(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	plans, err := c.engine.Plans(c.merchant, page)
	return list(plans, encodePlan), err
}

func updatePlan(c *call) (any, error) {
	in, err := decode[struct {
		Name           *string           `json:"name"`
		PeriodAmount   patch[any]        `json:"period_amount"`
		Interval       patch[any]        `json:"billing_interval"`
		IncludedCredit *string           `json:"included_credit"`
		Rollover       *billing.Rollover `json:"rollover_type"`
		BundleRollover *billing.Rollover `json:"bundle_rollover_type"`
		MeterIDs       *[]string         `json:"meter_ids"`
		Bundles        []bundleInput     `json:"credit_bundles"`
		TopUpBundleID  patch[string]     `json:"default_auto_top_up_bundle_id"`
	}](c)
	switch {
	case err != nil:
		return nil, err
	case in.PeriodAmount.set:
		return nil, billing.Invalid("period_amount", "can't be changed; create another plan")
	case in.Interval.set:
		return nil, billing.Invalid("billing_interval", "can't be changed; create another plan")
	}
	p, err := do(c, billing.UpdatePlan{
		MerchantID: c.merchant, ID: c.id, Name: in.Name, IncludedCredit: in.IncludedCredit,
		Rollover: in.Rollover, BundleRollover: in.BundleRollover, MeterIDs: in.MeterIDs,
		Bundles: bundleParams(in.Bundles), TopUpBundleID: in.TopUpBundleID.ptr(),
	})
	return encodePlan(p), err
}

func deletePlan(c *call) (any, error) {
	_, err := do(c, billing.DeletePlan{MerchantID: c.merchant, ID: c.id})
	return deletedBody{ID: c.id, Deleted: true}, err
}

type bundleInput struct {
	ID           string `json:"credit_bundle_id"`
	Name         string `json:"name"`
	Cost         string `json:"cost"`
	CreditAmount string `json:"credit_amount"`
	Deleted      bool   `json:"is_deleted"`
}

func bundleParams(in []bundleInput) []billing.CreditBundleParams {
	bundles := make([]billing.CreditBundleParams, len(in))
	for i, b := range in {
		bundles[i] = billing.CreditBundleParams(b)
	}
	return bundles
}

type planBody struct {
	ID             string             `json:"plan_id"`
	MerchantID     string             `json:"merchant_id"`
	Name           string             `json:"name"`
	PeriodAmount   billing.Amount     `json:"period_amount"`
	IncludedCredit billing.Amount     `json:"included_credit"`
	Interval       billing.Interval   `json:"billing_interval"`
	Rollover       billing.Rollover   `json:"rollover_type"`
	BundleRollover billing.Rollover   `json:"bundle_rollover_type"`
	TopUpBundleID  *string            `json:"default_auto_top_up_bundle_id"`
	Meters         []linkedMeterBody  `json:"linked_meters"`
	Bundles        []linkedBundleBody `json:"credit_bundles"`
	CreatedAt      instant            `json:"created_at"`
}

type linkedMeterBody struct {
	ID   string `json:"meter_id"`
	Name string `json:"name"`
}

type linkedBundleBody struct {
	ID           string         `json:"credit_bundle_id"`
	Name         string         `json:"name"`
	Cost         billing.Amount `json:"cost"`
	CreditAmount billing.Amount `json:"credit_amount"`
}

func encodePlan(p billing.Plan) planBody {
	body := planBody{
		ID: p.ID, MerchantID: p.MerchantID, Name: p.Name, PeriodAmount: p.PeriodAmount,
		IncludedCredit: p.IncludedCredit, Interval: p.Interval, Rollover: p.Rollover,
		BundleRollover: p.BundleRollover, TopUpBundleID: orNull(p.TopUpBundleID),
		Meters: make([]linkedMeterBody, len(p.Meters)), Bundles: make([]linkedBundleBody, len(p.Bundles)),
		CreatedAt: instant(p.CreatedAt),
	}
	for i, m := range p.Meters {
		body.Meters[i] = linkedMeterBody{ID: m.ID, Name: m.Name}
	}
	for i, b := range p.Bundles {
		body.Bundles[i] = linkedBundleBody{ID: b.ID, Name: b.Name, Cost: b.Cost, CreditAmount: b.CreditAmount}
	}
	return body
}
