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
