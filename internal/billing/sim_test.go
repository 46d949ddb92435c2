package billing

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

var (
	simSeeds = flag.Int("sim.seeds", 8, "how many seeds the simulation runs")
	simSteps = flag.Int("sim.steps", 500, "how many commands it runs for each seed")
	simSeed  = flag.Uint64("sim.seed", 0, "run only this seed")
)

// TestSimulation gives random commands at random times to an engine and to the model, and compares the two after
// each. The long run is
//
//	go test ./internal/billing -run Simulation -sim.seeds 100 -sim.steps 10000
//
// and -sim.seed runs only a seed that fails.
func TestSimulation(t *testing.T) {
	t.Parallel()
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

// sim is a running simulation.
type sim struct {
	*testing.T
	rnd      *rand.Rand
	engine   *Engine
	model    *model
	merchant string
	tenant   string // another merchant, or empty
	at       time.Time
	step     int
	what     string          // the command of this step
	given    []func(*Engine) // each gives a command of this simulation to an engine
	hooks    Deliveries      // separate from the engine
	waiting  []admitted      // requests that were admitted and have not ended
	// What an application that relies on webhooks alone knows about its customers.
	told map[string]Customer
}

type admitted struct {
	decision Decision
	meter    string
	free     bool
	managed  bool
}

func newSim(t *testing.T, seed uint64) *sim {
	t.Helper()
	s := &sim{T: t, rnd: rand.New(rand.NewPCG(seed, 0)), at: time.Date(2027, 12, 30, 23, 59, 0, 0, time.UTC)}
	s.told = map[string]Customer{}
	s.engine = New(Config{Seed: seed, OnEvent: func(e Event) { s.told[e.Customer.ID] = e.Customer }})
	m, err := give(s, CreateMerchant{Key: "aks_test_sim", WalletBalance: 50 * Dollar, Card: mustCard(t, goodCard)})
	require.NoError(t, err)
	s.merchant = m.ID
	s.model = newModel(m.FreePlanID, decimal.New(50, 0))
	return s
}

// give gives a command to the engine and keeps it for the replay.
func give[R any](s *sim, cmd Command[R]) (R, error) {
	at := s.at
	s.given = append(s.given, func(e *Engine) { _, _ = Do(e, at, cmd) })
	return Do(s.engine, at, cmd)
}

func mustCard(t *testing.T, number string) *Card {
	t.Helper()
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
		{1, "renew now", s.renew}, {1, "cancel now", s.cancelNow}, {1, "change a card", s.changeCard},
		{2, "arm a decline", s.armDecline}, {1, "drop declines", s.dropDeclines},
		{2, "arm a failure", s.armFailure}, {1, "disarm a failure", s.disarm}, {4, "meet failures", s.meetFailures}, {1, "script", s.script}, {3, "use a reply", s.useReply},
		{1, "create a spend key", s.createKey}, {1, "pause a key", s.pauseKey}, {6, "use a key", s.useKey}, {2, "reach a limit", s.reachLimit},
		{1, "arm a failure of webhooks", s.armHook}, {3, "announce to webhooks", s.announceHook}, {5, "deliver", s.deliverHooks},
		{1, "relax or enforce a rule", s.setLenience}, {1, "reset or delete a tenant", s.tenantGoes},
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
	s.checkHooks()
}

func (s *sim) n(n int) int             { return s.rnd.IntN(n) }
func (s *sim) chance(percent int) bool { return s.n(100) < percent }

// passTime moves the clock by nothing, a little, or a lot.
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
	// The model needs to know the order in which the engine creates subscriptions at one instant; any rising number
	// will do.
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

// same checks that the engine rejected a command if and only if the model would.
func (s *sim) same(want Code, err error) {
	s.Helper()
	if want == "" {
		s.noError(err)
		return
	}
	var e *Error
	require.ErrorAs(s, err, &e, s.where())
	require.Equal(s, want, e.Code, s.where())
}

// compare compares the engine's state with the model's.
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
		require.Equal(s, &SubscriptionSummary{sub.ID, sub.Plan.ID, sub.Plan.Name, sub.Status}, s.told[id].Subscription, "what webhooks reported, %s", s.where())
		if all {
			s.checkLedger(id, sub.Credits)
		}
	}
	if all {
		s.checkKeys()
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

// checkUsage compares sums over random periods with the model's.
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
	days, total, err := s.engine.Usage(s.merchant, f, s.at)
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

// near returns an instant at or close to which something was used.
func (s *sim) near() time.Time {
	at := s.at
	if id, ok := pick(s.n, s.model.requests, nil); ok {
		at = s.model.requests[id].at
	}
	if s.chance(30) {
		return at
	}
	return at.Add(time.Duration(s.n(2_000_000)-1_000_000) * time.Millisecond)
}

// replay gives the same commands to a new engine, and restores a snapshot in another.
func (s *sim) replay() {
	s.Helper()
	want, err := s.engine.Snapshot().JSON()
	s.noError(err)
	again := New(Config{Seed: s.engine.cfg.Seed})
	for _, giveTo := range s.given {
		giveTo(again)
	}
	got, err := again.Snapshot().JSON()
	s.noError(err)
	require.True(s, string(want) == string(got), "the same commands lead to a different state\n%s", firstDifference(want, got))

	restored := New(Config{})
	s.noError(restored.Restore(want, time.Time{}))
	got, err = restored.Snapshot().JSON()
	s.noError(err)
	require.True(s, string(want) == string(got), "a restored snapshot differs\n%s", firstDifference(want, got))
	// It also continues in the same way.
	meter, _ := s.liveMeter()
	for _, e := range []*Engine{s.engine, restored} {
		later := s.at.AddDate(0, 3, 0)
		_, err := Do(e, later, Advance{})
		s.noError(err)
		for _, id := range slices.Sorted(maps.Keys(s.model.customers)) {
			_, _ = Do(e, later, ReportUsage{MerchantID: s.merchant, RequestID: "later " + id, Customer: id, Meter: meter, Usage: Usage{InputTokens: 5000, InputCharacters: 5000, InputDuration: time.Minute}})
		}
	}
	want, err = s.engine.Snapshot().JSON()
	s.noError(err)
	got, err = restored.Snapshot().JSON()
	s.noError(err)
	require.True(s, string(want) == string(got), "a restored engine continues differently\n%s", firstDifference(want, got))
}

func firstDifference(a, b []byte) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	from := max(0, i-80)
	return strings.Join([]string{string(a[from:min(len(a), i+80)]), string(b[from:min(len(b), i+80)])}, "\n")
}
