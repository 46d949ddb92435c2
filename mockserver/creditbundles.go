package mockserver

import "github.com/lavapayments/lava-go/internal/billing"

func getCreditBundle(c *call) (any, error) {
	b, err := c.engine.CreditBundle(c.merchant, c.id)
	return encodeCreditBundle(b), err
}

func listCreditBundles(c *call) (any, error) {
	page, err := c.page()
	if err != nil {
		return nil, err
	}
	bundles, err := c.engine.CreditBundles(c.merchant, c.r.URL.Query().Get("plan_id"), page)
	return list(bundles, encodeCreditBundle), err
}

type creditBundleBody struct {
	ID           string         `json:"credit_bundle_id"`
	PlanID       string         `json:"plan_id"`
	Name         string         `json:"name"`
	Cost         billing.Amount `json:"cost"`
	CreditAmount billing.Amount `json:"credit_amount"`
	CreatedAt    instant        `json:"created_at"`
}

func encodeCreditBundle(b billing.CreditBundle) creditBundleBody {
	return creditBundleBody{
		ID: b.ID, PlanID: b.PlanID, Name: b.Name, Cost: b.Cost,
		CreditAmount: b.CreditAmount, CreatedAt: instant(b.CreatedAt),
	}
}
