package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *shop) decline(d Decline) Decline {
	s.Helper()
	return must(s, ArmDecline{MerchantID: s.merchant.ID, Decline: d})
}

// The second renewal is declined with a card that works, and leads to what any declined
// renewal leads to.
func TestDecliningTheSecondRenewal(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	other := s.subscribe("", s.plan("59", "25"), goodCard)
	s.decline(Decline{Customer: c, Purpose: PaymentRenewal, Turns: Turns{After: 1, Times: 1}})

	snap, err := s.Snapshot().JSON() // what is armed survives
	require.NoError(t, err)
	require.NoError(t, s.Restore(snap, time.Time{}))

	s.turn(s.subscription(c).CycleEnd)
	require.Equal(t, "Plan 49", s.outcome(c).Plan)
	s.turn(s.subscription(c).CycleEnd)
	require.Equal(t, "Free", s.outcome(c).Plan)
	require.Equal(t, "Plan 59", s.outcome(other).Plan)
	require.Equal(t, []string{
		"subscription succeeded ", "subscription succeeded ", "renewal succeeded ", "renewal succeeded ",
		"renewal declined card_declined", "renewal succeeded ",
	}, s.outcome(c).Payments)

	all, err := s.Declines(s.merchant.ID)
	require.NoError(t, err)
	require.Equal(t, Turns{After: 1, Times: 1, Met: 2, Used: 1}, all[0].Turns)
}

func TestDecliningTheNextCharge(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.decline(Decline{Reason: DeclineInsufficient, Turns: Turns{Times: 1}})
	session := s.session(s.plan("49", "25"))
	pay := CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)}
	result := must(s, pay)
	require.Equal(t, CodePaymentDeclined, result.Declined.Code)
	require.Contains(t, result.Declined.Message, "insufficient funds")
	require.Nil(t, must(s, pay).Declined, "the session can be tried again")
}

func TestDecliningATopUp(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	meter := s.dollarMeter()
	c := s.subscribe("", s.plan("49", "1", bundle("10", "12")), goodCard)
	s.decline(Decline{Customer: c, Purpose: PaymentTopUp, Turns: Turns{Times: 1}})
	s.use(c, meter, 1)
	require.Equal(t, dollars(0, 0), s.credits(c))
	require.NotNil(t, must(s, Admit{MerchantID: s.merchant.ID, Customer: c, Meter: meter.ID}).Refused, "not tried again before something changes")
}

func TestDecliningAFunding(t *testing.T) {
	t.Parallel()
	for _, card := range []string{goodCard, "4000 0027 6000 3184"} {
		s := newShop(t, Rules{})
		fund := s.walletOf(card)("20")
		must(s, ArmDecline{MerchantID: fund.MerchantID, Decline: Decline{Purpose: PaymentWallet, Turns: Turns{Times: 1}}})
		f := must(s, fund)
		require.Equal(t, CodePaymentDeclined, f.Declined.Code)
		require.Equal(t, PaymentDeclined, f.Payment.Status)
		require.Equal(t, 5*Dollar, f.Balance)
		require.Nil(t, must(s, fund).Declined)
	}
}

func TestDeclinesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	for want, d := range map[string]Decline{
		"after: -1 is below 0":                  {Turns: Turns{After: -1}},
		"times: -1 is below 0":                  {Turns: Turns{Times: -1}},
		`purpose: "renewals" is not allowed`:    {Purpose: "renewals"},
		`reason: "no_card" is not allowed`:      {Reason: DeclineNoCard},
		"no customer pays for the wallet":       {Purpose: PaymentWallet, Customer: "someone"},
		`no customer "con_test_01JNOSUCHPERSON`: {Customer: "con_test_01JNOSUCHPERSON"},
	} {
		require.Contains(t, rejected(s, ArmDecline{MerchantID: s.merchant.ID, Decline: d}).Message, want)
	}
	all, err := s.Declines(s.merchant.ID)
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestDroppingDeclines(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.decline(Decline{})
	must(s, DropDeclines{MerchantID: s.merchant.ID})
	s.subscribe("", s.plan("49", "25"), goodCard)
}
