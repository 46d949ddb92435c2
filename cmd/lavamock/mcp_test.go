package main

import (
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Agents find the tools at /mcp, where they act as the first merchant.
func TestAgentTools(t *testing.T) {
	t.Parallel()
	env, stop := start(t, "-key", "aks_test_agents")
	client := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil)
	session, err := client.Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: env["LAVA_API_URL"] + "/mcp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"login", "list_meters"} {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		if result.IsError {
			t.Errorf("%s: %v", tool, result.Content[0])
		}
	}
	long := map[string]any{"text": strings.Repeat("long", 100<<10)}
	for _, test := range []struct {
		operation string
		arguments map[string]any
		want      string
	}{
		{"clock.advance", map[string]any{"advance": "1d"}, `"now":"20`},
		{"payments.list", nil, `{"data":[]}`},
		{"nonsense", nil, "enum"},
		{"script.add", long, "This is the beginning of "}, // the response repeats the reply
	} {
		operation, want := test.operation, test.want
		arguments := map[string]any{"operation": operation, "arguments": test.arguments}
		if test.arguments == nil {
			delete(arguments, "arguments")
		}
		text := ""
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "mock", Arguments: arguments})
		if err != nil {
			text = err.Error()
		} else if content, ok := result.Content[0].(*mcp.TextContent); ok {
			text = content.Text
		}
		if !strings.Contains(text, want) {
			t.Errorf("%s: %.1000s", operation, text)
		}
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
