package gateway_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/dialect/known"
	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestTokenInFivePlaces(t *testing.T) {
	t.Parallel()
	tok := token(map[string]any{"customer_id": "con_1", "meter_slug": "m"})
	want := gateway.Token{SecretKey: goodKey, CustomerID: "con_1", MeterSlug: "m"}
	for _, test := range []struct{ name, header, value, query string }{
		{"bearer", "Authorization", "Bearer " + tok, ""},
		{"lower-case scheme", "Authorization", "bearer " + tok, ""},
		{"x-api-key", "x-api-key", tok, ""},
		{"x-goog-api-key", "x-goog-api-key", tok, ""},
		{"xi-api-key", "xi-api-key", tok, ""},
		{"query", "", "", "&key=" + url.QueryEscape(tok)},
		{"query, raw", "", "", "&key=" + tok},
		{"without padding", "Authorization", "Bearer " + strings.TrimRight(tok, "="), ""},
		{"beside a provider's own", "x-api-key", tok, "&key=AIzaNotLava"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			header := []string{"Authorization", ""}
			if test.header != "" {
				header = append(header, test.header, test.value)
			}
			got := r.do(t, "POST", chatPath+test.query, chatBody, header...)
			require.Equal(t, 200, got.status, got.body)
			assert.Equal(t, want, r.tokens[0])
		})
	}
}

// Wherever it stands, a credential of Lava's never reaches a provider.
func TestCredentialsAreStripped(t *testing.T) {
	t.Parallel()
	for _, c := range known.Formats().Credentials() {
		for _, name := range c.AllHeaders() {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var sent http.Header
				h := routes(newGateway(gateway.Config{Billing: &ledger{}, Upstream: roundTrip(func(r *http.Request) (*http.Response, error) {
					sent = r.Header
					return response(200, "application/json", `{}`), nil
				})}))
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(chatPath, "chat/completions", "models", 1), nil)
				require.NoError(t, err)
				req.Header.Set("Authorization", "Bearer "+goodKey)
				req.Header.Set(name, goodKey)
				h.ServeHTTP(&discard{header: http.Header{}}, req)
				require.NotNil(t, sent)
				assert.NotContains(t, fmt.Sprint(sent), goodKey)
			})
		}
	}
}
