package billing

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// all runs f many times concurrently.
func all(n int, f func()) {
	var wg sync.WaitGroup
	for range n {
		wg.Go(f)
	}
	wg.Wait()
}

func TestARequestAtTheInstantOfTheRenewal(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "5"), goodCard)
	s.use(c, m, 4)
	end := s.subscription(c).CycleEnd
	all(8, func() {
		_, err := Do(s.Engine, end, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
		require.NoError(t, err)
	})
	require.Equal(t, end, s.subscription(c).CycleStart, "the cycle ends before anything else happens at its end")
	s.at = end
	s.use(c, m, 1)
	require.Equal(t, dollars(4, 0), s.credits(c), "and is renewed once")
}

func TestTheSameRequestAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	all(50, func() {
		r, err := Do(s.Engine, s.at, ReportUsage{MerchantID: s.merchant.ID, RequestID: "same", Customer: c, Meter: m.Slug})
		require.NoError(t, err)
		require.Equal(t, Dollar, r.Charge.Amount)
	})
	require.Equal(t, dollars(24, 0), s.credits(c))
}

func TestTwoTopUpsAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("49", "0", bundle("5", "3"))
	c := s.subscribe("", p, goodCard)
	all(50, func() {
		d, err := Do(s.Engine, s.at, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
		require.NoError(t, err)
		require.Nil(t, d.Refused)
	})
	require.Equal(t, dollars(0, 3), s.credits(c), "one bundle is bought, by the first request")
	payments, err := s.Payments(s.merchant.ID)
	require.NoError(t, err)
	require.Len(t, payments, 2)
}

func TestManyRequestsOnASmallBalance(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "0.5"), goodCard)
	var mu sync.Mutex
	var admitted []Decision
	all(50, func() {
		d, err := Do(s.Engine, s.at, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
		require.NoError(t, err)
		mu.Lock()
		defer mu.Unlock()
		admitted = append(admitted, d)
	})
	var wg sync.WaitGroup
	for _, d := range admitted {
		require.Nil(t, d.Refused)
		wg.Go(func() {
			_, err := Do(s.Engine, s.at, RecordUsage{Decision: d})
			require.NoError(t, err)
		})
	}
	wg.Wait()
	require.Equal(t, dollars(-49.5, 0), s.credits(c), "every one of the 50 is charged")
}

func TestParallelSpenders(t *testing.T) {
	t.Parallel()
	const spenders, each = 64, 25
	s := newShop(t, Rules{})
	m := s.meter(Requests, TierParams{"0", "0.01"}, TierParams{"100", "0.005"})
	c := s.subscribe("", s.plan("10", "5"), goodCard)
	var wg sync.WaitGroup
	admitted := make([]int, spenders)
	for i := range spenders {
		wg.Go(func() {
			for range each {
				d, err := Do(s.Engine, s.at, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
				if err != nil || d.Refused != nil {
					continue
				}
				if _, err := Do(s.Engine, s.at, RecordUsage{Decision: d}); err == nil {
					admitted[i]++
				}
			}
		})
	}
	wg.Wait()
	n := 0
	for _, a := range admitted {
		n += a
	}
	want := 5*Dollar - 100*Dollar/100 - Amount(n-100)*Dollar/200
	require.Equal(t, want, s.credits(c).Total(), "%d requests were admitted", n)
	require.LessOrEqual(t, want, Amount(0), "all credit is spent")
	require.Greater(t, want, -Amount(spenders)*Dollar/200, "and no more than was in flight")
	_, total, err := s.Usage(s.merchant.ID, UsageFilter{Start: s.at, End: s.at, RequestFilter: RequestFilter{Customer: c}}, s.at)
	require.NoError(t, err)
	require.Equal(t, int64(n), total.Requests)
	require.Equal(t, 5*Dollar-want, total.Charge)
}

// A snapshot is consistent, although it is encoded while the engine carries out commands.
func TestSnapshotsWhileRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 * chunkSize / 2 {
				d, err := Do(s.Engine, s.at, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug, DisableBilling: true})
				require.NoError(t, err)
				_, err = Do(s.Engine, s.at, RecordUsage{Decision: d})
				require.NoError(t, err)
			}
		})
	}
	for range 20 {
		data, err := s.Snapshot().JSON()
		require.NoError(t, err)
		restored := New(Config{})
		require.NoError(t, restored.Restore(data, s.at))
		_, total, err := restored.Usage(s.merchant.ID, UsageFilter{Start: s.at, End: s.at}, s.at)
		require.NoError(t, err)
		sub, err := restored.CustomerSubscription(s.merchant.ID, c)
		require.NoError(t, err)
		require.Equal(t, 25*Dollar-Amount(total.Requests)*Dollar, sub.Credits.Total(), "all recorded requests are charged")
	}
	wg.Wait()
}
