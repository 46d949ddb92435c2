package anthropic

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// event is any event of a stream.
type event struct {
	Type    string     `json:"type"`
	Message *response  `json:"message,omitempty"`
	Index   *int       `json:"index,omitempty"`
	Block   *block     `json:"content_block,omitempty"`
	Delta   *delta     `json:"delta,omitempty"`
	Usage   *usageBody `json:"usage,omitempty"`
	Error   *struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

type delta struct {
	Type      string  `json:"type,omitempty"`
	Text      *string `json:"text,omitempty"`
	Thinking  *string `json:"thinking,omitempty"`
	Signature *string `json:"signature,omitempty"`
	JSON      *string `json:"partial_json,omitempty"`

	StopReason   *string `json:"stop_reason,omitempty"`
	StopSequence *string `json:"stop_sequence,omitempty"`
}

type reader struct{ inCall bool }

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return &reader{} }

// Read appends what an event says.
func (r *reader) Read(dst []dialect.Event, kind string, data []byte) ([]dialect.Event, error) {
	var e event
	if err := wire.DecodeResponse(data, &e); err != nil {
		return dst, err
	}
	if e.Type != "" {
		kind = e.Type
	}
	switch kind {
	case "message_start":
		if e.Message != nil {
			dst = append(dst, dialect.Event{Kind: dialect.Begin, ID: e.Message.ID, Name: e.Message.Model})
		}
	case "content_block_start":
		if e.Block != nil {
			dst = r.block(dst, e.Block)
		}
	case "content_block_delta":
		if e.Delta != nil {
			dst = r.delta(dst, e.Delta)
		}
	case "content_block_stop":
		r.inCall = false
		dst = append(dst, dialect.Event{Kind: dialect.PartEnd})
	case "message_delta":
		if e.Delta != nil && e.Delta.StopReason != nil {
			dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: ReadStop(*e.Delta.StopReason), Name: wire.Value(e.Delta.StopSequence)})
		}
	case "message_stop":
		dst = append(dst, dialect.Event{Kind: dialect.Done})
	case "error":
		failed := dialect.Error{Status: 500}
		if e.Error != nil {
			failed = dialect.Error{Status: errorStatus(e.Error.Type), Message: e.Error.Message}
		}
		dst = append(dst, dialect.Event{Kind: dialect.Failure, Error: failed})
	}
	return dst, nil
}

func (r *reader) block(dst []dialect.Event, b *block) []dialect.Event {
	switch b.Type {
	case "text":
		return dialect.AppendText(dst, dialect.TextDelta, b.Text)
	case "thinking":
		return dialect.AppendText(dialect.AppendText(dst, dialect.ThoughtDelta, b.Thinking), dialect.SignatureDelta, b.Signature)
	case "redacted_thinking":
		return append(dst, dialect.Event{Kind: dialect.RedactedDelta, Text: b.Data})
	case "tool_use":
		r.inCall = true
		return append(dst, dialect.Event{Kind: dialect.CallBegin, ID: b.ID, Name: b.Name})
	}
	return dst
}

func (r *reader) delta(dst []dialect.Event, d *delta) []dialect.Event {
	dst = dialect.AppendText(dst, dialect.TextDelta, d.Text)
	dst = dialect.AppendText(dst, dialect.ThoughtDelta, d.Thinking)
	dst = dialect.AppendText(dst, dialect.SignatureDelta, d.Signature)
	if r.inCall {
		dst = dialect.AppendText(dst, dialect.ArgumentsDelta, d.JSON)
	}
	return dst
}

// writer writes the events of a message.
type writer struct {
	open     dialect.EventKind // the part that is open: TextDelta, ThoughtDelta or CallBegin; 0 for none
	index    int
	model    string
	begun    bool
	stop     dialect.Stop
	sequence string
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(r *dialect.Request) dialect.EventWriter {
	return &writer{model: r.Model, stop: dialect.EndTurn}
}

// Write appends what an event is to the client.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Choice > 0 { // there is one response
		return dst
	}
	if !w.begun && e.Kind != dialect.Failure {
		dst = w.begin(dst, e)
	}
	switch e.Kind {
	case dialect.Begin, dialect.Done: // written above, and by End
	case dialect.TextDelta:
		dst = w.part(dst, dialect.TextDelta, &block{Type: "text", Text: new(string)})
		return w.delta(dst, &delta{Type: "text_delta", Text: &e.Text})
	case dialect.ThoughtDelta:
		dst = w.part(dst, dialect.ThoughtDelta, &block{Type: "thinking", Thinking: new(string), Signature: new(string)})
		return w.delta(dst, &delta{Type: "thinking_delta", Thinking: &e.Text})
	case dialect.SignatureDelta:
		if w.open == dialect.ThoughtDelta {
			return w.delta(dst, &delta{Type: "signature_delta", Signature: &e.Text})
		}
	case dialect.RedactedDelta:
		dst = w.part(w.close(dst), dialect.RedactedDelta, &block{Type: "redacted_thinking", Data: e.Text})
		return w.close(dst)
	case dialect.CallBegin:
		return w.part(w.close(dst), dialect.CallBegin, &block{Type: "tool_use", ID: e.ID, Name: e.Name, Input: json.RawMessage("{}")})
	case dialect.ArgumentsDelta:
		if w.open == dialect.CallBegin {
			return w.delta(dst, &delta{Type: "input_json_delta", JSON: &e.Text})
		}
	case dialect.PartEnd:
		return w.close(dst)
	case dialect.Finish:
		w.stop, w.sequence = e.Stop, e.Name
	case dialect.Failure:
		return wire.AppendEvent(dst, "error", json.RawMessage(writeError(e.Error)))
	}
	return dst
}

// begin writes the start of the message. Its usage comes at the end: other
// providers tell it only then (assumption translated-usage).
func (w *writer) begin(dst []byte, e dialect.Event) []byte {
	w.begun = true
	m := &response{Type: "message", Role: "assistant", Model: w.model, Content: []block{}}
	if e.Kind == dialect.Begin {
		m.ID = e.ID
		if e.Name != "" {
			m.Model = e.Name
		}
	}
	return wire.AppendEvent(dst, "message_start", event{Type: "message_start", Message: m})
}

// part begins a block, unless one of its kind is open.
func (w *writer) part(dst []byte, kind dialect.EventKind, b *block) []byte {
	if w.open == kind {
		return dst
	}
	dst = w.close(dst)
	w.open = kind
	return wire.AppendEvent(dst, "content_block_start", event{Type: "content_block_start", Index: &w.index, Block: b})
}

func (w *writer) delta(dst []byte, d *delta) []byte {
	return wire.AppendEvent(dst, "content_block_delta", event{Type: "content_block_delta", Index: &w.index, Delta: d})
}

func (w *writer) close(dst []byte) []byte {
	if w.open == 0 {
		return dst
	}
	w.open = 0
	dst = wire.AppendEvent(dst, "content_block_stop", event{Type: "content_block_stop", Index: &w.index})
	w.index++
	return dst
}

// End appends what completes a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	if !w.begun {
		dst = w.begin(dst, dialect.Event{})
	}
	dst = w.close(dst)
	reason, usage := string(w.stop), writeUsage(u)
	end := struct { // both are there, null or not
		Type  string `json:"type"`
		Delta struct {
			StopReason   string  `json:"stop_reason"`
			StopSequence *string `json:"stop_sequence"`
		} `json:"delta"`
		Usage usageBody `json:"usage"`
	}{Type: "message_delta", Usage: usage}
	end.Delta.StopReason = reason
	if w.stop == dialect.StopSequence && w.sequence != "" {
		end.Delta.StopSequence = &w.sequence
	}
	dst = wire.AppendEvent(dst, "message_delta", end)
	return wire.AppendEvent(dst, "message_stop", event{Type: "message_stop"})
}
