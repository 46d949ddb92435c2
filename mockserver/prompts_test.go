package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go/mockserver"
)

// A prompt is found in all text of a request that the model reads, in every format.
func TestPromptContainsEverywhere(t *testing.T) {
	t.Parallel()
	const (
		openai    = "/v1/forward?u=https://api.openai.com/v1"
		anthropic = "/v1/forward?u=https://api.anthropic.com/v1/messages"
		google    = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent"
		bedrock   = "/v1/forward?u=https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3-5-sonnet-20240620-v1:0/converse"
		tool      = `{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}`
		called    = `{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
		claude    = `"model":"claude-sonnet-4-5","max_tokens":100`
		uses      = `{"role":"user","content":"Hi"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":{}}]}`
		claudeF   = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
		calls     = `{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]}`
		geminiF   = `"tools":[{"functionDeclarations":[{"name":"f","description":"d"}]}]`
		converse  = `{"role":"user","content":[{"text":"Hi"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"t1","name":"f","input":{}}}]}`
		converseF = `"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}]}`
	)
	for name, tt := range map[string]struct{ path, body string }{
		"chat text":              {openai + "/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a needle"}]}`},
		"chat parts":             {openai + "/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":[{"type":"text","text":"hay"},{"type":"text","text":"a needle"}]}]}`},
		"chat system":            {openai + "/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"developer","content":"a needle"},{"role":"user","content":"Hi"}]}`},
		"chat result":            {openai + "/chat/completions", `{"model":"gpt-4o-mini","tools":[` + tool + `],"messages":[` + called + `,{"role":"tool","tool_call_id":"call_1","content":"a needle"}]}`},
		"chat result in parts":   {openai + "/chat/completions", `{"model":"gpt-4o-mini","tools":[` + tool + `],"messages":[` + called + `,{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"a needle"}]}]}`},
		"escaped":                {openai + "/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a n\u0065edle"}]}`},
		"responses text":         {openai + "/responses", `{"model":"gpt-4o-mini","input":"a needle"}`},
		"responses instructions": {openai + "/responses", `{"model":"gpt-4o-mini","instructions":"a needle","input":"Hi"}`},
		"responses parts":        {openai + "/responses", `{"model":"gpt-4o-mini","input":[{"role":"user","content":[{"type":"input_text","text":"a needle"}]}]}`},
		"responses result":       {openai + "/responses", `{"model":"gpt-4o-mini","input":[{"role":"user","content":"Hi"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"a needle"}]}`},
		"responses result parts": {openai + "/responses", `{"model":"gpt-4o-mini","input":[{"role":"user","content":"Hi"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"a needle"}]}]}`},
		"completions":            {openai + "/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":"a needle"}`},
		"completions list":       {openai + "/completions", `{"model":"gpt-3.5-turbo-instruct","prompt":["hay","a needle"]}`},
		"embeddings":             {openai + "/embeddings", `{"model":"text-embedding-3-small","input":["hay","a needle"]}`},
		"images":                 {openai + "/images/generations", `{"model":"gpt-image-1","prompt":"a needle"}`},
		"speech":                 {openai + "/audio/speech", `{"model":"tts-1","voice":"alloy","input":"a needle"}`},
		"claude text":            {anthropic, `{` + claude + `,"messages":[{"role":"user","content":"a needle"}]}`},
		"claude blocks":          {anthropic, `{` + claude + `,"messages":[{"role":"user","content":[{"type":"text","text":"hay"},{"type":"text","text":"a needle"}]}]}`},
		"claude system":          {anthropic, `{` + claude + `,"system":[{"type":"text","text":"a needle"}],"messages":[{"role":"user","content":"Hi"}]}`},
		"claude document":        {anthropic, `{` + claude + `,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a needle"}},{"type":"text","text":"Hi"}]}]}`},
		"claude result":          {anthropic, `{` + claude + `,` + claudeF + `,"messages":[` + uses + `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"a needle"}]}]}`},
		"claude result blocks":   {anthropic, `{` + claude + `,` + claudeF + `,"messages":[` + uses + `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"a needle"}]}]}]}`},
		"gemini parts":           {google, `{"contents":[{"role":"user","parts":[{"text":"hay"},{"text":"a needle"}]}]}`},
		"gemini system":          {google, `{"systemInstruction":{"parts":[{"text":"a needle"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}`},
		"gemini snake":           {google, `{"system_instruction":{"parts":[{"text":"a needle"}]},"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}`},
		"gemini result":          {google, `{` + geminiF + `,"contents":[` + calls + `,{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"output":"a needle"}}}]}]}`},
		"converse text":          {bedrock, `{"messages":[{"role":"user","content":[{"text":"hay"},{"text":"a needle"}]}]}`},
		"converse system":        {bedrock, `{"system":[{"text":"a needle"}],"messages":[{"role":"user","content":[{"text":"Hi"}]}]}`},
		"converse result":        {bedrock, `{` + converseF + `,"messages":[` + converse + `,{"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"text":"a needle"}]}}]}]}`},
		"converse result JSON":   {bedrock, `{` + converseF + `,"messages":[` + converse + `,{"role":"user","content":[{"toolResult":{"toolUseId":"t1","content":[{"json":{"found":"a needle"}}]}}]}]}`},
		"translated":             {"/v1/chat/completions", `{"model":"claude-sonnet-4-5","tools":[` + tool + `],"messages":[` + called + `,{"role":"tool","tool_call_id":"call_1","content":[{"type":"text","text":"a needle"}]}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mockserver.Start(t, mockserver.InMemory())
			s.Script(
				mockserver.Reply{PromptContains: "no such thing", Status: 500, Message: "another's"},
				mockserver.Reply{PromptContains: "a needle", Status: 418, Message: "found it", Times: 1},
			)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+tt.path, strings.NewReader(tt.body))
			require.NoError(t, err)
			req.Header.Set("Authorization", "Bearer "+s.SecretKey())
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Anthropic-Version", "2023-06-01")
			resp, err := s.HTTPClient().Do(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Len(t, s.Unused(), 1, "%d %s\n%s", resp.StatusCode, resp.Header.Get("X-Lavamock-Rule"), s.Calls())
			require.Contains(t, s.Unused()[0], "another's")
			s.ResetScript()
		})
	}
}
