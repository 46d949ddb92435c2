package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/lavapayments/lava-go/cmd/internal/control"
)

type mockIn struct {
	Operation string                     `json:"operation" jsonschema:"what to do, such as clock.advance"`
	Arguments map[string]json.RawMessage `json:"arguments,omitempty" jsonschema:"its arguments, by name"`
}

// Mock is the tool that controls a mock server: one for all that the server lists.
func Mock(server control.Client) Addition {
	return func(s *mcp.Server) {
		verbs, err := server.Verbs(context.Background())
		if err != nil {
			return // the server has stopped
		}
		about := strings.Builder{}
		about.WriteString("Controls this mock of Lava: its clock, and how providers and payments behave; also reads what happened. It is not part of Lava. Operations:\n")
		names := make([]any, len(verbs))
		for i, v := range verbs {
			names[i] = v.Name
			_, _ = fmt.Fprintf(&about, "%s: %s\n", v.Usage(), v.Description)
		}
		in := schemaOf[mockIn]()
		in.Properties["operation"].Enum = names
		in.Properties["arguments"] = &jsonschema.Schema{Type: "object", Description: in.Properties["arguments"].Description}
		mcp.AddTool(s, &mcp.Tool{
			Name: "mock", Title: "Control the mock server", Description: about.String(),
			Annotations: effect{destructive: true}.annotations("Control the mock server"), InputSchema: in,
		}, func(ctx context.Context, _ *mcp.CallToolRequest, in mockIn) (*mcp.CallToolResult, any, error) {
			i := slices.IndexFunc(verbs, func(v control.Verb) bool { return v.Name == in.Operation })
			data, err := server.Do(ctx, verbs[i], in.texts()) // the schema has checked the name
			if err != nil {
				return nil, nil, explain(err, nil)
			}
			text, truncated := cutText(string(data))
			if truncated {
				text += fmt.Sprintf("\n… This is the beginning of %d bytes: ask for less with arguments, or for all with the command or endpoint of this operation.", len(data))
			}
			return say(text), nil, nil
		})
	}
}

// texts returns the arguments as text: strings unchanged, all others as JSON.
func (in mockIn) texts() url.Values {
	values := url.Values{}
	for name, raw := range in.Arguments {
		text := string(raw)
		_ = json.Unmarshal(raw, &text) // values other than strings stay JSON
		values.Set(name, text)
	}
	return values
}
