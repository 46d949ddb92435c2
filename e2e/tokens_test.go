package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

// tokenCase describes the same token for Go and for the Node SDK.
type tokenCase struct {
	name  string
	payer lava.Payer

	Key     string         `json:"key"`
	Options map[string]any `json:"options"`
	Gateway bool           `json:"gateway"` // created by gateway()
}

var tokenCases = []tokenCase{
	{name: "merchant", payer: lava.ForMerchant{}, Options: map[string]any{}},
	{name: "nothing", payer: nil, Options: map[string]any{}},
	{name: "merchant with a provider key", payer: lava.ForMerchant{ProviderKey: lava.NewSecret("sk-1")}, Options: map[string]any{"provider_key": "sk-1"}},
	{name: "unmanaged, as documented", payer: lava.ForProviderKey{Key: lava.NewSecret("sk-1")},
		Options: map[string]any{"customer_id": nil, "meter_slug": nil, "provider_key": "sk-1"}},
	{name: "meter", payer: lava.ForMeter{MeterSlug: "chat"}, Options: map[string]any{"meter_slug": "chat"}},
	{name: "meter with a provider key", payer: lava.ForMeter{MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1")},
		Options: map[string]any{"provider_key": "sk-1", "meter_slug": "chat"}},
	{name: "customer", payer: lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat"},
		Options: map[string]any{"customer_id": "con_1", "meter_slug": "chat"}},
	{name: "customer, not billed", payer: lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", DisableBilling: true},
		Options: map[string]any{"customer_id": "con_1", "meter_slug": "chat", "disable_billing": true}},
	{name: "customer with everything",
		payer:   lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", ProviderKey: lava.NewSecret("sk-1"), DisableBilling: true},
		Options: map[string]any{"customer_id": "con_1", "meter_slug": "chat", "provider_key": "sk-1", "disable_billing": true}},
	{name: "characters that Go escapes", payer: lava.ForMeter{MeterSlug: "<a>&\u2028\u2029\\u2028"},
		Options: map[string]any{"meter_slug": "<a>&\u2028\u2029\\u2028"}},
	{name: "characters that JSON escapes", payer: lava.ForMeter{MeterSlug: "\"\\/\b\f\n\r\t\x00\x01\x1f\x7f"},
		Options: map[string]any{"meter_slug": "\"\\/\b\f\n\r\t\x00\x01\x1f\x7f"}},
	{name: "characters beyond ASCII", payer: lava.ForMeter{MeterSlug: "größe 度量 🌋\u00a0\ufeff"},
		Options: map[string]any{"meter_slug": "größe 度量 🌋\u00a0\ufeff"}},
	{name: "gateway: merchant", payer: lava.ForMerchant{}, Options: map[string]any{}, Gateway: true},
	{name: "gateway: meter", payer: lava.ForMeter{MeterSlug: "chat"}, Options: map[string]any{"meter_slug": "chat"}, Gateway: true},
	{name: "gateway: customer", payer: lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", DisableBilling: true},
		Options: map[string]any{"customer_id": "con_1", "meter_slug": "chat", "disable_billing": true}, Gateway: true},
}

// Every SDK creates identical forward tokens.
func TestForwardTokens(t *testing.T) {
	const key = "aks_test_<&>"
	var input bytes.Buffer
	enc := json.NewEncoder(&input)
	for _, c := range tokenCases {
		c.Key = key
		require.NoError(t, enc.Encode(c))
	}
	theirs := strings.Split(strings.TrimSpace(mock{}.node(t, &input, "tokens.mjs")), "\n")
	require.Len(t, theirs, len(tokenCases))

	for i, c := range tokenCases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, theirs[i], ours(t, key, c))
		})
	}
}

// ours creates a token with the Go client.
func ours(t *testing.T, key string, c tokenCase) string {
	t.Helper()
	var sent string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}))
	defer server.Close()
	client, err := lava.New(lava.WithSecretKey(key), lava.WithBaseURL(server.URL))
	require.NoError(t, err)
	if !c.Gateway {
		token, err := client.GenerateForwardToken(c.payer)
		require.NoError(t, err)
		return token.Reveal()
	}
	_, err = client.Gateway(t.Context(), "https://api.openai.com/v1/models", lava.GatewayParams{Payer: c.payer})
	require.NoError(t, err)
	return sent
}
