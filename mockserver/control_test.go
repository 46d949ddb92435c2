package mockserver_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestControlClock(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	shop := openShop(t, s)
	a := send(t, s, "POST", "/_mock/clock", `{"advance":"744h"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	require.JSONEq(t, `{"now":"2026-02-01T00:00:00.000Z","events":[
		{"type":"customer.wallet.balance.updated","at":"2026-02-01T00:00:00.000Z","customer_id":"`+shop.customer+`"}]}`, string(a.body))
	a = send(t, s, "POST", "/_mock/clock", `{"to":"2026-02-02T00:00:00Z"}`)
	require.JSONEq(t, `{"now":"2026-02-02T00:00:00.000Z","events":[]}`, string(a.body))
	require.Equal(t, newYear.AddDate(0, 1, 1), s.Now())

	for _, body := range []string{`{}`, `{"advance":"-1h"}`, `{"advance":"soon"}`, `{"to":"2026-01-01T00:00:00Z"}`, `{"to":"later"}`, `{"advance":"1h","to":"2027-01-01T00:00:00Z"}`} {
		require.Equal(t, 400, send(t, s, "POST", "/_mock/clock", body).status, body)
	}
}

func TestControlOfACheckout(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	path := "/_mock/checkout_sessions/" + session.CheckoutSessionID + "/complete"
	require.Equal(t, 402, send(t, s, "POST", path, `{"card":"4000000000009995"}`).status)
	a := send(t, s, "POST", path, `{"phone":"+15551234567"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	require.Equal(t, shop.customer, a.object(t)["customer_id"], "the phone is known")

	ledger := send(t, s, "GET", "/_mock/customers/"+shop.customer+"/ledger", "").object(t)["data"].([]any)
	require.Equal(t, "grant", ledger[0].(map[string]any)["kind"])
	payments := send(t, s, "GET", "/_mock/payments", "").object(t)["data"].([]any)
	require.Len(t, payments, 3)
	require.Equal(t, "insufficient_funds", payments[1].(map[string]any)["decline_reason"])
	require.Len(t, s.Payments(), 3)
	require.True(t, s.Payments()[1].Declined)
}

func TestControlOfDeliveries(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	calls := 0
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ })))
	require.Equal(t, 201, send(t, s, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{}`).status)
	require.Equal(t, 200, send(t, s, "POST", "/_mock/settle", "").status)
	deliveries := send(t, s, "GET", "/_mock/deliveries", "").object(t)["data"].([]any)
	require.Len(t, deliveries, 1)
	d := deliveries[0].(map[string]any)
	require.Equal(t, "delivered", d["status"])
	require.Equal(t, "customer.created", d["body"].(map[string]any)["event"])
	require.Equal(t, 200, send(t, s, "POST", "/_mock/deliveries/"+d["delivery_id"].(string)+"/resend", "").status)
	require.Equal(t, 404, send(t, s, "POST", "/_mock/deliveries/none/resend", "").status)
	require.Equal(t, 200, send(t, s, "POST", "/_mock/settle", "").status)
	require.Equal(t, 2, calls)
}

// A misspelled field is told, and what it was for is not left out.
func TestControlRejectsUnknownFields(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID,
	})
	require.NoError(t, err)
	complete := "/_mock/checkout_sessions/" + session.CheckoutSessionID + "/complete"
	for _, tt := range []struct{ path, body, message string }{
		{complete, `{"crad":"4000000000000002"}`, `there is no field "crad"; did you mean "card"?`},
		{complete, `{"card":"4000000000000002","fone":"1"}`, `there is no field "fone"; did you mean "phone"?`},
		{"/_mock/clock", `{"advnce":"1h"}`, `there is no field "advnce"; did you mean "advance"?`},
	} {
		a := send(t, s, "POST", tt.path, tt.body)
		require.Equal(t, 400, a.status, tt.body)
		require.Equal(t, tt.message, a.object(t)["error"].(map[string]any)["message"])
	}
	a := send(t, s, "POST", complete, "")
	require.Equal(t, 200, a.status, "both are optional: %s", a.body)
	require.Len(t, s.Payments(), 2)
}

// What is not given stays, as on the page.
func TestControlOfACheckoutChangesOnlyWhatIsGiven(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	complete := func(customer, body string) answer {
		session, err := shop.client.CheckoutSessions.Create(t.Context(), lava.CreateCheckoutSessionParams{
			CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: shop.plan.PlanID, CustomerID: customer,
		})
		require.NoError(t, err)
		return send(t, s, "POST", "/_mock/checkout_sessions/"+session.CheckoutSessionID+"/complete", body)
	}
	require.Equal(t, 200, complete(shop.customer, `{"card":"4000 0000 0000 0341"}`).status)
	require.Equal(t, 402, complete(shop.customer, `{}`).status, "the card on file is charged, and declined")
	require.Equal(t, 409, complete(shop.customer, `{"phone":"+15550000000"}`).status, "the phone on file is not replaced")
	other, err := shop.client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "other"})
	require.NoError(t, err)
	a := complete(other.CustomerID, `{"phone":"+15551234567"}`)
	require.Equal(t, 409, a.status, "nobody shares a phone")
	require.Equal(t, "phone", a.object(t)["error"].(map[string]any)["param"])
}

// A key sees, and moves, what is its merchant's.
func TestControlIsScopedByMerchant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	other := s.NewMerchant().SecretKey()
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	ids := map[string]string{}
	for _, key := range []string{s.SecretKey(), other} {
		require.Equal(t, 201, sendAs(t, s, key, "POST", "/v1/webhooks", `{"name":"w","url":"https://app.example.com/hook"}`).status)
		require.Equal(t, 201, sendAs(t, s, key, "POST", "/v1/customers", `{}`).status)
		deliveries := sendAs(t, s, key, "GET", "/_mock/deliveries", "").object(t)["data"].([]any)
		require.Len(t, deliveries, 1)
		ids[key] = deliveries[0].(map[string]any)["delivery_id"].(string)
	}
	for _, key := range []string{s.SecretKey(), other} {
		require.Len(t, sendAs(t, s, key, "GET", "/_mock/events", "").object(t)["data"], 1)
		for owner, id := range ids {
			want := 404
			if owner == key {
				want = 200
			}
			require.Equal(t, want, sendAs(t, s, key, "POST", "/_mock/deliveries/"+id+"/resend", "").status)
		}
	}
	require.Len(t, s.Events(), 2)
	require.NoError(t, s.Resend(ids[other]))
}
