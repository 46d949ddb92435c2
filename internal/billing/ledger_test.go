package billing

import (
	"math"
	"testing"
	"time"

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

// The latest entries are the last of all entries, regardless of block boundaries, and also in a restored ledger.
func TestLatestEntries(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "100", bundle("5", "20"))
	c := s.subscribe("", p, goodCard)
	check := func(e *Engine) {
		all, err := e.Ledger(s.merchant.ID, c)
		require.NoError(t, err)
		for _, n := range []int{-1, 0, 1, 2, blockSize - 1, blockSize, blockSize + 1, 2*blockSize - 1, len(all) - 1, len(all), len(all) + 1, math.MaxInt} {
			latest, err := e.LatestEntries(s.merchant.ID, c, n)
			require.NoError(t, err)
			want := all[len(all)-min(max(n, 0), len(all)):]
			require.Len(t, latest, len(want), "the latest %d of %d", n, len(all))
			for i, e := range want {
				require.Equal(t, e, latest[i], "the latest %d of %d", n, len(all))
			}
		}
	}
	buy := CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutCreditBundle, OriginURL: "https://app.example.com", Customer: c, CreditBundleID: p.Bundles[0].ID}
	for range 3 * blockSize {
		s.at = s.at.Add(7 * time.Minute)
		if s.use(c, m, 1); s.credits(c).Total() <= 0 {
			must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: must(s, buy).ID})
		}
	}
	check(s.Engine)
	snap, err := s.Snapshot().JSON()
	require.NoError(t, err)
	restored := New(Config{})
	require.NoError(t, restored.Restore(snap, time.Time{}))
	check(restored)
}
