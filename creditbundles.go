package lava

import (
	"context"
	"iter"
	"time"

	"github.com/shopspring/decimal"
)

// CreditBundlesService reads credit bundles. They are created and changed with
// their plans: see [SubscriptionsService.UpdatePlan].
type CreditBundlesService service

// Retrieve returns a credit bundle.
//
//lava:operation GET /credit_bundles/{id}
func (s *CreditBundlesService) Retrieve(ctx context.Context, creditBundleID string) (*CreditBundle, error) {
	return get[CreditBundle](ctx, s.client, item("credit_bundles", "creditBundleID", creditBundleID), nil)
}

// List returns a page of the credit bundles.
//
//lava:operation GET /credit_bundles
func (s *CreditBundlesService) List(ctx context.Context, params ListCreditBundlesParams) (*Page[CreditBundle], error) {
	q := pageQuery(params.Cursor, params.Limit)
	setQuery(q, "plan_id", params.PlanID)
	return list[CreditBundle](ctx, s.client, "credit_bundles", q)
}

// All iterates over all credit bundles that List would return, page by page.
func (s *CreditBundlesService) All(ctx context.Context, params ListCreditBundlesParams) iter.Seq2[CreditBundle, error] {
	return all(params.Cursor, func(cursor string) (*Page[CreditBundle], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// ListCreditBundlesParams select credit bundles.
type ListCreditBundlesParams struct {
	PlanID string // by default all plans
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// CreditBundle is extra credit that customers on a plan can buy.
type CreditBundle struct {
	CreditBundleID string          `json:"credit_bundle_id"`
	PlanID         string          `json:"plan_id"`
	Name           string          `json:"name"`
	Cost           decimal.Decimal `json:"cost"`          // what the customer pays, US dollars
	CreditAmount   decimal.Decimal `json:"credit_amount"` // what the customer gets, US dollars
	CreatedAt      time.Time       `json:"created_at"`
}
