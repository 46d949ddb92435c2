package mockserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// onBoth runs a test on a port and in memory: nothing may depend on which it is.
func onBoth(t *testing.T, test func(t *testing.T, s *mockserver.Server), opts ...mockserver.Option) {
	t.Run("tcp", func(t *testing.T) { test(t, mockserver.Start(t, opts...)) })
	t.Run("in memory", func(t *testing.T) { test(t, mockserver.Start(t, append(opts, mockserver.InMemory())...)) })
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// answer is what an HTTP request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// object decodes an answer that is a JSON object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, json.Unmarshal(a.body, &v), "%s", a.body)
	return v
}

// send makes a request with the server's key, as any HTTP client would.
func send(t *testing.T, s *mockserver.Server, method, path, body string) answer {
	t.Helper()
	return sendAs(t, s, s.SecretKey(), method, path, body)
}

func sendAs(t *testing.T, s *mockserver.Server, key, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := s.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return answer{resp.StatusCode, resp.Header, data}
}

// shop is a server with a meter, a plan and a customer on it.
type shop struct {
	*mockserver.Server
	client   *lava.Client
	meter    *lava.Meter
	plan     *lava.Plan
	customer string
}

// openShop sells a dollar a request, on a plan of 49.00 with 25.00 credit.
func openShop(t *testing.T, s *mockserver.Server) shop {
	t.Helper()
	ctx, client := t.Context(), s.Client()
	meter, err := client.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Chat", RateType: lava.RateFixed, TierType: lava.TierRequests,
		Tiers: []lava.MeterTierParams{{Rate: dec("1")}},
	})
	require.NoError(t, err)
	plan, err := client.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Pro", PeriodAmount: dec("49"), BillingInterval: lava.IntervalMonth,
		IncludedCredit: lava.Set(dec("25")), MeterIDs: []string{meter.MeterID},
	})
	require.NoError(t, err)
	session, err := client.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: plan.PlanID,
	})
	require.NoError(t, err)
	customer, err := s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{Phone: "+15551234567"})
	require.NoError(t, err)
	return shop{Server: s, client: client, meter: meter, plan: plan, customer: customer}
}

// token is a forward token that charges the customer.
func (s shop) token(t *testing.T) string {
	t.Helper()
	token, err := s.client.GenerateForwardToken(lava.ForCustomer{CustomerID: s.customer, MeterSlug: s.meter.MeterSlug})
	require.NoError(t, err)
	return string(token)
}

func (s shop) credits(t *testing.T) lava.SubscriptionCredits {
	t.Helper()
	sub, err := s.client.Customers.GetSubscription(t.Context(), s.customer)
	require.NoError(t, err)
	return sub.Credits
}

const (
	chatPath = "/v1/forward?u=https://api.openai.com/v1/chat/completions"
	chatBody = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Why is the sky blue?"}]}`
)
