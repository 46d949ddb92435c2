package known_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
)

// If one format accepts something that the other's provider rejects, it is rewritten in an accepted form, or the
// error names the client's field. Each case is from a public report about another gateway.
func TestWhatTheOtherProviderRefuses(t *testing.T) {
	t.Parallel()
	const (
		calls = `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"functions.lookup:0","type":"function","function":{"name":"lookup","arguments":"{}"}},{"id":"functions_lookup_0","type":"function","function":{"name":"lookup","arguments":"{}"}}]},{"role":"tool","tool_call_id":"functions_lookup_0","content":"b"},{"role":"tool","tool_call_id":"functions.lookup:0","content":"a"}]}`
		ask   = `"messages":[{"role":"user","content":"x"}]`
	)
	for _, test := range []struct {
		name, from, body, to, model string
		want                        string // the literal body, or the field in the error
	}{
		{"ids with dots (maximhq/bifrost#5097)", "openai", calls, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"call_functions_lookup_0_99838fb4","name":"lookup","input":{}},{"type":"tool_use","id":"functions_lookup_0","name":"lookup","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"functions_lookup_0","content":"b"},{"type":"tool_result","tool_use_id":"call_functions_lookup_0_99838fb4","content":"a"}]}]}`},
		{"an address as the user (BerriAI/litellm#10106)", "openai", `{"user":"ada@example.com",` + ask + `}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":"x"}]}`},
		{"an empty turn (OpenHands/OpenHands#8685)", "google", `{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"text":""}]},{"role":"user","parts":[{"text":"y"}]}]}`, "openai", "mistral-small-latest",
			`{"model":"mistral-small-latest","messages":[{"role":"user","content":"x"},{"role":"user","content":"y"}]}`},
		{"schemas without a type (lidge-jun/opencodex#75)", "openai", `{"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],` + ask + `}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}`},
		{"schemas without properties (openai/openai-agents-python#454)", "anthropic", `{"max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object"}}],` + ask + `}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"max_tokens":9}`},
		{"schemas that aren't of an object", "openai", `{"tools":[{"type":"function","function":{"name":"e"}},{"type":"function","function":{"name":"f","parameters":{"type":"string"}}}],` + ask + `}`, "google", "gemini-3-pro-preview",
			`tools[1].function.parameters`},
		{"arrays without items (sigoden/aichat#1049, tidewave-ai/tidewave_phoenix#224)", "anthropic", `{"max_tokens":9,"tools":[{"name":"read","input_schema":{"type":"object","properties":{"paths":{"type":"array"},"b":{"type":["array","null"]}}}}],` + ask + `}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"read","parameters":{"type":"object","properties":{"paths":{"type":"array","items":{}},"b":{"type":["array","null"],"items":{}}}}}}],"max_tokens":9}`},
		{"tuples of an earlier draft", "anthropic", `{"max_tokens":9,"tools":[{"name":"read","input_schema":{"type":"object","properties":{"at":{"type":"array","items":[{"type":"number"},{"type":"number"}]}},"required":null}}],` + ask + `}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"read","parameters":{"type":"object","properties":{"at":{"type":"array","prefixItems":[{"type":"number"},{"type":"number"}],"items":{}}}}}}],"max_tokens":9}`},
		{"required as in draft 3", "anthropic", `{"max_tokens":9,"tools":[{"name":"read","input_schema":{"type":"object","properties":{"path":{"type":"string","required":true}}}}],` + ask + `}`, "openai", "gpt-4o",
			`tools[0].input_schema`},
		{"references next to other keywords, and unknown formats, in strict mode", "bedrock", `{"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","strict":true,"inputSchema":{"json":{"type":"object","properties":{"a":{"type":"string","format":"uri"}},"required":["a"]}}}},{"toolSpec":{"name":"g","strict":true,"inputSchema":{"json":{"type":"object","properties":{"a":{"type":"string","format":"date"}},"required":["a"]}}}}]}}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string","format":"uri"}},"required":["a"]}}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{"a":{"type":"string","format":"date"}},"required":["a"],"additionalProperties":false},"strict":true}}]}`},
		{"a forced call that the model does not support (strands-agents/harness-sdk#2075)", "openai", `{"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}],` + ask + `}`, "bedrock", "meta.llama3-1-70b-instruct-v1:0",
			`{"system":[{"text":"Respond with a call of the tool f."}],"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"one of several tools, at a model that can only be forced to call any (API reference of ToolChoice)", "openai", `{"tool_choice":{"type":"function","function":{"name":"f"}},"tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}],` + ask + `}`, "bedrock", "mistral.mistral-large-2402-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"x"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}],"toolChoice":{"any":{}}}}`},
		{"cache points that the model refuses (BerriAI/litellm#39210)", "anthropic", `{"max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}]}`, "bedrock", "qwen.qwen3-coder-30b-a3b-v1:0",
			`{"system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":9}}`},
		{"a cache point after tools (nearai/ironclaw#1935)", "anthropic", `{"max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]}]}`, "bedrock", "amazon.nova-pro-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"x"},{"cachePoint":{"type":"default"}}]}],"inferenceConfig":{"maxTokens":9},"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"display without thinking (jenslys/opencode-gemini-auth#61)", "anthropic", `{"max_tokens":9,"thinking":{"type":"disabled","display":"summarized"},` + ask + `}`, "google", "gemini-2.5-flash",
			`{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":9,"thinkingConfig":{"thinkingBudget":0}}}`},
		{"instructions for Gemma (0xPlaygrounds/rig#788)", "openai", `{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"x"}]}`, "google", "gemma-2-27b-it",
			`{"contents":[{"role":"user","parts":[{"text":"Be brief."},{"text":"x"}]}]}`},
		{"instructions for o1-mini, which says that role 'system' is not supported", "anthropic", `{"max_tokens":9,"system":"Be brief.",` + ask + `}`, "openai", "o1-mini",
			`{"model":"o1-mini","messages":[{"role":"user","content":"Be brief."},{"role":"user","content":"x"}],"max_tokens":9}`},
		{"penalties of Grok (n8n-io/n8n#14581)", "openai", `{"presence_penalty":0,"frequency_penalty":0.1,"temperature":0.2,` + ask + `}`, "openai", "grok-3",
			`{"model":"grok-3","messages":[{"role":"user","content":"x"}],"temperature":0.2}`},
		{"stop sequences of Grok (BerriAI/litellm#12635)", "openai", `{"stop":["END"],` + ask + `}`, "openai", "grok-4", `stop`},
		{"stop sequences of a Grok that does not reason", "openai", `{"stop":["END"],` + ask + `}`, "openai", "grok-4-fast-non-reasoning",
			`{"model":"grok-4-fast-non-reasoning","messages":[{"role":"user","content":"x"}],"stop":["END"]}`},
		{"temperature of Kimi (NousResearch/hermes-agent#9125)", "openai", `{"temperature":0.3,"top_p":0.5,` + ask + `}`, "openai", "kimi-k2.5",
			`{"model":"kimi-k2.5","messages":[{"role":"user","content":"x"}]}`},
		{"temperature of Kimi elsewhere", "openai", `{"temperature":0.3,` + ask + `}`, "openai", "moonshotai/kimi-k2.5",
			`{"model":"moonshotai/kimi-k2.5","messages":[{"role":"user","content":"x"}],"temperature":0.3}`},
		{"a forced call of Claude at a reseller (anthropics/claude-cookbooks#854)", "anthropic", `{"max_tokens":9,"tool_choice":{"type":"any"},"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],` + ask + `}`, "openai", "anthropic/claude-opus-5.5",
			`{"model":"anthropic/claude-opus-5.5","messages":[{"role":"system","content":"Respond with a call of the tool f."},{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto","max_tokens":9}`},
		{"blank turns (anomalyco/opencode#31259)", "openai", `{"messages":[{"role":"system","content":"\n"},{"role":"user","content":"x"},{"role":"assistant","content":" "},{"role":"user","content":"y"}]}`, "bedrock", "anthropic.claude-3-haiku-20240307-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"x"},{"text":"y"}]}]}`},
		{"temperature with thinking (theopenco/llmgateway#1726)", "google", `{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"temperature":0.3,"topK":3,"topP":0.9,"maxOutputTokens":4000,"thinkingConfig":{"thinkingBudget":2048}}}`, "anthropic", "claude-sonnet-4-5",
			`{"model":"claude-sonnet-4-5","max_tokens":4000,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"enabled","budget_tokens":2048}}`},
		{"a budget for a model that accepts only an effort", "google", `{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"temperature":0.3,"thinkingConfig":{"thinkingBudget":2048}}}`, "anthropic", "claude-opus-4-8",
			`{"model":"claude-opus-4-8","max_tokens":6144,"messages":[{"role":"user","content":"x"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"medium"}}`},
		{"blank stop sequences (BerriAI/litellm#3286)", "openai", `{"stop":["\n","END"],` + ask + `}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":"x"}],"stop_sequences":["END"]}`},
		{"image/jpg (NousResearch/hermes-agent#55432)", "openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpg;base64,/9j/4A=="}},{"type":"image_url","image_url":{"url":"DATA:IMAGE/PNG;base64,iVBORw0KGgo="}}]}]}`, "bedrock", "amazon.nova-lite-v1:0",
			`{"messages":[{"role":"user","content":[{"image":{"format":"jpeg","source":{"bytes":"/9j/4A=="}}},{"image":{"format":"png","source":{"bytes":"iVBORw0KGgo="}}}]}]}`},
		{"names of documents (vercel/ai#20365, archestra-ai/archestra#3978)", "openai", `{"messages":[{"role":"user","content":[{"type":"text","text":"Sum up."},{"type":"file","file":{"filename":"Report -  Final.pdf","file_data":"data:application/pdf;base64,JVBERi0="}},{"type":"file","file":{"filename":"Report - Final.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}]}]}`, "bedrock", "amazon.nova-lite-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"Sum up."},{"document":{"format":"pdf","name":"Report - Final","source":{"bytes":"JVBERi0="}}},{"document":{"format":"pdf","name":"Report - Final (2)","source":{"bytes":"JVBERi0="}}}]}]}`},
		{"an image of another type than declared (home-assistant/core#167208, anthropics/claude-code#15746)", "openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,iVBORw0KGgo="}}]}]}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]}`},
		{"the same of WebP", "openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,UklGRhoAAABXRUJQVlA4TA0="}}]}]}`, "bedrock", "amazon.nova-lite-v1:0",
			`{"messages":[{"role":"user","content":[{"image":{"format":"webp","source":{"bytes":"UklGRhoAAABXRUJQVlA4TA0="}}}]}]}`},
		{"base64 as in URLs (lmnr-ai/lmnr#1275)", "google", `{"contents":[{"parts":[{"inlineData":{"mimeType":"image/jpeg","data":"_9j_4A=="}}]}]}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/4A=="}}]}]}`},
		{"base64 without padding", "google", `{"contents":[{"parts":[{"inlineData":{"mimeType":"image/jpeg","data":"_9j-4A"}}]}]}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j+4A=="}}]}]}`},
		{"a data URL in place of data (bobrware/bobrchat#135)", "google", `{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"data:image/png;base64,iVBORw0KGgo="}}]}]}`, "openai", "gpt-4o",
			`contents[0].parts[0]`},
		{"a type without a family", "google", `{"contents":[{"parts":[{"inlineData":{"mimeType":"png","data":"iVBORw0KGgo="}}]}]}`, "openai", "gpt-4o",
			`contents[0].parts[0]`},
		{"an image without data (anthropics/claude-code#9007)", "openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,"}}]}]}`, "anthropic", "claude-3-haiku",
			`messages[0].content[0]`},
		{"an image in a file (Alibaba-NLP/OmniSearch#3)", "openai", `{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"/tmp/cat.png"}}]}]}`, "openai", "gpt-4o",
			`messages[0].content[0]`},
		{"a sixth document (aws-samples/generative-ai-use-cases#1685)", "anthropic", `{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}}]}]}`, "bedrock", "amazon.nova-lite-v1:0",
			`messages[0].content[5]`},
		{"names of tools (openai/codex#8174)", "google", `{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"calendar.list"},{"name":"calendar_list"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["calendar.list"]}}}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"calendar_list_90e8c823"}},{"type":"function","function":{"name":"calendar_list"}}],"tool_choice":{"type":"function","function":{"name":"calendar_list_90e8c823"}}}`},
		{"text behind results of tools (strands-agents/harness-sdk#1223)", "openai", `{"tools":[{"type":"function","function":{"name":"read"}}],"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"read","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"A"},{"role":"user","content":"and now?"}]}`, "bedrock", "us.meta.llama4-maverick-17b-instruct-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"read","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"A"}]}}]},{"role":"assistant","content":[{"text":"I have the results."}]},{"role":"user","content":[{"text":"and now?"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"read","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"a cache point in a result (langchain-ai/langchain#35126)", "openai", `{"tools":[{"type":"function","function":{"name":"read"}}],"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"read","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}}]}]}`, "anthropic", "claude-3-haiku",
			`{"model":"claude-3-haiku","max_tokens":4096,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"read","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"A","cache_control":{"type":"ephemeral"}}]}],"tools":[{"name":"read","input_schema":{"type":"object","properties":{}}}]}`},
		{"a cache point in a result, at Bedrock (maximhq/bifrost#7336)", "anthropic", `{"max_tokens":9,"tools":[{"name":"read","input_schema":{"type":"object","properties":{}}}],"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"read","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"A","cache_control":{"type":"ephemeral","ttl":"1h"}}],"cache_control":{"type":"ephemeral"}},{"type":"text","text":"y"}]}]}`, "bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0",
			`{"messages":[{"role":"user","content":[{"text":"x"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"read","input":{}}}]},{"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"A"}]}},{"cachePoint":{"type":"default","ttl":"1h"}},{"text":"y"}]}],"inferenceConfig":{"maxTokens":9},"toolConfig":{"tools":[{"toolSpec":{"name":"read","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"references to other places (DEEIX-AI/DEEIX-Chat#546)", "openai", `{"tools":[{"type":"function","function":{"name":"scrape","parameters":{"type":"object","properties":{"headers":{"type":"object"},"actions":{"type":"array","items":{"$ref":"#/properties/headers"}}}}}}],` + ask + `}`, "google", "gemini-2.5-flash",
			`{"contents":[{"role":"user","parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"scrape","parametersJsonSchema":{"type":"object","properties":{"headers":{"type":"object"},"actions":{"type":"array","items":{"$ref":"#/$defs/headers"}}},"$defs":{"headers":{"type":"object"}}}}]}]}`},
		{"a reference to nothing (google-gemini/gemini-cli#13326)", "openai", `{"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"$ref":"#/$defs/Table"}}}}}],` + ask + `}`, "google", "gemini-2.5-flash",
			`tools[0].function.parameters`},
		{"only a system prompt (BerriAI/litellm#13769)", "openai", `{"messages":[{"role":"system","content":"Greet."}]}`, "google", "gemini-2.5-flash",
			`{"contents":[{"role":"user","parts":[{"text":"Greet."}]}]}`},
		{"nothing at all", "bedrock", `{"system":[{"text":" "}],"messages":[]}`, "anthropic", "claude-3-haiku", `messages`},
		{"nothing at all", "openai", `{"messages":[]}`, "google", "gemini-2.5-flash", `messages`},
		{"a call without a result", "openai", `{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"user","content":"y"}]}`, "anthropic", "claude-3-haiku",
			`messages[1].tool_calls[1]`},
		{"a result without a call", "anthropic", `{"max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"tool_result","tool_use_id":"a"}]}]}`, "openai", "gpt-4o",
			`messages[0].content[1]`},
		{"a file in the second message of a turn", "openai", `{"messages":[{"role":"user","content":"x"},{"role":"user","content":[{"type":"text","text":"y"},{"type":"input_audio","input_audio":{"data":"UklGRg==","format":"wav"}}]}]}`, "anthropic", "claude-3-haiku",
			`messages[1].content[1]`},
		{"one call at a time with a forced tool", "anthropic", `{"max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},` + ask + `}`, "google", "gemini-2.5-flash",
			`{"contents":[{"role":"user","parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{}}}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},"generationConfig":{"maxOutputTokens":9}}`},
		{"a schema among Bedrock's additional fields", "bedrock", `{"messages":[{"role":"user","content":[{"text":"x"}]}],"additionalModelRequestFields":{"output_config":{"format":{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"string"}}}}}}}`, "openai", "gpt-4o",
			`{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object","properties":{"a":{"type":"string"}}}}}}`},
		{"JSON with tools (googleapis/python-genai#867)", "openai", `{"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}},` + ask + `}`, "google", "gemini-2.5-flash",
			`response_format`},
		{"a temperature for a model that reasons (QwenLM/qwen-code#921)", "anthropic", `{"max_tokens":9,"temperature":0.2,"thinking":{"type":"enabled","budget_tokens":2000},` + ask + `}`, "openai", "gpt-5-mini",
			`{"model":"gpt-5-mini","messages":[{"role":"user","content":"x"}],"max_tokens":9,"reasoning_effort":"medium"}`},
		{"a budget beyond the model's range (RooCodeInc/Roo-Code#4399)", "openai", `{"reasoning_effort":"xhigh",` + ask + `}`, "google", "gemini-2.5-pro",
			`{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":32768}}}`},
	} {
		t.Run(test.name+" to "+test.to, func(t *testing.T) {
			t.Parallel()
			r, err := formats[test.from].ReadRequest([]byte(test.body))
			require.NoError(t, err)
			r.Model, r.Stream = test.model, false
			body, err := formats[test.to].WriteRequest(r, Traits{})
			if !strings.HasPrefix(test.want, "{") {
				var field *FieldError
				require.ErrorAs(t, err, &field, "%s", body)
				assert.Equal(t, test.want, field.Field)
				return
			}
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
			again, err := formats[test.to].WriteRequest(r, Traits{})
			require.NoError(t, err)
			assert.Equal(t, string(body), string(again), "the same request is always written in the same way")
		})
	}
}

// A tool with another name at the provider has its original name in the response, whole and streamed.
func TestNamesComeBack(t *testing.T) {
	t.Parallel()
	r, err := Google.ReadRequest([]byte(`{"contents":[{"parts":[{"text":"x"}]}],"tools":[{"functionDeclarations":[{"name":"calendar.list"}]}]}`))
	require.NoError(t, err)
	response, err := OpenAI.ReadResponse([]byte(`{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"calendar_list","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`))
	require.NoError(t, err)
	response.RestoreNames(OpenAI.Limits().Originals(r))
	assert.Contains(t, string(Google.WriteResponse(response)), `"name":"calendar.list"`)

	s := NewTranslator(OpenAI, Google, r, opening)
	var out []byte
	for _, data := range []string{
		`{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"calendar_list","arguments":"{}"}}]}}]}`,
		`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
	} {
		out = s.Event(out, classOf(OpenAI, "", []byte(data)), "", []byte(data))
	}
	out, err = s.End(out, Usage{})
	require.NoError(t, err)
	assert.Contains(t, string(out), `"name":"calendar.list"`)
}

// Keys are matched exactly, as providers do, and the client's own keys are unchanged.
func TestKeysInAnotherCase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		format      Chat
		body, field string
	}{
		{OpenAI, `{"Messages":[]}`, "Messages"},
		{OpenAI, `{"messages":[{"role":"user","content":[{"type":"text","Text":"x"}]}]}`, "messages[0].content[0].Text"},
		{OpenAI, `{"messages":[{"role":"user","Content":"x"}]}`, "messages[0].Content"},
		{OpenAI, `{"tools":[{"type":"function","function":{"name":"f","Strict":true}}]}`, "tools[0].function.Strict"},
		{OpenAI, `{"tools":[{"type":"function","function":{"name":"f","parameters":{"Type":"object","properties":{"Name":{}}}}}]}`, ""},
		{Anthropic, `{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","Is_Error":true}]}]}`, "messages[0].content[0].Is_Error"},
		{Anthropic, `{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"ID":1,"Name":2}}]}]}`, ""},
		{Google, `{"contents":[{"role":"user","parts":[{"Text":"x"}]}]}`, "contents[0].parts[0].Text"},
		{Google, `{"generationConfig":{"maxoutputtokens":9}}`, "generationConfig.maxoutputtokens"},
		{Bedrock, `{"messages":[{"role":"user","content":[{"toolresult":{}}]}]}`, "messages[0].content[0].toolresult"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := test.format.ReadRequest([]byte(test.body))
			if test.field == "" {
				require.NoError(t, err)
				return
			}
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}
