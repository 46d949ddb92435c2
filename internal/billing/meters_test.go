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
		{"start is no number", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"zero", "1"}}}, "tiers[0].start"},
		{"half a token", CreateMeter{Name: "a", RateType: Fixed, Unit: Tokens1M, Tiers: []TierParams{{"0", "1"}, {"0.5", "1"}}}, "tiers[1].start"},
		{"rate is no number", CreateMeter{Name: "a", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "cheap"}}}, "tiers[0].rate"},
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
