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
	require.Equal(t, 2, payments(), "the plan, and one declined top-up")

	// Naming the bundle again is a change, so that it is tried again.
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &p.Bundles[0].ID})
	require.NotNil(t, must(s, admit).Refused)
	require.Equal(t, 3, payments())
}
