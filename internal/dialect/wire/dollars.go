package wire

import (
	"bytes"

	"github.com/shopspring/decimal"
)

// Dollars is the cost of a request that a provider reports, in 10⁻¹⁰ dollars. It accepts a number, also in a string,
// and an object with the total: OpenRouter sends the former, Perplexity the latter. Anything else is ignored.
//
// Decoded over an earlier report, the larger cost stays, as with [Count].
type Dollars int64

// mostDollars limits what one request may report.
var mostDollars = decimal.New(1_000_000, 0)

// UnmarshalJSON takes a cost, and ignores anything else.
func (d *Dollars) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		var parts struct {
			Total Dollars `json:"total_cost"`
		}
		_ = DecodeResponse(b, &parts) // it is part of valid JSON
		*d = max(*d, parts.Total)
		return nil
	}
	*d = max(*d, dollars(b, 0))
	return nil
}

// Ticks is the same, reported in 10⁻¹⁰ dollars, as xAI does.
type Ticks Dollars

// UnmarshalJSON takes a cost, and ignores anything else.
func (t *Ticks) UnmarshalJSON(b []byte) error {
	*t = max(*t, Ticks(dollars(b, -scale)))
	return nil
}

// scale is the number of decimal places of [Dollars].
const scale = 10

// dollars parses a number of units of 10^shift dollars; 0 if it is invalid.
func dollars(b []byte, shift int32) Dollars {
	b = bytes.Trim(b, `"`)
	if len(b) > 40 { // decimals accept any exponent
		return 0
	}
	cost, err := decimal.NewFromString(string(b))
	if err != nil || cost.Exponent() < -40 || cost.Exponent() > 6 || cost.IsNegative() || cost.Shift(shift).GreaterThan(mostDollars) {
		return 0
	}
	return Dollars(cost.Shift(shift + scale).Round(0).IntPart())
}
