package bedrock_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/bedrock"
)

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// What can't be translated is rejected, and the error names the field.
func TestReadRequestRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ body, field string }{
		{`{"guardrailConfig":{}}`, "guardrailConfig"},
		{`{"toolConfig":{"tools":[{"systemTool":{"name":"x"}}]}}`, "toolConfig.tools[0]"},
		{`{"messages":[{"role":"tool"}]}`, "messages[0].role"},
		{`{"messages":[{"role":"user","content":[{"guardContent":{}}]}]}`, "messages[0].content[0]"},
	} {
		t.Run(test.body, func(t *testing.T) {
			t.Parallel()
			_, err := bedrock.Format{}.ReadRequest([]byte(test.body))
			var field *FieldError
			require.ErrorAs(t, err, &field)
			assert.Equal(t, test.field, field.Field)
		})
	}
}

// If the format can't express something, the closest equivalent is written.
func TestWriteRequestSubstitutes(t *testing.T) {
	t.Parallel()
	tool := Tool{Name: "f", Schema: raw(`{}`)}
	hi := []Message{{Role: User, Parts: []Part{Text{Text: "hi"}}}}
	for _, test := range []struct {
		name    string
		request Request
		want    string
	}{
		{"a tool without arguments", Request{Messages: hi, Tools: []Tool{{Name: "f"}}}, `{"messages":[{"role":"user","content":[{"text":"hi"}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object","properties":{}}}}}]}}`},
		{"none means no tools", Request{Messages: hi, Tools: []Tool{tool}, ToolChoice: ToolChoice{Mode: None}}, `{"messages":[{"role":"user","content":[{"text":"hi"}]}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body, err := bedrock.Format{}.WriteRequest(&test.request, Traits{Original: true})
			require.NoError(t, err)
			assert.JSONEq(t, test.want, string(body))
		})
	}
}
