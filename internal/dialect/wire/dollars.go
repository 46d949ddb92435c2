package wire

import (
	"bytes"

	"github.com/shopspring/decimal"
)

// Dollars is what a provider says that a request cost, in 10⁻¹⁰ dollars. It takes a
// number, in a string too, or an object with the total: OpenRouter has the one, Perplexity
// the other. What is neither is left out.
//
// Decoded over an earlier report, the larger cost stays, as with [Count].
type Dollars int64

// mostDollars bounds what one request may report.
var mostDollars = decimal.New(1_000_000, 0)

// UnmarshalJSON takes a cost, and leaves anything else out.
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

// UnmarshalJSON takes a cost, and leaves anything else out.
func (t *Ticks) UnmarshalJSON(b []byte) error {
	*t = max(*t, Ticks(dollars(b, -scale)))
	return nil
}

// scale is how many digits behind the point [Dollars] has.
const scale = 10

// dollars reads a number of units of 10^shift dollars; 0 if it is none, or makes no sense.
func dollars(b []byte, shift int32) Dollars {
	b = bytes.Trim(b, `"`)
	if len(b) > 40 { // decimals take any exponent
		return 0
	}
	cost, err := decimal.NewFromString(string(b))
	if err != nil || cost.Exponent() < -40 || cost.Exponent() > 6 || cost.IsNegative() || cost.Shift(shift).GreaterThan(mostDollars) {
		return 0
	}
	return Dollars(cost.Shift(shift + scale).Round(0).IntPart())
}
