package billing

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
