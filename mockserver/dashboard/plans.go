package dashboard

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go"
)

// priced is the price of a quantity.
type priced struct {
	Quantity string
	Unit     string
	Total    decimal.Decimal
	Rows     []pricedTier
	Problem  string
}

type pricedTier struct {
	From  string
	Rate  string
	Units string
	Cost  decimal.Decimal
}

// meterRow is a meter with its unit in words.
type meterRow struct {
	lava.Meter
	Unit  string // "token"
	Per   string // the quantity that a rate is for
	Plans []string
	Price *priced
}

func showPlans(v *visit) error {
	data := struct {
		Plans    []lava.Plan
		Meters   []meterRow
		Chosen   string
		Quantity string
	}{Chosen: v.r.URL.Query().Get("meter"), Quantity: v.r.URL.Query().Get("quantity")}
	plans, err := all(v.look.Subscriptions.AllPlans(v.ctx(), lava.ListPlansParams{Limit: 100}), 200)
	if err != nil {
		return err
	}
	meters, err := all(v.look.Meters.All(v.ctx(), lava.ListMetersParams{Limit: 100}), 200)
	if err != nil {
		return err
	}
	data.Plans = plans
	for _, m := range meters {
		row := meterRow{Meter: m}
		row.Unit, row.Per = unitOf(m)
		for _, p := range plans {
			for _, linked := range p.LinkedMeters {
				if linked.MeterID == m.MeterID {
					row.Plans = append(row.Plans, p.Name)
				}
			}
		}
		if m.MeterSlug == data.Chosen && data.Quantity != "" {
			p := price(m, data.Quantity)
			row.Price = &p
		}
		data.Meters = append(data.Meters, row)
	}
	// A scenario creates plans and meters without a call, followed by a customer.
	return v.show("plans", "Plans and meters", "call customer all", data)
}

// unitOf returns the unit that a meter counts, and the quantity that its rates are for.
func unitOf(m lava.Meter) (unit, per string) {
	if m.RateType == lava.RatePercentage {
		return "dollar of cost", "% of the provider's cost"
	}
	unit = "request"
	if len(m.Tiers) > 0 {
		switch m.Tiers[0].Type {
		case lava.TierTokens1M:
			return "token", "a million tokens"
		case lava.TierCharacters1M:
			return "character", "a million characters"
		case lava.TierMinutes:
			return "minute", "a minute"
		case lava.TierRequests:
		}
	}
	return unit, "a request"
}

// price returns what a quantity costs a customer without earlier usage, tier by tier. A quantity may have a suffix:
// "5M" is five million.
func price(m lava.Meter, text string) priced {
	unit, _ := unitOf(m)
	p := priced{Unit: unit}
	quantity, err := parseQuantity(text)
	if err != nil || !quantity.IsPositive() {
		p.Problem = "Enter a number above 0, such as 250000, 1.5K or 5M."
		return p
	}
	p.Quantity = group(quantity.Truncate(0).String())
	if f := quantity.Sub(quantity.Truncate(0)); !f.IsZero() {
		p.Quantity = quantity.String()
	}
	if m.RateType == lava.RatePercentage {
		rate := m.Tiers[0].Rate
		p.Total = quantity.Mul(rate).Div(decimal.NewFromInt(100)).Round(10)
		p.Rows = []pricedTier{{"0", rate.String() + " %", quantity.String(), p.Total}}
		return p
	}
	per := decimal.NewFromInt(1)
	if unit == "token" || unit == "character" {
		per = decimal.NewFromInt(1_000_000)
	}
	for i, tier := range m.Tiers {
		units := quantity.Sub(tier.Start)
		if i+1 < len(m.Tiers) {
			units = decimal.Min(units, m.Tiers[i+1].Start.Sub(tier.Start))
		}
		if !units.IsPositive() {
			break
		}
		cost := units.Mul(tier.Rate).Div(per).Round(10)
		p.Total = p.Total.Add(cost)
		p.Rows = append(p.Rows, pricedTier{group(tier.Start.String()), money(tier.Rate), group(units.String()), cost})
	}
	return p
}

func parseQuantity(text string) (decimal.Decimal, error) {
	text = strings.ToUpper(strings.NewReplacer(",", "", " ", "", "_", "").Replace(text))
	factor := int64(1)
	for suffix, size := range map[string]int64{"K": 1e3, "M": 1e6, "B": 1e9} {
		if number, ok := strings.CutSuffix(text, suffix); ok {
			text, factor = number, size
		}
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() < -10 || d.Exponent() > 12 || d.NumDigits() > 15 {
		return decimal.Zero, strconvError(text)
	}
	return d.Mul(decimal.NewFromInt(factor)), nil
}

type strconvError string

func (e strconvError) Error() string { return string(e) + " is not a quantity" }
