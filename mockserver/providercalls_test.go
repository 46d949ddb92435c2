package mockserver_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// The conversation that reached a model is the same in every provider's format. The bodies are from the providers'
// own documentation of tool use.
func TestConversationsOfProviders(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, url, provider, model, body string
	}{
		{"openai", "https://api.openai.com/v1/chat/completions", "openai", "gpt-4o-mini", `{"model":"gpt-4o-mini",
			"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What's the weather like in Paris?"},
			{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"location\":\"Paris\"}"}}]},
			{"role":"tool","tool_call_id":"call_1","content":"15 degrees"}],
			"tools":[{"type":"function","function":{"name":"get_weather","description":"Get the weather.","parameters":{"type":"object","properties":{"location":{"type":"string"}}}}}]}`},
		{"anthropic", "https://api.anthropic.com/v1/messages", "anthropic", "claude-sonnet-4-5", `{"model":"claude-sonnet-4-5","max_tokens":1024,"system":"Be brief.",
			"messages":[{"role":"user","content":"What's the weather like in Paris?"},
			{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"get_weather","input":{"location":"Paris"}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"15 degrees"}]}],
			"tools":[{"name":"get_weather","description":"Get the weather.","input_schema":{"type":"object","properties":{"location":{"type":"string"}}}}]}`},
		{"google", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent", "google", "gemini-2.5-flash", `{
			"systemInstruction":{"parts":[{"text":"Be brief."}]},
			"contents":[{"role":"user","parts":[{"text":"What's the weather like in Paris?"}]},
			{"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"location":"Paris"}}}]},
			{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{"result":"15 degrees"}}}]}],
			"tools":[{"functionDeclarations":[{"name":"get_weather","description":"Get the weather.","parameters":{"type":"object","properties":{"location":{"type":"string"}}}}]}]}`},
		{"bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-haiku-20240307-v1:0/converse", "bedrock", "anthropic.claude-3-haiku-20240307-v1:0", `{
			"system":[{"text":"Be brief."}],
			"messages":[{"role":"user","content":[{"text":"What's the weather like in Paris?"}]},
			{"role":"assistant","content":[{"toolUse":{"toolUseId":"call_1","name":"get_weather","input":{"location":"Paris"}}}]},
			{"role":"user","content":[{"toolResult":{"toolUseId":"call_1","content":[{"text":"15 degrees"}]}}]}],
			"toolConfig":{"tools":[{"toolSpec":{"name":"get_weather","description":"Get the weather.","inputSchema":{"json":{"type":"object","properties":{"location":{"type":"string"}}}}}}]}}`},
		{"responses", "https://api.openai.com/v1/responses", "openai", "gpt-4o-mini", `{"model":"gpt-4o-mini","instructions":"Be brief.",
			"input":[{"role":"user","content":"What's the weather like in Paris?"},
			{"type":"function_call","id":"fc_1","call_id":"call_1","name":"get_weather","arguments":"{\"location\":\"Paris\"}"},
			{"type":"function_call_output","call_id":"call_1","output":"15 degrees"}],
			"tools":[{"type":"function","name":"get_weather","description":"Get the weather.","parameters":{"type":"object","properties":{"location":{"type":"string"}}}}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.InMemory(), mockserver.Lenient(), mockserver.AllowUnknownModels())
			a := sendAs(t, s, s.SecretKey(), "POST", "/v1/forward?u="+tt.url, tt.body)
			require.Equal(t, 200, a.status, "%s", a.body)
			all := s.ProviderCalls()
			require.Len(t, all, 1)
			c := all[0]
			assert.Equal(t, tt.provider, c.Provider)
			assert.Equal(t, tt.url, c.URL)
			assert.Equal(t, tt.model, c.Model)
			assert.Equal(t, 1, c.Attempt)
			assert.Equal(t, 200, c.Status)
			require.NotNil(t, c.Usage)
			assert.Positive(t, c.Usage.InputTokens)
			assert.Equal(t, tt.body, string(c.Body()))
			assert.Equal(t, "application/json", c.Header.Get("Content-Type"))

			assert.Equal(t, "Be brief.", c.System)
			assert.Equal(t, "What's the weather like in Paris?", c.LastUserText())
			assert.Equal(t, []string{"get_weather"}, c.ToolNames())
			assert.Equal(t, "Get the weather.", c.Tools[0].Description)
			assert.Contains(t, string(c.Tools[0].Schema), "location")
			require.Len(t, c.Messages, 3)
			require.Len(t, c.Messages[1].ToolCalls, 1)
			assert.Equal(t, "get_weather", c.Messages[1].ToolCalls[0].Name)
			assert.JSONEq(t, `{"location":"Paris"}`, c.Messages[1].ToolCalls[0].Arguments)
			require.Len(t, c.Messages[2].ToolResults, 1)
			assert.Contains(t, c.Messages[2].ToolResults[0].Text, "15 degrees")
		})
	}
}

// Each attempt of a fallback chain is listed, and only the one that returned the response has usage.
func TestEachTryOfAChainIsKept(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Provider: "openai", Status: 503})
	_, err := s.Client().Gateway(t.Context(), "https://api.openai.com/v1/chat/completions", lava.GatewayParams{
		Format: lava.FormatOpenAI, Body: chat(false),
		Fallbacks: []lava.Fallback{{URL: "https://api.anthropic.com/v1/messages", Model: "claude-sonnet-4-5"}},
	})
	require.NoError(t, err)
	tries := s.ProviderCalls()
	require.Len(t, tries, 2)
	assert.Equal(t, []string{tries[0].ID, tries[1].ID}, s.Calls()[0].ProviderCalls)
	assert.Equal(t, "openai", tries[0].Provider)
	assert.Equal(t, 503, tries[0].Status)
	assert.Nil(t, tries[0].Usage)
	assert.Equal(t, "anthropic", tries[1].Provider)
	assert.Equal(t, 2, tries[1].Attempt)
	assert.Equal(t, "claude-sonnet-4-5", tries[1].Model)
	assert.Equal(t, "Count.", tries[1].LastUserText())
	assert.NotNil(t, tries[1].Usage)
	assert.Equal(t, "2023-06-01", tries[1].Header.Get("Anthropic-Version"))
}

// An unreachable provider counts as an attempt too.
func TestATryWithoutAResponse(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	s.Script(mockserver.Reply{Fault: mockserver.CutAfter(0)})
	a := sendAs(t, s, s.SecretKey(), "POST", chatPath, chatBody)
	require.Equal(t, 502, a.status)
	tries := s.ProviderCalls()
	require.Len(t, tries, 1)
	assert.Zero(t, tries[0].Status)
	assert.NotEmpty(t, tries[0].Error)
}

// Images appear as they were sent. A request that isn't a conversation only has its body.
func TestMediaInAConversation(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	data := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n"))
	a := sendAs(t, s, s.SecretKey(), "POST", chatPath, `{"model":"gpt-4o-mini","messages":[{"role":"user","content":[
		{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,`+data+`"}}]}]}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	a = sendAs(t, s, s.SecretKey(), "POST", "/v1/forward?u=https://api.openai.com/v1/embeddings", `{"model":"text-embedding-3-small","input":"x"}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	tries := s.ProviderCalls()
	require.Len(t, tries[0].Messages, 1)
	assert.Equal(t, []mockserver.Media{{Type: "image/png", Data: data}}, tries[0].Messages[0].Media)
	assert.Equal(t, "text-embedding-3-small", tries[1].Model)
	assert.Empty(t, tries[1].Messages)
	assert.True(t, strings.HasPrefix(string(tries[1].Body()), "{"))
}

// The Responses API has a text or many kinds of items. The items are those of OpenAI's reference, and of codex-cli
// 0.171.0 as it sends them.
func TestAConversationOfResponses(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	data := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n"))
	for _, body := range []string{
		`{"model":"gpt-5.4","input":"Hello"}`,
		`{"model":"gpt-5.4","input":[
			{"type":"message","role":"developer","content":[{"type":"input_text","text":"Be brief."},{"type":"input_text","text":"Be kind."}]},
			{"type":"message","role":"user","content":[{"type":"input_text","text":"What is this?"},{"type":"input_image","image_url":"data:image/png;base64,` + data + `"}]},
			{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Let me look."}]},
			{"type":"custom_tool_call","call_id":"call_1","name":"look","input":"closely"},
			{"type":"function_call","call_id":"call_2","name":"close_agent","arguments":"{}"},
			{"type":"custom_tool_call_output","call_id":"call_1","output":[{"type":"input_text","text":"A cat."}]},
			{"type":"function_call_output","call_id":"call_2","output":"done"}],
			"tools":[{"type":"custom","name":"look","description":"Look."},{"type":"web_search"},
			{"type":"namespace","name":"agents","description":"Agents.","tools":[{"type":"function","name":"close_agent","parameters":{"type":"object","properties":{}}}]}]}`,
	} {
		a := sendAs(t, s, s.SecretKey(), "POST", "/v1/forward?u=https://api.openai.com/v1/responses", body)
		require.Equal(t, 200, a.status, "%s", a.body)
	}
	calls := s.ProviderCalls()
	assert.Equal(t, []mockserver.Message{{Role: "user", Text: "Hello"}}, calls[0].Messages)
	assert.Empty(t, calls[0].System)
	assert.Equal(t, "Be brief.\n\nBe kind.", calls[1].System)
	assert.Equal(t, []mockserver.Message{
		{Role: "user", Text: "What is this?", Media: []mockserver.Media{{Type: "image/png", Data: data}}},
		{Role: "assistant", Text: "Let me look.", ToolCalls: []mockserver.ToolCall{{Name: "look", Arguments: "closely"}, {Name: "close_agent", Arguments: "{}"}}},
		{Role: "user", ToolResults: []mockserver.ToolResult{{ID: "call_1", Name: "look", Text: "A cat."}, {ID: "call_2", Name: "close_agent", Text: "done"}}},
	}, calls[1].Messages)
	assert.Equal(t, []string{"look", "close_agent"}, calls[1].ToolNames())
}
