package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func anyKind(UpcomingKind) bool { return true }

// The next thing to happen is a renewal, a cancellation, a downgrade, or the end of a session.
func TestUpcoming(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	_, ok := s.Upcoming("", s.at, anyKind)
	require.False(t, ok)
	pro, basic := s.plan("20", "5"), s.plan("10", "5")
	customer := s.subscribe("", pro, goodCard)
	upcoming := func() Upcoming {
		t.Helper()
		next, ok := s.Upcoming("", s.at, anyKind)
		require.True(t, ok)
		return next
	}
	sub := s.subscription(customer)
	renewal := Upcoming{date(2026, 2, 28), UpcomingRenewal, s.merchant.ID, customer, sub.ID}
	require.Equal(t, renewal, upcoming())
	session := must(s, CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: basic.ID, Customer: customer})
	require.Equal(t, Upcoming{s.at.Add(time.Hour), UpcomingSessionExpiry, s.merchant.ID, customer, session.ID}, upcoming())
	must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID})
	renewal.Kind = UpcomingDowngrade
	require.Equal(t, renewal, upcoming())
	must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: sub.ID})
	renewal.Kind = UpcomingCancellation
	require.Equal(t, renewal, upcoming())
	other := must(s, CreateMerchant{Key: "aks_test_other"})
	_, ok = s.Upcoming(other.ID, s.at, anyKind)
	require.False(t, ok)
	_, ok = s.Upcoming("", s.at, func(kind UpcomingKind) bool { return kind == UpcomingRenewal })
	require.False(t, ok, "the only cycle ends with a cancellation")
}

func TestRenewalsAcrossAYear(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	for i := range 12 {
		end := s.subscription(c).CycleEnd
		require.Equal(t, Month.after(date(2026, 1, 31), i+1), end)
		s.turn(end.Add(-time.Millisecond))
		require.Equal(t, end, s.subscription(c).CycleEnd, "not before the end")
		s.turn(end)
		require.Equal(t, end, s.subscription(c).CycleStart)
	}
	payments, err := s.Payments(s.merchant.ID)
	require.NoError(t, err)
	require.Len(t, payments, 13)
	require.Equal(t, PaymentRenewal, payments[12].Purpose)
	require.Equal(t, date(2027, 1, 31), payments[12].CreatedAt, "each at its own instant")
}

// The predicted number of cycles equals the number that end.
func TestExceedsCycles(t *testing.T) {
	t.Parallel()
	for _, interval := range []Interval{Day, Week, Month, Year} {
		for name, change := range map[string]func(*shop, string){
			"renewed": func(*shop, string) {},
			"cancelled": func(s *shop, c string) {
				must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
			},
		} {
			s := newShop(t, Rules{})
			c := s.subscribe("", s.plan("49", "25", func(p *CreatePlan) { p.Interval = interval }), goodCard)
			s.turn(date(2026, 7, 31))
			change(s, c)
			for _, at := range []time.Time{
				date(2026, 7, 31), date(2026, 8, 1), date(2028, 2, 29), date(2031, 1, 30), date(2031, 1, 31), date(2031, 1, 31).Add(time.Millisecond),
				s.subscription(c).CycleEnd.Add(-time.Millisecond), s.subscription(c).CycleEnd,
			} {
				snap, err := s.Snapshot().JSON()
				require.NoError(t, err)
				copied := New(Config{})
				require.NoError(t, copied.Restore(snap, time.Time{}))
				ended, err := Do(copied, at, Advance{})
				require.NoError(t, err)
				require.False(t, s.ExceedsCycles(at, ended), "%s %s %s", interval, name, at)
				require.Equal(t, ended > 0, s.ExceedsCycles(at, max(ended-1, 0)), "%s %s %s", interval, name, at)
			}
		}
	}
}

// Lava's documentation: 25 dollars with 10 left become 35 with rollover, and 25 without.
func TestRollover(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		plan       func(*CreatePlan)
		spend      int
		want       Credits
		wantBundle bool
	}{
		{"none", rollover(RolloverNone, RolloverFull), 15, dollars(25, 0), false},
		{"full", rollover(RolloverFull, RolloverFull), 15, dollars(35, 0), false},
		{"no rollover, with a debt", rollover(RolloverNone, RolloverFull), 27, dollars(23, 0), false},
		{"full rollover, with a debt", rollover(RolloverFull, RolloverFull), 27, dollars(23, 0), false},
		{"bundles stay", rollover(RolloverNone, RolloverFull), 25, dollars(25, 7), true},
		{"bundles go", rollover(RolloverFull, RolloverNone), 25, dollars(25, 0), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			m := s.dollarMeter()
			p := s.plan("49", "25", tt.plan, bundle("5", "7"))
			c := s.subscribe("", p, goodCard)
			if !tt.wantBundle {
				off := ""
				must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &off})
			}
			s.use(c, m, tt.spend)
			s.turn(s.subscription(c).CycleEnd)
			require.Equal(t, tt.want, s.credits(c))
		})
	}
}

func TestDeclinedRenewal(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), laterCard)
	paid := s.subscription(c)
	s.turn(paid.CycleEnd)
	free := s.subscription(c)
	require.Equal(t, s.merchant.FreePlanID, free.Plan.ID)
	require.Equal(t, dollars(0, 0), s.credits(c))
	all, err := s.Subscriptions(s.merchant.ID, SubscriptionFilter{Customer: c, Status: SubscriptionCancelled}, PageParams{})
	require.NoError(t, err)
	require.Len(t, all.Items, 1)
	require.Equal(t, paid.CycleEnd, all.Items[0].CancelledAt)
	require.Zero(t, all.Items[0].Credits)
}

func TestIncludedCreditChangesWithTheNextRenewal(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	c := s.subscribe("", p, goodCard)
	more := "30"
	must(s, UpdatePlan{MerchantID: s.merchant.ID, ID: p.ID, IncludedCredit: &more})
	require.Equal(t, dollars(25, 0), s.credits(c))
	s.turn(s.subscription(c).CycleEnd)
	require.Equal(t, dollars(30, 0), s.credits(c))
}

func TestTierCountsCanStartAgainWithACycle(t *testing.T) {
	t.Parallel()
	for _, reset := range []bool{false, true} {
		s := newShop(t, Rules{ResetTiersEachCycle: reset})
		m := s.meter(Requests, TierParams{"0", "2"}, TierParams{"1", "1"})
		c := s.subscribe("", s.plan("49", "25"), goodCard)
		s.use(c, m, 1)
		s.turn(s.subscription(c).CycleEnd)
		want := map[bool]string{false: "1", true: "2"}[reset]
		require.Equal(t, want, s.report(c, m, Usage{}).Charge.Amount.Plain())
	}
}

func TestAQuietRenewalWritesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	events := len(s.events)
	s.turn(s.at.AddDate(1, 0, 0))
	require.Len(t, s.events, events)
	entries, err := s.Ledger(s.merchant.ID, c.ID)
	require.NoError(t, err)
	require.Empty(t, entries)
	require.Equal(t, date(2027, 1, 31), s.subscription(c.ID).CycleStart, "free plans have cycles too")
}
