package billing

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

var (
	simSeeds = flag.Int("sim.seeds", 8, "how many seeds the simulation plays")
	simSteps = flag.Int("sim.steps", 500, "how many commands it gives for each seed")
	simSeed  = flag.Uint64("sim.seed", 0, "play this seed alone")
)

// TestSimulation gives random commands at random times to an engine and to the
// model, and holds one against the other after each. The long run is
//
//	go test ./internal/billing -run Simulation -sim.seeds 100 -sim.steps 10000
//
// and a seed that fails is played alone with -sim.seed.
func TestSimulation(t *testing.T) {
	seeds := make([]uint64, *simSeeds)
	for i := range seeds {
		seeds[i] = uint64(i + 1)
	}
	if *simSeed != 0 {
		seeds = []uint64{*simSeed}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			newSim(t, seed).run(*simSteps)
		})
	}
}

// sim is a simulation that is under way.
type sim struct {
	*testing.T
	rnd      *rand.Rand
	engine   *Engine
	model    *model
	merchant string
	at       time.Time
	step     int
	what     string          // the command of this step
	given    []func(*Engine) // each gives a command of this simulation to an engine
	waiting  []admitted      // requests that were admitted and have not ended
}

type admitted struct {
	decision Decision
	meter    string
	free     bool
	managed  bool
}

func newSim(t *testing.T, seed uint64) *sim {
	s := &sim{T: t, rnd: rand.New(rand.NewPCG(seed, 0)), at: time.Date(2027, 12, 30, 23, 59, 0, 0, time.UTC)}
	s.engine = New(Config{Seed: seed})
	m, err := give(s, CreateMerchant{KeyHash: HashKey("aks_test_sim"), WalletBalance: 50 * Dollar, Card: mustCard(t, goodCard)})
	require.NoError(t, err)
	s.merchant = m.ID
	s.model = newModel(m.FreePlanID, decimal.New(50, 0))
	return s
}

// give gives a command to the engine, and keeps it for the replay.
func give[R any](s *sim, cmd Command[R]) (R, error) {
	at := s.at
	s.given = append(s.given, func(e *Engine) { _, _ = Do(e, at, cmd) })
	return Do(s.engine, at, cmd)
}

func mustCard(t *testing.T, number string) *Card {
	c, err := TestCard(number, 12, 2040)
	require.NoError(t, err)
	return &c
}

func (s *sim) run(steps int) {
	ops := []struct {
		weight int
		name   string
		do     func()
	}{
		{2, "create meter", s.createMeter}, {1, "update meter", s.updateMeter}, {1, "delete meter", s.deleteMeter},
		{2, "create plan", s.createPlan}, {2, "update plan", s.updatePlan}, {1, "delete plan", s.deletePlan},
		{2, "create customer", s.createCustomer}, {1, "delete customer", s.deleteCustomer},
		{6, "check out", s.checkOut}, {4, "buy a bundle", s.buyBundle},
		{2, "subscribe", s.subscribe}, {2, "cancel", s.cancel}, {3, "set top-up", s.setTopUp},
		{25, "report", s.report}, {15, "admit", s.admit}, {15, "record", s.record}, {1, "fund", s.fund}, {5, "wait", func() {}},
	}
	var deck []int
	for i, op := range ops {
		for range op.weight {
			deck = append(deck, i)
		}
	}
	for s.step = range steps {
		op := ops[deck[s.n(len(deck))]]
		s.what = op.name
		s.passTime()
		op.do()
		s.compare(s.step%50 == 0)
	}
	s.compare(true)
	s.replay()
}

func (s *sim) n(n int) int             { return s.rnd.IntN(n) }
func (s *sim) chance(percent int) bool { return s.n(100) < percent }

// passTime moves on by nothing, a little, or a lot.
func (s *sim) passTime() {
	switch p := s.n(100); {
	case p < 50:
	case p < 80:
		s.at = s.at.Add(time.Duration(s.n(7_200_000)) * time.Millisecond)
	case p < 98:
		s.at = s.at.Add(time.Duration(s.n(72)) * time.Hour)
	default:
		s.at = s.at.AddDate(0, s.n(5), s.n(40))
	}
	// The model needs to know in which order the engine makes subscriptions at
	// one instant; any rising number will do.
	s.model.turn(s.at, s.order)
	_, err := give(s, Advance{})
	s.noError(err)
}

func (s *sim) order() uint64 { s.model.orders++; return s.model.orders }

func (s *sim) noError(err error) {
	s.Helper()
	require.NoError(s, err, s.where())
}

func (s *sim) where() string { return fmt.Sprintf("step %d: %s, at %s", s.step, s.what, s.at) }

// same checks that the engine refused a command if and only if the model would.
func (s *sim) same(refused Code, err error) {
	s.Helper()
	if refused == "" {
		s.noError(err)
		return
	}
	var e *Error
	require.ErrorAs(s, err, &e, s.where())
	require.Equal(s, refused, e.Code, s.where())
}

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
	cmd := CreatePlan{
		MerchantID: s.merchant, Name: "p", PeriodAmount: price, IncludedCredit: s.money(20),
		Interval: []Interval{Day, Week, Month, Month, Year}[s.n(5)],
		Rollover: []Rollover{RolloverFull, RolloverNone}[s.n(2)], BundleRollover: []Rollover{RolloverFull, RolloverNone}[s.n(2)],
	}
	if id, ok := s.liveMeter(); ok && s.chance(40) {
		cmd.MeterIDs = []string{id}
	}
	for range s.n(3) {
		cmd.Bundles = append(cmd.Bundles, CreditBundleParams{Name: "b", Cost: s.money(10), CreditAmount: s.money(10)})
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

// fewCustomers keeps them few, so that much happens to each.
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
		SecretHash: HashKey(strconv.Itoa(s.step)),
	})
	s.noError(err)
	card := []string{goodCard, goodCard, laterCard, badCard}[s.n(4)]
	r, err := give(s, CompleteCheckout{MerchantID: s.merchant, SessionID: session.ID, Card: mustCard(s.T, card)})
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
	switch {
	case c == nil:
		s.newCustomer(r.CustomerID, plan, card)
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
		SecretHash: HashKey(strconv.Itoa(s.step)),
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
		InputDuration: time.Duration(s.n(5e9)), OutputDuration: time.Duration(s.n(5e9)),
	}
}

func (s *sim) report() {
	id, c := s.someCustomer()
	meter, ok := s.liveMeter()
	if c == nil || !ok {
		return
	}
	request := fmt.Sprint("r", s.step)
	if s.chance(15) {
		request = fmt.Sprint("r", s.n(s.step+1)) // perhaps one that is there already
	}
	u := s.usage()
	r, err := give(s, ReportUsage{MerchantID: s.merchant, RequestID: request, Customer: id, Meter: meter, Usage: u})
	s.noError(err)
	if _, ok := s.model.requests[request]; !ok {
		s.model.record(request, id, meter, u, decimal.Zero, false, false, false)
	}
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
	cmd := Admit{MerchantID: s.merchant, Customer: id, Meter: meter, DisableBilling: s.chance(10), Unmanaged: s.chance(20)}
	d, err := give(s, cmd)
	want := s.model.admit(id, meter, cmd.DisableBilling, cmd.Unmanaged)
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

// compare holds the engine's state against the model's.
func (s *sim) compare(all bool) {
	s.Helper()
	m, err := s.engine.Merchant(s.merchant)
	s.noError(err)
	require.Equal(s, s.model.wallet.StringFixed(Digits), m.WalletBalance.String(), "wallet, %s", s.where())
	for id, c := range s.model.customers {
		sub, err := s.engine.CustomerSubscription(s.merchant, id)
		s.noError(err)
		require.Equal(s, c.plan, sub.Plan.ID, "plan, %s", s.where())
		require.Equal(s, c.cycle.StringFixed(Digits), sub.Credits.Cycle.String(), "cycle credit, %s", s.where())
		require.Equal(s, c.bundle.StringFixed(Digits), sub.Credits.Bundle.String(), "bundle credit, %s", s.where())
		require.Equal(s, s.model.end(c), sub.CycleEnd, "end of the cycle, %s", s.where())
		require.Equal(s, c.topUp, sub.TopUpBundleID, "top-up, %s", s.where())
		require.Equal(s, c.ending || c.next != "", sub.Pending != nil, "pending change, %s", s.where())
		if all {
			s.checkLedger(id, sub.Credits)
		}
	}
	if all {
		s.checkPayments()
		s.checkUsage()
	}
}

func (s *sim) checkLedger(customer string, balance Credits) {
	s.Helper()
	entries, err := s.engine.Ledger(s.merchant, customer)
	s.noError(err)
	var sum Credits
	charged := map[string]bool{}
	for _, e := range entries {
		sum.Cycle, sum.Bundle = sum.Cycle+e.Change.Cycle, sum.Bundle+e.Change.Bundle
		require.Equal(s, sum, e.Balance, "balance after an entry, %s", s.where())
		if e.Kind == EntryCharge {
			require.False(s, charged[e.Cause], "%s is charged twice, %s", e.Cause, s.where())
			charged[e.Cause] = true
			require.Equal(s, s.model.requests[e.Cause].charge.Neg().StringFixed(Digits), e.Change.Total().String(), s.where())
		}
	}
	require.Equal(s, sum, balance, "the balance is the sum of its entries, %s", s.where())
}

func (s *sim) checkPayments() {
	s.Helper()
	payments, err := s.engine.Payments(s.merchant)
	s.noError(err)
	paid, declined := Amount(0), 0
	for _, p := range payments {
		switch {
		case p.Status == PaymentDeclined:
			declined++
		case p.Purpose != PaymentWallet:
			paid += p.Amount
		}
	}
	require.Equal(s, s.model.paid.StringFixed(Digits), paid.String(), "paid, %s", s.where())
	require.Equal(s, s.model.declined, declined, "declined, %s", s.where())
}

// checkUsage holds sums over random stretches of time against the model's.
func (s *sim) checkUsage() {
	s.Helper()
	zone := time.FixedZone("", (s.n(27)-13)*1800)
	start, end := s.near(), s.near()
	if end.Before(start) {
		start, end = end, start
	}
	f := UsageFilter{Start: start.In(zone), End: end}
	if s.chance(50) {
		f.Customer, _ = s.someCustomer()
	}
	if s.chance(50) {
		f.Meter, _ = pick(s.n, s.model.meters, nil)
	}
	days, total, err := s.engine.Usage(s.merchant, f)
	s.noError(err)
	var want, sum Totals
	cost, charge := decimal.Zero, decimal.Zero
	for _, r := range s.model.requests {
		if r.failed || r.at.Before(start) || r.at.After(end) || f.Customer != "" && r.customer != f.Customer || f.Meter != "" && r.meter != f.Meter {
			continue
		}
		want.Requests++
		want.Tokens += r.tokens
		cost, charge = cost.Add(r.cost), charge.Add(r.charge)
	}
	for _, d := range days {
		sum.add(d.Totals)
	}
	require.Equal(s, total, sum, "the days add up, %s", s.where())
	require.Equal(s, want.Requests, total.Requests, "requests, %s", s.where())
	require.Equal(s, want.Tokens, total.Tokens, "tokens, %s", s.where())
	require.Equal(s, cost.StringFixed(Digits), total.Cost.String(), "cost, %s", s.where())
	require.Equal(s, charge.StringFixed(Digits), total.Charge.String(), "charge, %s", s.where())
}

// near returns an instant at which, or shortly before or after which, something
// was used.
func (s *sim) near() time.Time {
	at := s.at
	if id, ok := pick(s.n, s.model.requests, nil); ok {
		at = s.model.requests[id].at
	}
	return at.Add(time.Duration(s.n(2_000_000)-1_000_000) * time.Millisecond)
}

// replay gives the same commands to a new engine, and a snapshot to another.
func (s *sim) replay() {
	s.Helper()
	want, err := s.engine.Snapshot()
	s.noError(err)
	again := New(Config{Seed: s.engine.cfg.Seed})
	for _, giveTo := range s.given {
		giveTo(again)
	}
	got, err := again.Snapshot()
	s.noError(err)
	require.True(s, string(want) == string(got), "the same commands give another state\n%s", firstDifference(want, got))

	restored := New(Config{})
	s.noError(restored.Restore(want))
	got, err = restored.Snapshot()
	s.noError(err)
	require.True(s, string(want) == string(got), "a restored snapshot is another state\n%s", firstDifference(want, got))
	// It goes on in the same way, too.
	meter, _ := s.liveMeter()
	for _, e := range []*Engine{s.engine, restored} {
		later := s.at.AddDate(0, 3, 0)
		_, err := Do(e, later, Advance{})
		s.noError(err)
		for _, id := range slices.Sorted(maps.Keys(s.model.customers)) {
			_, _ = Do(e, later, ReportUsage{MerchantID: s.merchant, RequestID: "later " + id, Customer: id, Meter: meter, Usage: Usage{InputTokens: 5000, InputCharacters: 5000, InputDuration: time.Minute}})
		}
	}
	want, err = s.engine.Snapshot()
	s.noError(err)
	got, err = restored.Snapshot()
	s.noError(err)
	require.True(s, string(want) == string(got), "a restored engine goes another way\n%s", firstDifference(want, got))
}

func firstDifference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return strings.Join([]string{string(a[from:min(len(a), i+80)]), string(b[from:min(len(b), i+80)])}, "\n")
}
