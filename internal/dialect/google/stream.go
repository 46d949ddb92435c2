package google

import (
	"maps"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// reader reads the responses of a stream, each of which has some parts.
type reader struct {
	id     string
	calls  int
	called map[int]bool // by candidate
}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return &reader{called: map[int]bool{}} }

// Read appends what an event says.
func (r *reader) Read(dst []dialect.Event, _ string, data []byte) ([]dialect.Event, error) {
	var in response
	if err := wire.DecodeResponse(data, &in); err != nil {
		return dst, err
	}
	if in.Error != nil {
		return append(dst, dialect.Event{Kind: dialect.Failure, Error: dialect.Error{Status: max(in.Error.Code, 400), Message: in.Error.Message}}), nil
	}
	if in.ResponseID != "" || in.Model != "" {
		r.id = in.ResponseID
		dst = append(dst, dialect.Event{Kind: dialect.Begin, ID: in.ResponseID, Name: in.Model})
	}
	for _, c := range in.Candidates {
		for _, p := range c.Content.Parts {
			dst = r.part(dst, c.Index, p)
		}
		if c.FinishReason != "" {
			dst = append(dst, dialect.Event{Kind: dialect.Finish, Choice: c.Index, Stop: readStop(c.FinishReason, r.called[c.Index])})
		}
	}
	if len(in.Candidates) == 0 && in.Feedback != nil {
		dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: dialect.Refusal})
	}
	return dst, nil
}

func (r *reader) part(dst []dialect.Event, choice int, p part) []dialect.Event {
	part, err := p.read("parts")
	if err != nil {
		return dst
	}
	switch p := part.(type) {
	case dialect.Text:
		dst = append(dst, dialect.Event{Kind: dialect.TextDelta, Choice: choice, Text: p.Text})
	case dialect.Thought:
		if p.Text != "" {
			dst = append(dst, dialect.Event{Kind: dialect.ThoughtDelta, Choice: choice, Text: p.Text})
		}
		if p.Signature != "" {
			dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Choice: choice, Text: p.Signature})
		}
	case dialect.ToolCall:
		r.calls++
		r.called[choice] = true
		if p.ID == "" {
			p.ID = madeID(r.id, r.calls)
		}
		dst = append(dst, dialect.Event{Kind: dialect.CallBegin, Choice: choice, ID: p.ID, Name: p.Name},
			dialect.Event{Kind: dialect.ArgumentsDelta, Choice: choice, Text: string(p.Arguments)})
		if p.Signature != "" {
			dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Choice: choice, Text: p.Signature})
		}
		dst = append(dst, dialect.Event{Kind: dialect.PartEnd, Choice: choice})
	}
	return dst
}

// writer writes the responses of a stream. Text leaves at once. A call must
// be whole, so it waits for its arguments; and there is no mark for the end but
// the finish reason, so that waits for the end.
type writer struct {
	current response
	choices map[int]*choiceState
	frame   frame
}

type choiceState struct {
	call      *call
	arguments []byte
	signature string
	thinking  bool
	stop      dialect.Stop
}

// frame is how the responses follow each other.
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
		current: response{Model: r.Model, Candidates: make([]candidate, 1)},
		choices: map[int]*choiceState{}, frame: frame{array: r.Array},
	}
}

// Write appends what an event is to the client.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Kind == dialect.Begin {
		w.current.ResponseID = e.ID
		if e.Name != "" {
			w.current.Model = e.Name
		}
		return dst
	}
	progress := w.choices[e.Choice]
	if progress == nil {
		progress = &choiceState{stop: dialect.EndTurn}
		w.choices[e.Choice] = progress
	}
	switch e.Kind {
	case dialect.Begin, dialect.RedactedDelta, dialect.Done: // there are no such events
	case dialect.TextDelta:
		progress.thinking = false
		dst = w.flush(dst, e.Choice, progress)
		return w.send(dst, e.Choice, "", part{Text: &e.Text})
	case dialect.ThoughtDelta:
		progress.thinking = true
		dst = w.flush(dst, e.Choice, progress)
		return w.send(dst, e.Choice, "", part{Text: &e.Text, Thought: true})
	case dialect.SignatureDelta:
		if progress.call != nil {
			progress.signature += e.Text
		} else if progress.thinking {
			return w.send(dst, e.Choice, "", part{Text: new(string), Thought: true, ThoughtSignature: e.Text})
		}
	case dialect.CallBegin:
		progress.thinking = false
		dst = w.flush(dst, e.Choice, progress)
		progress.call = &call{ID: e.ID, Name: e.Name}
	case dialect.ArgumentsDelta:
		if progress.call != nil {
			progress.arguments = append(progress.arguments, e.Text...)
		}
	case dialect.PartEnd:
		return w.flush(dst, e.Choice, progress)
	case dialect.Finish:
		progress.stop = e.Stop
	case dialect.Failure:
		detail := writeErrorDetail(e.Error)
		dst = w.frame.append(dst, errorBody{detail})
		return w.close(dst)
	}
	return dst
}

// flush sends the call that is whole now.
func (w *writer) flush(dst []byte, choice int, p *choiceState) []byte {
	if p.call == nil {
		return dst
	}
	p.call.Args = wire.ArgumentsOf(string(p.arguments))
	part := part{FunctionCall: p.call, ThoughtSignature: p.signature}
	p.call, p.arguments, p.signature = nil, nil, ""
	return w.send(dst, choice, "", part)
}

func (w *writer) send(dst []byte, choice int, finish string, parts ...part) []byte {
	w.current.Candidates[0] = candidate{Index: choice, FinishReason: finish, Content: content{Role: "model", Parts: parts}}
	return w.frame.append(dst, &w.current)
}

// End appends what completes a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	if len(w.choices) == 0 {
		w.choices[0] = &choiceState{stop: dialect.EndTurn}
	}
	w.current.Usage = writeUsage(u)
	for _, choice := range slices.Sorted(maps.Keys(w.choices)) {
		p := w.choices[choice]
		last := part{Text: new(string)}
		if p.call != nil {
			p.call.Args = wire.ArgumentsOf(string(p.arguments))
			last = part{FunctionCall: p.call, ThoughtSignature: p.signature}
		}
		dst = w.send(dst, choice, stops[p.stop], last)
	}
	return w.close(dst)
}

func (w *writer) close(dst []byte) []byte {
	if w.frame.array {
		return append(dst, ']')
	}
	return dst
}
