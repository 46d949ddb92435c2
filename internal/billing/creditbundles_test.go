package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAutoTopUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "2", bundle("5", "3"))
	c := s.subscribe("", p, goodCard)
	s.use(c, m, 1)
	require.Equal(t, dollars(1, 0), s.credits(c), "not before credits run out")
	s.use(c, m, 1)
	require.Equal(t, dollars(0, 3), s.credits(c), "at the charge that uses them up")
	payments, err := s.Payments(s.merchant.ID)
	require.NoError(t, err)
	require.Equal(t, PaymentTopUp, payments[1].Purpose)
	require.Equal(t, 5*Dollar, payments[1].Amount)
}

func TestADeclinedTopUpIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "1", bundle("5", "3"))
	c := s.subscribe("", p, laterCard)
	s.use(c, m, 3)
	admit := Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}
	require.NotNil(t, must(s, admit).Refused)
	payments := func() int {
		all, err := s.Payments(s.merchant.ID)
		require.NoError(t, err)
		return len(all)
	}
	require.Equal(t, 2, payments(), "one for the plan, and one declined top-up")

	// Naming the bundle again counts as a change, so the top-up is tried again.
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &p.Bundles[0].ID})
	require.NotNil(t, must(s, admit).Refused)
	require.Equal(t, 3, payments())
}

func TestReconcilingBundles(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("10", "1", bundle("5", "3"), bundle("7", "4"))
	c := s.subscribe("", p, goodCard)
	first, second := p.Bundles[0], p.Bundles[1]
	require.Equal(t, first.ID, s.subscription(c).TopUpBundleID)
	changed := must(s, UpdatePlan{MerchantID: s.merchant.ID, ID: p.ID, Bundles: []CreditBundleParams{
		{ID: first.ID, Deleted: true},
		{ID: second.ID, Name: "More", Cost: "8", CreditAmount: "5"},
		{Name: "New", Cost: "1", CreditAmount: "1"},
	}})
	require.Len(t, changed.Bundles, 2)
	require.Equal(t, CreditBundle{Object: second.Object, PlanID: p.ID, Name: "More", Cost: 8 * Dollar, CreditAmount: 5 * Dollar}, changed.Bundles[0])
	require.Empty(t, changed.TopUpBundleID, "a deleted bundle tops up nothing")
	require.Empty(t, s.subscription(c).TopUpBundleID)

	_, err := s.CreditBundle(s.merchant.ID, first.ID)
	require.Error(t, err)
	b, err := s.CreditBundle(s.merchant.ID, second.ID)
	require.NoError(t, err)
	require.Equal(t, changed.Bundles[0], b)
	other := s.plan("20", "1", bundle("2", "2"))
	for planID, want := range map[string]int{"": 3, p.ID: 2, other.ID: 1} {
		page, err := s.CreditBundles(s.merchant.ID, planID, PageParams{})
		require.NoError(t, err)
		require.Len(t, page.Items, want)
	}

	for param, bad := range map[string]CreditBundleParams{
		"credit_bundles[0].credit_bundle_id": {ID: first.ID, Name: "b", Cost: "1", CreditAmount: "1"},
		"credit_bundles[0].name":             {ID: second.ID, Cost: "1", CreditAmount: "1"},
	} {
		require.Equal(t, param, rejected(s, UpdatePlan{MerchantID: s.merchant.ID, ID: p.ID, Bundles: []CreditBundleParams{bad}}).Param)
	}
}

func TestABundleThatCostsNothingNeedsNoCard(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("0", "1", bundle("0", "5"))
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID
	must(s, CreateSubscription{MerchantID: s.merchant.ID, Customer: c, PlanID: p.ID})
	s.use(c, m, 1)
	require.Equal(t, dollars(0, 5), s.credits(c), "topped up")
	session := must(s, CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutCreditBundle, OriginURL: "https://a.example", Customer: c, CreditBundleID: p.Bundles[0].ID})
	require.Nil(t, must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID}).Declined)
	require.Equal(t, dollars(0, 10), s.credits(c), "bought")
	payments, err := s.Payments(s.merchant.ID)
	require.NoError(t, err)
	require.Empty(t, payments)
}
