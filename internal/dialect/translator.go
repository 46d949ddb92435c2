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

// The kinds. Readers return calls as they arrive, with CallDelta. Writers get parts that follow each other: each ends
// with PartEnd, and each call begins with CallBegin.
const (
	Begin          EventKind = iota + 1 // readers: ID and Name are the response's and the model's
	TextDelta                           // a piece of Text
	RefusalDelta                        // readers: a piece of Text with which the model refuses
	MediaWhole                          // an image or a recording that the model made
	ThoughtDelta                        // a piece of thinking
	SignatureDelta                      // signs the previous thought; without one, it is a thought without text
	RedactedDelta                       // encrypted thinking, whole
	CallDelta                           // readers: a piece of a call: ID, Name, or Text of its arguments
	CallBegin                           // writers: ID and Name are the call's and the tool's
	ArgumentsDelta                      // writers: a piece of the call's arguments; there is at least one
	PartEnd                             // the part is complete
	Finish                              // Stop is the reason; for writers, the last event of a choice
	Failure                             // writers: Error is the error; the last event
)

// NoCall is the Part of a PartEnd that ends no call, but the text or the thought that
// is open.
const NoCall = -1

// AppendText appends an event with a piece of text, unless it is empty.
func AppendText(dst []Event, kind EventKind, text string) []Event {
	if text == "" {
		return dst
	}
	return append(dst, Event{Kind: kind, Text: text})
}

// EventReader reads the events of one provider's stream.
type EventReader interface {
	// Read appends the content of an event, or nothing if it can't be parsed. It does not keep data.
	Read(dst []Event, kind string, data []byte) []Event
}

// EventWriter writes one client's stream, framing included.
type EventWriter interface {
	// Begin appends the beginning of a response. It comes first, unless the
	// response is a Failure.
	Begin(dst []byte, o Opening) []byte
	// Write appends an event in the client's format.
	Write(dst []byte, e Event) []byte
	// End appends the end of a response.
	End(dst []byte, u Usage) []byte
}

// Opening is what is known about a response when it begins.
type Opening struct {
	ID      string
	Model   string
	Created time.Time
	// Usage returns the usage known so far; the input may be an estimate.
	Usage func() Usage
}

// Translator translates one provider's stream into a client's, event by event. It holds back what a client treats as
// the end, and what its format requires in another order.
type Translator struct {
	provider Chat
	reader   EventReader
	writer   EventWriter
	opening  Opening
	events   []Event // read from one event
	parts    []Event // the same, in the order of the parts
	choices  []*sequence
	names    map[string]string // the client's names of tools, by name at the provider
	begun    bool
	finished bool // the provider reported that the response is complete
	closed   bool // the client's stream has ended
}

// NewTranslator returns a translator of the response to a client's request, from a provider's format into the
// client's own. The opening has the values to use if the provider sends no others.
func NewTranslator(provider, client Chat, request *Request, o Opening) *Translator {
	return &Translator{
		provider: provider, reader: provider.NewReader(), writer: client.NewWriter(request), opening: o, names: provider.Limits().Originals(request),
	}
}

// Event appends a provider's event in the client's format, which may be nothing. class comes from package ending: the
// reader does not decide what ends or fails a stream.
func (t *Translator) Event(dst []byte, class ending.Class, kind string, data []byte) []byte {
	if t.closed {
		return dst
	}
	switch class {
	case ending.Heartbeat:
		return dst
	case ending.Failure:
		return t.Fail(dst, t.provider.ReadError(cmp.Or(ClassOf(kind, data), http.StatusInternalServerError), data))
	case ending.Last, ending.Terminal: // even if the provider does not report why it stopped
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

// maxChoices limits the memory that a provider's choice numbers can use.
const maxChoices = 128

// sequenceOf returns the sequence of a choice, and creates it if it is new.
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

// End appends the end of the client's stream, with usage. The error is [ErrIncomplete] if the provider never reported
// that the response is complete.
func (t *Translator) End(dst []byte, u Usage) ([]byte, error) {
	switch {
	case t.closed:
		return dst, nil
	case !t.finished:
		return dst, ErrIncomplete
	}
	t.closed = true
	dst = t.begin(dst)
	_ = sequenceOf(&t.choices, 0, t.opening.ID) // there is a response, even if it is empty
	for _, s := range t.choices {
		t.parts = s.finish(t.parts[:0])
		dst = t.write(dst)
	}
	return t.writer.End(dst, u), nil
}

// Assemble builds a response from the events of a whole one. id is the response's.
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

// choiceOf builds a choice from events for writers.
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
		default: // not for writers
		}
	}
	return c
}
