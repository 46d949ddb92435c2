package dashboard_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
	"github.com/lavapayments/lava-go/mockserver/dashboard"
)

// A receiver rejects a delivery: the page says why it probably did, and whether a secret is the right one.
func TestARejectedDelivery(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, client := t.Context(), s.Client()
	webhook, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
	require.NoError(t, err)
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "invalid signature", http.StatusForbidden)
	})))
	for range 2 {
		_, err = client.Customers.Create(ctx, lava.CreateCustomerParams{})
		require.NoError(t, err)
	}
	require.NoError(t, s.Settle(ctx))
	all := s.Deliveries()
	rejected, waiting := "deliveries/"+all[0].ID, "deliveries/"+all[1].ID
	secret := webhook.Secret.Reveal()

	page := get(t, s, rejected)
	require.Contains(t, text(page), "its secret is not the webhook")
	require.Contains(t, text(page), "CSRF")
	require.Contains(t, text(page), "X-Webhook-Signature: "+lava.SignWebhook(all[0].Body, secret))
	require.Contains(t, text(page), "lava.ConstructEvent(body, r.Header.Get(lava.WebhookSignatureHeader), secret)")
	require.Contains(t, get(t, s, "webhooks"), `href="`+dashboard.Path+rejected+`"`)
	require.Contains(t, text(get(t, s, "webhooks")), "its secret is not the webhook")
	require.Contains(t, get(t, s, waiting), `href="`+dashboard.Path+rejected+`">It waits behind`)

	check := func(page, secret string) string {
		w := ask(t, s, "POST", dashboard.Path+page, url.Values{"secret": {secret}})
		require.Equal(t, 200, w.Code)
		require.NotContains(t, w.Body.String(), secret)
		return text(w.Body.String())
	}
	require.Contains(t, check(rejected, secret), "The secret is right.")
	require.Contains(t, check(rejected, "whsec_of_another"), "The secret is wrong.")
	require.Contains(t, check(waiting, secret), "Nothing was sent to compare it with.")

	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookWrongSignature, Times: 1})
	require.NoError(t, s.Resend(all[0].ID))
	require.NoError(t, s.Settle(ctx))
	page = text(get(t, s, rejected))
	require.Contains(t, page, "nothing is wrong with the receiver: a test armed this failure, wrong signature")
	require.Contains(t, page, "armed: wrong signature")
	require.NotContains(t, page, "its secret is not the webhook")
	require.Contains(t, check(rejected, secret), "The secret is right.", "by the attempt before")
}
