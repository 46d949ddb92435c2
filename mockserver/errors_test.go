package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// Amazon's SDKs read an error's type from a header and its message from the top level of the body
// (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html). Lava's own rejections have both, next to Lava's
// error.
func TestRefusalsForAmazonsSDKs(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, test := range []struct {
		path, key, body, kind string
		status                int
	}{
		{"/v1/forward?u=https://bedrock-runtime.us-east-1.amazonaws.com/model/x/converse", "aks_test_wrong", "{}", "AccessDeniedException", 401},
		{"/v1/rewrite/bedrock/https://api.anthropic.com/model/nothing/converse", s.SecretKey(), `{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}`, "ValidationException", 400},
		{"/v1/forward?u=https://api.openai.com/v1/chat/completions", "aks_test_wrong", "{}", "", 401},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+test.path, strings.NewReader(test.body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+test.key)
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		var body struct {
			Message string
			Error   struct {
				Message, Code string
				Status        int
			}
		}
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, test.status, resp.StatusCode)
		assert.Equal(t, test.status, body.Error.Status)
		assert.NotEmpty(t, body.Error.Message)
		assert.NotEmpty(t, body.Error.Code)
		assert.Equal(t, test.kind, resp.Header.Get("X-Amzn-Errortype"))
		if test.kind != "" {
			assert.Equal(t, body.Error.Message, body.Message)
		} else {
			assert.Empty(t, body.Message)
		}
	}
}

// An error returned by a method of the server matches the client's error cases, as the response to the same call
// would.
func TestErrorsMatchTheClientsCases(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{Card: "4000 0000 0000 0002"})
	require.ErrorIs(t, err, lava.ErrPaymentDeclined)
	require.NotErrorIs(t, err, lava.ErrInsufficientCredits)
	_, err = s.CompleteCheckout(t.Context(), "none", mockserver.Checkout{})
	require.ErrorIs(t, err, lava.ErrNotFound)
}
