package billing

import (
	"sync"
	"time"
)

// Engine holds the state of all merchants. Its methods may be called from any
// number of goroutines; commands are carried out one after another.
type Engine struct {
	mu    sync.RWMutex
	cfg   Config
	seq   uint64
	now   time.Time
	due   dueHeap
	all   list[*merchant]
	byKey map[KeyHash]*merchant // by the hash of a secret key
	// Checkout sessions are found by secret before the merchant is known.
	bySecret map[KeyHash]sessionRef
	// So are spend keys.
	bySpendKey map[KeyHash]spendKeyRef
}

// Config is what an Engine starts with. The zero value is useful.
type Config struct {
	// Seed makes the ids of one engine differ from those of another.
	Seed uint64
	// Rules flips assumptions about Lava.
	Rules Rules
	// OnEvent receives every event, in order. It is called while the engine is
	// locked, so it must be quick and must not call the engine.
	OnEvent func(Event)
	// Journal receives every command before it is carried out, in order, refused
	// ones too. To do them again on an engine with the same Seed and Rules gives
	// the same state. The same restrictions hold as for OnEvent.
	Journal func(at time.Time, command any)
}

// Rules are assumptions about Lava that are undocumented and that somebody may
// need the other way round. docs/fidelity.md lists them.
type Rules struct {
	// ResetTiersEachCycle starts the count that selects a tier at zero in each
	// billing cycle of the customer. By default it never resets.
	// Assumption tier-count.
	ResetTiersEachCycle bool
	// PercentageAsFraction reads the rate "0.2" of a percentage meter as 20 %. By
	// default the rate is in percent: "20". Assumption percentage-rate.
	PercentageAsFraction bool
}

// New returns an empty Engine.
func New(cfg Config) *Engine {
	return &Engine{
		cfg:        cfg,
		byKey:      map[KeyHash]*merchant{},
		bySecret:   map[KeyHash]sessionRef{},
		bySpendKey: map[KeyHash]spendKeyRef{},
	}
}

// Command is a change that an Engine can carry out, with a result of type R.
type Command[R any] interface {
	apply(tx *tx) (R, error)
}

// Do carries out everything that is due up to the time at, and then cmd. If
// at is earlier than the last command's time, that time is used. An error is
// always an [*Error], and then cmd has changed nothing.
func Do[R any](e *Engine, at time.Time, cmd Command[R]) (R, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at = at.UTC().Truncate(time.Millisecond)
	if at.Before(e.now) {
		at = e.now
	}
	if e.cfg.Journal != nil {
		e.cfg.Journal(at, cmd)
	}
	e.runDue(at)
	e.now = at
	return cmd.apply(&tx{Engine: e, now: at})
}

// Advance carries out what is due up to the time it is given to [Do] with, and
// nothing else.
type Advance struct{}

func (Advance) apply(*tx) (struct{}, error) { return struct{}{}, nil }

// NextDue returns when the engine next changes by itself. It is false if it
// never does.
func (e *Engine) NextDue() (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dropStale()
	if e.due.Len() == 0 {
		return time.Time{}, false
	}
	return e.due[0].at, true
}

// Now returns the time of the last command.
func (e *Engine) Now() time.Time {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.now
}

// tx is one command at work: the engine, locked, at the command's time.
type tx struct {
	*Engine
	now time.Time
}

// object returns the identity of something new.
func (tx *tx) object(prefix string) Object {
	tx.seq++
	return Object{ID: NewID(prefix, tx.now, tx.cfg.Seed, tx.seq), Seq: tx.seq, CreatedAt: tx.now}
}

func (tx *tx) emit(ev Event) {
	if tx.cfg.OnEvent != nil {
		ev.At = tx.now
		tx.cfg.OnEvent(ev)
	}
}
