package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSecretKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	page, err := s.SecretKeys(s.merchant.ID, PageParams{})
	require.NoError(t, err)
	first := DeleteSecretKey{MerchantID: s.merchant.ID, ID: page.Items[0].ID}
	require.Equal(t, CodeConflict, rejected(s, first).Code, "the last key can't be deleted")

	k := must(s, CreateSecretKey{MerchantID: s.merchant.ID, Name: "CI"})
	key := RootKey{}.Derive(k.Secret())
	require.Equal(t, key[len(key)-4:], k.Hint)
	id, ok := s.MerchantByKey(HashKey(key))
	require.True(t, ok)
	require.Equal(t, s.merchant.ID, id)
	must(s, first)
	_, ok = s.MerchantByKey(HashKey("aks_test_shop"))
	require.False(t, ok, "it is revoked immediately")
	require.Equal(t, CodeNotFound, rejected(s, first).Code)
}

func TestAHundredSecretKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	create := CreateSecretKey{MerchantID: s.merchant.ID, Name: "key"}
	for range maxSecretKeys - 1 {
		must(s, create)
	}
	require.Equal(t, CodeConflict, rejected(s, create).Code)
}
