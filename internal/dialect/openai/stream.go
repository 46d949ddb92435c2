package openai

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type delta struct {
	Role      string     `json:"role,omitempty"`
	Content   *string    `json:"content,omitempty"`
	Refusal   string     `json:"refusal,omitempty"`
	Reasoning string     `json:"reasoning_content,omitempty"`
	Thinking  string     `json:"reasoning,omitempty"` // as others call it
	ToolCalls []toolCall `json:"tool_calls,omitempty"`
}

// reader reads the chunks of a chat completion.
type reader struct {
	calls map[int]openCall // of each choice
}

// errInterleaved is a stream that goes back to a tool call after it has begun
// another. Formats with parts in order can't express it.
var errInterleaved = errors.New("the arguments of several tool calls are mixed")

// openCall is the tool call whose arguments come now.
type openCall struct {
	index int
	id    string
}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return &reader{calls: map[int]openCall{}} }

type chunk struct {
	response
	errorBody
}

// Read appends what an event says.
func (r *reader) Read(dst []dialect.Event, kind string, data []byte) ([]dialect.Event, error) {
	if ending.IsDone(data) {
		return append(dst, dialect.Event{Kind: dialect.Done}), nil
	}
	var chunk chunk
	if err := wire.DecodeResponse(data, &chunk); err != nil {
		return dst, err
	}
	if kind == "error" || chunk.Error.Message != "" {
		return append(dst, dialect.Event{Kind: dialect.Failure, Error: dialect.ErrorFrom(500, chunk.Error.Message, nil)}), nil
	}
	if chunk.ID != "" || chunk.Model != "" {
		dst = append(dst, dialect.Event{Kind: dialect.Begin, ID: chunk.ID, Name: chunk.Model})
	}
	for _, c := range chunk.Choices {
		if c.Delta != nil {
			var err error
			if dst, err = r.delta(dst, c.Index, c.Delta); err != nil {
				return dst, err
			}
		}
		if c.FinishReason != nil && *c.FinishReason != "" {
			dst = append(dst, dialect.Event{Kind: dialect.Finish, Choice: c.Index, Stop: readStop(*c.FinishReason)})
		}
	}
	return dst, nil
}

func (r *reader) delta(dst []dialect.Event, choice int, d *delta) ([]dialect.Event, error) {
	for _, thought := range [...]string{d.Reasoning, d.Thinking} {
		if thought != "" {
			dst = append(dst, dialect.Event{Kind: dialect.ThoughtDelta, Choice: choice, Text: thought})
			break
		}
	}
	if d.Content != nil && *d.Content != "" {
		dst = append(dst, dialect.Event{Kind: dialect.TextDelta, Choice: choice, Text: *d.Content})
	}
	if d.Refusal != "" {
		dst = append(dst, dialect.Event{Kind: dialect.TextDelta, Choice: choice, Text: d.Refusal})
	}
	for i, c := range d.ToolCalls {
		at := i
		if c.Index != nil {
			at = *c.Index
		}
		open, some := r.calls[choice]
		other := c.ID != "" && c.ID != open.id // some servers number all calls 0
		switch {
		case !some || at > open.index || at == open.index && other:
			r.calls[choice] = openCall{at, c.ID}
			dst = append(dst, dialect.Event{Kind: dialect.CallBegin, Choice: choice, ID: c.ID, Name: c.Function.Name})
		case at < open.index:
			return dst, errInterleaved
		}
		if c.Function.Arguments != "" {
			dst = append(dst, dialect.Event{Kind: dialect.ArgumentsDelta, Choice: choice, Text: c.Function.Arguments})
		}
		if c.Extra != nil && c.Extra.Google.Signature != "" {
			dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Choice: choice, Text: c.Extra.Google.Signature})
		}
	}
	return dst, nil
}

// writer writes the chunks of a chat completion: the role first, the finish
// reason and usage at the end.
type writer struct {
	chunk      response
	wantsUsage bool
	choices    map[int]*choiceState
}

type choiceState struct {
	calls int
	stop  dialect.Stop
	begun bool
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(r *dialect.Request) dialect.EventWriter {
	return &writer{wantsUsage: r.WantsUsage, choices: map[int]*choiceState{}, chunk: response{
		Object: "chat.completion.chunk", Model: r.Model, Choices: make([]responseChoice, 1),
	}}
}

// Write appends what an event is to the client.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	progress := w.choices[e.Choice]
	if progress == nil {
		progress = &choiceState{stop: dialect.EndTurn}
		w.choices[e.Choice] = progress
	}
	var d delta
	switch e.Kind {
	case dialect.Begin:
		w.chunk.ID = e.ID
		if e.Name != "" {
			w.chunk.Model = e.Name
		}
	case dialect.TextDelta:
		d.Content = &e.Text
	case dialect.ThoughtDelta:
		d.Reasoning = e.Text
	case dialect.CallBegin:
		at := progress.calls
		progress.calls++
		d.ToolCalls = []toolCall{{Index: &at, ID: e.ID, Type: "function", Function: function{Name: e.Name}}}
	case dialect.ArgumentsDelta, dialect.SignatureDelta:
		if progress.calls == 0 { // the signature of a thought, which nobody takes back
			return dst
		}
		at := progress.calls - 1
		call := toolCall{Index: &at}
		if e.Kind == dialect.ArgumentsDelta {
			call.Function.Arguments = e.Text
		} else {
			call.Extra = &extra{}
			call.Extra.Google.Signature = e.Text
		}
		d.ToolCalls = []toolCall{call}
	case dialect.Finish:
		progress.stop = e.Stop
		if progress.begun {
			return dst
		}
	case dialect.Failure:
		return wire.AppendEvent(dst, "", json.RawMessage(writeError(e.Error)))
	default:
		return dst
	}
	if !progress.begun {
		progress.begun = true
		d.Role = "assistant"
		if d.Content == nil && d.ToolCalls == nil {
			d.Content = new(string)
		}
	}
	return w.send(dst, e.Choice, &d, nil)
}

func (w *writer) send(dst []byte, choice int, d *delta, reason *string) []byte {
	w.chunk.Choices[0] = responseChoice{Index: choice, Delta: d, FinishReason: reason}
	return wire.AppendEvent(dst, "", &w.chunk)
}

// End appends what completes a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	for _, choice := range slices.Sorted(maps.Keys(w.choices)) {
		reason := stops[w.choices[choice].stop]
		dst = w.send(dst, choice, &delta{}, &reason)
	}
	if w.wantsUsage {
		w.chunk.Choices, w.chunk.Usage = []responseChoice{}, writeUsage(u)
		dst = wire.AppendEvent(dst, "", &w.chunk)
	}
	return append(dst, "data: [DONE]\n\n"...)
}
