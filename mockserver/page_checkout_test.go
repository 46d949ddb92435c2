package mockserver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// browser is a person's view of one checkout session: what the page sends and receives.
type browser struct {
	t    *testing.T
	s    *mockserver.Server
	path string // of the page
}

// openCheckout opens the page for a session's token, as the checkout package does.
func openCheckout(t *testing.T, s *mockserver.Server, session *lava.CheckoutSession) browser {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(session.CheckoutSessionToken.Reveal())
	require.NoError(t, err)
	var token struct{ Secret, Base string }
	require.NoError(t, json.Unmarshal(raw, &token))
	require.Equal(t, s.URL()+"/", token.Base)
	require.Regexp(t, `^css_test_[A-Za-z0-9_-]{55}$`, token.Secret)
	return browser{t, s, "/embed/checkout/" + token.Secret}
}

func (b browser) request(method, path string, body any, origin string) answer {
	b.t.Helper()
	data, err := json.Marshal(body)
	require.NoError(b.t, err)
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.s.URL()+path, bytes.NewReader(data))
	require.NoError(b.t, err)
	if origin != "" {
		req.Header.Set("Origin", origin)
	}
	resp, err := b.s.HTTPClient().Do(req)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, resp.Body.Close()) }()
	answerBody, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return answer{resp.StatusCode, resp.Header, answerBody}
}

func (b browser) page() answer {
	b.t.Helper()
	return b.request("GET", b.path, nil, "")
}

// person is a person's input, with the fields of the page.
type person struct {
	Phone  string `json:"phone"`
	Code   string `json:"code"`
	OnFile bool   `json:"on_file"`
	Number string `json:"number"`
	Expiry string `json:"expiry"`
	CVC    string `json:"cvc"`
	Seen   any    `json:"seen"` // what the page has shown; nil for a program
}

func ada(number string) person {
	return person{Phone: "(555) 123-4567", Code: "000000", Number: number, Expiry: "12/34", CVC: "123"}
}

func (b browser) send(step string, p person) answer {
	b.t.Helper()
	return b.request("POST", b.path+"/"+step, p, b.s.URL())
}

const good, declined, noFunds, worksOnce = "4242424242424242", "4000000000000002", "4000 0000 0000 9995", "4000-0000-0000-0341"

func (s shop) session(t *testing.T, change func(*lava.CreateCheckoutSessionParams)) *lava.CheckoutSession {
	t.Helper()
	params := lava.CreateCheckoutSessionParams{
		CheckoutMode: lava.CheckoutSubscription, OriginURL: "https://App.Example.com/pricing?a=1", PlanID: s.plan.PlanID,
	}
	if change != nil {
		change(&params)
	}
	session, err := s.client.CheckoutSessions.Create(t.Context(), params)
	require.NoError(t, err)
	return session
}

func errorOf(t *testing.T, a answer) (code, param string) {
	t.Helper()
	e, _ := a.object(t)["error"].(map[string]any)
	code, _ = e["code"].(string)
	param, _ = e["param"].(string)
	return code, param
}

func TestCheckoutPage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *mockserver.Server) {
		shop := openShop(t, s)
		session := shop.session(t, nil)
		b := openCheckout(t, s, session)
		page := b.page()
		require.Equal(t, 200, page.status)
		require.Equal(t, "text/html; charset=utf-8", page.header.Get("Content-Type"))
		require.Equal(t, "no-store", page.header.Get("Cache-Control"))
		require.Equal(t, "same-origin", page.header.Get("Referrer-Policy"))
		csp := page.header.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'")
		require.Contains(t, csp, "frame-ancestors https://app.example.com")
		require.Regexp(t, `; frame-ancestors [^ ;]+$`, csp)
		require.NotContains(t, csp, "unsafe")
		require.Contains(t, string(page.body), "$49.00")
		require.Contains(t, string(page.body), "$25.00 of credit every month")
		require.Contains(t, string(page.body), `data-origin="https://app.example.com"`)
		require.NotContains(t, string(page.body), "ZgotmplZ", "the template could not place a value")
		require.NotEqual(t, csp, b.page().header.Get("Content-Security-Policy"), "a nonce is used only once")

		require.Equal(t, map[string]any{"ending": "4567"}, b.send("phone", ada(good)).object(t))
		offer := b.send("code", ada(good)).object(t)
		require.Equal(t, "$49.00", offer["due"])
		require.Equal(t, true, offer["known"], "the customer of openShop has verified the same phone")
		require.Equal(t, "Visa ending in 4242", offer["card"])

		newcomer := ada(good)
		newcomer.Phone = "+49 30 1234567"
		require.Equal(t, false, b.send("code", newcomer).object(t)["known"])
		paid := b.send("pay", newcomer)
		require.Equal(t, 200, paid.status, "%s", paid.body)
		id := paid.object(t)["customer_id"].(string)
		customer, err := shop.client.Customers.Retrieve(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "+49301234567", customer.Contact.Phone)
		require.Equal(t, shop.plan.PlanID, customer.Subscription.PlanID)
		shop.customer = id
		require.True(t, shop.credits(t).TotalRemaining.Equal(dec("25")))
	})
}

func TestCheckoutPageSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2030, 5, 31, 12, 0, 0, 0, time.UTC)))
	shop := openShop(t, s)
	b := openCheckout(t, s, shop.session(t, nil))
	tests := []struct {
		name   string
		step   string
		change func(*person)
		code   string
		param  string
	}{
		{"no phone", "phone", func(p *person) { p.Phone = "" }, "invalid_request", "phone"},
		{"wrong code", "code", func(p *person) { p.Code = "123456" }, "invalid_request", "code"},
		{"no code", "pay", func(p *person) { p.Code = "" }, "invalid_request", "code"},
		{"a card that may be real, before the review", "card", func(p *person) { p.Number = "4111 1111 1111 1111" }, "invalid_request", "number"},
		{"an expiry in the past, before the review", "card", func(p *person) { p.Expiry = "04/30" }, "invalid_request", "expiry"},
		{"no such month, before the review", "card", func(p *person) { p.Expiry = "13/30" }, "invalid_request", "expiry"},
		{"a card that may be real", "pay", func(p *person) { p.Number = "4111 1111 1111 1111" }, "invalid_request", "number"},
		{"an expiry in the past", "pay", func(p *person) { p.Expiry = "04/30" }, "invalid_request", "expiry"},
		{"a short security code", "pay", func(p *person) { p.CVC = "12" }, "invalid_request", "cvc"},
		{"a declined card", "pay", func(p *person) { p.Number = declined }, "payment_declined", "card"},
		{"an empty account", "pay", func(p *person) { p.Number = noFunds }, "payment_declined", "card"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := ada(good)
			p.Phone = "+1 555 999 0000"
			tt.change(&p)
			code, param := errorOf(t, b.send(tt.step, p))
			require.Equal(t, tt.code, code)
			require.Equal(t, tt.param, param)
		})
	}
	page, err := shop.client.Customers.List(t.Context(), lava.ListCustomersParams{})
	require.NoError(t, err)
	require.Len(t, page.Data, 1, "no customer was created")

	last := ada(good)
	last.Phone, last.Expiry = "+1 555 999 0000", "5/2030"
	require.Equal(t, 200, b.send("pay", last).status, "the session still works, and a card works until its month ends")
}

// Nobody pays for something else than the page showed: in a second tab, the customer is on another plan by now.
func TestCheckoutAsksAgainAfterAChange(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	_, err := shop.client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "grace"})
	require.NoError(t, err)
	forGrace := func(p *lava.CreateCheckoutSessionParams) { p.CustomerID = "grace" }
	one, two := openCheckout(t, s, shop.session(t, forGrace)), openCheckout(t, s, shop.session(t, forGrace))
	grace := ada(good)
	grace.Phone = "+15550002222"
	show := func(b browser) any {
		shown := b.send("card", grace).object(t)
		return map[string]any{"due": shown["due"], "change": shown["change"]}
	}
	inOne, inTwo := grace, grace
	inOne.Seen, inTwo.Seen = show(one), show(two)
	require.Equal(t, map[string]any{"due": "$49.00", "change": ""}, inTwo.Seen)
	require.Equal(t, 200, one.send("pay", inOne).status)
	payments := len(s.Payments())

	code, param := errorOf(t, two.send("pay", inTwo))
	require.Equal(t, []string{"conflict", "seen"}, []string{code, param})
	require.Len(t, s.Payments(), payments, "nothing was charged")

	inTwo.Seen = show(two)
	require.Contains(t, inTwo.Seen.(map[string]any)["change"], "You are already on this plan.")
	require.Equal(t, 200, two.send("pay", inTwo).status)
	require.Len(t, s.Payments(), payments+1)
	require.Equal(t, 200, two.send("pay", inOne).status, "it is paid, whatever was shown")
}

// Two clicks, or a click after a reload, pay once, and both responses say so.
func TestCheckoutCompletesOnce(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	b := openCheckout(t, s, shop.session(t, nil))
	newcomer := ada(good)
	newcomer.Phone = "+15550001111"
	answers := make([]answer, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = b.send("pay", newcomer) })
	}
	wg.Wait()
	for _, a := range answers {
		require.Equal(t, 200, a.status, "%s", a.body)
		require.Equal(t, answers[0].body, a.body)
	}
	page, err := shop.client.Customers.List(t.Context(), lava.ListCustomersParams{})
	require.NoError(t, err)
	require.Len(t, page.Data, 2)
	events := s.Events()
	require.Len(t, events, 4, "two customers, each created and credited")

	used := b.page()
	require.Equal(t, 409, used.status)
	require.Contains(t, string(used.body), `data-state="used"`)
	require.Contains(t, string(used.body), fmt.Sprintf(`data-customer=%q`, events[3].CustomerID))
}

func TestCheckoutPagesThatOfferNothing(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	unknown := browser{t, s, "/embed/checkout/css_test_nope"}
	a := unknown.page()
	require.Equal(t, 404, a.status)
	require.Contains(t, string(a.body), `data-state="unknown"`)
	require.Equal(t, 404, unknown.send("pay", ada(good)).status)

	doomed := shop.session(t, func(p *lava.CreateCheckoutSessionParams) { p.CustomerID = addCustomer(t, s) })
	require.Equal(t, 200, send(t, s, "DELETE", "/v1/customers/"+doomed.CustomerID, "").status)
	gone := openCheckout(t, s, doomed).page()
	require.Equal(t, 410, gone.status)
	require.Contains(t, string(gone.body), `data-state="gone"`)

	b := openCheckout(t, s, shop.session(t, nil))
	s.Advance(time.Hour - time.Millisecond)
	require.Equal(t, 200, b.page().status)
	s.Advance(time.Millisecond)
	expired := b.page()
	require.Equal(t, 410, expired.status)
	require.Contains(t, string(expired.body), `data-state="expired"`)
	code, _ := errorOf(t, b.send("pay", ada(good)))
	require.Equal(t, "checkout_session_expired", code)
}

// Any web page can make the browser send requests to a port of this machine.
func TestOnlyThePageItselfSends(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	b := openCheckout(t, s, openShop(t, s).session(t, nil))
	for _, origin := range []string{"", "null", "https://app.example.com", "http://127.0.0.1:1", "https://" + s.URL()[len("http://"):]} {
		require.Equal(t, 403, b.request("POST", b.path+"/pay", ada(good), origin).status, origin)
	}
	require.Equal(t, 405, b.request("GET", b.path+"/pay", nil, s.URL()).status)
	require.Equal(t, 405, b.request("POST", b.path, nil, s.URL()).status)
	require.Equal(t, 404, b.send("refund", ada(good)).status)
	require.Equal(t, 200, b.page().status)

	public := mockserver.Start(t, mockserver.PublicURL("https://lava.example.com"))
	session := openShop(t, public).session(t, nil)
	raw, err := base64.StdEncoding.DecodeString(session.CheckoutSessionToken.Reveal())
	require.NoError(t, err)
	require.Contains(t, string(raw), `"base":"https://lava.example.com/"`)
}

func TestReturningCustomers(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	shop := openShop(t, s)
	plan, err := shop.client.Subscriptions.UpdatePlan(t.Context(), shop.plan.PlanID, lava.UpdatePlanParams{
		CreditBundles: []lava.PlanCreditBundleParams{{Name: "Fifty <b>more</b>", Cost: dec("45"), CreditAmount: dec("50")}},
	})
	require.NoError(t, err)
	bundle := func(p *lava.CreateCheckoutSessionParams) {
		*p = lava.CreateCheckoutSessionParams{
			CheckoutMode: lava.CheckoutCreditBundle, OriginURL: p.OriginURL,
			CustomerID: shop.customer, CreditBundleID: plan.CreditBundles[0].CreditBundleID,
		}
	}

	b := openCheckout(t, s, shop.session(t, bundle))
	page := string(b.page().body)
	require.Contains(t, page, "Fifty &lt;b&gt;more&lt;/b&gt;")
	require.Contains(t, page, "$45.00")
	require.Contains(t, page, "$50.00 of credit")
	require.Contains(t, page, "<code>4567</code>")
	require.NotContains(t, page, "+15551234567", "the phone is confirmed, not shown")
	require.NotContains(t, page, "ending in 4242", "the card is not shown before the phone is confirmed")

	// The phone on file is used, regardless of the one sent.
	onFile := person{Phone: "+15559999999", Code: "000000", OnFile: true}
	require.Equal(t, map[string]any{"ending": "4567"}, b.send("phone", onFile).object(t))
	require.Equal(t, map[string]any{"customer_id": shop.customer}, b.send("pay", onFile).object(t))
	require.True(t, shop.credits(t).BundleRemaining.Equal(dec("50")))

	// A card that works once is stored, and declined later.
	b = openCheckout(t, s, shop.session(t, bundle))
	require.Equal(t, 200, b.send("pay", ada(worksOnce)).status)
	b = openCheckout(t, s, shop.session(t, bundle))
	code, _ := errorOf(t, b.send("pay", onFile))
	require.Equal(t, "payment_declined", code)
	require.Equal(t, 200, b.send("pay", ada(good)).status)
	require.True(t, shop.credits(t).BundleRemaining.Equal(dec("150")))
}

// A free plan needs no card, and a cheaper plan isn't paid for today.
func TestCheckoutsThatCostNothingToday(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)))
	shop := openShop(t, s)
	free, err := shop.client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
		Name: "Trial", BillingInterval: lava.IntervalWeek, IncludedCredit: lava.Set(dec("0.005")),
	})
	require.NoError(t, err)
	b := openCheckout(t, s, shop.session(t, func(p *lava.CreateCheckoutSessionParams) { p.PlanID = free.PlanID }))
	require.Contains(t, string(b.page().body), "$0.005 of credit every week")
	newcomer := person{Phone: "+15550002222", Code: "000000"}
	require.Equal(t, true, b.send("code", newcomer).object(t)["free"])
	require.Equal(t, 200, b.send("pay", newcomer).status)

	cheaper, err := shop.client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
		Name: "Basic", PeriodAmount: dec("9"), BillingInterval: lava.IntervalMonth,
	})
	require.NoError(t, err)
	b = openCheckout(t, s, shop.session(t, func(p *lava.CreateCheckoutSessionParams) {
		p.PlanID, p.CustomerID = cheaper.PlanID, shop.customer
	}))
	offer := b.send("code", ada(good)).object(t)
	require.Equal(t, "$9.00", offer["price"])
	require.Equal(t, "$0.00", offer["due"])
	require.Equal(t, true, offer["free"])
	require.Equal(t, 200, b.send("pay", person{Code: "000000"}).status)
	sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
	require.NoError(t, err)
	require.Equal(t, lava.PendingDowngrade, sub.PendingChange.Type)
}

// A person who buys a plan is told what happens to the current one. The dates and amounts follow the rules of plan
// changes: assumption plan-change.
func TestCheckoutPageTellsWhatReplacesWhat(t *testing.T) {
	t.Parallel()
	newYear := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const month, year = lava.IntervalMonth, lava.IntervalYear
	tests := []struct {
		name         string
		rollover     lava.RolloverType
		price        string
		interval     lava.BillingInterval
		before       func(t *testing.T, shop shop, other *lava.Plan)
		change, done string
	}{
		{
			name: "dearer", price: "9999.5", interval: year,
			change: "You are on Pro ($49.00 per month). It ends today, without a refund for the rest of its period. Of the credit you have left, $25.00 expires.",
			done:   "The payment went through.",
		},
		{
			name: "more expensive, with credit that rolls over", rollover: lava.RolloverFull, price: "99", interval: month,
			change: "You are on Pro ($49.00 per month). It ends today, without a refund for the rest of its period. You keep $25.00 of credit.",
			done:   "The payment went through.",
		},
		{
			name: "cheaper", price: "9", interval: month,
			change: "You stay on Pro ($49.00 per month) until February 1, 2026. Other starts then. Nothing is charged today.",
			done:   "Your plan changes on February 1, 2026. Nothing was charged today.",
		},
		{
			name: "a cancellation is withdrawn", price: "99", interval: month,
			before: func(t *testing.T, shop shop, _ *lava.Plan) {
				sub, err := shop.client.Customers.RetrieveSubscription(t.Context(), shop.customer)
				require.NoError(t, err)
				require.NoError(t, shop.client.Subscriptions.Cancel(t.Context(), sub.SubscriptionID))
			},
			change: "You are on Pro ($49.00 per month). It ends today, without a refund for the rest of its period. Of the credit you have left, $25.00 expires. Your cancellation is withdrawn.",
			done:   "The payment went through.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.At(newYear))
			shop := openShop(t, s)
			if tt.rollover != "" {
				_, err := shop.client.Subscriptions.UpdatePlan(t.Context(), shop.plan.PlanID, lava.UpdatePlanParams{RolloverType: tt.rollover})
				require.NoError(t, err)
			}
			other, err := shop.client.Subscriptions.CreatePlan(t.Context(), lava.CreatePlanParams{
				Name: "Other", PeriodAmount: dec(tt.price), BillingInterval: tt.interval, IncludedCredit: lava.Set(dec("1000000")),
			})
			require.NoError(t, err)
			if tt.before != nil {
				tt.before(t, shop, other)
			}
			b := openCheckout(t, s, shop.session(t, func(p *lava.CreateCheckoutSessionParams) {
				p.PlanID, p.CustomerID = other.PlanID, shop.customer
			}))
			page := string(b.page().body)
			require.NotContains(t, page, "You are on", "before the phone is confirmed")
			require.Contains(t, page, "$1,000,000.00 of credit every "+string(tt.interval))
			offer := b.send("code", ada(good)).object(t)
			require.Equal(t, tt.change, offer["change"])
			require.Equal(t, tt.done, offer["done"])
		})
	}
}

// No code, a wrong code, an expired session and another customer's phone are different errors.
func TestCheckoutPageTellsErrorsApart(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.At(newYear))
	shop := openShop(t, s)
	b := openCheckout(t, s, shop.session(t, nil))
	for entered, want := range map[string]string{"": "code: is required", "  ": "code: is required", "123456": "code: is not the one that was sent"} {
		for _, step := range []string{"code", "pay"} {
			p := ada(good)
			p.Code = entered
			a := b.send(step, p)
			require.Equal(t, 400, a.status)
			require.Contains(t, string(a.body), want)
			if entered == "123456" {
				require.Equal(t, "the code that confirms a phone is always 000000", s.Calls()[len(s.Calls())-1].Hint)
			}
		}
	}
	other, err := shop.client.Customers.Create(t.Context(), lava.CreateCustomerParams{ReferenceID: "other"})
	require.NoError(t, err)
	named := openCheckout(t, s, shop.session(t, func(p *lava.CreateCheckoutSessionParams) { p.CustomerID = other.CustomerID }))
	code, param := errorOf(t, named.send("code", ada(good))) // the phone of the shop's customer
	require.Equal(t, []string{"conflict", "phone"}, []string{code, param})

	s.Advance(time.Hour)
	for _, step := range []string{"phone", "code", "pay"} {
		a := b.send(step, person{Code: "123456"})
		require.Equal(t, 410, a.status, "expiry takes precedence")
	}
}
