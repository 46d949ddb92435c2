package docs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The snippets of errors.md, gateway.md, time.md and webhooks.md are parts of the following code; those of plans.md
// are in plans_test.go.

func explain(err error) (text string, again bool) {
	switch failed := lava.AsError(err); {
	case errors.Is(failed, lava.ErrInsufficientCredits):
		return "You have used up your credit. Top up to go on.", false
	case errors.Is(failed, lava.ErrInsufficientBalance), errors.Is(failed, lava.ErrSpendLimitExceeded), errors.Is(failed, lava.ErrUnauthorized):
		return "Something is wrong on our side. We have been notified.", false // page someone: see below
	case errors.Is(failed, lava.ErrProvider) && failed.Status == http.StatusBadRequest:
		return "The model can't handle this input.", false
	case errors.Is(failed, lava.ErrProvider), errors.Is(failed, lava.ErrRateLimited), errors.Is(failed, lava.ErrServer):
		return "The model is busy. Try again in a moment.", true
	case errors.Is(err, context.Canceled):
		return "", false // the user has canceled
	default:
		return "The connection failed. Try again.", true
	}
}

var hello = map[string]any{"model": "gpt-4o-mini", "messages": []map[string]string{{"role": "user", "content": "Say hello."}}}

// The failures that errors.md arms are explained as errors.md says.
func TestErrorsAreExplained(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	client := s.Client()
	s.Fail(mockserver.Failure{Endpoint: "gateway.forward", Status: 402, Code: "insufficient_balance", Times: 1})
	s.Script(mockserver.Reply{Status: 529, Times: 1}, mockserver.Reply{Fault: mockserver.CutAfter(3), Times: 1})
	broke, err := s.Scenario(mockserver.OutOfCredit)
	require.NoError(t, err)
	for _, tt := range []struct {
		payer lava.Payer
		text  string
		again bool
	}{
		{nil, "Something is wrong on our side. We have been notified.", false},
		{nil, "The model is busy. Try again in a moment.", true},
		{nil, "The model is busy. Try again in a moment.", true}, // the stream broke off
		{lava.ForCustomer{CustomerID: broke.CustomerID, MeterSlug: broke.MeterSlug}, "You have used up your credit. Top up to go on.", false},
	} {
		_, err := client.Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Payer: tt.payer, Body: hello})
		text, again := explain(err)
		require.Equal(t, tt.text, text, "%v", err)
		require.Equal(t, tt.again, again)
	}
}

// The mock features shown in the README.
func TestReadme(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	near, err := s.Scenario(mockserver.NearLimit) // a customer with a dollar left
	require.NoError(t, err)
	s.Script(mockserver.Reply{Times: 1, Status: 429})                               // the provider is busy, once
	s.Fail(mockserver.Failure{Endpoint: "customers.create", Times: 2, Status: 503}) // Lava is, twice
	_, err = s.Client().Customers.Create(t.Context(), lava.CreateCustomerParams{})
	require.NoError(t, err)
	payer := lava.ForCustomer{CustomerID: near.CustomerID, MeterSlug: near.MeterSlug}
	_, err = s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Payer: payer, Body: hello})
	require.ErrorIs(t, err, lava.ErrProvider)
}

//nolint:paralleltest // it sets the environment
func TestObservability(t *testing.T) {
	mockserver.Start(t).Setenv(t)
	client, err := lava.New(lava.WithLogger(slog.Default()))
	require.NoError(t, err)
	_, err = client.Wallet.Retrieve(t.Context())
	require.NoError(t, err)
}

// A call whose response was lost is retried with its own key, and creates only one customer.
func TestKeysOfLostCalls(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Fail(mockserver.Failure{Endpoint: "customers.create", At: mockserver.AfterEffect, Cut: true, Times: 1})
	client, params := s.Client(), lava.CreateCustomerParams{Name: "Ada Lovelace"}
	create := func(ctx context.Context) error {
		_, err := client.Customers.Create(ctx, params)
		if failed := lava.AsError(err); failed != nil && failed.Status == 0 {
			ctx = lava.ContextWithIdempotencyKey(ctx, failed.IdempotencyKey)
			_, err = client.Customers.Create(ctx, params)
		}
		return err
	}
	require.NoError(t, create(t.Context()))
	customers, err := client.Customers.List(t.Context(), lava.ListCustomersParams{})
	require.NoError(t, err)
	require.Len(t, customers.Data, 1)
}

func TestStreamsThatFail(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	s.Script(mockserver.Reply{Text: "one two three four five", Fault: mockserver.CutAfter(3)})
	ctx, client := t.Context(), s.Client()
	params := lava.GatewayParams{Body: map[string]any{"model": "gpt-4o-mini", "stream": true, "messages": hello["messages"]}}
	shown, warning := 0, ""
	show := func([]byte) { shown++ }
	warn := func(text string) { warning = text }
	for event, err := range client.GatewayStream(ctx, "https://api.openai.com/v1/chat/completions", params) {
		switch {
		case errors.Is(err, lava.ErrStreamCut): // it ended without its last event
			warn("The response is incomplete.")
		case errors.Is(err, lava.ErrStreamIdle): // no data for IdleTimeout
			warn("The model has stopped responding.")
		case err != nil: // refused, or the provider reported an error within the stream
			text, _ := explain(err)
			warn(text)
		default:
			show(event.Data)
		}
	}
	require.Equal(t, "The response is incomplete.", warning)
	require.Positive(t, shown)
}

func TestGateway(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	ctx, client, chatRequest := t.Context(), s.Client(), map[string]any{"model": "claude-sonnet-4-5", "messages": hello["messages"]}
	shop, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	customerID, meterSlug, start := shop.CustomerID, shop.MeterSlug, s.Now().Add(-time.Hour)
	ctx = lava.ContextWithMetadata(ctx, map[string]string{"feature": "summary", "team": "red"})
	s.Script(mockserver.Reply{Provider: "anthropic", Status: 529, Times: 1})
	response, err := client.Gateway(ctx, "https://api.anthropic.com/v1/messages", lava.GatewayParams{
		Format: lava.FormatOpenAI,
		Body:   chatRequest, // as OpenAI takes it, with Anthropic's model
		Fallbacks: []lava.Fallback{
			{URL: "https://api.openai.com/v1", Model: "gpt-4o-mini"},
		},
	})
	require.NoError(t, err)
	record, err := client.Requests.Retrieve(ctx, response.Header().Get("X-Lava-Request-Id"))
	require.NoError(t, err)
	require.Equal(t, "openai", record.Provider)

	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
		Start:           start,
		MetadataFilters: map[string]string{"feature": "summary"},
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, usage.Totals.TotalRequests)

	report := func() error {
		_, err := client.Requests.Create(ctx, lava.CreateRequestParams{
			RequestID:    "job-7/page-12",
			CustomerID:   customerID,
			MeterSlug:    meterSlug,
			OutputTokens: 480,
		})
		return err
	}
	require.NoError(t, report())
	require.NoError(t, report())
	sub, err := client.Customers.RetrieveSubscription(ctx, customerID)
	require.NoError(t, err)
	require.Equal(t, "24", sub.Credits.TotalRemaining.String(), "one dollar, charged once")
}

func TestOwnKey(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-the-customer")
	s := mockserver.Start(t)
	shop, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	customerID := shop.CustomerID
	payer := lava.ForCustomer{
		CustomerID:  customerID,
		MeterSlug:   "chat",
		ProviderKey: lava.NewSecret(os.Getenv("OPENAI_API_KEY")),
	}
	payer.MeterSlug = shop.MeterSlug
	response, err := s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{Payer: payer, Body: hello})
	require.NoError(t, err)
	record, err := s.Client().Requests.Retrieve(t.Context(), response.Header().Get("X-Lava-Request-Id"))
	require.NoError(t, err)
	require.Equal(t, lava.ProviderKeyUnmanaged, record.ProviderKeyType)
	require.Equal(t, "1", record.Charge.Amount.String())
}

// customerStore represents an application's database.
type customerStore map[string]*lava.Customer

func (s customerStore) put(_ context.Context, c *lava.Customer) error {
	s[c.CustomerID] = c
	return nil
}

func (s customerStore) remove(_ context.Context, id string) error {
	delete(s, id)
	return nil
}

// A copy of the customers is correct regardless of the order of deliveries.
func TestWebhooksInProduction(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	client, store := s.Client(), customerStore{}
	webhook, err := client.Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "app", URL: "https://app.example.com/webhooks/lava"})
	require.NoError(t, err)
	secret, http := webhook.Secret.Reveal(), http.NewServeMux()
	handler := lava.NewWebhookHandler(secret, func(ctx context.Context, event lava.WebhookEvent) error {
		if event.Type == lava.EventCustomerDeleted {
			return store.remove(ctx, event.Customer.CustomerID)
		}
		customer, err := client.Customers.Retrieve(ctx, event.Customer.CustomerID)
		if err != nil {
			return err // 500: Lava delivers again
		}
		return store.put(ctx, customer)
	})
	http.Handle("POST /webhooks/lava", handler)
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http))

	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDuplicated})
	pro, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	s.Advance(time.Hour)
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, pro.PlanID, store[pro.CustomerID].Subscription.PlanID)

	clear(store)
	reconcile := func(ctx context.Context) error {
		for customer, err := range client.Customers.All(ctx, lava.ListCustomersParams{}) {
			if err != nil {
				return err
			}
			if err := store.put(ctx, &customer); err != nil {
				return err
			}
		}
		return nil
	}
	require.NoError(t, reconcile(t.Context()))
	require.Contains(t, store, pro.CustomerID)
}

// While a secret is being replaced, there are two handlers.
func TestTwoSecrets(t *testing.T) {
	t.Parallel()
	oldSecret, newSecret, http := "whsec_old_secret", "whsec_new_secret", http.NewServeMux()
	handled := 0
	handle := func(context.Context, lava.WebhookEvent) error { handled++; return nil }
	http.Handle("POST /webhooks/lava", lava.NewWebhookHandler(oldSecret, handle))
	http.Handle("POST /webhooks/lava-2", lava.NewWebhookHandler(newSecret, handle))
	body := []byte(`{"event":"customer.created","data":{"customer_id":"con_1"}}`)
	for path, secret := range map[string]string{"/webhooks/lava": oldSecret, "/webhooks/lava-2": newSecret} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", path, bytes.NewReader(body))
		r.Header.Set(lava.WebhookSignatureHeader, lava.SignWebhook(body, secret))
		w := httptest.NewRecorder()
		http.ServeHTTP(w, r)
		require.Equal(t, 200, w.Code)
	}
	require.Equal(t, 2, handled)
}

func TestTimeZones(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC)))
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	ada, err := s.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
	ctx, client, customerID, w := t.Context(), s.Client(), ada.CustomerID, new(strings.Builder)
	usage, err := client.Usage.Retrieve(ctx, lava.RetrieveUsageParams{
		Start:      time.Date(2026, 1, 1, 0, 0, 0, 0, berlin),
		End:        time.Date(2026, 1, 31, 23, 59, 59, 999_000_000, berlin),
		CustomerID: customerID,
	})
	require.NoError(t, err)
	for _, day := range usage.Items {
		fmt.Fprintln(w, day.Date, day.TotalCharge) // 2026-01-01, a day of Berlin
	}
	require.Len(t, usage.Items, 31)
	require.Zero(t, usage.Totals.TotalRequests, "in Berlin it is February")

	sub, err := client.Customers.RetrieveSubscription(ctx, customerID)
	require.NoError(t, err)
	fmt.Fprintln(w, "Renews on", sub.CycleEndAt.In(berlin).Format("January 2"))
	require.Contains(t, w.String(), "2026-01-31 0\nRenews on March 1\n")
	s.Advance(28 * 24 * time.Hour) // the renewal on February 28 has happened
	require.Len(t, s.Payments(), 2)
}
