package mockserver

import (
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lavapayments/lava-go/internal/billing"
)

// maxCalls limits how many calls are kept.
const maxCalls = 10_000

// The limits of what is kept of a call besides its bodies, in bytes.
const (
	maxURIKept = 8 << 10 // also of the provider's URL, and of messages
	maxIDKept  = 255     // of ids in paths, and of idempotency keys
)

// cut returns the beginning of a text, without keeping the rest in memory.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.Clone(text[:n])
}

// bound truncates texts of a client that may be long, before the call is kept.
func (c *keptCall) bound() {
	c.method, c.hint = cut(c.method, maxIDKept), cut(c.hint, maxURIKept)
	c.subject, c.customer = cut(c.subject, maxIDKept), cut(c.customer, maxIDKept)
	if len(c.uri) == maxURIKept { // parts of the URI share the memory of the whole
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

// keptCall is a call in the ring. Nothing in it is masked, so it leaves the ring only as a [Call].
type keptCall struct {
	position       uint64 // among all calls, from 1
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
	struck         bool         // by an error that a test has armed, so the caller made no mistake
	rule           Rule         // with which a fake provider rejected it
	failure        string       // the armed failure that struck it
	input          reflect.Type // what its body was decoded into
	requestHeader  []byte       // lines
	request        keptBody
	responseHeader []byte
	response       keptBody
	trace          billing.Trace
	providerCalls  []keptProviderCall
	firstTry       [1]keptProviderCall // the start of providerCalls: most calls have only one
	forgotten      bool                // its merchant was reset or deleted
	era            uint64              // of the ring when the merchant was identified or the request admitted
}

// calls is a ring of the latest calls. It is empty until the first one.
type calls struct {
	mu      sync.Mutex
	ring    []*keptCall // the call at position p is at (p-1) % maxCalls
	count   uint64      // how many were ever added
	bodies  callBodies
	dropped uint64 // the last position whose bodies were dropped
	notice  notice

	era     atomic.Uint64     // how many times merchants were forgotten
	resetIn map[string]uint64 // the era that began when a merchant was last reset
	isGone  func(merchantID string) bool

	telling sync.Mutex // held while watchers are notified of a call
	closed  bool       // watchers are no longer notified
}

// add keeps a call that has ended, and reports whether it does: a call from before its merchant was reset or deleted
// is not kept. Its bodies are copied.
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

// isOver reports whether a call in progress is from before its merchant was reset or deleted.
func (cs *calls) isOver(c *keptCall) bool {
	if c.era == cs.era.Load() {
		return false
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.isPast(c)
}

// isPast is isOver for callers that hold mu.
func (cs *calls) isPast(c *keptCall) bool {
	return c.era != cs.era.Load() && (cs.resetIn[c.merchant] > c.era || c.merchant != "" && cs.isGone(c.merchant))
}

// respond replaces the response of a call that was kept before the end of the response was sent.
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

// after returns copies of the calls after a position, oldest first, and a channel that is closed when there are more.
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
	for i := range cs.ring { // from the latest back
		c := cs.ring[(cs.count-1-uint64(i))%maxCalls]
		if c.id == id && !c.forgotten {
			cs.pin(c.position)
			out := c.copy()
			return &out
		}
	}
	return nil
}

// changed returns a channel that is closed when there are more calls.
func (cs *calls) changed() <-chan struct{} {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.notice.wait()
}

// forget hides the calls of a merchant who was reset or deleted, or those without a merchant if the id is empty,
// including those in progress. The others keep their positions.
func (cs *calls) forget(merchantID string) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if era := cs.era.Add(1); merchantID != "" && cs.isGone(merchantID) {
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

// causes returns a function that returns the id of the call that caused an effect, identified by its ID and Number.
// It is "" for what was due, and if no kept call caused it. With an id, only effects with that id are found.
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

// close ends the notifications of calls.
func (cs *calls) close() {
	cs.telling.Lock()
	defer cs.telling.Unlock()
	cs.closed = true
}

// copyOf returns a copy of a call in the ring.
func (cs *calls) copyOf(c *keptCall) *keptCall {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.pin(c.position)
	out := c.copy()
	return &out
}
