package google

import (
	"maps"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// reader reads the responses of a stream. Each has some of the parts.
type reader struct {
	calls int // so far: calls have no numbers
}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return &reader{} }

// Read appends the content of an event.
func (r *reader) Read(dst []dialect.Event, _ string, data []byte) []dialect.Event {
	var in reply
	if wire.DecodeResponse(data, &in) != nil {
		return dst
	}
	if in.ResponseID != "" || in.Model != "" {
		dst = append(dst, dialect.Event{Kind: dialect.Begin, ID: in.ResponseID, Name: in.Model})
	}
	return r.read(dst, &in)
}

// read appends the content of a response, whole or partial: both have the same type.
func (r *reader) read(dst []dialect.Event, in *reply) []dialect.Event {
	for i, c := range in.Candidates {
		if c.Index != nil {
			i = *c.Index
		}
		from := len(dst)
		for _, p := range c.Content.Parts {
			dst = r.part(dst, &p)
		}
		if c.FinishReason != "" {
			if stop := readStop(c.FinishReason); stop == dialect.Refusal && len(c.Content.Parts) == 0 {
				dst = dialect.AppendText(dst, dialect.TextDelta, c.FinishMessage) // why there is no output
			}
			dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: readStop(c.FinishReason)})
		}
		for j := range dst[from:] {
			dst[from+j].Choice = i
		}
	}
	if len(in.Candidates) == 0 && wire.IsSet(in.Feedback) {
		dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: dialect.Refusal})
	}
	return dst
}

// part appends the content of a part. The signature of a text follows it, and that of a call precedes it.
func (r *reader) part(dst []dialect.Event, p *outputPart) []dialect.Event {
	switch {
	case p.FunctionCall != nil:
		dst = appendSignature(dst, p.Signature)
		r.calls++
		args := wire.ObjectOf(p.FunctionCall.Args)
		return append(dst, dialect.Event{Kind: dialect.CallDelta, Part: r.calls, ID: p.FunctionCall.ID, Name: p.FunctionCall.Name, Text: string(args)},
			dialect.Event{Kind: dialect.PartEnd, Part: r.calls})
	case p.InlineData != nil && !p.Thought: // a draft of an image is a thought
		m := dialect.Media{Type: p.InlineData.MIMEType, Data: p.InlineData.Data}
		dst = append(dst, dialect.Event{Kind: dialect.MediaWhole, Media: &m})
	case p.Thought:
		dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(p.Text))
	default:
		dst = dialect.AppendText(dst, dialect.TextDelta, string(p.Text))
	}
	return appendSignature(dst, p.Signature)
}

func appendSignature(dst []dialect.Event, signature string) []dialect.Event {
	if signature == "" {
		return dst
	}
	if data, ok := dialect.ReadRedacted(signature); ok {
		return append(dst, dialect.Event{Kind: dialect.RedactedDelta, Text: data})
	}
	sign := dialect.ReadSignature(signature, dialect.Gemini)
	end := dialect.Event{Kind: dialect.PartEnd, Part: dialect.NoCall}
	return append(dst, dialect.Event{Kind: dialect.SignatureDelta, Text: sign.Value, By: sign.By}, end)
}

// writer writes the responses of a stream. Text is sent immediately. A call must be whole, so it waits for its
// arguments; and the only mark of the end is the finish reason, so that waits for the end.
type writer struct {
	current response
	choices map[int]*choiceState
	frame   frame
}

type choiceState struct {
	call      *call
	arguments []byte
	signature string // for the call that comes next, or the text before
	stop      dialect.Stop
}

// frame is the framing of the responses.
type frame struct {
	array bool // one JSON array, instead of server-sent events
	begun bool
}

func (f *frame) append(dst []byte, v any) []byte {
	if !f.array {
		return wire.AppendEvent(dst, "", v)
	}
	if f.begun {
		dst = append(dst, ",\r\n"...)
	} else {
		dst = append(dst, '[')
	}
	f.begun = true
	return wire.Append(dst, v)
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(r *dialect.Request) dialect.EventWriter {
	return &writer{
		current: response{Candidates: make([]candidate, 1)}, choices: map[int]*choiceState{}, frame: frame{array: r.Array},
	}
}

// Begin keeps what all responses of the stream contain.
func (w *writer) Begin(dst []byte, o dialect.Opening) []byte {
	w.current.ResponseID, w.current.Model = o.ID, o.Model
	return dst
}

// Write appends an event in the client's format.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Kind == dialect.Failure {
		return w.close(w.frame.append(dst, errorBody{writeErrorDetail(e.Error)}))
	}
	progress := w.choices[e.Choice]
	if progress == nil {
		progress = &choiceState{stop: dialect.EndTurn}
		w.choices[e.Choice] = progress
	}
	switch e.Kind {
	case dialect.TextDelta:
		return w.send(dst, e.Choice, "", part{Text: &e.Text, ThoughtSignature: progress.takeSignature()})
	case dialect.ThoughtDelta:
		return w.send(dst, e.Choice, "", part{Text: &e.Text, Thought: true})
	case dialect.SignatureDelta:
		if e.By == dialect.Gemini {
			progress.signature = e.Text
			return dst
		}
		return w.sendSigned(dst, e.Choice, dialect.Signature{By: e.By, Value: e.Text}.In(dialect.Gemini))
	case dialect.MediaWhole:
		return w.send(dst, e.Choice, "", part{InlineData: &blob{MIMEType: e.Media.Type, Data: e.Media.Data}})
	case dialect.RedactedDelta:
		return w.sendSigned(dst, e.Choice, dialect.MarkRedacted(e.Text))
	case dialect.CallBegin:
		progress.call = &call{ID: e.ID, Name: e.Name}
	case dialect.ArgumentsDelta:
		progress.arguments = append(progress.arguments, e.Text...)
	case dialect.PartEnd:
		return w.endPart(dst, e.Choice, progress)
	case dialect.Finish:
		progress.stop = e.Stop
	default: // only for readers
	}
	return dst
}

func (c *choiceState) takeSignature() string {
	signature := c.signature
	c.signature = ""
	return signature
}

// sendSigned sends the signature of the preceding thoughts, as a thought without text.
func (w *writer) sendSigned(dst []byte, choice int, signature string) []byte {
	return w.send(dst, choice, "", part{Text: new(string), Thought: true, ThoughtSignature: signature})
}

// endPart sends the call that is now complete.
func (w *writer) endPart(dst []byte, choice int, p *choiceState) []byte {
	if p.call == nil {
		return dst
	}
	p.call.Args = dialect.ArgumentsOf(string(p.arguments))
	part := part{FunctionCall: p.call, ThoughtSignature: p.takeSignature()}
	p.call, p.arguments = nil, nil
	return w.send(dst, choice, "", part)
}

func (w *writer) send(dst []byte, choice int, finish string, parts ...part) []byte {
	w.current.Candidates[0] = candidate{Index: choice, FinishReason: finish, Content: content{Role: "model", Parts: parts}}
	return w.frame.append(dst, &w.current)
}

// End appends the end of a response. Gemini may also sign a text with an empty part after it.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	w.current.Usage = writeUsage(u)
	for _, choice := range slices.Sorted(maps.Keys(w.choices)) {
		p := w.choices[choice]
		dst = w.send(dst, choice, stops[p.stop], part{Text: new(string), ThoughtSignature: p.takeSignature()})
	}
	return w.close(dst)
}

func (w *writer) close(dst []byte) []byte {
	if w.frame.array {
		return append(dst, ']')
	}
	return dst
}
