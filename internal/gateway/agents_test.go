package gateway_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/eventstream"
	"github.com/lavapayments/lava-go/internal/sse"
)

// Agents are clients that continue a conversation as users of official SDKs do: they send back the message that the
// SDK gave them.

type object = map[string]any

// called is a tool call as a client sees it.
type called struct{ id, name, arguments string }

// agent is a client of one format.
type agent interface {
	// body is the next request.
	body(model string) object
	// whole adds a whole response to the conversation, stream the events of a streamed one. Both return its calls and
	// its text.
	whole(t *testing.T, body string) ([]called, string)
	stream(t *testing.T, events []sse.Event) ([]called, string)
	// results adds the results of the tools.
	results(calls []called)
}

func decoded[T any](t *testing.T, b []byte) T {
	t.Helper()
	var v T
	require.NoError(t, json.Unmarshal(b, &v), "%s", b)
	return v
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// events reads a stream in its framing.
func events(t *testing.T, kind, body string) []sse.Event {
	t.Helper()
	next := sse.NewReader(strings.NewReader(body), 1<<20).Next
	if kind == eventstream.ContentType {
		next = frameReader(strings.NewReader(body))
	}
	var list []sse.Event
	for {
		e, err := next()
		if err != nil {
			return list
		}
		e.Data = slices.Clone(e.Data)
		list = append(list, e)
	}
}

func frameReader(r *strings.Reader) func() (sse.Event, error) {
	frames := eventstream.NewReader(r, 1<<20)
	return func() (sse.Event, error) {
		m, _, err := frames.Next()
		return sse.Event{Type: m.Header(eventstream.EventType) + m.Header(eventstream.ExceptionType), Data: m.Payload}, err
	}
}

// openAIAgent behaves like openai-node: it keeps unknown fields and, in a stream, their last value. With drops, it
// behaves like openai-go, whose ToParam drops them.
type openAIAgent struct {
	messages []any
	drops    bool
}

func (a *openAIAgent) body(model string) object {
	return object{"model": model, "messages": append([]any{object{"role": "user", "content": "Weather and time?"}}, a.messages...), "tools": []any{
		object{"type": "function", "function": object{"name": "weather", "parameters": json.RawMessage(weatherSchema)}},
		object{"type": "function", "function": object{"name": "time", "parameters": object{"type": "object", "properties": object{}}}},
	}}
}

func (a *openAIAgent) whole(t *testing.T, body string) ([]called, string) {
	t.Helper()
	v := decoded[struct {
		Choices []struct{ Message object }
	}](t, []byte(body))
	require.Len(t, v.Choices, 1, body)
	return a.add(v.Choices[0].Message)
}

func (a *openAIAgent) stream(t *testing.T, events []sse.Event) ([]called, string) {
	t.Helper()
	message, calls := object{}, []any{}
	for _, e := range events {
		if string(e.Data) == "[DONE]" {
			continue
		}
		chunk := decoded[struct {
			Choices []struct{ Delta object }
		}](t, e.Data)
		for _, c := range chunk.Choices {
			for key, value := range c.Delta {
				switch key {
				case "content":
					text, _ := message["content"].(string)
					message["content"] = text + value.(string)
				case "tool_calls":
					calls = addPieces(calls, value.([]any))
				default:
					message[key] = value
				}
			}
		}
	}
	if len(calls) > 0 {
		message["tool_calls"] = calls
	}
	return a.add(message)
}

func addPieces(calls, pieces []any) []any {
	for _, p := range pieces {
		piece := p.(object)
		index := int(piece["index"].(float64))
		delete(piece, "index")
		if index == len(calls) {
			calls = append(calls, piece)
			continue
		}
		call, more := calls[index].(object), piece["function"].(object)
		delete(piece, "function")
		maps.Copy(call, piece)
		function := call["function"].(object)
		function["arguments"] = function["arguments"].(string) + more["arguments"].(string)
	}
	return calls
}

func (a *openAIAgent) add(message object) ([]called, string) {
	if a.drops {
		for _, key := range slices.Collect(maps.Keys(message)) {
			if !slices.Contains([]string{"role", "content", "refusal", "tool_calls"}, key) {
				delete(message, key)
			}
		}
	}
	a.messages = append(a.messages, message)
	var calls []called
	list, _ := message["tool_calls"].([]any)
	for _, c := range list {
		call := c.(object)
		if a.drops {
			delete(call, "extra_content")
		}
		function := call["function"].(object)
		calls = append(calls, called{call["id"].(string), function["name"].(string), function["arguments"].(string)})
	}
	text, _ := message["content"].(string)
	return calls, text
}

func (a *openAIAgent) results(calls []called) {
	for _, c := range calls {
		a.messages = append(a.messages, object{"role": "tool", "tool_call_id": c.id, "content": "Result of " + c.name})
	}
}

// anthropicAgent keeps the blocks of a message.
type anthropicAgent struct{ messages []any }

func (a *anthropicAgent) body(model string) object {
	return object{"model": model, "max_tokens": 1000, "messages": append([]any{object{"role": "user", "content": "Weather and time?"}}, a.messages...), "tools": []any{
		object{"name": "weather", "input_schema": json.RawMessage(weatherSchema)},
		object{"name": "time", "input_schema": object{"type": "object", "properties": object{}}},
	}}
}

func (a *anthropicAgent) whole(t *testing.T, body string) ([]called, string) {
	t.Helper()
	return a.add(t, decoded[struct{ Content []object }](t, []byte(body)).Content)
}

func (a *anthropicAgent) stream(t *testing.T, events []sse.Event) ([]called, string) {
	t.Helper()
	var blocks []object
	input := ""
	for _, e := range events {
		v := decoded[struct {
			Block object `json:"content_block"`
			Delta object
		}](t, e.Data)
		switch e.Type {
		case "content_block_start":
			blocks, input = append(blocks, v.Block), ""
		case "content_block_delta":
			block := blocks[len(blocks)-1]
			for _, key := range []string{"text", "thinking"} {
				if piece, ok := v.Delta[key].(string); ok {
					block[key] = block[key].(string) + piece
				}
			}
			if signature, ok := v.Delta["signature"]; ok {
				block["signature"] = signature
			}
			piece, _ := v.Delta["partial_json"].(string)
			input += piece
		case "content_block_stop":
			if block := blocks[len(blocks)-1]; block["type"] == "tool_use" {
				block["input"] = json.RawMessage(cmp.Or(input, "{}"))
			}
		}
	}
	return a.add(t, blocks)
}

func (a *anthropicAgent) add(t *testing.T, blocks []object) ([]called, string) {
	t.Helper()
	a.messages = append(a.messages, object{"role": "assistant", "content": blocks})
	var calls []called
	text := ""
	for _, b := range blocks {
		switch b["type"] {
		case "tool_use":
			calls = append(calls, called{b["id"].(string), b["name"].(string), string(encoded(t, b["input"]))})
		case "text":
			text += b["text"].(string)
		}
	}
	return calls, text
}

func (a *anthropicAgent) results(calls []called) {
	var blocks []any
	for _, c := range calls {
		blocks = append(blocks, object{"type": "tool_result", "tool_use_id": c.id, "content": "Result of " + c.name})
	}
	a.messages = append(a.messages, object{"role": "user", "content": blocks})
}

// googleAgent keeps the parts of a content, and those of a stream separately.
type googleAgent struct{ contents []any }

func (a *googleAgent) body(model string) object {
	return object{"model": model, "contents": append([]any{object{"role": "user", "parts": []any{object{"text": "Weather and time?"}}}}, a.contents...), "tools": []any{object{"functionDeclarations": []any{
		object{"name": "weather", "parametersJsonSchema": json.RawMessage(weatherSchema)}, object{"name": "time"},
	}}}}
}

type googleResponse struct {
	Candidates []struct {
		Content struct{ Parts []object }
	}
}

func (a *googleAgent) whole(t *testing.T, body string) ([]called, string) {
	t.Helper()
	return a.add(t, decoded[googleResponse](t, []byte(body)).Candidates[0].Content.Parts)
}

func (a *googleAgent) stream(t *testing.T, events []sse.Event) ([]called, string) {
	t.Helper()
	var parts []object
	for _, e := range events {
		for _, c := range decoded[googleResponse](t, e.Data).Candidates {
			parts = append(parts, c.Content.Parts...)
		}
	}
	return a.add(t, parts)
}

func (a *googleAgent) add(t *testing.T, parts []object) ([]called, string) {
	t.Helper()
	a.contents = append(a.contents, object{"role": "model", "parts": parts})
	var calls []called
	text := ""
	for _, p := range parts {
		if call, ok := p["functionCall"].(object); ok {
			id, _ := call["id"].(string)
			calls = append(calls, called{id, call["name"].(string), string(encoded(t, call["args"]))})
		} else if p["thought"] == nil {
			text += p["text"].(string)
		}
	}
	return calls, text
}

func (a *googleAgent) results(calls []called) {
	var parts []any
	for _, c := range calls {
		result := object{"name": c.name, "response": object{"output": "Result of " + c.name}}
		if c.id != "" {
			result["id"] = c.id
		}
		parts = append(parts, object{"functionResponse": result})
	}
	a.contents = append(a.contents, object{"role": "user", "parts": parts})
}

// bedrockAgent keeps the blocks of a message.
type bedrockAgent struct{ messages []any }

func (a *bedrockAgent) body(model string) object {
	return object{"modelId": model, "messages": append([]any{object{"role": "user", "content": []any{object{"text": "Weather and time?"}}}}, a.messages...), "toolConfig": object{"tools": []any{
		object{"toolSpec": object{"name": "weather", "inputSchema": object{"json": json.RawMessage(weatherSchema)}}},
		object{"toolSpec": object{"name": "time", "inputSchema": object{"json": object{"type": "object", "properties": object{}}}}},
	}}}
}

func (a *bedrockAgent) whole(t *testing.T, body string) ([]called, string) {
	t.Helper()
	return a.add(t, decoded[struct {
		Output struct {
			Message struct{ Content []object }
		}
	}](t, []byte(body)).Output.Message.Content)
}

func (a *bedrockAgent) stream(t *testing.T, events []sse.Event) ([]called, string) {
	t.Helper()
	var blocks []object
	input := ""
	for _, e := range events {
		v := decoded[struct {
			Index int `json:"contentBlockIndex"`
			Start struct{ ToolUse object }
			Delta struct {
				Text             *string
				ToolUse          *struct{ Input string }
				ReasoningContent *struct{ Text, Signature string }
			}
		}](t, e.Data)
		if strings.HasPrefix(e.Type, "contentBlock") && e.Type != "contentBlockStop" && v.Index == len(blocks) {
			blocks, input = append(blocks, object{}), ""
		}
		switch {
		case v.Start.ToolUse != nil:
			blocks[v.Index]["toolUse"] = v.Start.ToolUse
		case v.Delta.Text != nil:
			text, _ := blocks[v.Index]["text"].(string)
			blocks[v.Index]["text"] = text + *v.Delta.Text
		case v.Delta.ToolUse != nil:
			input += v.Delta.ToolUse.Input
		case v.Delta.ReasoningContent != nil:
			reasoning, ok := blocks[v.Index]["reasoningContent"].(object)
			if !ok {
				reasoning = object{"reasoningText": object{"text": ""}}
				blocks[v.Index]["reasoningContent"] = reasoning
			}
			inner := reasoning["reasoningText"].(object)
			inner["text"] = inner["text"].(string) + v.Delta.ReasoningContent.Text
			if s := v.Delta.ReasoningContent.Signature; s != "" {
				inner["signature"] = s
			}
		case e.Type == "contentBlockStop":
			if call, ok := blocks[v.Index]["toolUse"].(object); ok {
				call["input"] = json.RawMessage(input)
			}
		}
	}
	return a.add(t, blocks)
}

func (a *bedrockAgent) add(t *testing.T, blocks []object) ([]called, string) {
	t.Helper()
	a.messages = append(a.messages, object{"role": "assistant", "content": blocks})
	var calls []called
	text := ""
	for _, b := range blocks {
		if call, ok := b["toolUse"].(object); ok {
			calls = append(calls, called{call["toolUseId"].(string), call["name"].(string), string(encoded(t, call["input"]))})
		}
		piece, _ := b["text"].(string)
		text += piece
	}
	return calls, text
}

func (a *bedrockAgent) results(calls []called) {
	var blocks []any
	for _, c := range calls {
		blocks = append(blocks, object{"toolResult": object{"toolUseId": c.id, "content": []any{object{"text": "Result of " + c.name}}}})
	}
	a.messages = append(a.messages, object{"role": "user", "content": blocks})
}
