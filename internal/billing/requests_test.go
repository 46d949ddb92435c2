package billing

import (
	"testing"

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
	require.Equal(t, first, must(s, report), "the first record comes back")
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
	require.Equal(t, "2", s.report(c, m, Usage{}).Charge.Amount.Plain(), "nor do they count for the tier")
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
