package billing

// Trace collects what commands cause, for one caller of [DoTraced] at a time. It isn't part of the state: nothing
// depends on it, and snapshots leave it out.
type Trace struct {
	Effects []Effect // oldest first
}

// Effect is something that a command caused.
type Effect struct {
	Kind EffectKind
	// Due means that it was already due, and the command was only the occasion.
	Due bool
	// ID identifies a payment or delivery, or the customer whose ledger has the entry.
	ID string
	// Number is the position of an entry in the customer's ledger, or of an event among all events, from 1.
	Number uint64
}

// EffectKind is the kind of an [Effect].
type EffectKind uint8

// The kinds of effects. Events and deliveries are added by who receives the events.
const (
	EffectPayment EffectKind = iota
	EffectEntry
	EffectEvent
	EffectDelivery
)

// caused adds an effect to the trace of a command, if it has one.
func (tx *tx) caused(kind EffectKind, id string, number int) {
	if tx.trace != nil {
		tx.trace.Add(Effect{Kind: kind, Due: tx.ending, ID: id, Number: uint64(number)})
	}
}

// Add adds an effect.
func (t *Trace) Add(e Effect) {
	if t.Effects == nil {
		t.Effects = make([]Effect, 0, 3) // most that cause something cause an entry, an event and a delivery
	}
	t.Effects = append(t.Effects, e)
}
