package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The example in Lava's documentation of graduated tiers.
var documentedTiers = []TierParams{{"0", "5"}, {"1000000", "3"}, {"10000000", "1"}}

func TestGraduatedTiers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		unit  Unit
		tiers []TierParams
		uses  []Usage
		want  []string // the charge of each use
	}{
		{"documented: 700 tokens at 2", Tokens1M, []TierParams{{"0", "2"}}, []Usage{{InputTokens: 500, OutputTokens: 200}}, []string{"0.0014"}},
		{"documented: 5M in one request", Tokens1M, documentedTiers, []Usage{{InputTokens: 5e6}}, []string{"17"}},
		{"5M over three requests", Tokens1M, documentedTiers, []Usage{{InputTokens: 999_999}, {InputTokens: 2}, {OutputTokens: 3_999_999}}, []string{"4.999995", "0.000008", "11.999997"}},
		{"through all tiers", Tokens1M, documentedTiers, []Usage{{InputTokens: 12e6}}, []string{"34"}},
		{"a boundary belongs to the upper tier", Tokens1M, documentedTiers, []Usage{{InputTokens: 1e6}, {InputTokens: 1e6}}, []string{"5", "3"}},
		{"characters", Characters1M, []TierParams{{"0", "15"}}, []Usage{{InputCharacters: 1000, OutputCharacters: 1}}, []string{"0.015015"}},
		{"minutes", Minutes, []TierParams{{"0", "0.006"}}, []Usage{{InputDuration: 90 * time.Second}}, []string{"0.009"}},
		{"tiers in fractions of a minute", Minutes, []TierParams{{"0", "1"}, {"0.5", "0.5"}}, []Usage{{OutputDuration: time.Minute}}, []string{"0.75"}},
		{"nothing used", Tokens1M, documentedTiers, []Usage{{}}, []string{"0"}},
		{"rounded half away from zero, once per row", Tokens1M, []TierParams{{"0", "0.0001"}, {"1", "0.0001"}}, []Usage{{InputTokens: 2}}, []string{"0.0000000002"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			m := s.meter(tt.unit, tt.tiers...)
			c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
			for i, u := range tt.uses {
				r := s.report(c.ID, m, u)
				require.Equal(t, tt.want[i], r.Charge.Amount.Plain(), "request %d", i)
				var sum Amount
				for _, row := range r.Charge.Breakdown {
					sum += row.Cost
				}
				require.Equal(t, r.Charge.Amount, sum, "the rows add up")
			}
		})
	}
}

func TestTenThousandthRequest(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Requests, TierParams{"0", "0.01"}, TierParams{"10000", "0.005"})
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	for i := 1; i <= 10_001; i++ {
		r := s.report(c.ID, m, Usage{})
		switch i {
		case 1, 9_999, 10_000:
			require.Equal(t, "0.01", r.Charge.Amount.Plain(), "request %d", i)
		case 10_001:
			require.Equal(t, "0.005", r.Charge.Amount.Plain(), "request %d", i)
		}
	}
	require.Equal(t, "-100.0050000000", s.credits(c.ID).Total().String())
}

func TestBreakdownOfARequestThatCrossesABorder(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Tokens1M, documentedTiers...)
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	r := s.report(c.ID, m, Usage{InputTokens: 5e6})
	require.Equal(t, []ChargeRow{
		{Tier: Tier{0, 5 * Dollar}, Units: 1e6, Cost: 5 * Dollar},
		{Tier: Tier{1e6, 3 * Dollar}, Units: 4e6, Cost: 12 * Dollar},
	}, r.Charge.Breakdown)
}

func TestCountsAreKeptForEachCustomerAndMeter(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Requests, TierParams{"0", "2"}, TierParams{"1", "1"})
	other := s.meter(Requests, TierParams{"0", "2"}, TierParams{"1", "1"})
	a, b := must(s, CreateCustomer{MerchantID: s.merchant.ID}), must(s, CreateCustomer{MerchantID: s.merchant.ID})
	require.Equal(t, "2", s.report(a.ID, m, Usage{}).Charge.Amount.Plain())
	require.Equal(t, "2", s.report(b.ID, m, Usage{}).Charge.Amount.Plain(), "another customer")
	require.Equal(t, "2", s.report(a.ID, other, Usage{}).Charge.Amount.Plain(), "another meter")
	require.Equal(t, "1", s.report(a.ID, m, Usage{}).Charge.Amount.Plain())
}

func TestPercentageOfProviderCost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rules Rules
		rate  string
	}{{Rules{}, "20"}, {Rules{PercentageAsFraction: true}, "0.2"}} {
		s := newShop(t, tt.rules)
		m := must(s, CreateMeter{MerchantID: s.merchant.ID, Name: "Markup", RateType: Percentage, Unit: Tokens1M, Tiers: []TierParams{{"0", tt.rate}}})
		d := must(s, Admit{MerchantID: s.merchant.ID, Meter: m.Slug})
		r := must(s, RecordUsage{Decision: d, Usage: Usage{InputTokens: 10}, InputCost: Dollar / 100, Source: Source{KeyType: KeyManaged}})
		require.Equal(t, "0.002", r.Charge.Amount.Plain())
		m2, err := s.Merchant(s.merchant.ID)
		require.NoError(t, err)
		require.Equal(t, "999.99", m2.WalletBalance.Plain(), "the merchant pays the provider")
	}
}
