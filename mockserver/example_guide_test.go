package mockserver_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The snippets of docs/testing.md are parts of these tests.

func TestGuideFirst(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t) // its own port, its own state
	client := s.Client()     // signed in
	// … create meters and plans with client, as your set-up code does
	_, err := client.Meters.List(t.Context(), lava.ListMetersParams{})
	require.NoError(t, err)
}

func TestGuideCustomers(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	plan := openShop(t, s).plan
	ctx, client := t.Context(), s.Client()
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
	})
	require.NoError(t, err)
	customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{
		Phone: "+15551230000",        // the same phone later is the same customer
		Card:  "4000 0000 0000 0341", // works now, is declined at the renewal
	})
	require.NoError(t, err)
	require.NotEmpty(t, customer)

	near, err := s.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
	require.NotEmpty(t, near.CustomerID)
}

func TestGuideTime(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)))
	openShop(t, s)
	due, ok := s.NextDue()                   // a renewal on February 28
	events := s.Advance(31 * 24 * time.Hour) // it has happened
	require.True(t, ok)
	require.Equal(t, mockserver.DueRenewal, due.Kind)
	require.Len(t, events, 1)
}

func TestGuideScript(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Script(
		mockserver.Reply{Times: 1, Status: 429},
		mockserver.Reply{PromptContains: "sky", Text: "Rayleigh scattering.", Usage: &mockserver.ReportedUsage{InputTokens: 1000, OutputTokens: 500}},
		mockserver.Reply{Func: func(c mockserver.ProviderCall) (mockserver.Reply, bool) {
			return mockserver.Reply{Text: "You said: " + c.LastUserText()}, true
		}},
	)
	for _, tt := range []struct{ prompt, want string }{{"Hi", "error"}, {"Why is the sky blue?", "Rayleigh"}, {"Hello", "You said: Hello"}} {
		a := send(t, s, "POST", "/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"`+tt.prompt+`"}]}`)
		require.Contains(t, string(a.body), tt.want)
	}
	calls := s.ProviderCalls()
	require.Equal(t, "api.openai.com", calls[0].Host)
	require.Equal(t, "Hello", calls[len(calls)-1].LastUserText())
}

func TestGuideWebhooks(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	ctx, client := t.Context(), s.Client()
	handleEvent := func(context.Context, lava.WebhookEvent) error { return nil }
	webhook, err := client.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/lava"})
	require.NoError(t, err)
	err = s.HandleWebhooks("https://app.example.com", lava.NewWebhookHandler(webhook.Secret.Reveal(), handleEvent))
	require.NoError(t, err)
	// … use the API
	err = s.Settle(ctx) // every delivery that is due has been made
	require.NoError(t, err)
}

func TestGuideTenants(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	tenant := s.NewMerchant()
	client := tenant.Client()
	// … the tenant's tests
	tenant.Reset()
	_, err := client.Meters.List(t.Context(), lava.ListMetersParams{})
	require.NoError(t, err)
}

func TestGuideLateRecords(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.RecordDelay(time.Second))
	shop := openShop(t, s)
	ctx, client := t.Context(), shop.client
	id := sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).header.Get("X-Lava-Request-Id")
	_, err := client.Requests.Retrieve(ctx, id) // errors.Is(err, lava.ErrNotFound)
	require.ErrorIs(t, err, lava.ErrNotFound)
	s.Advance(2 * time.Second)
	record, err := client.Requests.Retrieve(ctx, id) // lava.RequestCompleted
	require.NoError(t, err)
	require.Equal(t, lava.RequestCompleted, record.Status)
}
