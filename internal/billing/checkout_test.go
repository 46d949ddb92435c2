package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func (s *shop) session(p Plan) CheckoutSession {
	s.Helper()
	return must(s, CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: p.ID})
}

func TestCheckoutOfANewCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	session := s.session(p)
	r := must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Phone: "+15551234567", Card: s.card(goodCard)})
	c, err := s.Customer(s.merchant.ID, r.CustomerID)
	require.NoError(t, err)
	require.Equal(t, "+15551234567", c.Phone)
	require.Equal(t, p.ID, c.Subscription.PlanID)
	require.Equal(t, dollars(25, 0), s.credits(c.ID))

	var types []EventType
	for _, e := range s.events {
		types = append(types, e.Type)
	}
	require.Equal(t, []EventType{CustomerCreated, CustomerBalanceUpdated}, types)

	e := rejected(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)})
	require.Equal(t, CodeConflict, e.Code, "once only")
}

func TestAKnownPhoneIsTheSameCustomer(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	complete := func(phone string) string {
		return must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: s.session(p).ID, Phone: phone, Card: s.card(goodCard)}).CustomerID
	}
	first := complete("+15551234567")
	require.Equal(t, first, complete("+15551234567"))
	require.NotEqual(t, first, complete("+15559999999"))
	nobody := complete("")
	require.NotEqual(t, nobody, complete(""), "without a phone, the customer is new")

	// An unverified phone does not identify a customer.
	typed := must(s, CreateCustomer{MerchantID: s.merchant.ID, Phone: "+15550000000"})
	require.NotEqual(t, typed.ID, complete("+15550000000"))
}

func TestDeclinedCheckout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		card   string
		reason DeclineReason
	}{{badCard, DeclineGeneric}, {emptyCard, DeclineInsufficient}} {
		s := newShop(t, Rules{})
		session := s.session(s.plan("49", "25"))
		r := must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(tt.card)})
		require.NotNil(t, r.Declined)
		require.Equal(t, CodePaymentDeclined, r.Declined.Code)
		customers, err := s.Customers(s.merchant.ID, PageParams{})
		require.NoError(t, err)
		require.Empty(t, customers.Items, "no customer is created")
		payments, err := s.Payments(s.merchant.ID)
		require.NoError(t, err)
		require.Equal(t, tt.reason, payments[0].DeclineReason)

		r = must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)})
		require.Nil(t, r.Declined, "another card works")
	}
}

func TestSessionsExpire(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	session := s.session(s.plan("49", "25"))
	s.at = s.at.Add(CheckoutSessionLife)
	e := rejected(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)})
	require.Equal(t, CodeSessionExpired, e.Code)

	s = newShop(t, Rules{})
	session = s.session(s.plan("49", "25"))
	s.at = s.at.Add(CheckoutSessionLife - time.Millisecond)
	must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: s.card(goodCard)})
}

func TestBadCheckoutSessions(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25", bundle("5", "5"))
	free := must(s, CreateCustomer{MerchantID: s.merchant.ID})
	sub := func(change func(*CreateCheckoutSession)) CreateCheckoutSession {
		c := CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: p.ID}
		change(&c)
		return c
	}
	tests := []struct {
		cmd   CreateCheckoutSession
		param string
		code  Code
	}{
		{sub(func(c *CreateCheckoutSession) { c.Mode = "" }), "checkout_mode", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) { c.OriginURL = "" }), "origin_url", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) { c.OriginURL = "javascript:alert(1)" }), "origin_url", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) { c.PlanID = "" }), "plan_id", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) { c.PlanID = "sc_test_nope" }), "plan_id", CodeNotFound},
		{sub(func(c *CreateCheckoutSession) { c.Customer = "con_test_nope" }), "customer_id", CodeNotFound},
		{sub(func(c *CreateCheckoutSession) { c.Mode = CheckoutCreditBundle }), "customer_id", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) { c.Mode, c.Customer = CheckoutCreditBundle, free.ID }), "credit_bundle_id", CodeInvalidRequest},
		{sub(func(c *CreateCheckoutSession) {
			c.Mode, c.Customer, c.CreditBundleID = CheckoutCreditBundle, free.ID, p.Bundles[0].ID
		}), "credit_bundle_id", CodeInvalidRequest},
	}
	for _, tt := range tests {
		e := rejected(s, tt.cmd)
		require.Equal(t, tt.param, e.Param, e.Message)
		require.Equal(t, tt.code, e.Code, e.Message)
	}
}

func TestACheckoutReplacesAPendingChange(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	pro, team := s.plan("49", "25"), s.plan("99", "50")
	c := s.subscribe("", pro, goodCard)
	must(s, CancelSubscription{MerchantID: s.merchant.ID, ID: s.subscription(c).ID})
	s.subscribe(c, team, goodCard)
	require.Nil(t, s.subscription(c).Pending)
}

// A checkout does not replace a phone, and no two customers can have the same verified phone.
func TestPhonesInACheckout(t *testing.T) {
	t.Parallel()
	const one, two, three = "+15550000001", "+15550000002", "+15550000003"
	s := newShop(t, Rules{})
	p := s.plan("0", "1")
	complete := func(customer, phone string) CompleteCheckout {
		session := must(s, CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: p.ID, Customer: customer})
		return CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Phone: phone}
	}
	phoneOf := func(id string) string {
		c, err := s.Customer(s.merchant.ID, id)
		require.NoError(t, err)
		return c.Phone
	}
	a := must(s, complete("", one)).CustomerID
	b := must(s, CreateCustomer{MerchantID: s.merchant.ID}).ID
	typed := must(s, CreateCustomer{MerchantID: s.merchant.ID, Phone: one}).ID
	for name, cmd := range map[string]CompleteCheckout{
		"not the one on file":        complete(a, two),
		"another customer's":         complete(b, one),
		"typed, but not theirs":      complete(typed, one),
		"not the one that was typed": complete(typed, three),
	} {
		e := rejected(s, cmd)
		require.Equal(t, CodeConflict, e.Code, name)
		require.Equal(t, "phone", e.Param, name)
		session, _ := s.state.merchants.items[0].sessions.get(cmd.SessionID)
		_, err := s.CheckoutOffer(s.merchant.ID, session.ID, cmd.Phone, s.at)
		require.Equal(t, e, err, "%s: the error comes before the page asks for a card", name)
	}
	must(s, complete(b, two))
	must(s, complete(a, ""))
	require.Equal(t, []string{one, two, one}, []string{phoneOf(a), phoneOf(b), phoneOf(typed)}, "omitted fields are unchanged")
	require.Equal(t, b, must(s, complete("", two)).CustomerID)
}

func TestCardsInACheckout(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	good, free, paid := s.card(goodCard), s.plan("0", "1"), s.plan("5", "5", interval(Week))
	dearer := s.plan("9", "9", interval(Week))
	var customer string
	complete := func(p Plan, card *Card) CheckoutResult {
		session := must(s, CreateCheckoutSession{MerchantID: s.merchant.ID, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: p.ID, Customer: customer})
		return must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: session.ID, Card: card, NewCard: good})
	}
	onFile := func() *Card {
		c, _ := s.state.merchants.items[0].customers.get(customer)
		return c.Card
	}
	customer = complete(free, nil).CustomerID
	require.Nil(t, onFile(), "nothing is due")
	complete(paid, nil)
	require.Equal(t, good, onFile(), "there was no card")
	complete(dearer, s.card(laterCard))
	require.Equal(t, "0341", onFile().Last4, "a given card replaces it")
	require.NotNil(t, complete(s.plan("20", "1"), nil).Declined, "the card on file is charged")
	require.Equal(t, "0341", onFile().Last4)
}

// Ended sessions are forgotten eventually, open ones never.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := newShop(t, Rules{})
	p := s.plan("49", "25")
	expired := s.session(p)
	s.turn(s.at.Add(CheckoutSessionLife))
	open := s.session(p)
	for range 2*keptSessions - 2 {
		paid := s.session(p)
		session, _ := s.state.merchants.items[0].sessions.get(paid.ID)
		session.CompletedAt = s.at
	}
	m := s.state.merchants.items[0]
	require.Len(t, m.sessions.items, 2*keptSessions)
	s.session(p)
	require.Len(t, m.sessions.items, keptSessions+2)
	require.Len(t, m.sessions.byID, keptSessions+2)
	require.Len(t, s.state.bySecret, keptSessions+2)
	require.Equal(t, CodeNotFound, rejected(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: expired.ID}).Code)
	must(s, CompleteCheckout{MerchantID: s.merchant.ID, SessionID: open.ID, Card: s.card(goodCard)})
}
