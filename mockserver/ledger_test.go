package mockserver_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The latest balances are those at the end of the ledger.
func TestLatestBalances(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	customer, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	for i := range 3 {
		_, err := s.Client().Requests.Create(t.Context(), lava.CreateRequestParams{RequestID: fmt.Sprint("use-", i), CustomerID: customer.CustomerID, MeterSlug: customer.MeterSlug})
		require.NoError(t, err)
	}
	ledger, err := s.Ledger(customer.CustomerID)
	require.NoError(t, err)
	for _, n := range []int{0, 1, 2, len(ledger), 100} {
		balances, err := s.LatestBalances(customer.CustomerID, n)
		require.NoError(t, err)
		latest := ledger[len(ledger)-min(n, len(ledger)):]
		require.Len(t, balances, len(latest))
		for i, e := range latest {
			require.True(t, e.CycleBalance.Add(e.BundleBalance).Equal(balances[i]), "%s after %s", balances[i], e)
		}
	}
	_, err = s.LatestBalances("con_none", 1)
	require.ErrorIs(t, err, lava.ErrNotFound)
}
