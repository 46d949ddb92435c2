package bedrock

import (
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// event is the payload of any event of a stream.
type event struct {
	Role       string   `json:"role,omitempty"`
	Index      *int     `json:"contentBlockIndex,omitempty"`
	Start      *start   `json:"start,omitempty"`
	Delta      *delta   `json:"delta,omitempty"`
	StopReason string   `json:"stopReason,omitempty"`
	Usage      *usage   `json:"usage,omitempty"`
	Metrics    *metrics `json:"metrics,omitempty"`
	Message    string   `json:"message,omitempty"`
}

type start struct {
	ToolUse *callStart `json:"toolUse,omitempty"`
}

type callStart struct {
	ID   string `json:"toolUseId"`
	Name string `json:"name"`
}

type delta struct {
	Text      *string     `json:"text,omitempty"`
	ToolUse   *input      `json:"toolUse,omitempty"`
	Reasoning *reasonings `json:"reasoningContent,omitempty"`
}

type input struct {
	Input string `json:"input"`
}

type reasonings struct {
	Text      *string `json:"text,omitempty"`
	Signature *string `json:"signature,omitempty"`
	Redacted  string  `json:"redactedContent,omitempty"`
}

type reader struct{}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return reader{} }

// Read appends what an event says.
func (reader) Read(dst []dialect.Event, kind string, data []byte) ([]dialect.Event, error) {
	var e event
	if err := wire.DecodeResponse(data, &e); err != nil {
		return dst, err
	}
	switch kind {
	case "messageStart":
		dst = append(dst, dialect.Event{Kind: dialect.Begin})
	case "contentBlockStart":
		if e.Start != nil && e.Start.ToolUse != nil {
			dst = append(dst, dialect.Event{Kind: dialect.CallBegin, ID: e.Start.ToolUse.ID, Name: e.Start.ToolUse.Name})
		}
	case "contentBlockDelta":
		if e.Delta != nil {
			dst = e.Delta.read(dst)
		}
	case "contentBlockStop":
		dst = append(dst, dialect.Event{Kind: dialect.PartEnd})
	case "messageStop":
		dst = append(dst, dialect.Event{Kind: dialect.Finish, Stop: readStop(e.StopReason)})
	case "metadata":
		dst = append(dst, dialect.Event{Kind: dialect.Done})
	default:
		if strings.HasSuffix(kind, "Exception") {
			dst = append(dst, dialect.Event{Kind: dialect.Failure, Error: dialect.Error{Status: errorStatus(kind), Message: e.Message}})
		}
	}
	return dst, nil
}

func (d *delta) read(dst []dialect.Event) []dialect.Event {
	dst = dialect.AppendText(dst, dialect.TextDelta, d.Text)
	if d.ToolUse != nil {
		dst = dialect.AppendText(dst, dialect.ArgumentsDelta, &d.ToolUse.Input)
	}
	if r := d.Reasoning; r != nil {
		dst = dialect.AppendText(dst, dialect.ThoughtDelta, r.Text)
		dst = dialect.AppendText(dst, dialect.SignatureDelta, r.Signature)
		dst = dialect.AppendText(dst, dialect.RedactedDelta, &r.Redacted)
	}
	return dst
}

// errorStatus is the status of an exception within a stream, where its
// name begins in lower case.
func errorStatus(kind string) int {
	for _, status := range [...]int{400, 429, 503} {
		if strings.EqualFold(errorType(status), kind) {
			return status
		}
	}
	return 500
}

// writer writes the events of a response.
type writer struct {
	open  dialect.EventKind // the part that is open: TextDelta, ThoughtDelta or CallBegin; 0 for none
	index int
	begun bool
	stop  dialect.Stop
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(*dialect.Request) dialect.EventWriter { return &writer{stop: dialect.EndTurn} }

// Write appends what an event is to the client.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Choice > 0 { // there is one response
		return dst
	}
	if !w.begun && e.Kind != dialect.Failure {
		dst = w.begin(dst)
	}
	switch e.Kind {
	case dialect.Begin, dialect.Done: // written above, and by End
	case dialect.TextDelta:
		dst = w.part(dst, dialect.TextDelta)
		return w.delta(dst, &delta{Text: &e.Text})
	case dialect.ThoughtDelta:
		dst = w.part(dst, dialect.ThoughtDelta)
		return w.delta(dst, &delta{Reasoning: &reasonings{Text: &e.Text}})
	case dialect.SignatureDelta:
		if w.open == dialect.ThoughtDelta {
			return w.delta(dst, &delta{Reasoning: &reasonings{Signature: &e.Text}})
		}
	case dialect.RedactedDelta:
		dst = w.part(w.close(dst), dialect.RedactedDelta)
		return w.close(w.delta(dst, &delta{Reasoning: &reasonings{Redacted: e.Text}}))
	case dialect.CallBegin:
		dst = w.part(w.close(dst), dialect.CallBegin)
		return appendFrame(dst, "contentBlockStart", event{Index: &w.index, Start: &start{&callStart{e.ID, e.Name}}})
	case dialect.ArgumentsDelta:
		if w.open == dialect.CallBegin {
			return w.delta(dst, &delta{ToolUse: &input{e.Text}})
		}
	case dialect.PartEnd:
		return w.close(dst)
	case dialect.Finish:
		w.stop = e.Stop
	case dialect.Failure:
		kind := errorType(e.Error.Status)
		return eventstream.AppendException(dst, strings.ToLower(kind[:1])+kind[1:], wire.Marshal(errorBody{Message: e.Error.Text()}))
	}
	return dst
}

func appendFrame(dst []byte, kind string, v any) []byte {
	return eventstream.AppendEvent(dst, kind, wire.Marshal(v))
}

func (w *writer) begin(dst []byte) []byte {
	w.begun = true
	return appendFrame(dst, "messageStart", event{Role: "assistant"})
}

// part begins a block, unless one of its kind is open. Only calls are announced.
func (w *writer) part(dst []byte, kind dialect.EventKind) []byte {
	if w.open == kind {
		return dst
	}
	dst = w.close(dst)
	w.open = kind
	return dst
}

func (w *writer) delta(dst []byte, d *delta) []byte {
	return appendFrame(dst, "contentBlockDelta", event{Index: &w.index, Delta: d})
}

func (w *writer) close(dst []byte) []byte {
	if w.open == 0 {
		return dst
	}
	w.open = 0
	dst = appendFrame(dst, "contentBlockStop", event{Index: &w.index})
	w.index++
	return dst
}

// End appends what completes a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	if !w.begun {
		dst = w.begin(dst)
	}
	dst = w.close(dst)
	usage := writeUsage(u)
	dst = appendFrame(dst, "messageStop", event{StopReason: writeStop(w.stop)})
	return appendFrame(dst, "metadata", event{Usage: &usage, Metrics: &metrics{}})
}
