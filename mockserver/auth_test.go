package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for key, says := range map[string]string{
		"":                      "no secret key",
		"aks_test_of_a_guess":   "not known",
		"aks_live_from_the_env": "live key",
	} {
		a := sendAs(t, s, key, "GET", "/v1/meters", "")
		require.Equal(t, 401, a.status)
		require.Contains(t, string(a.body), "authentication_failed")
		require.Contains(t, string(a.body), says)
		require.NotContains(t, string(a.body), "of_a_guess")
		require.NotContains(t, string(a.body), "from_the_env")
	}
}

// A spend key works only at the gateway; other endpoints say so.
func TestSpendKeysAreForTheGateway(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	key, _ := spendKey(t, s, `{"name":"a"}`)
	a := sendAs(t, s, key, "GET", "/v1/wallet", "")
	require.Equal(t, 401, a.status)
	require.Contains(t, string(a.body), "a spend key works only at the gateway")
}
