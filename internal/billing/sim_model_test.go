package billing

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// model is a second, plain implementation of the engine for the simulation: decimals instead of integers, no index,
// no heap, no ledger. It shares no code with the engine, so a bug would have to be made twice.
type model struct {
	now        time.Time
	free       string
	wallet     decimal.Decimal
	meters     map[string]*modelMeter
	plans      map[string]*modelPlan
	customers  map[string]*modelCustomer
	requests   map[string]modelRequest
	paid       decimal.Decimal // by all customers
	declined   int
	failures   []*modelTurns
	replies    []*modelTurns
	orders     uint64
	keys       []*modelKey
	armedHooks []armedHook
	hooks      []*modelHook // still to arrive, oldest first
}

type modelMeter struct {
	percentage bool
	unit       Unit
	starts     []decimal.Decimal // tokens, characters, minutes or requests
	rates      []decimal.Decimal
	count      decimal.Decimal // without a customer
	deleted    bool
}

type modelPlan struct {
	price, credit      decimal.Decimal
	interval           Interval
	keepCycle, keepAll bool // keepAll: bundles too
	topUp              string
	meters             []string
	bundles            map[string]modelBundle
	deleted            bool
}

type modelBundle struct{ cost, credit decimal.Decimal }

type modelCustomer struct {
	cycle, bundle decimal.Decimal
	plan          string
	order         uint64 // of the subscription
	anchor        time.Time
	cycles        int // since the anchor
	topUp         string
	blocked       bool
	ending        bool
	next          string // the plan of a downgrade
	card          string
	phone         string
	counts        map[string]decimal.Decimal
	declines      []*modelTurns // of renewals
}

type modelRequest struct {
	customer, meter string
	charge, cost    decimal.Decimal
	tokens          int64
	failed          bool
	at              time.Time
}

func newModel(free string, wallet decimal.Decimal) *model {
	return &model{
		free: free, wallet: wallet,
		meters: map[string]*modelMeter{}, customers: map[string]*modelCustomer{}, requests: map[string]modelRequest{},
		plans: map[string]*modelPlan{free: {interval: Month, keepAll: true}},
	}
}

func (m *model) plan(c *modelCustomer) *modelPlan { return m.plans[c.plan] }

func (c *modelCustomer) total() decimal.Decimal { return c.cycle.Add(c.bundle) }

// end returns when the customer's cycle ends. It walks the calendar day by day, where the engine computes.
func (m *model) end(c *modelCustomer) time.Time {
	steps := c.cycles + 1
	switch iv := m.plan(c).interval; iv {
	case Day:
		return c.anchor.Add(time.Duration(steps) * 24 * time.Hour)
	case Week:
		return c.anchor.Add(time.Duration(steps) * 7 * 24 * time.Hour)
	default:
		if iv == Year {
			steps *= 12
		}
		month := time.Date(c.anchor.Year(), c.anchor.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, steps, 0)
		day := month
		for day.Day() < c.anchor.Day() && day.AddDate(0, 0, 1).Month() == month.Month() {
			day = day.AddDate(0, 0, 1)
		}
		return day.Add(c.anchor.Sub(c.anchor.Truncate(24 * time.Hour)))
	}
}

// turn does what is due by t.
func (m *model) turn(t time.Time, order func() uint64) {
	for {
		first := ""
		for _, id := range slices.Sorted(maps.Keys(m.customers)) {
			c := m.customers[id]
			if m.end(c).After(t) {
				continue
			}
			if first == "" || m.end(c).Before(m.end(m.customers[first])) ||
				m.end(c).Equal(m.end(m.customers[first])) && c.order < m.customers[first].order {
				first = id
			}
		}
		if first == "" {
			break
		}
		m.now = m.end(m.customers[first])
		m.endCycle(m.customers[first], order)
	}
	m.now = t
}

func (m *model) endCycle(c *modelCustomer, order func() uint64) {
	switch {
	case c.ending:
		m.move(c, m.free, order)
	case c.next != "":
		to := c.next
		if p := m.plans[to]; p.price.IsPositive() && !m.charge(c, p.price) {
			to = m.free
		}
		m.move(c, to, order)
	case m.plan(c).price.IsPositive() && !m.renewal(c, m.plan(c).price):
		m.move(c, m.free, order)
	default:
		c.cycles++
		c.blocked = false
		m.expire(c)
		c.cycle = c.cycle.Add(m.plan(c).credit)
	}
}

func (m *model) expire(c *modelCustomer) {
	if p := m.plan(c); !p.keepCycle && c.cycle.IsPositive() {
		c.cycle = decimal.Zero
	}
	if !m.plan(c).keepAll {
		c.bundle = decimal.Zero
	}
}

// move puts a customer on a plan, now.
func (m *model) move(c *modelCustomer, to string, order func() uint64) {
	m.expire(c)
	p := m.plans[to]
	c.plan, c.order, c.anchor, c.cycles = to, order(), m.now, 0
	c.topUp, c.blocked, c.ending, c.next = p.topUp, false, false, ""
	c.cycle = c.cycle.Add(p.credit)
}

// charge charges the card on file.
func (m *model) charge(c *modelCustomer, amount decimal.Decimal) bool {
	if c.card != goodCard {
		m.declined++
		return false
	}
	m.paid = m.paid.Add(amount)
	return true
}

// renewal charges the card on file, unless a decline is armed.
func (m *model) renewal(c *modelCustomer, amount decimal.Decimal) bool {
	if turnOf(c.declines) != nil {
		m.declined++
		return false
	}
	return m.charge(c, amount)
}

// buyTopUp buys a bundle if credits have run out.
func (m *model) buyTopUp(c *modelCustomer) {
	b, ok := m.plan(c).bundles[c.topUp]
	if !ok || c.blocked || c.total().IsPositive() {
		return
	}
	if b.cost.IsPositive() && !m.charge(c, b.cost) {
		c.blocked = true
		return
	}
	c.bundle = c.bundle.Add(b.credit)
}

// admit returns the code with which a request is rejected, or "" if it is admitted. free means without billing,
// costless without a cost for the wallet.
func (m *model) admit(customer, meter string, free, costless bool) Code {
	if !costless && !m.wallet.IsPositive() {
		return CodeInsufficientBalance
	}
	if customer == "" {
		return ""
	}
	c := m.customers[customer]
	if linked := m.plan(c).meters; len(linked) > 0 && !slices.Contains(linked, meter) {
		return CodeMeterNotOnPlan
	}
	if free {
		return ""
	}
	m.buyTopUp(c)
	if !c.total().IsPositive() {
		return CodeInsufficientCredits
	}
	return ""
}

// record charges a request.
func (m *model) record(id, customer, meter string, u Usage, cost decimal.Decimal, free, failed, managed bool) {
	if managed {
		m.wallet = m.wallet.Sub(cost)
	}
	r := modelRequest{customer: customer, meter: meter, cost: cost, tokens: u.InputTokens + u.OutputTokens, failed: failed, at: m.now}
	c := m.customers[customer]
	if mm := m.meters[meter]; mm != nil && !failed {
		before := mm.count
		if c != nil {
			before = c.counts[meter]
		}
		units := mm.units(u)
		r.charge = mm.price(before, units, cost)
		if c != nil {
			c.counts[meter] = before.Add(units)
		} else {
			mm.count = before.Add(units)
		}
	}
	m.requests[id] = r
	if c == nil || free || failed || m.meters[meter].deleted {
		return
	}
	rest := r.charge
	for _, pot := range []*decimal.Decimal{&c.cycle, &c.bundle} {
		take := decimal.Min(rest, decimal.Max(*pot, decimal.Zero))
		*pot, rest = pot.Sub(take), rest.Sub(take)
	}
	c.cycle = c.cycle.Sub(rest)
	m.buyTopUp(c)
}

// units returns usage in the meter's displayed unit.
func (mm *modelMeter) units(u Usage) decimal.Decimal {
	switch mm.unit {
	case Tokens1M:
		return decimal.New(u.InputTokens+u.OutputTokens, 0)
	case Characters1M:
		return decimal.New(u.InputCharacters+u.OutputCharacters, 0)
	case Minutes:
		return decimal.New(int64(u.InputDuration+u.OutputDuration), 0).DivRound(decimal.New(6, 10), 30)
	default: // requests
		return decimal.New(1, 0)
	}
}

// price splits usage at each tier boundary.
func (mm *modelMeter) price(before, units, cost decimal.Decimal) decimal.Decimal {
	sum, after := decimal.Zero, before.Add(units)
	for i, start := range mm.starts {
		last := i+1 == len(mm.starts)
		if mm.percentage {
			if !start.GreaterThan(before) && (last || mm.starts[i+1].GreaterThan(before)) {
				return cost.Mul(mm.rates[i]).Shift(-2).Round(Digits)
			}
			continue
		}
		from, to := decimal.Max(start, before), after
		if !last {
			to = decimal.Min(after, mm.starts[i+1])
		}
		if to.GreaterThan(from) {
			row := to.Sub(from).Mul(mm.rates[i])
			if mm.unit == Tokens1M || mm.unit == Characters1M {
				row = row.Shift(-6)
			}
			sum = sum.Add(row.Round(Digits))
		}
	}
	return sum
}

// dropTopUps clears top-ups whose bundle the plan no longer has.
func (m *model) dropTopUps(planID string) {
	for _, c := range m.customers {
		if _, ok := m.plans[planID].bundles[c.topUp]; c.plan == planID && !ok {
			c.topUp, c.blocked = "", false
		}
	}
}

// withPhone returns the customer who has verified a phone.
func (m *model) withPhone(phone string) (string, *modelCustomer) {
	for id, c := range m.customers {
		if phone != "" && c.phone == phone {
			return id, c
		}
	}
	return "", nil
}

func (m *model) inUse(planID string) bool {
	for _, c := range m.customers {
		if c.plan == planID || c.next == planID {
			return true
		}
	}
	return planID == m.free
}

// pick returns a key of a map, always the same one for a seed.
func pick[V any](rnd func(int) int, from map[string]V, keep func(V) bool) (string, bool) {
	keys := make([]string, 0, len(from))
	for k, v := range from {
		if keep == nil || keep(v) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return "", false
	}
	slices.SortFunc(keys, cmp.Compare[string])
	return keys[rnd(len(keys))], true
}
