package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestIdsAreReproducible(t *testing.T) {
	t.Parallel()
	ids := func(seed uint64) []string {
		s := mockserver.Start(t, mockserver.Seed(seed), mockserver.At(time.Unix(1e9, 0)))
		shop := openShop(t, s)
		return []string{shop.meter.MeterID, shop.plan.PlanID, shop.customer}
	}
	first := ids(1)
	require.Equal(t, first, ids(1))
	require.NotEqual(t, ids(1), ids(2))
}

func TestSecretKeysOfOptions(t *testing.T) {
	t.Parallel()
	_, err := mockserver.New(mockserver.SecretKey("aks_live_x"))
	require.ErrorContains(t, err, "aks_test_")
	s := mockserver.Start(t, mockserver.SecretKey("aks_test_first"), mockserver.SecretKey("aks_test_second"))
	require.Equal(t, "aks_test_first", s.SecretKey())
	require.Equal(t, 200, sendAs(t, s, "aks_test_second", "GET", "/v1/meters", "").status)
	_, err = mockserver.New(mockserver.SecretKey("aks_test_twice"), mockserver.SecretKey("aks_test_twice"))
	require.Error(t, err)
}
