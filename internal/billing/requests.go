package billing

import "strings"

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

// valid returns s as it can be written as JSON. What comes from URLs, headers and
// providers may be anything.
func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func (s Source) valid() Source {
	return Source{Provider: valid(s.Provider), Model: valid(s.Model), Endpoint: valid(s.Endpoint), KeyType: s.KeyType}
}

// RequestStatus is how a request ended.
type RequestStatus string

// The states that Lava documents. Those with an error are not charged and don't
// count as usage. Nothing here is ever pending: a record is there at once, and
// completed. Assumption record-timing.
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

// RecordUsage records a request that was admitted, and charges it in full: there
// are no reservations, so a balance can end below zero. The customer or the meter
// may be gone by then: what happened is recorded all the same, but nobody's
// credits burn. A request that was admitted before the engine was restored is not
// recorded. What is beyond the engine's range is recorded at its limit: the
// provider has responded, so it is too late to reject anything. Assumption
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

func (c RecordUsage) owner(s *state) (*merchant, error) {
	if c.Decision.Epoch != s.epoch {
		return nil, nil // its state is gone, and its id may be another request's by now
	}
	return s.merchant(c.Decision.MerchantID)
}

func (c RecordUsage) apply(tx *tx, m *merchant) (Request, error) {
	if m == nil {
		return Request{}, nil
	}
	if r, ok := m.requests.byID[c.Decision.RequestID]; ok {
		return r.view(), nil // it was recorded before, and is charged once
	}
	r := &record{
		id: c.Decision.RequestID, customerID: c.Decision.CustomerID, source: m.requests.source(c.Source.valid()),
		responseID: valid(c.ResponseID), usage: c.Usage.bounded(), inputCost: c.InputCost, outputCost: c.OutputCost,
		metadata: pairs(c.Metadata), failed: c.Failed,
	}
	r.meter, _ = m.meters.get(c.Decision.MeterID)
	charge, _ := tx.price(m, r) // what is beyond the limit is charged at the limit
	tx.record(m, r, charge, c.DisableBilling)
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
// that the customer has used before it returns that request. Assumption
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
	if r, ok := m.requests.byID[c.RequestID]; ok {
		return m.reportedBefore(r, c.Customer)
	}
	if isIssued("req", c.RequestID, tx.seed) {
		// It is under way and will be recorded, or was rejected. If it were recorded
		// here, it would not be charged when it ends.
		return Request{}, Errorf(CodeConflict, "request_id", "request_id: %q is that of a request to the gateway, which records it by itself", shorten(c.RequestID))
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
	r := &record{
		id: c.RequestID, customerID: cust.ID, meter: meter, usage: c.Usage, metadata: pairs(c.Metadata),
		source: m.requests.source(Source{Provider: "custom", Endpoint: "POST /v1/requests", KeyType: KeyUnmanaged}),
	}
	charge, err := tx.price(m, r)
	if err != nil {
		return Request{}, err
	}
	tx.record(m, r, charge, false)
	return r.view(), nil
}

// reportedBefore returns a request that is on record, if it is the customer's.
func (m *merchant) reportedBefore(r *record, customer string) (Request, error) {
	id, err := m.customerID(customer)
	if err != nil {
		return Request{}, err
	}
	if id != r.customerID {
		return Request{}, Errorf(CodeConflict, "request_id", "request_id: %q is on record already, and not as this customer's", shorten(r.id))
	}
	return r.view(), nil
}

// price works out what a request costs the customer. With an error it still
// returns the most that can be charged.
func (tx *tx) price(m *merchant, r *record) (Charge, error) {
	if r.meter == nil || r.failed {
		return Charge{}, nil
	}
	return r.meter.price(tx.rules, m.used(r), r.usage, r.inputCost.plus(r.outputCost))
}

// used returns what selects the tier of a request: what its customer has used of
// the meter before, in raw units.
func (m *merchant) used(r *record) int64 {
	if c, ok := m.customers.get(r.customerID); ok {
		return c.Counts[r.meter.ID]
	}
	return r.meter.Count
}

// count adds a request to what used returns.
func (m *merchant) count(r *record) {
	next := addCounts(m.used(r), r.meter.Unit.of(r.usage))
	if c, ok := m.customers.get(r.customerID); ok {
		c.Counts[r.meter.ID] = next
	} else {
		r.meter.Count = next
	}
}

// record keeps a request, and charges the customer. free leaves the customer's
// credits alone.
func (tx *tx) record(m *merchant, r *record, charge Charge, free bool) {
	r.charge, r.breakdown = charge.Amount, charge.Breakdown
	if r.meter != nil && !r.failed {
		m.count(r)
	}
	tx.seq++
	r.seq, r.at = tx.seq, tx.now
	m.requests.add(r)
	cust, ok := m.customers.get(r.customerID)
	if !ok || free || r.failed || r.meter == nil || r.meter.Deleted {
		return
	}
	entries := len(cust.Ledger)
	tx.post(cust, EntryCharge, cust.Credits.burn(r.charge), r.id)
	tx.topUp(m, cust)
	tx.announceBalance(m, cust, entries)
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
