package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *shop) decline(d Decline) Decline {
	s.Helper()
	d.MerchantID = s.merchant.ID
	return must(s, ArmDecline{d})
}

// The second renewal is declined although the card works, and has the consequences of any declined renewal.
func TestDecliningTheSecondRenewal(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	c := s.subscribe("", s.plan("49", "25"), goodCard)
	other := s.subscribe("", s.plan("59", "25"), goodCard)
	s.decline(Decline{Customer: c, Purpose: PaymentRenewal, Turns: Turns{After: 1, Times: 1}})

	snap, err := s.Snapshot().JSON() // armed declines survive
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

	require.Equal(t, Turns{After: 1, Times: 1, Met: 2, Used: 1}, s.Declines()[0].Turns)
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
		must(s, ArmDecline{Decline{MerchantID: fund.MerchantID, Purpose: PaymentWallet, Turns: Turns{Times: 1}}})
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
		"after: -1 is negative":                 {Turns: Turns{After: -1}},
		"times: -1 is negative":                 {Turns: Turns{Times: -1}},
		`purpose: "renewals" is not one of`:     {Purpose: "renewals"},
		`reason: "no_card" is not one of`:       {Reason: DeclineNoCard},
		"no customer pays for the wallet":       {Purpose: PaymentWallet, Customer: "someone"},
		`no customer "con_test_01JNOSUCHPERSON`: {Customer: "con_test_01JNOSUCHPERSON"},
	} {
		require.Contains(t, rejected(s, ArmDecline{d}).Message, want)
	}
	require.Empty(t, s.Declines())
}

func TestDroppingDeclines(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	s.decline(Decline{})
	must(s, DropDeclines{MerchantID: s.merchant.ID})
	s.subscribe("", s.plan("49", "25"), goodCard)
}

// A decline for all merchants applies to each merchant's charges and survives their deletion.
func TestDeclinesOfEverybody(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	other := must(s, CreateMerchant{Key: "aks_test_other"})
	all := must(s, ArmDecline{Decline{Purpose: PaymentSubscription, Turns: Turns{Times: 1}}})
	must(s, ArmDecline{Decline{MerchantID: other.ID, Purpose: PaymentSubscription}})
	pay := CompleteCheckout{MerchantID: s.merchant.ID, SessionID: s.session(s.plan("49", "25")).ID, Card: s.card(goodCard)}
	require.NotNil(t, must(s, pay).Declined)
	require.Nil(t, must(s, pay).Declined, "the other decline is for another merchant")
	must(s, DeleteMerchant{MerchantID: other.ID})
	require.Len(t, s.Declines(), 1)
	require.Equal(t, all.ID, s.Declines()[0].ID)
	must(s, DropDeclines{})
	require.Empty(t, s.Declines())
}

// Until version 2 of snapshots, declines belonged to a merchant.
func TestDeclinesOfASnapshotOfVersion2(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	d := s.decline(Decline{Purpose: PaymentRenewal})
	snap := s.Snapshot()
	snap.Version, snap.Declines, snap.Merchants[0].Declines = 2, nil, snap.Declines
	snap.Merchants[0].Declines[0].MerchantID = ""
	data, err := snap.JSON()
	require.NoError(t, err)
	require.NoError(t, s.Restore(data, time.Time{}))
	require.Equal(t, []Decline{d}, s.Declines())
}
