package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChargesBurnTheCycleFirst(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "3", bundle("5", "2"))
	c := s.subscribe("", p, goodCard)
	session := must(s, CreateCheckoutSession{
		MerchantID: s.merchant.ID, Mode: CheckoutCreditBundle, OriginURL: "https://app.example.com",
		Customer: c, CreditBundleID: p.Bundles[0].ID,
	})
	must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID})
	require.Equal(t, dollars(3, 2), s.credits(c))
	s.use(c, m, 2)
	require.Equal(t, dollars(1, 2), s.credits(c))
	s.use(c, m, 2)
	require.Equal(t, dollars(0, 1), s.credits(c))
}
