package upstream

import (
	"encoding/json"
	"net/http"
	"strings"
)

// The chat completions of OpenAI and of the providers that have its format.

type chatRequest struct {
	Messages []struct {
		Role    string          `json:"role"`
		Content json.RawMessage `json:"content"`
	} `json:"messages"`
	Tools []struct {
		Function struct {
			Name       string `json:"name"`
			Parameters any    `json:"parameters"`
		} `json:"function"`
	} `json:"tools"`
	ToolChoice     json.RawMessage `json:"tool_choice"`
	ResponseFormat struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Schema any `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	N           int  `json:"n"`
	Logprobs    bool `json:"logprobs"`
	TopLogprobs int  `json:"top_logprobs"`
}

func (r chatRequest) prompt() prompt {
	p := prompt{json: strings.HasPrefix(r.ResponseFormat.Type, "json"), schema: r.ResponseFormat.JSONSchema.Schema}
	for _, m := range r.Messages {
		if m.Role == "user" {
			p.last = textOf(m.Content)
		}
		p.toolResponded = m.Role == "tool" || m.Role == "function"
	}
	for _, t := range r.Tools {
		p.tools = append(p.tools, tool{t.Function.Name, t.Function.Parameters})
	}
	p.forced = openAIToolChoice(r.ToolChoice)
	return p
}

// openAIToolChoice returns the tool that must be called, "*" for any.
func openAIToolChoice(choice json.RawMessage) string {
	var word string
	if json.Unmarshal(choice, &word) == nil {
		if word == "required" || word == "any" { // "any" is Mistral's word
			return "*"
		}
		return ""
	}
	var named struct {
		Name     string `json:"name"` // responses
		Function struct {
			Name string `json:"name"`
		} `json:"function"`
	}
	_ = json.Unmarshal(choice, &named)
	return named.Name + named.Function.Name
}

func (c *call) chat(r Reply) response {
	var req chatRequest
	if err := json.Unmarshal(c.body, &req); err != nil {
		return c.failure(http.StatusBadRequest, "We could not parse the JSON body of your request: "+err.Error())
	}
	if c.Model == "" {
		return c.failure(http.StatusBadRequest, "you must provide a model parameter")
	}
	if len(req.Messages) == 0 {
		return c.failure(http.StatusBadRequest, "Missing required parameter: 'messages'.")
	}
	t := c.think(req.prompt(), r)
	n := max(1, min(req.N, 8))
	if r.Usage == nil {
		t.usage.OutputTokens *= int64(n)
	}
	if c.Stream {
		return c.chatStream(t, req, n, r)
	}
	h := c.habits()
	message := chatMessage{Role: "assistant", Content: t.text, Refusal: h.null(), ToolCalls: c.chatTools(h, t.tools)}
	if t.text == "" && len(t.tools) > 0 {
		message.Content = null
	}
	h.think(&message, t.reasoning)
	body := c.chatBody(h, "chat.completion")
	for i := range n {
		choice := h.choiceOf(i, &message, nil, t.chatFinish())
		if req.Logprobs {
			choice.Logprobs = logprobs(pieces(t.text, r.ChunkSize), req.TopLogprobs)
		}
		body.Choices = append(body.Choices, choice)
	}
	if !r.NoUsage {
		body.Usage = h.usageOf(t.usage)
	}
	if h.usage == groqUsage {
		body.XGroq = object{"id": c.id("req_", 0)}
	}
	return response{kind: "application/json", body: h.write(body)}
}

// The chat completion is what fakes are asked for most, so it has types, which
// are written several times as fast as maps.

type chatBody struct {
	ID          string       `json:"id"`
	Object      string       `json:"object"`
	Created     int64        `json:"created"`
	Model       string       `json:"model"`
	Choices     []chatChoice `json:"choices"`
	Usage       any          `json:"usage,omitzero"`
	Fingerprint string       `json:"system_fingerprint,omitempty"`
	XGroq       any          `json:"x_groq,omitzero"`
}

type chatChoice struct {
	Index        int          `json:"index"`
	Message      *chatMessage `json:"message,omitempty"`
	Delta        *chatMessage `json:"delta,omitempty"`
	Logprobs     any          `json:"logprobs,omitzero"`
	FinishReason any          `json:"finish_reason"`
	NativeReason any          `json:"native_finish_reason,omitzero"` // OpenRouter
	Usage        any          `json:"usage,omitzero"`                // Moonshot
}

type chatMessage struct {
	Role      string         `json:"role,omitempty"`
	Content   any            `json:"content,omitzero"`
	Refusal   any            `json:"refusal,omitzero"`
	ToolCalls []chatToolCall `json:"tool_calls,omitempty"`

	// One of these has what the model thinks.
	ReasoningContent string   `json:"reasoning_content,omitempty"`
	Reasoning        string   `json:"reasoning,omitempty"`
	ReasoningDetails []object `json:"reasoning_details,omitempty"`
}

type chatToolCall struct {
	Index    *int         `json:"index,omitempty"` // in streams
	ID       string       `json:"id,omitempty"`
	Type     string       `json:"type,omitempty"`
	Function chatFunction `json:"function"`
}

type chatFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// null is a field that is there and null, where nil would leave it out.
var null = json.RawMessage("null")

func (c *call) chatBody(h *habits, kind string) chatBody {
	b := chatBody{ID: c.id(h.id, 0), Object: kind, Created: c.created(), Model: c.Model, Choices: []chatChoice{}}
	if !h.plain {
		b.Fingerprint = "fp_mock"
	}
	return b
}

// logprobs are those of tokens: each is sure, and the others that it might have been
// are far less likely.
func logprobs(tokens []string, top int) object {
	one := func(token string, logprob float64) object {
		spelled := []int{}
		for _, b := range []byte(token) {
			spelled = append(spelled, int(b))
		}
		return object{"token": token, "logprob": logprob, "bytes": spelled}
	}
	content := []object{}
	for _, token := range tokens {
		said, others := one(token, 0), []object{}
		for i := range min(top, 20) {
			if i == 0 {
				others = append(others, one(token, 0))
				continue
			}
			others = append(others, one(token+string(rune('a'+i-1)), -10*float64(i)))
		}
		said["top_logprobs"] = others
		content = append(content, said)
	}
	return object{"content": content, "refusal": nil}
}

func (t turn) chatFinish() string {
	if len(t.tools) > 0 {
		return "tool_calls"
	}
	return "stop"
}

func (c *call) chatTools(h *habits, tools []ToolCall) []chatToolCall {
	var list []chatToolCall
	for i, t := range tools {
		id := c.id("call_", i+1)
		if h.calls > 0 {
			id = c.id("", i+1)[:h.calls]
		}
		list = append(list, chatToolCall{ID: id, Type: "function", Function: chatFunction(t)})
	}
	return list
}

type chatUsage struct {
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
		Accepted  int64 `json:"accepted_prediction_tokens"`
		Rejected  int64 `json:"rejected_prediction_tokens"`
	} `json:"completion_tokens_details"`
}

func openAIUsage(u Usage) *chatUsage {
	c := &chatUsage{Prompt: u.InputTokens, Completion: u.OutputTokens, Total: u.InputTokens + u.OutputTokens}
	c.PromptBy.Cached, c.CompletionBy.Reasoning = u.CachedTokens, u.ReasoningTokens
	return c
}

// chatStream writes the chunks as OpenAI does: the role first, then text and
// tool arguments, the finish reason, usage if it was asked for, and [DONE]. Of
// several choices, each chunk has one.
func (c *call) chatStream(t turn, req chatRequest, n int, r Reply) response {
	h := c.habits()
	body := c.chatBody(h, "chat.completion.chunk")
	if c.WantsUsage && h.usage == ownChunk {
		body.Usage = null
	}
	chunk := func(i int, delta chatMessage) []byte {
		choice := h.choiceOf(i, nil, &delta, nil)
		if said, _ := delta.Content.(string); said != "" && req.Logprobs {
			choice.Logprobs = logprobs([]string{said}, req.TopLogprobs)
		}
		body.Choices = []chatChoice{choice}
		return dataBytes(h.write(body))
	}
	a := eventResponse()
	if h.comment != "" {
		a.opening = append(a.opening, []byte(h.comment))
	}
	if h.usage == groqUsage {
		body.XGroq = object{"id": c.id("req_", 0)}
	}
	for i := range n {
		a.opening = append(a.opening, chunk(i, chatMessage{Role: "assistant", Content: "", Refusal: h.null()}))
		body.XGroq = nil
	}
	var deltas []chatMessage
	for _, text := range pieces(t.reasoning, r.ChunkSize) {
		var delta chatMessage
		h.think(&delta, text)
		deltas = append(deltas, delta)
	}
	for _, text := range pieces(t.text, r.ChunkSize) {
		deltas = append(deltas, chatMessage{Content: text})
	}
	deltas = append(deltas, h.callDeltas(c.chatTools(h, t.tools), r.ChunkSize)...)
	said := make([]textEvent, n) // by choice
	for d, delta := range deltas {
		if h.usage == eachChunk && !r.NoUsage {
			body.Usage = h.usageOf(t.usage.upTo(d+1, len(deltas)))
			clear(said)
		}
		text, isText := delta.Content.(string)
		for i := range n {
			switch {
			case !isText:
				a.chunk(chunk(i, delta))
				continue
			case req.Logprobs:
				a.text(chunk(i, delta))
				continue
			case said[i].before == nil:
				said[i] = around(chunk(i, chatMessage{Content: ""}), "content")
			}
			a.text(said[i].with(text))
		}
	}
	a.closing = append(c.chatEnd(h, body, t, n, r), doneEvent)
	a.failure = h.streamFailure()
	return a
}

// callDeltas are the chunks of the tools that are called.
func (h *habits) callDeltas(tools []chatToolCall, size int) []chatMessage {
	var deltas []chatMessage
	for i, tool := range tools {
		arguments := tool.Function.Arguments
		tool.Index = &i
		if h.wholeCalls {
			deltas = append(deltas, chatMessage{ToolCalls: []chatToolCall{tool}})
			continue
		}
		tool.Function.Arguments = ""
		deltas = append(deltas, chatMessage{ToolCalls: []chatToolCall{tool}})
		for _, text := range pieces(arguments, size) {
			deltas = append(deltas, chatMessage{ToolCalls: []chatToolCall{{Index: &i, Function: chatFunction{Arguments: text}}}})
		}
	}
	return deltas
}

// chatEnd are the chunks with the finish reason and with usage.
func (c *call) chatEnd(h *habits, body chatBody, t turn, n int, r Reply) [][]byte {
	var chunks [][]byte
	usage := h.usageOf(t.usage)
	for i := range n {
		var last chatMessage
		if h.plain {
			last.Content = ""
		}
		choice := h.choiceOf(i, nil, &last, t.chatFinish())
		if i == n-1 && !r.NoUsage {
			switch h.usage {
			case finish, eachChunk:
				body.Usage = usage
			case finalChoice:
				choice.Usage = usage
			case groqUsage:
				body.XGroq = object{"id": c.id("req_", 0), "usage": usage}
			case ownChunk, always: // below
			}
		}
		body.Choices = []chatChoice{choice}
		chunks = append(chunks, dataBytes(h.write(body)))
	}
	body.Usage, body.XGroq = usage, nil
	switch {
	case r.NoUsage:
	case h.usage == always:
		body.Choices = []chatChoice{h.choiceOf(0, nil, &chatMessage{Role: "assistant", Content: ""}, nil)}
		chunks = append(chunks, dataBytes(h.write(body)))
	case c.WantsUsage && (h.usage == ownChunk || h.usage == groqUsage || h.usage == finalChoice):
		body.Choices = []chatChoice{}
		chunks = append(chunks, dataBytes(h.write(body)))
	}
	return chunks
}
