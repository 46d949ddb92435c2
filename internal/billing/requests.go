package billing

import (
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// Request is one metered request.
type Request struct {
	Object
	Status     RequestStatus
	CustomerID string // empty if nobody is billed
	MeterID    string // empty if nothing is metered
	Source
	ResponseID string
	Usage      Usage
	InputCost  Amount // what the provider charges
	OutputCost Amount
	Charge     Charge // what the customer is charged
	Metadata   []Pair // by key
}

// Cost is what the provider charges for the request.
func (r Request) Cost() Amount { return r.InputCost.plus(r.OutputCost) }

// Source is where requests go. Many requests share one.
type Source struct {
	Provider string
	Model    string
	Endpoint string // such as "POST /v1/chat/completions"
	KeyType  KeyType
}

// Pair is a key and a value of metadata.
type Pair struct{ Key, Value string }

// RequestStatus is how a request ended.
type RequestStatus string

// The states that Lava documents. Those with an error are not charged and don't
// count as usage.
const (
	RequestPending   RequestStatus = "pending"
	RequestCompleted RequestStatus = "completed"
	RequestError     RequestStatus = "error"
)

// KeyType says whose key paid the provider.
type KeyType string

// The types that Lava documents.
const (
	KeyManaged   KeyType = "managed" // the merchant's wallet pays
	KeyUnmanaged KeyType = "unmanaged"
	KeyStored    KeyType = "stored"
)

// record is a Request as the engine keeps it: there may be millions.
type record struct {
	id         string
	seq        uint64
	at         time.Time
	customerID string
	meter      *Meter // nil without one
	source     *Source
	responseID string
	usage      Usage
	inputCost  Amount
	outputCost Amount
	charge     Amount
	breakdown  []ChargeRow
	metadata   []Pair
	failed     bool
}

// requestLog holds a merchant's requests in order, and what is known of them
// in sum.
type requestLog struct {
	all     []*record
	byID    map[string]*record
	byMeter map[string][]*record
	sources map[Source]*Source
	series  map[seriesKey]*series
}

// RecordUsage records a request that was admitted, and charges it in full: there
// are no reservations, so a balance can end below zero. The customer or the meter
// may be gone by then: what happened is recorded all the same. Assumption
// no-reservations.
type RecordUsage struct {
	Decision       Decision
	DisableBilling bool
	Source         Source
	ResponseID     string
	Usage          Usage
	InputCost      Amount
	OutputCost     Amount
	Metadata       map[string]string
	Failed         bool
}

func (c RecordUsage) owner(s *state) (*merchant, error) { return s.merchant(c.Decision.MerchantID) }

func (c RecordUsage) apply(tx *tx, m *merchant) (Request, error) {
	if r, ok := m.requests.byID[c.Decision.RequestID]; ok {
		return r.view(), nil // it was recorded before, and is charged once
	}
	if err := c.Usage.check(); err != nil {
		return Request{}, err
	}
	r := &record{
		id: c.Decision.RequestID, customerID: c.Decision.CustomerID, source: m.requests.source(c.Source),
		responseID: c.ResponseID, usage: c.Usage, inputCost: c.InputCost, outputCost: c.OutputCost,
		metadata: pairs(c.Metadata), failed: c.Failed,
	}
	r.meter, _ = m.meters.get(c.Decision.MeterID)
	if err := tx.record(m, r, c.DisableBilling); err != nil {
		return Request{}, err
	}
	if c.Source.KeyType == KeyManaged {
		cost := c.InputCost.plus(c.OutputCost)
		m.WalletBalance = m.WalletBalance.plus(-cost)
		if k, ok := m.spendKeys.get(c.Decision.SpendKeyID); ok {
			k.use(tx.now, SpendDay{Spend: cost})
		}
	}
	return r.view(), nil
}

// ReportUsage records and charges usage that did not pass the gateway. Neither
// credits nor the plan's meters gate it, because it has happened. With a RequestID
// that exists it returns that request. Assumption reported-requests.
type ReportUsage struct {
	MerchantID string
	RequestID  string
	Customer   string // id or reference id
	Meter      string // slug or id
	Usage      Usage
	Metadata   map[string]string
}

func (c ReportUsage) owner(s *state) (*merchant, error) { return s.merchant(c.MerchantID) }

func (c ReportUsage) apply(tx *tx, m *merchant) (Request, error) {
	switch {
	case c.RequestID == "":
		return Request{}, missing("request_id")
	case c.Customer == "":
		return Request{}, missing("customer_id")
	case c.Meter == "":
		return Request{}, missing("meter_slug")
	}
	if err := checkLength("request_id", c.RequestID); err != nil {
		return Request{}, err
	}
	if err := CheckMetadata(c.Metadata); err != nil {
		return Request{}, err
	}
	if err := c.Usage.check(); err != nil {
		return Request{}, err
	}
	if r, ok := m.requests.byID[c.RequestID]; ok {
		return r.view(), nil
	}
	cust, err := m.customer(c.Customer)
	if err != nil {
		return Request{}, err
	}
	meter, err := m.meter(c.Meter)
	if err != nil {
		return Request{}, err
	}
	r := &record{
		id: c.RequestID, customerID: cust.ID, meter: meter, usage: c.Usage, metadata: pairs(c.Metadata),
		source: m.requests.source(Source{Provider: "custom", Endpoint: "POST /v1/requests", KeyType: KeyUnmanaged}),
	}
	if err := tx.record(m, r, false); err != nil {
		return Request{}, err
	}
	return r.view(), nil
}

// record prices a request, keeps it, and charges the customer. free leaves the
// customer's credits alone.
func (tx *tx) record(m *merchant, r *record, free bool) error {
	cust, _ := m.customers.get(r.customerID)
	if r.meter != nil && !r.failed {
		count := &r.meter.Count
		var own int64
		if cust != nil {
			own = cust.Counts[r.meter.ID]
			count = &own
		}
		charge, err := r.meter.price(tx.rules, *count, r.usage, r.inputCost.plus(r.outputCost))
		if err != nil {
			return err
		}
		*count += r.meter.Unit.of(r.usage)
		if cust != nil {
			cust.Counts[r.meter.ID] = own
		}
		r.charge, r.breakdown = charge.Amount, charge.Breakdown
	}
	tx.seq++
	r.seq, r.at = tx.seq, tx.now
	m.requests.add(r, cust)
	if cust == nil || free || r.failed {
		return nil
	}
	entries := len(cust.Ledger)
	tx.post(cust, EntryCharge, cust.Credits.burn(r.charge), r.id)
	tx.topUp(m, cust)
	tx.announceBalance(m, cust, entries)
	return nil
}

// RequestFilter selects requests. Empty fields select all.
type RequestFilter struct {
	Customer string // id or reference id
	Meter    string // id or slug
	Metadata []Pair // all must match
}

// Request returns a request by its id.
func (e *Engine) Request(merchantID, id string) (Request, error) {
	return read(e, merchantID, func(m *merchant) (Request, error) {
		r, ok := m.requests.byID[id]
		if !ok {
			return Request{}, notFound("request", id)
		}
		return r.view(), nil
	})
}

// Requests lists requests.
func (e *Engine) Requests(merchantID string, filter RequestFilter, page PageParams) (Page[Request], error) {
	return read(e, merchantID, func(m *merchant) (Page[Request], error) {
		records, keep, err := m.selectRecords(filter)
		if err != nil {
			return Page[Request]{}, err
		}
		return pageOf(records, page, func(r *record) uint64 { return r.seq }, keep, (*record).view), nil
	})
}

// selectRecords returns the shortest ordered list that has all requests the
// filter selects, and what remains to be checked on each.
func (m *merchant) selectRecords(f RequestFilter) ([]*record, func(*record) bool, error) {
	records := m.requests.all
	meterID := m.meterID(f.Meter)
	if meterID != "" {
		records = m.requests.byMeter[meterID]
	}
	if f.Customer != "" {
		c, err := m.customer(f.Customer)
		if err != nil {
			return nil, nil, err
		}
		records = c.requests
	}
	keep := func(r *record) bool {
		return (meterID == "" || r.meter != nil && r.meter.ID == meterID) && matches(r.metadata, f.Metadata)
	}
	return records, keep, nil
}

// meterID returns the id of the meter that a filter names by id or slug. A
// meter that is deleted can still be named by its id.
func (m *merchant) meterID(slugOrID string) string {
	if meter, ok := m.bySlug[slugOrID]; ok {
		return meter.ID
	}
	return slugOrID
}

func matches(have, want []Pair) bool {
	for _, p := range want {
		if !slices.Contains(have, p) {
			return false
		}
	}
	return true
}

func (l *requestLog) add(r *record, c *customer) {
	if l.byID == nil {
		l.byID, l.byMeter, l.series = map[string]*record{}, map[string][]*record{}, map[seriesKey]*series{}
	}
	l.all = append(l.all, r)
	l.byID[r.id] = r
	if c != nil {
		c.requests = append(c.requests, r)
	}
	if r.meter != nil {
		l.byMeter[r.meter.ID] = append(l.byMeter[r.meter.ID], r)
	}
	l.sum(r)
}

// source returns the one copy of s that requests share.
func (l *requestLog) source(s Source) *Source {
	if shared, ok := l.sources[s]; ok {
		return shared
	}
	if l.sources == nil {
		l.sources = map[Source]*Source{}
	}
	l.sources[s] = &s
	return &s
}

func (r *record) view() Request {
	v := Request{
		Object: Object{ID: r.id, Seq: r.seq, CreatedAt: r.at}, Status: RequestCompleted,
		CustomerID: r.customerID, Source: *r.source, ResponseID: r.responseID, Usage: r.usage,
		InputCost: r.inputCost, OutputCost: r.outputCost, Metadata: r.metadata,
		Charge: Charge{Amount: r.charge, RateType: Fixed, Breakdown: r.breakdown},
	}
	if r.failed {
		v.Status = RequestError
	}
	if r.meter != nil {
		v.MeterID, v.Charge.RateType, v.Charge.Unit = r.meter.ID, r.meter.RateType, r.meter.Unit
	}
	return v
}

func (u Usage) check() error {
	counts := []struct {
		param string
		n     int64
	}{
		{"input_tokens", u.InputTokens}, {"output_tokens", u.OutputTokens},
		{"input_characters", u.InputCharacters}, {"output_characters", u.OutputCharacters},
		{"input_seconds", int64(u.InputDuration / time.Second)}, {"output_seconds", int64(u.OutputDuration / time.Second)},
	}
	for _, c := range counts {
		if c.n < 0 || c.n > maxCount {
			return invalid(c.param, "%d is not between 0 and %d", c.n, int64(maxCount))
		}
	}
	if u.InputDuration < 0 || u.OutputDuration < 0 {
		return invalid("input_seconds", "must not be negative")
	}
	return nil
}

// metadataKey leaves the length out: a bound of 255 takes a millisecond to
// compile, each time a program starts.
var metadataKey = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// CheckMetadata refuses metadata of requests that Lava would refuse.
func CheckMetadata(metadata map[string]string) error {
	const most = 100
	if len(metadata) > most {
		return invalid("metadata", "has %d pairs, at most %d are allowed", len(metadata), most)
	}
	for _, p := range pairs(metadata) {
		if len(p.Key) > 255 || !metadataKey.MatchString(p.Key) {
			return invalid("metadata", "the key %q is not 1 to 255 letters, digits or underscores", shorten(p.Key))
		}
		if n := utf8.RuneCountInString(p.Value); n < 1 || n > 255 {
			return invalid("metadata", "the value of %q has %d characters, 1 to 255 are allowed", p.Key, n)
		}
	}
	return nil
}

// pairs returns metadata ordered by key.
func pairs(metadata map[string]string) []Pair {
	if len(metadata) == 0 {
		return nil
	}
	all := make([]Pair, 0, len(metadata))
	for k, v := range metadata {
		all = append(all, Pair{k, v})
	}
	slices.SortFunc(all, func(a, b Pair) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	return all
}
