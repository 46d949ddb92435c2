package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// walletOf creates a merchant with 5 dollars and a card, and returns a function that funds the wallet.
func (s *shop) walletOf(card string) func(amount string) FundWallet {
	s.Helper()
	m := must(s, CreateMerchant{Key: "aks_test_" + card, WalletBalance: 5 * Dollar, Card: s.card(card)})
	return func(amount string) FundWallet {
		return FundWallet{MerchantID: m.ID, PaymentMethodID: m.Cards[0].ID, Amount: amount}
	}
}

func TestFundingTheWallet(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	f := must(s, s.walletOf(goodCard)("20.5"))
	require.Nil(t, f.Declined)
	require.Equal(t, PaymentSucceeded, f.Payment.Status)
	require.Equal(t, "25.5", f.Balance.Plain())

	f = must(s, s.walletOf(laterCard)("20"))
	require.Equal(t, CodePaymentDeclined, f.Declined.Code)
	require.Equal(t, PaymentDeclined, f.Payment.Status)
	require.Equal(t, 5*Dollar, f.Balance)
}

func TestAFundingThatMustBeConfirmed(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	fund := s.walletOf("4000 0027 6000 3184")
	f := must(s, fund("20"))
	require.Equal(t, PaymentRequiresAction, f.Payment.Status)
	require.Equal(t, 5*Dollar, f.Balance)
	merchant, payment, ok := s.FindPayment(f.Payment.ID)
	require.True(t, ok)
	require.Equal(t, f.Payment, payment)
	for range 2 { // the second changes nothing
		p := must(s, ConfirmPayment{MerchantID: merchant, PaymentID: payment.ID})
		require.Equal(t, PaymentSucceeded, p.Status)
		m, err := s.Merchant(merchant)
		require.NoError(t, err)
		require.Equal(t, 25*Dollar, m.WalletBalance)
	}
	require.Equal(t, CodeNotFound, rejected(s, ConfirmPayment{MerchantID: merchant, PaymentID: "pay_test_nope"}).Code)
}

func TestBadFundings(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	fund := s.walletOf(goodCard)
	for _, amount := range []string{"", "ten", "9.99", "10000.01", "10.001"} {
		require.Equal(t, "amount", rejected(s, fund(amount)).Param, amount)
	}
	other := fund("10")
	other.PaymentMethodID = "pm_test_nope"
	require.Equal(t, CodeNotFound, rejected(s, other).Code)
	other.PaymentMethodID = ""
	require.Equal(t, CodeInvalidRequest, rejected(s, other).Code)
}
