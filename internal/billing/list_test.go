package billing

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPages(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	var want []string // newest first
	for range 25 {
		want = append([]string{must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID}, want...)
	}
	for limit, sizes := range map[int][]int{0: {10, 10, 5}, 5: {5, 5, 5, 5, 5}, 25: {25}, 100: {25}} {
		var got []string
		params := PageParams{Limit: limit}
		for _, size := range sizes {
			page, err := s.Customers(s.merchant.ID, params)
			require.NoError(t, err)
			require.Len(t, page.Items, size)
			for _, c := range page.Items {
				got = append(got, c.ID)
			}
			params.Before = page.Next
		}
		require.Zero(t, params.Before, "the last page has no next one")
		require.Equal(t, want, got, "limit %d", limit)
	}
}

// A cursor stays valid when the object it points at is deleted.
func TestPagesWhileThingsGo(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	var ids []string
	for range 4 {
		ids = append(ids, must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID)
	}
	page, err := s.Customers(s.merchant.ID, PageParams{Limit: 2})
	require.NoError(t, err)
	must(s, DeleteCustomer{MerchantID: s.merchant.ID, Customer: ids[2]})
	must(s, CreateCustomer{MerchantID: s.merchant.ID})
	page, err = s.Customers(s.merchant.ID, PageParams{Limit: 2, Before: page.Next})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, ids[1], page.Items[0].ID)
	require.Equal(t, ids[0], page.Items[1].ID)
}
