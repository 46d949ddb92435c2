package upstream

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Chat completions and text completions, in the shapes of OpenAI's API
// reference.

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
	N int `json:"n"`
}

func (r chatRequest) prompt() prompt {
	p := prompt{json: strings.HasPrefix(r.ResponseFormat.Type, "json"), schema: r.ResponseFormat.JSONSchema.Schema}
	for _, m := range r.Messages {
		if m.Role == "user" {
			p.last = textOf(m.Content)
		}
		p.answer = m.Role == "tool" || m.Role == "function"
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
		if word == "required" {
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

func (c *call) chat(r Reply) answer {
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
	if c.Stream {
		return c.chatStream(t, r)
	}
	message := object{"role": "assistant", "content": t.text, "refusal": nil}
	if t.reasoning != "" {
		message["reasoning_content"] = t.reasoning
	}
	if len(t.tools) > 0 {
		message["tool_calls"] = c.chatTools(t.tools, false)
		if t.text == "" {
			message["content"] = nil
		}
	}
	body := c.chatBody("chat.completion")
	choices := []object{}
	for i := range max(1, min(req.N, 8)) {
		choices = append(choices, object{"index": i, "message": message, "logprobs": nil, "finish_reason": t.chatFinish()})
	}
	body["choices"] = choices
	if !r.NoUsage {
		body["usage"] = openAIUsage(t.usage)
	}
	return jsonAnswer(body)
}

func (c *call) chatBody(kind string) object {
	return object{"id": c.id("chatcmpl-", 0), "object": kind, "created": created, "model": c.Model, "system_fingerprint": "fp_mock"}
}

func (t turn) chatFinish() string {
	if len(t.tools) > 0 {
		return "tool_calls"
	}
	return "stop"
}

func (c *call) chatTools(tools []ToolCall, indexed bool) []object {
	var list []object
	for i, t := range tools {
		o := object{"id": c.id("call_", i+1), "type": "function", "function": object{"name": t.Name, "arguments": t.Arguments}}
		if indexed {
			o["index"] = i
		}
		list = append(list, o)
	}
	return list
}

func openAIUsage(u Usage) object {
	return object{
		"prompt_tokens": u.InputTokens, "completion_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
		"prompt_tokens_details":     object{"cached_tokens": u.CachedTokens, "audio_tokens": 0},
		"completion_tokens_details": object{"reasoning_tokens": u.ReasoningTokens, "audio_tokens": 0, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
	}
}

// chatStream writes the chunks as OpenAI does: the role first, then text and
// tool arguments, the finish reason, usage if it was asked for, and [DONE].
func (c *call) chatStream(t turn, r Reply) answer {
	chunk := func(delta object, finish any) []byte {
		body := c.chatBody("chat.completion.chunk")
		body["choices"] = []object{{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}}
		if c.WantsUsage {
			body["usage"] = nil
		}
		return dataEvent(body)
	}
	a := eventAnswer()
	a.opening = append(a.opening, chunk(object{"role": "assistant", "content": "", "refusal": nil}, nil))
	for _, text := range pieces(t.reasoning, r.ChunkSize) {
		a.chunks = append(a.chunks, chunk(object{"reasoning_content": text}, nil))
	}
	for _, text := range pieces(t.text, r.ChunkSize) {
		a.chunks = append(a.chunks, chunk(object{"content": text}, nil))
	}
	for i, call := range c.chatTools(t.tools, true) {
		call["function"] = object{"name": t.tools[i].Name, "arguments": ""}
		a.chunks = append(a.chunks, chunk(object{"tool_calls": []object{call}}, nil))
		for _, text := range pieces(t.tools[i].Arguments, r.ChunkSize) {
			a.chunks = append(a.chunks, chunk(object{"tool_calls": []object{{"index": i, "function": object{"arguments": text}}}}, nil))
		}
	}
	a.closing = append(a.closing, chunk(object{}, t.chatFinish()))
	if (c.WantsUsage || c.provider != nil && c.provider.ReportsUsage) && !r.NoUsage {
		body := c.chatBody("chat.completion.chunk")
		body["choices"] = []object{}
		body["usage"] = openAIUsage(t.usage)
		a.closing = append(a.closing, dataEvent(body))
	}
	a.closing = append(a.closing, doneEvent)
	a.failure = dataEvent(openAIError(http.StatusInternalServerError, "The server had an error while processing your request."))
	return a
}

// completion is the older endpoint, which only knows text.
func (c *call) completion(r Reply) answer {
	var req struct {
		Prompt json.RawMessage `json:"prompt"`
	}
	_ = json.Unmarshal(c.body, &req)
	t := c.think(prompt{last: textOf(req.Prompt)}, r)
	body := func(text string, finish any) object {
		return object{"id": c.id("cmpl-", 0), "object": "text_completion", "created": created, "model": c.Model,
			"choices": []object{{"index": 0, "text": text, "logprobs": nil, "finish_reason": finish}}}
	}
	if !c.Stream {
		b := body(t.text, "stop")
		if !r.NoUsage {
			b["usage"] = openAIUsage(t.usage)
		}
		return jsonAnswer(b)
	}
	a := eventAnswer()
	for _, text := range pieces(t.text, r.ChunkSize) {
		a.chunks = append(a.chunks, dataEvent(body(text, nil)))
	}
	a.closing = append(a.closing, dataEvent(body("", "stop")))
	if c.WantsUsage && !r.NoUsage {
		b := body("", nil)
		b["choices"], b["usage"] = []object{}, openAIUsage(t.usage)
		a.closing = append(a.closing, dataEvent(b))
	}
	a.closing = append(a.closing, doneEvent)
	a.failure = dataEvent(openAIError(http.StatusInternalServerError, "The server had an error while processing your request."))
	return a
}

func openAIError(status int, message string) object {
	var code any
	kind := errorType(status)
	switch status {
	case http.StatusUnauthorized:
		kind, code = "invalid_request_error", "invalid_api_key"
	case http.StatusTooManyRequests:
		kind, code = "requests", "rate_limit_exceeded"
	case http.StatusNotFound:
		kind = "invalid_request_error"
	}
	if status >= 500 {
		kind = "server_error"
	}
	return object{"error": object{"message": message, "type": kind, "param": nil, "code": code}}
}

func eventAnswer() answer { return answer{kind: "text/event-stream; charset=utf-8"} }

var doneEvent = []byte("data: [DONE]\n\n")

func dataEvent(v any) []byte {
	b := append([]byte("data: "), marshal(v)...)
	return append(b, "\n\n"...)
}

func namedEvent(name string, v any) []byte {
	b := append([]byte("event: "+name+"\ndata: "), marshal(v)...)
	return append(b, "\n\n"...)
}
