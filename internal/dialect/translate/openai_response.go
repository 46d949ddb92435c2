package translate

import (
	"encoding/json"

	"github.com/lavapayments/lava-go/internal/dialect"
)

type openAIResponse struct {
	ID      string         `json:"id"`
	Object  string         `json:"object"`
	Created int64          `json:"created"`
	Model   string         `json:"model"`
	Choices []openAIChoice `json:"choices"`
	Usage   *openAIUsage   `json:"usage,omitempty"`
}

type openAIChoice struct {
	Index        int            `json:"index"`
	Message      *openAIMessage `json:"message,omitempty"`
	Delta        *openAIDelta   `json:"delta,omitempty"`
	Logprobs     any            `json:"logprobs"`
	FinishReason *string        `json:"finish_reason"`
}

type openAIUsage struct {
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Total      int64 `json:"total_tokens"`
	PromptBy   struct {
		Cached int64 `json:"cached_tokens"`
		Audio  int64 `json:"audio_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionBy struct {
		Reasoning int64 `json:"reasoning_tokens"`
		Audio     int64 `json:"audio_tokens"`
	} `json:"completion_tokens_details"`
}

func writeOpenAIUsage(u dialect.Usage) *openAIUsage {
	out := &openAIUsage{Prompt: u.InputTokens, Completion: u.OutputTokens, Total: u.InputTokens + u.OutputTokens}
	out.PromptBy.Cached, out.PromptBy.Audio = u.CachedTokens, u.AudioInputTokens
	out.CompletionBy.Reasoning, out.CompletionBy.Audio = u.ReasoningTokens, u.AudioOutputTokens
	return out
}

// openAIStops are the reasons to stop. OpenAI has one word for the end of a turn
// and a stop sequence, and one for all limits of length.
var openAIStops = map[Stop]string{
	EndTurn: "stop", StopSequence: "stop", MaxTokens: "length", ContextWindow: "length", ToolUse: "tool_calls", Refusal: "content_filter",
}

func readOpenAIStop(reason string) Stop {
	switch reason {
	case "length":
		return MaxTokens
	case "tool_calls", "function_call":
		return ToolUse
	case "content_filter":
		return Refusal
	}
	return EndTurn
}

// ReadResponse reads a chat completion.
func (openAI) ReadResponse(body []byte) (*Response, error) {
	var in openAIResponse
	if err := decodeAnswer(body, &in); err != nil {
		return nil, err
	}
	r := &Response{ID: in.ID, Model: in.Model}
	for _, c := range in.Choices {
		choice := Choice{Stop: EndTurn}
		if c.FinishReason != nil {
			choice.Stop = readOpenAIStop(*c.FinishReason)
		}
		if c.Message != nil {
			c.Message.Audio = nil // a recording of what is said in words too
			list, err := c.Message.read("choices")
			if err != nil {
				return nil, err
			}
			choice.Parts = list
		}
		r.Choices = append(r.Choices, choice)
	}
	return r, nil
}

// WriteResponse writes a chat completion. The time of its making is not known to
// other providers, and so left zero (assumption translated-created).
func (openAI) WriteResponse(r *Response) []byte {
	out := openAIResponse{ID: r.ID, Object: "chat.completion", Model: r.Model, Choices: []openAIChoice{}, Usage: writeOpenAIUsage(r.Usage)}
	for i, c := range r.Choices {
		reason := openAIStops[c.Stop]
		m := openAIMessage{Role: "assistant", Content: json.RawMessage("null")}
		text := ""
		for _, p := range c.Parts {
			switch p := p.(type) {
			case Text:
				text += p.Text
			case Thought:
				m.Reasoning += p.Text
			case ToolCall:
				m.ToolCalls = append(m.ToolCalls, writeOpenAICall(p))
			}
		}
		if text != "" || len(m.ToolCalls) == 0 {
			m.Content = marshal(text)
		}
		out.Choices = append(out.Choices, openAIChoice{Index: i, Message: &m, FinishReason: &reason})
	}
	return marshal(out)
}

type openAIErrorBody struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Param   any     `json:"param"`
		Code    *string `json:"code"`
	} `json:"error"`
}

// ReadError reads a refusal.
func (openAI) ReadError(status int, body []byte) Error {
	var in openAIErrorBody
	_ = decodeAnswer(body, &in) // a body of another kind has no message
	return errorFrom(status, in.Error.Message, body)
}

// WriteError writes a refusal, with the type and code that OpenAI has for the
// status.
func (openAI) WriteError(e Error) []byte {
	var out openAIErrorBody
	out.Error.Message, out.Error.Type = e.message(), "invalid_request_error"
	code := ""
	switch {
	case e.Status == 401:
		code = "invalid_api_key"
	case e.Status == 429:
		out.Error.Type, code = "requests", "rate_limit_exceeded"
	case e.Status >= 500:
		out.Error.Type = "server_error"
	}
	if code != "" {
		out.Error.Code = &code
	}
	return marshal(out)
}

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
	calls map[int]int // the open call of each choice
}

func (openAI) newReader() reader { return &openAIReader{calls: map[int]int{}} }

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
		switch {
		case !some || at > open || c.ID != "" && c.Index == nil:
			r.calls[choice] = at
			dst = append(dst, Event{Kind: CallBegin, Choice: choice, ID: c.ID, Name: c.Function.Name})
		case at < open:
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
