package main

import (
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Agents find the tools at /mcp, and are the first merchant there.
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
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
