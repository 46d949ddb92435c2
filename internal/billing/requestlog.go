package billing

import (
	"bytes"
	"hash/maphash"
	"time"
)

// requestLog holds a merchant's requests in order, and their sums. There may be millions, which never change: each is
// packed and known by its number. With a million requests of 1,000 customers, a request takes 200 bytes, including
// all indexes and its ledger entry; as structs they took 560 bytes, and twice the time.
//
// The bytes of chunks are append-only, so a snapshot can share them and read them while the log grows.
type requestLog struct {
	chunks    []chunk
	count     uint32
	byID      map[uint64]uint32 // by a hash of the id
	customers interned[string]
	meters    interned[*Meter]
	sources   interned[Source]
	series    map[seriesKey]*series
}

// chunk is up to chunkSize requests, one after the other.
type chunk struct {
	packed []byte
	starts []uint32 // of each request in packed
}

const chunkSize = 256

// idSeed makes the hashes of ids differ from run to run, so that colliding ids can't be chosen. No result depends on
// it.
var idSeed = maphash.MakeSeed()

// add appends a request of a meter, which may be nil.
func (l *requestLog) add(r *Request, meter *Meter) {
	if l.byID == nil {
		l.byID, l.series = map[uint64]uint32{}, map[seriesKey]*series{}
	}
	if l.count%chunkSize == 0 {
		if n := len(l.chunks); n > 0 { // it is full: growing left spare capacity
			l.chunks[n-1].packed = bytes.Clone(l.chunks[n-1].packed)
		}
		l.chunks = append(l.chunks, chunk{})
	}
	c := &l.chunks[len(l.chunks)-1]
	c.starts = append(c.starts, uint32(len(c.packed)))
	h := headOf(r)
	c.packed = l.pack(c.packed, h, r, meter)
	l.byID[l.slot(r.ID)] = l.count
	l.sum(r, h)
	l.count++
}

// slot returns the key in byID for a new id: its hash, or the first free one after it.
func (l *requestLog) slot(id string) uint64 {
	h := maphash.String(idSeed, id)
	for {
		if _, taken := l.byID[h]; !taken {
			return h
		}
		h++
	}
}

// find returns a request by its id.
func (l *requestLog) find(id string) (r Request, ok bool) {
	for h := maphash.String(idSeed, id); ; h++ {
		i, ok := l.byID[h]
		if !ok {
			return Request{}, false
		}
		if r := l.request(i); r.ID == id {
			return r, true
		}
	}
}

// at returns the bytes that begin with a request.
func (l *requestLog) at(i uint32) unpacker {
	c := &l.chunks[i/chunkSize]
	return unpacker{rest: c.packed[c.starts[i%chunkSize]:]}
}

// request returns a request by its number.
func (l *requestLog) request(i uint32) Request {
	u := l.at(i)
	var r Request
	l.unpack(&u, &r)
	return r
}

// The flags of a packed request. Most have neither metadata nor counts other than tokens.
const (
	packedFailed uint64 = 1 << iota
	packedCounts
	packedMetadata
)

// packedHead is the start of a packed request, which is all that sums and filters need.
type packedHead struct {
	flags, seq                    uint64
	at                            int64 // in milliseconds
	input, output                 int64 // tokens
	inputCost, outputCost, charge Amount
}

func headOf(r *Request) packedHead {
	h := packedHead{
		seq: r.Seq, at: r.CreatedAt.UnixMilli(), input: r.Usage.InputTokens, output: r.Usage.OutputTokens,
		inputCost: r.InputCost, outputCost: r.OutputCost, charge: r.Charge.Amount,
	}
	u := r.Usage
	if u.InputTokens, u.OutputTokens = 0, 0; u != (Usage{}) {
		h.flags |= packedCounts
	}
	if r.Status == RequestError {
		h.flags |= packedFailed
	}
	if len(r.Metadata) > 0 {
		h.flags |= packedMetadata
	}
	return h
}

func (h packedHead) pack(b []byte) []byte {
	b = packInt(packUint(packUint(b, h.flags), h.seq), h.at)
	b = packInt(packInt(b, h.input), h.output)
	return packInt(packInt(packInt(b, int64(h.inputCost)), int64(h.outputCost)), int64(h.charge))
}

func unpackHead(u *unpacker) packedHead {
	return packedHead{
		flags: u.uint(), seq: u.uint(), at: u.int(), input: u.int(), output: u.int(),
		inputCost: Amount(u.int()), outputCost: Amount(u.int()), charge: Amount(u.int()),
	}
}

// pack appends a request with head h.
func (l *requestLog) pack(b []byte, h packedHead, r *Request, meter *Meter) []byte {
	b = h.pack(b)
	if h.flags&packedMetadata != 0 {
		b = packUint(b, len(r.Metadata))
		for _, p := range r.Metadata {
			b = packText(packText(b, p.Key), p.Value)
		}
	}
	if h.flags&packedCounts != 0 {
		u := r.Usage
		b = packInt(packInt(b, u.InputCharacters), u.OutputCharacters)
		b = packInt(packInt(b, int64(u.InputDuration)), int64(u.OutputDuration))
	}
	b = packID(b, r.ID)
	b = packUint(packUint(packUint(b, l.customers.of(r.CustomerID)), l.meters.of(meter)), l.sources.of(r.Source))
	b = packText(b, r.ResponseID)
	b = packUint(b, len(r.Charge.Breakdown))
	for _, row := range r.Charge.Breakdown {
		b = packInt(packInt(packInt(packInt(b, row.Tier.Start), int64(row.Tier.Rate)), row.Units), int64(row.Cost))
	}
	return b
}

// unpack reads a request and returns its meter.
func (l *requestLog) unpack(u *unpacker, r *Request) *Meter {
	head := unpackHead(u)
	r.Status, r.Seq, r.CreatedAt = RequestCompleted, head.seq, time.UnixMilli(head.at).UTC()
	if head.flags&packedFailed != 0 {
		r.Status = RequestError
	}
	r.Usage.InputTokens, r.Usage.OutputTokens = head.input, head.output
	r.InputCost, r.OutputCost, r.Charge.Amount = head.inputCost, head.outputCost, head.charge
	if head.flags&packedMetadata != 0 {
		r.Metadata = make([]Pair, u.length(2))
		for i := range r.Metadata {
			r.Metadata[i] = Pair{u.text(), u.text()}
		}
	}
	if head.flags&packedCounts != 0 {
		r.Usage.InputCharacters, r.Usage.OutputCharacters = u.int(), u.int()
		r.Usage.InputDuration, r.Usage.OutputDuration = time.Duration(u.int()), time.Duration(u.int())
	}
	r.ID = u.id()
	r.CustomerID = shared(u, l.customers)
	meter := shared(u, l.meters)
	r.Source = shared(u, l.sources)
	r.ResponseID = u.text()
	if rows := u.length(4); rows > 0 {
		r.Charge.Breakdown = make([]ChargeRow, rows)
	}
	for i := range r.Charge.Breakdown {
		r.Charge.Breakdown[i] = ChargeRow{Tier: Tier{u.int(), Amount(u.int())}, Units: u.int(), Cost: Amount(u.int())}
	}
	r.ofMeter(meter)
	return meter
}

// shared reads the index of an interned value.
func shared[T comparable](u *unpacker, in interned[T]) (v T) {
	i := u.uint()
	if i >= uint64(len(in.all)) {
		u.fail()
		return v
	}
	return in.all[i]
}

// ofMeter sets the fields that a request takes from its meter, which may be nil. Assumption no-meter.
func (r *Request) ofMeter(meter *Meter) {
	r.Charge.RateType = Fixed
	if meter != nil {
		r.MeterID, r.Charge.RateType, r.Charge.Unit = meter.ID, meter.RateType, meter.Unit
	}
}

// head returns the part of a request that sums need.
func (l *requestLog) head(i uint32) packedHead {
	u := l.at(i)
	return unpackHead(&u)
}

// seq returns the place of a request in the order of creation.
func (l *requestLog) seq(i uint32) uint64 { return l.head(i).seq }

// matches reports whether a request has all of the wanted metadata.
func (l *requestLog) matches(i uint32, want []Pair) bool {
	if len(want) == 0 {
		return true
	}
	u := l.at(i)
	if unpackHead(&u).flags&packedMetadata == 0 {
		return false
	}
	found := make([]bool, len(want)) // a filter may contain a pair twice
	for range u.length(2) {
		key, value := u.bytes(u.length(1)), u.bytes(u.length(1))
		for w, p := range want {
			found[w] = found[w] || string(key) == p.Key && string(value) == p.Value
		}
	}
	for _, ok := range found {
		if !ok {
			return false
		}
	}
	return true
}

// restore adds the requests of a chunk of another log with the same tables.
func (l *requestLog) restore(packed []byte, tables *requestLog, check func(*Request) error) error {
	u := unpacker{rest: packed}
	for len(u.rest) > 0 {
		var r Request
		meter := tables.unpack(&u, &r)
		if u.failed {
			return errPacked
		}
		if err := check(&r); err != nil {
			return err
		}
		l.add(&r, meter)
	}
	return nil
}

// seriesOf returns the series of the requests that a filter selects, ignoring its metadata.
func (m *merchant) seriesOf(f RequestFilter) (*series, error) {
	key := seriesKey{meterID: m.meterID(f.Meter)}
	if f.Customer != "" {
		var err error
		if key.customerID, err = m.customerID(f.Customer); err != nil {
			return nil, err
		}
	}
	if s, ok := m.requests.series[key]; ok {
		return s, nil
	}
	return &series{}, nil
}

// meterID returns the id of the meter that a filter names by id or slug. A deleted meter can still be named by its
// id.
func (m *merchant) meterID(slugOrID string) string {
	if meter, ok := m.bySlug[slugOrID]; ok {
		return meter.ID
	}
	return slugOrID
}
