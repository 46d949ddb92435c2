package lava_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// A decimal with a huge exponent would be written with as many zeros.
func TestAmountOutOfRange(t *testing.T) {
	t.Parallel()
	client, err := lava.New(lava.WithSecretKey(testKey))
	require.NoError(t, err)
	for _, exponent := range []int32{30_000_000, -30_000_000} {
		_, err := client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{Name: "Pro", PeriodAmount: decimal.New(1, exponent)})
		require.ErrorContains(t, err, "out of range")
	}
}

// Absent, null, zero and set values must differ on the wire.
func TestParamsOnTheWire(t *testing.T) { //nolint:paralleltest // sets a global of the decimal package
	tests := []struct {
		name   string
		params any
		want   string
	}{
		{"absent", lava.UpdateCustomerParams{}, `{}`},
		{"null", lava.UpdateCustomerParams{Email: lava.Null[string](), Metadata: lava.Null[map[string]any]()}, `{"email":null,"metadata":null}`},
		{"zero", lava.UpdateCustomerParams{Name: lava.Set("")}, `{"name":""}`},
		{"set", lava.UpdateCustomerParams{Name: lava.Set("Ada"), Metadata: lava.Set(map[string]any{"a": 1})}, `{"name":"Ada","metadata":{"a":1}}`},
		{"no included credit", lava.UpdatePlanParams{IncludedCredit: lava.Set(decimal.Zero)}, `{"included_credit":"0"}`},
		{"meter links unchanged", lava.UpdatePlanParams{Name: "x"}, `{"name":"x"}`},
		{"meter links removed", lava.UpdatePlanParams{MeterIDs: lava.Set([]string{})}, `{"meter_ids":[]}`},
		{"meter links removed, with a nil slice", lava.UpdatePlanParams{MeterIDs: lava.Set[[]string](nil)}, `{"meter_ids":[]}`},
		{"metadata removed, with a nil map", lava.UpdateCustomerParams{Metadata: lava.Set[map[string]any](nil)}, `{"metadata":{}}`},
		{"no model is not every model", lava.CreateSpendKeyParams{Name: "k", AllowedModels: lava.Set[[]string](nil)}, `{"name":"k","allowed_models":[]}`},
		{"bundle goes", lava.UpdatePlanParams{CreditBundles: []lava.PlanCreditBundleParams{{CreditBundleID: "cb_1", Name: "a", Cost: dec("10"), CreditAmount: dec("12.50"), IsDeleted: true}}},
			`{"credit_bundles":[{"credit_bundle_id":"cb_1","name":"a","cost":"10","credit_amount":"12.5","is_deleted":true}]}`},
		{"plan", lava.CreatePlanParams{Name: "Pro", PeriodAmount: dec("49.00"), BillingInterval: lava.IntervalMonth, IncludedCredit: lava.Set(dec("25")), DefaultAutoTopUpBundleIndex: lava.Set(0)},
			`{"name":"Pro","period_amount":"49","billing_interval":"month","included_credit":"25","default_auto_top_up_bundle_index":0}`},
		{"free plan", lava.CreatePlanParams{Name: "Free"}, `{"name":"Free","period_amount":"0","billing_interval":""}`},
		{"meter", lava.CreateMeterParams{Name: "m", RateType: lava.RateFixed, TierType: lava.TierRequests, Tiers: []lava.MeterTierParams{{Rate: dec("0.01")}, {Start: dec("10000"), Rate: dec("0.005")}}},
			`{"name":"m","rate_type":"fixed","tier_type":"requests","tiers":[{"start":"0","rate":"0.01"},{"start":"10000","rate":"0.005"}]}`},
		{"spend key", lava.CreateSpendKeyParams{Name: "k", AllowedModels: lava.Set([]string{}), SpendLimit: lava.Set(lava.SpendLimit{Amount: dec("5"), Cycle: lava.CycleDaily}), RateLimit: lava.Set(lava.RateLimit{RPM: 60}), ExpiresAt: lava.Set(time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC))},
			`{"name":"k","allowed_models":[],"spend_limit":{"amount":"5","cycle":"daily"},"rate_limit":{"rpm":60},"expires_at":"2027-01-02T03:04:05Z"}`},
		{"spend key limits removed", lava.UpdateSpendKeyParams{SpendLimit: lava.Null[lava.SpendLimit](), RateLimit: lava.Set(lava.RateLimit{RPM: 1, Burst: 2}), AllowedModels: lava.Null[[]string](), ExpiresAt: lava.Null[time.Time]()},
			`{"allowed_models":null,"spend_limit":null,"rate_limit":{"rpm":1,"burst":2},"expires_at":null}`},
		{"usage report", lava.CreateRequestParams{RequestID: "r", CustomerID: "c", MeterSlug: "m", InputTokens: 1, InputSeconds: 0.1},
			`{"request_id":"r","customer_id":"c","meter_slug":"m","input_tokens":1,"input_seconds":0.1}`},
		{"funding", lava.FundWalletParams{PaymentMethodID: "pm_1", Amount: dec("50.00")}, `{"payment_method_id":"pm_1","amount":"50"}`},
		{"top-up off", lava.UpdateSubscriptionParams{AutoTopUpBundleID: lava.Null[string]()}, `{"auto_top_up_bundle_id":null}`},
	}
	check := func(t *testing.T) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				got, err := json.Marshal(tt.params)
				require.NoError(t, err)
				require.JSONEq(t, tt.want, string(got))
			})
		}
	}
	check(t)

	// A program may have told the decimal package to encode numbers: that setting is global. The API requires strings
	// regardless.
	decimal.MarshalJSONWithoutQuotes = true
	defer func() { decimal.MarshalJSONWithoutQuotes = false }()
	t.Run("unquoted decimals", check)
}

// Money must not pass through a float on its way.
func TestMoneyIsExact(t *testing.T) {
	t.Parallel()
	var meter lava.Meter
	require.NoError(t, json.Unmarshal([]byte(`{"tiers":[{"start":9007199254740993,"rate":"0.0000000001"}]}`), &meter))
	require.Equal(t, "9007199254740993", meter.Tiers[0].Start.String())
	require.Equal(t, "0.0000000001", meter.Tiers[0].Rate.String())

	var request lava.Request
	require.NoError(t, json.Unmarshal([]byte(`{"cost":"12345678901234567.0581000001"}`), &request))
	require.Equal(t, "12345678901234567.0581000001", request.Cost.String())
}

func TestFieldGet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		field lava.Field[int]
		value int
		ok    bool
		null  bool
	}{
		{"absent", lava.Field[int]{}, 0, false, false},
		{"null", lava.Null[int](), 0, false, true},
		{"zero", lava.Set(0), 0, true, false},
		{"a value", lava.Set(7), 7, true, false},
	} {
		value, ok := test.field.Get()
		require.Equal(t, test.value, value, test.name)
		require.Equal(t, test.ok, ok, test.name)
		require.Equal(t, test.null, test.field.IsNull(), test.name)
	}
}
