package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMerchantsAreApart(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	m := s.dollarMeter()
	other := must(s, CreateMerchant{Key: "aks_test_other"})
	require.Equal(t, []string{s.merchant.ID, other.ID}, s.MerchantIDs())
	_, err := s.Meter(other.ID, m.ID)
	require.Error(t, err)
	require.Equal(t, CodeNotFound, rejected(s, DeleteMeter{MerchantID: other.ID, ID: m.ID}).Code)
	_, err = s.Merchant("mer_test_nope")
	require.Error(t, err)
	for _, key := range []string{"aks_test_shop", "aks_test_other"} {
		require.Equal(t, CodeConflict, rejected(s, CreateMerchant{Key: key}).Code)
	}
}

// A tenant that is reset or deleted leaves nothing behind, and the others keep everything.
func TestResetAndDeleteMerchant(t *testing.T) {
	t.Parallel()
	for _, deletes := range []bool{false, true} {
		s := newShop(t, Rules{})
		untouched := furnished(s, s.merchant.ID)
		other := must(s, CreateMerchant{Key: "aks_test_other"})
		furnished(s, other.ID)
		decision := must(s, Admit{MerchantID: other.ID, Unmanaged: true})
		before := len(s.events)
		if deletes {
			must(s, DeleteMerchant{MerchantID: other.ID})
			_, err := s.Merchant(other.ID)
			require.Error(t, err)
			_, known := s.MerchantByKey(HashKey("aks_test_other"))
			require.False(t, known)
			require.NotEqual(t, other.ID, must(s, CreateMerchant{Key: "aks_test_other"}).ID, "the key is free again")
		} else {
			must(s, ResetMerchant{MerchantID: other.ID, WalletBalance: 7 * Dollar})
			m, err := s.Merchant(other.ID)
			require.NoError(t, err)
			require.Equal(t, other.WalletID, m.WalletID)
			require.Equal(t, 7*Dollar, m.WalletBalance)
			id, _ := s.MerchantByKey(HashKey("aks_test_other"))
			require.Equal(t, other.ID, id)
			customers, err := s.Customers(other.ID, PageParams{})
			require.NoError(t, err)
			require.Empty(t, customers.Items)
			furnished(s, other.ID)
		}
		require.Equal(t, Request{}, must(s, RecordUsage{Decision: decision}), "a request that was admitted before is not recorded")

		own, err := s.Customers(s.merchant.ID, PageParams{})
		require.NoError(t, err)
		require.Len(t, own.Items, 1)
		require.Equal(t, untouched, own.Items[0].ID)
		s.turn(s.at.AddDate(0, 1, 0))
		for _, e := range s.events[before:] {
			if deletes {
				require.Equal(t, s.merchant.ID, e.MerchantID, "no cycle of a deleted merchant ends")
			}
		}
		data, err := s.Snapshot().JSON()
		require.NoError(t, err)
		require.NoError(t, s.Restore(data, s.at), "nothing refers to deleted objects")
	}
}

// furnished gives a merchant one object of each kind, and returns its customer.
func furnished(s *shop, merchantID string) string {
	s.Helper()
	meter := must(s, CreateMeter{MerchantID: merchantID, Name: "Chat", RateType: Fixed, Unit: Requests, Tiers: []TierParams{{"0", "1"}}})
	p := must(s, CreatePlan{MerchantID: merchantID, Name: "Pro", PeriodAmount: "10", IncludedCredit: "5", Interval: Month})
	session := must(s, CreateCheckoutSession{MerchantID: merchantID, Mode: CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: p.ID})
	result := must(s, CompleteCheckout{MerchantID: merchantID, SessionID: session.ID, Phone: "+15551234567", Card: s.card(goodCard)})
	must(s, CreateCheckoutSession{MerchantID: merchantID, Mode: CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: p.ID})
	must(s, CreateWebhook{MerchantID: merchantID, Name: "w", URL: "https://app.example.com/hook"})
	must(s, CreateSpendKey{MerchantID: merchantID, Terms: SpendKeyTerms{Name: "key"}})
	must(s, ReportUsage{MerchantID: merchantID, RequestID: NewID("req", s.at, 7, 1), Customer: result.CustomerID, Meter: meter.Slug})
	return result.CustomerID
}
