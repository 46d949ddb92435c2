package billing

import "cmp"

// Charge is what a request costs the customer, with its breakdown.
type Charge struct {
	Amount    Amount
	RateType  RateType
	Unit      Unit // what the rows count
	Breakdown []ChargeRow
}

// ChargeRow is the part of a charge that one tier has priced.
type ChargeRow struct {
	Tier  Tier
	Units int64 // raw units in the tier
	Cost  Amount
}

// price returns the charge for use after count earlier raw units. Each unit is priced by the tier it falls into, and
// each row is rounded once, half away from zero (assumption rounding). If that exceeds MaxAmount, the charge is
// MaxAmount, and an error is returned too.
func (m *Meter) price(rules Rules, count int64, use Usage, providerCost Amount) (Charge, error) {
	charge := Charge{RateType: m.RateType, Unit: m.Unit}
	units := m.Unit.of(use)
	if m.RateType == Percentage {
		// The tier is the one that the request starts in. Assumption percentage-tier.
		tier := m.Tiers[m.tierAt(count)]
		hundred := 100 * int64(Dollar)
		if rules.PercentageAsFraction {
			hundred = int64(Dollar)
		}
		return charge.with(ChargeRow{Tier: tier, Units: units}, tier.Rate, int64(providerCost), hundred)
	}
	var err error
	for i := m.tierAt(count); units > 0; i++ {
		part := units
		if i+1 < len(m.Tiers) {
			part = min(units, m.Tiers[i+1].Start-count)
		}
		var tooMuch error
		charge, tooMuch = charge.with(ChargeRow{Tier: m.Tiers[i], Units: part}, m.Tiers[i].Rate, part, m.Unit.per())
		err = cmp.Or(err, tooMuch)
		count, units = addCounts(count, part), units-part
	}
	return charge, err
}

// tierAt returns the index of the tier that prices the unit after count.
func (m *Meter) tierAt(count int64) int {
	i := len(m.Tiers) - 1
	for i > 0 && m.Tiers[i].Start > count {
		i--
	}
	return i
}

// with adds a row that costs rate×units÷per, limited by MaxAmount.
func (c Charge) with(row ChargeRow, rate Amount, units, per int64) (Charge, error) {
	var err error
	cost, ok := mulDiv(rate, units, per)
	if rest := MaxAmount - c.Amount; !ok || cost > rest {
		cost, err = rest, Errorf(CodeInvalidRequest, "", "the charge is more than %s dollars", MaxAmount.Plain())
	}
	row.Cost = cost
	c.Amount += cost
	c.Breakdown = append(c.Breakdown, row)
	return c, err
}
