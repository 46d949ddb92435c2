package lava_test

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// mockMethod is a method, called against the mock server.
type mockMethod struct {
	// good succeeds, and asserts what came of it. It returns its first error,
	// so that it can be tried without a valid key too.
	good func(t *testing.T, c *lava.Client, s *shop) error
	// bad are calls that the API refuses.
	bad []badCall
	// open methods need no key.
	open bool
}

type badCall struct {
	name   string
	call   func(ctx context.Context, s *shop) error
	is     error
	status int
	code   string
	param  string
}

// only drops a result.
func only[T any](_ T, err error) error { return err }

// count walks to the end and checks how many items there are.
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

// length walks to the end and returns how many items there are.
func length[T any](t *testing.T, walk func(func(T, error) bool)) int {
	t.Helper()
	n := 0
	for _, err := range walk {
		require.NoError(t, err)
		n++
	}
	return n
}

var mockMethods = merge(mockCatalog, mockCustomers, mockUsage, mockAccount, mockKeys, mockGateway)

func merge(all ...map[string]mockMethod) map[string]mockMethod {
	out := map[string]mockMethod{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}

// shop is a mock with something of each kind in it.
type shop struct {
	*mockserver.Server
	*lava.Client
	meter        *lava.Meter
	plan         *lava.Plan
	customer     string // its id; the reference id is "user_42"
	subscription string
	bundle       string
	request      string
	webhook      string
	spendKey     string
	secretKey    string
	paymentCard  string
}

func openShop(t *testing.T, opts ...mockserver.Option) *shop {
	t.Helper()
	server := mockserver.Start(t, opts...)
	s, ctx := &shop{Server: server, Client: server.Client()}, t.Context()
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
	subscription, err := s.Customers.GetSubscription(ctx, s.customer)
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
	s.HandleInProcess(t)
	spendKey, err := s.SpendKeys.Create(ctx, lava.CreateSpendKeyParams{Name: "CI"})
	require.NoError(t, err)
	s.spendKey = spendKey.SpendKeyID
	secretKeys, err := s.SecretKeys.List(ctx, lava.PaginationParams{})
	require.NoError(t, err)
	s.secretKey = secretKeys.Data[0].SecretKeyID
	methods, err := s.PaymentMethods.List(ctx)
	require.NoError(t, err)
	s.paymentCard = methods.Data[0].PaymentMethodID
	return s
}

// HandleInProcess lets no delivery of a webhook leave this process.
func (s *shop) HandleInProcess(t *testing.T) {
	t.Helper()
	require.NoError(t, s.HandleWebhooks("https://app.example.com", lava.NewWebhookHandler("unknown", nil)))
}

func TestMethods(t *testing.T) {
	for name, opts := range map[string][]mockserver.Option{"tcp": nil, "in memory": {mockserver.InMemory()}} {
		t.Run(name, func(t *testing.T) {
			for _, method := range slices.Sorted(maps.Keys(mockMethods)) {
				t.Run(method, func(t *testing.T) {
					s := openShop(t, opts...)
					require.NoError(t, mockMethods[method].good(t, s.Client, s))
				})
			}
		})
	}
}

// Each refusal says what it is about: status, code, parameter, request.
func TestRefusals(t *testing.T) {
	for _, method := range slices.Sorted(maps.Keys(mockMethods)) {
		t.Run(method, func(t *testing.T) {
			m, s := mockMethods[method], openShop(t, mockserver.InMemory())
			if !m.open {
				m.bad = append(m.bad, badCall{
					"a wrong key", func(_ context.Context, s *shop) error { return m.good(t, stranger(t, s), s) },
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
					assert.NotEmpty(t, failed.RequestID)
					assert.Equal(t, 1, failed.Attempts)
				})
			}
		})
	}
}

// stranger is a client with a key that the mock does not know.
func stranger(t *testing.T, s *shop) *lava.Client {
	t.Helper()
	client, err := lava.New(lava.WithSecretKey("aks_test_of_nobody"), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()))
	require.NoError(t, err)
	return client
}

// Every method that calls the API is in the tables.
func TestMethodsAreComplete(t *testing.T) {
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
	require.ElementsMatch(t, want, slices.Collect(maps.Keys(mockMethods)))
}

// What the tables can't show: codes of a login, and empty wallets.
func TestRefusedLoginCodes(t *testing.T) {
	s := openShop(t)
	for code, want := range map[string]error{"": lava.ErrInvalidRequest, "made up": lava.ErrUnauthorized} {
		_, err := lava.ExchangeAuthCode(t.Context(), lava.ExchangeAuthCodeParams{Code: code, BaseURL: s.URL()})
		require.ErrorIs(t, err, want)
		var failed *lava.Error
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "code", failed.Param)
	}
}

func TestEmptyWallet(t *testing.T) {
	s := openShop(t, mockserver.InMemory(), mockserver.WalletBalance(dec("0")))
	params := lava.GatewayRequestParams{BillTo: lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat"}, Body: chat(false)}
	_, err := s.Gateway(t.Context(), chatURL, params)
	require.ErrorIs(t, err, lava.ErrInsufficientBalance)
	require.NotErrorIs(t, err, lava.ErrInsufficientCredits)

	params.BillTo = lava.ForCustomer{CustomerID: "user_42", MeterSlug: "chat", ProviderKey: "sk-mine"}
	_, err = s.Gateway(t.Context(), chatURL, params)
	require.NoError(t, err, "an own key does not need the wallet")
}

func TestRateLimitOfTheMock(t *testing.T) {
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.EnforceRateLimit())
	client, err := lava.New(
		lava.WithSecretKey(s.SecretKey()), lava.WithBaseURL(s.URL()), lava.WithHTTPClient(s.HTTPClient()), lava.WithMaxRetries(0),
	)
	require.NoError(t, err)
	for range 1000 {
		require.NoError(t, only(client.Wallet.Retrieve(t.Context())))
	}
	var failed *lava.Error
	require.ErrorAs(t, only(client.Wallet.Retrieve(t.Context())), &failed)
	require.ErrorIs(t, failed, lava.ErrRateLimited)
	require.Positive(t, failed.RetryAfter)
}
