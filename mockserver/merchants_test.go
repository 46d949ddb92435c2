package mockserver_test

import (
	"fmt"
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

// What a server holds does not show where it is printed: its merchants' keys, and
// those of providers, which are real ones.
func TestServersPrintNoSecret(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.SecretKey("aks_test_printed"), mockserver.ProviderKey("openai", "sk-printed"))
	m := s.NewMerchant()
	within := struct {
		s *mockserver.Server
		m *mockserver.Merchant
	}{s, m}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, v := range []any{s, m, within} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range []string{"aks_test_printed", "sk-printed", m.SecretKey()} {
				require.NotContains(t, text, secret, verb)
				require.NotContains(t, text, fmt.Sprintf("%x", secret), verb)
			}
		}
	}
	require.Equal(t, "mockserver.Merchant("+m.ID()+")", fmt.Sprint(m))
}
