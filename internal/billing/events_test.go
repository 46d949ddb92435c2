package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// An application that keeps a copy of its customers from webhooks alone receives every change of plan, even if no
// credit changes.
func TestEveryChangeOfPlanIsAnnounced(t *testing.T) {
	t.Parallel()
	keeps := rollover(RolloverFull, RolloverFull)
	for _, tt := range []struct {
		name   string
		change func(s *shop, customer string) // on a plan of 10.00 without credit, until March
		plan   string
	}{
		{"cancellation", func(s *shop, c string) {
			must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
			s.turn(s.subscription(c).CycleEnd)
		}, "Free"},
		{"downgrade", func(s *shop, c string) {
			s.subscribe(c, s.plan("5", "0", keeps), goodCard)
			s.turn(s.subscription(c).CycleEnd)
		}, "Plan 5"},
		{"upgrade", func(s *shop, c string) { s.subscribe(c, s.plan("20", "0", keeps), goodCard) }, "Plan 20"},
		{"declined renewal", func(s *shop, c string) {
			s.subscribe(c, s.plan("30", "0", keeps), laterCard)
			s.turn(s.subscription(c).CycleEnd)
		}, "Free"},
		{"another free plan", func(s *shop, c string) {
			must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
			s.turn(s.subscription(c).CycleEnd)
			must(s, CreateSubscription{MerchantID: s.merchant.ID, Customer: c, PlanID: s.plan("0", "0").ID})
		}, "Plan 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			c := s.subscribe("", s.plan("10", "0", keeps), goodCard)
			tt.change(s, c)
			last := s.events[len(s.events)-1]
			require.Equal(t, CustomerBalanceUpdated, last.Type)
			require.Equal(t, tt.plan, last.Customer.Subscription.PlanName)
		})
	}
}

// A renewal that changes nothing is not announced.
func TestARenewalWithoutCreditIsSilent(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("10", "0"), goodCard)
	before := len(s.events)
	s.turn(s.subscription(c).CycleEnd)
	require.Len(t, s.events, before)
}
