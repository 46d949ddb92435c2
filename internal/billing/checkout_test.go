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
	require.NotEqual(t, complete(""), complete(""), "without a phone nobody is known")

	// A phone that nobody has verified says nothing about who it is.
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
		require.Empty(t, customers.Items, "nobody is created")
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
