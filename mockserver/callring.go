package mockserver

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// maxCalls bounds how many calls are kept.
const maxCalls = 10_000

// What is kept of a call besides its bodies, in bytes.
const (
	maxURIKept = 8 << 10 // also of the provider's URL, and of messages
	maxIDKept  = 255     // of what should be an id, and of idempotency keys
)

// cut returns the beginning of a text, without the memory of the rest.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.Clone(text[:n])
}

// bound cuts what a client may have made long, before the call is kept.
func (c *keptCall) bound() {
	c.method, c.hint = cut(c.method, maxIDKept), cut(c.hint, maxURIKept)
	c.subject, c.customer = cut(c.subject, maxIDKept), cut(c.customer, maxIDKept)
	if len(c.uri) == maxURIKept { // parts of the URI have the memory of the whole
		c.method, c.subject, c.customer = strings.Clone(c.method), strings.Clone(c.subject), strings.Clone(c.customer)
	}
	if c.err != nil && len(c.err.Message)+len(c.err.Param) > maxIDKept {
		e := *c.err
		e.Message, e.Param = cut(e.Message, maxURIKept), cut(e.Param, maxIDKept)
		c.err = &e
	}
	for i := range c.providerCalls {
		try := &c.providerCalls[i]
		if u := *try.url; len(c.uri) == maxURIKept || len(u.Path)+len(u.RawQuery) > maxURIKept {
			u.Host, u.Path, u.RawPath = strings.Clone(cut(u.Host, maxIDKept)), strings.Clone(cut(u.Path, maxURIKept)), ""
			u.RawQuery, u.Fragment, u.RawFragment, u.User = strings.Clone(cut(u.RawQuery, maxURIKept)), "", "", nil
			try.url = &u
		}
	}
}

// keptCall is a call as it is kept: nothing in it is masked yet, so it leaves only as a
// [Call].
type keptCall struct {
	position       uint64 // among all, from 1
	at             time.Time
	took           time.Duration
	method, uri    string
	endpoint       Endpoint
	subject        string // the id in the path
	status         int
	id             string
	merchant       string
	customer       string
	idempotencyKey string
	replayed       bool
	err            *Error
	hint           string
	struck         bool         // by an error that a test has armed, which is no mistake of the caller
	rule           Rule         // by which a fake provider has rejected it
	failure        string       // what was armed for it
	input          reflect.Type // what its body was decoded into
	request        keptBody
	response       keptBody
	trace          billing.Trace
	providerCalls  []keptProviderCall
	firstTry       [1]keptProviderCall // where providerCalls begins: most calls have no other
	forgotten      bool                // with its merchant, who was reset or deleted
	era            uint64              // of the ring when the merchant was known, or admission was
}

// calls is a ring of the latest calls. It is empty until the first one.
type calls struct {
	mu      sync.Mutex
	ring    []*keptCall // the call at position p is at (p-1) % maxCalls
	count   uint64      // how many there have been
	bodies  callBodies
	dropped uint64 // the last position whose bodies were dropped
	notice  notice

	era     atomic.Uint64     // how often merchants were forgotten
	resetIn map[string]uint64 // the era that began when a merchant was last reset
	isGone  func(merchantID string) bool

	telling sync.Mutex // held while somebody is told of a call
	closed  bool       // nobody is told any more
}

// add keeps a call that is over, and reports whether it does: a call of a time before its
// merchant was reset or deleted is not kept. Its bodies are copied.
func (cs *calls) add(c *keptCall) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.forgotten = cs.isPast(c); c.forgotten {
		return false
	}
	cs.count++
	c.position = cs.count
	if len(cs.ring) < maxCalls {
		cs.ring = append(cs.ring, c)
	} else {
		cs.dropUpTo(c.position - maxCalls)
		cs.ring[(c.position-1)%maxCalls] = c
	}
	cs.keepBodies(c)
	cs.notice.tell()
	return true
}

// isOver reports whether a call that is under way is of a time before its merchant was
// reset or deleted.
func (cs *calls) isOver(c *keptCall) bool {
	if c.era == cs.era.Load() {
		return false
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.isPast(c)
}

// isPast is isOver for who holds mu.
func (cs *calls) isPast(c *keptCall) bool {
	return c.merchant != "" && c.era != cs.era.Load() && (cs.resetIn[c.merchant] > c.era || cs.isGone(c.merchant))
}

// respond replaces the response of a call that was kept before its end was sent.
func (cs *calls) respond(c *keptCall, sent *excerpt) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if sent.size == c.response.size || c.forgotten {
		return
	}
	block := cs.room(len(sent.data)) // which may drop the bodies of this call
	if c.position > cs.dropped {
		c.response = keptBody{block.put(sent.data), sent.size}
	}
}

// after returns copies of the calls after a position, oldest first, and what is closed
// when there are more.
func (cs *calls) after(position uint64) ([]keptCall, <-chan struct{}) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	first := max(position, cs.count-uint64(len(cs.ring)))
	cs.pin(first + 1)
	var kept []keptCall
	if first < cs.count {
		kept = make([]keptCall, 0, cs.count-first)
	}
	for p := first; p < cs.count; p++ {
		if c := cs.ring[p%maxCalls]; !c.forgotten {
			kept = append(kept, c.copy())
		}
	}
	return kept, cs.notice.wait()
}

// latest returns copies of the latest n calls, oldest first.
func (cs *calls) latest(n int) []keptCall {
	cs.mu.Lock()
	from := cs.count - min(cs.count, uint64(max(n, 0)))
	cs.mu.Unlock()
	kept, _ := cs.after(from)
	return kept[max(0, len(kept)-n):]
}

// find returns a copy of the call with an id, or nil.
func (cs *calls) find(id string) *keptCall {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for i := range cs.ring { // from the latest on
		c := cs.ring[(cs.count-1-uint64(i))%maxCalls]
		if c.id == id && !c.forgotten {
			cs.pin(c.position)
			out := c.copy()
			return &out
		}
	}
	return nil
}

// changed returns what is closed when there are more.
func (cs *calls) changed() <-chan struct{} {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.notice.wait()
}

// forget hides the calls of a merchant, who was reset or deleted, and those that are still
// under way: the others keep their positions.
func (cs *calls) forget(merchantID string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if era := cs.era.Add(1); cs.isGone(merchantID) {
		delete(cs.resetIn, merchantID)
	} else {
		if cs.resetIn == nil {
			cs.resetIn = map[string]uint64{}
		}
		cs.resetIn[merchantID] = era
	}
	for _, c := range cs.ring {
		if c.merchant == merchantID {
			c.dropBodies()
			c.forgotten = true
		}
	}
}

// copy returns a copy that drop does not change.
func (c *keptCall) copy() keptCall {
	out := *c
	out.providerCalls = append([]keptProviderCall(nil), c.providerCalls...)
	return out
}

// causes returns a function that returns the id of the call that caused something: ID
// and Number of the effect say what. It is "" for what was due, and for what no call
// that is kept has caused. With an id, only effects with that are found.
func (cs *calls) causes(kind billing.EffectKind, id string) func(billing.Effect) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	byEffect := map[billing.Effect]string{}
	for _, c := range cs.ring {
		for _, e := range c.trace.Effects {
			if e.Kind == kind && !e.Due && (id == "" || e.ID == id) {
				byEffect[e] = c.id
			}
		}
	}
	return func(e billing.Effect) string {
		e.Kind = kind
		return byEffect[e]
	}
}

// close ends what is told of calls.
func (cs *calls) close() {
	cs.telling.Lock()
	defer cs.telling.Unlock()
	cs.closed = true
}

// copyOf returns a copy of a call that is in the ring.
func (cs *calls) copyOf(c *keptCall) *keptCall {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.pin(c.position)
	out := c.copy()
	return &out
}
