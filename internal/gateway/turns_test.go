package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/internal/eventstream"
)

// thinker is a provider whose model thinks, makes two parallel tool calls, thinks and makes another call, and then
// responds with text. It insists on what such providers require back, according to their documentation.
type thinker struct {
	destination
	whole  [3]string
	stream [3]string
	kind   string // of streams
	// check reports what is wrong with a request that contains the given number of the model's calls. lost says
	// whether the client loses unknown fields.
	check func(t *testing.T, body object, turns int, lost bool)
}

// The signatures of the first and second response.
var signed = [2]string{"U2lnbmVkIDE=", "U2lnbmVkIDI="}

func sseStream(events ...string) string {
	return "data: " + strings.Join(events, "\n\ndata: ") + "\n\n"
}

func named(events ...[2]string) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", e[0], e[1])
	}
	return b.String()
}

func framed(events ...[2]string) string {
	var b []byte
	for _, e := range events {
		b = eventstream.AppendEvent(b, e[0], []byte(e[1]))
	}
	return string(b)
}

// compatible are the responses of a provider with OpenAI's format and thoughts in a field. The arguments of parallel
// calls are interleaved.
func compatible(field string) (whole, stream [3]string) {
	chunk := func(delta, finish string) string {
		return `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":` + delta + `,"finish_reason":` + finish + `}]}`
	}
	message := func(message, finish string) string {
		return `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":` + message + `,"finish_reason":"` + finish + `"}],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}`
	}
	const usage, done = `{"id":"chatcmpl-1","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}}`, "[DONE]"
	thought := func(n string) string {
		if field == "" {
			return `"refusal":null`
		}
		return `"` + field + `":"Look ` + n + `"`
	}
	whole = [3]string{
		message(`{"role":"assistant","content":null,`+thought("1")+`,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"call_2","type":"function","function":{"name":"time","arguments":""}}]}`, "tool_calls"),
		message(`{"role":"assistant","content":null,`+thought("2")+`,"tool_calls":[{"id":"call_3","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}`, "stop"),
		message(`{"role":"assistant","content":"Done."}`, "stop"),
	}
	stream = [3]string{
		sseStream(chunk(`{"role":"assistant","content":"",`+thought("1")+`}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}},{"index":1,"id":"call_2","type":"function","function":{"name":"time","arguments":""}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}`, "null"), chunk(`{"tool_calls":[{"index":1,"function":{"arguments":"{"}}]}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}`, "null"), chunk(`{"tool_calls":[{"index":1,"function":{"arguments":"}"}}]}`, "null"),
			chunk(`{}`, `"tool_calls"`), usage, done),
		sseStream(chunk(`{"role":"assistant","content":"",`+thought("2")+`}`, "null"),
			chunk(`{"tool_calls":[{"index":0,"id":"call_3","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Rome\"}"}}]}`, "null"), chunk(`{}`, `"tool_calls"`), usage, done),
		sseStream(chunk(`{"role":"assistant","content":"Done."}`, "null"), chunk(`{}`, `"stop"`), usage, done),
	}
	return whole, stream
}

func openAIThinker() thinker {
	p := thinker{destination: destinations[0], kind: "text/event-stream", check: func(t *testing.T, body object, turns int, _ bool) {
		t.Helper()
		checkCompatible(t, body, turns, func(int, object) {})
	}}
	p.whole, p.stream = compatible("")
	return p
}

func deepSeekThinker() thinker {
	p := thinker{destination: destination{name: "deepseek", url: "https://api.deepseek.com/v1/chat/completions", model: "deepseek-chat"}, kind: "text/event-stream",
		check: func(t *testing.T, body object, turns int, lost bool) {
			t.Helper()
			checkCompatible(t, body, turns, func(turn int, message object) {
				if !lost {
					assert.Equal(t, fmt.Sprint("Look ", turn+1), message["reasoning_content"])
				}
				delete(message, "reasoning_content")
			})
		}}
	p.whole, p.stream = compatible("reasoning_content")
	return p
}

// checkCompatible checks that each call is followed by its result, and that messages have only OpenAI's fields, apart
// from those that a provider accepts.
func checkCompatible(t *testing.T, body object, turns int, own func(turn int, message object)) {
	t.Helper()
	messages := body["messages"].([]any)
	turn := 0
	for i, m := range messages {
		message := m.(object)
		if message["role"] != "assistant" {
			continue
		}
		own(turn, message)
		turn++
		for key := range message {
			assert.Contains(t, []string{"role", "content", "refusal", "tool_calls"}, key)
		}
		for j, c := range message["tool_calls"].([]any) {
			call := c.(object)
			assert.NotContains(t, call, "extra_content")
			require.Greater(t, len(messages), i+1+j)
			result := messages[i+1+j].(object)
			assert.Equal(t, "tool", result["role"])
			assert.Equal(t, call["id"], result["tool_call_id"])
		}
	}
	assert.Equal(t, turns, turn)
}

func anthropicThinker() thinker {
	start := [2]string{"message_start", `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"claude-sonnet-4-5","stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}}`}
	block := func(index int, block string, deltas ...string) [][2]string {
		list := [][2]string{{"content_block_start", fmt.Sprintf(`{"type":"content_block_start","index":%d,"content_block":%s}`, index, block)}}
		for _, d := range deltas {
			list = append(list, [2]string{"content_block_delta", fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":%s}`, index, d)})
		}
		return append(list, [2]string{"content_block_stop", fmt.Sprintf(`{"type":"content_block_stop","index":%d}`, index)})
	}
	stream := func(stop string, blocks ...[][2]string) string {
		list := [][2]string{start}
		for _, b := range blocks {
			list = append(list, b...)
		}
		return named(append(list, [2]string{"message_delta", `{"type":"message_delta","delta":{"stop_reason":"` + stop + `","stop_sequence":null},"usage":{"output_tokens":12}}`},
			[2]string{"message_stop", `{"type":"message_stop"}`})...)
	}
	thinking := func(n int) [][2]string {
		return block(0, `{"type":"thinking","thinking":"","signature":""}`, fmt.Sprintf(`{"type":"thinking_delta","thinking":"Look %d"}`, n+1), `{"type":"signature_delta","signature":"`+signed[n]+`"}`)
	}
	whole := func(stop, content string) string {
		return `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[` + content + `],"stop_reason":"` + stop + `","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":12}}`
	}
	return thinker{
		destination: destinations[1], kind: "text/event-stream",
		whole: [3]string{
			whole("tool_use", `{"type":"thinking","thinking":"Look 1","signature":"`+signed[0]+`"},{"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"toolu_2","name":"time","input":{}}`),
			whole("tool_use", `{"type":"thinking","thinking":"Look 2","signature":"`+signed[1]+`"},{"type":"tool_use","id":"toolu_3","name":"weather","input":{"city":"Rome"}}`),
			whole("end_turn", `{"type":"text","text":"Done."}`),
		},
		stream: [3]string{
			stream("tool_use", thinking(0), block(1, `{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}`, `{"type":"input_json_delta","partial_json":"{\"city\":"}`, `{"type":"input_json_delta","partial_json":"\"Oslo\"}"}`),
				block(2, `{"type":"tool_use","id":"toolu_2","name":"time","input":{}}`, `{"type":"input_json_delta","partial_json":""}`)),
			stream("tool_use", thinking(1), block(1, `{"type":"tool_use","id":"toolu_3","name":"weather","input":{}}`, `{"type":"input_json_delta","partial_json":"{\"city\":\"Rome\"}"}`)),
			stream("end_turn", block(0, `{"type":"text","text":""}`, `{"type":"text_delta","text":"Done."}`)),
		},
		check: func(t *testing.T, body object, turns int, lost bool) {
			t.Helper()
			checkClaude(t, body, turns, lost, func(b object) (thought, signature, call, result any) {
				switch b["type"] {
				case "thinking":
					thought, signature = b["thinking"], b["signature"]
				case "tool_use":
					call = b["id"]
				case "tool_result":
					result = b["tool_use_id"]
				}
				return thought, signature, call, result
			})
		},
	}
}

// checkClaude checks that each of Claude's turns begins with the thoughts that it signed, and that the results of all
// calls are in the next message.
func checkClaude(t *testing.T, body object, turns int, lost bool, read func(object) (thought, signature, call, result any)) {
	t.Helper()
	turn := 0
	var calls []any
	for _, m := range body["messages"].([]any) {
		message := m.(object)
		blocks, ok := message["content"].([]any)
		if !ok { // a text
			continue
		}
		var results []any
		for i, b := range blocks {
			thought, signature, call, result := read(b.(object))
			if message["role"] == "assistant" && i == 0 && !lost {
				assert.Equal(t, fmt.Sprint("Look ", turn+1), thought)
				assert.Equal(t, signed[turn], signature)
			}
			assert.False(t, lost && thought != nil, "thoughts without a signature")
			if call != nil {
				calls = append(calls, call)
			}
			if result != nil {
				results = append(results, result)
			}
		}
		if message["role"] == "assistant" {
			turn++
			continue
		}
		assert.Equal(t, calls, results)
		calls = nil
	}
	assert.Equal(t, turns, turn)
}

func bedrockThinker() thinker {
	thinking := func(n int) [][2]string {
		return [][2]string{
			{"messageStart", `{"role":"assistant"}`},
			{"contentBlockDelta", fmt.Sprintf(`{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"Look %d"}}}`, n+1)},
			{"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"` + signed[n] + `"}}}`},
			{"contentBlockStop", `{"contentBlockIndex":0}`},
		}
	}
	end := func(stop string) [][2]string {
		return [][2]string{{"messageStop", `{"stopReason":"` + stop + `"}`}, {"metadata", `{"usage":{"inputTokens":9,"outputTokens":12,"totalTokens":21},"metrics":{"latencyMs":1}}`}}
	}
	whole := func(stop, content string) string {
		return `{"output":{"message":{"role":"assistant","content":[` + content + `]}},"stopReason":"` + stop + `","usage":{"inputTokens":9,"outputTokens":12,"totalTokens":21},"metrics":{"latencyMs":1}}`
	}
	return thinker{
		destination: destinations[3], kind: eventstream.ContentType,
		whole: [3]string{
			whole("tool_use", `{"reasoningContent":{"reasoningText":{"text":"Look 1","signature":"`+signed[0]+`"}}},{"toolUse":{"toolUseId":"tooluse_1","name":"weather","input":{"city":"Oslo"}}},{"toolUse":{"toolUseId":"tooluse_2","name":"time","input":{}}}`),
			whole("tool_use", `{"reasoningContent":{"reasoningText":{"text":"Look 2","signature":"`+signed[1]+`"}}},{"toolUse":{"toolUseId":"tooluse_3","name":"weather","input":{"city":"Rome"}}}`),
			whole("end_turn", `{"text":"Done."}`),
		},
		stream: [3]string{
			framed(append(append(thinking(0), [][2]string{
				{"contentBlockStart", `{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"tooluse_1","name":"weather"}}}`},
				{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\":"}}}`}, {"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":"\"Oslo\"}"}}}`},
				{"contentBlockStop", `{"contentBlockIndex":1}`},
				{"contentBlockStart", `{"contentBlockIndex":2,"start":{"toolUse":{"toolUseId":"tooluse_2","name":"time"}}}`}, {"contentBlockDelta", `{"contentBlockIndex":2,"delta":{"toolUse":{"input":"{}"}}}`},
				{"contentBlockStop", `{"contentBlockIndex":2}`},
			}...), end("tool_use")...)...),
			framed(append(append(thinking(1), [][2]string{
				{"contentBlockStart", `{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"tooluse_3","name":"weather"}}}`},
				{"contentBlockDelta", `{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"city\":\"Rome\"}"}}}`}, {"contentBlockStop", `{"contentBlockIndex":1}`},
			}...), end("tool_use")...)...),
			framed(append([][2]string{{"messageStart", `{"role":"assistant"}`}, {"contentBlockDelta", `{"contentBlockIndex":0,"delta":{"text":"Done."}}`}, {"contentBlockStop", `{"contentBlockIndex":0}`}}, end("end_turn")...)...),
		},
		check: func(t *testing.T, body object, turns int, lost bool) {
			t.Helper()
			checkClaude(t, body, turns, lost, func(b object) (thought, signature, call, result any) {
				if r, ok := b["reasoningContent"].(object); ok {
					inner := r["reasoningText"].(object)
					thought, signature = inner["text"], inner["signature"]
				}
				if c, ok := b["toolUse"].(object); ok {
					call = c["toolUseId"]
				}
				if r, ok := b["toolResult"].(object); ok {
					result = r["toolUseId"]
				}
				return thought, signature, call, result
			})
		},
	}
}

// googleThinker is Gemini 3: the first call of each step must be sent back with its signature, or with the documented
// placeholder.
func googleThinker() thinker {
	response := func(parts, finish string) string {
		return `{"candidates":[{"content":{"role":"model","parts":[` + parts + `]}` + finish + `,"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":12,"totalTokenCount":21},"modelVersion":"gemini-3-pro-preview","responseId":"resp1"}`
	}
	const stop = `,"finishReason":"STOP"`
	first := `{"functionCall":{"name":"weather","args":{"city":"Oslo"}},"thoughtSignature":"` + signed[0] + `"},{"functionCall":{"name":"time","args":{}}}`
	second := `{"functionCall":{"name":"weather","args":{"city":"Rome"}},"thoughtSignature":"` + signed[1] + `"}`
	p := thinker{
		destination: destination{name: "google", url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro-preview:generateContent", model: "gemini-3-pro-preview"}, kind: "text/event-stream",
		stream: [3]string{
			sseStream(response(`{"text":"Look 1","thought":true}`, ""), response(first, ""), response(`{"text":""}`, stop)),
			sseStream(response(`{"text":"Look 2","thought":true}`, ""), response(second, stop)),
			sseStream(response(`{"text":"Done."}`, ""), response(`{"text":"","thoughtSignature":"`+signed[1]+`"}`, stop)),
		},
		check: func(t *testing.T, body object, turns int, lost bool) {
			t.Helper()
			turn, calls := 0, 0
			for _, c := range body["contents"].([]any) {
				content := c.(object)
				before, results := calls, 0
				for _, p := range content["parts"].([]any) {
					part := p.(object)
					switch {
					case part["functionCall"] != nil && calls == before:
						want := signed[min(turn, 1)]
						if lost {
							want = "skip_thought_signature_validator"
						}
						assert.Equal(t, want, part["thoughtSignature"])
						calls++
					case part["functionCall"] != nil:
						assert.NotContains(t, part, "thoughtSignature")
						calls++
					case part["functionResponse"] != nil:
						results++
					default:
						assert.NotContains(t, part, "thoughtSignature")
					}
				}
				if content["role"] == "model" {
					turn++
				} else {
					assert.Equal(t, calls, results)
					calls = 0
				}
			}
			assert.Equal(t, turns, turn)
		},
	}
	p.whole = [3]string{
		response(`{"text":"Look 1","thought":true},`+first, stop), response(`{"text":"Look 2","thought":true},`+second, stop),
		response(`{"text":"Done.","thoughtSignature":"`+signed[1]+`"}`, stop),
	}
	return p
}

// An agent completes three turns with parallel calls, in every client's format at every provider: the provider gets
// back everything it requires.
func TestAgents(t *testing.T) {
	t.Parallel()
	agents := map[string]func() agent{
		"openai": func() agent { return &openAIAgent{} }, "openai that drops fields": func() agent { return &openAIAgent{drops: true} },
		"anthropic": func() agent { return &anthropicAgent{} }, "google": func() agent { return &googleAgent{} }, "bedrock": func() agent { return &bedrockAgent{} },
	}
	for name, newAgent := range agents {
		for _, p := range []thinker{openAIThinker(), deepSeekThinker(), anthropicThinker(), googleThinker(), bedrockThinker()} {
			client, _, lost := strings.Cut(name, " ")
			t.Run(name+" to "+p.name, func(t *testing.T) {
				t.Parallel()
				runAgent(t, client, newAgent(), p, false, lost)
			})
			t.Run(name+" to "+p.name+", streamed", func(t *testing.T) {
				t.Parallel()
				runAgent(t, client, newAgent(), p, true, lost)
			})
		}
	}
}

func runAgent(t *testing.T, client string, a agent, p thinker, stream, lost bool) {
	t.Helper()
	turn := 0
	provider := &recorder{respond: func(*http.Request) (*http.Response, error) {
		if stream {
			return response(200, p.kind, p.stream[turn]), nil
		}
		return response(200, "application/json", p.whole[turn]), nil
	}}
	r := newRig(t, recording(provider))
	for ; turn < 3; turn++ {
		body := a.body(p.model)
		to := p.destination
		path := "/v1/rewrite/" + client + "/" + to.url
		sent := string(encoded(t, body))
		if stream {
			path, sent = streamed(client, to, sent)
		}
		got := r.do(t, "POST", path, sent)
		require.Equal(t, 200, got.status, got.body)
		p.check(t, decoded[object](t, []byte(provider.body)), turn, lost)

		var calls []called
		var text string
		if stream {
			calls, text = a.stream(t, events(t, got.header.Get("Content-Type"), got.body))
		} else {
			calls, text = a.whole(t, got.body)
		}
		switch turn {
		case 0:
			require.Len(t, calls, 2, got.body)
			assert.Equal(t, "weather", calls[0].name)
			assert.JSONEq(t, `{"city":"Oslo"}`, calls[0].arguments)
			assert.Equal(t, "time", calls[1].name)
			if client != "openai" || p.name != "openai" && p.name != "deepseek" { // whose own format passes unchanged
				assert.JSONEq(t, `{}`, calls[1].arguments)
			}
		case 1:
			require.Len(t, calls, 1, got.body)
			assert.JSONEq(t, `{"city":"Rome"}`, calls[0].arguments)
		case 2:
			assert.Empty(t, calls)
			assert.Equal(t, "Done.", text)
		}
		a.results(calls)
	}
}

// Another maker's signatures never reach a provider, even one of the client's own format, which would reject them:
// the request is encoded again without them.
func TestMarksStay(t *testing.T) {
	t.Parallel()
	p := &recorder{respond: responding(200, "application/json", anthropicThinker().whole[2])}
	r := newRig(t, recording(p))
	a := &anthropicAgent{}
	_, _ = a.whole(t, `{"content":[{"type":"thinking","thinking":"","signature":"bGF2YTpnZW1pbmk6VTJsbmJtVms="},{"type":"tool_use","id":"toolu_1","name":"time","input":{}}]}`)
	a.results([]called{{"toolu_1", "time", "{}"}})
	const path = "/v1/rewrite/anthropic/https://api.anthropic.com/v1/messages"
	got := r.do(t, "POST", path, string(encoded(t, a.body("claude-sonnet-4-5"))))
	require.Equal(t, 200, got.status, got.body)
	assert.NotContains(t, p.body, "bGF2YT")
	assert.NotContains(t, p.body, `"thinking"`)
	assert.Contains(t, p.body, `"tool_use_id":"toolu_1"`)
	assert.Contains(t, got.body, `"text":"Done."`)
}
