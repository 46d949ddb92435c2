package known_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/ending"
)

// blocks is what a client of Anthropic's official SDK assembles from a stream: deltas belong to the open block, by
// its number.
func blocks(t testing.TB, stream string) []string {
	t.Helper()
	var list []string
	for _, e := range eventsOf(t, Anthropic, []byte(stream)) {
		var v struct {
			Index int
			Block struct{ Type, Name string } `json:"content_block"`
			Delta struct {
				Text, Thinking, Signature string
				JSON                      string `json:"partial_json"`
				StopReason                string `json:"stop_reason"`
			}
		}
		require.NoError(t, json.Unmarshal(e.Data, &v))
		switch {
		case v.Block.Type != "":
			require.Len(t, list, v.Index, "blocks are numbered in order")
			list = append(list, strings.TrimSuffix(v.Block.Type+" "+v.Block.Name, " ")+": ")
		case v.Delta.StopReason != "":
			list = append(list, "stop: "+v.Delta.StopReason)
		case e.Type == "content_block_delta":
			require.Equal(t, v.Index, len(list)-1, "deltas belong to the open block")
			list[v.Index] += v.Delta.Text + v.Delta.Thinking + v.Delta.JSON
		}
	}
	return list
}

// chunks returns a stream in OpenAI's format with these choices.
func chunks(choices ...string) string {
	var b strings.Builder
	for _, c := range choices {
		fmt.Fprintf(&b, "data: {\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,%s}]}\n\n", c)
	}
	return b.String() + "data: [DONE]\n\n"
}

// Streams in OpenAI's format that break gateways according to public reports, and what a client of Anthropic's format
// must get.
func TestReportedStreams(t *testing.T) {
	t.Parallel()
	call := func(pieces string) string { return `"delta":{"tool_calls":[` + pieces + `]}` }
	const end = `"delta":{},"finish_reason":"tool_calls"`
	for _, test := range []struct {
		name, stream string
		want         []string
	}{
		{"a heartbeat without data (cadis #362)", "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\ndata:\n\n" + chunks(`"delta":{"content":"b"}`, `"delta":{},"finish_reason":"stop"`),
			[]string{"text: ab", "stop: end_turn"}},
		{"an event that isn't JSON", "data: <html>\n\ndata: {\"choices\":[{\"del\n\ndata: OK\n\n: ping\n\n" + chunks(`"delta":{"content":"b"}`, `"delta":{},"finish_reason":"stop"`),
			[]string{"text: b", "stop: end_turn"}},
		{"[DONE] with spaces (mistral-vibe #793)", strings.Replace(chunks(`"delta":{"content":"b"}`), "[DONE]", " [DONE] ", 1), []string{"text: b", "stop: end_turn"}},
		{"interleaved arguments (praxis #266, bifrost #1829)", chunks(
			call(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}},{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}`),
			call(`{"index":0,"function":{"arguments":"{\"x\":"}}`), call(`{"index":1,"function":{"arguments":"{\"y\":"}}`),
			call(`{"index":0,"function":{"arguments":"1}"}}`), call(`{"index":1,"function":{"arguments":"2}"}}`), end),
			[]string{`tool_use f: {"x":1}`, `tool_use g: {"y":2}`, "stop: tool_use"}},
		{"three calls, the second first", chunks(
			call(`{"index":0,"id":"a","function":{"name":"f"}}`), call(`{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`),
			call(`{"index":2,"id":"c","function":{"name":"h","arguments":"{"}}`), call(`{"index":0,"function":{"arguments":"{\"x\":\"}\"}"}}`), call(`{"index":2,"function":{"arguments":"}"}}`), end),
			[]string{`tool_use f: {"x":"}"}`, "tool_use g: {}", "tool_use h: {}", "stop: tool_use"}},
		{"text between the arguments", chunks(
			call(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}`), `"delta":{"content":"wait"}`, call(`{"index":0,"function":{"arguments":"1}"}}`), end),
			[]string{`tool_use f: {"x":1}`, "text: wait", "stop: tool_use"}},
		{"the name after the id (vercel/ai #14722)", chunks(
			call(`{"index":0,"id":"a","function":{"arguments":"{\"x\""}}`), call(`{"index":0,"function":{"name":"add","arguments":":1}"}}`), end),
			[]string{`tool_use add: {"x":1}`, "stop: tool_use"}},
		{"signed calls at once, without index (noho/dayu-agent#82)", chunks(
			call(`{"id":"eaifhb3y","type":"function","function":{"name":"search_web","arguments":"{\"query\":\"short interest\"}"},"extra_content":{"google":{"thought_signature":"EjQKMg=="}}}`),
			call(`{"id":"mw4fnecu","type":"function","function":{"name":"search_web","arguments":"{\"query\":\"insiders\"}"}}`), end),
			[]string{"thinking: ", `tool_use search_web: {"query":"short interest"}`, `tool_use search_web: {"query":"insiders"}`, "stop: tool_use"}},
		{"the name in each chunk (weicj/vLLM-2080Ti-Definitive#127)", chunks(
			call(`{"index":0,"id":"a","type":"function","function":{"name":"search_weather","arguments":"{\"query\": "}}`),
			call(`{"index":0,"function":{"name":"search_weather","arguments":"\"Rome\""}}`),
			call(`{"index":0,"function":{"name":"search_weather","arguments":"}"}}`), call(`{"index":0,"function":{"name":"search_weather","arguments":""}}`), end),
			[]string{`tool_use search_weather: {"query": "Rome"}`, "stop: tool_use"}},
		{"the id after the name", chunks(
			call(`{"index":0,"function":{"name":"add","arguments":""}}`), call(`{"index":0,"id":"a","function":{"arguments":"{\"x\":1}"}}`), end),
			[]string{`tool_use add: {"x":1}`, "stop: tool_use"}},
		{"another call's number before the arguments (agno-agi/agno#8880)", chunks(
			call(`{"index":0,"id":"a","type":"function","function":{"name":"read","arguments":""}}`), call(`{"index":0,"function":{"arguments":"{\"path\":\"a.txt\"}"}}`),
			call(`{"index":0,"id":"b","type":"function","function":{"name":"read","arguments":""}}`), call(`{"index":1,"function":{"arguments":"{\"path\":"}}`), call(`{"index":1,"function":{"arguments":"\"b.txt\"}"}}`), end),
			[]string{`tool_use read: {"path":"a.txt"}`, `tool_use read: {"path":"b.txt"}`, "stop: tool_use"}},
		{"arguments of a call with its own number, before its name", chunks(
			call(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`), call(`{"index":1,"function":{"arguments":"{\"y\":"}}`), call(`{"index":1,"id":"b","function":{"name":"g","arguments":"2}"}}`), end),
			[]string{"tool_use f: {}", `tool_use g: {"y":2}`, "stop: tool_use"}},
		{"the finish reason twice (skye-harris/hass_local_openai_llm#92)", chunks(
			call(`{"index":0,"id":"a","type":"function","function":{"name":"light","arguments":"{\"on\":true}"}}`), `"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls"`, `"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls"`),
			[]string{`tool_use light: {"on":true}`, "stop: tool_use"}},
		{"a call that never gets a name", chunks(call(`{"index":0,"id":"a","function":{"arguments":"{}"}}`), end), []string{"stop: end_turn"}},
		{"calls without numbers and ids", chunks(call(`{"function":{"name":"f","arguments":"{\"x\":1}"}}`), call(`{"function":{"name":"g","arguments":"{\"y\":2}"}}`), end),
			[]string{`tool_use f: {"x":1}`, `tool_use g: {"y":2}`, "stop: tool_use"}},
		{"no arguments", chunks(call(`{"index":0,"id":"a","function":{"name":"f","arguments":""}}`), end), []string{"tool_use f: {}", "stop: tool_use"}},
		{"arguments as an object", chunks(call(`{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}`), end), []string{`tool_use f: {"x":1}`, "stop: tool_use"}},
		{"an emoji in two events (rakazo #416)", chunks(`"delta":{"content":"a\ud83d"}`, `"delta":{"content":"\ude00b"}`), []string{"text: a😀b", "stop: end_turn"}},
		{"an emoji cut by bytes", chunks("\"delta\":{\"content\":\"a\xf0\x9f\"}", "\"delta\":{\"content\":\"\x98\x80b\"}"), []string{"text: a😀b", "stop: end_turn"}},
		{"an emoji in two events of arguments", chunks(call(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":\"\ud83d"}}`), call(`{"index":0,"function":{"arguments":"\ude00\"}"}}`), end),
			[]string{`tool_use f: {"x":"😀"}`, "stop: tool_use"}},
		{"half of an emoji", chunks(`"delta":{"content":"a\ud83d"}`, `"delta":{"content":"b\ude00"}`), []string{"text: a\uFFFDb\uFFFD", "stop: end_turn"}},
		{"half of an emoji at the end", chunks(`"delta":{"content":"a\ud83d"}`), []string{"text: a\uFFFD", "stop: end_turn"}},
		{"stop in spite of a call (mirascope #256)", chunks(call(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`), `"delta":{},"finish_reason":"stop"`), []string{"tool_use f: {}", "stop: tool_use"}},
		{"length in spite of a call", chunks(call(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x"}}`), `"delta":{},"finish_reason":"length"`), []string{`tool_use f: {"x`, "stop: max_tokens"}},
		{"reasoning (Groq)", chunks(`"delta":{"reasoning":"hm"}`, `"delta":{"content":"42"}`), []string{"thinking: hm", "text: 42", "stop: end_turn"}},
		{"both names of reasoning", chunks(`"delta":{"reasoning":"hm","reasoning_content":"hm"}`, `"delta":{"content":"42"}`), []string{"thinking: hm", "text: 42", "stop: end_turn"}},
		{"content as a list (symfony/ai #2422)", chunks(`"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}`, `"delta":{"content":[{"type":"text","text":"4"},{"type":"reference","reference_ids":[1]}]}`, `"delta":{"content":"2"}`),
			[]string{"thinking: hm", "text: 42", "stop: end_turn"}},
		{"fields of another type", chunks(`"delta":{"content":7,"reasoning":{"a":1},"tool_calls":{}}`, `"delta":{"content":"b"}`), []string{"text: b", "stop: end_turn"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, blocks(t, string(streamOf(t, OpenAI, Anthropic, []byte(test.stream), Usage{}))))
		})
	}
}

// The same as whole responses.
func TestReportedResponses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		format Chat
		body   string
		want   Choice
	}{
		{"content as a list (symfony/ai #2422)", OpenAI, `{"choices":[{"message":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"42"}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Thought{Text: "hm"}, Text{Text: "42"}}, Stop: EndTurn}},
		{"thinking as text", OpenAI, `{"choices":[{"message":{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"42"}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Thought{Text: "hm"}, Text{Text: "42"}}, Stop: EndTurn}},
		{"a part of an unknown type", OpenAI, `{"choices":[{"message":{"content":[{"type":"reference","reference_ids":[1]},{"type":"text","text":"42"},7,{"type":"image_url","image_url":"x"}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"a call of an unknown type", OpenAI, `{"choices":[{"message":{"content":"42","tool_calls":[{"id":"a","type":"custom","custom":{"name":"x","input":"y"}}]},"finish_reason":"tool_calls"}]}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"reasoning (aiXplain #1012)", OpenAI, `{"choices":[{"message":{"reasoning":"hm","content":"42"},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Thought{Text: "hm"}, Text{Text: "42"}}, Stop: EndTurn}},
		{"stop in spite of a call (9router #354)", OpenAI, `{"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{ToolCall{ID: "a", Name: "f", Arguments: raw(`{}`)}}, Stop: ToolUse}},
		// FinishReasonEnum in docs.mistral.ai/api; api-docs.deepseek.com/api/create-chat-completion; docs.z.ai/api-reference/llm/chat-completion
		{"Mistral's limit of the model", OpenAI, `{"choices":[{"message":{"content":"4"},"finish_reason":"model_length"}]}`, Choice{Parts: []Part{Text{Text: "4"}}, Stop: MaxTokens}},
		{"DeepSeek without resources", OpenAI, `{"choices":[{"message":{"content":"4"},"finish_reason":"insufficient_system_resource"}]}`, Choice{Parts: []Part{Text{Text: "4"}}, Stop: MaxTokens}},
		{"Z.ai's filter", OpenAI, `{"choices":[{"message":{"content":"4"},"finish_reason":"sensitive"}]}`, Choice{Parts: []Part{Text{Text: "4"}}, Stop: Refusal}},
		{"Gemini's word at a proxy", OpenAI, `{"choices":[{"message":{"content":"4"},"finish_reason":"MAX_TOKENS"}]}`, Choice{Parts: []Part{Text{Text: "4"}}, Stop: MaxTokens}},
		// StopReason in aws-sdk-go-v2's bedrockruntime
		{"a call that Bedrock can't read", Bedrock, `{"output":{"message":{"content":[{"text":"4"}]}},"stopReason":"malformed_tool_use"}`, Choice{Parts: []Part{Text{Text: "4"}}, Stop: Refusal}},
		{"length in spite of a call", OpenAI, `{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"length"}]}`,
			Choice{Parts: []Part{ToolCall{ID: "a", Name: "f", Arguments: raw(`{}`)}}, Stop: MaxTokens}},
		{"a signed call of Gemini in OpenAI's format", OpenAI, `{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]},"finish_reason":"tool_calls"}]}`,
			Choice{Parts: []Part{Thought{Signature: Signature{By: Gemini, Value: "c2ln"}}, ToolCall{ID: "a", Name: "f", Arguments: raw(`{}`)}}, Stop: ToolUse}},
		{"a signed text of Gemini in OpenAI's format", OpenAI, `{"choices":[{"message":{"content":"42","extra_content":{"google":{"thought_signature":"c2ln"}}},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Text{Text: "42"}, Thought{Signature: Signature{By: Gemini, Value: "c2ln"}}}, Stop: EndTurn}},
		{"Claude at OpenRouter", OpenAI, `{"choices":[{"message":{"content":"42","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":"c2ln","format":"anthropic-claude-v1","index":0}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Thought{Text: "hm", Signature: Signature{By: Claude, Value: "c2ln"}}, Text{Text: "42"}}, Stop: EndTurn}},
		{"another maker's encrypted reasoning at OpenRouter", OpenAI, `{"choices":[{"message":{"content":"42","reasoning_details":[{"type":"reasoning.encrypted","data":"eHg=","format":"openai-responses-v1","index":0}]},"finish_reason":"stop"}]}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"tools of Anthropic's own", Anthropic, `{"content":[{"type":"server_tool_use","id":"x","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"x","content":[]},{"type":"text","text":"42","citations":[]}],"stop_reason":"end_turn"}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"code that Google ran", Google, `{"candidates":[{"content":{"parts":[{"executableCode":{"language":"PYTHON","code":"1"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK"}},{"text":"42"}]},"finishReason":"STOP"}]}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"no content", Google, `{"candidates":[{"finishReason":"MAX_TOKENS"}]}`, Choice{Stop: MaxTokens}},
		{"no image (BerriAI/litellm#40477)", Google, `{"candidates":[{"finishReason":"NO_IMAGE","index":0}]}`, Choice{Stop: Refusal}},
		{"a reason that is not known yet", Google, `{"candidates":[{"content":{"parts":[{"text":"4"}]},"finishReason":"IMAGE_OTHER"}]}`,
			Choice{Parts: []Part{Text{Text: "4"}}, Stop: Refusal}},
		{"a block of an unknown type", Bedrock, `{"output":{"message":{"content":[{"searchResult":{"content":[{"text":"no"}]}},{"text":"42"}]}},"stopReason":"end_turn"}`,
			Choice{Parts: []Part{Text{Text: "42"}}, Stop: EndTurn}},
		{"a text with its sources (vercel/ai#11835)", Bedrock, `{"output":{"message":{"content":[{"text":"Vietnam: "},{"citationsContent":{"content":[{"text":"The capital is Hanoi."}],"citations":[{"title":"MyDocument","sourceContent":[{"text":"The capital of Vietnam is Hanoi."}],"location":{"documentChar":{"documentIndex":0,"start":0,"end":32}}}]}}]}},"stopReason":"end_turn"}`,
			Choice{Parts: []Part{Text{Text: "Vietnam: "}, Text{Text: "The capital is Hanoi."}}, Stop: EndTurn}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.format.ReadResponse([]byte(test.body))
			require.NoError(t, err)
			assert.Equal(t, []Choice{test.want}, got.Choices)
		})
	}
}

// A tool without arguments streams as {} from every provider, as in whole responses (litellm #5063).
func TestNoArgumentsInStreams(t *testing.T) {
	t.Parallel()
	const start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\",\"input\":{}}}\n\n" +
		"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
	for to, want := range map[string]string{
		"openai": `"function":{"arguments":"{}"}`, "anthropic": `"partial_json":"{}"`, "google": `"functionCall":{"id":"a","name":"f","args":{}}`, "bedrock": `"toolUse":{"input":"{}"}`,
	} {
		assert.Contains(t, string(streamOf(t, Anthropic, formats[to], []byte(start), Usage{})), want, to)
	}
}

// Text that isn't JSON does not cut off the streams of other formats, either.
func TestNoJSON(t *testing.T) {
	t.Parallel()
	for name, format := range formats {
		s := NewTranslator(format, Anthropic, &Request{}, opening)
		for _, kind := range []string{"", "content_block_delta", "contentBlockDelta"} {
			for _, data := range []string{"", " ", "<html>", "[", `{"a":`, "null", "7", `"x"`, "[]"} {
				assert.Empty(t, s.Event(nil, ending.Content, kind, []byte(data)), "%s: %q", name, data)
			}
		}
	}
}
