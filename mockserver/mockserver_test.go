package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// onBoth runs a test on a port and in memory: nothing may depend on the difference.
func onBoth(t *testing.T, test func(t *testing.T, s *mockserver.Server), opts ...mockserver.Option) {
	t.Helper()
	for name, more := range map[string][]mockserver.Option{"tcp": nil, "in memory": {mockserver.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, mockserver.Start(t, slices.Concat(opts, more)...))
		})
	}
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// answer is the response to an HTTP request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// object decodes a response that is a JSON object.
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

// shop is a server with a meter, a plan, and a customer on it.
type shop struct {
	*mockserver.Server
	client   *lava.Client
	meter    *lava.Meter
	plan     *lava.Plan
	customer string
}

// openShop charges a dollar per request, on a plan of 49.00 with 25.00 credit.
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

// token returns a forward token that charges the customer.
func (s shop) token(t *testing.T) string {
	t.Helper()
	token, err := s.client.GenerateForwardToken(lava.ForCustomer{CustomerID: s.customer, MeterSlug: s.meter.MeterSlug})
	require.NoError(t, err)
	return token.Reveal()
}

func (s shop) credits(t *testing.T) lava.SubscriptionCredits {
	t.Helper()
	sub, err := s.client.Customers.RetrieveSubscription(t.Context(), s.customer)
	require.NoError(t, err)
	return sub.Credits
}

const (
	chatURL  = "https://api.openai.com/v1/chat/completions"
	chatPath = "/v1/forward?u=" + chatURL
	chatBody = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Why is the sky blue?"}]}`
)

// method is a client method, called against the mock server.
type method struct {
	// good succeeds and checks the result. It returns its first error, so that it can also be tried without a valid
	// key.
	good func(t *testing.T, c *lava.Client, s *account) error
	// bad are calls that the API rejects.
	bad []badCall
	// open methods need no key.
	open bool
}

// methods are methods by name, such as "Meters.Create".
type methods map[string]method

type badCall struct {
	name   string
	call   func(ctx context.Context, s *account) error
	is     error
	status int
	code   string
	param  string
}

// allMethods are all methods of the client.
func allMethods() methods {
	all := methods{}
	for _, table := range []methods{
		meterMethods, planMethods, creditBundleMethods, customerMethods, subscriptionMethods, checkoutMethods, requestMethods, usageMethods,
		webhookMethods, secretKeyMethods, spendKeyMethods, walletMethods, fallbackMethods, modelMethods, gatewayMethods, rawMethods,
	} {
		maps.Copy(all, table)
	}
	return all
}

// only returns the error and drops the result.
func only[T any](_ T, err error) error { return err }

// count iterates to the end and checks the number of items.
func count[T any](t *testing.T, want int, walk func(func(T, error) bool)) error {
	t.Helper()
	n := 0
	for _, err := range walk {
		if err != nil {
			return err
		}
		n++
	}
	require.Equal(t, want, n)
	return nil
}

// length iterates to the end and returns the number of items.
func length[T any](t *testing.T, walk func(func(T, error) bool)) int {
	t.Helper()
	n := 0
	for _, err := range walk {
		require.NoError(t, err)
		n++
	}
	return n
}

// last iterates to the end and returns the error, if any.
func last[T any](walk func(func(T, error) bool)) error {
	for _, err := range walk {
		if err != nil {
			return err
		}
	}
	return nil
}

// account is a server with one object of each kind.
type account struct {
	*mockserver.Server
	*lava.Client
	meter        *lava.Meter
	plan         *lava.Plan
	customer     string // the id; the reference id is "user_42"
	subscription string
	bundle       string
	request      string
	webhook      string
	spendKey     string
	secretKey    string
	paymentCard  string
}

func stock(t *testing.T, server *mockserver.Server) *account {
	t.Helper()
	s, ctx := &account{Server: server, Client: server.Client()}, t.Context()
	var err error
	s.meter, err = s.Meters.Create(ctx, lava.CreateMeterParams{
		Name: "Chat", MeterSlug: "chat", RateType: lava.RateFixed, TierType: lava.TierTokens1M,
		Tiers: []lava.MeterTierParams{{Rate: dec("3")}},
	})
	require.NoError(t, err)
	s.plan, err = s.Subscriptions.CreatePlan(ctx, lava.CreatePlanParams{
		Name: "Pro", PeriodAmount: dec("49"), BillingInterval: lava.IntervalMonth, IncludedCredit: lava.Set(dec("25")),
		CreditBundles: []lava.PlanCreditBundleParams{{Name: "Booster", Cost: dec("10"), CreditAmount: dec("12")}},
	})
	require.NoError(t, err)
	s.bundle = s.plan.CreditBundles[0].CreditBundleID
	session, err := s.CheckoutSessions.Create(ctx, lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: s.plan.PlanID,
	})
	require.NoError(t, err)
	s.customer, err = s.CompleteCheckout(ctx, session.CheckoutSessionID, mockserver.Checkout{})
	require.NoError(t, err)
	_, err = s.Customers.Update(ctx, s.customer, lava.UpdateCustomerParams{ReferenceID: lava.Set("user_42"), Name: lava.Set("Ada Lovelace")})
	require.NoError(t, err)
	subscription, err := s.Customers.RetrieveSubscription(ctx, s.customer)
	require.NoError(t, err)
	s.subscription = subscription.SubscriptionID
	request, err := s.Requests.Create(ctx, lava.CreateRequestParams{
		RequestID: "r1", CustomerID: "user_42", MeterSlug: "chat", InputTokens: 1000, Metadata: map[string]string{"team": "a"},
	})
	require.NoError(t, err)
	s.request = request.RequestID
	webhook, err := s.Webhooks.Create(ctx, lava.CreateWebhookParams{Name: "Hook", URL: "https://app.example.com/hook"})
	require.NoError(t, err)
	s.webhook = webhook.WebhookID
	require.NoError(t, s.HandleWebhooks("https://app.example.com", lava.NewWebhookHandler("unknown", nil)), "no delivery leaves this process")
	spendKey, err := s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "CI"})
	require.NoError(t, err)
	s.spendKey = spendKey.SpendKeyID
	secretKeys, err := s.SecretKeys.List(ctx, lava.ListSecretKeysParams{})
	require.NoError(t, err)
	s.secretKey = secretKeys.Data[0].SecretKeyID
	methods, err := s.PaymentMethods.List(ctx)
	require.NoError(t, err)
	s.paymentCard = methods[0].PaymentMethodID
	return s
}

func TestMethods(t *testing.T) {
	t.Parallel()
	for name, method := range allMethods() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, s *mockserver.Server) {
				account := stock(t, s)
				require.NoError(t, method.good(t, account.Client, account))
			})
		})
	}
}

// Each error has the status, code, parameter, and request id.
func TestRejections(t *testing.T) {
	t.Parallel()
	for name, m := range allMethods() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := stock(t, mockserver.Start(t, mockserver.InMemory()))
			if !m.open {
				m.bad = append(m.bad, badCall{
					"a wrong key", func(_ context.Context, s *account) error { return m.good(t, stranger(t, s), s) },
					lava.ErrUnauthorized, 401, "authentication_failed", "",
				})
			}
			for _, bad := range m.bad {
				t.Run(bad.name, func(t *testing.T) {
					err := bad.call(t.Context(), s)
					require.ErrorIs(t, err, bad.is)
					var failed *lava.Error
					require.ErrorAs(t, err, &failed)
					assert.Equal(t, bad.status, failed.Status)
					assert.Equal(t, bad.code, failed.Code)
					assert.Equal(t, bad.param, failed.Param)
					assert.NotEmpty(t, failed.Message)
					assert.Contains(t, failed.Message, bad.param)
					assert.NotEmpty(t, failed.RequestID)
					assert.Equal(t, 1, failed.Attempts)
				})
			}
		})
	}
}

// stranger returns a client with a key that the mock doesn't know.
func stranger(t *testing.T, s *account) *lava.Client {
	t.Helper()
	client, err := lava.New(lava.WithSecretKey("aks_test_of_nobody"), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
	require.NoError(t, err)
	return client
}

// Every method that calls the API is in the tables.
func TestMethodsAreComplete(t *testing.T) {
	t.Parallel()
	var want []string
	client := reflect.TypeFor[lava.Client]()
	for i := range client.NumField() {
		field := client.Field(i)
		if !field.IsExported() || !strings.HasSuffix(field.Type.String(), "Service") {
			continue
		}
		for j := range field.Type.NumMethod() {
			want = append(want, field.Name+"."+field.Type.Method(j).Name)
		}
	}
	want = append(want, "Do", "Gateway", "GatewayStream")
	require.ElementsMatch(t, want, slices.Collect(maps.Keys(allMethods())))
}
