package upstream

import (
	"net/http"
	"strings"
)

// The chat completions of OpenAI and of providers with its format.

// chatTypes are the first characters that the JSON of the fields read here may have.
var chatTypes = map[string]string{"messages": "[", "tools": "[", "response_format": "{", "tool_choice": `"{`,
	"n": digits, "top_logprobs": digits, "logprobs": "tf" + digits} // a number at Together and Fireworks

const digits = "-0123456789"

// chatPrompt reads a chat. Decoding it into types after the rules had parsed it was 6 % of the CPU of a response.
func chatPrompt(request value) prompt {
	format := request.get("response_format")
	p := prompt{
		json:   strings.HasPrefix(format.get("type").text(), "json"),
		schema: format.get("json_schema", "schema").decoded(),
		forced: openAIToolChoice(request.get("tool_choice")),
	}
	for _, m := range request.get("messages").items {
		if m.get("role").text() == "user" {
			p.last = textOf(m.get("content"))
		}
	}
	for _, t := range request.get("tools").items {
		function := t.get("function")
		p.tools = append(p.tools, tool{function.get("name").text(), function.get("parameters")})
	}
	return p
}

// openAIToolChoice returns the tool that must be called, "*" for any.
func openAIToolChoice(choice value) string {
	switch choice.text() {
	case "required", "any": // "any" is Mistral's word
		return "*"
	}
	return choice.get("name").text() + choice.get("function", "name").text() // the first is for responses
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
	return c.chatOf(c.thinkAll(chatPrompt(req), r), req, r)
}

// chatOf writes the turns of a chat.
func (c *call) chatOf(all turns, req value, r Reply) response {
	c.speak(all, req)
	keep := req.get("store").isTrue()
	if c.Stream && !keep {
		return c.chatStream(all, req, r)
	}
	whole := c.wholeChat(all, req, r)
	if keep {
		c.storeChat(whole)
	}
	if c.Stream {
		return c.chatStream(all, req, r)
	}
	return response{kind: "application/json", body: whole}
}

func (c *call) wholeChat(all turns, req value, r Reply) []byte {
	h := c.habits()
	body := c.chatBody(h, "chat.completion")
	size := 576 // the usual bytes in addition to the text
	for i, t := range all {
		message := chatMessage{Role: "assistant", Content: t.text, Refusal: h.null(), ToolCalls: c.chatTools(h, i, t.tools)}
		switch {
		case h.refuses(t):
			message.Content, message.Refusal = null, t.text
		case t.spoken:
			message.Content, message.Audio = null, c.spokenChat(i, t.text)
		case t.text == "" && len(t.tools) > 0:
			message.Content = null
		}
		h.think(&message, t.reasoning)
		choice := h.choiceOf(i, &message, nil, chatFinish.of(t.finish))
		if req.get("logprobs").isTrue() {
			choice.Logprobs = logprobs(pieces(t.text, r.ChunkSize), req.get("top_logprobs").integer())
		}
		body.Choices = append(body.Choices, choice)
		size += len(t.text) + len(t.reasoning)
	}
	if !r.NoUsage {
		body.Usage = h.usageOfAll(all, r)
	}
	if h.usage == groqUsage {
		body.XGroq = object{"id": c.id("req_", 0)}
	}
	return h.append(make([]byte, 0, size), &body)
}

// speak makes the model speak, if the request asks for it.
func (c *call) speak(all turns, req value) {
	for modality := range req.get("modalities").texts() {
		for i := range all {
			all[i].spoken = all[i].spoken || modality == "audio" && all[i].text != "" && all[i].finish != FinishRefusal
		}
	}
}

// usageOfAll returns the usage of all turns. What is spoken is counted as audio.
func (h *habits) usageOfAll(all turns, r Reply) any {
	usage := h.usageOf(all.usage(r))
	if chat, ok := usage.(*chatUsage); ok && r.Usage == nil {
		for _, t := range all {
			if t.spoken {
				chat.audioTokens += t.usage.OutputTokens - t.usage.ReasoningTokens
			}
		}
	}
	return usage
}

// spokenChat is the audio of a message. That it can be referred to for an hour is assumed.
func (c *call) spokenChat(choice int, text string) object {
	return object{"id": c.id("audio_", choice), "data": base64Of(c.sound(int64(len(text)))), "transcript": text, "expires_at": c.created() + 60*60}
}

// spokenDeltas are the same for a stream: the transcript, piece by piece, the sound, and the end of its life.
func (c *call) spokenDeltas(choice int, text string, pieces []string) []chatMessage {
	var deltas []chatMessage
	whole := c.spokenChat(choice, text)
	for _, piece := range pieces {
		deltas = append(deltas, chatMessage{Audio: object{"id": whole["id"], "transcript": piece}})
	}
	for _, field := range [...]string{"data", "expires_at"} {
		deltas = append(deltas, chatMessage{Audio: object{"id": whole["id"], field: whole[field]}})
	}
	return deltas
}

// null is a field with the value null; nil would omit it.
var null any = object(nil)

func (c *call) chatBody(h *habits, kind string) chatBody {
	b := chatBody{ID: c.id(h.id, 0), Object: kind, Created: c.created(), Model: c.Model}
	if !h.plain {
		b.Fingerprint = "fp_mock"
	}
	return b
}

// logprobs returns the log probabilities of tokens: each is certain, and its alternatives are far less likely.
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

// chatFinish are the words of chat completions, in which a refusal is a separate kind of message.
var chatFinish = finishWords{FinishRefusal: "stop"}

// chatTools returns the calls of a choice, with ids that no other choice has.
func (c *call) chatTools(h *habits, choice int, tools []ToolCall) []chatToolCall {
	var list []chatToolCall
	for i, t := range tools {
		n := choice<<8 + i + 1
		id := c.id("call_", n)
		if h.calls > 0 {
			id = c.id("", n)[:h.calls]
		}
		list = append(list, chatToolCall{ID: id, Type: "function", Function: chatFunction(t)})
	}
	return list
}

// speaker is a choice of a stream, with its remaining text.
type speaker struct {
	thoughts, texts []string
	calls           []chatMessage
	field           string // the field of a message with the texts
	begun           textEvent
}

func (s *speaker) chunks() int { return len(s.thoughts) + len(s.texts) + len(s.calls) }

func (s *speaker) message(text string) chatMessage {
	if s.field == "refusal" {
		return chatMessage{Refusal: text}
	}
	return chatMessage{Content: text}
}

// chatStream writes the chunks as OpenAI does: the role first, then text and tool arguments, the finish reason, usage
// if requested, and [DONE]. With several choices, each chunk is for one of them, in turn.
func (c *call) chatStream(all turns, req value, r Reply) response {
	h := c.habits()
	body := c.chatBody(h, "chat.completion.chunk")
	if c.WantsUsage && h.usage == ownChunk {
		body.Usage = null
	}
	withLogprobs, top := req.get("logprobs").isTrue(), req.get("top_logprobs").integer()
	a := eventResponse()
	chunk := func(i int, delta chatMessage) []byte {
		choice := h.choiceOf(i, nil, &delta, nil)
		if said, _ := delta.Content.(string); said != "" && withLogprobs {
			choice.Logprobs = logprobs([]string{said}, top)
		}
		body.Choices = append(body.Choices[:0], choice)
		return a.chatEvent(h, &body)
	}
	if h.comment != "" {
		a.opening = append(a.opening, []byte(h.comment))
	}
	if h.usage == groqUsage {
		body.XGroq = object{"id": c.id("req_", 0)}
	}
	speakers, rounds, chunks := make([]speaker, len(all)), 0, 0
	for i, t := range all {
		a.opening = append(a.opening, chunk(i, chatMessage{Role: "assistant", Content: "", Refusal: h.null()}))
		body.XGroq = nil
		s := &speakers[i]
		*s = speaker{thoughts: pieces(t.reasoning, r.ChunkSize), texts: pieces(t.text, r.ChunkSize), field: "content"}
		s.calls = h.callDeltas(c.chatTools(h, i, t.tools), r.ChunkSize)
		switch {
		case h.refuses(t):
			s.field = "refusal"
		case t.spoken:
			s.texts, s.calls = nil, append(c.spokenDeltas(i, t.text, s.texts), s.calls...)
		}
		rounds, chunks = max(rounds, s.chunks()), chunks+s.chunks()
	}
	a.reserve(chunks)
	usage := all.usage(r)
	for round := range rounds {
		counted := h.usage == eachChunk && !r.NoUsage
		if counted {
			body.Usage = h.usageOf(usage.upTo(round+1, rounds))
		}
		for i := range speakers {
			s, n := &speakers[i], round
			if n < len(s.thoughts) {
				var delta chatMessage
				h.think(&delta, s.thoughts[n])
				a.chunk(chunk(i, delta))
				continue
			}
			if n -= len(s.thoughts); n < len(s.texts) {
				switch {
				case withLogprobs:
					a.text(chunk(i, s.message(s.texts[n])))
					continue
				case s.begun.before == nil || counted:
					s.begun = around(chunk(i, s.message("")), s.field)
				}
				a.textEvent(s.begun, s.texts[n])
				continue
			}
			if n -= len(s.texts); n < len(s.calls) {
				a.chunk(chunk(i, s.calls[n]))
			}
		}
	}
	c.chatEnd(&a, h, body, all, r)
	a.closing = append(a.closing, doneEvent)
	if r.Fault.kind == fail {
		a.failure = a.data(h.streamFailure())
	}
	return a
}

// callDeltas returns the chunks of the called tools.
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

// chatEnd adds the chunks with the finish reason and with usage.
func (c *call) chatEnd(a *response, h *habits, body chatBody, all turns, r Reply) {
	usage := h.usageOfAll(all, r)
	for i, t := range all {
		var last chatMessage
		if h.plain {
			last.Content = ""
		}
		choice := h.choiceOf(i, nil, &last, chatFinish.of(t.finish))
		if i == len(all)-1 && !r.NoUsage {
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
		a.closing = append(a.closing, a.chatEvent(h, &body))
	}
	body.Usage, body.XGroq = usage, nil
	switch {
	case r.NoUsage:
	case h.usage == always:
		body.Choices = []chatChoice{h.choiceOf(0, nil, &chatMessage{Role: "assistant", Content: ""}, nil)}
		a.closing = append(a.closing, a.chatEvent(h, &body))
	case c.WantsUsage && (h.usage == ownChunk || h.usage == groqUsage || h.usage == finalChoice):
		body.Choices = nil
		a.closing = append(a.closing, a.chatEvent(h, &body))
	}
}
