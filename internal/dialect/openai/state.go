package openai

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// OpenAI's own format has no place for thoughts. Others have added some: most servers accept thoughts in
// reasoning_content; OpenRouter documents reasoning_details, which contain signatures and their makers; Google
// documents extra_content, on a call or a message, for Gemini's signatures.

// thoughts are the fields for thoughts in a message, or in a piece of one.
type thoughts struct {
	Reasoning string   `json:"reasoning_content,omitempty"`
	Thinking  string   `json:"reasoning,omitempty"`
	Details   []detail `json:"reasoning_details,omitempty"`
	Extra     *extra   `json:"extra_content,omitempty"`
}

// detail is one of OpenRouter's reasoning_details.
type detail struct {
	Type      string    `json:"type"`
	ID        string    `json:"id,omitempty"` // of the call that it signs or precedes
	Text      wire.Text `json:"text,omitempty"`
	Summary   wire.Text `json:"summary,omitempty"`
	Data      string    `json:"data,omitempty"`
	Signature string    `json:"signature,omitempty"`
	Format    string    `json:"format"`
	Index     int       `json:"index"`
}

// detailFormats are OpenRouter's names for the maker of a signature.
var detailFormats = map[string]dialect.Maker{claudeFormat: dialect.Claude, geminiFormat: dialect.Gemini}

const (
	detailText      = "reasoning.text"
	detailEncrypted = "reasoning.encrypted"
	claudeFormat    = "anthropic-claude-v1"
	geminiFormat    = "google-gemini-v1"
)

// readState appends the signature or the encrypted thinking in a detail.
func (d *detail) readState(dst []dialect.Event) []dialect.Event {
	by, known := detailFormats[d.Format]
	value := d.Signature
	if by == dialect.Gemini && value == "" {
		value = d.Data
	}
	switch {
	case !known:
		return dst
	case value != "":
		dst = append(dst, dialect.Event{Kind: dialect.SignatureDelta, Text: value, By: by})
	case d.Data != "":
		dst = append(dst, dialect.Event{Kind: dialect.RedactedDelta, Text: d.Data})
	default:
		return dst
	}
	return append(dst, dialect.Event{Kind: dialect.PartEnd, Part: dialect.NoCall})
}

// extra is Google's place for the signature of a thought in OpenAI's format.
type extra struct {
	Google struct {
		Signature string `json:"thought_signature,omitempty"`
	} `json:"google"`
}

func (e *extra) read(dst []dialect.Event) []dialect.Event {
	if e == nil || e.Google.Signature == "" {
		return dst
	}
	return append(dst, dialect.Event{Kind: dialect.SignatureDelta, Text: e.Google.Signature, By: dialect.Gemini},
		dialect.Event{Kind: dialect.PartEnd, Part: dialect.NoCall})
}

// geminiExtra returns the signature of Gemini's message from its details, if there is no other.
func (m message) geminiExtra() *extra {
	if m.Extra != nil || slices.ContainsFunc(m.ToolCalls, func(c toolCall) bool { return c.Extra != nil }) {
		return m.Extra
	}
	for _, d := range m.Details {
		if value := cmp.Or(d.Signature, d.Data); d.Format == geminiFormat && value != "" {
			return writeExtra(value)
		}
	}
	return nil
}

// signed appends the thought that signs the next part.
func (e *extra) signed(list []dialect.Part) []dialect.Part {
	if e == nil || e.Google.Signature == "" {
		return list
	}
	return append(list, dialect.Thought{Signature: dialect.Signature{By: dialect.Gemini, Value: e.Google.Signature}})
}

// thought returns the thought that Claude must get back, if a detail contains one.
func (d detail) thought() (dialect.Thought, bool) {
	switch {
	case detailFormats[d.Format] != dialect.Claude:
		return dialect.Thought{}, false
	case d.Type == detailEncrypted:
		return dialect.Thought{Redacted: d.Data}, true
	}
	signature := dialect.Signature{By: dialect.Claude, Value: d.Signature}
	return dialect.Thought{Text: string(d.Text), Signature: signature}, d.Signature != ""
}

// readThoughts appends the thoughts of a message that is sent back, except those that precede one of its calls.
func (m message) readThoughts(list []dialect.Part) []dialect.Part {
	text := cmp.Or(m.Reasoning, m.Thinking)
	for _, d := range m.Details {
		if p, ok := d.thought(); ok {
			text = "" // the details contain it too
			if m.callBehind(d) < 0 {
				list = append(list, p)
			}
		}
	}
	if text == "" {
		return list
	}
	return append(list, dialect.Thought{Text: text})
}

// readBefore appends the thoughts that precede a call.
func (m message) readBefore(list []dialect.Part, call int) []dialect.Part {
	for _, d := range m.Details {
		if p, ok := d.thought(); ok && m.callBehind(d) == call {
			list = append(list, p)
		}
	}
	return list
}

// callBehind returns the call that follows a detail; -1 if it isn't in the message.
func (m message) callBehind(d detail) int {
	if d.ID == "" {
		return -1
	}
	return slices.IndexFunc(m.ToolCalls, func(c toolCall) bool { return c.ID == d.ID })
}

func writeExtra(signature string) *extra {
	if signature == "" {
		return nil
	}
	e := &extra{}
	e.Google.Signature = signature
	return e
}

// The places in which a server accepts a model's thoughts; see [dialect.Traits]. A client gets all but the second
// name.
const (
	inReasoningContent = ""
	inReasoning        = "reasoning"
	inDetails          = "reasoning_details"
	inExtraContent     = "extra_content"
	clientState        = "client"
	notAtAll           = "none"
)

// writeState writes the thoughts of a message, and its calls, with their signatures. Claude rejects thoughts that are
// sent back in another place ("blocks in the latest assistant message cannot be modified":
// github.com/UKGovernmentBEIS/inspect_ai/pull/4922), so a client gets thoughts between other parts with the id of the
// following call.
func writeState(list []dialect.Part, place string) (thoughts, []toolCall) {
	var out thoughts
	var calls []toolCall
	var text strings.Builder
	signature := ""           // for the next call
	begun, placed := false, 0 // how many details are read in place
	for _, p := range list {
		switch p := p.(type) {
		case dialect.Thought:
			text.WriteString(p.Text)
			out.addDetail(p)
			if !begun {
				placed = len(out.Details)
			}
			if p.Signature.By == dialect.Gemini {
				out.moveExtra(signature)
				signature = p.Signature.Value
			}
		case dialect.ToolCall:
			call := writeCall(p)
			call.Extra = writeExtra(signature)
			calls = append(calls, call)
			signature = ""
			if place == clientState {
				for i := range out.Details[placed:] {
					out.Details[placed+i].ID = p.ID
				}
			}
			begun, placed = true, len(out.Details)
		case dialect.Text:
			out.moveExtra(signature)
			signature, begun = "", true
		}
	}
	out.moveExtra(signature)
	out.keep(place, text.String())
	for i := range calls {
		if place == inDetails && calls[i].Extra != nil {
			out.addGemini(calls[i].ID, calls[i].Extra)
		}
		if place != inExtraContent && place != clientState {
			calls[i].Extra = nil
		}
	}
	return out, calls
}

// moveExtra moves a signature without a following call to the message.
func (t *thoughts) moveExtra(signature string) {
	if signature != "" {
		t.Extra = writeExtra(signature)
	}
}

// addDetail adds a thought that Claude must get back.
func (t *thoughts) addDetail(p dialect.Thought) {
	d := detail{Type: detailText, Text: wire.Text(p.Text), Signature: p.Signature.Value, Format: claudeFormat, Index: len(t.Details)}
	switch {
	case !p.IsBy(dialect.Claude):
		return
	case p.Redacted != "":
		d.Type, d.Data = detailEncrypted, p.Redacted
	}
	t.Details = append(t.Details, d)
}

// none reports whether there are no thoughts to send back.
func (t *thoughts) none() bool {
	return t.Reasoning == "" && t.Thinking == "" && t.Details == nil && t.Extra == nil
}

// keep removes thoughts from all but the wanted fields.
func (t *thoughts) keep(place, text string) {
	all := *t
	*t = thoughts{}
	switch place {
	case clientState:
		*t = all
		t.Reasoning = text
	case inReasoningContent:
		t.Reasoning = text
	case inReasoning:
		t.Thinking = text
	case inDetails:
		if t.Details = all.Details; t.Details == nil {
			t.Thinking = text
		}
		if t.Details == nil && all.Extra != nil {
			t.addGemini("", all.Extra)
		}
	case inExtraContent:
		t.Extra = all.Extra
	}
}

// keepOwn drops details of makers other than the model's, which the model does not accept.
func keepOwn(messages []message, model string) {
	for i := range messages {
		messages[i].Details = slices.DeleteFunc(messages[i].Details, func(d detail) bool {
			return !strings.Contains(strings.ToLower(model), string(detailFormats[d.Format]))
		})
	}
}

// addGemini adds the signature of Gemini's call or message in OpenRouter's form
// (openrouter.ai/docs/guides/best-practices/reasoning-tokens, "Preserving reasoning").
func (t *thoughts) addGemini(call string, e *extra) {
	t.Details = append(t.Details, detail{
		Type: detailEncrypted, ID: call, Data: e.Google.Signature, Format: geminiFormat, Index: len(t.Details),
	})
}

// signCalls gives the first call of a message the placeholder for its signature if that was lost: the others have
// none.
func signCalls(messages []message, place string) {
	for i := range messages {
		m := &messages[i]
		switch {
		case len(m.ToolCalls) == 0:
		case place == inExtraContent && m.ToolCalls[0].Extra == nil:
			m.ToolCalls[0].Extra = writeExtra(dialect.SkipSignature)
		case place == inDetails && !slices.ContainsFunc(m.Details, func(d detail) bool { return d.Format == geminiFormat }):
			m.addGemini(m.ToolCalls[0].ID, writeExtra(dialect.SkipSignature))
		}
	}
}

// blankThought replaces a thought that was lost. Kimi rejects an empty one: "thinking is enabled but reasoning_content
// is missing in assistant tool call message" (github.com/earendil-works/pi/issues/4251,
// github.com/bestruirui/octopus/pull/251).
const blankThought = " "

// standIn adds a thought to the assistant's messages if it was lost.
func standIn(messages []message) {
	for i := range messages {
		if m := &messages[i]; m.Role == "assistant" && m.Reasoning == "" {
			m.Reasoning = blankThought
		}
	}
}
