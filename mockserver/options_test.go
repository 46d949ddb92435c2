package mockserver_test

import (
	"net/http"
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

// Invalid options are rejected immediately: later, they would silently have no effect.
func TestNonsenseOptions(t *testing.T) {
	t.Parallel()
	one, handler := dec("1"), http.NotFoundHandler()
	for want, opt := range map[string]mockserver.Option{
		`upstream: "https://api.openai.com" is not a host such as "api.openai.com", without scheme and path`: mockserver.Upstream("https://api.openai.com", handler),
		`upstream: "" is not a host`:                                                                     mockserver.Upstream("", handler),
		`upstream: "api.openai.com/v1" is not a host`:                                                    mockserver.UpstreamURL("api.openai.com/v1", "http://127.0.0.1:9"),
		`upstream api.openai.com: the handler is nil`:                                                    mockserver.Upstream("api.openai.com", nil),
		`provider key: "opnai" is not the id of a provider; did you mean "openai"?`:                      mockserver.ProviderKey("opnai", "sk-mine"),
		`provider key: "api.openai.com" is a host of the provider "openai": use that id`:                 mockserver.ProviderKey("api.openai.com", "sk-mine"),
		`price of gpt-4o-mini: "antropic" is not the id of a provider; did you mean "anthropic"?`:        mockserver.Price("antropic", "gpt-4o-mini", one, one),
		`price of gpt-4o-mini: 1 and -1: a price must not be negative`:                                   mockserver.Price("openai", "gpt-4o-mini", one, one.Neg()),
		`public URL: "lava.example.com" is not an http or https URL such as "https://lava.example.com"`:  mockserver.PublicURL("lava.example.com"),
		`allow host: "http://lava" is not a host such as "lava", without scheme, port and path`:          mockserver.AllowHost("http://lava"),
		`allow host: "lava:5282" is not a host`:                                                          mockserver.AllowHost("lava:5282"),
		`an option is nil: leave it out`:                                                                 nil,
		`allow webhooks: "https://hooks.example.com" is not a host such as "hooks.example.com", without`: mockserver.AllowWebhooks("https://hooks.example.com"),
	} {
		_, err := mockserver.New(mockserver.InMemory(), opt)
		require.ErrorContains(t, err, want)
	}
}
