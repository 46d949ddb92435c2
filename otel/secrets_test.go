package lavaotel_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/lavapayments/lava-go"
)

// Text planted wherever a credential, a prompt or a response travels never appears in what is recorded.
func TestNoSecretIsRecorded(t *testing.T) {
	t.Parallel()
	const planted = "hunter2" // as a provider's key, a prompt, and the model's response
	body := `{"id":"aks_live_hunter2","model":"lava_sk_hunter2","choices":[{"finish_reason":"aks_live_hunter2","message":{"content":"hunter2"}}],"usage":{"prompt_tokens":1}}`
	failure := `{"error":{"code":"aks_live_hunter2","type":"hunter2 is no key","message":"hunter2"}}`
	for _, response := range []transport{
		respond(http.StatusOK, jsonType, body), respond(http.StatusUnauthorized, jsonType, failure),
		respond(http.StatusOK, sseType, "data: "+body+"\n\ndata: "+failure+"\n\n"),
		func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("%s %s with %s", r.Method, r.URL, r.Header)
		},
	} {
		tel := newTelemetry()
		client := tel.client(t, response, lava.WithSecretKey("aks_test_hunter2"), lava.WithBaseURL("https://lava.test/hunter2/v1/"), lava.WithMaxRetries(0))
		params := lava.GatewayParams{
			Payer:     lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat", ProviderKey: lava.NewSecret(planted)},
			SetHeader: func(h http.Header) { h.Set("X-Api-Key", planted) },
			Metadata:  map[string]string{"key": planted},
			Fallbacks: []lava.Fallback{{URL: "https://api.openai.com/v1?key=hunter2", Model: "hunter2"}},
			Body:      map[string]any{"model": "aks_live_hunter2", "messages": planted, "user": planted},
			Format:    lava.FormatOpenAI,
		}
		_, _ = client.Gateway(t.Context(), chatURL+"?key="+planted, params)
		params.Format, params.Fallbacks = "", nil
		_, _ = client.Gateway(t.Context(), geminiURL+":generateContent?key="+planted, params)
		_, _ = client.Gateway(t.Context(), "https://generativelanguage.googleapis.com/v1beta/models/aks_live_hunter2:generateContent", params)
		for _, err := range client.GatewayStream(t.Context(), chatURL+"?key="+planted, params) {
			_ = err
		}
		ctx := lava.ContextWithIdempotencyKey(t.Context(), planted)
		_, _ = client.Customers.Create(ctx, lava.CreateCustomerParams{ReferenceID: planted, Email: planted})
		_, _ = client.Customers.Retrieve(ctx, planted)
		_, _ = client.Requests.List(ctx, lava.ListRequestsParams{CustomerID: planted, Cursor: planted})
		_ = client.Do(ctx, http.MethodGet, "unknown/"+planted, nil, nil)
		sdk, err := client.Transport(lava.TransportParams{})
		require.NoError(t, err)
		req := postRequest(t, messagesURL+"?access_token="+planted, `{"system":"hunter2"}`)
		req.Header.Set("X-Api-Key", planted)
		if resp, err := (&http.Client{Transport: sdk}).Do(req); err == nil {
			require.NoError(t, resp.Body.Close())
		}

		spans := tel.ended(t)
		assert.Len(t, spans, 9)
		assert.NotContains(t, fmt.Sprint(spans), planted)
		var metrics metricdata.ResourceMetrics
		require.NoError(t, tel.reader.Collect(t.Context(), &metrics))
		assert.NotContains(t, fmt.Sprintf("%+v", metrics), planted)
	}
}
