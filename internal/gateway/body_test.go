package gateway_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lavapayments/lava-go/internal/gateway"
)

func TestBodies(t *testing.T) {
	t.Parallel()
	t.Run("over the limit", func(t *testing.T) {
		t.Parallel()
		g := newGateway(gateway.Config{Billing: &ledger{}, MaxBody: 100})
		req := httptest.NewRequestWithContext(t.Context(), "POST", chatPath, strings.NewReader(`{"model":"gpt-4o","messages":"`+strings.Repeat("x", 100)+`"}`))
		req.Header.Set("Authorization", "Bearer "+goodKey)
		w := httptest.NewRecorder()
		g.Forward(w, req)
		assert.Equal(t, 413, w.Code)
		assert.Equal(t, "payload_too_large", reply{body: w.Body.String()}.code())
	})
	t.Run("malformed JSON", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		got := r.do(t, "POST", chatPath, `{"model":`)
		assert.Equal(t, 400, got.status)
		assert.Equal(t, "invalid_request", got.code())
		assert.Contains(t, got.body, "body")
	})
}
