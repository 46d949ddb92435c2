package mockserver_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// notControlled are the methods of Server that no verb mirrors, each with the reason.
var notControlled = map[string]string{
	"Observer": "is for Go", "Merchant": "a key names the merchant", "Changes": "is for Go; use wait instead",
	"SetWebhookSecret": "secrets come from a file or the environment",
	"HTTPClient":       "is for Go", "HandleWebhooks": "takes a handler", "Mount": "takes a handler",
	"ServeHTTP": "serves the requests", "Format": "prints", "Setenv": "is for Go",
	"URL": "the caller knows it", "Env": "lavamock prints it", "SecretKey": "a verb that shows keys would give them to agents",
	"Close": "a signal stops lavamock", "Shutdown": "a signal stops lavamock",
}

type listedVerb struct {
	Name, Short, Method, Path, Description string
	Go                                     []string
	Arguments                              []listedArgument
}

type listedArgument struct {
	Name, Type, Description string
	Positional, Required    bool
	Fields                  []listedArgument
}

// Go and HTTP have the same verbs, and the list describes all their arguments.
func TestControlTable(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	var list struct{ Data []listedVerb }
	require.NoError(t, json.Unmarshal(send(t, s, "GET", "/_mock/", "").body, &list))
	require.NotEmpty(t, list.Data)
	names, mirrored := map[string]bool{}, map[string]bool{}
	for _, v := range list.Data {
		for _, name := range []string{v.Name, v.Short, v.Method + " " + v.Path} {
			require.False(t, name != "" && names[name], "%s is listed twice", name)
			names[name] = true
		}
		require.NotEmpty(t, v.Description, v.Name)
		require.NotEmpty(t, v.Go, v.Name)
		for _, method := range v.Go {
			_, ok := reflect.TypeFor[*mockserver.Server]().MethodByName(method)
			require.True(t, ok, "%s mirrors %s, which does not exist", v.Name, method)
			mirrored[method] = true
		}
		require.True(t, !strings.Contains(v.Path, "{id}") || slices.ContainsFunc(v.Arguments, func(a listedArgument) bool { return a.Name == "id" && a.Required }), v.Name)
		requireDescribed(t, v.Name, v.Arguments)
		for i, a := range v.Arguments {
			require.True(t, !a.Positional || i == 0 || v.Arguments[i-1].Positional, "%s: %s comes first on the command line, but not in the list", v.Name, a.Name)
		}
	}
	for i := range reflect.TypeFor[*mockserver.Server]().NumMethod() {
		method := reflect.TypeFor[*mockserver.Server]().Method(i).Name
		require.NotEqual(t, mirrored[method], notControlled[method] != "", "%s needs a verb, or a reason to have none", method)
	}
}

func requireDescribed(t *testing.T, of string, args []listedArgument) {
	t.Helper()
	for _, a := range args {
		require.Regexp(t, `^[a-z0-9_]+$`, a.Name, of)
		require.NotEmpty(t, a.Description, "%s %s", of, a.Name)
		require.NotEmpty(t, a.Type, "%s %s", of, a.Name)
		requireDescribed(t, of+" "+a.Name, a.Fields)
	}
}

func TestControlListsItself(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	a := send(t, s, "GET", "/_mock/clocks", "")
	require.Equal(t, 404, a.status)
	require.Contains(t, string(a.body), "GET /_mock/ lists all endpoints")
	require.JSONEq(t, string(send(t, s, "GET", "/_mock/", "").body), string(send(t, s, "GET", "/_mock", "").body))
	for wrong, right := range map[string]string{
		"GET /_mock/clocks":                     "GET /_mock/clock",
		"POST /_mock/advance":                   "POST /_mock/clock",
		"POST /_mock/clock/advance":             "POST /_mock/clock",
		"POST /_mock/clock.advance":             "POST /_mock/clock",
		"POST /_mock/fail":                      "POST /_mock/failures",
		"POST /_mock/failure/":                  "POST /_mock/failures",
		"GET /_mock/unused":                     "GET /_mock/failures/unused",
		"POST /_mock/scenario":                  "POST /_mock/scenarios",
		"POST /_mock/scripts":                   "POST /_mock/script",
		"GET /_mock/ledger":                     "GET /_mock/customers/{id}/ledger",
		"POST /_mock/checkout_session/complete": "POST /_mock/checkout_sessions/{id}/complete",
	} {
		method, path, _ := strings.Cut(wrong, " ")
		a := send(t, s, method, path, "")
		require.Equal(t, 404, a.status, wrong)
		require.Contains(t, string(a.body), "; did you mean "+right+"?; GET /_mock/ lists", wrong)
	}
	require.NotContains(t, string(send(t, s, "GET", "/_mock/nonsense", "").body), "did you mean")
	require.Equal(t, 405, send(t, s, "POST", "/_mock/", "").status)
	require.Equal(t, 405, send(t, s, "DELETE", "/_mock/clock", "").status)
}

// Arguments may be in the query, in a form as curl -d sends it, or in JSON.
func TestControlArguments(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	require.Equal(t, 200, send(t, s, "POST", "/_mock/clock?advance=1d12h", "").status)
	for _, body := range []string{"advance=12h", `{"advance":"0s"}`, "to=2026-01-03T00%3A00%3A00Z"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+"/_mock/clock", strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode, body)
	}
	require.Equal(t, newYear.AddDate(0, 0, 2), s.Now())
	for _, tt := range []struct{ path, body, param, message string }{
		{"", `{"advance":"soon"}`, "advance", `advance: "soon" is not a duration such as "720h" or "30d"`},
		{"", `{"advance":"-1h"}`, "advance", `advance: "-1h" is not a duration such as "720h" or "30d"`},
		{"", `{"advance":3}`, "advance", `advance: 3 is not a duration such as "720h" or "30d"`},
		{"", `{"to":"later"}`, "to", `to: "later" is not an RFC 3339 time such as "2026-03-01T00:00:00Z"`},
		{"?advance=1d", `{"advance":"1d"}`, "advance", "advance: is given twice"},
		{"?advance=1d&advance=1d", "", "advance", "advance: is given twice"},
		{"?advnce=1d", "", "", `there is no field "advnce"; did you mean "advance"?`},
		{"", `[]`, "", "the body is not a JSON object"},
	} {
		a := send(t, s, "POST", "/_mock/clock"+tt.path, tt.body)
		require.Equal(t, 400, a.status, tt)
		detail := a.object(t)["error"].(map[string]any)
		require.Equal(t, tt.message, detail["message"])
		if tt.param != "" {
			require.Equal(t, tt.param, detail["param"])
		}
	}
	require.Contains(t, string(send(t, s, "POST", "/_mock/settle", `{"now":true}`).body), `there is no field \"now\", and no other`)
}

func TestControlClock(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	shop := openShop(t, s)
	a := send(t, s, "POST", "/_mock/clock", `{"advance":"744h"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	events := s.Events()
	require.JSONEq(t, `{"now":"2026-02-01T00:00:00.000Z","events":[
		{"event_id":"`+events[len(events)-1].ID+`","type":"customer.wallet.balance.updated","at":"2026-02-01T00:00:00.000Z","customer_id":"`+shop.customer+`"}]}`, string(a.body))
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
	require.Equal(t, shop.customer, a.object(t)["customer_id"], "the phone belongs to this customer")

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

// A misspelled field is rejected, not ignored.
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

// Omitted fields stay unchanged, as on the page.
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
	require.Equal(t, 409, a.status, "customers can't share a phone")
	require.Equal(t, "phone", a.object(t)["error"].(map[string]any)["param"])
}

// A key gives access to its merchant's objects only.
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

// A forward token has a key of the merchant that the call names.
func TestTokensOfANamedMerchant(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	other := s.NewMerchant()
	made := sendAs(t, s, "", "POST", "/_mock/scenarios?merchant="+other.ID(), `{"name":"subscribed"}`).object(t)
	token := sendAs(t, s, "", "POST", "/_mock/tokens?merchant="+other.ID(),
		fmt.Sprintf(`{"customer":%q,"meter":%q}`, made["customer_id"], made["meter_slug"])).object(t)
	for _, token := range []any{made["forward_token"], token["forward_token"]} {
		fields, err := base64.StdEncoding.DecodeString(token.(string))
		require.NoError(t, err)
		require.Contains(t, string(fields), other.SecretKey())
	}
}

// A call selects its merchant by key or by id.
func TestControlNamesAMerchant(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	other := s.NewMerchant()
	for _, body := range []string{"{}", `{"merchant":"` + other.ID() + `"}`} {
		require.Equal(t, 200, sendAs(t, s, "", "POST", "/_mock/declines", body).status)
	}
	require.Equal(t, 200, sendAs(t, s, other.SecretKey(), "POST", "/_mock/declines", `{"merchant":"`+other.ID()+`"}`).status)
	require.Equal(t, []string{"", other.ID(), other.ID()}, []string{s.Armed()[0].MerchantID, s.Armed()[1].MerchantID, s.Armed()[2].MerchantID})
	require.Equal(t, 200, sendAs(t, s, "", "POST", "/_mock/trigger?merchant="+other.ID(), `{"what":"empty_wallet"}`).status)
	wallet, err := other.Client().Wallet.Retrieve(t.Context())
	require.NoError(t, err)
	require.True(t, wallet.Balance.IsZero())
	require.NotContains(t, string(sendAs(t, s, "", "GET", "/_mock/calls?merchant="+s.MerchantIDs()[0], "").body), "wallet.get")
	require.Contains(t, string(sendAs(t, s, "", "GET", "/_mock/calls?merchant="+other.ID(), "").body), "wallet.get")
	require.Equal(t, 200, sendAs(t, s, "", "DELETE", "/_mock/failures?merchant="+other.ID(), "").status)
	require.Len(t, s.Armed(), 1)
	for merchant, want := range map[string]string{`"mer_none"`: `merchant: "mer_none" is not the id of a merchant; there are mer_`, "3": "merchant: 3 is not the id"} {
		a := sendAs(t, s, "", "POST", "/_mock/declines", `{"merchant":`+merchant+`}`)
		require.Equal(t, 400, a.status)
		require.Contains(t, a.object(t)["error"].(map[string]any)["message"], want)
	}
	require.Equal(t, 400, sendAs(t, s, other.SecretKey(), "POST", "/_mock/declines?merchant="+s.MerchantIDs()[0], `{}`).status)
}
