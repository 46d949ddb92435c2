package billing

import "time"

// state is everything an engine knows. It and everything reachable from it don't lock; the [Engine] does.
type state struct {
	seed      uint64 // makes ids differ from those of another engine
	epoch     uint64 // how many times the engine was restored or a merchant reset
	seq       uint64 // of the object created last
	now       time.Time
	due       dueHeap
	merchants list[*merchant]
	byKey     map[KeyHash]*merchant // by the hash of a secret key
	// Checkout sessions are found by secret before the merchant is known.
	bySecret map[KeyHash]sessionRef
	// So are spend keys.
	bySpendKey map[KeyHash]spendKeyRef
	// What a test has armed: see [Failure].
	failures []*Failure
	declines []*Decline
	replies  []*ScriptedReply
	scripted int // how many replies were ever scripted
	lenient  []Lenience
}

func newState(seed uint64) *state {
	return &state{seed: seed, byKey: map[KeyHash]*merchant{}}
}

// begin gives a restored state, and everything in it, a new epoch.
func (s *state) begin(epoch uint64) {
	s.epoch = epoch
	for _, m := range s.merchants.items {
		m.epoch = epoch
	}
}

// merchant returns a merchant by its id.
func (s *state) merchant(id string) (*merchant, error) {
	m, ok := s.merchants.get(id)
	if !ok {
		return nil, notFound("merchant", id)
	}
	return m, nil
}

// object returns the identity of a new object.
func (s *state) object(prefix string) Object {
	s.seq++
	return Object{ID: NewID(prefix, s.now, s.seed, s.seq), Seq: s.seq, CreatedAt: s.now}
}

// Command is a change that an Engine can carry out, with a result of type R.
type Command[R any] interface {
	// owner returns the merchant that the command is for, or nil.
	owner(*state) (*merchant, error)
	// apply makes the change. It validates first and writes after.
	apply(*tx, *merchant) (R, error)
}

// tx is a running command: everything it can see and change.
type tx struct {
	*state
	rules  Rules
	root   RootKey
	silent bool    // nobody receives events
	events []Event // emitted, oldest first
	ended  int     // how many due cycles have ended
	ending bool    // a due cycle is ending
	trace  *Trace  // what the command causes; nil if not traced
}

// run carries out what is due by at, and then cmd.
func run[R any](tx *tx, at time.Time, cmd Command[R]) (R, error) {
	if at.Before(tx.now) {
		at = tx.now
	}
	tx.ending = true
	tx.runDue(at)
	tx.ending = false
	tx.now = at
	m, err := cmd.owner(tx.state)
	if err != nil {
		var none R
		return none, err
	}
	return cmd.apply(tx, m)
}

// Advance carries out what is due by the time given to [Do], and nothing else. It returns how many cycles have ended.
type Advance struct{}

func (Advance) owner(*state) (*merchant, error) { return nil, nil }

func (Advance) apply(tx *tx, _ *merchant) (int, error) { return tx.ended, nil }
