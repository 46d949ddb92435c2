package billing

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChargesBurnTheCycleFirst(t *testing.T) {
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

func TestPrepaidAdmission(t *testing.T) {
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "1.5"), goodCard)
	admit := Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}
	first, second := must(s, admit), must(s, admit)
	require.Nil(t, first.Refused)
	require.Nil(t, second.Refused, "there are no reservations")
	third := must(s, admit)
	for _, d := range []Decision{first, second, third} {
		must(s, RecordUsage{Decision: d, Source: Source{KeyType: KeyManaged}})
	}
	require.Equal(t, dollars(-1.5, 0), s.credits(c), "all that were admitted are charged")

	d := must(s, admit)
	require.NotNil(t, d.Refused)
	require.Equal(t, CodeInsufficientCredits, d.Refused.Code)
	require.Empty(t, d.RequestID)

	admit.DisableBilling = true
	d = must(s, admit)
	require.Nil(t, d.Refused, "without billing credits don't matter")
	must(s, RecordUsage{Decision: d, DisableBilling: true, Source: Source{KeyType: KeyManaged}})
	require.Equal(t, dollars(-1.5, 0), s.credits(c), "nor are they touched")
}

func TestARequestIsChargedOnce(t *testing.T) {
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "10"), goodCard)

	report := ReportUsage{MerchantID: s.merchant.ID, RequestID: "order-1", Customer: c, Meter: m.Slug}
	first := must(s, report)
	report.Usage.InputTokens = 99
	require.Equal(t, first, must(s, report), "the first record comes back")
	require.Equal(t, dollars(9, 0), s.credits(c))

	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	for range 3 {
		must(s, RecordUsage{Decision: d})
	}
	require.Equal(t, dollars(8, 0), s.credits(c))
}

func TestFailedRequestsAreFree(t *testing.T) {
	s := newShop(t, Rules{})
	m := s.meter(Requests, TierParams{"0", "2"}, TierParams{"1", "1"})
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	r := must(s, RecordUsage{Decision: d, Failed: true})
	require.Equal(t, RequestError, r.Status)
	require.Equal(t, dollars(10, 0), s.credits(c))
	require.Equal(t, "2", s.report(c, m, Usage{}).Charge.Amount.Plain(), "nor do they count for the tier")
}

func TestParallelSpenders(t *testing.T) {
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
	_, total, err := s.Usage(s.merchant.ID, UsageFilter{Start: s.at, End: s.at, RequestFilter: RequestFilter{Customer: c}})
	require.NoError(t, err)
	require.Equal(t, int64(n), total.Requests)
	require.Equal(t, 5*Dollar-want, total.Charge)
}

func TestAutoTopUp(t *testing.T) {
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

func TestAdmissionTopsUp(t *testing.T) {
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	p := s.plan("10", "1", bundle("5", "3"))
	c := s.subscribe("", p, goodCard)
	off := ""
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &off})
	s.use(c, m, 3)
	require.Equal(t, dollars(-2, 0), s.credits(c))
	must(s, UpdateSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID, TopUpBundleID: &p.Bundles[0].ID})
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug}).Refused)
	require.Equal(t, dollars(-2, 3), s.credits(c))
}

func TestEntitlement(t *testing.T) {
	s := newShop(t, Rules{})
	linked, other := s.dollarMeter(), s.dollarMeter()
	p := s.plan("10", "10", func(c *CreatePlan) { c.MeterIDs = []string{linked.ID} })
	c := s.subscribe("", p, goodCard)
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: linked.Slug}).Refused)
	for _, free := range []bool{false, true} {
		e := refused(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: other.Slug, DisableBilling: free})
		require.Equal(t, CodeMeterNotOnPlan, e.Code)
	}
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: linked.ID})
	require.Nil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: other.Slug}).Refused, "a plan without meters admits all")
}

func TestEmptyWallet(t *testing.T) {
	s := newShop(t, Rules{})
	d := must(s, Admit{MerchantID: s.merchant.ID})
	must(s, RecordUsage{Decision: d, InputCost: 1000 * Dollar, Source: Source{KeyType: KeyManaged}})
	require.Equal(t, CodeInsufficientBalance, refused(s, Admit{MerchantID: s.merchant.ID}).Code)
	must(s, Admit{MerchantID: s.merchant.ID, Unmanaged: true})
}

func TestUsageOfSomebodyWhoIsGone(t *testing.T) {
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: c})
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: m.ID})
	r := must(s, RecordUsage{Decision: d})
	require.Equal(t, c, r.CustomerID)
	require.Equal(t, m.ID, r.MeterID)
}
