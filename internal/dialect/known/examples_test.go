package known_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// Requests from the providers' API references, and their neutral form.
var requests = []struct {
	name   string
	format Chat
	body   string
	want   Request
}{
	{"OpenAI: create chat completion", OpenAI,
		`{"model":"gpt-5.4","messages":[{"role":"developer","content":"You are a helpful assistant."},{"role":"user","content":"Hello!"}]}`,
		Request{System: []Part{Text{Text: "You are a helpful assistant."}}, Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Hello!"}}}}}},
	{"OpenAI: image input", OpenAI,
		`{"model":"gpt-5.4","messages":[{"role":"user","content":[{"type":"text","text":"What is in this image?"},{"type":"image_url","image_url":{"url":"https://upload.wikimedia.org/boardwalk.jpg","detail":"low"}}]}],"max_tokens":300}`,
		Request{MaxTokens: ptr(int64(300)), Messages: []Message{{Role: User, Parts: []Part{Text{Text: "What is in this image?"},
			Media{Type: "image/jpeg", URL: "https://upload.wikimedia.org/boardwalk.jpg", Detail: "low"}}}}}},
	{"OpenAI: streaming with usage", OpenAI,
		`{"model":"gpt-5.4","messages":[{"role":"user","content":"Hello!"}],"stream":true,"stream_options":{"include_usage":true}}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Hello!"}}}}}},
	{"OpenAI: functions", OpenAI,
		`{"model":"gpt-5.4","messages":[{"role":"user","content":"Weather in Boston?"}],"tools":[{"type":"function","function":{"name":"get_current_weather","description":"Get the current weather in a given location","parameters":` + schema + `}}],"tool_choice":"auto","parallel_tool_calls":true}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Weather in Boston?"}}}},
			Tools:      []Tool{{Name: "get_current_weather", Description: "Get the current weather in a given location", Schema: raw(schema)}},
			ToolChoice: ToolChoice{Mode: Auto}}},
	{"OpenAI: function results", OpenAI,
		`{"model":"gpt-5.4","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_a","type":"function","function":{"name":"f","arguments":"{\"city\":\"Paris\"}"}},{"id":"call_b","type":"function","function":{"name":"f","arguments":""}}]},{"role":"tool","tool_call_id":"call_a","content":"14"},{"role":"tool","tool_call_id":"call_b","content":[{"type":"text","text":"15"}]}]}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Text{Text: "x"}}},
			{Role: Assistant, Parts: []Part{ToolCall{ID: "call_a", Name: "f", Arguments: raw(`{"city":"Paris"}`)}, ToolCall{ID: "call_b", Name: "f", Arguments: raw(`{}`)}}},
			{Role: User, Parts: []Part{ToolResult{ID: "call_a", Parts: []Part{Text{Text: "14"}}}, ToolResult{ID: "call_b", Parts: []Part{Text{Text: "15"}}}}}}}},
	{"OpenAI: structured outputs, reasoning and the rest", OpenAI,
		`{"model":"gpt-5.4","messages":[],"response_format":{"type":"json_schema","json_schema":{"name":"event","strict":true,"schema":` + schema + `}},"reasoning_effort":"low","max_completion_tokens":9,"seed":7,"stop":"END","n":1,"user":"u","metadata":{"a":"b"},"store":true,"service_tier":"flex"}`,
		Request{Output: &Output{Schema: raw(schema), Name: "event", Strict: ptr(true)}, Thinking: Thinking{Mode: ThinkingOn, Effort: EffortLow},
			MaxTokens: ptr(int64(9)), Seed: ptr(int64(7)), Stop: []string{"END"}, Choices: 1, User: "u"}},
	{"OpenAI: files and sound", OpenAI,
		`{"messages":[{"role":"user","content":[{"type":"file","file":{"filename":"draft.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,` + pixel + `"}}]}]}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Media{Type: "application/pdf", Data: "JVBERi0=", Name: "draft.pdf"},
			Media{Type: "audio/wav", Data: "UklGRg=="}, Media{Type: "image/png", Data: pixel}}}}}},
	{"Anthropic: create a message", Anthropic,
		`{"model":"claude-sonnet-4-5","max_tokens":1024,"messages":[{"role":"user","content":"Hello, Claude"},{"role":"assistant","content":"Hi!"},{"role":"user","content":[{"type":"text","text":"Can you describe LLMs to me?"}]}],"system":"Today's date is 2024-06-01.","stop_sequences":["END"],"temperature":1.0,"top_k":5,"top_p":0.7,"metadata":{"user_id":"13803d75"}}`,
		Request{MaxTokens: ptr(int64(1024)), System: []Part{Text{Text: "Today's date is 2024-06-01."}}, Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Hello, Claude"}}},
			{Role: Assistant, Parts: []Part{Text{Text: "Hi!"}}}, {Role: User, Parts: []Part{Text{Text: "Can you describe LLMs to me?"}}}},
			Stop: []string{"END"}, Temperature: ptr(1.0), TopK: ptr(int64(5)), TopP: ptr(0.7), User: "13803d75"}},
	{"Anthropic: vision and documents", Anthropic,
		`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + pixel + `"}},{"type":"image","source":{"type":"url","url":"https://example.com/image"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a","cache_control":{"type":"ephemeral"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}}]}]}`,
		Request{MaxTokens: ptr(int64(9)), Messages: []Message{{Role: User, Parts: []Part{Media{Type: "image/png", Data: pixel}, Media{URL: "https://example.com/image", Image: true},
			Media{Type: "application/pdf", Data: "JVBERi0=", Name: "a"}, CachePoint{}, Media{Type: "text/plain", Data: "aGk="}}}}}},
	{"Anthropic: tool use", Anthropic,
		`{"model":"m","max_tokens":9,"tools":[{"name":"get_stock_price","description":"Get the current stock price","input_schema":` + schema + `}],"tool_choice":{"type":"tool","name":"get_stock_price","disable_parallel_tool_use":true},"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"toolu_01","name":"get_stock_price","input":{"ticker":"^GSPC"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","content":"259.75 USD"},{"type":"tool_result","tool_use_id":"toolu_02","is_error":true,"content":[{"type":"text","text":"no"}]}]}]}`,
		Request{MaxTokens: ptr(int64(9)), Tools: []Tool{{Name: "get_stock_price", Description: "Get the current stock price", Schema: raw(schema)}},
			ToolChoice: ToolChoice{Mode: Required, Only: []string{"get_stock_price"}, Single: true},
			Messages: []Message{{Role: Assistant, Parts: []Part{ToolCall{ID: "toolu_01", Name: "get_stock_price", Arguments: raw(`{"ticker":"^GSPC"}`)}}},
				{Role: User, Parts: []Part{ToolResult{ID: "toolu_01", Parts: []Part{Text{Text: "259.75 USD"}}}, ToolResult{ID: "toolu_02", Parts: []Part{Text{Text: "no"}}, Failed: true}}}}}},
	{"Anthropic: extended thinking and structured outputs", Anthropic,
		`{"model":"m","max_tokens":16000,"thinking":{"type":"enabled","budget_tokens":10000,"display":"omitted"},"output_config":{"effort":"medium","format":{"type":"json_schema","schema":` + schema + `}},"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"Let me","signature":"sig"},{"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"ok"}]}]}`,
		Request{MaxTokens: ptr(int64(16000)), Thinking: Thinking{Mode: ThinkingOn, Budget: 10000, Effort: EffortMedium, Show: ptr(false)}, Output: &Output{Schema: raw(schema)},
			Messages: []Message{{Role: Assistant, Parts: []Part{Thought{Text: "Let me", Signature: Signature{By: Claude, Value: "sig"}}, Thought{Redacted: "xyz"}, Text{Text: "ok"}}}}}},
	{"Google: text generation, as curl writes it", Google,
		`{"system_instruction":{"parts":[{"text":"You are a cat."}]},"contents":[{"parts":[{"text":"Hello there"}]}],"generationConfig":{"stopSequences":["Title"],"temperature":1.0,"maxOutputTokens":800,"topP":0.8,"topK":10}}`,
		Request{System: []Part{Text{Text: "You are a cat."}}, Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Hello there"}}}}, Stop: []string{"Title"},
			Temperature: ptr(1.0), MaxTokens: ptr(int64(800)), TopP: ptr(0.8), TopK: ptr(int64(10))}},
	{"Google: images", Google,
		`{"contents":[{"parts":[{"inline_data":{"mime_type":"image/jpeg","data":"` + pixel + `"}},{"file_data":{"mime_type":"video/mp4","file_uri":"https://www.youtube.com/watch?v=1"}},{"text":"Caption this image."}]}]}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Media{Type: "image/jpeg", Data: pixel}, Media{Type: "video/mp4", URL: "https://www.youtube.com/watch?v=1"}, Text{Text: "Caption this image."}}}}}},
	{"Google: function calling", Google,
		`{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"snake_case":1}},"thoughtSignature":"c2ln"},{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"result":{"a_b":2}}}},{"functionResponse":{"name":"f","response":{"error":"no"}}}]}],"tools":[{"function_declarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"snake_case":{"type":"STRING","nullable":true},"n":{"type":"ARRAY","minItems":"2","items":{"type":"INTEGER"}}},"propertyOrdering":["n"]}}]}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}}}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Text{Text: "x"}}},
			{Role: Assistant, Parts: []Part{Thought{Signature: Signature{By: Gemini, Value: "c2ln"}}, ToolCall{ID: "call_f_1", Name: "f", Arguments: raw(`{"snake_case":1}`)}, ToolCall{ID: "call_f_2", Name: "f", Arguments: raw(`{}`)}}},
			{Role: User, Parts: []Part{ToolResult{ID: "call_f_1", Name: "f", Parts: []Part{JSON{Value: raw(`{"result":{"a_b":2}}`)}}}, ToolResult{ID: "call_f_2", Name: "f", Parts: []Part{Text{Text: "no"}}, Failed: true}}}},
			Tools:      []Tool{{Name: "f", Description: "d", Schema: raw(`{"properties":{"n":{"items":{"type":"integer"},"minItems":2,"type":"array"},"snake_case":{"type":["string","null"]}},"type":"object"}`)}},
			ToolChoice: ToolChoice{Mode: Required, Only: []string{"f"}}}},
	{"Google: structured output and thinking", Google,
		`{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING"}},"thinkingConfig":{"thinkingBudget":1024,"includeThoughts":true},"candidateCount":2,"seed":5}}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Text{Text: "x"}}}}, Output: &Output{Schema: raw(`{"items":{"type":"string"},"type":"array"}`)},
			Thinking: Thinking{Mode: ThinkingOn, Budget: 1024, Show: ptr(true)}, Choices: 2, Seed: ptr(int64(5))}},
	{"Bedrock: Converse", Bedrock,
		`{"messages":[{"role":"user","content":[{"text":"Create a list of 3 pop songs."}]}],"system":[{"text":"You are an app."},{"cachePoint":{"type":"default"}}],"inferenceConfig":{"temperature":0.5,"maxTokens":200,"topP":0.9,"stopSequences":["x"]},"additionalModelRequestFields":{"top_k":200}}`,
		Request{System: []Part{Text{Text: "You are an app."}, CachePoint{}}, Messages: []Message{{Role: User, Parts: []Part{Text{Text: "Create a list of 3 pop songs."}}}},
			Temperature: ptr(0.5), MaxTokens: ptr(int64(200)), TopP: ptr(0.9), Stop: []string{"x"}, TopK: ptr(int64(200))}},
	{"Bedrock: tools, images and documents", Bedrock,
		`{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"` + pixel + `"}}},{"document":{"format":"pdf","name":"a","source":{"s3Location":{"uri":"s3://b/a.pdf"}}}}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"toolUse":{"toolUseId":"tooluse_1","name":"top_song","input":{"sign":"WZPZ"}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"tooluse_1","content":[{"json":{"song":"Elemental Hotel"}}],"status":"error"}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"top_song","description":"d","inputSchema":{"json":` + schema + `}}},{"cachePoint":{"type":"default"}}],"toolChoice":{"tool":{"name":"top_song"}}}}`,
		Request{Messages: []Message{{Role: User, Parts: []Part{Media{Type: "image/png", Data: pixel}, Media{Type: "application/pdf", URL: "s3://b/a.pdf", Name: "a"}}},
			{Role: Assistant, Parts: []Part{Thought{Text: "hm", Signature: Signature{By: Claude, Value: "s"}}, ToolCall{ID: "tooluse_1", Name: "top_song", Arguments: raw(`{"sign":"WZPZ"}`)}}},
			{Role: User, Parts: []Part{ToolResult{ID: "tooluse_1", Parts: []Part{JSON{Value: raw(`{"song":"Elemental Hotel"}`)}}, Failed: true}}}},
			Tools:      []Tool{{Name: "top_song", Description: "d", Schema: raw(schema), Cache: &CachePoint{}}},
			ToolChoice: ToolChoice{Mode: Required, Only: []string{"top_song"}}}},
}

func TestDocumentedRequests(t *testing.T) {
	t.Parallel()
	for _, e := range requests {
		t.Run(e.name, func(t *testing.T) {
			r, err := e.format.ReadRequest([]byte(e.body))
			require.NoError(t, err)
			assert.Equal(t, e.want, bare(r))
		})
	}
	r, err := OpenAI.ReadRequest([]byte(requests[2].body))
	require.NoError(t, err)
	assert.True(t, r.Stream && r.WantsUsage && r.Model == "gpt-5.4")
}

// Responses from the providers' API references.
func TestDocumentedResponses(t *testing.T) {
	t.Parallel()
	for _, e := range []struct {
		name   string
		format Chat
		body   string
		want   Response
	}{
		{"OpenAI", OpenAI,
			`{"id":"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT","object":"chat.completion","created":1741569952,"model":"gpt-5.4","choices":[{"index":0,"message":{"role":"assistant","content":"Hello! How can I assist you today?","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29},"service_tier":"default"}`,
			Response{ID: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT", Model: "gpt-5.4", Choices: []Choice{{Parts: []Part{Text{Text: "Hello! How can I assist you today?"}}, Stop: EndTurn}}}},
		{"OpenAI: a call", OpenAI,
			`{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_abc123","type":"function","function":{"name":"get_current_weather","arguments":"{\n\"location\": \"Boston, MA\"\n}"}}]},"finish_reason":"tool_calls"}]}`,
			Response{ID: "c", Model: "m", Choices: []Choice{{Parts: []Part{ToolCall{ID: "call_abc123", Name: "get_current_weather", Arguments: raw("{\n\"location\": \"Boston, MA\"\n}")}}, Stop: ToolUse}}}},
		// https://github.com/agentjido/req_llm/issues/944: this isn't a normal end.
		{"Google: a call that it rejects", Google,
			`{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: Failed to parse","index":0}],"modelVersion":"m","responseId":"r"}`,
			Response{ID: "r", Model: "m", Choices: []Choice{{Parts: []Part{Text{Text: "Malformed function call: Failed to parse"}}, Stop: Refusal}}}},
		// https://github.com/agentgateway/agentgateway/issues/3283
		{"vLLM: a stop sequence", OpenAI,
			`{"choices":[{"index":0,"message":{"role":"assistant","content":"1, 2"},"finish_reason":"stop","stop_reason":"END"}]}`,
			Response{Choices: []Choice{{Parts: []Part{Text{Text: "1, 2"}}, Stop: StopSequence, Sequence: "END"}}}},
		{"OpenAI: a refusal", OpenAI,
			`{"choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I'm sorry, I cannot assist with that request."},"finish_reason":"content_filter"}]}`,
			Response{Choices: []Choice{{Parts: []Part{Text{Text: "I'm sorry, I cannot assist with that request."}}, Stop: Refusal}}}},
		{"Anthropic", Anthropic,
			`{"content":[{"citations":null,"text":"Hi! My name is Claude.","type":"text"},{"type":"server_tool_use","id":"x","name":"web_search","input":{}}],"id":"msg_013Zva2CMHLNnXjNJJKqJ2EF","model":"claude-sonnet-4-5","role":"assistant","stop_reason":"stop_sequence","stop_sequence":"END","type":"message","usage":{"input_tokens":2095,"output_tokens":503}}`,
			Response{ID: "msg_013Zva2CMHLNnXjNJJKqJ2EF", Model: "claude-sonnet-4-5", Choices: []Choice{{Parts: []Part{Text{Text: "Hi! My name is Claude."}}, Stop: StopSequence, Sequence: "END"}}}},
		{"Google", Google,
			`{"candidates":[{"content":{"parts":[{"text":"**Thinking**","thought":true},{"text":"AI learns.","thoughtSignature":"c2ln"},{"functionCall":{"name":"f","args":{"a":1}}}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":5,"totalTokenCount":13},"modelVersion":"gemini-2.5-flash","responseId":"mYz5aKH1"}`,
			Response{ID: "mYz5aKH1", Model: "gemini-2.5-flash", Choices: []Choice{{Parts: []Part{Thought{Text: "**Thinking**"}, Text{Text: "AI learns."}, Thought{Signature: Signature{By: Gemini, Value: "c2ln"}}, ToolCall{ID: "call_mYz5aKH1_1", Name: "f", Arguments: raw(`{"a":1}`)}}, Stop: ToolUse}}}},
		{"Google: a blocked prompt", Google,
			`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":8},"modelVersion":"m","responseId":"r"}`,
			Response{ID: "r", Model: "m", Choices: []Choice{{Stop: Refusal}}}},
		{"Bedrock", Bedrock,
			`{"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}},{"text":"Here are 3 songs"},{"toolUse":{"toolUseId":"tooluse_kZJMlvQmRJ6eAyJE5GIl7Q","name":"top_song","input":{"sign":"WZPZ"}}}],"role":"assistant"}},"stopReason":"tool_use","usage":{"inputTokens":30,"outputTokens":628,"totalTokens":658},"metrics":{"latencyMs":1275}}`,
			Response{Choices: []Choice{{Parts: []Part{Thought{Text: "hm", Signature: Signature{By: Claude, Value: "s"}}, Text{Text: "Here are 3 songs"}, ToolCall{ID: "tooluse_kZJMlvQmRJ6eAyJE5GIl7Q", Name: "top_song", Arguments: raw(`{"sign":"WZPZ"}`)}}, Stop: ToolUse}}}},
	} {
		t.Run(e.name, func(t *testing.T) {
			r, err := e.format.ReadResponse([]byte(e.body))
			require.NoError(t, err)
			assert.Equal(t, &e.want, r)
		})
	}
}
