package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpdatingPlans(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	meter := s.dollarMeter()
	p := s.plan("49", "25", bundle("5", "3"), func(c *CreatePlan) { c.MeterIDs = []string{meter.ID, meter.ID} })
	require.Equal(t, []Meter{meter}, p.Meters, "a meter is linked only once")
	require.Equal(t, RolloverNone, p.Rollover)
	require.Equal(t, RolloverFull, p.BundleRollover)

	name, full, none, noMeters := "Pro", RolloverFull, "", []string{}
	update := UpdatePlan{MerchantID: s.merchant.ID, ID: p.ID, Name: &name, Rollover: &full, MeterIDs: &noMeters, TopUpBundleID: &none}
	changed := must(s, update)
	require.Equal(t, "Pro", changed.Name)
	require.Equal(t, RolloverFull, changed.Rollover)
	require.Empty(t, changed.Meters)
	require.Empty(t, changed.TopUpBundleID)
	require.Equal(t, p.IncludedCredit, changed.IncludedCredit, "omitted fields are unchanged")
	require.Equal(t, p.Bundles, changed.Bundles)
}

func TestDeletingPlans(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	remove := func(id string) DeletePlan { return DeletePlan{MerchantID: s.merchant.ID, ID: id} }
	c := s.subscribe("", p, goodCard)
	require.Equal(t, CodeConflict, rejected(s, remove(p.ID)).Code, "it has a subscriber")
	require.Equal(t, CodeConflict, rejected(s, remove(s.merchant.FreePlanID)).Code)
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: c})
	must(s, remove(p.ID))
	require.Equal(t, CodeNotFound, rejected(s, remove(p.ID)).Code)
	page, err := s.Plans(s.merchant.ID, PageParams{})
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "Free")
}

func TestBadPlans(t *testing.T) {
	t.Parallel()
	ok := CreatePlan{Name: "p", PeriodAmount: "49", Interval: Month}
	two := 2
	for _, tt := range []struct {
		param  string
		change func(*CreatePlan)
	}{
		{"name", func(c *CreatePlan) { c.Name = "" }},
		{"period_amount", func(c *CreatePlan) { c.PeriodAmount = "" }},
		{"period_amount", func(c *CreatePlan) { c.PeriodAmount = "10000.01" }},
		{"included_credit", func(c *CreatePlan) { c.IncludedCredit = "-1" }},
		{"included_credit", func(c *CreatePlan) { c.IncludedCredit = "1000000.01" }},
		{"billing_interval", func(c *CreatePlan) { c.Interval = "decade" }},
		{"rollover_type", func(c *CreatePlan) { c.Rollover = "half" }},
		{"bundle_rollover_type", func(c *CreatePlan) { c.BundleRollover = "half" }},
		{"meter_ids", func(c *CreatePlan) { c.MeterIDs = []string{"prd_test_nope"} }},
		{"credit_bundles[0].name", func(c *CreatePlan) { c.Bundles = []CreditBundleParams{{Cost: "1", CreditAmount: "1"}} }},
		{"credit_bundles[0].cost", func(c *CreatePlan) { c.Bundles = []CreditBundleParams{{Name: "b", CreditAmount: "1"}} }},
		{"credit_bundles[0].credit_amount", func(c *CreatePlan) { c.Bundles = []CreditBundleParams{{Name: "b", Cost: "1"}} }},
		{"default_auto_top_up_bundle_index", func(c *CreatePlan) { c.TopUpBundleIndex = &two }},
	} {
		s := newShop(t, Rules{})
		cmd := ok
		cmd.MerchantID = s.merchant.ID
		tt.change(&cmd)
		e := rejected(s, cmd)
		require.Equal(t, CodeInvalidRequest, e.Code)
		require.Equal(t, tt.param, e.Param, e.Message)
	}
}
