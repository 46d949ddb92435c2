package mockserver_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// An observer sees the merchant's data, and its requests aren't visible.
func TestObserver(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.EnforceRateLimit())
	customer, err := s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{})
	require.NoError(t, err)
	s.Fail(mockserver.Failure{Status: 503, Times: 1})

	look := s.Observer()
	for range 1001 {
		_, err = look.Customers.Retrieve(t.Context(), customer.CustomerID)
		require.NoError(t, err)
	}
	require.Len(t, s.Calls(), 1)
	require.Len(t, s.Unused(), 1)

	_, err = look.Customers.Retrieve(t.Context(), "con_nobody")
	require.ErrorIs(t, err, lava.ErrNotFound)
	_, err = look.Customers.Create(t.Context(), lava.CreateCustomerParams{})
	require.ErrorContains(t, err, "an Observer only reads")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = look.Customers.List(ended, lava.ListCustomersParams{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = s.NewMerchant().Observer().Customers.Retrieve(t.Context(), customer.CustomerID)
	require.ErrorIs(t, err, lava.ErrNotFound)

	_, err = s.Client().Customers.List(t.Context(), lava.ListCustomersParams{})
	require.NoError(t, err, "the failure was for the next call, and the client has retried")
}

func TestMerchantByID(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	other := s.NewMerchant()
	for _, id := range s.MerchantIDs() {
		m, err := s.Merchant(id)
		require.NoError(t, err)
		require.Equal(t, id, m.ID())
	}
	m, err := s.Merchant(other.ID())
	require.NoError(t, err)
	require.Equal(t, other.SecretKey(), m.SecretKey())
	require.NoError(t, s.DeleteMerchant(other.ID()))
	_, err = s.Merchant(other.ID())
	require.ErrorIs(t, err, lava.ErrNotFound)

	from := mockserver.Start(t)
	there := from.NewMerchant()
	snapshot, err := from.Snapshot()
	require.NoError(t, err)
	require.NoError(t, s.Restore(snapshot))
	m, err = s.Merchant(there.ID())
	require.NoError(t, err)
	require.Empty(t, m.SecretKey())
	_, err = m.Observer().Wallet.Retrieve(t.Context())
	require.NoError(t, err)
}
