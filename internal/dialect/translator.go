package dialect

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// Event is what happens in a response, in no provider's format.
type Event struct {
	Kind   EventKind
	Choice int    // of several responses
	Part   int    // of CallDelta and PartEnd: the number that the provider gives a part
	Media  *Media // of MediaWhole
	Text   string // of TextDelta, ThoughtDelta, CallDelta, ArgumentsDelta; a signature; encrypted thinking
	By     Maker  // of SignatureDelta
	ID     string // of the response, or of a call
	Name   string // of the model, the tool, or the sequence that stopped the response
	Stop   Stop
	Error  Error
}

// EventKind is a kind of event.
type EventKind int

// The kinds. Readers give calls as they come, with CallDelta. Writers get parts that
// follow each other: each ends with PartEnd, and each call begins with CallBegin.
const (
	Begin          EventKind = iota + 1 // readers: ID and Name are the response's and the model's
	TextDelta                           // some Text
	RefusalDelta                        // readers: some Text with which the model refuses
	MediaWhole                          // an image or a recording that the model made
	ThoughtDelta                        // some thinking
	SignatureDelta                      // signs the thought before; without one, it is a thought without text
	RedactedDelta                       // thinking that is encrypted, whole
	CallDelta                           // readers: some of a call: ID, Name, or Text of its arguments
	CallBegin                           // writers: ID and Name are the call's and the tool's
	ArgumentsDelta                      // writers: some of the arguments of the call; there is one at least
	PartEnd                             // the part is whole
	Finish                              // Stop tells why; for writers the last event of a choice
	Failure                             // writers: Error tells what happened; the last event
)

// NoCall is the Part of a PartEnd that ends no call, but the text or the thought that
// is open.
const NoCall = -1

// AppendText appends an event of some text, unless there is none.
func AppendText(dst []Event, kind EventKind, text string) []Event {
	if text == "" {
		return dst
	}
	return append(dst, Event{Kind: kind, Text: text})
}

// EventReader reads the events of one provider's stream.
type EventReader interface {
	// Read appends what an event says, nothing if it can't be read. It keeps none
	// of data.
	Read(dst []Event, kind string, data []byte) []Event
}

// EventWriter writes one client's stream, framing included.
type EventWriter interface {
	// Begin appends the beginning of a response. It comes first, unless the
	// response is a Failure.
	Begin(dst []byte, o Opening) []byte
	// Write appends what an event is to the client.
	Write(dst []byte, e Event) []byte
	// End appends what completes a response.
	End(dst []byte, u Usage) []byte
}

// Opening is what is known of a response when it begins.
type Opening struct {
	ID      string
	Model   string
	Created time.Time
	// Usage returns what is known of the usage by then; the input may be an
	// estimate.
	Usage func() Usage
}

// Translator translates one provider's stream into a client's, event by event.
// Held back is what a client takes for the end, and what its format has to have in
// another order.
type Translator struct {
	provider Chat
	reader   EventReader
	writer   EventWriter
	opening  Opening
	events   []Event // read from one event
	parts    []Event // the same, in the order of the parts
	choices  []*sequence
	names    map[string]string // the client's names of tools by those at the provider
	begun    bool
	finished bool // the provider told that the response is whole
	closed   bool // the client's stream has its end
}

// NewTranslator returns a translator of the response to a client's request, from a
// provider's format into the client's own. The opening has what is taken where the
// provider tells nothing else.
func NewTranslator(provider, client Chat, request *Request, o Opening) *Translator {
	return &Translator{
		provider: provider, reader: provider.NewReader(), writer: client.NewWriter(request), opening: o, names: provider.Limits().Originals(request),
	}
}

// Event appends what an event of the provider is for the client, which may be
// nothing. class is what package ending says of the event: the reader does not judge
// what ends or fails a stream.
func (t *Translator) Event(dst []byte, class ending.Class, kind string, data []byte) []byte {
	if t.closed {
		return dst
	}
	switch class {
	case ending.Heartbeat:
		return dst
	case ending.Failure:
		return t.Fail(dst, t.provider.ReadError(cmp.Or(ClassOf(kind, data), http.StatusInternalServerError), data))
	case ending.Last, ending.Terminal: // even if the provider does not tell why it stopped
		t.finished = true
	case ending.Content, ending.UsageOnly:
	}
	t.events = t.reader.Read(t.events[:0], kind, data)
	for _, e := range t.events {
		switch {
		case e.Kind != Begin:
			dst = t.take(t.begin(dst), e)
		case !t.begun:
			t.opening.ID, t.opening.Model = cmp.Or(e.ID, t.opening.ID), cmp.Or(e.Name, t.opening.Model)
			dst = t.begin(dst)
		}
	}
	return dst
}

func (t *Translator) begin(dst []byte) []byte {
	if t.begun {
		return dst
	}
	t.begun = true
	return t.writer.Begin(dst, t.opening)
}

func (t *Translator) take(dst []byte, e Event) []byte {
	t.finished = t.finished || e.Kind == Finish
	t.parts = sequenceOf(&t.choices, e.Choice, t.opening.ID).take(t.parts[:0], e)
	return t.write(dst)
}

func (t *Translator) write(dst []byte) []byte {
	for _, e := range t.parts {
		if e.Kind == CallBegin {
			e.Name = renamed(e.Name, t.names)
		}
		dst = t.writer.Write(dst, e)
	}
	return dst
}

// maxChoices bounds what a provider's numbers of choices can make us keep.
const maxChoices = 128

// sequenceOf returns the sequence of a choice, and makes it if it is new.
func sequenceOf(choices *[]*sequence, choice int, id string) *sequence {
	choice = min(max(choice, 0), maxChoices)
	for choice >= len(*choices) {
		*choices = append(*choices, &sequence{choice: len(*choices), id: id})
	}
	return (*choices)[choice]
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
	dst = t.begin(dst)
	_ = sequenceOf(&t.choices, 0, t.opening.ID) // there is a response, if an empty one
	for _, s := range t.choices {
		t.parts = s.finish(t.parts[:0])
		dst = t.write(dst)
	}
	return t.writer.End(dst, u), nil
}

// Assemble puts the events of a whole response together. id is the response's.
func Assemble(id, model string, events []Event) *Response {
	r := &Response{ID: id, Model: model}
	var choices []*sequence
	parts := make([][]Event, 0, 1)
	for _, e := range events {
		s := sequenceOf(&choices, e.Choice, id)
		for len(parts) < len(choices) {
			parts = append(parts, nil)
		}
		parts[s.choice] = s.take(parts[s.choice], e)
	}
	for i, s := range choices {
		r.Choices = append(r.Choices, choiceOf(s.finish(parts[i])))
	}
	return r
}

// choiceOf makes a choice of events for writers.
func choiceOf(events []Event) Choice {
	var c Choice
	var text, arguments string
	var thought Thought
	var call ToolCall
	var media *Media
	for _, e := range events {
		switch e.Kind {
		case TextDelta:
			text += e.Text
		case ThoughtDelta:
			thought.Text += e.Text
		case SignatureDelta:
			thought.Signature = Signature{By: e.By, Value: e.Text}
		case RedactedDelta:
			thought.Redacted = e.Text
		case MediaWhole:
			media = e.Media
		case CallBegin:
			call.ID, call.Name = e.ID, e.Name
		case ArgumentsDelta:
			arguments += e.Text
		case PartEnd:
			switch {
			case call.Name != "":
				call.Arguments = ArgumentsOf(arguments)
				c.Parts = append(c.Parts, call)
			case media != nil:
				c.Parts = append(c.Parts, *media)
			case thought != (Thought{}):
				c.Parts = append(c.Parts, thought)
			case text != "":
				c.Parts = append(c.Parts, Text{Text: text})
			}
			text, arguments, thought, call, media = "", "", Thought{}, ToolCall{}, nil
		case Finish:
			c.Stop, c.Sequence = e.Stop, e.Name
		default: // is not of writers
		}
	}
	return c
}
