package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrepaidAdmission(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "1.5"), goodCard)
	admit := Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}
	first, second := must(s, admit), must(s, admit)
	require.Nil(t, first.Refused)
	require.Nil(t, second.Refused, "there are no reservations")
	third := must(s, admit)
	for _, d := range []Decision{first, second, third} {
		must(s, RecordUsage{Decision: d, Source: Source{KeyType: KeyManaged}})
	}
	require.Equal(t, dollars(-1.5, 0), s.credits(c), "every admitted request is charged")

	d := must(s, admit)
	require.NotNil(t, d.Refused)
	require.Equal(t, CodeInsufficientCredits, d.Refused.Code)
	require.Empty(t, d.RequestID)

	admit.DisableBilling = true
	d = must(s, admit)
	require.Nil(t, d.Refused, "without billing, credits don't matter")
	must(s, RecordUsage{Decision: d, DisableBilling: true, Source: Source{KeyType: KeyManaged}})
	require.Equal(t, dollars(-1.5, 0), s.credits(c), "and they don't change")
}

func TestAdmissionTopsUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "1", bundle("5", "3"))
	c := s.subscribe("", p, goodCard)
	off := ""
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &off})
	s.use(c, m, 3)
	require.Equal(t, dollars(-2, 0), s.credits(c))
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &p.Bundles[0].ID})
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}).Refused)
	require.Equal(t, dollars(-2, 3), s.credits(c))
}

func TestARejectedRequestTellsOfTheTopUp(t *testing.T) {
	t.Parallel()
	for card, want := range map[string]string{
		goodCard:  "although an automatic top-up has just bought a bundle",
		laterCard: "the last automatic top-up was declined",
	} {
		s := newShop(t, Rules{})
		m := s.dollarMeter()
		c := s.subscribe("", s.plan("10", "1", bundle("5", "0.1")), card)
		s.use(c, m, 3) // a bundle pays for a tenth of each
		refused := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}).Refused
		require.ErrorContains(t, refused, want)
	}
}

func TestEntitlement(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	linked, other := s.dollarMeter(), s.dollarMeter()
	p := s.plan("10", "10", func(c *CreatePlan) { c.MeterIDs = []string{linked.ID} })
	c := s.subscribe("", p, goodCard)
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: linked.Slug}).Refused)
	for _, free := range []bool{false, true} {
		e := rejected(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: other.Slug, DisableBilling: free})
		require.Equal(t, CodeMeterNotOnPlan, e.Code)
	}
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: linked.ID})
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: other.Slug}).Refused, "a plan without meters admits requests of every meter")
}

func TestEmptyWallet(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	d := must(s, Admit{MerchantID: s.merchant.ID})
	must(s, RecordUsage{Decision: d, InputCost: 1000 * Dollar, Source: Source{KeyType: KeyManaged}})
	require.Equal(t, CodeInsufficientBalance, rejected(s, Admit{MerchantID: s.merchant.ID}).Code)
	must(s, Admit{MerchantID: s.merchant.ID, Unmanaged: true})
	must(s, Admit{MerchantID: s.merchant.ID, Unpriced: true})
}
