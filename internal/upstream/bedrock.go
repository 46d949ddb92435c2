package upstream

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/eventstream"
)

// bedrockFake responds as Bedrock's Converse and ConverseStream. Requests need no signature. Models are listed in
// OpenAI's format, because Bedrock lists them elsewhere.
type bedrockFake struct{ openAIFake }

func (bedrockFake) respond(c *call, r Reply) (response, bool) {
	if c.Operation != dialect.Converse {
		return c.invoke(r)
	}
	return c.converse(r), true
}

func (bedrockFake) failure(_ *call, status int, message string) response {
	return response{body: marshal(object{"message": message}), header: http.Header{"X-Amzn-Errortype": {bedrockErrorType(status)}}}
}

// conversePrompt reads the prompt of a request to Converse.
func conversePrompt(request value) prompt {
	choice := request.get("toolConfig", "toolChoice")
	p := prompt{forced: choice.get("tool", "name").text()}
	if choice.get("any").there() {
		p.forced = "*"
	}
	for _, t := range request.get("toolConfig", "tools").items {
		if spec := t.get("toolSpec"); spec.there() {
			p.tools = append(p.tools, tool{spec.get("name").text(), spec.get("inputSchema", "json")})
		}
	}
	if schema := request.get("outputConfig", "textFormat", "structure", "jsonSchema", "schema").text(); schema != "" {
		p.json = json.Unmarshal([]byte(schema), &p.schema) == nil
	}
	for _, m := range request.get("messages").items {
		if m.get("role").text() != "user" {
			continue
		}
		for _, block := range m.get("content").items {
			if text := block.get("text").text(); text != "" {
				p.last = text
			}
		}
	}
	return p
}

func (c *call) converse(r Reply) response {
	request := c.parsed()
	if len(request.get("messages").items) == 0 && !c.managedPrompt() {
		return c.failure(http.StatusBadRequest, "A conversation must start with a user message. Try again with a conversation that starts with a user message.")
	}
	t := c.think(conversePrompt(request), r)
	if c.Stream {
		return c.converseStream(t, r)
	}
	content := []object{}
	if t.reasoning != "" {
		content = append(content, object{"reasoningContent": object{"reasoningText": object{"text": t.reasoning, "signature": base64Of([]byte(c.id("", 0)))}}})
	}
	if t.text != "" {
		content = append(content, object{"text": t.text})
	}
	for i, call := range t.tools {
		content = append(content, object{"toolUse": object{"toolUseId": c.id("tooluse_", i+1), "name": call.Name, "input": call.object()}})
	}
	o := object{
		"output":     object{"message": object{"role": "assistant", "content": content}},
		"stopReason": bedrockFinish.of(t.finish), "metrics": object{"latencyMs": 1},
	}
	if !r.NoUsage {
		o["usage"] = bedrockUsage(t.usage)
	}
	return jsonResponse(o)
}

var bedrockFinish = finishWords{FinishStop: "end_turn", FinishLength: "max_tokens", FinishToolCalls: "tool_use",
	FinishContentFilter: "content_filtered", FinishRefusal: "content_filtered"}

// bedrockUsage reports cache reads and writes separately from the input, as Bedrock does, and omits them if there are
// none.
func bedrockUsage(u Usage) object {
	o := object{
		"inputTokens":  max(0, u.InputTokens-u.CachedTokens-u.CacheWriteTokens),
		"outputTokens": u.OutputTokens, "totalTokens": u.InputTokens + u.OutputTokens,
	}
	if u.CachedTokens > 0 {
		o["cacheReadInputTokens"] = u.CachedTokens
	}
	if u.CacheWriteTokens > 0 {
		o["cacheWriteInputTokens"] = u.CacheWriteTokens
	}
	return o
}

// converseStream writes the frames of a response. Usage comes after the message.
func (c *call) converseStream(t turn, r Reply) response {
	event := func(kind string, v object) []byte { return eventstream.AppendEvent(nil, kind, marshal(v)) }
	a := response{kind: eventstream.ContentType}
	a.opening = append(a.opening, event("messageStart", object{"role": "assistant"}))
	index := 0
	block := func(key string, texts []string, wrap func(string) any) {
		for _, text := range texts {
			chunk := event("contentBlockDelta", object{"contentBlockIndex": index, "delta": object{key: wrap(text)}})
			if key == "text" {
				a.text(chunk)
			} else {
				a.chunk(chunk)
			}
		}
		a.chunks = append(a.chunks, event("contentBlockStop", object{"contentBlockIndex": index}))
		index++
	}
	if t.reasoning != "" {
		block("reasoningContent", pieces(t.reasoning, r.ChunkSize), func(s string) any { return object{"text": s} })
	}
	if t.text != "" {
		block("text", pieces(t.text, r.ChunkSize), func(s string) any { return s })
	}
	for i, call := range t.tools {
		start := object{"toolUse": object{"toolUseId": c.id("tooluse_", i+1), "name": call.Name}}
		a.chunks = append(a.chunks, event("contentBlockStart", object{"contentBlockIndex": index, "start": start}))
		block("toolUse", pieces(call.Arguments, r.ChunkSize), func(s string) any { return object{"input": s} })
	}
	a.closing = append(a.closing, event("messageStop", object{"stopReason": bedrockFinish.of(t.finish)}))
	metadata := object{"metrics": object{"latencyMs": 1}}
	if !r.NoUsage {
		metadata["usage"] = bedrockUsage(t.usage)
	}
	a.closing = append(a.closing, event("metadata", metadata))
	a.failure = eventstream.AppendException(nil, "serviceUnavailableException",
		marshal(object{"message": "The service isn't currently available. Try again later."}))
	return a
}

var bedrockTypes = map[int]string{
	400: "ValidationException", 401: "AccessDeniedException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
	408: "ModelTimeoutException", 424: "ModelErrorException", 429: "ThrottlingException", 503: "ServiceUnavailableException",
}

// bedrockErrorType returns the name of an error, for the header.
func bedrockErrorType(status int) string {
	if name, ok := bedrockTypes[status]; ok {
		return name
	}
	if status >= 500 {
		return "InternalServerException"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "") + "Exception"
}
