package dialect

import (
	"cmp"
	"errors"
)

// Event is what happens in a stream, in no provider's format.
type Event struct {
	Kind   EventKind
	Choice int    // of several responses
	Text   string // of TextDelta, ThoughtDelta, ArgumentsDelta; a signature; encrypted thinking
	ID     string // of the response, or of a call
	Name   string // of the model, the tool, or the sequence that stopped the response
	Stop   Stop
	Error  Error
}

// EventKind is a kind of event. Parts follow each other: what begins one ends the
// one before.
type EventKind int

// The kinds.
const (
	Begin          EventKind = iota + 1 // ID and Name are the response's and the model's
	TextDelta                           // some Text, in the same part as text right before
	ThoughtDelta                        // some thinking
	SignatureDelta                      // signs the part before: a thought, or a call
	RedactedDelta                       // thinking that is encrypted, whole
	CallBegin                           // ID and Name are the call's and the tool's
	ArgumentsDelta                      // some of the arguments of the last call
	PartEnd                             // what follows is another part
	Finish                              // Stop tells why
	Done                                // the provider has no more to say
	Failure                             // Error tells what happened; the last event
)

// AppendText appends an event of some text, unless there is none.
func AppendText(dst []Event, kind EventKind, text *string) []Event {
	if text == nil || *text == "" {
		return dst
	}
	return append(dst, Event{Kind: kind, Text: *text})
}

// EventReader reads the events of one provider's stream.
type EventReader interface {
	// Read appends what an event says. It keeps none of data.
	Read(dst []Event, kind string, data []byte) ([]Event, error)
}

// EventWriter writes one client's stream, framing included.
type EventWriter interface {
	// Write appends what an event is to the client.
	Write(dst []byte, e Event) []byte
	// End appends what completes a response.
	End(dst []byte, u Usage) []byte
}

// Translator translates one provider's stream into a client's, event by event.
// Nothing is held back but what a client takes for the end.
type Translator struct {
	reader   EventReader
	writer   EventWriter
	id       string
	events   []Event
	began    bool
	finished bool // the provider told why it stopped
	closed   bool // the client's stream has its end
}

// NewTranslator returns a translator of the response to a client's request, from a
// provider's format into the client's own. id is the response's where the provider
// gives it none.
func NewTranslator(provider, client Chat, request *Request, id string) *Translator {
	return &Translator{reader: provider.NewReader(), writer: client.NewWriter(request), id: id}
}

// Event appends what an event of the provider is for the client, which may be
// nothing. The error is the provider's: its stream makes no sense.
func (t *Translator) Event(dst []byte, kind string, data []byte) ([]byte, error) {
	if t.closed {
		return dst, nil
	}
	events, err := t.reader.Read(t.events[:0], kind, data)
	t.events = events[:0]
	for _, e := range events {
		switch e.Kind {
		case Begin:
			if t.began {
				continue
			}
			t.began = true
			e.ID = cmp.Or(e.ID, t.id)
		case Finish:
			t.finished = true
		case Done: // even if it did not tell why it stopped
			t.finished = true
			continue
		case Failure:
			t.closed = true
		default: // is the writer's alone
		}
		dst = t.writer.Write(dst, e)
	}
	return dst, err
}

// Fail appends an error in the client's format; it ends the stream.
func (t *Translator) Fail(dst []byte, e Error) []byte {
	if t.closed {
		return dst
	}
	t.closed = true
	return t.writer.Write(dst, Event{Kind: Failure, Error: e})
}

// ErrIncomplete is a stream that ended before the model's response did.
var ErrIncomplete = errors.New("the stream ended before the response was complete")

// End appends the end of the client's stream, with usage. The error is
// [ErrIncomplete] if the provider never told that the response is whole.
func (t *Translator) End(dst []byte, u Usage) ([]byte, error) {
	switch {
	case t.closed:
		return dst, nil
	case !t.finished:
		return dst, ErrIncomplete
	}
	t.closed = true
	return t.writer.End(dst, u), nil
}
