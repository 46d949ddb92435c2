package translate

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// bedrockEvent is the payload of any event of a stream.
type bedrockEvent struct {
	Role       string          `json:"role,omitempty"`
	Index      *int            `json:"contentBlockIndex,omitempty"`
	Start      *bedrockStart   `json:"start,omitempty"`
	Delta      *bedrockDelta   `json:"delta,omitempty"`
	StopReason string          `json:"stopReason,omitempty"`
	Usage      *bedrockUsage   `json:"usage,omitempty"`
	Metrics    *bedrockMetrics `json:"metrics,omitempty"`
	Message    string          `json:"message,omitempty"`
}

type bedrockStart struct {
	ToolUse *bedrockCallStart `json:"toolUse,omitempty"`
}

type bedrockCallStart struct {
	ID   string `json:"toolUseId"`
	Name string `json:"name"`
}

type bedrockDelta struct {
	Text      *string            `json:"text,omitempty"`
	ToolUse   *bedrockInput      `json:"toolUse,omitempty"`
	Reasoning *bedrockReasonings `json:"reasoningContent,omitempty"`
}

type bedrockInput struct {
	Input string `json:"input"`
}

type bedrockReasonings struct {
	Text      *string `json:"text,omitempty"`
	Signature *string `json:"signature,omitempty"`
	Redacted  string  `json:"redactedContent,omitempty"`
}

type bedrockReader struct{}

func (bedrock) newReader() reader { return bedrockReader{} }

func (bedrockReader) read(dst []Event, kind string, data []byte) ([]Event, error) {
	var e bedrockEvent
	if err := decodeAnswer(data, &e); err != nil {
		return dst, err
	}
	switch kind {
	case "messageStart":
		dst = append(dst, Event{Kind: Begin})
	case "contentBlockStart":
		if e.Start != nil && e.Start.ToolUse != nil {
			dst = append(dst, Event{Kind: CallBegin, ID: e.Start.ToolUse.ID, Name: e.Start.ToolUse.Name})
		}
	case "contentBlockDelta":
		if e.Delta != nil {
			dst = e.Delta.read(dst)
		}
	case "contentBlockStop":
		dst = append(dst, Event{Kind: PartEnd})
	case "messageStop":
		dst = append(dst, Event{Kind: Finish, Stop: readBedrockStop(e.StopReason)})
	case "metadata":
		dst = append(dst, Event{Kind: Done})
	default:
		if strings.HasSuffix(kind, "Exception") {
			dst = append(dst, Event{Kind: Failure, Error: Error{Status: bedrockErrorStatus(kind), Message: e.Message}})
		}
	}
	return dst, nil
}

func (d *bedrockDelta) read(dst []Event) []Event {
	dst = appendText(dst, TextDelta, d.Text)
	if d.ToolUse != nil {
		dst = appendText(dst, ArgumentsDelta, &d.ToolUse.Input)
	}
	if r := d.Reasoning; r != nil {
		dst = appendText(dst, ThoughtDelta, r.Text)
		dst = appendText(dst, SignatureDelta, r.Signature)
		dst = appendText(dst, RedactedDelta, &r.Redacted)
	}
	return dst
}

// bedrockErrorStatus is the status of an exception within a stream, where its
// name begins in lower case.
func bedrockErrorStatus(kind string) int {
	for _, status := range [...]int{400, 429, 503} {
		if strings.EqualFold(bedrockErrorType(status), kind) {
			return status
		}
	}
	return 500
}

// bedrockWriter writes the events of an answer.
type bedrockWriter struct {
	blocks
	begun bool
	stop  Stop
}

func (bedrock) newWriter(*Request) writer { return &bedrockWriter{stop: EndTurn} }

func (w *bedrockWriter) write(dst []byte, e Event) []byte {
	if e.Choice > 0 { // there is one answer
		return dst
	}
	if !w.begun && e.Kind != Failure {
		dst = w.begin(dst)
	}
	switch e.Kind {
	case TextDelta:
		dst = w.part(dst, TextDelta)
		return w.delta(dst, &bedrockDelta{Text: &e.Text})
	case ThoughtDelta:
		dst = w.part(dst, ThoughtDelta)
		return w.delta(dst, &bedrockDelta{Reasoning: &bedrockReasonings{Text: &e.Text}})
	case SignatureDelta:
		if w.open == ThoughtDelta {
			return w.delta(dst, &bedrockDelta{Reasoning: &bedrockReasonings{Signature: &e.Text}})
		}
	case RedactedDelta:
		dst = w.part(w.close(dst), RedactedDelta)
		return w.close(w.delta(dst, &bedrockDelta{Reasoning: &bedrockReasonings{Redacted: e.Text}}))
	case CallBegin:
		dst = w.part(w.close(dst), CallBegin)
		return appendFrame(dst, "contentBlockStart", bedrockEvent{Index: &w.index, Start: &bedrockStart{&bedrockCallStart{e.ID, e.Name}}})
	case ArgumentsDelta:
		if w.open == CallBegin {
			return w.delta(dst, &bedrockDelta{ToolUse: &bedrockInput{e.Text}})
		}
	case PartEnd:
		return w.close(dst)
	case Finish:
		w.stop = e.Stop
	case Failure:
		kind := bedrockErrorType(e.Error.Status)
		return eventstream.AppendException(dst, strings.ToLower(kind[:1])+kind[1:], marshal(bedrockErrorBody{Message: e.Error.message()}))
	}
	return dst
}

func appendFrame(dst []byte, kind string, v any) []byte {
	return eventstream.AppendEvent(dst, kind, marshal(v))
}

func (w *bedrockWriter) begin(dst []byte) []byte {
	w.begun = true
	return appendFrame(dst, "messageStart", bedrockEvent{Role: "assistant"})
}

// part begins a block, unless one of its kind is open. Only calls are announced.
func (w *bedrockWriter) part(dst []byte, kind EventKind) []byte {
	if w.open == kind {
		return dst
	}
	dst = w.close(dst)
	w.open = kind
	return dst
}

func (w *bedrockWriter) delta(dst []byte, d *bedrockDelta) []byte {
	return appendFrame(dst, "contentBlockDelta", bedrockEvent{Index: &w.index, Delta: d})
}

func (w *bedrockWriter) close(dst []byte) []byte {
	if w.open == 0 {
		return dst
	}
	w.open = 0
	dst = appendFrame(dst, "contentBlockStop", bedrockEvent{Index: &w.index})
	w.index++
	return dst
}

func (w *bedrockWriter) end(dst []byte, u dialect.Usage) []byte {
	if !w.begun {
		dst = w.begin(dst)
	}
	dst = w.close(dst)
	usage := writeBedrockUsage(u)
	dst = appendFrame(dst, "messageStop", bedrockEvent{StopReason: writeBedrockStop(w.stop)})
	return appendFrame(dst, "metadata", bedrockEvent{Usage: &usage, Metrics: &bedrockMetrics{}})
}
