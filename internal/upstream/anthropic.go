package upstream

import (
	"net/http"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// anthropicFake responds as Anthropic's messages API.
type anthropicFake struct{}

func (anthropicFake) respond(c *call, r Reply) (response, bool) {
	switch c.Operation {
	case dialect.Messages:
		return c.messages(r), true
	case dialect.CountTokens:
		a := jsonResponse(object{"input_tokens": dialect.EstimateTokens(c.PromptCharacters())})
		a.header = http.Header{"Request-Id": {c.id("req_", 0)}}
		return a, true
	}
	return response{}, false
}

func (anthropicFake) failure(c *call, status int, message string) response {
	id := c.id("req_", 0)
	body := object{"type": "error", "error": object{"type": errorType(status), "message": message}, "request_id": id}
	return response{body: marshal(body), header: http.Header{"Request-Id": {id}}}
}

func (anthropicFake) model(_ *call, m catalog.Model) object {
	return object{"type": "model", "id": m.ID, "display_name": m.ID, "created_at": "2026-01-01T00:00:00Z"}
}

func (anthropicFake) models(list []object) any {
	page := object{"data": list, "has_more": false, "first_id": nil, "last_id": nil}
	if len(list) > 0 {
		page["first_id"], page["last_id"] = list[0]["id"], list[len(list)-1]["id"]
	}
	return page
}

// messagesPrompt reads the prompt of a message.
func messagesPrompt(request value) prompt {
	format := request.get("output_config", "format")
	if !format.there() {
		format = request.get("output_format") // its name in the beta
	}
	choice := request.get("tool_choice")
	p := prompt{forced: choice.get("name").text(), json: format.get("type").text() == "json_schema", schema: format.get("schema").decoded()}
	if choice.get("type").text() == "any" {
		p.forced = "*"
	}
	for _, t := range request.get("tools").items {
		p.tools = append(p.tools, tool{t.get("name").text(), t.get("input_schema")})
	}
	for _, m := range request.get("messages").items {
		if m.get("role").text() != "user" {
			continue
		}
		if text := textOf(m.get("content")); text != "" {
			p.last = text
		}
	}
	return p
}

// missingFromMessage returns the message about what a request lacks, or "".
func missingFromMessage(request value) string {
	switch {
	case !request.get("max_tokens").there():
		return "max_tokens: Field required"
	case len(request.get("messages").items) == 0:
		return "messages: at least one message is required"
	}
	return ""
}

func (c *call) messages(r Reply) response {
	request := c.parsed()
	if c.Model == "" {
		return c.failure(http.StatusBadRequest, "model: Field required")
	}
	if missing := missingFromMessage(request); missing != "" {
		return c.failure(http.StatusBadRequest, missing)
	}
	t := c.think(messagesPrompt(request), r)
	header := http.Header{"Request-Id": {c.id("req_", 0)}}
	if c.Stream {
		a := c.messageStream(t, r)
		a.header = header
		return a
	}
	m := c.message(c.contentBlocks(t), anthropicFinish.of(t.finish))
	if !r.NoUsage {
		m["usage"] = anthropicUsage(t.usage)
	}
	a := jsonResponse(m)
	a.header = header
	return a
}

func (c *call) message(content []object, stop any) object {
	return object{"id": c.id("msg_", 0), "type": "message", "role": "assistant", "model": c.Model,
		"content": content, "stop_reason": stop, "stop_sequence": nil}
}

var anthropicFinish = finishWords{FinishStop: "end_turn", FinishLength: "max_tokens", FinishToolCalls: "tool_use", FinishContentFilter: "refusal"}

// anthropicUsage reports cache reads and writes separately from input_tokens, as Anthropic does.
func anthropicUsage(u Usage) object {
	return object{
		"input_tokens":                max(0, u.InputTokens-u.CachedTokens-u.CacheWriteTokens),
		"cache_read_input_tokens":     u.CachedTokens,
		"cache_creation_input_tokens": u.CacheWriteTokens,
		"cache_creation":              object{"ephemeral_5m_input_tokens": u.CacheWriteTokens, "ephemeral_1h_input_tokens": 0},
		"output_tokens":               u.OutputTokens,
		"service_tier":                "standard",
	}
}

func (c *call) contentBlocks(t turn) []object {
	blocks := []object{}
	if t.reasoning != "" {
		blocks = append(blocks, object{"type": "thinking", "thinking": t.reasoning, "signature": base64Of([]byte(c.id("", 0)))})
	}
	if t.text != "" {
		blocks = append(blocks, object{"type": "text", "text": t.text})
	}
	for i, call := range t.tools {
		blocks = append(blocks, object{"type": "tool_use", "id": c.id("toolu_", i+1), "name": call.Name, "input": call.object()})
	}
	return blocks
}

// messageStream writes the events of a message. As at Anthropic, usage comes first, with the input and one token of
// output, and again at the end, cumulative.
func (c *call) messageStream(t turn, r Reply) response {
	a := eventResponse()
	event := func(kind string, fields object) []byte {
		fields["type"] = kind
		return a.named(kind, fields)
	}
	start := c.message([]object{}, nil)
	if !r.NoUsage {
		first := anthropicUsage(t.usage)
		first["output_tokens"] = min(1, t.usage.OutputTokens)
		start["usage"] = first
	}
	a.opening = append(a.opening, event("message_start", object{"message": start}))
	index := 0
	block := func(begun object, deltas []object, texts ...string) {
		a.chunks = append(a.chunks, event("content_block_start", object{"index": index, "content_block": begun}))
		if index == 0 {
			a.chunks = append(a.chunks, event("ping", object{}))
		}
		for _, d := range deltas {
			a.chunk(event("content_block_delta", object{"index": index, "delta": d}))
		}
		if len(texts) > 0 {
			said := around(event("content_block_delta", object{"index": index, "delta": object{"type": "text_delta", "text": ""}}), "text")
			for _, text := range texts {
				a.textEvent(said, text)
			}
		}
		a.chunks = append(a.chunks, event("content_block_stop", object{"index": index}))
		index++
	}
	if t.reasoning != "" {
		block(object{"type": "thinking", "thinking": "", "signature": ""},
			append(deltas("thinking_delta", "thinking", pieces(t.reasoning, r.ChunkSize)),
				object{"type": "signature_delta", "signature": base64Of([]byte(c.id("", 0)))}))
	}
	if t.text != "" {
		block(object{"type": "text", "text": ""}, nil, pieces(t.text, r.ChunkSize)...)
	}
	for i, call := range t.tools {
		block(object{"type": "tool_use", "id": c.id("toolu_", i+1), "name": call.Name, "input": object{}},
			deltas("input_json_delta", "partial_json", pieces(call.Arguments, r.ChunkSize)))
	}
	end := object{"delta": object{"stop_reason": anthropicFinish.of(t.finish), "stop_sequence": nil}}
	if !r.NoUsage {
		end["usage"] = anthropicUsage(t.usage)
	}
	a.closing = append(a.closing, event("message_delta", end), event("message_stop", object{}))
	if r.Fault.kind == fail {
		a.failure = event("error", object{"error": object{"type": "overloaded_error", "message": "Overloaded"}})
	}
	return a
}

func deltas(kind, key string, texts []string) []object {
	out := []object{}
	for _, text := range texts {
		out = append(out, object{"type": kind, key: text})
	}
	return out
}
