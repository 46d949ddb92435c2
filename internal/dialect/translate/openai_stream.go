package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type openAIDelta struct {
	Role      string           `json:"role,omitempty"`
	Content   *string          `json:"content,omitempty"`
	Refusal   string           `json:"refusal,omitempty"`
	Reasoning string           `json:"reasoning_content,omitempty"`
	Thinking  string           `json:"reasoning,omitempty"` // as others call it
	ToolCalls []openAIToolCall `json:"tool_calls,omitempty"`
}

// openAIReader reads the chunks of a chat completion.
type openAIReader struct {
	calls map[int]openCall // of each choice
}

// openCall is the tool call whose arguments come now.
type openCall struct {
	index int
	id    string
}

func (openAI) newReader() reader { return &openAIReader{calls: map[int]openCall{}} }

type openAIChunk struct {
	openAIResponse
	openAIErrorBody
}

func (r *openAIReader) read(dst []Event, kind string, data []byte) ([]Event, error) {
	if string(data) == "[DONE]" {
		return append(dst, Event{Kind: Done}), nil
	}
	var chunk openAIChunk
	if err := decodeAnswer(data, &chunk); err != nil {
		return dst, err
	}
	if kind == "error" || chunk.Error.Message != "" {
		return append(dst, Event{Kind: Failure, Error: errorFrom(500, chunk.Error.Message, nil)}), nil
	}
	if chunk.ID != "" || chunk.Model != "" {
		dst = append(dst, Event{Kind: Begin, ID: chunk.ID, Name: chunk.Model})
	}
	for _, c := range chunk.Choices {
		if c.Delta != nil {
			var err error
			if dst, err = r.delta(dst, c.Index, c.Delta); err != nil {
				return dst, err
			}
		}
		if c.FinishReason != nil && *c.FinishReason != "" {
			dst = append(dst, Event{Kind: Finish, Choice: c.Index, Stop: readOpenAIStop(*c.FinishReason)})
		}
	}
	return dst, nil
}

func (r *openAIReader) delta(dst []Event, choice int, d *openAIDelta) ([]Event, error) {
	for _, thought := range [...]string{d.Reasoning, d.Thinking} {
		if thought != "" {
			dst = append(dst, Event{Kind: ThoughtDelta, Choice: choice, Text: thought})
			break
		}
	}
	if d.Content != nil && *d.Content != "" {
		dst = append(dst, Event{Kind: TextDelta, Choice: choice, Text: *d.Content})
	}
	if d.Refusal != "" {
		dst = append(dst, Event{Kind: TextDelta, Choice: choice, Text: d.Refusal})
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
			dst = append(dst, Event{Kind: CallBegin, Choice: choice, ID: c.ID, Name: c.Function.Name})
		case at < open.index:
			return dst, errInterleaved
		}
		if c.Function.Arguments != "" {
			dst = append(dst, Event{Kind: ArgumentsDelta, Choice: choice, Text: c.Function.Arguments})
		}
		if c.Extra != nil && c.Extra.Google.Signature != "" {
			dst = append(dst, Event{Kind: SignatureDelta, Choice: choice, Text: c.Extra.Google.Signature})
		}
	}
	return dst, nil
}

// openAIWriter writes the chunks of a chat completion: the role first, the finish
// reason and usage at the end.
type openAIWriter struct {
	chunk      openAIResponse
	wantsUsage bool
	choices    map[int]*openAIProgress
}

type openAIProgress struct {
	calls int
	stop  Stop
	begun bool
}

func (openAI) newWriter(r *Request) writer {
	return &openAIWriter{wantsUsage: r.WantsUsage, choices: map[int]*openAIProgress{}, chunk: openAIResponse{
		Object: "chat.completion.chunk", Model: r.Model, Choices: make([]openAIChoice, 1),
	}}
}

func (w *openAIWriter) write(dst []byte, e Event) []byte {
	progress := w.choices[e.Choice]
	if progress == nil {
		progress = &openAIProgress{stop: EndTurn}
		w.choices[e.Choice] = progress
	}
	var d openAIDelta
	switch e.Kind {
	case Begin:
		w.chunk.ID = e.ID
		if e.Name != "" {
			w.chunk.Model = e.Name
		}
	case TextDelta:
		d.Content = &e.Text
	case ThoughtDelta:
		d.Reasoning = e.Text
	case CallBegin:
		at := progress.calls
		progress.calls++
		d.ToolCalls = []openAIToolCall{{Index: &at, ID: e.ID, Type: "function", Function: openAIFunction{Name: e.Name}}}
	case ArgumentsDelta, SignatureDelta:
		if progress.calls == 0 { // the signature of a thought, which nobody takes back
			return dst
		}
		at := progress.calls - 1
		call := openAIToolCall{Index: &at}
		if e.Kind == ArgumentsDelta {
			call.Function.Arguments = e.Text
		} else {
			call.Extra = &openAIExtra{}
			call.Extra.Google.Signature = e.Text
		}
		d.ToolCalls = []openAIToolCall{call}
	case Finish:
		progress.stop = e.Stop
		if progress.begun {
			return dst
		}
	case Failure:
		return appendEvent(dst, "", json.RawMessage(openAI{}.WriteError(e.Error)))
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

func (w *openAIWriter) send(dst []byte, choice int, d *openAIDelta, reason *string) []byte {
	w.chunk.Choices[0] = openAIChoice{Index: choice, Delta: d, FinishReason: reason}
	return appendEvent(dst, "", &w.chunk)
}

func (w *openAIWriter) end(dst []byte, u dialect.Usage) []byte {
	for _, choice := range sortedKeys(w.choices) {
		reason := openAIStops[w.choices[choice].stop]
		dst = w.send(dst, choice, &openAIDelta{}, &reason)
	}
	if w.wantsUsage {
		w.chunk.Choices, w.chunk.Usage = []openAIChoice{}, writeOpenAIUsage(u)
		dst = appendEvent(dst, "", &w.chunk)
	}
	return append(dst, "data: [DONE]\n\n"...)
}
