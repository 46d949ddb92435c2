package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 10, 0, 0, 0, time.UTC) }

// The calendar is the one of RFC 3339 dates; where a month lacks the anchor's
// day, its last day is taken.
func TestIntervals(t *testing.T) {
	tests := []struct {
		interval Interval
		anchor   time.Time
		want     []time.Time
	}{
		{Month, date(2026, 1, 31), []time.Time{
			date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31),
			date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31),
		}},
		{Month, date(2027, 12, 30), []time.Time{date(2028, 1, 30), date(2028, 2, 29), date(2028, 3, 30)}},
		{Year, date(2028, 2, 29), []time.Time{date(2029, 2, 28), date(2030, 2, 28), date(2031, 2, 28), date(2032, 2, 29)}},
		{Year, date(2096, 2, 29), []time.Time{date(2097, 2, 28), date(2098, 2, 28), date(2099, 2, 28), date(2100, 2, 28)}},
		{Week, date(2026, 12, 28), []time.Time{date(2027, 1, 4), date(2027, 1, 11)}},
		{Day, date(2026, 2, 28), []time.Time{date(2026, 3, 1), date(2026, 3, 2)}},
	}
	for _, tt := range tests {
		for i, want := range tt.want {
			require.Equal(t, want, tt.interval.after(tt.anchor, i+1), "%s after %s, %d", tt.interval, tt.anchor, i+1)
		}
	}
}

func TestRenewalsAcrossAYear(t *testing.T) {
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

// Lava's documentation: 25 dollars with 10 left become 35 with rollover, and 25
// without.
func TestRollover(t *testing.T) {
	tests := []struct {
		name       string
		plan       func(*CreatePlan)
		spend      int
		want       Credits
		wantBundle bool
	}{
		{"none", rollover(RolloverNone, RolloverFull), 15, dollars(25, 0), false},
		{"full", rollover(RolloverFull, RolloverFull), 15, dollars(35, 0), false},
		{"none with a debt", rollover(RolloverNone, RolloverFull), 27, dollars(23, 0), false},
		{"full with a debt", rollover(RolloverFull, RolloverFull), 27, dollars(23, 0), false},
		{"bundles stay", rollover(RolloverNone, RolloverFull), 25, dollars(25, 7), true},
		{"bundles go", rollover(RolloverFull, RolloverNone), 25, dollars(25, 0), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
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

func TestCancellation(t *testing.T) {
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25", rollover(RolloverFull, RolloverFull)), goodCard)
	sub := s.subscription(c)
	cancel := CancelSubscription{MerchantID: s.merchant.ID, ID: sub.ID}
	must(s, cancel)
	must(s, cancel)
	sub = s.subscription(c)
	require.Equal(t, SubscriptionActive, sub.Status)
	require.Equal(t, &PendingChange{Type: Cancellation}, sub.Pending)
	s.turn(sub.CycleEnd)
	require.Equal(t, s.merchant.FreePlanID, s.subscription(c).Plan.ID)
	require.Equal(t, dollars(25, 0), s.credits(c), "full rollover outlives the plan")
	must(s, cancel) // long over: still no error
}

func TestChangingPlans(t *testing.T) {
	monthly := func(s *shop) Plan { return s.plan("49", "25", rollover(RolloverFull, RolloverFull)) }
	tests := []struct {
		name    string
		to      func(*shop) Plan
		pending bool
		credits Credits // right after
	}{
		{"dearer: at once", func(s *shop) Plan { return s.plan("99", "50") }, false, dollars(75, 0)},
		{"equal: at once", func(s *shop) Plan { return s.plan("49", "10") }, false, dollars(35, 0)},
		{"cheaper: later", func(s *shop) Plan { return s.plan("9", "5") }, true, dollars(25, 0)},
		{"another interval: at once", func(s *shop) Plan { return s.plan("9", "5", interval(Year)) }, false, dollars(30, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop(t, Rules{})
			c := s.subscribe("", monthly(s), goodCard)
			before := s.subscription(c)
			to := tt.to(s)
			s.at = s.at.AddDate(0, 0, 10)
			require.Equal(t, c, s.subscribe(c, to, goodCard))
			after := s.subscription(c)
			require.Equal(t, tt.credits, s.credits(c))
			if !tt.pending {
				require.Equal(t, to.ID, after.Plan.ID)
				require.Equal(t, s.at, after.CycleStart)
				return
			}
			require.Equal(t, before.ID, after.ID)
			require.Equal(t, &PendingChange{Type: Downgrade, PlanID: to.ID}, after.Pending)
			require.Equal(t, CodeConflict, refused(s, DeletePlan{MerchantID: s.merchant.ID, ID: to.ID}).Code, "it is in use")
			s.turn(before.CycleEnd)
			require.Equal(t, to.ID, s.subscription(c).Plan.ID)
			require.Equal(t, dollars(30, 0), s.credits(c))
		})
	}
}

func TestACheckoutReplacesAPendingChange(t *testing.T) {
	s := newShop(t, Rules{})
	pro, team := s.plan("49", "25"), s.plan("99", "50")
	c := s.subscribe("", pro, goodCard)
	must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
	s.subscribe(c, team, goodCard)
	require.Nil(t, s.subscription(c).Pending)
}

func TestFreePlans(t *testing.T) {
	s := newShop(t, Rules{})
	trial := s.plan("0", "5")
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	require.Equal(t, s.merchant.FreePlanID, c.Subscription.PlanID)
	create := CreateSubscription{MerchantID: s.merchant.ID, Customer: c.ID, PlanID: trial.ID}
	first := must(s, create)
	require.Equal(t, dollars(5, 0), s.credits(c.ID))
	require.Equal(t, first.ID, must(s, create).ID, "the same plan again is no new grant")
	require.Equal(t, dollars(5, 0), s.credits(c.ID))

	paid := s.plan("49", "25")
	require.Equal(t, "plan_id", refused(s, CreateSubscription{MerchantID: s.merchant.ID, Customer: c.ID, PlanID: paid.ID}).Param)
	s.subscribe(c.ID, paid, goodCard)
	sub := must(s, create)
	require.Equal(t, paid.ID, sub.Plan.ID)
	require.Equal(t, Downgrade, sub.Pending.Type)
}

func TestIncludedCreditChangesWithTheNextRenewal(t *testing.T) {
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	c := s.subscribe("", p, goodCard)
	more := "30"
	must(s, UpdatePlan{MerchantID: s.merchant.ID, ID: p.ID, IncludedCredit: &more})
	require.Equal(t, dollars(25, 0), s.credits(c))
	s.turn(s.subscription(c).CycleEnd)
	require.Equal(t, dollars(30, 0), s.credits(c))
}

func TestTierCountsCanStartAnewWithACycle(t *testing.T) {
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
