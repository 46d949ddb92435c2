package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestSnapshotAndRestore(t *testing.T) {
	t.Parallel()
	from := mockserver.Start(t, mockserver.At(newYear), mockserver.SecretKey("aks_test_original"))
	shop := openShop(t, from)
	require.Equal(t, 200, sendAs(t, from, shop.token(t), "POST", chatPath, chatBody).status)
	snapshot, err := from.Snapshot()
	require.NoError(t, err)
	require.NotContains(t, string(snapshot), "aks_test_original")

	to := mockserver.Start(t, mockserver.At(newYear.AddDate(-1, 0, 0)))
	require.NoError(t, to.Restore(snapshot))
	again, err := to.Snapshot()
	require.NoError(t, err)
	require.NotEqual(t, snapshot, again, "the server has added its own key")
	require.Equal(t, newYear, to.Now())
	for _, key := range []string{"aks_test_original", to.SecretKey()} {
		require.Equal(t, 200, sendAs(t, to, key, "GET", "/v1/customers/"+shop.customer, "").status)
	}
	restored := shop
	restored.Server, restored.client = to, to.Client()
	require.Equal(t, "24", restored.credits(t).TotalRemaining.String())
	to.Advance(31 * 24 * time.Hour)
	require.Equal(t, "25", restored.credits(t).TotalRemaining.String(), "it lives on")

	require.Error(t, to.Restore([]byte(`{"Version":99}`)))
	require.Error(t, to.Restore([]byte(`{"Version":1}`)))
	require.Equal(t, 400, send(t, to, "POST", "/_mock/snapshot", `{`).status)
	require.Equal(t, 200, send(t, to, "POST", "/_mock/snapshot", string(snapshot)).status)
}
