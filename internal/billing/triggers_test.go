package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// outcome is what an application can see about a customer's money, without ids and times.
type outcome struct {
	Plan     string
	Status   []SubscriptionStatus // of all subscriptions, newest first
	Credits  Credits
	Payments []string
	Ledger   []EntryKind
	Events   []EventType
}

func (s *shop) outcome(customer string) outcome {
	s.Helper()
	o := outcome{Plan: s.subscription(customer).Plan.Name, Credits: s.credits(customer)}
	subs, err := s.Subscriptions(s.merchant.ID, SubscriptionFilter{Customer: customer}, PageParams{})
	require.NoError(s, err)
	for _, sub := range subs.Items {
		o.Status = append(o.Status, sub.Status)
	}
	payments, err := s.Payments(s.merchant.ID)
	require.NoError(s, err)
	for _, p := range payments {
		o.Payments = append(o.Payments, string(p.Purpose)+" "+string(p.Status)+" "+string(p.DeclineReason))
	}
	entries, err := s.Ledger(s.merchant.ID, customer)
	require.NoError(s, err)
	for _, e := range entries {
		o.Ledger = append(o.Ledger, e.Kind)
	}
	for _, e := range s.events {
		o.Events = append(o.Events, e.Type)
	}
	return o
}

// A cycle ended by a trigger has the same effects as one ended by the clock.
func TestACycleThatEndsNow(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(s *shop) string{
		"renewed": func(s *shop) string { return s.subscribe("", s.plan("49", "25"), goodCard) },
		"with credit left and bundles": func(s *shop) string {
			c := s.subscribe("", s.plan("49", "25", rollover(RolloverFull, RolloverNone), bundle("10", "12")), goodCard)
			s.use(c, s.dollarMeter(), 30)
			return c
		},
		"declined": func(s *shop) string { return s.subscribe("", s.plan("49", "25"), laterCard) },
		"downgraded": func(s *shop) string {
			return s.subscribe(s.subscribe("", s.plan("49", "25"), goodCard), s.plan("9", "5"), goodCard)
		},
		"cancelled": func(s *shop) string {
			c := s.subscribe("", s.plan("49", "25"), goodCard)
			must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
			return c
		},
		"free": func(s *shop) string {
			return must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			genuine, triggered := newShop(t, Rules{}), newShop(t, Rules{})
			c := prepare(genuine)
			genuine.turn(genuine.subscription(c).CycleEnd)
			d := prepare(triggered)
			triggered.turn(date(2026, 2, 10))
			must(triggered, RenewNow{MerchantID: triggered.merchant.ID, Customer: d})
			require.Equal(t, genuine.outcome(c), triggered.outcome(d))

			// Later cycles count from that day.
			sub := triggered.subscription(d)
			require.Equal(t, date(2026, 2, 10), sub.CycleStart)
			require.Equal(t, date(2026, 3, 10), sub.CycleEnd)
			genuine.turn(genuine.subscription(c).CycleEnd)
			triggered.turn(date(2026, 3, 10))
			require.Equal(t, genuine.outcome(c), triggered.outcome(d))
			require.Equal(t, date(2026, 4, 10), triggered.subscription(d).CycleEnd)
		})
	}
}

// A subscription can be renewed any number of times in the instant in which it began, and each cycle still ends once.
func TestRenewingAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	for range 3 {
		must(s, RenewNow{MerchantID: s.merchant.ID, Customer: c})
	}
	require.Len(t, s.outcome(c).Payments, 4)
	require.False(t, s.ExceedsCycles(date(2026, 2, 28), 1))

	snap, err := s.Snapshot().JSON()
	require.NoError(t, err)
	require.NoError(t, s.Restore(snap, time.Time{}))
	s.turn(date(2026, 2, 28))
	require.Len(t, s.outcome(c).Payments, 5)
	require.Equal(t, date(2026, 3, 31), s.subscription(c).CycleEnd)
}

func TestCancelNow(t *testing.T) {
	t.Parallel()
	genuine, triggered := newShop(t, Rules{}), newShop(t, Rules{})
	c := genuine.subscribe("", genuine.plan("49", "25"), goodCard)
	must(genuine, CancelSubscription{MerchantID: genuine.merchant.ID, ID: genuine.subscription(c).ID})
	genuine.turn(genuine.subscription(c).CycleEnd)

	d := triggered.subscribe("", triggered.plan("49", "25"), goodCard)
	must(triggered, CancelNow{MerchantID: triggered.merchant.ID, Customer: d})
	require.Equal(t, genuine.outcome(c), triggered.outcome(d))
	require.Equal(t, "Free", triggered.subscription(d).Plan.Name)
}

// Regardless of the meter's unit, the credits end at 0 or a little below, through recorded requests that add up.
func TestUseUpCredits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		meter CreateMeter
		want  Credits
	}{
		"requests":                {CreateMeter{RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "1"}}}, dollars(0, 0)},
		"requests that overshoot": {CreateMeter{RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "10"}}}, dollars(-5, 0)},
		"tokens":                  {CreateMeter{RateType: Fixed, Unit: Tokens1M, Tiers: []TierParams{{"0", "2"}}}, dollars(0, 0)},
		"characters in tiers":     {CreateMeter{RateType: Fixed, Unit: Characters1M, Tiers: []TierParams{{"0", "5"}, {"1000000", "1"}}}, dollars(0, 0)},
		"minutes":                 {CreateMeter{RateType: Fixed, Unit: Minutes, Tiers: []TierParams{{"0", "0.6"}}}, dollars(0, 0)},
		"percentage":              {CreateMeter{RateType: Percentage, Unit: Tokens1M, Tiers: []TierParams{{"0", "20"}}}, dollars(0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, Rules{})
			tt.meter.MerchantID, tt.meter.Name = s.merchant.ID, "M"
			meter := must(s, tt.meter)
			c := s.subscribe("", s.plan("49", "25"), goodCard)
			must(s, UseUpCredits{MerchantID: s.merchant.ID, Customer: c})
			require.Equal(t, tt.want, s.credits(c))

			charged := Amount(0)
			page, err := s.Requests(s.merchant.ID, RequestFilter{Customer: c, Meter: meter.ID}, PageParams{Limit: 100}, s.at)
			require.NoError(t, err)
			for _, r := range page.Items {
				charged += r.Charge.Amount
			}
			require.Equal(t, 25*Dollar-tt.want.Total(), charged)
			require.Equal(t, 1000*Dollar, s.balance(), "reported usage costs the merchant nothing")
			require.Equal(t, CodeInsufficientCredits, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: meter.ID}).Refused.Code)

			must(s, UseUpCredits{MerchantID: s.merchant.ID, Customer: c})
			require.Equal(t, tt.want, s.credits(c), "there is nothing left to use up")
		})
	}
}

func (s *shop) balance() Amount {
	s.Helper()
	m, err := s.Merchant(s.merchant.ID)
	require.NoError(s, err)
	return m.WalletBalance
}

func TestUseUpCreditsThatAreToppedUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.dollarMeter()
	c := s.subscribe("", s.plan("49", "25", bundle("10", "12")), goodCard)
	must(s, UseUpCredits{MerchantID: s.merchant.ID, Customer: c})
	require.Equal(t, dollars(0, 12), s.credits(c))
}

func TestCreditsThatNoMeterCanUseUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.meter(Requests, TierParams{"0", "0.0001"})
	s.meter(Tokens1M, TierParams{"0", "0"})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	err := rejected(s, UseUpCredits{MerchantID: s.merchant.ID, Customer: c})
	require.Equal(t, CodeConflict, err.Code)
	require.Contains(t, err.Message, "create a meter with a higher rate")
	require.Equal(t, dollars(25, 0), s.credits(c))
}

func TestEmptyingTheWallet(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	must(s, EmptyWallet{MerchantID: s.merchant.ID})
	require.Zero(t, s.balance())
	require.Equal(t, CodeInsufficientBalance, rejected(s, Admit{MerchantID: s.merchant.ID}).Code)
	page, err := s.Requests(s.merchant.ID, RequestFilter{}, PageParams{}, s.at)
	require.NoError(t, err)
	require.Equal(t, 1000*Dollar, page.Items[0].Cost(), "the money was spent")
	must(s, EmptyWallet{MerchantID: s.merchant.ID})
	require.Zero(t, s.balance())
}

func TestReachingASpendKeysLimits(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	money := s.spendKey(SpendKeyTerms{Name: "money", SpendLimit: &SpendLimit{5 * Dollar, CycleDaily}})
	many := s.spendKey(SpendKeyTerms{Name: "many", RequestLimit: &RequestLimit{3, CycleDaily}})
	s.spend("money", 2*Dollar)
	must(s, s.admitKey("many"))

	must(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: money.ID})
	require.Contains(t, rejected(s, s.admitKey("money")).Message, "Service key spend limit exceeded.")
	require.Equal(t, 995*Dollar, s.balance())
	k, err := s.SpendKey(s.merchant.ID, money.ID)
	require.NoError(t, err)
	require.Equal(t, 5*Dollar, k.Total.Spend)
	require.Equal(t, int64(2), k.Total.Requests)

	must(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: many.ID})
	require.Equal(t, CodeRateLimitExceeded, rejected(s, s.admitKey("many")).Code)
	k, err = s.SpendKey(s.merchant.ID, many.ID)
	require.NoError(t, err)
	require.Equal(t, int64(3), k.Total.Requests)
	require.Equal(t, 995*Dollar, s.balance())

	s.turn(s.at.AddDate(0, 0, 1)) // a new cycle of the limits
	must(s, s.admitKey("money"))
	must(s, s.admitKey("many"))

	require.Contains(t, rejected(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: many.ID}).Message, "has no")
	require.Contains(t, rejected(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: money.ID}).Message, "has no")
	large := s.spendKey(SpendKeyTerms{Name: "large", RequestLimit: &RequestLimit{1_000_000, CycleTotal}})
	require.Contains(t, rejected(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: large.ID}).Message, "set a lower limit")
}

// A limit is reached by requests, so it can't be reached if none is admitted.
func TestLimitsThatCantBeReached(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	both := s.spendKey(SpendKeyTerms{Name: "both", SpendLimit: &SpendLimit{5 * Dollar, CycleDaily}, RequestLimit: &RequestLimit{3, CycleDaily}})
	reach := func() (money, count string) {
		t.Helper()
		return rejected(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID}).Message, rejected(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID}).Message
	}
	status := SpendKeyPaused
	must(s, UpdateSpendKey{MerchantID: s.merchant.ID, ID: both.ID, Status: &status})
	money, count := reach()
	require.Equal(t, `spend_limit: can't be reached, because no request is admitted: the spend key "both" is paused`, money)
	require.Equal(t, `request_limit: can't be reached, because no request is admitted: the spend key "both" is paused`, count)
	status = SpendKeyActive
	must(s, UpdateSpendKey{MerchantID: s.merchant.ID, ID: both.ID, Status: &status})
	must(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID})
	require.Contains(t, rejected(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID}).Message, "has made the 3 requests of its daily limit")
	must(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID})
	s.turn(s.at.AddDate(0, 0, 1))
	must(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID})
	require.Contains(t, rejected(s, ReachRequestLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID}).Message, "has spent its daily limit of 5")
	s.turn(s.at.AddDate(0, 0, 1))
	must(s, EmptyWallet{MerchantID: s.merchant.ID})
	require.Contains(t, rejected(s, ReachSpendLimit{MerchantID: s.merchant.ID, SpendKeyID: both.ID}).Message, "because the wallet is empty")
}

func TestExpireCard(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	nobody := must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID
	require.Contains(t, rejected(s, ExpireCard{MerchantID: s.merchant.ID, Customer: nobody}).Message, "no card on file")
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	must(s, ExpireCard{MerchantID: s.merchant.ID, Customer: c})
	session := s.session(s.plan("59", "25"))
	offer, err := s.CheckoutOffer(s.merchant.ID, must(s, CreateCheckoutSession{
		MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: session.OriginURL, PlanID: session.PlanID, Customer: c,
	}).ID, "", s.at)
	require.NoError(t, err)
	require.Equal(t, 2025, offer.Card.ExpYear)
	require.Equal(t, 12, offer.Card.ExpMonth)
	s.turn(s.subscription(c).CycleEnd)
	require.Equal(t, []string{"subscription succeeded ", "renewal declined expired_card"}, s.outcome(c).Payments)
	require.Equal(t, "Free", s.outcome(c).Plan)
}

// A new card lets top-ups be tried again.
func TestChangeCard(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	meter := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "1", bundle("10", "12")), goodCard)
	must(s, ChangeCard{MerchantID: s.merchant.ID, Customer: c, Card: *s.card(badCard)})
	s.use(c, meter, 1)
	require.Equal(t, CodeInsufficientCredits, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: meter.ID}).Refused.Code)
	must(s, ChangeCard{MerchantID: s.merchant.ID, Customer: c, Card: *s.card(goodCard)})
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: meter.ID}).Refused)
	require.Equal(t, []string{
		"subscription succeeded ", "auto_top_up declined card_declined", "auto_top_up succeeded ",
	}, s.outcome(c).Payments)
}

func TestExpireSession(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	session := s.session(s.plan("49", "25"))
	must(s, ExpireSession{MerchantID: s.merchant.ID, SessionID: session.ID})
	complete := CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)}
	require.Equal(t, CodeSessionExpired, rejected(s, complete).Code)
	require.Equal(t, CodeNotFound, rejected(s, ExpireSession{MerchantID: s.merchant.ID, SessionID: "cs_test_none"}).Code)
}
