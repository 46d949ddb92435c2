package catalog

import (
	"math"
	"math/bits"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/internal/billing"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// Model is a model with its public prices.
type Model struct {
	ID      string   `json:"id"`
	Aliases []string `json:"aliases"` // other names; a trailing * makes one a prefix
	Context int64    `json:"context"` // size in tokens; 0 if unknown
	// MaxOutput is the highest limit of output tokens that a request may set, including thoughts; 0 if unknown.
	MaxOutput int64 `json:"max_output"`
	// Operation is the purpose of the model; "" is the main one of its provider's format, such as chat. The gateway
	// does not meter the operations other and realtime.
	Operation dialect.Operation `json:"operation"`
	Rates
	// Tiers are the factors for ways of processing that its provider doesn't have for all models.
	Tiers map[string]billing.Amount `json:"tiers"`
	// Long has the rates of requests with more than Long.Over input tokens.
	Long *LongRates `json:"long"`
}

// LongRates are the rates of long prompts; zero means the same as for short ones.
type LongRates struct {
	Over int64 `json:"over"`
	Rates
}

// Rates are prices in US dollars. Zero means no separate price: cached tokens, audio and images then cost as much as
// other input or output.
type Rates struct {
	Input        billing.Amount `json:"input"` // per million tokens, unless noted otherwise
	Output       billing.Amount `json:"output"`
	Cached       billing.Amount `json:"cached"`
	CacheWrite   billing.Amount `json:"cache_write"`
	CacheWrite1h billing.Amount `json:"cache_write_1h"`
	AudioInput   billing.Amount `json:"audio_input"`
	ImageInput   billing.Amount `json:"image_input"`
	AudioOutput  billing.Amount `json:"audio_output"`
	ImageOutput  billing.Amount `json:"image_output"`

	CharacterInput billing.Amount `json:"character_input"` // per million characters
	AudioHour      billing.Amount `json:"audio_hour"`      // per hour of audio
	Image          billing.Amount `json:"image"`           // per image
	Search         billing.Amount `json:"search"`          // per thousand search units
}

// Free reports whether the model has no price, so that any usage costs nothing.
func (m *Model) Free() bool { return m.Rates == Rates{} && (m.Long == nil || m.Long.Rates == Rates{}) }

// Cost returns what usage costs at the provider, with each part rounded once. It uses standard prices if those of the
// tier aren't public. m is nil if no price is known: the cost is then the one that the provider reports, all of it
// for the output, and likewise if there were fees besides those for tokens (assumption reported-cost). It fails if
// the cost is out of an amount's range.
func (p *Provider) Cost(m *Model, u dialect.Usage) (input, output billing.Amount, err error) {
	if m == nil || u.Cost > 0 && len(u.Fees) > 0 {
		return 0, billing.Amount(u.Cost), nil
	}
	in, out := p.price(m, u)
	for _, other := range u.Others {
		if its, ok := p.Model(other.Model); ok {
			otherIn, otherOut := p.price(its, other)
			in, out = in.plus(otherIn), out.plus(otherOut)
		}
	}
	if input, err = in.amount(); err != nil {
		return 0, 0, err
	}
	output, err = out.amount()
	return input, output, err
}

// price returns the cost of a model's usage, for input and output.
func (p *Provider) price(m *Model, u dialect.Usage) (in, out sum) {
	r := m.Rates
	if m.Long != nil && u.InputTokens > m.Long.Over && !u.Sum {
		r = m.Long.over(r)
	}
	in, out = r.input(u), r.output(u)
	if factor, known := p.Tier(m, u.Tier); known && u.Tier != "" {
		in, out = in.times(factor), out.times(factor)
	}
	return in, out
}

func (r Rates) input(u dialect.Usage) sum {
	plain := u.InputTokens - u.CachedTokens - u.CacheWriteTokens - u.CacheWrite1hTokens - u.AudioInputTokens - u.ImageInputTokens - u.UnbilledInputTokens
	var s sum
	s.add(plain, r.Input)
	s.add(u.CachedTokens, r.Cached, r.Input)
	s.add(u.CacheWriteTokens, r.CacheWrite, r.Input)
	s.add(u.CacheWrite1hTokens, r.CacheWrite1h, r.CacheWrite, r.Input)
	s.add(u.AudioInputTokens, r.AudioInput, r.Input)
	s.add(u.ImageInputTokens, r.ImageInput, r.Input)
	s.add(u.InputCharacters, r.CharacterInput)
	if u.Searches > 0 {
		s.rest = s.rest.Add(decimal.New(u.Searches, -3).Mul(r.Search.Decimal()))
	}
	if u.InputDuration > 0 && r.AudioHour != 0 {
		hours := decimal.New(int64(u.InputDuration), 0).Mul(r.AudioHour.Decimal())
		s.rest = s.rest.Add(hours.DivRound(decimal.New(int64(time.Hour), 0), 24))
	}
	return s
}

func (r Rates) output(u dialect.Usage) sum {
	var s sum
	s.add(u.OutputTokens-u.AudioOutputTokens-u.ImageOutputTokens-u.UnbilledOutputTokens, r.Output)
	s.add(u.AudioOutputTokens, r.AudioOutput, r.Output)
	s.add(u.ImageOutputTokens, r.ImageOutput, r.Output)
	if u.Images > 0 && r.Image != 0 {
		s.rest = s.rest.Add(decimal.New(u.Images, 0).Mul(r.Image.Decimal()))
	}
	return s
}

// over returns base with the nonzero rates of l replaced.
func (l *LongRates) over(base Rates) Rates {
	for _, p := range []struct {
		rate *billing.Amount
		long billing.Amount
	}{
		{&base.Input, l.Input}, {&base.Output, l.Output}, {&base.Cached, l.Cached},
		{&base.CacheWrite, l.CacheWrite}, {&base.CacheWrite1h, l.CacheWrite1h},
		{&base.AudioInput, l.AudioInput}, {&base.ImageInput, l.ImageInput},
		{&base.AudioOutput, l.AudioOutput}, {&base.ImageOutput, l.ImageOutput},
	} {
		if p.long != 0 {
			*p.rate = p.long
		}
	}
	return base
}

// sum adds up counts at rates. Tokens are counted in integer parts of a dollar, which are exact: decimals took 6 % of
// the CPU of a request, and 18 of its allocations.
type sum struct {
	tokens int64           // in 10⁻¹⁶ dollars: a count at an amount per million
	rest   decimal.Decimal // in dollars: everything that isn't a token, has a factor, or is too large
}

const perToken = 1_000_000 // parts per unit of an amount

// amount returns the sum, rounded once, half away from zero.
func (s sum) amount() (billing.Amount, error) {
	if s.rest.IsZero() {
		return billing.Amount((s.tokens + perToken/2) / perToken), nil
	}
	return billing.AmountOf(s.dollars())
}

func (s sum) dollars() decimal.Decimal { return decimal.New(s.tokens, -16).Add(s.rest) }

func (s sum) plus(o sum) sum { return sum{rest: s.dollars().Add(o.dollars())} }

func (s sum) times(factor decimal.Decimal) sum { return sum{rest: s.dollars().Mul(factor)} }

// add adds n at the first nonzero rate. A provider that reports parts larger than the total makes n negative, which
// counts as zero.
func (s *sum) add(n int64, rates ...billing.Amount) {
	for _, rate := range rates {
		if rate == 0 || n <= 0 {
			continue
		}
		const most = math.MaxInt64 / 16 // fewer than 16 parts are added
		if overflow, parts := bits.Mul64(uint64(n), uint64(rate)); overflow == 0 && parts < most {
			s.tokens += int64(parts)
		} else {
			s.rest = s.rest.Add(decimal.New(n, -6).Mul(rate.Decimal()))
		}
		return
	}
}
