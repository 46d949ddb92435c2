package mockserver

import (
	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/spelling"
)

// Scenario names the state of a customer at the beginning of a test: see
// [Server.Scenario].
type Scenario string

// The scenarios. Unless the scenario says otherwise, the customer has paid for a plan of
// 49 dollars a month with 25 dollars of credit, with a card that works, and is charged a
// dollar per request.
const (
	// Subscribed has all of the credit.
	Subscribed Scenario = "subscribed"
	// NearLimit has a dollar left: the next request is the last.
	NearLimit Scenario = "near_limit"
	// OutOfCredit has nothing left, so that requests are rejected.
	OutOfCredit Scenario = "out_of_credit"
	// InDebt has used two dollars more than the credit, with requests that began while
	// there was credit.
	InDebt Scenario = "in_debt"
	// ToppedUp ran out of credit and got 12 dollars from an automatic top-up of 10.
	ToppedUp Scenario = "topped_up"
	// TopUpDeclined ran out of credit, and the card was declined for the top-up.
	TopUpDeclined Scenario = "top_up_declined"
	// PendingDowngrade changes to a plan of 9 dollars at the end of the cycle.
	PendingDowngrade Scenario = "pending_downgrade"
	// PendingCancellation will be cancelled at the end of the cycle.
	PendingCancellation Scenario = "pending_cancellation"
	// Cancelled was cancelled, and is on the plan "Free".
	Cancelled Scenario = "cancelled"
	// DeclinedRenewal is on the plan "Free" because the card was declined for the
	// renewal.
	DeclinedRenewal Scenario = "declined_renewal"
)

// scenarios maps each scenario to what happens to a new subscriber.
var scenarios = []struct {
	name  Scenario
	card  string
	after func(*scenario)
}{
	{Subscribed, goodCard, func(*scenario) {}},
	{NearLimit, goodCard, func(s *scenario) { s.use(24) }},
	{OutOfCredit, goodCard, func(s *scenario) { s.use(25) }},
	{InDebt, goodCard, func(s *scenario) { s.use(27) }},
	{ToppedUp, goodCard, func(s *scenario) { s.topUp(); s.use(25) }},
	{TopUpDeclined, cardThatFailsLater, func(s *scenario) { s.topUp(); s.use(25) }},
	{PendingDowngrade, goodCard, func(s *scenario) { s.checkout(s.plan("Scenario Basic", "9", "5").ID) }},
	{PendingCancellation, goodCard, func(s *scenario) {
		carry(s, billing.CancelSubscription{MerchantID: s.merchant, ID: s.subscription().ID})
	}},
	{Cancelled, goodCard, func(s *scenario) { carry(s, billing.CancelNow{MerchantID: s.merchant, Customer: s.customer}) }},
	{DeclinedRenewal, cardThatFailsLater, func(s *scenario) {
		carry(s, billing.RenewNow{MerchantID: s.merchant, Customer: s.customer})
	}},
}

// cardThatFailsLater works at the checkout and is declined later.
const cardThatFailsLater = "4000 0000 0000 0341"

// Scenarios returns the names of all scenarios.
func Scenarios() []Scenario {
	all := make([]Scenario, len(scenarios))
	for i, sc := range scenarios {
		all[i] = sc.name
	}
	return all
}

// ScenarioCustomer is a customer in the state of a [Scenario], with their own meter and
// plan.
type ScenarioCustomer struct {
	CustomerID     string
	SubscriptionID string // the active one
	PlanID         string // of the subscribed plan
	CreditBundleID string // a bundle of that plan: 12 dollars of credit for 10
	MeterSlug      string // a dollar per request
	// ForwardToken charges the customer for requests through the gateway.
	ForwardToken lava.Secret
}

// Scenario creates a customer of this merchant in a state that tests need:
//
//	customer, err := s.Scenario(mockserver.DeclinedRenewal)
//
// It does what an application and its customer would do (a checkout, usage, a renewal),
// so that payments, ledger and events exist too. Everything happens now: the clock does
// not move, so that no other customer is billed, and a cycle that has ended began at
// the same time.
func (m *Merchant) Scenario(name Scenario) (ScenarioCustomer, error) {
	c, err := m.server.buildScenario(m.ID(), name)
	if err != nil {
		return ScenarioCustomer{}, toError(err)
	}
	c.ForwardToken, err = m.Client().GenerateForwardToken(lava.ForCustomer{CustomerID: c.CustomerID, MeterSlug: c.MeterSlug})
	return c, err
}

// Scenario is [Merchant.Scenario] of the merchant that the server started with.
func (s *Server) Scenario(name Scenario) (ScenarioCustomer, error) { return s.merchant.Scenario(name) }

func (s *Server) buildScenario(merchant string, name Scenario) (ScenarioCustomer, error) {
	for _, sc := range scenarios {
		if sc.name != name {
			continue
		}
		built := &scenario{server: s, merchant: merchant}
		c := built.subscribe(sc.card)
		sc.after(built)
		c.CustomerID, c.SubscriptionID = built.customer, built.subscription().ID
		s.setAlarm()
		return c, built.err
	}
	return ScenarioCustomer{}, billing.Invalid("name", "there is no scenario %.40q%s", name, spelling.Suggest(name, Scenarios()))
}

// scenario is a customer for whom one step after the other is carried out. After an error, the remaining steps do
// nothing.
type scenario struct {
	server   *Server
	merchant string
	customer string
	meter    billing.Meter
	bundle   string
	card     string // the customer's card
	err      error
}

// carry carries out a command.
func carry[R any](s *scenario, cmd billing.Command[R]) (r R) {
	if s.err == nil {
		r, s.err = billing.Do(s.server.engine, s.server.Now(), cmd)
	}
	return r
}

// subscribe creates a customer and subscribes them to a plan.
func (s *scenario) subscribe(card string) ScenarioCustomer {
	s.meter = carry(s, billing.CreateMeter{
		MerchantID: s.merchant, Name: "Scenario", RateType: billing.Fixed, Unit: billing.Requests, Tiers: []billing.TierParams{{Start: "0", Rate: "1"}},
	})
	plan := s.plan("Scenario Pro", "49", "25")
	if s.err == nil {
		s.bundle = plan.Bundles[0].ID
	}
	s.card = card
	s.checkout(plan.ID)
	return ScenarioCustomer{PlanID: plan.ID, CreditBundleID: s.bundle, MeterSlug: s.meter.Slug}
}

func (s *scenario) plan(name, price, credit string) billing.Plan {
	return carry(s, billing.CreatePlan{
		MerchantID: s.merchant, Name: name, PeriodAmount: price, IncludedCredit: credit, Interval: billing.Month, MeterIDs: []string{s.meter.ID},
		Bundles: []billing.CreditBundleParams{{Name: "Extra", Cost: "10", CreditAmount: "12"}},
	})
}

// checkout completes a checkout of a plan by the customer, or by a new one.
func (s *scenario) checkout(planID string) {
	session := carry(s, billing.CreateCheckoutSession{
		MerchantID: s.merchant, Mode: billing.CheckoutSubscription, OriginURL: "https://app.example.com", PlanID: planID, Customer: s.customer,
	})
	if s.err != nil {
		return
	}
	now := s.server.Now()
	card, err := billing.TestCard(s.card, 12, now.Year()+3)
	if err == nil {
		s.customer, err = s.server.completeCheckout(now, billing.CompleteCheckout{MerchantID: s.merchant, SessionID: session.ID, NewCard: &card}, nil)
	}
	s.err = err
}

// use reports n requests.
func (s *scenario) use(requests int) {
	for range requests {
		carry(s, billing.ReportUsage{
			MerchantID: s.merchant, RequestID: s.server.newRequestID(), Customer: s.customer, Meter: s.meter.Slug,
		})
	}
}

// topUp turns on top-ups for the subscription.
func (s *scenario) topUp() {
	carry(s, billing.UpdateSubscription{MerchantID: s.merchant, ID: s.subscription().ID, TopUpBundleID: &s.bundle})
}

// subscription returns the customer's subscription.
func (s *scenario) subscription() billing.Subscription {
	if s.err != nil {
		return billing.Subscription{}
	}
	sub, err := s.server.engine.CustomerSubscription(s.merchant, s.customer)
	s.err = err
	return sub
}
