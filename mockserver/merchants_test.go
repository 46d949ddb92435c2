package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestMerchantsCantSeeEachOther(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	mine := send(t, s, "POST", "/v1/customers", `{"reference_id":"user-1"}`).object(t)["customer_id"].(string)
	other := s.NewMerchant()
	for _, id := range []string{mine, "user-1"} {
		a := sendAs(t, s, other.SecretKey(), "GET", "/v1/customers/"+id, "")
		require.Equal(t, 404, a.status)
		require.Contains(t, string(a.body), id)
	}
	require.Empty(t, sendAs(t, s, other.SecretKey(), "GET", "/v1/customers", "").object(t)["data"])
	require.Equal(t, 201, sendAs(t, s, other.SecretKey(), "POST", "/v1/customers", `{"reference_id":"user-1"}`).status)
}
