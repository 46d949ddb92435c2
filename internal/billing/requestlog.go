package billing

import "time"

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
	all        []*record
	byID       map[string]*record
	byCustomer map[string][]*record // also of those who are deleted
	byMeter    map[string][]*record
	sources    map[Source]*Source
	series     map[seriesKey]*series
}

func (l *requestLog) add(r *record) {
	if l.byID == nil {
		l.byID, l.series = map[string]*record{}, map[seriesKey]*series{}
		l.byCustomer, l.byMeter = map[string][]*record{}, map[string][]*record{}
	}
	l.all = append(l.all, r)
	l.byID[r.id] = r
	if r.customerID != "" {
		l.byCustomer[r.customerID] = append(l.byCustomer[r.customerID], r)
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

// selectRecords returns the shortest ordered list that has all requests the
// filter selects, and what remains to be checked on each.
func (m *merchant) selectRecords(f RequestFilter) ([]*record, func(*record) bool, error) {
	records := m.requests.all
	meterID := m.meterID(f.Meter)
	if meterID != "" {
		records = m.requests.byMeter[meterID]
	}
	if f.Customer != "" {
		id, err := m.customerID(f.Customer)
		if err != nil {
			return nil, nil, err
		}
		records = m.requests.byCustomer[id]
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
