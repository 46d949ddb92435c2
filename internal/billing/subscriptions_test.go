package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCancellation(t *testing.T) {
	t.Parallel()
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
	must(s, cancel) // long ended: still not an error
}

func TestChangingPlans(t *testing.T) {
	t.Parallel()
	monthly := func(s *shop) Plan { return s.plan("49", "25", rollover(RolloverFull, RolloverFull)) }
	tests := []struct {
		name    string
		to      func(*shop) Plan
		pending bool
		credits Credits // immediately afterwards
	}{
		{"more expensive: immediately", func(s *shop) Plan { return s.plan("99", "50") }, false, dollars(75, 0)},
		{"equal: immediately", func(s *shop) Plan { return s.plan("49", "10") }, false, dollars(35, 0)},
		{"cheaper: later", func(s *shop) Plan { return s.plan("9", "5") }, true, dollars(25, 0)},
		{"another interval: immediately", func(s *shop) Plan { return s.plan("9", "5", interval(Year)) }, false, dollars(30, 0)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
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
			require.Equal(t, CodeConflict, rejected(s, DeletePlan{MerchantID: s.merchant.ID, ID: to.ID}).Code, "it is in use")
			s.turn(before.CycleEnd)
			require.Equal(t, to.ID, s.subscription(c).Plan.ID)
			require.Equal(t, dollars(30, 0), s.credits(c))
		})
	}
}

func TestFreePlans(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	trial := s.plan("0", "5")
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	require.Equal(t, s.merchant.FreePlanID, c.Subscription.PlanID)
	create := CreateSubscription{MerchantID: s.merchant.ID, Customer: c.ID, PlanID: trial.ID}
	first := must(s, create)
	require.Equal(t, dollars(5, 0), s.credits(c.ID))
	require.Equal(t, first.ID, must(s, create).ID, "subscribing to the same plan grants nothing")
	require.Equal(t, dollars(5, 0), s.credits(c.ID))

	paid := s.plan("49", "25")
	require.Equal(t, "plan_id", rejected(s, CreateSubscription{MerchantID: s.merchant.ID, Customer: c.ID, PlanID: paid.ID}).Param)
	s.subscribe(c.ID, paid, goodCard)
	sub := must(s, create)
	require.Equal(t, paid.ID, sub.Plan.ID)
	require.Equal(t, Downgrade, sub.Pending.Type)
}
