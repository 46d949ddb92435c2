package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// anthropicEvent is any event of a stream.
type anthropicEvent struct {
	Type    string             `json:"type"`
	Message *anthropicResponse `json:"message,omitempty"`
	Index   *int               `json:"index,omitempty"`
	Block   *anthropicBlock    `json:"content_block,omitempty"`
	Delta   *anthropicDelta    `json:"delta,omitempty"`
	Usage   *anthropicUsage    `json:"usage,omitempty"`
	Error   *struct {
		Type    string `json:"type"`
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

type anthropicDelta struct {
	Type      string  `json:"type,omitempty"`
	Text      *string `json:"text,omitempty"`
	Thinking  *string `json:"thinking,omitempty"`
	Signature *string `json:"signature,omitempty"`
	JSON      *string `json:"partial_json,omitempty"`

	StopReason   *string `json:"stop_reason,omitempty"`
	StopSequence *string `json:"stop_sequence,omitempty"`
}

type anthropicReader struct{ inCall bool }

func (anthropic) newReader() reader { return &anthropicReader{} }

func (r *anthropicReader) read(dst []Event, kind string, data []byte) ([]Event, error) {
	var e anthropicEvent
	if err := decodeAnswer(data, &e); err != nil {
		return dst, err
	}
	if e.Type != "" {
		kind = e.Type
	}
	switch kind {
	case "message_start":
		if e.Message != nil {
			dst = append(dst, Event{Kind: Begin, ID: e.Message.ID, Name: e.Message.Model})
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
		dst = append(dst, Event{Kind: PartEnd})
	case "message_delta":
		if e.Delta != nil && e.Delta.StopReason != nil {
			dst = append(dst, Event{Kind: Finish, Stop: readAnthropicStop(*e.Delta.StopReason), Name: value(e.Delta.StopSequence)})
		}
	case "message_stop":
		dst = append(dst, Event{Kind: Done})
	case "error":
		failed := Error{Status: 500}
		if e.Error != nil {
			failed = Error{Status: anthropicErrorStatus(e.Error.Type), Message: e.Error.Message}
		}
		dst = append(dst, Event{Kind: Failure, Error: failed})
	}
	return dst, nil
}

func (r *anthropicReader) block(dst []Event, b *anthropicBlock) []Event {
	switch b.Type {
	case "text":
		return appendText(dst, TextDelta, b.Text)
	case "thinking":
		return appendText(appendText(dst, ThoughtDelta, b.Thinking), SignatureDelta, b.Signature)
	case "redacted_thinking":
		return append(dst, Event{Kind: RedactedDelta, Text: b.Data})
	case "tool_use":
		r.inCall = true
		return append(dst, Event{Kind: CallBegin, ID: b.ID, Name: b.Name})
	}
	return dst
}

func (r *anthropicReader) delta(dst []Event, d *anthropicDelta) []Event {
	dst = appendText(dst, TextDelta, d.Text)
	dst = appendText(dst, ThoughtDelta, d.Thinking)
	dst = appendText(dst, SignatureDelta, d.Signature)
	if r.inCall {
		dst = appendText(dst, ArgumentsDelta, d.JSON)
	}
	return dst
}

// anthropicWriter writes the events of a message.
type anthropicWriter struct {
	blocks
	model    string
	begun    bool
	stop     Stop
	sequence string
}

func (anthropic) newWriter(r *Request) writer { return &anthropicWriter{model: r.Model, stop: EndTurn} }

func (w *anthropicWriter) write(dst []byte, e Event) []byte {
	if e.Choice > 0 { // there is one answer
		return dst
	}
	if !w.begun && e.Kind != Failure {
		dst = w.begin(dst, e)
	}
	switch e.Kind {
	case TextDelta:
		dst = w.part(dst, TextDelta, &anthropicBlock{Type: "text", Text: new(string)})
		return w.delta(dst, &anthropicDelta{Type: "text_delta", Text: &e.Text})
	case ThoughtDelta:
		dst = w.part(dst, ThoughtDelta, &anthropicBlock{Type: "thinking", Thinking: new(string), Signature: new(string)})
		return w.delta(dst, &anthropicDelta{Type: "thinking_delta", Thinking: &e.Text})
	case SignatureDelta:
		if w.open == ThoughtDelta {
			return w.delta(dst, &anthropicDelta{Type: "signature_delta", Signature: &e.Text})
		}
	case RedactedDelta:
		dst = w.part(w.close(dst), RedactedDelta, &anthropicBlock{Type: "redacted_thinking", Data: e.Text})
		return w.close(dst)
	case CallBegin:
		return w.part(w.close(dst), CallBegin, &anthropicBlock{Type: "tool_use", ID: e.ID, Name: e.Name, Input: json.RawMessage("{}")})
	case ArgumentsDelta:
		if w.open == CallBegin {
			return w.delta(dst, &anthropicDelta{Type: "input_json_delta", JSON: &e.Text})
		}
	case PartEnd:
		return w.close(dst)
	case Finish:
		w.stop, w.sequence = e.Stop, e.Name
	case Failure:
		return appendEvent(dst, "error", json.RawMessage(anthropic{}.WriteError(e.Error)))
	}
	return dst
}

// begin writes the start of the message. Its usage comes at the end: other
// providers tell it only then (assumption translated-usage).
func (w *anthropicWriter) begin(dst []byte, e Event) []byte {
	w.begun = true
	m := &anthropicResponse{Type: "message", Role: "assistant", Model: w.model, Content: []anthropicBlock{}}
	if e.Kind == Begin {
		m.ID = e.ID
		if e.Name != "" {
			m.Model = e.Name
		}
	}
	return appendEvent(dst, "message_start", anthropicEvent{Type: "message_start", Message: m})
}

// part begins a block, unless one of its kind is open.
func (w *anthropicWriter) part(dst []byte, kind EventKind, b *anthropicBlock) []byte {
	if w.open == kind {
		return dst
	}
	dst = w.close(dst)
	w.open = kind
	return appendEvent(dst, "content_block_start", anthropicEvent{Type: "content_block_start", Index: &w.index, Block: b})
}

func (w *anthropicWriter) delta(dst []byte, d *anthropicDelta) []byte {
	return appendEvent(dst, "content_block_delta", anthropicEvent{Type: "content_block_delta", Index: &w.index, Delta: d})
}

func (w *anthropicWriter) close(dst []byte) []byte {
	if w.open == 0 {
		return dst
	}
	w.open = 0
	dst = appendEvent(dst, "content_block_stop", anthropicEvent{Type: "content_block_stop", Index: &w.index})
	w.index++
	return dst
}

func (w *anthropicWriter) end(dst []byte, u dialect.Usage) []byte {
	if !w.begun {
		dst = w.begin(dst, Event{})
	}
	dst = w.close(dst)
	reason, usage := string(w.stop), writeAnthropicUsage(u)
	end := struct { // both are there, null or not
		Type  string `json:"type"`
		Delta struct {
			StopReason   string  `json:"stop_reason"`
			StopSequence *string `json:"stop_sequence"`
		} `json:"delta"`
		Usage anthropicUsage `json:"usage"`
	}{Type: "message_delta", Usage: usage}
	end.Delta.StopReason = reason
	if w.stop == StopSequence && w.sequence != "" {
		end.Delta.StopSequence = &w.sequence
	}
	dst = appendEvent(dst, "message_delta", end)
	return appendEvent(dst, "message_stop", anthropicEvent{Type: "message_stop"})
}
