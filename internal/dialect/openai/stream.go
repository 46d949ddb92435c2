package openai

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// reader reads the chunks of a chat completion.
type reader struct {
	begun bool // the response's id or model is known
}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return new(reader) }

// Read appends the content of an event.
func (r *reader) Read(dst []dialect.Event, _ string, data []byte) []dialect.Event {
	if r.begun {
		if text, ok := plainText(data); ok {
			return append(dst, dialect.Event{Kind: dialect.TextDelta, Text: string(text)})
		}
	}
	var chunk reply
	if ending.IsDone(data) || wire.DecodeResponse(data, &chunk) != nil {
		return dst
	}
	if !r.begun && (chunk.ID != "" || chunk.Model != "") {
		r.begun = true
		dst = append(dst, dialect.Event{Kind: dialect.Begin, ID: chunk.ID, Name: chunk.Model})
	}
	for _, c := range chunk.Choices {
		message := c.Delta
		if message == nil {
			message = c.Message // for servers that stream a whole response
		}
		dst = c.read(dst, c.Index, message)
	}
	return dst
}

// delta is a piece of a message for a client.
type delta struct {
	Role    string           `json:"role,omitempty"`
	Content *string          `json:"content,omitempty"`
	Refusal *json.RawMessage `json:"refusal,omitempty"` // null in the first chunk
	thoughts
	Images    []madeImage `json:"images,omitempty"`
	ToolCalls []toolCall  `json:"tool_calls,omitempty"`
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
	// parts are the thoughts and signatures so far, and between them texts and calls without their content. What must
	// be sent back is repeated in full at the end: many clients keep the last value of unknown fields.
	parts   []dialect.Part
	thought dialect.Thought

	before, after []byte // a chunk around a piece of text
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(r *dialect.Request) dialect.EventWriter {
	return &writer{wantsUsage: r.WantsUsage, choices: map[int]*choiceState{}, chunk: response{
		Object: "chat.completion.chunk", Choices: make([]responseChoice, 1),
	}}
}

// Begin appends the role.
func (w *writer) Begin(dst []byte, o dialect.Opening) []byte {
	w.chunk.ID, w.chunk.Model, w.chunk.Created = o.ID, o.Model, unix(o.Created)
	return w.sendPiece(dst, 0, w.choice(0), delta{})
}

func (w *writer) choice(i int) *choiceState {
	progress := w.choices[i]
	if progress == nil {
		progress = &choiceState{stop: dialect.EndTurn}
		w.choices[i] = progress
	}
	return progress
}

// Write appends an event in the client's format.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Kind == dialect.Failure {
		return wire.AppendEvent(dst, "", json.RawMessage(writeError(e.Error)))
	}
	progress := w.choice(e.Choice)
	var d delta
	switch e.Kind {
	case dialect.TextDelta:
		if progress.begun {
			return w.appendText(dst, e.Choice, progress, e.Text)
		}
		d.Content = &e.Text
	case dialect.ThoughtDelta:
		progress.thought.Text += e.Text
		d.Reasoning = e.Text
	case dialect.SignatureDelta:
		progress.thought.Signature = dialect.Signature{By: e.By, Value: e.Text}
		return dst
	case dialect.RedactedDelta:
		progress.thought.Redacted = e.Text
		return dst
	case dialect.MediaWhole:
		if !e.Media.IsImage() {
			return dst
		}
		d.Images = []madeImage{writeImage(*e.Media)}
	case dialect.PartEnd:
		progress.endPart()
		return dst
	case dialect.CallBegin:
		at := progress.calls
		progress.calls++
		d.ToolCalls = []toolCall{{Index: &at, ID: e.ID, Type: "function", Function: function{Name: e.Name}, Extra: writeExtra(progress.takeSignature())}}
		progress.parts = append(progress.parts, dialect.ToolCall{ID: e.ID})
	case dialect.ArgumentsDelta:
		at := progress.calls - 1
		d.ToolCalls = []toolCall{{Index: &at, Function: function{Arguments: e.Text}}}
	case dialect.Finish:
		progress.stop = e.Stop
		if progress.begun {
			return dst
		}
	default:
		return dst
	}
	return w.sendPiece(dst, e.Choice, progress, d)
}

// endPart records a thought that must be sent back, or that there was another part.
func (c *choiceState) endPart() {
	if c.thought == (dialect.Thought{}) {
		c.parts = append(c.parts, dialect.Text{})
		return
	}
	c.parts = append(c.parts, c.thought)
	c.thought = dialect.Thought{}
}

// takeSignature returns the signature of the new call, if the last thought has it.
func (c *choiceState) takeSignature() string {
	n := len(c.parts)
	if n == 0 {
		return ""
	}
	last, _ := c.parts[n-1].(dialect.Thought)
	if last.Signature.By != dialect.Gemini {
		return ""
	}
	c.parts = c.parts[:n-1]
	return last.Signature.Value
}

// appendText appends a chunk with a piece of text. The rest of the chunk is always the same, and encoded once:
// encoding each chunk was most of the work of writing a stream.
func (w *writer) appendText(dst []byte, choice int, progress *choiceState, text string) []byte {
	if progress.before == nil {
		const key = `"content":`
		before, after, _ := bytes.Cut(w.send(nil, choice, &delta{Content: new(string)}, nil), []byte(key+`""`))
		progress.before, progress.after = slices.Concat(before, []byte(key)), after
	}
	dst = jsonscan.AppendString(append(dst, progress.before...), text)
	return append(dst, progress.after...)
}

// sendPiece sends a piece of a message, with the role if it is the first.
func (w *writer) sendPiece(dst []byte, choice int, progress *choiceState, d delta) []byte {
	if !progress.begun {
		progress.begun = true
		d.Role, d.Refusal = "assistant", &null
		if d.Content == nil && d.ToolCalls == nil {
			d.Content = new(string)
		}
	}
	return w.send(dst, choice, &d, nil)
}

var null = json.RawMessage("null")

func (w *writer) send(dst []byte, choice int, d *delta, reason *string) []byte {
	w.chunk.Choices[0] = responseChoice{Index: choice, Delta: d, FinishReason: reason}
	return wire.AppendEvent(dst, "", &w.chunk)
}

// End appends the end of a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	for _, choice := range slices.Sorted(maps.Keys(w.choices)) {
		progress := w.choices[choice]
		reason := stops[progress.stop]
		var last delta
		last.thoughts, _ = writeState(progress.parts, clientState)
		last.Reasoning = "" // it was sent
		dst = w.send(dst, choice, &last, &reason)
	}
	if w.wantsUsage {
		w.chunk.Choices, w.chunk.Usage = []responseChoice{}, writeUsage(u)
		dst = wire.AppendEvent(dst, "", &w.chunk)
	}
	return append(dst, "data: [DONE]\n\n"...)
}
