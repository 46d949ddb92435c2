package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shop is an engine with one merchant, for tests.
type shop struct {
	*testing.T
	*Engine
	merchant Merchant
	at       time.Time
	events   []Event
}

func newShop(t *testing.T, rules Rules) *shop {
	t.Helper()
	s := &shop{T: t, at: time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)}
	s.Engine = New(Config{Seed: 1, Rules: rules, OnEvent: func(e Event) { s.events = append(s.events, e) }})
	s.merchant = must(s, CreateMerchant{Key: "aks_test_shop", WalletBalance: 1000 * Dollar})
	return s
}

// must carries out a command that must succeed.
func must[R any](s *shop, cmd Command[R]) R {
	s.Helper()
	r, err := Do(s.Engine, s.at, cmd)
	require.NoError(s, err)
	return r
}

// rejected carries out a command that must be rejected, and returns the error.
func rejected[R any](s *shop, cmd Command[R]) *Error {
	s.Helper()
	_, err := Do(s.Engine, s.at, cmd)
	require.Error(s, err)
	var e *Error
	require.ErrorAs(s, err, &e)
	return e
}

// turn moves the clock and carries out what falls due.
func (s *shop) turn(to time.Time) {
	s.Helper()
	s.at = to
	must(s, Advance{})
}

func (s *shop) meter(unit Unit, tiers ...TierParams) Meter {
	s.Helper()
	return must(s, CreateMeter{MerchantID: s.merchant.ID, Name: "Chat", RateType: Fixed, Unit: unit, Tiers: tiers})
}

// dollarMeter charges a dollar for every request.
func (s *shop) dollarMeter() Meter {
	s.Helper()
	return s.meter(Requests, TierParams{"0", "1"})
}

// plan creates a monthly plan; change adjusts it first.
func (s *shop) plan(price, credit string, change ...func(*CreatePlan)) Plan {
	s.Helper()
	c := CreatePlan{MerchantID: s.merchant.ID, Name: "Plan " + price, PeriodAmount: price, IncludedCredit: credit, Interval: Month}
	for _, f := range change {
		f(&c)
	}
	return must(s, c)
}

func rollover(r, bundles Rollover) func(*CreatePlan) {
	return func(c *CreatePlan) { c.Rollover, c.BundleRollover = r, bundles }
}

func interval(iv Interval) func(*CreatePlan) {
	return func(c *CreatePlan) { c.Interval = iv }
}

// bundle adds a bundle with which new subscriptions are topped up.
func bundle(cost, credit string) func(*CreatePlan) {
	return func(c *CreatePlan) {
		c.Bundles = append(c.Bundles, CreditBundleParams{Name: "Extra", Cost: cost, CreditAmount: credit})
		c.TopUpBundleIndex = new(int)
	}
}

const (
	goodCard  = "4242 4242 4242 4242"
	badCard   = "4000 0000 0000 0002"
	emptyCard = "4000 0000 0000 9995"
	laterCard = "4000 0000 0000 0341"
)

func (s *shop) card(number string) *Card {
	s.Helper()
	c, err := TestCard(number, 12, 2030)
	require.NoError(s, err)
	return &c
}

// subscribe checks a customer out to a plan. An empty customer is a new one.
func (s *shop) subscribe(customer string, p Plan, card string) string {
	s.Helper()
	session := must(s, CreateCheckoutSession{
		MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: p.ID, Customer: customer,
	})
	r := must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(card)})
	require.Nil(s, r.Declined)
	return r.CustomerID
}

// use reports n requests, one by one.
func (s *shop) use(customer string, m Meter, n int) {
	s.Helper()
	for range n {
		s.report(customer, m, Usage{})
	}
}

// report reports usage with a new request id.
func (s *shop) report(customer string, m Meter, u Usage) Request {
	s.Helper()
	return must(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: s.nextID(), Customer: customer, Meter: m.Slug, Usage: u})
}

func (s *shop) nextID() string {
	return NewID("req", s.at, 7, uint64(s.state.merchants.items[0].requests.count)+1)
}

func (s *shop) credits(customer string) Credits {
	s.Helper()
	sub := s.subscription(customer)
	s.checkLedger(customer)
	return sub.Credits
}

func (s *shop) subscription(customer string) Subscription {
	s.Helper()
	sub, err := s.CustomerSubscription(s.merchant.ID, customer)
	require.NoError(s, err)
	return sub
}

// checkLedger compares the balance with the sum of its entries.
func (s *shop) checkLedger(customer string) {
	s.Helper()
	entries, err := s.Ledger(s.merchant.ID, customer)
	require.NoError(s, err)
	var sum Credits
	for _, e := range entries {
		sum.Cycle += e.Change.Cycle
		sum.Bundle += e.Change.Bundle
		require.Equal(s, sum, e.Balance, "balance after an entry")
	}
	require.Equal(s, sum, s.subscription(customer).Credits, "balance")
}

func dollars(cycle, bundle float64) Credits {
	return Credits{Cycle: Amount(cycle * float64(Dollar)), Bundle: Amount(bundle * float64(Dollar))}
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 10, 0, 0, 0, time.UTC) }
