package billing

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Engine holds the state of all merchants. Its methods are safe for concurrent
// use; commands are carried out one at a time.
//
// This is the only file that locks. Commands and rules see the state through a
// tx, which does not lead to an Engine.
type Engine struct {
	cfg Config

	mu      sync.RWMutex
	state   *state
	outbox  []Event // emitted, but not yet taken for publishing
	emitted uint64  // how many events were ever emitted

	handing sync.Mutex // held while events are handed on; taken before mu
	spare   []Event    // the next outbox; guarded by handing
	handed  atomic.Uint64

	armed   atomic.Bool // a [Failure] has turns left
	lenient atomic.Bool // a rule of fake providers is switched off
}

// Config is what an Engine starts with. The zero value is useful.
type Config struct {
	// Seed makes the ids of one engine differ from those of another.
	Seed uint64
	// RootKey is what secrets are derived from. It must be kept secret.
	RootKey RootKey
	// Rules flips assumptions about Lava.
	Rules Rules
	// OnEvent receives every event, one at a time and in the order of the
	// commands, while the engine is not locked. It may read from the engine,
	// which may have changed since the event. It must not call [Do], which would
	// wait for itself.
	OnEvent func(Event)
}

// Rules reverse undocumented assumptions about Lava, for tests that need it.
// docs/fidelity.md lists them.
type Rules struct {
	// ResetTiersEachCycle resets the usage count that selects a tier in each billing
	// cycle of the customer. By default, it never resets. Assumption tier-count.
	ResetTiersEachCycle bool
	// PercentageAsFraction reads the rate "0.2" of a percentage meter as 20 %. By
	// default the rate is in percent: "20". Assumption percentage-rate.
	PercentageAsFraction bool
	// AcceptUncounted accepts usage reports that the meter does not count, such as
	// seconds on a token meter, and charges nothing for them. By default, they are
	// rejected. Assumption uncounted-usage.
	AcceptUncounted bool
	// RecordDelay delays records: a recorded request can be read, as pending, after
	// this time, and is completed after twice that. By default, both happen at once.
	// Assumption record-timing.
	RecordDelay time.Duration
}

// New returns an empty Engine.
func New(cfg Config) *Engine {
	return &Engine{cfg: cfg, state: newState(cfg.Seed)}
}

// Do carries out everything that is due up to the time at, and then cmd. If at is
// earlier than the last command's time, that time is used. An error is always an
// [*Error], and then cmd has changed nothing. When Do returns, the events of this
// command and of all before it have been published.
func Do[R any](e *Engine, at time.Time, cmd Command[R]) (R, error) {
	return DoTraced(e, at, cmd, nil)
}

// DoTraced is [Do], and adds what it causes to a trace, unless that is nil. The
// trace must not be in use elsewhere until DoTraced returns. The events carry it.
func DoTraced[R any](e *Engine, at time.Time, cmd Command[R], trace *Trace) (R, error) {
	r, emitted, err := carryOut(e, at, cmd, trace)
	e.handOn(emitted)
	return r, err
}

// carryOut is the part of Do that holds the lock. It returns how many events
// there have been so far.
func carryOut[R any](e *Engine, at time.Time, cmd Command[R], trace *Trace) (R, uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	tx := &tx{state: e.state, rules: e.cfg.Rules, root: e.cfg.RootKey, silent: e.cfg.OnEvent == nil, events: e.outbox, trace: trace}
	before := len(e.outbox)
	r, err := run(tx, at.UTC().Truncate(time.Millisecond), cmd)
	e.outbox = tx.events
	e.noteArmed()
	e.emitted += uint64(len(e.outbox) - before)
	return r, e.emitted, err
}

// noteArmed lets [Engine.Armed] and [Engine.Lenient] read without a lock.
func (e *Engine) noteArmed() {
	if armed := e.state.isArmed(); armed != e.armed.Load() {
		e.armed.Store(armed)
	}
	if lenient := len(e.state.lenient) > 0; lenient != e.lenient.Load() {
		e.lenient.Store(lenient)
	}
}

// Armed reports whether a failure has turns left. It does not lock.
func (e *Engine) Armed() bool { return e.armed.Load() }

// handOn returns after the first n events have been published, by this call or by another one.
func (e *Engine) handOn(n uint64) {
	if e.handed.Load() >= n {
		return
	}
	e.handing.Lock()
	defer e.handing.Unlock()
	events := e.takeEvents()
	for _, ev := range events {
		e.cfg.OnEvent(ev)
		e.handed.Add(1)
	}
	clear(events)
	e.spare = events[:0]
}

func (e *Engine) takeEvents() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	events := e.outbox
	e.outbox, e.spare = e.spare, nil
	return events
}

// view calls f with the state.
func (e *Engine) view(f func(*state)) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	f(e.state)
}

// read calls f with the data of one merchant.
func read[T any](e *Engine, merchantID string, f func(*merchant) (T, error)) (result T, err error) {
	e.view(func(s *state) {
		var m *merchant
		if m, err = s.merchant(merchantID); err == nil {
			result, err = f(m)
		}
	})
	return result, err
}

// NextDue returns when the engine next changes on its own. It returns false if it
// never does.
func (e *Engine) NextDue() (time.Time, bool) {
	e.mu.Lock() // not RLock: it removes what is no longer due
	defer e.mu.Unlock()
	return e.state.nextDue()
}

// ExceedsCycles reports whether more than most cycles of subscriptions end up to a
// time, if plans and cards stay as they are.
func (e *Engine) ExceedsCycles(at time.Time, most int) (exceeds bool) {
	e.view(func(s *state) { exceeds = s.exceedsCycles(at, most) })
	return exceeds
}

// Now returns the time of the last command.
func (e *Engine) Now() (now time.Time) {
	e.view(func(s *state) { now = s.now })
	return now
}

// Snapshot returns the state as it is now. Commands wait only until what can change has been copied, not until it is
// encoded.
func (e *Engine) Snapshot() (snap *Snapshot) {
	e.view(func(s *state) { snap = s.snapshot() })
	return snap
}

// Restore replaces the state of an engine with a snapshot that was taken at oldest or later. The next command carries
// out everything that has become due since then. Requests that were admitted before are not recorded. On an error,
// the engine does not change.
func (e *Engine) Restore(data []byte, oldest time.Time) error {
	next, err := restore(data)
	if err != nil {
		return err
	}
	if next.now.Before(oldest) {
		return fmt.Errorf("snapshot: it was taken at %s, which is too long ago: the oldest possible time is %s", next.now.Format(time.RFC3339), oldest.Format(time.RFC3339))
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	next.begin(e.state.epoch + 1)
	e.state = next
	e.noteArmed()
	return nil
}
