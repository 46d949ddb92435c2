package anthropic

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// event is any event of a stream for a client.
type event struct {
	Type    string    `json:"type"`
	Message *response `json:"message,omitempty"`
	Index   *int      `json:"index,omitempty"`
	Block   *block    `json:"content_block,omitempty"`
	Delta   *delta    `json:"delta,omitempty"`
}

type delta struct {
	Type      string  `json:"type,omitempty"`
	Text      *string `json:"text,omitempty"`
	Thinking  *string `json:"thinking,omitempty"`
	Signature *string `json:"signature,omitempty"`
	JSON      *string `json:"partial_json,omitempty"`
}

// reply is an event of a provider's stream.
type reply struct {
	Type    string `json:"type"`
	Message struct {
		ID    string `json:"id"`
		Model string `json:"model"`
	} `json:"message"`
	Index int         `json:"index"`
	Block outputBlock `json:"content_block"`
	Delta struct {
		outputBlock
		JSON         wire.Text `json:"partial_json"`
		StopReason   *string   `json:"stop_reason"`
		StopSequence *string   `json:"stop_sequence"`
	} `json:"delta"`
	Error struct {
		Type string `json:"type"`
	} `json:"error"`
}

// outputBlock is a block of Claude's output, whole, its beginning, or a piece of one. There is a single type, so that whole
// responses and streams know the same fields.
type outputBlock struct {
	Type      string          `json:"type"`
	Text      wire.Text       `json:"text"`
	Thinking  wire.Text       `json:"thinking"`
	Signature string          `json:"signature"`
	Data      string          `json:"data"`
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Input     json.RawMessage `json:"input"`
}

// read appends the content of a block. Blocks of other types belong to tools that the client did not ask for.
func (s *outputBlock) read(dst []dialect.Event, index int) []dialect.Event {
	switch s.Type {
	case "text", "text_delta":
		return dialect.AppendText(dst, dialect.TextDelta, string(s.Text))
	case "thinking", "thinking_delta", "signature_delta":
		dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(s.Thinking))
		if s.Signature != "" {
			sign := dialect.ReadSignature(s.Signature, dialect.Claude)
			dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Text: sign.Value, By: sign.By})
		}
	case "redacted_thinking":
		return append(dst, dialect.Event{Kind: dialect.RedactedDelta, Text: s.Data})
	case "tool_use":
		call := dialect.Event{Kind: dialect.CallDelta, Part: index, ID: s.ID, Name: s.Name}
		if len(s.Input) > 2 && wire.IsSet(s.Input) { // streams begin with {} and continue
			call.Text = string(s.Input)
		}
		return append(dst, call)
	}
	return dst
}

type reader struct{}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return reader{} }

// Read appends the content of an event.
func (reader) Read(dst []dialect.Event, kind string, data []byte) []dialect.Event {
	if text, ok := plainText(data); ok {
		return dialect.AppendText(dst, dialect.TextDelta, text)
	}
	var e reply
	if wire.DecodeResponse(data, &e) != nil {
		return dst
	}
	switch cmp.Or(e.Type, kind) {
	case "message_start":
		return append(dst, dialect.Event{Kind: dialect.Begin, ID: e.Message.ID, Name: e.Message.Model})
	case "content_block_start":
		return e.Block.read(dst, e.Index)
	case "content_block_delta":
		if e.Delta.Type == "input_json_delta" {
			return append(dst, dialect.Event{Kind: dialect.CallDelta, Part: e.Index, Text: string(e.Delta.JSON)})
		}
		return e.Delta.read(dst, e.Index)
	case "content_block_stop":
		return append(dst, dialect.Event{Kind: dialect.PartEnd, Part: e.Index})
	case "message_delta":
		return readFinish(dst, e.Delta.StopReason, e.Delta.StopSequence)
	}
	return dst
}

// plainText returns the text of an event that is only a piece of text, as most events of a stream are; false if it is
// something else or the text has escapes. Decoding takes ten times as long.
func plainText(event []byte) (string, bool) {
	if string(jsonscan.Field(event, "type")) != `"content_block_delta"` {
		return "", false
	}
	delta := jsonscan.Field(event, "delta")
	text, ok := jsonscan.String(jsonscan.Field(delta, "text"), 0)
	if !ok || bytes.IndexByte(text, '\\') >= 0 || string(jsonscan.Field(delta, "type")) != `"text_delta"` {
		return "", false
	}
	return string(text), true
}

func readFinish(dst []dialect.Event, reason, sequence *string) []dialect.Event {
	if reason == nil {
		return dst
	}
	return append(dst, dialect.Event{Kind: dialect.Finish, Stop: ReadStop(*reason), Name: wire.Value(sequence)})
}

// writer writes the events of a message.
type writer struct {
	open     dialect.EventKind // the open part: TextDelta, ThoughtDelta or CallBegin; 0 for none
	index    int
	stop     dialect.Stop
	sequence string
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(*dialect.Request) dialect.EventWriter {
	return &writer{stop: dialect.EndTurn}
}

// Begin appends the start of the message. Most providers report usage at the end, so the input here may be an
// estimate (assumption translated-usage).
func (w *writer) Begin(dst []byte, o dialect.Opening) []byte {
	m := &response{ID: o.ID, Type: "message", Role: "assistant", Model: o.Model, Content: []block{}, Usage: writeUsage(o.Usage())}
	return wire.AppendEvent(dst, "message_start", event{Type: "message_start", Message: m})
}

// Write appends an event in the client's format.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Choice > 0 { // there is only one response
		return dst
	}
	switch e.Kind {
	case dialect.TextDelta:
		return w.text(dst, e.Text)
	case dialect.ThoughtDelta:
		dst = w.beginThought(dst)
		return w.delta(dst, &delta{Type: "thinking_delta", Thinking: &e.Text})
	case dialect.SignatureDelta:
		dst = w.beginThought(dst)
		text := dialect.Signature{By: e.By, Value: e.Text}.In(dialect.Claude)
		return w.delta(dst, &delta{Type: "signature_delta", Signature: &text})
	case dialect.RedactedDelta:
		return w.part(dst, dialect.RedactedDelta, &block{Type: "redacted_thinking", Data: e.Text})
	case dialect.CallBegin:
		return w.part(dst, dialect.CallBegin, &block{Type: "tool_use", ID: e.ID, Name: e.Name, Input: json.RawMessage("{}")})
	case dialect.ArgumentsDelta:
		return w.delta(dst, &delta{Type: "input_json_delta", JSON: &e.Text})
	case dialect.PartEnd:
		return w.close(dst)
	case dialect.Finish:
		w.stop, w.sequence = e.Stop, e.Name
	case dialect.Failure:
		return wire.AppendEvent(dst, "error", json.RawMessage(writeError(e.Error)))
	default: // only for readers
	}
	return dst
}

// text writes a piece of text without the encoder, which takes ten times as long: most events of a stream are text.
func (w *writer) text(dst []byte, text string) []byte {
	if w.open != dialect.TextDelta {
		dst = w.part(dst, dialect.TextDelta, &block{Type: "text", Text: new(string)})
	}
	dst = append(dst, "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"...)
	dst = strconv.AppendInt(dst, int64(w.index), 10)
	dst = append(dst, `,"delta":{"type":"text_delta","text":`...)
	dst = jsonscan.AppendString(dst, text)
	return append(dst, "}}\n\n"...)
}

func (w *writer) beginThought(dst []byte) []byte {
	return w.part(dst, dialect.ThoughtDelta, &block{Type: "thinking", Thinking: new(string), Signature: new(string)})
}

// part begins a block, unless one of the same kind is open.
func (w *writer) part(dst []byte, kind dialect.EventKind, b *block) []byte {
	if w.open == kind {
		return dst
	}
	w.open = kind
	return wire.AppendEvent(dst, "content_block_start", event{Type: "content_block_start", Index: &w.index, Block: b})
}

func (w *writer) delta(dst []byte, d *delta) []byte {
	return wire.AppendEvent(dst, "content_block_delta", event{Type: "content_block_delta", Index: &w.index, Delta: d})
}

// close ends the open block; there is none if a part can't be expressed.
func (w *writer) close(dst []byte) []byte {
	if w.open == 0 {
		return dst
	}
	w.open = 0
	dst = wire.AppendEvent(dst, "content_block_stop", event{Type: "content_block_stop", Index: &w.index})
	w.index++
	return dst
}

// End appends the end of a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	reason, usage := string(w.stop), writeUsage(u)
	end := struct { // both are present, even if null
		Type  string `json:"type"`
		Delta struct {
			StopReason   string  `json:"stop_reason"`
			StopSequence *string `json:"stop_sequence"`
		} `json:"delta"`
		Usage deltaUsage `json:"usage"`
	}{Type: "message_delta", Usage: usage.deltaUsage}
	end.Delta.StopReason = reason
	if w.stop == dialect.StopSequence && w.sequence != "" {
		end.Delta.StopSequence = &w.sequence
	}
	dst = wire.AppendEvent(dst, "message_delta", end)
	return wire.AppendEvent(dst, "message_stop", event{Type: "message_stop"})
}
