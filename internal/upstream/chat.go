package upstream

import (
	"encoding/json"
	"net/http"
	"strings"
)

// The chat completions of OpenAI and of the providers that have its format.

// chatTypes are what the JSON of fields that are read here may begin with.
var chatTypes = map[string]string{"messages": "[", "tools": "[", "response_format": "{", "tool_choice": `"{`,
	"n": digits, "top_logprobs": digits, "logprobs": "tf"}

const digits = "-0123456789"

// chatPrompt reads a chat. To decode it into types, after the rules had taken it apart,
// was 6 % of the CPU of a response.
func chatPrompt(request value) prompt {
	format := request.get("response_format")
	p := prompt{
		json:   strings.HasPrefix(format.get("type").text(), "json"),
		schema: format.get("json_schema", "schema").decoded(),
		forced: openAIToolChoice(request.get("tool_choice")),
	}
	for _, m := range request.get("messages").items {
		role := m.get("role").text()
		if role == "user" {
			p.last = textOf(m.get("content"))
		}
		p.toolResponded = role == "tool" || role == "function"
	}
	for _, t := range request.get("tools").items {
		function := t.get("function")
		p.tools = append(p.tools, tool{function.get("name").text(), function.get("parameters").decoded()})
	}
	return p
}

// openAIToolChoice returns the tool that must be called, "*" for any.
func openAIToolChoice(choice value) string {
	switch choice.text() {
	case "required", "any": // "any" is Mistral's word
		return "*"
	}
	return choice.get("name").text() + choice.get("function", "name").text() // the first is of responses
}

func (c *call) chat(r Reply) response {
	req := c.parsed()
	if name := req.mistyped(chatTypes); name != "" {
		return c.failure(http.StatusBadRequest, "Invalid type for '"+name+"'.")
	}
	if c.Model == "" {
		return c.failure(http.StatusBadRequest, "you must provide a model parameter")
	}
	if len(req.get("messages").items) == 0 {
		return c.failure(http.StatusBadRequest, "Missing required parameter: 'messages'.")
	}
	t := c.think(chatPrompt(req), r)
	n := max(1, min(req.get("n").integer(), 8))
	if r.Usage == nil {
		t.usage.OutputTokens *= int64(n)
	}
	if c.Stream {
		return c.chatStream(t, req, n, r)
	}
	h := c.habits()
	message := chatMessage{Role: "assistant", Content: t.text, Refusal: h.null(), ToolCalls: c.chatTools(h, t.tools)}
	switch {
	case h.refuses(t):
		message.Content, message.Refusal = null, t.text
	case t.text == "" && len(t.tools) > 0:
		message.Content = null
	}
	h.think(&message, t.reasoning)
	body := c.chatBody(h, "chat.completion")
	for i := range n {
		choice := h.choiceOf(i, &message, nil, chatFinish.of(t.finish))
		if req.get("logprobs").isTrue() {
			choice.Logprobs = logprobs(pieces(t.text, r.ChunkSize), req.get("top_logprobs").integer())
		}
		body.Choices = append(body.Choices, choice)
	}
	if !r.NoUsage {
		body.Usage = h.usageOf(t.usage)
	}
	if h.usage == groqUsage {
		body.XGroq = object{"id": c.id("req_", 0)}
	}
	const around = 1 << 10 // bytes beside the text
	b := make([]byte, 0, around+n*(len(t.text)+len(t.reasoning)))
	return response{kind: "application/json", body: h.append(b, &body)}
}

// null is a field that is there and null, where nil would leave it out.
var null = json.RawMessage("null")

func (c *call) chatBody(h *habits, kind string) chatBody {
	b := chatBody{ID: c.id(h.id, 0), Object: kind, Created: c.created(), Model: c.Model}
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

// chatFinish are the words of chat completions, where a refusal is a message of its own
// kind.
var chatFinish = finishWords{FinishRefusal: "stop"}

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

// chatStream writes the chunks as OpenAI does: the role first, then text and
// tool arguments, the finish reason, usage if it was asked for, and [DONE]. Of
// several choices, each chunk has one.
func (c *call) chatStream(t turn, req value, n int, r Reply) response {
	h := c.habits()
	body := c.chatBody(h, "chat.completion.chunk")
	if c.WantsUsage && h.usage == ownChunk {
		body.Usage = null
	}
	withLogprobs, top := req.get("logprobs").isTrue(), req.get("top_logprobs").integer()
	chunk := func(i int, delta chatMessage) []byte {
		choice := h.choiceOf(i, nil, &delta, nil)
		if said, _ := delta.Content.(string); said != "" && withLogprobs {
			choice.Logprobs = logprobs([]string{said}, top)
		}
		body.Choices = append(body.Choices[:0], choice)
		return h.event(&body)
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
	thoughts, texts := pieces(t.reasoning, r.ChunkSize), pieces(t.text, r.ChunkSize)
	calls := h.callDeltas(c.chatTools(h, t.tools), r.ChunkSize)
	deltas, sent := len(thoughts)+len(texts)+len(calls), 0
	a.reserve(n * deltas)
	field, said := "content", func(text string) chatMessage { return chatMessage{Content: text} }
	if h.refuses(t) {
		field, said = "refusal", func(text string) chatMessage { return chatMessage{Refusal: text} }
	}
	begun := make([]textEvent, n) // by choice
	next := func() {
		if sent++; h.usage == eachChunk && !r.NoUsage {
			body.Usage = h.usageOf(t.usage.upTo(sent, deltas))
			clear(begun)
		}
	}
	for _, text := range thoughts {
		next()
		var delta chatMessage
		h.think(&delta, text)
		for i := range n {
			a.chunk(chunk(i, delta))
		}
	}
	for _, text := range texts {
		next()
		for i := range n {
			switch {
			case withLogprobs:
				a.text(chunk(i, said(text)))
				continue
			case begun[i].before == nil:
				begun[i] = around(chunk(i, said("")), field)
			}
			a.text(begun[i].with(text))
		}
	}
	for _, delta := range calls {
		next()
		for i := range n {
			a.chunk(chunk(i, delta))
		}
	}
	a.closing = append(c.chatEnd(h, body, t, n, r), doneEvent)
	if r.Fault.kind == fail {
		a.failure = h.streamFailure()
	}
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
		choice := h.choiceOf(i, nil, &last, chatFinish.of(t.finish))
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
		chunks = append(chunks, h.event(&body))
	}
	body.Usage, body.XGroq = usage, nil
	switch {
	case r.NoUsage:
	case h.usage == always:
		body.Choices = []chatChoice{h.choiceOf(0, nil, &chatMessage{Role: "assistant", Content: ""}, nil)}
		chunks = append(chunks, h.event(&body))
	case c.WantsUsage && (h.usage == ownChunk || h.usage == groqUsage || h.usage == finalChoice):
		body.Choices = nil
		chunks = append(chunks, h.event(&body))
	}
	return chunks
}
