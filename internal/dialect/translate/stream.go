package translate

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Event is what happens in a stream, in no provider's format.
type Event struct {
	Kind   EventKind
	Choice int    // of several answers
	Text   string // of TextDelta, ThoughtDelta, ArgumentsDelta; a signature; encrypted thinking
	ID     string // of the answer, or of a call
	Name   string // of the model, the tool, or the sequence that stopped the answer
	Stop   Stop
	Error  Error
}

// EventKind is a kind of event. Parts follow each other: what begins one ends the
// one before.
type EventKind int

// The kinds.
const (
	Begin          EventKind = iota + 1 // ID and Name are the answer's and the model's
	TextDelta                           // some Text, in the same part as text right before
	ThoughtDelta                        // some thinking
	SignatureDelta                      // signs the part before: a thought, or a call
	RedactedDelta                       // thinking that is encrypted, whole
	CallBegin                           // ID and Name are the call's and the tool's
	ArgumentsDelta                      // some of the arguments of the last call
	PartEnd                             // what follows is another part
	Finish                              // Stop says why
	Done                                // the provider has no more to say
	Failure                             // Error says what happened; the last event
)

// reader reads a provider's events.
type reader interface {
	// read appends what an event says. It keeps none of data.
	read(dst []Event, kind string, data []byte) ([]Event, error)
}

// writer writes a client's stream, framing included.
type writer interface {
	// write appends what an event is to the client.
	write(dst []byte, e Event) []byte
	// end appends what completes an answer.
	end(dst []byte, u dialect.Usage) []byte
}

// Stream translates one provider's stream into a client's, event by event.
// Nothing is held back but what a client takes for the end.
type Stream struct {
	read     reader
	write    writer
	id       string
	events   []Event
	began    bool
	finished bool // the provider said why it stopped
	closed   bool // the client's stream has its end
}

// NewStream returns a translator of an answer to a client's request, from a
// provider's format into the client's own. id is the answer's where the provider
// gives it none.
func NewStream(provider, client Format, request *Request, id string) *Stream {
	return &Stream{read: provider.newReader(), write: client.newWriter(request), id: id}
}

// Event appends what an event of the provider is for the client, which may be
// nothing. The error is the provider's: its stream makes no sense.
func (s *Stream) Event(dst []byte, kind string, data []byte) ([]byte, error) {
	if s.closed {
		return dst, nil
	}
	events, err := s.read.read(s.events[:0], kind, data)
	s.events = events[:0]
	for _, e := range events {
		switch e.Kind {
		case Begin:
			if s.began {
				continue
			}
			s.began = true
			e.ID = cmp.Or(e.ID, s.id)
		case Finish:
			s.finished = true
		case Done: // even if it did not say why it stopped
			s.finished = true
			continue
		case Failure:
			s.closed = true
		}
		dst = s.write.write(dst, e)
	}
	return dst, err
}

// Fail appends an error in the client's format; it ends the stream.
func (s *Stream) Fail(dst []byte, e Error) []byte {
	if s.closed {
		return dst
	}
	s.closed = true
	return s.write.write(dst, Event{Kind: Failure, Error: e})
}

// ErrIncomplete is a stream that ended before the model's answer did.
var ErrIncomplete = errors.New("the stream ended before the answer was complete")

// End appends the end of the client's stream, with usage. The error is
// [ErrIncomplete] if the provider never said that the answer is whole.
func (s *Stream) End(dst []byte, u dialect.Usage) ([]byte, error) {
	switch {
	case s.closed:
		return dst, nil
	case !s.finished:
		return dst, ErrIncomplete
	}
	s.closed = true
	return s.write.end(dst, u), nil
}

// appendEvent appends a server-sent event; kind may be empty.
func appendEvent(dst []byte, kind string, v any) []byte {
	if kind != "" {
		dst = append(dst, "event: "...)
		dst = append(dst, kind...)
		dst = append(dst, '\n')
	}
	dst = append(dst, "data: "...)
	dst = appendJSON(dst, v)
	return append(dst, "\n\n"...)
}

// errInterleaved is a stream that goes back to a tool call after it has begun
// another. Formats with parts in order can't express it.
var errInterleaved = errors.New("the arguments of several tool calls are mixed")

// sortedKeys are the choices of an answer in order.
func sortedKeys[V any](choices map[int]V) []int { return slices.Sorted(maps.Keys(choices)) }

func appendText(dst []Event, kind EventKind, text *string) []Event {
	if text == nil || *text == "" {
		return dst
	}
	return append(dst, Event{Kind: kind, Text: *text})
}

// blocks numbers the parts of an answer for the formats that count them.
type blocks struct {
	open  EventKind // TextDelta, ThoughtDelta or CallBegin; 0 for none
	index int
}
