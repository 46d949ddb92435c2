package bedrock

import (
	"cmp"
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// event is the payload of any event of a stream for a client.
type event struct {
	Role       string   `json:"role,omitempty"`
	Index      *int     `json:"contentBlockIndex,omitempty"`
	Start      *start   `json:"start,omitempty"`
	Delta      *delta   `json:"delta,omitempty"`
	StopReason string   `json:"stopReason,omitempty"`
	Usage      *usage   `json:"usage,omitempty"`
	Metrics    *metrics `json:"metrics,omitempty"`
}

type start struct {
	ToolUse *callStart  `json:"toolUse,omitempty"`
	Image   *mediaStart `json:"image,omitempty"`
}

type mediaStart struct {
	Format string `json:"format"`
}

type callStart struct {
	ID   string `json:"toolUseId"`
	Name string `json:"name"`
}

type delta struct {
	Text      *string     `json:"text,omitempty"`
	ToolUse   *input      `json:"toolUse,omitempty"`
	Reasoning *reasonings `json:"reasoningContent,omitempty"`
	Image     *madeImage  `json:"image,omitempty"`
}

// madeImage is an image that a model made, whole.
type madeImage struct {
	Source source `json:"source"`
}

type input struct {
	Input string `json:"input"`
}

type reasonings struct {
	Text      *string `json:"text,omitempty"`
	Signature *string `json:"signature,omitempty"`
	Redacted  string  `json:"redactedContent,omitempty"`
}

// said is a block of what a model says, whole or a piece of it. There is one type, so
// that whole responses and streams know the same fields.
type said struct {
	Text      wire.Text `json:"text"`
	ToolUse   *saidCall `json:"toolUse"`
	Reasoning *struct {
		Text      wire.Text `json:"text"` // in streams
		Signature string    `json:"signature"`
		Whole     struct {
			Text      wire.Text `json:"text"`
			Signature string    `json:"signature"`
		} `json:"reasoningText"`
		Redacted string `json:"redactedContent"`
	} `json:"reasoningContent"`
}

type saidCall struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"` // an object; in streams, some of it as text
}

// read appends what a block says. Blocks of another type are of tools that nobody
// asked for.
func (s *said) read(dst []dialect.Event, index int) []dialect.Event {
	if r := s.Reasoning; r != nil {
		dst = dialect.AppendText(dst, dialect.ThoughtDelta, string(r.Text+r.Whole.Text))
		if signature := cmp.Or(r.Signature, r.Whole.Signature); signature != "" {
			sign := dialect.ReadSignature(signature, dialect.Claude)
			dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Text: sign.Value, By: sign.By})
		}
		dst = dialect.AppendText(dst, dialect.RedactedDelta, r.Redacted)
	}
	if c := s.ToolUse; c != nil {
		dst = append(dst, dialect.Event{Kind: dialect.CallDelta, Part: index, ID: c.ID, Name: c.Name, Text: c.arguments()})
	}
	return dialect.AppendText(dst, dialect.TextDelta, string(s.Text))
}

func (c *saidCall) arguments() string {
	switch {
	case len(c.Input) == 0:
		return ""
	case c.Input[0] == '"':
		var text wire.Text
		_ = text.UnmarshalJSON(c.Input) // it has no errors
		return string(text)
	}
	return string(wire.ObjectOf(c.Input))
}

// reply is an event of a provider's stream.
type reply struct {
	Index      int    `json:"contentBlockIndex"`
	Start      said   `json:"start"`
	Delta      said   `json:"delta"`
	StopReason string `json:"stopReason"`
}

type reader struct{}

// NewReader returns a reader of a stream.
func (Format) NewReader() dialect.EventReader { return reader{} }

// Read appends what an event says.
func (reader) Read(dst []dialect.Event, kind string, data []byte) []dialect.Event {
	var e reply
	if wire.DecodeResponse(data, &e) != nil {
		return dst
	}
	switch kind {
	case "messageStart":
		return append(dst, dialect.Event{Kind: dialect.Begin})
	case "contentBlockStart":
		return e.Start.read(dst, e.Index)
	case "contentBlockDelta":
		return e.Delta.read(dst, e.Index)
	case "contentBlockStop":
		return append(dst, dialect.Event{Kind: dialect.PartEnd, Part: e.Index})
	case "messageStop":
		return append(dst, dialect.Event{Kind: dialect.Finish, Stop: readStop(e.StopReason)})
	}
	return dst
}

// writer writes the events of a response.
type writer struct {
	index int
	stop  dialect.Stop
	skips bool // the part can't be expressed
}

// NewWriter returns a writer of a stream.
func (Format) NewWriter(*dialect.Request) dialect.EventWriter { return &writer{stop: dialect.EndTurn} }

// Begin appends the role.
func (w *writer) Begin(dst []byte, _ dialect.Opening) []byte {
	return appendFrame(dst, "messageStart", event{Role: "assistant"})
}

// Write appends what an event is to the client. Only calls are announced.
func (w *writer) Write(dst []byte, e dialect.Event) []byte {
	if e.Choice > 0 { // there is one response
		return dst
	}
	switch e.Kind {
	case dialect.TextDelta:
		return w.delta(dst, &delta{Text: &e.Text})
	case dialect.ThoughtDelta:
		return w.delta(dst, &delta{Reasoning: &reasonings{Text: &e.Text}})
	case dialect.SignatureDelta:
		text := dialect.Signature{By: e.By, Value: e.Text}.In(dialect.Claude)
		return w.delta(dst, &delta{Reasoning: &reasonings{Signature: &text}})
	case dialect.RedactedDelta:
		return w.delta(dst, &delta{Reasoning: &reasonings{Redacted: e.Text}})
	case dialect.CallBegin:
		return appendFrame(dst, "contentBlockStart", event{Index: &w.index, Start: &start{ToolUse: &callStart{e.ID, e.Name}}})
	case dialect.ArgumentsDelta:
		return w.delta(dst, &delta{ToolUse: &input{e.Text}})
	case dialect.MediaWhole:
		return w.image(dst, e.Media)
	case dialect.PartEnd:
		if w.skips {
			w.skips = false
			return dst
		}
		dst = appendFrame(dst, "contentBlockStop", event{Index: &w.index})
		w.index++
	case dialect.Finish:
		w.stop = e.Stop
	case dialect.Failure:
		return eventstream.AppendException(dst, exception(e.Error.Status), wire.Marshal(errorBody{Message: e.Error.TextWith(tooLong)}))
	default: // is of readers
	}
	return dst
}

// image sends an image (ContentBlockStart and ContentBlockDelta in aws-sdk-go-v2's
// bedrockruntime).
func (w *writer) image(dst []byte, m *dialect.Media) []byte {
	block, err := documentNames{}.writeMedia(*m)
	if w.skips = err != nil || block.Image == nil; w.skips {
		return dst
	}
	begin := event{Index: &w.index, Start: &start{Image: &mediaStart{block.Image.Format}}}
	return w.delta(appendFrame(dst, "contentBlockStart", begin), &delta{Image: &madeImage{block.Image.Source}})
}

func appendFrame(dst []byte, kind string, v any) []byte {
	return eventstream.AppendEvent(dst, kind, wire.Marshal(v))
}

func (w *writer) delta(dst []byte, d *delta) []byte {
	return appendFrame(dst, "contentBlockDelta", event{Index: &w.index, Delta: d})
}

// End appends what completes a response.
func (w *writer) End(dst []byte, u dialect.Usage) []byte {
	usage := writeUsage(u)
	dst = appendFrame(dst, "messageStop", event{StopReason: writeStop(w.stop)})
	return appendFrame(dst, "metadata", event{Usage: &usage, Metrics: &metrics{}})
}
