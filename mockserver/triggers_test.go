package mockserver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// plan returns the name of a customer's plan, as the API shows it.
func (s shop) planOf(t *testing.T) string {
	t.Helper()
	sub, err := s.client.Customers.RetrieveSubscription(t.Context(), s.customer)
	require.NoError(t, err)
	return sub.Plan.Name
}

// Each trigger has the same results in the API as the real event, and sends the same webhooks.
func TestTriggersOfCustomers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		r := &receiver{t: t}
		r.listen(s, hookURL)
		shop := openShop(t, s)
		now := s.Now()

		require.NoError(t, s.Trigger(mockserver.UseUpCredits, shop.customer))
		require.Equal(t, "0", shop.credits(t).TotalRemaining.String())
		require.Equal(t, 402, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)

		require.NoError(t, s.Trigger(mockserver.RenewNow, shop.customer))
		require.Equal(t, "25", shop.credits(t).TotalRemaining.String())
		require.Equal(t, 200, sendAs(t, s, shop.token(t), "POST", chatPath, chatBody).status)

		require.NoError(t, s.Trigger(mockserver.ExpireCard, shop.customer))
		require.NoError(t, s.Trigger(mockserver.RenewNow, shop.customer))
		require.Equal(t, "Free", shop.planOf(t))
		payments := s.Payments()
		require.Equal(t, "expired_card", payments[len(payments)-1].DeclineReason)

		require.NoError(t, s.Settle(t.Context()))
		require.Equal(t, now, s.Now(), "the clock does not move")
		events := r.types()
		require.Equal(t, lava.EventCustomerBalanceUpdated, events[len(events)-1])
		require.Equal(t, "Free", r.events[len(events)-1].Customer.Subscription.Name)
	})
}

func TestCancelNow(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	require.NoError(t, s.Trigger(mockserver.CancelNow, shop.customer))
	require.Equal(t, "Free", shop.planOf(t))
	cancelled, err := shop.client.Subscriptions.List(t.Context(), lava.ListSubscriptionsParams{Status: lava.SubscriptionCancelled, CustomerID: shop.customer})
	require.NoError(t, err)
	require.Len(t, cancelled.Data, 1)
	require.Equal(t, s.Now(), cancelled.Data[0].CancelledAt)
}

func TestDeclines(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	s.Decline(mockserver.Decline{Customer: shop.customer, Purpose: mockserver.PaymentRenewal, After: 1, Times: 1, Reason: "insufficient_funds"})
	require.NoError(t, s.Trigger(mockserver.RenewNow, shop.customer))
	require.Equal(t, "Pro", shop.planOf(t))
	require.NoError(t, s.Trigger(mockserver.RenewNow, shop.customer))
	require.Equal(t, "Free", shop.planOf(t))

	other, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	require.Contains(t, panicOf(func() { other.Decline(mockserver.Decline{Reason: "bad_luck"}) }), `reason: "bad_luck" is not one of "card_declined"`)
}

func TestChangeCard(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	require.ErrorContains(t, s.ChangeCard(shop.customer, "4111 1111 1111 1111"), "only test cards work here")
	require.ErrorContains(t, s.ChangeCard("nobody", "4242 4242 4242 4242"), `no customer "nobody"`)
	require.NoError(t, s.ChangeCard(shop.customer, "4000 0000 0000 0341"))
	require.NoError(t, s.Trigger(mockserver.RenewNow, shop.customer))
	require.Equal(t, "Free", shop.planOf(t))
}

func TestTriggersOfKeysAndWallets(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	chat := func(key string) (int, string) {
		a := sendAs(t, s, key, "POST", "/v1/chat/completions", chatBody)
		if a.status == 200 {
			return 200, ""
		}
		return a.status, a.object(t)["error"].(map[string]any)["code"].(string)
	}
	for what, want := range map[mockserver.Trigger]struct {
		status int
		code   string
	}{
		mockserver.ReachSpendLimit:   {402, "spend_limit_exceeded"},
		mockserver.ReachRequestLimit: {429, "rate_limit_exceeded"},
		mockserver.PauseKey:          {403, "key_paused"},
		mockserver.RevokeKey:         {401, "authentication_failed"},
	} {
		key := send(t, s, "POST", "/v1/spend_keys", `{"name":"k","spend_limit":{"amount":"5","cycle":"daily"},"request_limit":{"count":3,"cycle":"daily"}}`).object(t)
		secret := key["key"].(string)
		status, _ := chat(secret)
		require.Equal(t, 200, status)
		require.NoError(t, s.Trigger(what, key["spend_key_id"].(string)))
		status, code := chat(secret)
		require.Equal(t, want.status, status, what)
		require.Equal(t, want.code, code, what)
	}
	require.NoError(t, s.Trigger(mockserver.EmptyWallet, ""))
	require.Equal(t, "0.00", send(t, s, "GET", "/v1/wallet", "").object(t)["balance"])
	status, code := chat(s.SecretKey())
	require.Equal(t, 402, status)
	require.Equal(t, "insufficient_balance", code)
}

func TestExpireSession(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	require.NoError(t, s.Trigger(mockserver.ExpireSession, session.CheckoutSessionID))
	_, err = s.CompleteCheckout(t.Context(), session.CheckoutSessionID, mockserver.Checkout{})
	var rejected *mockserver.Error
	require.ErrorAs(t, err, &rejected)
	require.Equal(t, 410, rejected.Status)
}

func TestTriggersOfNonsense(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	require.ErrorContains(t, s.Trigger("renew", "x"), `there is no trigger "renew"; did you mean "renew_now"?`)
	require.ErrorContains(t, s.Trigger(mockserver.ReachSpendLimit, "spk_test_1"), `no spend key "spk_test_1"`)
	require.ErrorContains(t, s.Trigger(mockserver.RenewNow, ""), "object: is required: the id of the object of renew_now")
	require.ErrorContains(t, s.Trigger(mockserver.EmptyWallet, "ada"), `object: leave out "ada": the wallet belongs to the merchant`)
	key, err := s.Client().SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{Name: "App"})
	require.NoError(t, err)
	require.NoError(t, s.Trigger(mockserver.RevokeKey, key.SpendKeyID))
	require.ErrorContains(t, s.Trigger(mockserver.RevokeKey, key.SpendKeyID), "this spend key was already revoked, or it is not this merchant's")
	other := s.NewMerchant()
	shop := openShop(t, s)
	require.ErrorContains(t, other.Trigger(mockserver.RenewNow, shop.customer), "no customer", "it belongs to another merchant")
}

// The table of control operations lists all triggers.
func TestControlOfTriggers(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	for _, v := range send(t, s, "GET", "/_mock/", "").object(t)["data"].([]any) {
		if v.(map[string]any)["name"] != "triggers.run" {
			continue
		}
		var names []mockserver.Trigger
		for _, name := range v.(map[string]any)["arguments"].([]any)[0].(map[string]any)["allowed"].([]any) {
			names = append(names, mockserver.Trigger(name.(string)))
		}
		require.Equal(t, mockserver.Triggers(), names)
	}
	require.Equal(t, 200, send(t, s, "POST", "/_mock/declines?purpose=renewal&times=1", "").status)
	require.Equal(t, 200, send(t, s, "POST", "/_mock/trigger?what=renew_now&object="+shop.customer, "").status)
	require.Equal(t, "Free", shop.planOf(t))
	require.Equal(t, 400, send(t, s, "POST", "/_mock/trigger?what=renew&object="+shop.customer, "").status)
	require.Equal(t, 200, send(t, s, "POST", "/_mock/customers/"+shop.customer+"/card", `{"card":"4000000000000002"}`).status)

	require.Equal(t, 200, send(t, s, "POST", "/_mock/failures", `{"endpoint":"meters.list","status":503,"times":1,"retry_after":"2s"}`).status)
	require.Len(t, send(t, s, "GET", "/_mock/failures/unused", "").object(t)["data"], 1)
	require.Equal(t, "2", send(t, s, "GET", "/v1/meters", "").header.Get("Retry-After"))
	require.Empty(t, send(t, s, "GET", "/_mock/failures/unused", "").object(t)["data"])
	require.Equal(t, 400, send(t, s, "POST", "/_mock/webhook_failures", `{"kind":"lost"}`).status)
	require.Equal(t, 200, send(t, s, "POST", "/_mock/webhook_failures", `{"kind":"delayed","delay":"1d"}`).status)
	require.Equal(t, 200, send(t, s, "DELETE", "/_mock/failures", "").status)
	require.Empty(t, s.Unused())
}
