package mockserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestAFundingThatMustBeConfirmed(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.WalletCard("4000 0027 6000 3184"))
	method := send(t, s, "GET", "/v1/payment_methods", "").object(t)["data"].([]any)[0].(map[string]any)
	a := send(t, s, "POST", "/v1/wallet/fund", fmt.Sprintf(`{"payment_method_id":%q,"amount":"50"}`, method["payment_method_id"]))
	require.Equal(t, "requires_action", a.object(t)["status"])
	require.NotContains(t, a.object(t), "balance")
	require.True(t, s.Payments()[0].Pending)
	balance := func() any { return send(t, s, "GET", "/v1/wallet", "").object(t)["balance"] }
	require.Equal(t, "1000.00", balance(), "not before it is confirmed")

	page := a.object(t)["redirect_url"].(string)
	path := strings.TrimPrefix(page, s.URL())
	require.Contains(t, string(send(t, s, "GET", path, "").body), "Pay $50.00")
	require.Equal(t, 403, send(t, s, "POST", path, "").status, "only the page itself may send it")
	for range 2 { // a second click changes nothing
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, page, nil)
		require.NoError(t, err)
		req.Header.Set("Origin", s.URL())
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "1050.00", balance())
	}
	require.Equal(t, 404, send(t, s, "GET", "/wallet/confirm/pay_test_none", "").status)
	_, err := mockserver.New(mockserver.WalletCard("4111 1111 1111 1111"))
	require.Error(t, err)
}
