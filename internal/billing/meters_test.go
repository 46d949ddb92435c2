package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBadMeters(t *testing.T) {
	t.Parallel()
	ok := []TierParams{{"0", "1"}}
	tests := []struct {
		name  string
		cmd   CreateMeter
		param string
	}{
		{"no name", CreateMeter{RateType: Fixed, Unit: Requests, Tiers: ok}, "name"},
		{"no rate type", CreateMeter{Name: "a", Unit: Requests, Tiers: ok}, "rate_type"},
		{"unknown rate type", CreateMeter{Name: "a", RateType: "flat", Unit: Requests, Tiers: ok}, "rate_type"},
		{"unknown unit", CreateMeter{Name: "a", RateType: Fixed, Unit: "bytes", Tiers: ok}, "tier_type"},
		{"no tiers", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests}, "tiers"},
		{"not from 0", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"1", "1"}}}, "tiers[0].start"},
		{"not ascending", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "1"}, {"5", "1"}, {"5", "1"}}}, "tiers[2].start"},
		{"start isn't a number", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"zero", "1"}}}, "tiers[0].start"},
		{"half a token", CreateMeter{Name: "a", RateType: Fixed, Unit: Tokens1M, Tiers: []TierParams{{"0", "1"}, {"0.5", "1"}}}, "tiers[1].start"},
		{"rate isn't a number", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "cheap"}}}, "tiers[0].rate"},
		{"negative rate", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "-1"}}}, "tiers[0].rate"},
		{"no rate", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", ""}}}, "tiers[0].rate"},
		{"slug with a space", CreateMeter{Name: "a", Slug: "a b", RateType: Fixed, Unit: Requests, Tiers: ok}, "meter_slug"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			tt.cmd.MerchantID = s.merchant.ID
			e := rejected(s, tt.cmd)
			require.Equal(t, CodeInvalidRequest, e.Code)
			require.Equal(t, tt.param, e.Param)
			require.Contains(t, e.Message, tt.param)
			page, err := s.Meters(s.merchant.ID, PageParams{})
			require.NoError(t, err)
			require.Empty(t, page.Items)
		})
	}
}

func TestSlugs(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	ok := []TierParams{{"0", "1"}}
	m := must(s, CreateMeter{MerchantID: s.merchant.ID, Name: "AI Chat!", RateType: Fixed, Unit: Requests, Tiers: ok})
	require.Regexp(t, `^ai-chat-[0-9a-z]{6}$`, m.Slug)
	must(s, CreateMeter{MerchantID: s.merchant.ID, Name: "a", Slug: "mine", RateType: Fixed, Unit: Requests, Tiers: ok})
	require.Equal(t, CodeConflict, rejected(s, CreateMeter{MerchantID: s.merchant.ID, Name: "a", Slug: "mine", RateType: Fixed, Unit: Requests, Tiers: ok}).Code)
}

func TestUpdatingMeters(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	require.Equal(t, "1", s.report(c.ID, m, Usage{}).Charge.Amount.Plain())
	name := "Renamed"
	update := UpdateMeter{MerchantID: s.merchant.ID, ID: m.ID, Name: &name}
	require.Equal(t, m.Tiers, must(s, update).Tiers, "omitted fields are unchanged")
	update.Tiers = []TierParams{{"0", "2"}}
	changed := must(s, update)
	require.Equal(t, m.Slug, changed.Slug)
	require.Equal(t, "2", s.report(c.ID, m, Usage{}).Charge.Amount.Plain(), "the next request has the new price")
	update.Tiers = []TierParams{}
	require.Equal(t, "tiers", rejected(s, update).Param)
}

func TestDeletingMeters(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("49", "25", func(c *CreatePlan) { c.MeterIDs = []string{m.ID} })
	c := s.subscribe("", p, goodCard)
	r := s.report(c, m, Usage{})
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: m.ID})
	_, err := s.Meter(s.merchant.ID, m.ID)
	require.Error(t, err)
	require.Equal(t, CodeNotFound, rejected(s, DeleteMeter{MerchantID: s.merchant.ID, ID: m.ID}).Code)
	p, err = s.Plan(s.merchant.ID, p.ID)
	require.NoError(t, err)
	require.Empty(t, p.Meters)
	page, err := s.Requests(s.merchant.ID, RequestFilter{Meter: m.ID}, PageParams{}, s.at)
	require.NoError(t, err)
	require.Equal(t, []Request{r}, page.Items, "its requests remain")
	must(s, CreateMeter{MerchantID: s.merchant.ID, Name: "a", Slug: m.Slug, RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "1"}}})
}

// The count that selects a tier stays at its limit instead of wrapping around.
func TestCountsDoNotWrapAround(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Minutes, TierParams{"0", "1"}, TierParams{"1", "0.1"})
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	most := Usage{InputDuration: maxDuration, OutputDuration: maxDuration}
	s.report(c.ID, m, most)
	for range 9 {
		r := s.report(c.ID, m, most)
		require.Len(t, r.Charge.Breakdown, 1)
		require.Equal(t, Dollar/10, r.Charge.Breakdown[0].Tier.Rate, "the last tier")
	}
}
