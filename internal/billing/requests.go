package billing

import (
	"strings"
	"time"
)

// Request is one metered request.
type Request struct {
	Object
	Status     RequestStatus
	CustomerID string // empty if no customer is billed
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

// valid returns s as it can be encoded as JSON. URLs, headers and providers may contain invalid UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func (s Source) valid() Source {
	return Source{Provider: valid(s.Provider), Model: valid(s.Model), Endpoint: valid(s.Endpoint), KeyType: s.KeyType}
}

// RequestStatus is how a request ended.
type RequestStatus string

// The states that Lava documents. Those with an error are not charged and don't
// count as usage.
const (
	RequestPending   RequestStatus = "pending"
	RequestCompleted RequestStatus = "completed"
	RequestError     RequestStatus = "error"
)

// KeyType tells whose key paid the provider.
type KeyType string

// The types that Lava documents.
const (
	KeyManaged   KeyType = "managed" // the merchant's wallet pays
	KeyUnmanaged KeyType = "unmanaged"
	KeyStored    KeyType = "stored"
)

// RecordUsage records an admitted request and charges it in full. There are no reservations, so a balance can end
// below zero. If the customer or the meter was deleted in the meantime, the request is still recorded, but no credits
// are used. A request that was admitted before the engine was restored, or before the merchant was reset or deleted,
// is not recorded. Values beyond the engine's range are recorded at the limit, because the provider has responded and
// it is too late to reject anything. Assumption no-reservations.
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

func (c RecordUsage) owner(s *state) (*merchant, error) {
	m, ok := s.merchants.get(c.Decision.MerchantID)
	if !ok || m.epoch != c.Decision.Epoch {
		return nil, nil // its state is gone, and another request may have its id now
	}
	return m, nil
}

func (c RecordUsage) apply(tx *tx, m *merchant) (Request, error) {
	if m == nil {
		return Request{}, nil
	}
	if r, ok := m.requests.find(c.Decision.RequestID); ok {
		return r, nil // already recorded, and charged only once
	}
	r := Request{
		Object: Object{ID: c.Decision.RequestID}, Status: RequestCompleted, CustomerID: c.Decision.CustomerID,
		Source: c.Source.valid(), ResponseID: valid(c.ResponseID), Usage: c.Usage.bounded(),
		InputCost: c.InputCost, OutputCost: c.OutputCost, Metadata: pairs(c.Metadata),
	}
	if c.Failed {
		r.Status = RequestError
	}
	meter, _ := m.meters.get(c.Decision.MeterID)
	_ = tx.price(m, &r, meter) // a charge beyond the limit is charged at the limit
	tx.record(m, &r, meter, c.DisableBilling)
	if c.Source.KeyType == KeyManaged {
		cost := c.InputCost.plus(c.OutputCost)
		m.WalletBalance = m.WalletBalance.plus(-cost)
		if k, ok := m.spendKeys.get(c.Decision.SpendKeyID); ok {
			k.use(tx.now, SpendDay{Spend: cost})
		}
	}
	return r, nil
}

// ReportUsage records and charges usage that did not pass the gateway. Credits and
// the plan's meters are not checked, because the usage has already happened. If
// the customer has used the RequestID before, it returns that request. Assumption
// reported-requests.
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
	if r, ok := m.requests.find(c.RequestID); ok {
		return m.reportedBefore(r, c.Customer)
	}
	if isIssued("req", c.RequestID, tx.seed) {
		// It is in progress and will be recorded, or was rejected. If it were recorded here, it would not be charged
		// when it ends.
		return Request{}, Errorf(CodeConflict, "request_id", "request_id: %q is the id of a gateway request, which the gateway records", shorten(c.RequestID))
	}
	cust, err := m.customer(c.Customer)
	if err != nil {
		return Request{}, err
	}
	meter, err := m.meter(c.Meter)
	if err != nil {
		return Request{}, err
	}
	if !tx.rules.AcceptUncounted {
		if err := meter.counts(c.Usage); err != nil {
			return Request{}, err
		}
	}
	r := Request{
		Object: Object{ID: c.RequestID}, Status: RequestCompleted, CustomerID: cust.ID,
		Source: Source{Provider: "custom", Endpoint: "POST /v1/requests", KeyType: KeyUnmanaged},
		Usage:  c.Usage, Metadata: pairs(c.Metadata),
	}
	if err := tx.price(m, &r, meter); err != nil {
		return Request{}, err
	}
	tx.record(m, &r, meter, false)
	return r, nil
}

// reportedBefore returns a recorded request if it is the customer's.
func (m *merchant) reportedBefore(r Request, customer string) (Request, error) {
	id, err := m.customerID(customer)
	if err != nil {
		return Request{}, err
	}
	if id != r.CustomerID {
		return Request{}, Errorf(CodeConflict, "request_id", "request_id: %q is already recorded for another customer", shorten(r.ID))
	}
	return r, nil
}

// price sets the charge of a request. On an error, that is the highest possible charge.
func (tx *tx) price(m *merchant, r *Request, meter *Meter) error {
	r.ofMeter(meter)
	if meter == nil || r.Status == RequestError {
		return nil
	}
	var err error
	r.Charge, err = meter.price(tx.rules, m.used(r, meter), r.Usage, r.Cost())
	return err
}

// used returns the count that selects the tier of a request: its customer's earlier usage of the meter, in raw units.
func (m *merchant) used(r *Request, meter *Meter) int64 {
	if c, ok := m.customers.get(r.CustomerID); ok {
		return c.Counts[meter.ID]
	}
	return meter.Count
}

// count adds a request to the count that used returns.
func (m *merchant) count(r *Request, meter *Meter) {
	next := addCounts(m.used(r, meter), meter.Unit.of(r.Usage))
	if c, ok := m.customers.get(r.CustomerID); ok {
		c.Counts[meter.ID] = next
	} else {
		meter.Count = next
	}
}

// record keeps a request and charges the customer. If free, the customer's credits don't change.
func (tx *tx) record(m *merchant, r *Request, meter *Meter, free bool) {
	failed := r.Status == RequestError
	if meter != nil && !failed {
		m.count(r, meter)
	}
	tx.seq++
	r.Seq, r.CreatedAt = tx.seq, tx.now
	m.requests.add(r, meter)
	cust, ok := m.customers.get(r.CustomerID)
	if !ok || free || failed || meter == nil || meter.Deleted {
		return
	}
	entries := cust.Ledger.count
	tx.post(cust, EntryCharge, cust.Credits.burn(r.Charge.Amount), r.ID)
	tx.topUp(m, cust)
	tx.announceBalance(m, cust, entries)
}

// RequestFilter selects requests. Empty fields select all.
type RequestFilter struct {
	Customer string // id or reference id
	Meter    string // id or slug
	Metadata []Pair // all must match
}

// Request returns a request by its id, as it appears at now.
func (e *Engine) Request(merchantID, id string, now time.Time) (Request, error) {
	return read(e, merchantID, func(m *merchant) (Request, error) {
		r, ok := m.requests.find(id)
		if !ok || r.CreatedAt.UnixMilli() >= e.cfg.Rules.appeared(now) {
			return Request{}, notFound("request", id)
		}
		return e.cfg.Rules.appearance(r, now), nil
	})
}

// Requests lists requests, as they appear at now.
func (e *Engine) Requests(merchantID string, filter RequestFilter, page PageParams, now time.Time) (Page[Request], error) {
	return read(e, merchantID, func(m *merchant) (Page[Request], error) {
		s, err := m.seriesOf(filter)
		if err != nil {
			return Page[Request]{}, err
		}
		l := &m.requests
		n, _ := s.before(l, e.cfg.Rules.appeared(now))
		keep := func(i uint32) bool { return l.matches(i, filter.Metadata) }
		view := func(i uint32) Request { return e.cfg.Rules.appearance(l.request(i), now) }
		return pageOfMany(n, s.number, page, l.seq, keep, view), nil
	})
}
