package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARequestIsChargedOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "10"), goodCard)

	report := ReportUsage{MerchantID: s.merchant.ID, RequestID: "order-1", Customer: c, Meter: m.Slug}
	first := must(s, report)
	report.Usage.InputTokens = 99
	require.Equal(t, first, must(s, report), "the first record is returned")
	require.Equal(t, dollars(9, 0), s.credits(c))

	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	for range 3 {
		must(s, RecordUsage{Decision: d})
	}
	require.Equal(t, dollars(8, 0), s.credits(c))
}

func TestFailedRequestsAreFree(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Requests, TierParams{"0", "2"}, TierParams{"1", "1"})
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	r := must(s, RecordUsage{Decision: d, Failed: true})
	require.Equal(t, RequestError, r.Status)
	require.Equal(t, dollars(10, 0), s.credits(c))
	require.Equal(t, "2", s.report(c, m, Usage{}).Charge.Amount.Plain(), "and they don't count toward the tier")
}

func TestUsageOfACustomerWhoIsGone(t *testing.T) {
	t.Parallel()
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

func TestADeletedMeterBurnsNoCredit(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	must(s, DeleteMeter{MerchantID: s.merchant.ID, ID: m.ID})
	r := must(s, RecordUsage{Decision: d})
	require.Equal(t, m.ID, r.MeterID, "it is recorded")
	require.Equal(t, dollars(10, 0), s.credits(c))
}

// Two records share an id only if they are the same request.
func TestAReportCanNotTakeTheIDOfARequestUnderWay(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	report := ReportUsage{MerchantID: s.merchant.ID, RequestID: d.RequestID, Customer: c, Meter: m.Slug}
	e := rejected(s, report)
	require.Equal(t, CodeConflict, e.Code)
	require.Equal(t, "request_id", e.Param)

	want := must(s, RecordUsage{Decision: d})
	require.Equal(t, dollars(9, 0), s.credits(c), "the stream is charged when it ends")
	require.Equal(t, want, must(s, report), "then it is that request")
	require.Equal(t, dollars(9, 0), s.credits(c))

	report.RequestID = NewID("req", s.at, 99, 1) // another server's
	must(s, report)
}

func TestARequestIDBelongsToOneCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	a := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "a"})
	b := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	first := must(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "1", Customer: a.ID, Meter: m.Slug})
	require.Equal(t, first, must(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "1", Customer: "a", Meter: m.Slug}))
	e := rejected(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "1", Customer: b.ID, Meter: m.Slug})
	require.Equal(t, CodeConflict, e.Code)
	require.Equal(t, "request_id", e.Param)
}

func TestUsageThatCanNotCount(t *testing.T) {
	t.Parallel()
	tokens, characters, seconds := Usage{InputTokens: 1}, Usage{OutputCharacters: 1}, Usage{InputDuration: time.Second}
	for _, tt := range []struct {
		unit     Unit
		rejected []Usage
		accepted []Usage
	}{
		{Tokens1M, []Usage{characters, seconds}, []Usage{tokens, {}, {InputTokens: 1, InputDuration: 1}}},
		{Characters1M, []Usage{tokens, seconds}, []Usage{characters, {}}},
		{Minutes, []Usage{tokens, characters}, []Usage{seconds, {}}},
		{Requests, nil, []Usage{tokens, characters, seconds, {}}},
	} {
		s, lenient := newShop(t, Rules{}), newShop(t, Rules{AcceptUncounted: true})
		m := s.meter(tt.unit, TierParams{"0", "1"})
		c := must(s, CreateCustomer{MerchantID: s.merchant.ID})
		for _, u := range tt.rejected {
			e := rejected(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "1", Customer: c.ID, Meter: m.ID, Usage: u})
			require.Equal(t, "meter_slug", e.Param)
			customer := must(lenient, CreateCustomer{MerchantID: lenient.merchant.ID}).ID
			require.Zero(t, lenient.report(customer, lenient.meter(tt.unit, TierParams{"0", "1"}), u).Charge.Amount)
		}
		for _, u := range tt.accepted {
			s.report(c.ID, m, u)
		}
	}
}

// Usage through the gateway is recorded even if it is too high; a report of the same usage is rejected.
func TestUsageBeyondTheRange(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.meter(Tokens1M, TierParams{"0", "1000000"}, TierParams{"1000000", "100000000"}, TierParams{"2000000000", "1"})
	c := s.subscribe("", s.plan("10", "10"), goodCard)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug})
	r := must(s, RecordUsage{Decision: d, Usage: Usage{InputTokens: 1 << 60, OutputTokens: -1, InputDuration: 1 << 62}})
	require.Equal(t, MaxAmount, r.Charge.Amount)
	require.Len(t, r.Charge.Breakdown, 3)
	require.Equal(t, Usage{InputTokens: maxCount, InputDuration: maxDuration}, r.Usage)
	require.Equal(t, 10*Dollar-MaxAmount, s.credits(c).Total())

	e := rejected(s, ReportUsage{MerchantID: s.merchant.ID, RequestID: "1", Customer: must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID, Meter: m.ID, Usage: Usage{InputTokens: maxCount}})
	require.Contains(t, e.Message, "the charge is more than")
}

func TestRequestsOfADeletedCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	c := must(s, CreateCustomer{MerchantID: s.merchant.ID, ReferenceID: "ref"}).ID
	silent := must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID
	s.use(c, m, 2)
	d := must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: m.Slug, DisableBilling: true})
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: c})
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: silent})
	must(s, RecordUsage{Decision: d})

	for id, want := range map[string]int{c: 3, silent: 0} {
		page, err := s.Requests(s.merchant.ID, RequestFilter{Customer: id}, PageParams{}, s.at)
		require.NoError(t, err)
		require.Len(t, page.Items, want)
		for _, metadata := range [][]Pair{nil, {}} {
			_, total, err := s.Usage(s.merchant.ID, UsageFilter{RequestFilter: RequestFilter{Customer: id, Metadata: metadata}, Start: s.at, End: s.at}, s.at)
			require.NoError(t, err)
			require.EqualValues(t, want, total.Requests)
		}
		subs, err := s.Subscriptions(s.merchant.ID, SubscriptionFilter{Customer: id}, PageParams{})
		require.NoError(t, err)
		require.Len(t, subs.Items, 1)
	}
	for _, id := range []string{"ref", "con_test_nope"} {
		_, err := s.Requests(s.merchant.ID, RequestFilter{Customer: id}, PageParams{}, s.at)
		require.Error(t, err, "no customer has %q any more", id)
	}
}
