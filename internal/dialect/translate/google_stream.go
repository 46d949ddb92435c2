package translate

import (
	"github.com/lavapayments/lava-go/internal/dialect"
)

// googleReader reads the answers of a stream, each of which has some parts.
type googleReader struct {
	id     string
	calls  int
	called map[int]bool // by candidate
}

func (google) newReader() reader { return &googleReader{called: map[int]bool{}} }

func (r *googleReader) read(dst []Event, _ string, data []byte) ([]Event, error) {
	var in googleAnswer
	if err := decodeAnswer(data, &in); err != nil {
		return dst, err
	}
	if in.Error != nil {
		return append(dst, Event{Kind: Failure, Error: Error{Status: max(in.Error.Code, 400), Message: in.Error.Message}}), nil
	}
	if in.ResponseID != "" || in.Model != "" {
		r.id = in.ResponseID
		dst = append(dst, Event{Kind: Begin, ID: in.ResponseID, Name: in.Model})
	}
	for _, c := range in.Candidates {
		for _, p := range c.Content.Parts {
			dst = r.part(dst, c.Index, p)
		}
		if c.FinishReason != "" {
			dst = append(dst, Event{Kind: Finish, Choice: c.Index, Stop: readGoogleStop(c.FinishReason, r.called[c.Index])})
		}
	}
	if len(in.Candidates) == 0 && in.Feedback != nil && in.Feedback.BlockReason != "" {
		dst = append(dst, Event{Kind: Finish, Stop: Refusal})
	}
	return dst, nil
}

func (r *googleReader) part(dst []Event, choice int, p googlePart) []Event {
	part, err := p.read("parts")
	if err != nil {
		return dst
	}
	switch p := part.(type) {
	case Text:
		dst = append(dst, Event{Kind: TextDelta, Choice: choice, Text: p.Text})
	case Thought:
		if p.Text != "" {
			dst = append(dst, Event{Kind: ThoughtDelta, Choice: choice, Text: p.Text})
		}
		if p.Signature != "" {
			dst = append(dst, Event{Kind: SignatureDelta, Choice: choice, Text: p.Signature})
		}
	case ToolCall:
		r.calls++
		r.called[choice] = true
		if p.ID == "" {
			p.ID = madeID(r.id, r.calls)
		}
		dst = append(dst, Event{Kind: CallBegin, Choice: choice, ID: p.ID, Name: p.Name},
			Event{Kind: ArgumentsDelta, Choice: choice, Text: string(p.Arguments)})
		if p.Signature != "" {
			dst = append(dst, Event{Kind: SignatureDelta, Choice: choice, Text: p.Signature})
		}
		dst = append(dst, Event{Kind: PartEnd, Choice: choice})
	}
	return dst
}

// googleWriter writes the answers of a stream. Text leaves at once. A call must
// be whole, so it waits for its arguments; and there is no mark for the end but
// the finish reason, so that waits for the end.
type googleWriter struct {
	answer  googleAnswer
	choices map[int]*googleProgress
	frame   frame
}

type googleProgress struct {
	call      *googleCall
	arguments []byte
	signature string
	thinking  bool
	stop      Stop
}

// frame is how the answers follow each other.
type frame struct {
	array bool // one JSON array, instead of server-sent events
	begun bool
}

func (f *frame) append(dst []byte, v any) []byte {
	if !f.array {
		return appendEvent(dst, "", v)
	}
	if f.begun {
		dst = append(dst, ",\r\n"...)
	} else {
		dst = append(dst, '[')
	}
	f.begun = true
	return appendJSON(dst, v)
}

func (google) newWriter(r *Request) writer {
	return &googleWriter{
		answer:  googleAnswer{Model: r.Model, Candidates: make([]googleCandidate, 1)},
		choices: map[int]*googleProgress{}, frame: frame{array: r.Array},
	}
}

func (w *googleWriter) write(dst []byte, e Event) []byte {
	if e.Kind == Begin {
		w.answer.ResponseID = e.ID
		if e.Name != "" {
			w.answer.Model = e.Name
		}
		return dst
	}
	progress := w.choices[e.Choice]
	if progress == nil {
		progress = &googleProgress{stop: EndTurn}
		w.choices[e.Choice] = progress
	}
	switch e.Kind {
	case TextDelta:
		progress.thinking = false
		dst = w.flush(dst, e.Choice, progress)
		return w.send(dst, e.Choice, "", googlePart{Text: &e.Text})
	case ThoughtDelta:
		progress.thinking = true
		dst = w.flush(dst, e.Choice, progress)
		return w.send(dst, e.Choice, "", googlePart{Text: &e.Text, Thought: true})
	case SignatureDelta:
		if progress.call != nil {
			progress.signature += e.Text
		} else if progress.thinking {
			return w.send(dst, e.Choice, "", googlePart{Text: new(string), Thought: true, ThoughtSignature: e.Text})
		}
	case CallBegin:
		progress.thinking = false
		dst = w.flush(dst, e.Choice, progress)
		progress.call = &googleCall{ID: e.ID, Name: e.Name}
	case ArgumentsDelta:
		if progress.call != nil {
			progress.arguments = append(progress.arguments, e.Text...)
		}
	case PartEnd:
		return w.flush(dst, e.Choice, progress)
	case Finish:
		progress.stop = e.Stop
	case Failure:
		detail := e.Error.google()
		dst = w.frame.append(dst, googleErrorBody{detail})
		return w.close(dst)
	}
	return dst
}

// flush sends the call that is whole now.
func (w *googleWriter) flush(dst []byte, choice int, p *googleProgress) []byte {
	if p.call == nil {
		return dst
	}
	p.call.Args = argumentsOf(string(p.arguments))
	part := googlePart{FunctionCall: p.call, ThoughtSignature: p.signature}
	p.call, p.arguments, p.signature = nil, nil, ""
	return w.send(dst, choice, "", part)
}

func (w *googleWriter) send(dst []byte, choice int, finish string, parts ...googlePart) []byte {
	w.answer.Candidates[0] = googleCandidate{Index: choice, FinishReason: finish, Content: googleContent{Role: "model", Parts: parts}}
	return w.frame.append(dst, &w.answer)
}

func (w *googleWriter) end(dst []byte, u dialect.Usage) []byte {
	if len(w.choices) == 0 {
		w.choices[0] = &googleProgress{stop: EndTurn}
	}
	w.answer.Usage = writeGoogleUsage(u)
	for _, choice := range sortedKeys(w.choices) {
		p := w.choices[choice]
		last := googlePart{Text: new(string)}
		if p.call != nil {
			p.call.Args = argumentsOf(string(p.arguments))
			last = googlePart{FunctionCall: p.call, ThoughtSignature: p.signature}
		}
		dst = w.send(dst, choice, googleStops[p.stop], last)
	}
	return w.close(dst)
}

func (w *googleWriter) close(dst []byte) []byte {
	if w.frame.array {
		return append(dst, ']')
	}
	return dst
}
