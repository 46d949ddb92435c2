package lava

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// SubscriptionsService manages plans, and the customers' subscriptions to them.
type SubscriptionsService service

func plan(planID string) endpoint { return item("plans", "planID", planID) }

func subscription(subscriptionID string) endpoint {
	return item("subscriptions", "subscriptionID", subscriptionID)
}

// CreatePlan creates a plan.
//
//lava:operation POST /plans
func (s *SubscriptionsService) CreatePlan(ctx context.Context, params CreatePlanParams) (*Plan, error) {
	return post[Plan](ctx, s.client, at("plans"), params, exchange.IfRejected)
}

// RetrievePlan returns a plan.
//
//lava:operation GET /plans/{id}
func (s *SubscriptionsService) RetrievePlan(ctx context.Context, planID string) (*Plan, error) {
	return get[Plan](ctx, s.client, plan(planID), nil)
}

// ListPlans returns a page of the plans.
//
//lava:operation GET /plans
func (s *SubscriptionsService) ListPlans(ctx context.Context, params ListPlansParams) (*Page[Plan], error) {
	return list[Plan](ctx, s.client, "plans", pageQuery(params.Cursor, params.Limit))
}

// AllPlans iterates over all plans, page by page.
func (s *SubscriptionsService) AllPlans(ctx context.Context, params ListPlansParams) iter.Seq2[Plan, error] {
	return all(params.Cursor, func(cursor string) (*Page[Plan], error) {
		params.Cursor = cursor
		return s.ListPlans(ctx, params)
	})
}

// UpdatePlan changes a plan. Its price and interval are fixed.
//
//lava:operation PATCH /plans/{id}
func (s *SubscriptionsService) UpdatePlan(ctx context.Context, planID string, params UpdatePlanParams) (*Plan, error) {
	return patch[Plan](ctx, s.client, plan(planID), params)
}

// DeletePlan removes a plan without subscribers. If it has subscribers, the error is
// [ErrConflict].
//
//lava:operation DELETE /plans/{id}
func (s *SubscriptionsService) DeletePlan(ctx context.Context, planID string) error {
	return remove(ctx, s.client, plan(planID))
}

// Create puts a customer on a free plan. A paid plan needs a checkout session.
//
// Every merchant has a built-in plan "Free", which costs 0 dollars a month and has no credit. New customers start on
// it. Create is for free plans of your own, such as a trial with credit. It replaces another free plan immediately,
// and a paid plan at the end of its billing cycle.
//
//lava:operation POST /subscriptions
func (s *SubscriptionsService) Create(ctx context.Context, params CreateSubscriptionParams) (*Subscription, error) {
	created, err := post[createdSubscription](ctx, s.client, at("subscriptions"), params, exchange.IfRejected)
	if err != nil {
		return nil, err
	}
	return created.Subscription, nil
}

// createdSubscription is the response to a creation.
type createdSubscription struct {
	Subscription *Subscription `json:"subscription"`
}

func (c *createdSubscription) problem() string {
	if c.Subscription == nil {
		return "the response has no subscription"
	}
	return ""
}

// List returns a page of the subscriptions: by default the active ones; see
// Status.
//
//lava:operation GET /subscriptions
func (s *SubscriptionsService) List(ctx context.Context, params ListSubscriptionsParams) (*Page[Subscription], error) {
	q := pageQuery(params.Cursor, params.Limit)
	setQuery(q, "status", string(params.Status))
	setQuery(q, "customer_id", params.CustomerID)
	return list[Subscription](ctx, s.client, "subscriptions", q)
}

// All iterates over all subscriptions that List would return, page by page.
func (s *SubscriptionsService) All(ctx context.Context, params ListSubscriptionsParams) iter.Seq2[Subscription, error] {
	return all(params.Cursor, func(cursor string) (*Page[Subscription], error) {
		params.Cursor = cursor
		return s.List(ctx, params)
	})
}

// Update sets or clears the credit bundle that is bought automatically when the
// customer's credits run out.
//
//lava:operation PATCH /subscriptions/{id}
func (s *SubscriptionsService) Update(ctx context.Context, subscriptionID string, params UpdateSubscriptionParams) error {
	return s.client.do(ctx, call{
		method: http.MethodPatch, at: subscription(subscriptionID), params: params, retries: exchange.IfRejected,
	}, new(confirmation))
}

// Cancel ends a subscription at the end of its billing cycle. Until then it is
// active, with a pending change. Afterwards the customer is on the built-in plan
// "Free". A customer always has a subscription until deleted, so to find out who
// pays, check the plan, not whether there is a subscription.
//
//lava:operation DELETE /subscriptions/{id}
func (s *SubscriptionsService) Cancel(ctx context.Context, subscriptionID string) error {
	return remove(ctx, s.client, subscription(subscriptionID))
}

// CreatePlanParams describe a new plan.
type CreatePlanParams struct {
	Name                        string                   `json:"name"`
	PeriodAmount                decimal.Decimal          `json:"period_amount"` // US dollars per interval, 0 to 10000
	BillingInterval             BillingInterval          `json:"billing_interval"`
	RolloverType                RolloverType             `json:"rollover_type,omitzero"`        // by default none
	BundleRolloverType          RolloverType             `json:"bundle_rollover_type,omitzero"` // by default full
	IncludedCredit              Field[decimal.Decimal]   `json:"included_credit,omitzero"`      // US dollars; by default the PeriodAmount
	DefaultAutoTopUpBundleIndex Field[int]               `json:"default_auto_top_up_bundle_index,omitzero"`
	MeterIDs                    []string                 `json:"meter_ids,omitzero"` // by default the plan admits all meters
	CreditBundles               []PlanCreditBundleParams `json:"credit_bundles,omitzero"`
}

// MarshalJSON implements [json.Marshaler]: money is a string, even if the program
// has set [decimal.MarshalJSONWithoutQuotes].
func (p CreatePlanParams) MarshalJSON() ([]byte, error) {
	type plain CreatePlanParams
	return json.Marshal(struct {
		plain
		PeriodAmount quoted `json:"period_amount"`
	}{plain(p), quoted(p.PeriodAmount)})
}

// ListPlansParams select a page of the plans.
type ListPlansParams struct {
	Cursor string // a page's NextCursor; "" for the first page
	Limit  int    // items per page, 1 to 100; by default 10
}

// UpdatePlanParams change a plan. Zero fields stay unchanged.
type UpdatePlanParams struct {
	Name                     string                   `json:"name,omitzero"`
	RolloverType             RolloverType             `json:"rollover_type,omitzero"`
	BundleRolloverType       RolloverType             `json:"bundle_rollover_type,omitzero"`
	IncludedCredit           Field[decimal.Decimal]   `json:"included_credit,omitzero"` // from the next renewal on
	DefaultAutoTopUpBundleID Field[string]            `json:"default_auto_top_up_bundle_id,omitzero"`
	MeterIDs                 Field[[]string]          `json:"meter_ids,omitzero"`      // replace all links; empty: the plan admits all meters
	CreditBundles            []PlanCreditBundleParams `json:"credit_bundles,omitzero"` // bundles not mentioned stay
}

// PlanCreditBundleParams describe a credit bundle of a plan. In an update, a
// CreditBundleID selects the bundle to change, or, with IsDeleted, to remove;
// without one, the bundle is new.
type PlanCreditBundleParams struct {
	CreditBundleID string          `json:"credit_bundle_id,omitzero"`
	Name           string          `json:"name"`
	Cost           decimal.Decimal `json:"cost"`          // what the customer pays, US dollars
	CreditAmount   decimal.Decimal `json:"credit_amount"` // what the customer gets, US dollars
	IsDeleted      bool            `json:"is_deleted,omitzero"`
}

// MarshalJSON implements [json.Marshaler]: money is a string, even if the program
// has set [decimal.MarshalJSONWithoutQuotes].
func (p PlanCreditBundleParams) MarshalJSON() ([]byte, error) {
	type plain PlanCreditBundleParams
	return json.Marshal(struct {
		plain
		Cost         quoted `json:"cost"`
		CreditAmount quoted `json:"credit_amount"`
	}{plain(p), quoted(p.Cost), quoted(p.CreditAmount)})
}

// CreateSubscriptionParams name a customer and a free plan.
type CreateSubscriptionParams struct {
	CustomerID string `json:"customer_id"` // or your reference id
	PlanID     string `json:"plan_id"`
}

// ListSubscriptionsParams select subscriptions.
type ListSubscriptionsParams struct {
	Status     SubscriptionStatus // active by default; SubscriptionAll for all
	CustomerID string             // or your reference id
	Cursor     string             // a page's NextCursor; "" for the first page
	Limit      int                // items per page, 1 to 100; by default 10
}

// UpdateSubscriptionParams change a subscription.
type UpdateSubscriptionParams struct {
	// AutoTopUpBundleID is a credit bundle of the subscription's plan; null
	// turns off automatic top-ups.
	AutoTopUpBundleID Field[string] `json:"auto_top_up_bundle_id,omitzero"`
}

// Plan is what customers subscribe to: a price per interval, and the credit and
// meters that come with it.
type Plan struct {
	PlanID                   string             `json:"plan_id"`
	MerchantID               string             `json:"merchant_id"`
	Name                     string             `json:"name"`
	PeriodAmount             decimal.Decimal    `json:"period_amount"`
	IncludedCredit           decimal.Decimal    `json:"included_credit"`
	BillingInterval          BillingInterval    `json:"billing_interval"`
	RolloverType             RolloverType       `json:"rollover_type"`
	BundleRolloverType       RolloverType       `json:"bundle_rollover_type"`
	DefaultAutoTopUpBundleID string             `json:"default_auto_top_up_bundle_id"` // "" for none
	LinkedMeters             []PlanLinkedMeter  `json:"linked_meters"`                 // empty: all meters
	CreditBundles            []PlanCreditBundle `json:"credit_bundles"`
	CreatedAt                time.Time          `json:"created_at"`
}

// PlanLinkedMeter is a meter that a plan admits.
type PlanLinkedMeter struct {
	MeterID string `json:"meter_id"`
	Name    string `json:"name"`
}

// PlanCreditBundle is extra credit that a plan's customers can buy.
type PlanCreditBundle struct {
	CreditBundleID string          `json:"credit_bundle_id"`
	Name           string          `json:"name"`
	Cost           decimal.Decimal `json:"cost"`
	CreditAmount   decimal.Decimal `json:"credit_amount"`
}

// Subscription is a customer's subscription to a plan, with its credits.
type Subscription struct {
	SubscriptionID    string              `json:"subscription_id"`
	PlanID            string              `json:"plan_id"`
	Status            SubscriptionStatus  `json:"status"`
	AutoTopUpBundleID string              `json:"auto_top_up_bundle_id"` // "" for none
	StartedAt         time.Time           `json:"started_at"`
	CancelledAt       time.Time           `json:"cancelled_at"`   // zero while it is active
	CycleStartAt      time.Time           `json:"cycle_start_at"` // zero if there is no cycle
	CycleEndAt        time.Time           `json:"cycle_end_at"`   // zero if there is no cycle
	Plan              SubscriptionPlan    `json:"plan"`
	Credits           SubscriptionCredits `json:"credits"`
	PendingChange     *PendingChange      `json:"pending_change"` // nil for none

	// The customer. List and All set both fields; elsewhere they are empty, since
	// the caller has named the customer.
	CustomerID string          `json:"customer_id"`
	Customer   CustomerContact `json:"customer"`
}

// SubscriptionSummary is a short form of a customer's subscription. For credits
// and cycle, use [CustomersService.RetrieveSubscription].
type SubscriptionSummary struct {
	SubscriptionID string             `json:"subscription_id"`
	PlanID         string             `json:"plan_id"`
	Name           string             `json:"name"` // the plan's
	Status         SubscriptionStatus `json:"status"`
}

// SubscriptionPlan is the plan of a subscription.
type SubscriptionPlan struct {
	Name               string          `json:"name"`
	PeriodAmount       decimal.Decimal `json:"period_amount"`
	IncludedCredit     decimal.Decimal `json:"included_credit"`
	BillingInterval    BillingInterval `json:"billing_interval"`
	RolloverType       RolloverType    `json:"rollover_type"`
	BundleRolloverType RolloverType    `json:"bundle_rollover_type"`
}

// SubscriptionCredits are what a customer can spend, in US dollars. An amount
// can be below zero: a request that was admitted is charged in full.
type SubscriptionCredits struct {
	TotalRemaining  decimal.Decimal `json:"total_remaining"`
	CycleRemaining  decimal.Decimal `json:"cycle_remaining"`
	BundleRemaining decimal.Decimal `json:"bundle_remaining"`
}

// PendingChange is a scheduled change of a subscription. The fields
// after EffectiveAt describe the plan of a downgrade.
type PendingChange struct {
	Type           PendingChangeType `json:"type"`
	EffectiveAt    time.Time         `json:"effective_at"`
	PlanID         string            `json:"plan_id"`
	Name           string            `json:"name"`
	PeriodAmount   decimal.Decimal   `json:"period_amount"`
	IncludedCredit decimal.Decimal   `json:"included_credit"`
}

// BillingInterval is the length of a billing cycle.
type BillingInterval string

// The billing intervals.
const (
	IntervalDay   BillingInterval = "day"
	IntervalWeek  BillingInterval = "week"
	IntervalMonth BillingInterval = "month"
	IntervalYear  BillingInterval = "year"
)

// RolloverType is what happens to unused credit when a cycle ends.
type RolloverType string

// The rollover types.
const (
	RolloverFull RolloverType = "full" // it is kept
	RolloverNone RolloverType = "none" // it is lost
)

// SubscriptionStatus is a subscription's state, or a selection of states.
type SubscriptionStatus string

// The subscription statuses. SubscriptionAll is for lists only.
const (
	SubscriptionActive    SubscriptionStatus = "active"
	SubscriptionCancelled SubscriptionStatus = "cancelled"
	SubscriptionAll       SubscriptionStatus = "all"
)

// PendingChangeType is the kind of a pending change.
type PendingChangeType string

// The pending change types.
const (
	PendingCancellation PendingChangeType = "cancellation"
	PendingDowngrade    PendingChangeType = "downgrade"
)
