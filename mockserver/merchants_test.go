package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
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

// Printing a server does not show the keys it holds: its merchants' keys and those of providers, which are real.
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

// A shared server is reset one tenant at a time: only the tenant's keys remain, and the others keep everything.
func TestControlCleansOneTenant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	a := send(t, s, "POST", "/_mock/merchants", `{"secret_key":"aks_test_tenant"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	tenant := a.object(t)["merchant_id"].(string)
	require.Equal(t, "aks_test_tenant", a.object(t)["secret_key"])
	for _, bad := range []string{`{"secret_key":"aks_live_tenant"}`, `{"secret_key":"aks_test_1"}`} {
		require.Equal(t, 400, send(t, s, "POST", "/_mock/merchants", bad).status)
	}
	require.Equal(t, 409, send(t, s, "POST", "/_mock/merchants", `{"secret_key":"aks_test_tenant"}`).status, "the key is taken")
	require.Regexp(t, "^aks_test_", send(t, s, "POST", "/_mock/merchants", "").object(t)["secret_key"])
	require.Equal(t, s.MerchantIDs()[1], tenant)
	require.Len(t, send(t, s, "GET", "/_mock/merchants", "").object(t)["data"], 3)

	fill := func(key string) string {
		require.Equal(t, 201, sendAs(t, s, key, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
		a := sendAs(t, s, key, "POST", "/v1/customers", `{"reference_id":"ada"}`)
		require.Equal(t, 201, a.status, "%s", a.body)
		require.NoError(t, s.Settle(t.Context()))
		return a.object(t)["customer_id"].(string)
	}
	own := fill(s.SecretKey())
	for _, clean := range []struct{ method, path string }{{"POST", "/_mock/reset"}, {"DELETE", "/_mock/merchants/" + tenant}} {
		customer := fill("aks_test_tenant")
		require.Len(t, sendAs(t, s, "aks_test_tenant", "GET", "/_mock/deliveries", "").object(t)["data"], 1)
		a := sendAs(t, s, "aks_test_tenant", clean.method, clean.path, "")
		require.Equal(t, 200, a.status, "%s", a.body)
		require.Empty(t, s.Calls().Where(func(c mockserver.Call) bool { return c.MerchantID == tenant }))
		require.NotEmpty(t, s.Calls())

		if clean.method == "POST" {
			require.Equal(t, 404, sendAs(t, s, "aks_test_tenant", "GET", "/v1/customers/"+customer, "").status)
			for _, empty := range []string{"/v1/customers", "/v1/webhooks", "/_mock/deliveries", "/_mock/events", "/_mock/payments"} {
				require.Empty(t, sendAs(t, s, "aks_test_tenant", "GET", empty, "").object(t)["data"], empty)
			}
		} else {
			require.Equal(t, 401, sendAs(t, s, "aks_test_tenant", "GET", "/v1/customers", "").status)
			require.NotContains(t, s.MerchantIDs(), tenant)
			require.Equal(t, 404, send(t, s, clean.method, clean.path, "").status)
		}
		require.Equal(t, 200, send(t, s, "GET", "/v1/customers/"+own, "").status)
		require.Len(t, send(t, s, "GET", "/_mock/deliveries", "").object(t)["data"], 1)
		require.Len(t, send(t, s, "GET", "/_mock/events", "").object(t)["data"], 1)
		require.Len(t, s.Events(), 1)
	}
	require.Equal(t, 409, send(t, s, "DELETE", "/_mock/merchants/"+s.MerchantIDs()[0], "").status)
	s.Reset()
	require.Equal(t, 404, send(t, s, "GET", "/v1/customers/"+own, "").status)
	require.Empty(t, s.Deliveries())
	require.Equal(t, "1000.00", send(t, s, "GET", "/v1/wallet", "").object(t)["balance"])
}

// After a reset, an idempotency key is free, and a request that was admitted before is not recorded.
func TestResetForgetsIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	create := func() string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/v1/customers", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.SecretKey())
		req.Header.Set("Idempotency-Key", "one")
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, resp.Body.Close()) }()
		var body struct {
			ID string `json:"customer_id"`
		}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
		return body.ID
	}
	first := create()
	require.Equal(t, first, create())
	s.Reset()
	require.NotEqual(t, first, create())
}

// What Setup creates exists at the start and after each reset.
func TestSetup(t *testing.T) {
	t.Parallel()
	refusal := error(nil)
	s := mockserver.Start(t, mockserver.Setup(func(m *mockserver.Merchant) error {
		if refusal != nil {
			return refusal
		}
		_, err := m.Client().Customers.Create(context.Background(), lava.CreateCustomerParams{ReferenceID: "ada"})
		return err
	}))
	require.Equal(t, 200, send(t, s, "GET", "/v1/customers/ada", "").status)
	for _, reset := range []func(){s.Reset, func() { require.Equal(t, 200, send(t, s, "POST", "/_mock/reset", "").status) }} {
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"bob"}`).status)
		require.Equal(t, 200, send(t, s, "POST", "/_mock/failures", `{"endpoint":"customers.get","status":503}`).status)
		reset()
		require.Empty(t, s.Calls())
		require.Equal(t, 200, send(t, s, "GET", "/v1/customers/ada", "").status, "nothing is armed")
		require.Equal(t, 404, send(t, s, "GET", "/v1/customers/bob", "").status)
	}
	tenant := s.NewMerchant()
	for range 2 {
		require.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "GET", "/v1/customers/ada", "").status)
		require.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "DELETE", "/v1/customers/ada", "").status)
		tenant.Reset()
	}
	require.Equal(t, 200, sendAs(t, s, "", "POST", "/_mock/merchants", `{"secret_key":"aks_test_third"}`).status)
	require.Equal(t, 200, sendAs(t, s, "aks_test_third", "GET", "/v1/customers/ada", "").status)

	refusal = errors.New("no flour")
	require.PanicsWithValue(t, "mockserver: Reset: no flour", s.Reset)
	require.Contains(t, string(send(t, s, "POST", "/_mock/reset", "").body), "no flour")
	n := len(s.MerchantIDs())
	require.PanicsWithValue(t, "mockserver: NewMerchant: no flour", func() { s.NewMerchant() })
	require.Contains(t, string(send(t, s, "POST", "/_mock/merchants", "").body), "no flour")
	require.Len(t, s.MerchantIDs(), n, "a merchant whose setup failed is removed")
	_, err := mockserver.New(mockserver.Setup(func(*mockserver.Merchant) error { return refusal }))
	require.ErrorIs(t, err, refusal)
}

// Calls that name no merchant, such as those with a wrong key, are forgotten with the first merchant's: a test suite
// that resets the server between its tests sees only the calls of one.
func TestResetForgetsCallsOfNobody(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	tenant := s.NewMerchant()
	require.Equal(t, 401, sendAs(t, s, "aks_test_unknown", "GET", "/v1/meters", "").status)
	require.Equal(t, 404, sendAs(t, s, "", "GET", "/nowhere", "").status)
	require.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "GET", "/v1/meters", "").status)
	tenant.Reset()
	require.Len(t, s.Calls(), 2, "another merchant's tests may be about them")
	require.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "GET", "/v1/meters", "").status)
	s.Reset()
	require.Len(t, s.Calls(), 1)
	require.Equal(t, tenant.ID(), s.Calls()[0].MerchantID)
	require.Equal(t, 401, sendAs(t, s, "aks_test_unknown", "GET", "/v1/meters", "").status)
	require.Len(t, s.Calls(), 2, "later ones are kept")
}
