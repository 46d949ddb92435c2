package main

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// Commands and agents' tools never show a credential, wherever it travels. The server's own output is tested in its
// own package, with more places.
func TestCommandsAndAgentsSeeNoSecret(t *testing.T) {
	t.Parallel()
	const (
		key = "aks_test_planted-0123456789"
		own = "sk-proj-planted-0123456789"
	)
	env, stop := start(t, "-key", key)
	base := env["LAVA_API_URL"]
	forward := base64.StdEncoding.EncodeToString([]byte(`{"secret_key":"` + key + `","provider_key":"` + own + `"}`))
	const chat = `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"a aks_test_planted-0123456789 b"}]}`
	secrets := []string{"planted-0123456789", forward, "PLANTED"}
	for _, sent := range []struct{ method, path, bearer, body string }{
		{http.MethodPost, "/v1/chat/completions", key, chat},
		{http.MethodPost, "/v1/forward?u=https://api.openai.com/v1/chat/completions", forward, chat},
		{http.MethodPost, "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent%3Fkey=PLANTED", key, `{"contents":[{"parts":[{"text":"x"}]}]}`},
		{http.MethodGet, "/v1/meters?api_key=PLANTED", key, ""},
		{http.MethodGet, "/v1/customers/" + key, "aks_test_other-planted-0123456789", ""},
		{http.MethodPost, "/v1/auth/callback", "", `{"code":"PLANTED"}`},
		{http.MethodPost, "/v1/auth/callback", "", `{"code":"PLANTED`},
		{http.MethodPost, "/v1/spend_keys", key, `{"name":"Shown once"}`},
		{http.MethodPost, "/v1/webhooks", key, `{"name":"Shown once","url":"http://127.0.0.1:1/"}`},
		{http.MethodPost, "/v1/secret_keys", key, `{"name":"Shown once"}`},
		{http.MethodPost, "/v1/customers", key, `{"name":"` + key + `"}`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), sent.method, base+sent.path, strings.NewReader(sent.body))
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+sent.bearer)
		req.Header.Set("Cookie", "session=PLANTED")
		req.Header.Set("Idempotency-Key", "")
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		var shown map[string]any
		if json.Unmarshal(body, &shown) == nil && resp.StatusCode < 300 {
			for _, name := range []string{"secret_key", "key", "webhook_secret", "secret"} {
				if secret, ok := shown[name].(string); ok {
					secrets = append(secrets, secret)
				}
			}
		}
	}
	require.Len(t, secrets, 3+3, "three of them were shown only once")

	client := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: base + "/mcp"}, nil)
	require.NoError(t, err)
	getenv := func(name string) string { return map[string]string{"LAVA_API_URL": base}[name] }
	printed := func(args ...string) string {
		var out strings.Builder
		err := runCommand(t.Context(), args, getenv, strings.NewReader(""), &out)
		require.NoError(t, err, args)
		return out.String()
	}
	agentReads := func(operation string, arguments map[string]any) string {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "mock", Arguments: map[string]any{"operation": operation, "arguments": arguments}})
		require.NoError(t, err)
		content, ok := result.Content[0].(*mcp.TextContent)
		require.True(t, ok)
		return content.Text
	}
	var calls struct {
		Data []struct {
			ID string `json:"call_id"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(printed("ctl", "-json", "calls")), &calls))
	require.GreaterOrEqual(t, len(calls.Data), 11)
	sinks := map[string]string{}
	for _, operation := range []string{"calls.list", "provider_calls.list", "events.list", "deliveries.list", "failures.list", "merchants.list"} {
		sinks["ctl "+operation] = printed("ctl", operation)
		sinks["ctl -json "+operation] = printed("ctl", "-json", operation)
		sinks["agents "+operation] = agentReads(operation, map[string]any{})
	}
	for _, call := range calls.Data {
		sinks["ctl calls.get "+call.ID] = printed("ctl", "calls.get", call.ID) + printed("ctl", "-json", "calls.get", call.ID)
		sinks["agents calls.get "+call.ID] = agentReads("calls.get", map[string]any{"id": call.ID})
	}
	for sink, text := range sinks {
		require.NotEmpty(t, text, sink)
		for _, secret := range secrets {
			require.NotContains(t, text, secret, sink)
		}
	}
	require.NoError(t, session.Close())
	require.NoError(t, stop())
}
