package lava_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// operation is a method of a service, and the request it must send.
type operation struct {
	call func(context.Context, *lava.Client) (any, error)
	line string
	body string
	resp string
	want any // the result of the method, or a relevant field of it
}

func object[T any](v *T, err error, field func(*T) any) (any, error) {
	if err != nil {
		return nil, err
	}
	return field(v), nil
}

var zone = time.FixedZone("", 2*60*60)

var operations = map[string]operation{
	"CheckoutSessions.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: "sc_1"})
			return object(v, err, func(v *lava.CheckoutSession) any { return v.CheckoutSessionToken.Reveal() })
		},
		"POST /v1/checkout_sessions", `{"checkout_mode":"subscription","origin_url":"https://app.example.com","plan_id":"sc_1"}`,
		`{"checkout_session_token":"t"}`, "t",
	},
	"Customers.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: "u1", Name: "Ada"})
			return object(v, err, func(v *lava.Customer) any { return v.CustomerID })
		},
		"POST /v1/customers", `{"reference_id":"u1","name":"Ada"}`, `{"customer_id":"con_1"}`, "con_1",
	},
	"Customers.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Customers.Retrieve(ctx, "u1")
			return object(v, err, func(v *lava.Customer) any { return v.Contact.FirstName })
		},
		"GET /v1/customers/u1", "", `{"contact":{"first_name":"Ada"},"reference_id":null}`, "Ada",
	},
	"Customers.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Customers.List(ctx, lava.ListCustomersParams{Limit: 2})
			return object(v, err, func(v *lava.Page[lava.Customer]) any { return v.NextCursor })
		},
		"GET /v1/customers?limit=2", "", `{"data":[],"has_more":true,"next_cursor":"n"}`, "n",
	},
	"Customers.RetrieveSubscription": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Customers.RetrieveSubscription(ctx, "con_1")
			return object(v, err, func(v *lava.Subscription) any { return v.Credits.TotalRemaining.String() })
		},
		"GET /v1/customers/con_1/subscription", "", `{"subscription":{"credits":{"total_remaining":"-0.5000000000"}}}`, "-0.5",
	},
	"Customers.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Customers.Update(ctx, "con_1", lava.UpdateCustomerParams{Email: lava.Null[string]()})
			return object(v, err, func(v *lava.Customer) any { return v.CustomerID })
		},
		"PATCH /v1/customers/con_1", `{"email":null}`, `{"customer_id":"con_1"}`, "con_1",
	},
	"Customers.Delete": {
		func(ctx context.Context, c *lava.Client) (any, error) { return nil, c.Customers.Delete(ctx, "con_1") },
		"DELETE /v1/customers/con_1", "", `{"success":true}`, nil,
	},
	"Requests.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Requests.Create(ctx, lava.CreateRequestParams{RequestID: "r", CustomerID: "c", MeterSlug: "m", OutputTokens: 7, Metadata: map[string]string{"k": "v"}})
			return object(v, err, func(v *lava.Request) any { return v.Charge.Amount.String() })
		},
		"POST /v1/requests", `{"request_id":"r","customer_id":"c","meter_slug":"m","metadata":{"k":"v"},"output_tokens":7}`,
		`{"charge":{"amount":"0.0014000000"}}`, "0.0014",
	},
	"Requests.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Requests.Retrieve(ctx, "req_1")
			return object(v, err, func(v *lava.Request) any { return v.ModelUsage.TotalSeconds })
		},
		"GET /v1/requests/req_1", "", `{"model_usage":{"total_seconds":0.5}}`, 0.5,
	},
	"Requests.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Requests.List(ctx, lava.ListRequestsParams{CustomerID: "c", MeterID: "m", Cursor: "n", Limit: 3, MetadataFilters: map[string]string{"b": "2", "a": "1&"}})
			return object(v, err, func(v *lava.Page[lava.Request]) any { return v.Data[0].RequestID })
		},
		"GET /v1/requests?cursor=n&customer_id=c&limit=3&metadata_filters=%5B%5B%22a%22%2C%221%5Cu0026%22%5D%2C%5B%22b%22%2C%222%22%5D%5D&meter_id=m", "",
		`{"data":[{"request_id":"r"}]}`, "r",
	},
	"Usage.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
				Start: time.Date(2026, 1, 2, 0, 0, 0, 0, zone), End: time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC), CustomerID: "c", MeterID: "m",
				MetadataFilters: map[string]string{"a": "1"},
			})
			return object(v, err, func(v *lava.Usage) any {
				return v.Items[0].Date + " " + v.Items[0].TotalCharge.String() + " " + v.Totals.TotalCost.String()
			})
		},
		"GET /v1/usage?customer_id=c&end=2026-02-03T04%3A05%3A06.789Z&metadata_filters=%5B%5B%22a%22%2C%221%22%5D%5D&meter_id=m&start=2026-01-02T00%3A00%3A00%2B02%3A00", "",
		`{"items":[{"date":"2026-01-02","total_charge":"1.5"}],"totals":{"total_cost":"2.25"}}`, "2026-01-02 1.5 2.25",
	},
	"Meters.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Meters.Create(ctx, lava.CreateMeterParams{Name: "m", MeterSlug: "s", RateType: lava.RateFixed, TierType: lava.TierTokens1M, Tiers: []lava.MeterTierParams{{Rate: dec("3.00")}}})
			return object(v, err, func(v *lava.Meter) any { return v.Tiers[0].Rate.String() })
		},
		"POST /v1/meters", `{"name":"m","meter_slug":"s","rate_type":"fixed","tier_type":"tokens_1m","tiers":[{"start":"0","rate":"3"}]}`,
		`{"tiers":[{"start":0,"rate":"3.0000000000","type":"tokens_1m"}]}`, "3",
	},
	"Meters.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Meters.Retrieve(ctx, "prd_1")
			return object(v, err, func(v *lava.Meter) any { return v.MeterSlug })
		},
		"GET /v1/meters/prd_1", "", `{"meter_slug":"s"}`, "s",
	},
	"Meters.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Meters.List(ctx, lava.ListMetersParams{})
			return object(v, err, func(v *lava.Page[lava.Meter]) any { return len(v.Data) })
		},
		"GET /v1/meters", "", `{"data":[{},{}]}`, 2,
	},
	"Meters.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Meters.Update(ctx, "prd_1", lava.UpdateMeterParams{Name: "n"})
			return object(v, err, func(v *lava.Meter) any { return v.Name })
		},
		"PATCH /v1/meters/prd_1", `{"name":"n"}`, `{"name":"n"}`, "n",
	},
	"Meters.Delete": {
		func(ctx context.Context, c *lava.Client) (any, error) { return nil, c.Meters.Delete(ctx, "prd_1") },
		"DELETE /v1/meters/prd_1", "", `{"id":"prd_1","deleted":true}`, nil,
	},
	"CreditBundles.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.CreditBundles.Retrieve(ctx, "cb_1")
			return object(v, err, func(v *lava.CreditBundle) any { return v.Cost.String() })
		},
		"GET /v1/credit_bundles/cb_1", "", `{"cost":"10.0000000000"}`, "10",
	},
	"CreditBundles.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.CreditBundles.List(ctx, lava.ListCreditBundlesParams{PlanID: "sc_1", Limit: 1})
			return object(v, err, func(v *lava.Page[lava.CreditBundle]) any { return v.Data[0].PlanID })
		},
		"GET /v1/credit_bundles?limit=1&plan_id=sc_1", "", `{"data":[{"plan_id":"sc_1"}]}`, "sc_1",
	},
	"Subscriptions.CreatePlan": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
				Name: "Pro", PeriodAmount: dec("99.00"), BillingInterval: lava.IntervalMonth, RolloverType: lava.RolloverFull, BundleRolloverType: lava.RolloverNone,
				IncludedCredit: lava.Set(dec("50")), MeterIDs: []string{"prd_1"}, DefaultAutoTopUpBundleIndex: lava.Set(1),
				CreditBundles: []lava.PlanCreditBundleParams{{Name: "S", Cost: dec("10"), CreditAmount: dec("12")}},
			})
			return object(v, err, func(v *lava.Plan) any { return v.CreditBundles[0].CreditAmount.String() })
		},
		"POST /v1/plans",
		`{"name":"Pro","period_amount":"99","billing_interval":"month","rollover_type":"full","bundle_rollover_type":"none","included_credit":"50","default_auto_top_up_bundle_index":1,"meter_ids":["prd_1"],"credit_bundles":[{"name":"S","cost":"10","credit_amount":"12"}]}`,
		`{"credit_bundles":[{"credit_amount":"12.0000000000"}],"default_auto_top_up_bundle_id":null}`, "12",
	},
	"Subscriptions.RetrievePlan": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.RetrievePlan(ctx, "sc_1")
			return object(v, err, func(v *lava.Plan) any { return v.LinkedMeters[0].MeterID })
		},
		"GET /v1/plans/sc_1", "", `{"linked_meters":[{"meter_id":"prd_1","name":"m"}]}`, "prd_1",
	},
	"Subscriptions.ListPlans": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.ListPlans(ctx, lava.ListPlansParams{Cursor: "n"})
			return object(v, err, func(v *lava.Page[lava.Plan]) any { return v.Data[0].Name })
		},
		"GET /v1/plans?cursor=n", "", `{"data":[{"name":"Free"}]}`, "Free",
	},
	"Subscriptions.UpdatePlan": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.UpdatePlan(ctx, "sc_1", lava.UpdatePlanParams{DefaultAutoTopUpBundleID: lava.Null[string](), RolloverType: lava.RolloverNone})
			return object(v, err, func(v *lava.Plan) any { return v.RolloverType })
		},
		"PATCH /v1/plans/sc_1", `{"rollover_type":"none","default_auto_top_up_bundle_id":null}`, `{"rollover_type":"none"}`, lava.RolloverNone,
	},
	"Subscriptions.DeletePlan": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			return nil, c.Subscriptions.DeletePlan(ctx, "sc_1")
		},
		"DELETE /v1/plans/sc_1", "", `{"id":"sc_1","deleted":true}`, nil,
	},
	"Subscriptions.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.Create(ctx, lava.CreateSubscriptionParams{CustomerID: "c", PlanID: "p"})
			return object(v, err, func(v *lava.Subscription) any { return v.PendingChange.Type })
		},
		"POST /v1/subscriptions", `{"customer_id":"c","plan_id":"p"}`, `{"subscription":{"pending_change":{"type":"downgrade"}}}`, lava.PendingDowngrade,
	},
	"Subscriptions.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Subscriptions.List(ctx, lava.ListSubscriptionsParams{Status: lava.SubscriptionAll, CustomerID: "c"})
			return object(v, err, func(v *lava.Page[lava.Subscription]) any {
				return v.Data[0].SubscriptionID + v.Data[0].Customer.Phone
			})
		},
		"GET /v1/subscriptions?customer_id=c&status=all", "", `{"data":[{"subscription_id":"sub_1","customer":{"phone":"+1"}}]}`, "sub_1+1",
	},
	"Subscriptions.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			return nil, c.Subscriptions.Update(ctx, "sub_1", lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Set("cb_1")})
		},
		"PATCH /v1/subscriptions/sub_1", `{"auto_top_up_bundle_id":"cb_1"}`, `{"success":true}`, nil,
	},
	"Subscriptions.Cancel": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			return nil, c.Subscriptions.Cancel(ctx, "sub_1")
		},
		"DELETE /v1/subscriptions/sub_1", "", `{"success":true}`, nil,
	},
	"Webhooks.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "n", URL: "https://x"})
			return object(v, err, func(v *lava.WebhookCreated) any { return v.WebhookID + v.Secret.Reveal() })
		},
		"POST /v1/webhooks", `{"name":"n","url":"https://x"}`, `{"webhook_id":"wh_1","webhook_secret":"whsec_1"}`, "wh_1whsec_1",
	},
	"Webhooks.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Webhooks.Retrieve(ctx, "wh_1")
			return object(v, err, func(v *lava.Webhook) any { return v.URL })
		},
		"GET /v1/webhooks/wh_1", "", `{"url":"https://x"}`, "https://x",
	},
	"Webhooks.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Webhooks.List(ctx, lava.ListWebhooksParams{})
			return object(v, err, func(v *lava.Page[lava.Webhook]) any { return len(v.Data) })
		},
		"GET /v1/webhooks", "", `{"data":[{}]}`, 1,
	},
	"Webhooks.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Webhooks.Update(ctx, "wh_1", lava.UpdateWebhookParams{URL: "https://y"})
			return object(v, err, func(v *lava.Webhook) any { return v.URL })
		},
		"PATCH /v1/webhooks/wh_1", `{"url":"https://y"}`, `{"url":"https://y"}`, "https://y",
	},
	"Webhooks.Delete": {
		func(ctx context.Context, c *lava.Client) (any, error) { return nil, c.Webhooks.Delete(ctx, "wh_1") },
		"DELETE /v1/webhooks/wh_1", "", `{"id":"wh_1","deleted":true}`, nil,
	},
	"SecretKeys.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SecretKeys.Create(ctx, lava.CreateSecretKeyParams{Name: "ci"})
			return object(v, err, func(v *lava.SecretKeyCreated) any { return v.SecretKeyID + v.Key.Reveal() })
		},
		"POST /v1/secret_keys", `{"name":"ci"}`, `{"secret_key_id":"sk_1","secret_key":"aks_test_1"}`, "sk_1aks_test_1",
	},
	"SecretKeys.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SecretKeys.List(ctx, lava.ListSecretKeysParams{})
			return object(v, err, func(v *lava.Page[lava.SecretKey]) any { return v.Data[0].SecretKeyHint })
		},
		"GET /v1/secret_keys", "", `{"data":[{"secret_key_hint":"beef"}]}`, "beef",
	},
	"SecretKeys.Delete": {
		func(ctx context.Context, c *lava.Client) (any, error) { return nil, c.SecretKeys.Delete(ctx, "sk_1") },
		"DELETE /v1/secret_keys/sk_1", "", `{"id":"sk_1","deleted":true}`, nil,
	},
	"SpendKeys.Create": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "k", RequestLimit: lava.Set(lava.RequestLimit{Count: 5, Cycle: lava.CycleTotal})})
			return object(v, err, func(v *lava.SpendKeyCreated) any { return v.SpendKeyID + v.Key.Reveal() })
		},
		"POST /v1/spend_keys", `{"name":"k","request_limit":{"count":5,"cycle":"total"}}`, `{"spend_key_id":"spk_1","key":"lava_sk_1"}`, "spk_1lava_sk_1",
	},
	"SpendKeys.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SpendKeys.Retrieve(ctx, "spk_1")
			return object(v, err, func(v *lava.SpendKey) any { return v.SpendLimit.Amount.String() })
		},
		"GET /v1/spend_keys/spk_1", "", `{"spend_limit":{"amount":"5.0000000000","cycle":"daily"},"rate_limit":{"rpm":1,"burst":null},"last_used_at":null}`, "5",
	},
	"SpendKeys.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SpendKeys.List(ctx, lava.ListSpendKeysParams{})
			return object(v, err, func(v *lava.Page[lava.SpendKey]) any { return v.Data[0].KeyPreview })
		},
		"GET /v1/spend_keys", "", `{"data":[{"key_preview":"lava_sk_a1b2****"}]}`, "lava_sk_a1b2****",
	},
	"SpendKeys.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SpendKeys.Update(ctx, "spk_1", lava.UpdateSpendKeyParams{Status: lava.SpendKeyPaused})
			return object(v, err, func(v *lava.SpendKey) any { return v.Status })
		},
		"PUT /v1/spend_keys/spk_1", `{"status":"paused"}`, `{"status":"paused"}`, lava.SpendKeyPaused,
	},
	"SpendKeys.Revoke": {
		func(ctx context.Context, c *lava.Client) (any, error) { return nil, c.SpendKeys.Revoke(ctx, "spk_1") },
		"DELETE /v1/spend_keys/spk_1", "", `{"success":true}`, nil,
	},
	"SpendKeys.Rotate": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.SpendKeys.Rotate(ctx, "spk_1")
			return object(v, err, func(v *lava.SpendKeyCreated) any { return v.Key.Reveal() })
		},
		"POST /v1/spend_keys/spk_1/rotate", "", `{"key":"lava_sk_2"}`, "lava_sk_2",
	},
	"Models.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Models.List(ctx)
			return object(&v, err, func(v *[]lava.Model) any { return (*v)[0].OwnedBy })
		},
		"GET /v1/models", "", `{"object":"list","data":[{"id":"m","owned_by":"openai"}]}`, "openai",
	},
	"Wallet.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Wallet.Retrieve(ctx)
			return object(v, err, func(v *lava.Wallet) any { return v.Balance.StringFixed(2) })
		},
		"GET /v1/wallet", "", `{"wallet_id":"wal_1","balance":"1000.00"}`, "1000.00",
	},
	"Wallet.Fund": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Wallet.Fund(ctx, lava.FundWalletParams{PaymentMethodID: "pm_1", Amount: dec("50.00")})
			return object(v, err, func(v *lava.WalletFunding) any { return v.Status })
		},
		"POST /v1/wallet/fund", `{"payment_method_id":"pm_1","amount":"50"}`,
		`{"status":"requires_action","payment_id":"pay_1","redirect_url":"https://x"}`, lava.FundingRequiresAction,
	},
	"PaymentMethods.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.PaymentMethods.List(ctx)
			return object(&v, err, func(v *[]lava.PaymentMethod) any { return (*v)[0].Last4 })
		},
		"GET /v1/payment_methods", "", `{"data":[{"last4":"4242","error_at":null,"error_code":null}]}`, "4242",
	},
	"Services.List": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Services.List(ctx, lava.ListServicesParams{Provider: "openai"})
			return object(&v, err, func(v *[]lava.Service) any { return (*v)[0].Pricing.Input.String() })
		},
		"GET /v1/services?provider=openai", "",
		`{"object":"list","data":[{"id":"m","pricing":{"type":"tokens_1m","input":0.15,"output":null}}],"providers":[{"label":"OpenAI"}]}`, "0.15",
	},
	"Services.ListProviders": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			v, err := c.Services.ListProviders(ctx, lava.ListServicesParams{Provider: "openai"})
			return object(&v, err, func(v *[]lava.ServiceProvider) any { return (*v)[0].Label })
		},
		"GET /v1/services?provider=openai", "",
		`{"object":"list","data":[],"providers":[{"label":"OpenAI"}]}`, "OpenAI",
	},
	"FallbackChain.Retrieve": {
		func(ctx context.Context, c *lava.Client) (any, error) { return c.FallbackChain.Retrieve(ctx) },
		"GET /v1/account/fallback", "", `{"fallback_chain":[{"url":"https://x","model":"m"}]}`, []lava.Fallback{{URL: "https://x", Model: "m"}},
	},
	"FallbackChain.Update": {
		func(ctx context.Context, c *lava.Client) (any, error) {
			return nil, c.FallbackChain.Update(ctx, []lava.Fallback{{URL: "https://x", Model: "m"}})
		},
		"PATCH /v1/account/fallback", `{"fallback_chain":[{"url":"https://x","model":"m"}]}`, `{"success":true}`, nil,
	},
}

func TestOperationsOnTheWire(t *testing.T) {
	t.Parallel()
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			api := newFakeAPI(t, respond(200, op.resp))
			got, err := op.call(t.Context(), api.client(t))
			require.NoError(t, err)
			require.Equal(t, op.want, got)
			seen := api.seen()[0]
			require.Equal(t, op.line, seen.Method+" "+seen.URI)
			if op.body == "" {
				require.Empty(t, seen.Body)
			} else {
				require.JSONEq(t, op.body, seen.Body)
			}

			api = newFakeAPI(t, respond(403, `{"error":{"message":"no","code":"forbidden","status":403}}`))
			_, err = op.call(t.Context(), api.client(t))
			require.ErrorIs(t, err, lava.ErrForbidden)
		})
	}
}

func TestNoSubscription(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(t, respond(200, `{"subscription":null}`)).client(t)
	_, err := client.Customers.RetrieveSubscription(t.Context(), "con_1")
	require.ErrorIs(t, err, lava.ErrNoSubscription)
	_, err = client.Subscriptions.Create(t.Context(), lava.CreateSubscriptionParams{})
	require.ErrorContains(t, err, "the response has no subscription")
	require.NotErrorIs(t, err, lava.ErrNoSubscription, "the customer isn't at fault")
}

func TestFallbackChainIsCleared(t *testing.T) {
	t.Parallel()
	for _, chain := range [][]lava.Fallback{nil, {}} {
		api := newFakeAPI(t, respond(200, `{"success":true}`))
		require.NoError(t, api.client(t).FallbackChain.Update(t.Context(), chain))
		require.JSONEq(t, `{"fallback_chain":null}`, api.seen()[0].Body)
	}
}

// The All methods iterate over what their List methods return, with their filters.
func TestAllMethodsKeepTheirFilters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	walks := map[string]func(*lava.Client) error{
		"/v1/customers?limit=5":   func(c *lava.Client) error { return last(c.Customers.All(ctx, lava.ListCustomersParams{Limit: 5})) },
		"/v1/requests?meter_id=m": func(c *lava.Client) error { return last(c.Requests.All(ctx, lava.ListRequestsParams{MeterID: "m"})) },
		"/v1/meters?limit=5":      func(c *lava.Client) error { return last(c.Meters.All(ctx, lava.ListMetersParams{Limit: 5})) },
		"/v1/plans?limit=5": func(c *lava.Client) error {
			return last(c.Subscriptions.AllPlans(ctx, lava.ListPlansParams{Limit: 5}))
		},
		"/v1/subscriptions?status=all": func(c *lava.Client) error {
			return last(c.Subscriptions.All(ctx, lava.ListSubscriptionsParams{Status: lava.SubscriptionAll}))
		},
		"/v1/credit_bundles?plan_id=p": func(c *lava.Client) error {
			return last(c.CreditBundles.All(ctx, lava.ListCreditBundlesParams{PlanID: "p"}))
		},
		"/v1/webhooks?limit=5":    func(c *lava.Client) error { return last(c.Webhooks.All(ctx, lava.ListWebhooksParams{Limit: 5})) },
		"/v1/secret_keys?limit=5": func(c *lava.Client) error { return last(c.SecretKeys.All(ctx, lava.ListSecretKeysParams{Limit: 5})) },
		"/v1/spend_keys?limit=5":  func(c *lava.Client) error { return last(c.SpendKeys.All(ctx, lava.ListSpendKeysParams{Limit: 5})) },
	}
	for uri, walk := range walks {
		api := newFakeAPI(t, pagesOf(map[string]string{"": `{"data":[{}],"has_more":true,"next_cursor":"b"}`, "b": `{"data":[{}]}`}))
		require.NoError(t, walk(api.client(t)))
		seen := api.seen()
		require.Len(t, seen, 2)
		require.Equal(t, uri, seen[0].URI)
		require.Equal(t, strings.Replace(uri, "?", "?cursor=b&", 1), seen[1].URI)
	}
}

// last iterates to the end and returns the error, if any.
func last[T any](walk func(func(T, error) bool)) error {
	for _, err := range walk {
		if err != nil {
			return err
		}
	}
	return nil
}

// apiOperations are the operations of the Lava API that this package must have.
const apiOperations = `
DELETE /customers/{id}
DELETE /meters/{id}
DELETE /plans/{id}
DELETE /secret_keys/{id}
DELETE /spend_keys/{id}
DELETE /subscriptions/{id}
DELETE /webhooks/{id}
GET /account/fallback
GET /credit_bundles
GET /credit_bundles/{id}
GET /customers
GET /customers/{id}
GET /customers/{id}/subscription
GET /meters
GET /meters/{id}
GET /models
GET /payment_methods
GET /plans
GET /plans/{id}
GET /requests
GET /requests/{id}
GET /secret_keys
GET /services
GET /spend_keys
GET /spend_keys/{id}
GET /subscriptions
GET /usage
GET /wallet
GET /webhooks
GET /webhooks/{id}
PATCH /account/fallback
PATCH /customers/{id}
PATCH /meters/{id}
PATCH /plans/{id}
PATCH /subscriptions/{id}
PATCH /webhooks/{id}
POST /auth/callback
POST /checkout_sessions
POST /customers
POST /forward
POST /meters
POST /plans
POST /requests
POST /rewrite/{format}/{url}
POST /secret_keys
POST /spend_keys
POST /spend_keys/{id}/rotate
POST /subscriptions
POST /wallet/fund
POST /webhooks
PUT /spend_keys/{id}`

// Each operation is named at the method that performs it, with a lava:operation directive.
func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments) //nolint:staticcheck // no types are needed
	require.NoError(t, err)
	var found []string
	for _, file := range packages["lava"].Files {
		for _, decl := range file.Decls {
			function, ok := decl.(*ast.FuncDecl)
			if !ok || function.Doc == nil {
				continue
			}
			for _, comment := range function.Doc.List {
				if operation, ok := strings.CutPrefix(comment.Text, "//lava:operation "); ok {
					found = append(found, operation)
				}
			}
		}
	}
	sort.Strings(found)
	require.Equal(t, strings.Split(strings.TrimSpace(apiOperations), "\n"), found)
}
