package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// What the API shows for a customer in each state.
func TestScenarios(t *testing.T) {
	t.Parallel()
	type state struct {
		plan           string
		cycle, bundle  string // remaining credit
		pending        lava.PendingChangeType
		cancelled      int    // cancelled subscriptions
		payments       string // the last payment
		chat           int    // the status of the next request, and of the one after it
		chatAfterwards int
	}
	want := map[mockserver.Scenario]state{
		mockserver.Subscribed:          {"Scenario Pro", "25", "0", "", 0, "subscription", 200, 200},
		mockserver.NearLimit:           {"Scenario Pro", "1", "0", "", 0, "subscription", 200, 402},
		mockserver.OutOfCredit:         {"Scenario Pro", "0", "0", "", 0, "subscription", 402, 402},
		mockserver.InDebt:              {"Scenario Pro", "-2", "0", "", 0, "subscription", 402, 402},
		mockserver.ToppedUp:            {"Scenario Pro", "0", "12", "", 0, "auto_top_up", 200, 200},
		mockserver.TopUpDeclined:       {"Scenario Pro", "0", "0", "", 0, "auto_top_up card_declined", 402, 402},
		mockserver.PendingDowngrade:    {"Scenario Pro", "25", "0", lava.PendingDowngrade, 0, "subscription", 200, 200},
		mockserver.PendingCancellation: {"Scenario Pro", "25", "0", lava.PendingCancellation, 0, "subscription", 200, 200},
		mockserver.Cancelled:           {"Free", "0", "0", "", 1, "subscription", 402, 402},
		mockserver.DeclinedRenewal:     {"Free", "0", "0", "", 1, "renewal card_declined", 402, 402},
	}
	require.Len(t, want, len(mockserver.Scenarios()))
	for _, name := range mockserver.Scenarios() {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.InMemory())
			now := s.Now()
			c, err := s.Scenario(name)
			require.NoError(t, err)
			require.Equal(t, now, s.Now(), "time does not pass for others")

			client := s.Client()
			sub, err := client.Customers.RetrieveSubscription(t.Context(), c.CustomerID)
			require.NoError(t, err)
			got := state{plan: sub.Plan.Name, cycle: sub.Credits.CycleRemaining.String(), bundle: sub.Credits.BundleRemaining.String()}
			require.Equal(t, c.SubscriptionID, sub.SubscriptionID)
			if sub.PendingChange != nil {
				got.pending = sub.PendingChange.Type
				require.Equal(t, sub.CycleEndAt, sub.PendingChange.EffectiveAt)
			}
			cancelled, err := client.Subscriptions.List(t.Context(), lava.ListSubscriptionsParams{Status: lava.SubscriptionCancelled, CustomerID: c.CustomerID})
			require.NoError(t, err)
			got.cancelled = len(cancelled.Data)
			for _, old := range cancelled.Data {
				require.Equal(t, "Scenario Pro", old.Plan.Name)
				require.Equal(t, now, old.CancelledAt)
			}
			payments := s.Payments()
			last := payments[len(payments)-1]
			got.payments = string(last.Purpose)
			if last.Declined {
				got.payments += " " + last.DeclineReason
			}
			plan, err := client.Subscriptions.RetrievePlan(t.Context(), c.PlanID)
			require.NoError(t, err)
			require.Equal(t, "Scenario Pro", plan.Name)
			require.Equal(t, c.CreditBundleID, plan.CreditBundles[0].CreditBundleID)
			token := c.ForwardToken.Reveal()
			got.chat = sendAs(t, s, token, "POST", chatPath, chatBody).status
			got.chatAfterwards = sendAs(t, s, token, "POST", chatPath, chatBody).status
			require.Equal(t, want[name], got)
		})
	}
}

// Pending changes happen when they are due.
func TestScenariosGoOn(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	down, err := s.Scenario(mockserver.PendingDowngrade)
	require.NoError(t, err)
	subscribed, err := s.Scenario(mockserver.Subscribed)
	require.NoError(t, err)
	s.Advance(31 * 24 * time.Hour)
	for customer, plan := range map[string]string{down.CustomerID: "Scenario Basic", subscribed.CustomerID: "Scenario Pro"} {
		sub, err := s.Client().Customers.RetrieveSubscription(t.Context(), customer)
		require.NoError(t, err)
		require.Equal(t, plan, sub.Plan.Name)
	}
}

func TestScenariosOfMerchants(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	_, err := s.Scenario("near_limits")
	require.ErrorContains(t, err, `there is no scenario "near_limits"; did you mean "near_limit"?`)
	tenant := s.NewMerchant()
	c, err := tenant.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
	require.Equal(t, 404, send(t, s, "GET", "/v1/customers/"+c.CustomerID, "").status)
	require.Equal(t, 200, sendAs(t, s, c.ForwardToken.Reveal(), "POST", chatPath, chatBody).status)
	tenant.Reset()
	_, err = tenant.Scenario(mockserver.NearLimit)
	require.NoError(t, err)
}

func TestControlOfScenarios(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	for _, v := range send(t, s, "GET", "/_mock/", "").object(t)["data"].([]any) {
		if v.(map[string]any)["name"] != "scenarios.create" {
			continue
		}
		var names []mockserver.Scenario
		for _, name := range v.(map[string]any)["arguments"].([]any)[0].(map[string]any)["allowed"].([]any) {
			names = append(names, mockserver.Scenario(name.(string)))
		}
		require.Equal(t, mockserver.Scenarios(), names)
	}
	a := send(t, s, "POST", "/_mock/scenarios?name=in_debt", "")
	require.Equal(t, 200, a.status, "%s", a.body)
	require.Equal(t, 200, send(t, s, "GET", "/v1/customers/"+a.object(t)["customer_id"].(string)+"/subscription", "").status)
	chat := func(token any) int {
		return sendAs(t, s, token.(string), "POST", "/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}`).status
	}
	require.Equal(t, 402, chat(a.object(t)["forward_token"]), "the customer pays")

	// A tenant's token is created with the tenant's key, for the tenant's own customer and meter.
	tenant := s.NewMerchant().SecretKey()
	near := sendAs(t, s, tenant, "POST", "/_mock/scenarios", `{"name":"near_limit"}`).object(t)
	require.Equal(t, 200, sendAs(t, s, tenant, "PATCH", "/v1/customers/"+near["customer_id"].(string), `{"reference_id":"ada"}`).status)
	slug := near["meter_slug"].(string)
	a = sendAs(t, s, tenant, "POST", "/_mock/tokens", `{"customer":"ada","meter":"`+slug+`"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	require.Equal(t, near["customer_id"], a.object(t)["customer_id"])
	require.Equal(t, 200, chat(a.object(t)["forward_token"]))
	require.Equal(t, 402, chat(near["forward_token"]), "the credit was enough for one")
	require.Contains(t, string(sendAs(t, s, tenant, "POST", "/_mock/tokens", `{"customer":"bob","meter":"x"}`).body), `no customer \"bob\"`)
	require.Contains(t, string(sendAs(t, s, tenant, "POST", "/_mock/tokens", `{"customer":"ada","meter":"x"}`).body), `meter: no meter \"x\"; there are `+slug)
	require.Equal(t, 404, send(t, s, "POST", "/_mock/tokens", `{"customer":"ada","meter":"`+slug+`"}`).status, "it belongs to another tenant")
}

// A scenario takes at most 5 ms.
func BenchmarkScenario(b *testing.B) {
	for _, name := range mockserver.Scenarios() {
		b.Run(string(name), func(b *testing.B) {
			s := mockserver.Start(b, mockserver.InMemory())
			for b.Loop() {
				if _, err := s.Scenario(name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
