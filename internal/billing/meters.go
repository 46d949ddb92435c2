package billing

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Meter sets the price of a unit of usage.
type Meter struct {
	Object
	Slug     string
	Name     string
	RateType RateType
	Unit     Unit
	Tiers    []Tier // ascending, the first starts at 0; replaced, never modified
	Count    int64  // cumulative usage without a customer, in raw units
	Deleted  bool   // kept for the requests it priced
}

// Tier is one step of a graduated price.
type Tier struct {
	Start int64  // where it begins, in raw units
	Rate  Amount // dollars per unit of the meter, or percent of the provider's cost
}

// RateType is what the rate of a tier is multiplied by.
type RateType string

// The rate types that Lava documents.
const (
	Fixed      RateType = "fixed"
	Percentage RateType = "percentage"
)

// Unit is what a meter counts.
type Unit string

// The units that Lava documents (tier_type on the wire).
const (
	Tokens1M     Unit = "tokens_1m"
	Characters1M Unit = "characters_1m"
	Minutes      Unit = "minutes"
	Requests     Unit = "requests"
)

// per returns the number of raw units in one priced unit. Raw units are tokens, characters, nanoseconds, and
// requests.
func (u Unit) per() int64 {
	switch u {
	case Tokens1M, Characters1M:
		return 1e6
	case Minutes:
		return int64(time.Minute)
	default:
		return 1
	}
}

// of returns the raw units in a request's usage.
func (u Unit) of(use Usage) int64 {
	switch u {
	case Tokens1M:
		return use.InputTokens + use.OutputTokens
	case Characters1M:
		return use.InputCharacters + use.OutputCharacters
	case Minutes:
		return int64(use.InputDuration + use.OutputDuration)
	default:
		return 1
	}
}

// addCounts returns a+b of two counts, or maxCount if that is less.
func addCounts(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// counts rejects usage that the meter does not count, such as seconds on a token meter. Assumption uncounted-usage.
func (m *Meter) counts(use Usage) error {
	if use == (Usage{}) || m.Unit.of(use) > 0 {
		return nil
	}
	return Invalid("meter_slug", "the meter %q counts %s, but the request reports none", m.Slug, m.Unit.plural())
}

// plural returns the word for what a meter counts.
func (u Unit) plural() string { return strings.TrimSuffix(string(u), "_1m") }

// minuteTick is the precision of a start in minutes, in nanoseconds.
const minuteTick = int64(time.Minute) / int64(Dollar)

// start converts a decimal start, in the meter's displayed unit (tokens,
// characters, minutes, requests), to raw units.
func (u Unit) start(s string) (int64, error) {
	if u == Minutes {
		a, err := ParseAmount(s)
		return int64(a) * minuteTick, err
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange) || n > maxCount:
		return 0, fmt.Errorf("%q is too large", shorten(s))
	case err != nil || strings.Trim(fraction, "0") != "":
		return 0, fmt.Errorf("%q is not a whole number of %s", shorten(s), u.plural())
	}
	return int64(n), nil
}

// Displayed returns the start of a tier as Lava shows it.
func (u Unit) Displayed(start int64) string {
	if u == Minutes {
		return Amount(start / minuteTick).Plain()
	}
	return strconv.FormatInt(start, 10)
}

// TierParams is a tier as an application gives it.
type TierParams struct {
	Start string // decimal, in tokens, characters, minutes or requests
	Rate  string // decimal
}

// CreateMeter defines a meter.
type CreateMeter struct {
	MerchantID string
	Name       string
	Slug       string // generated from the name if empty
	RateType   RateType
	Unit       Unit
	Tiers      []TierParams
}

func (c CreateMeter) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c CreateMeter) apply(tx *tx, m *merchant) (Meter, error) {
	if err := checkName("name", c.Name); err != nil {
		return Meter{}, err
	}
	if err := oneOf("rate_type", c.RateType, Fixed, Percentage); err != nil {
		return Meter{}, err
	}
	if err := oneOf("tier_type", c.Unit, Tokens1M, Characters1M, Minutes, Requests); err != nil {
		return Meter{}, err
	}
	tiers, err := parseTiers(c.Unit, c.Tiers)
	if err != nil {
		return Meter{}, err
	}
	if c.Slug != "" {
		if err := checkSlug(c.Slug); err != nil {
			return Meter{}, err
		}
		if _, taken := m.bySlug[c.Slug]; taken {
			return Meter{}, Errorf(CodeConflict, "meter_slug", "meter_slug: a meter with the slug %q already exists", c.Slug)
		}
	}
	meter := &Meter{
		Object: tx.object("prd"), Name: c.Name, Slug: c.Slug,
		RateType: c.RateType, Unit: c.Unit, Tiers: tiers,
	}
	if meter.Slug == "" {
		meter.Slug = slugOf(meter.Name, meter.ID)
	}
	m.meters.add(meter)
	put(&m.bySlug, meter.Slug, meter)
	return *meter, nil
}

// UpdateMeter changes a meter's name or tiers, from the next request on.
type UpdateMeter struct {
	MerchantID string
	ID         string
	Name       *string
	Tiers      []TierParams // nil leaves them unchanged
}

func (c UpdateMeter) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c UpdateMeter) apply(_ *tx, m *merchant) (Meter, error) {
	meter, err := m.liveMeter(c.ID)
	if err != nil {
		return Meter{}, err
	}
	tiers := meter.Tiers
	if c.Tiers != nil {
		if tiers, err = parseTiers(meter.Unit, c.Tiers); err != nil {
			return Meter{}, err
		}
	}
	if c.Name != nil {
		if err := checkName("name", *c.Name); err != nil {
			return Meter{}, err
		}
		meter.Name = *c.Name
	}
	meter.Tiers = tiers
	return *meter, nil
}

// DeleteMeter removes a meter, unlinks it from plans, and frees its slug.
// Requests that were recorded keep it. Assumption meter-delete.
type DeleteMeter struct {
	MerchantID string
	ID         string
}

func (c DeleteMeter) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c DeleteMeter) apply(_ *tx, m *merchant) (struct{}, error) {
	meter, err := m.liveMeter(c.ID)
	if err != nil {
		return struct{}{}, err
	}
	meter.Deleted = true
	delete(m.bySlug, meter.Slug)
	for _, p := range m.plans.items {
		if i := slices.Index(p.MeterIDs, meter.ID); i >= 0 {
			p.MeterIDs = slices.Delete(slices.Clone(p.MeterIDs), i, i+1)
		}
	}
	return struct{}{}, nil
}

// Meter returns a meter by its id.
func (e *Engine) Meter(merchantID, id string) (Meter, error) {
	return read(e, merchantID, func(m *merchant) (Meter, error) {
		meter, err := m.liveMeter(id)
		if err != nil {
			return Meter{}, err
		}
		return *meter, nil
	})
}

// Meters lists meters.
func (e *Engine) Meters(merchantID string, page PageParams) (Page[Meter], error) {
	return read(e, merchantID, func(m *merchant) (Page[Meter], error) {
		live := func(v *Meter) bool { return !v.Deleted }
		return pageOf(m.meters.items, page, m.meters.seq, live, valueOf), nil
	})
}

func (m *merchant) liveMeter(id string) (*Meter, error) {
	meter, ok := m.meters.get(id)
	if !ok || meter.Deleted {
		return nil, notFound("meter", id)
	}
	return meter, nil
}

// meter finds a meter by its slug or its id.
func (m *merchant) meter(slugOrID string) (*Meter, error) {
	if meter, ok := m.bySlug[slugOrID]; ok {
		return meter, nil
	}
	meter, err := m.liveMeter(slugOrID)
	if err != nil {
		return nil, unknown("meter_slug", "meter", slugOrID)
	}
	return meter, nil
}

func parseTiers(unit Unit, params []TierParams) ([]Tier, error) {
	const most = 100
	if len(params) == 0 {
		return nil, Invalid("tiers", "at least one tier is required")
	}
	if len(params) > most {
		return nil, Invalid("tiers", "%d tiers are given, at most %d are allowed", len(params), most)
	}
	tiers := make([]Tier, len(params))
	for i, p := range params {
		param := indexed("tiers", i, "start")
		start, err := unit.start(p.Start)
		if err != nil {
			return nil, Invalid(param, "%s", err)
		}
		switch {
		case i == 0 && start != 0:
			return nil, Invalid(param, "the first tier must start at 0, not at %s", unit.Displayed(start))
		case i > 0 && start <= tiers[i-1].Start:
			return nil, Invalid(param, "starts must ascend: %s comes after %s", unit.Displayed(start), unit.Displayed(tiers[i-1].Start))
		}
		rate, err := parseMoney(indexed("tiers", i, "rate"), p.Rate, 0, MaxAmount)
		if err != nil {
			return nil, err
		}
		tiers[i] = Tier{Start: start, Rate: rate}
	}
	return tiers, nil
}

func checkSlug(slug string) error {
	const most = 255
	if len(slug) > most {
		return Invalid("meter_slug", "has %d characters, at most %d are allowed", len(slug), most)
	}
	for _, r := range slug {
		if r <= ' ' || r == 0x7f || r == '/' {
			return Invalid("meter_slug", "%q may not contain spaces, slashes or control characters", shorten(slug))
		}
	}
	return nil
}

// slugOf derives a slug from a name and the end of an id: "AI Chat" becomes "ai-chat-" and six more characters.
// Assumption meter-slug.
func slugOf(name, id string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case b.Len() >= 40:
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	base := strings.Trim(b.String(), "-")
	if base == "" {
		base = "meter"
	}
	return base + "-" + strings.ToLower(id[len(id)-6:])
}
