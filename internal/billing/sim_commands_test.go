package billing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func (s *sim) money(most int) string {
	return decimal.New(int64(s.n(most*10_000)), -4).String()
}

func (s *sim) tiers(unit Unit) ([]TierParams, *modelMeter) {
	mm := &modelMeter{unit: unit}
	var params []TierParams
	start := decimal.Zero
	for range 1 + s.n(4) {
		rate := decimal.New(int64(s.n(1_000_000_000)), -9)
		if unit == Tokens1M || unit == Characters1M {
			rate = rate.Shift(3)
		}
		params = append(params, TierParams{start.String(), rate.String()})
		mm.starts, mm.rates = append(mm.starts, start), append(mm.rates, rate)
		step := decimal.New(int64(1+s.n(5)), 0)
		switch unit {
		case Tokens1M, Characters1M:
			step = step.Shift(3)
		case Minutes:
			step = step.Shift(-2)
		case Requests:
		}
		start = start.Add(step)
	}
	return params, mm
}

func (s *sim) createMeter() {
	unit := []Unit{Tokens1M, Characters1M, Minutes, Requests}[s.n(4)]
	params, mm := s.tiers(unit)
	rate := Fixed
	if mm.percentage = s.chance(20); mm.percentage {
		rate = Percentage
	}
	meter, err := give(s, CreateMeter{MerchantID: s.merchant, Name: "m", RateType: rate, Unit: unit, Tiers: params})
	s.noError(err)
	s.model.meters[meter.ID] = mm
}

func (s *sim) liveMeter() (string, bool) {
	return pick(s.n, s.model.meters, func(m *modelMeter) bool { return !m.deleted })
}

func (s *sim) updateMeter() {
	id, ok := s.liveMeter()
	if !ok {
		return
	}
	mm := s.model.meters[id]
	params, next := s.tiers(mm.unit)
	_, err := give(s, UpdateMeter{MerchantID: s.merchant, ID: id, Tiers: params})
	s.noError(err)
	mm.starts, mm.rates = next.starts, next.rates
}

func (s *sim) deleteMeter() {
	id, ok := s.liveMeter()
	if !ok {
		return
	}
	_, err := give(s, DeleteMeter{MerchantID: s.merchant, ID: id})
	s.noError(err)
	s.model.meters[id].deleted = true
	for _, p := range s.model.plans {
		p.meters = slices.DeleteFunc(p.meters, func(m string) bool { return m == id })
	}
}

func (s *sim) createPlan() {
	price := "0"
	if s.chance(70) {
		price = s.money(100)
	}
	credit := "0"
	if s.chance(80) {
		credit = s.money(20)
	}
	cmd := CreatePlan{
		MerchantID: s.merchant, Name: "p", PeriodAmount: price, IncludedCredit: credit,
		Interval: []Interval{Day, Week, Month, Month, Year}[s.n(5)],
		Rollover: []Rollover{RolloverFull, RolloverNone}[s.n(2)], BundleRollover: []Rollover{RolloverFull, RolloverNone}[s.n(2)],
	}
	if id, ok := s.liveMeter(); ok && s.chance(40) {
		cmd.MeterIDs = []string{id}
	}
	for range s.n(3) {
		cost := "0"
		if s.chance(80) {
			cost = s.money(10)
		}
		cmd.Bundles = append(cmd.Bundles, CreditBundleParams{Name: "b", Cost: cost, CreditAmount: s.money(10)})
	}
	if len(cmd.Bundles) > 0 && s.chance(60) {
		i := s.n(len(cmd.Bundles))
		cmd.TopUpBundleIndex = &i
	}
	p, err := give(s, cmd)
	s.noError(err)
	mp := &modelPlan{
		price: dec(cmd.PeriodAmount), credit: dec(cmd.IncludedCredit), interval: cmd.Interval,
		keepCycle: cmd.Rollover == RolloverFull, keepAll: cmd.BundleRollover == RolloverFull,
		topUp: p.TopUpBundleID, meters: slices.Clone(cmd.MeterIDs), bundles: map[string]modelBundle{},
	}
	for i, b := range cmd.Bundles {
		mp.bundles[p.Bundles[i].ID] = modelBundle{dec(b.Cost), dec(b.CreditAmount)}
	}
	s.model.plans[p.ID] = mp
}

func dec(v string) decimal.Decimal { return decimal.RequireFromString(v) }

func (s *sim) livePlan(keep func(*modelPlan) bool) (string, bool) {
	return pick(s.n, s.model.plans, func(p *modelPlan) bool { return !p.deleted && (keep == nil || keep(p)) })
}

func (s *sim) updatePlan() {
	id, _ := s.livePlan(nil)
	mp := s.model.plans[id]
	credit := s.money(20)
	cmd := UpdatePlan{MerchantID: s.merchant, ID: id, IncludedCredit: &credit}
	gone, ok := pick(s.n, mp.bundles, nil)
	if ok = ok && s.chance(50); ok {
		cmd.Bundles = []CreditBundleParams{{ID: gone, Deleted: true}}
	}
	_, err := give(s, cmd)
	s.noError(err)
	mp.credit = dec(credit)
	if ok {
		delete(mp.bundles, gone)
		if mp.topUp == gone {
			mp.topUp = ""
		}
		s.model.dropTopUps(id)
	}
}

func (s *sim) deletePlan() {
	id, _ := s.livePlan(nil)
	_, err := give(s, DeletePlan{MerchantID: s.merchant, ID: id})
	if s.model.inUse(id) {
		s.same(CodeConflict, err)
		return
	}
	s.noError(err)
	s.model.plans[id].deleted = true
}

// fewCustomers limits the number of customers, so that much happens to each.
const fewCustomers = 6

func (s *sim) createCustomer() {
	if len(s.model.customers) >= fewCustomers {
		return
	}
	c, err := give(s, CreateCustomer{MerchantID: s.merchant})
	s.noError(err)
	s.newCustomer(c.ID, s.model.free, "")
}

func (s *sim) newCustomer(id, plan, card string) {
	c := &modelCustomer{card: card, counts: map[string]decimal.Decimal{}, plan: s.model.free}
	s.model.customers[id] = c
	s.model.now = s.at
	s.model.move(c, plan, s.order)
}

func (s *sim) someCustomer() (string, *modelCustomer) {
	id, ok := pick(s.n, s.model.customers, nil)
	if !ok {
		return "", nil
	}
	return id, s.model.customers[id]
}

func (s *sim) deleteCustomer() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	_, err := give(s, DeleteCustomer{MerchantID: s.merchant, Customer: id})
	s.noError(err)
	delete(s.model.customers, id)
}

func (s *sim) checkOut() {
	plan, _ := s.livePlan(nil)
	mp := s.model.plans[plan]
	id, c := s.someCustomer()
	if len(s.model.customers) < fewCustomers && s.chance(50) {
		id, c = "", nil
	}
	session, err := give(s, CreateCheckoutSession{
		MerchantID: s.merchant, Mode: CheckoutSubscription, OriginURL: "https://a.example", PlanID: plan, Customer: id,
	})
	s.noError(err)
	card := []string{goodCard, goodCard, laterCard, badCard}[s.n(4)]
	phone := []string{"", "+15550000001", "+15550000002", "+15550000003"}[s.n(4)]
	r, err := give(s, CompleteCheckout{MerchantID: s.merchant, SessionID: session.ID, Card: mustCard(s.T, card), Phone: phone})
	switch owner, known := s.model.withPhone(phone); {
	case c == nil:
		id, c = owner, known
	case phone != "" && c.phone != "" && c.phone != phone, known != nil && known != c:
		s.same(CodeConflict, err)
		return
	}
	s.noError(err)
	later := c != nil && s.model.plan(c).interval == mp.interval && mp.price.LessThan(s.model.plan(c).price)
	if mp.price.IsPositive() && !later {
		if card == badCard {
			require.NotNil(s, r.Declined, s.where())
			s.model.declined++
			return
		}
		s.model.paid = s.model.paid.Add(mp.price)
	}
	require.Nil(s, r.Declined, s.where())
	if c != nil {
		require.Equal(s, id, r.CustomerID, s.where())
		c.phone = cmp.Or(phone, c.phone)
	}
	switch {
	case c == nil:
		s.newCustomer(r.CustomerID, plan, card)
		s.model.customers[r.CustomerID].phone = phone
	case later:
		c.card, c.next, c.ending, c.blocked = card, plan, false, false
	default:
		c.card = card
		s.model.move(c, plan, s.order)
	}
}

func (s *sim) buyBundle() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	bundle, ok := pick(s.n, s.model.plan(c).bundles, nil)
	if !ok {
		return
	}
	session, err := give(s, CreateCheckoutSession{
		MerchantID: s.merchant, Mode: CheckoutCreditBundle, OriginURL: "https://a.example", CreditBundleID: bundle, Customer: id,
	})
	s.noError(err)
	r, err := give(s, CompleteCheckout{MerchantID: s.merchant, SessionID: session.ID})
	s.noError(err)
	b := s.model.plan(c).bundles[bundle]
	if b.cost.IsPositive() && !s.model.charge(c, b.cost) {
		require.NotNil(s, r.Declined, s.where())
		return
	}
	require.Nil(s, r.Declined, s.where())
	c.bundle, c.blocked = c.bundle.Add(b.credit), false
}

func (s *sim) subscribe() {
	id, c := s.someCustomer()
	plan, ok := s.livePlan(func(p *modelPlan) bool { return p.price.IsZero() })
	if c == nil || !ok {
		return
	}
	_, err := give(s, CreateSubscription{MerchantID: s.merchant, Customer: id, PlanID: plan})
	s.noError(err)
	switch {
	case c.plan == plan:
	case s.model.plan(c).price.IsPositive():
		c.next, c.ending = plan, false
	default:
		s.model.move(c, plan, s.order)
	}
}

func (s *sim) cancel() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	sub, err := s.engine.CustomerSubscription(s.merchant, id)
	s.noError(err)
	_, err = give(s, CancelSubscription{MerchantID: s.merchant, ID: sub.ID})
	s.noError(err)
	c.ending, c.next = true, ""
}

func (s *sim) setTopUp() {
	id, c := s.someCustomer()
	if c == nil {
		return
	}
	bundle, _ := pick(s.n, s.model.plan(c).bundles, nil)
	sub, err := s.engine.CustomerSubscription(s.merchant, id)
	s.noError(err)
	_, err = give(s, UpdateSubscription{MerchantID: s.merchant, ID: sub.ID, TopUpBundleID: &bundle})
	s.noError(err)
	c.topUp, c.blocked = bundle, false
}

func (s *sim) usage() Usage {
	return Usage{
		InputTokens: int64(s.n(4000)), OutputTokens: int64(s.n(4000)),
		InputCharacters: int64(s.n(4000)), OutputCharacters: int64(s.n(4000)),
		InputDuration: time.Duration(s.rnd.Int64N(5e9)), OutputDuration: time.Duration(s.rnd.Int64N(5e9)),
	}
}

func (s *sim) report() {
	id, c := s.someCustomer()
	meter, ok := s.liveMeter()
	if c == nil || !ok {
		return
	}
	request := fmt.Sprint("r", s.step)
	switch p := s.n(100); {
	case p < 15:
		request = fmt.Sprint("r", s.n(s.step+1)) // perhaps an existing one
	case p < 20 && len(s.waiting) > 0:
		request = s.waiting[s.n(len(s.waiting))].decision.RequestID // of a request in progress
	}
	u := s.usage()
	r, err := give(s, ReportUsage{MerchantID: s.merchant, RequestID: request, Customer: id, Meter: meter, Usage: u})
	underWay := slices.ContainsFunc(s.waiting, func(w admitted) bool { return w.decision.RequestID == request })
	known, ok := s.model.requests[request]
	switch {
	case underWay, ok && known.customer != id:
		s.same(CodeConflict, err)
		return
	case !ok:
		s.noError(err)
		s.model.record(request, id, meter, u, decimal.Zero, false, false, false)
	}
	s.noError(err)
	s.sameRequest(request, r)
}

func (s *sim) sameRequest(id string, r Request) {
	s.Helper()
	want := s.model.requests[id]
	require.Equal(s, want.charge.StringFixed(Digits), r.Charge.Amount.String(), "charge of %s, %s", id, s.where())
	require.Equal(s, want.customer, r.CustomerID, s.where())
	require.Equal(s, want.meter, r.MeterID, s.where())
}

func (s *sim) admit() {
	id, c := s.someCustomer()
	meter, ok := s.liveMeter()
	if c == nil || !ok {
		return
	}
	if s.chance(15) {
		id = ""
	}
	cmd := Admit{MerchantID: s.merchant, Customer: id, Meter: meter, DisableBilling: s.chance(10), Unmanaged: s.chance(20), Unpriced: s.chance(10)}
	d, err := give(s, cmd)
	want := s.model.admit(id, meter, cmd.DisableBilling, cmd.Unmanaged || cmd.Unpriced)
	if want == CodeInsufficientCredits {
		s.noError(err)
		require.NotNil(s, d.Refused, s.where())
		require.Equal(s, want, d.Refused.Code, s.where())
		return
	}
	s.same(want, err)
	if want == "" {
		require.Nil(s, d.Refused, s.where())
		s.waiting = append(s.waiting, admitted{d, meter, cmd.DisableBilling, !cmd.Unmanaged})
	}
}

func (s *sim) record() {
	if len(s.waiting) == 0 {
		return
	}
	i := s.n(len(s.waiting))
	w := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	in, out := Amount(s.n(2e8)), Amount(s.n(2e8))
	cmd := RecordUsage{
		Decision: w.decision, DisableBilling: w.free, Usage: s.usage(), InputCost: in, OutputCost: out,
		Source: Source{Provider: "openai", KeyType: KeyManaged}, Failed: s.chance(10),
	}
	if cmd.Failed {
		cmd.Usage, cmd.InputCost, cmd.OutputCost = Usage{}, 0, 0
	}
	if !w.managed {
		cmd.Source.KeyType = KeyUnmanaged
	}
	cost := cmd.InputCost.Decimal().Add(cmd.OutputCost.Decimal())
	for range 1 + s.n(2) { // perhaps twice: it is charged once
		r, err := give(s, cmd)
		s.noError(err)
		if _, ok := s.model.requests[r.ID]; !ok {
			s.model.record(r.ID, w.decision.CustomerID, w.meter, cmd.Usage, cost, w.free, cmd.Failed, w.managed)
		}
		s.sameRequest(r.ID, r)
	}
}

func (s *sim) fund() {
	m, err := s.engine.Merchant(s.merchant)
	s.noError(err)
	_, err = give(s, FundWallet{MerchantID: s.merchant, PaymentMethodID: m.Cards[0].ID, Amount: "10"})
	s.noError(err)
	s.model.wallet = s.model.wallet.Add(decimal.New(10, 0))
}
