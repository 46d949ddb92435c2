package anthropic

import (
	"encoding/json"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

type request struct {
	Model         string          `json:"model"`
	MaxTokens     *int64          `json:"max_tokens"`
	System        json.RawMessage `json:"system,omitempty"`
	Messages      []message       `json:"messages"`
	Tools         []tool          `json:"tools,omitempty"`
	ToolChoice    *choice         `json:"tool_choice,omitempty"`
	Temperature   *float64        `json:"temperature,omitempty"`
	TopP          *float64        `json:"top_p,omitempty"`
	TopK          *int64          `json:"top_k,omitempty"`
	StopSequences []string        `json:"stop_sequences,omitempty"`
	Stream        bool            `json:"stream,omitempty"`
	Thinking      *Thinking       `json:"thinking,omitempty"`
	OutputConfig  *Output         `json:"output_config,omitempty"`
	OutputFormat  *schema         `json:"output_format,omitempty"` // the name in the beta
	Metadata      *metadata       `json:"metadata,omitempty"`

	Container  json.RawMessage `json:"container,omitempty"`
	MCPServers json.RawMessage `json:"mcp_servers,omitempty"`
}

type metadata struct {
	UserID string `json:"user_id,omitempty"`
}

type tool struct {
	Type        string          `json:"type,omitempty"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	InputSchema json.RawMessage `json:"input_schema"`
	Strict      *bool           `json:"strict,omitempty"`
	Cache       *cache          `json:"cache_control,omitempty"`
}

type choice struct {
	Type            string `json:"type"`
	Name            string `json:"name,omitempty"`
	DisableParallel bool   `json:"disable_parallel_tool_use,omitempty"`
}

type schema struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// ReadRequest reads a request for a message.
func (Format) ReadRequest(body []byte) (*dialect.Request, error) {
	var in request
	if err := wire.DecodeRequest(body, &in); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		raw  json.RawMessage
	}{{"container", in.Container}, {"mcp_servers", in.MCPServers}} {
		if wire.IsSet(f.raw) && string(f.raw) != "[]" {
			return nil, dialect.Untranslated(f.name, f.name, "other providers")
		}
	}
	r := &dialect.Request{
		Model: in.Model, Stream: in.Stream, MaxTokens: in.MaxTokens, Temperature: in.Temperature, TopP: in.TopP, TopK: in.TopK,
		Stop: in.StopSequences, WantsUsage: true,
	}
	if in.Metadata != nil {
		r.User = in.Metadata.UserID
	}
	var err error
	if r.System, err = readContent(in.System, "system"); err != nil {
		return nil, err
	}
	for i, m := range in.Messages {
		at := wire.Index("messages", i)
		list, err := readContent(m.Content, at+".content")
		if err != nil {
			return nil, err
		}
		switch m.Role {
		case "system":
			r.Instruct(list, at)
		case "user", "assistant":
			r.Messages = append(r.Messages, dialect.Message{Role: dialect.Role(m.Role), Parts: list, At: at})
		default:
			return nil, dialect.Wrong(at+".role", "%s is not one of user, assistant and system", wire.Quoted(m.Role))
		}
	}
	for i, t := range in.Tools {
		if t.Type != "" && t.Type != "custom" {
			return nil, dialect.Untranslated(wire.Index("tools", i)+".type", "Anthropic's own tool "+wire.Quoted(t.Type), "other providers")
		}
		at := wire.Index("tools", i)
		r.Tools = append(r.Tools, dialect.Tool{
			Name: t.Name, Description: t.Description, Schema: wire.NonNull(t.InputSchema), Strict: t.Strict, Cache: t.Cache.read(),
			At: at, SchemaAt: at + ".input_schema",
		})
	}
	if r.ToolChoice, err = in.ToolChoice.read(); err != nil {
		return nil, err
	}
	r.Thinking = in.Thinking.Read()
	if in.OutputFormat != nil {
		r.Output = &dialect.Output{Schema: wire.NonNull(in.OutputFormat.Schema), At: "output_format.schema"}
	}
	in.OutputConfig.ReadInto(r, "output_config")
	return r, nil
}

func (c *choice) read() (dialect.ToolChoice, error) {
	if c == nil {
		return dialect.ToolChoice{}, nil
	}
	out := dialect.ToolChoice{Single: c.DisableParallel}
	switch c.Type {
	case "auto":
		out.Mode = dialect.Auto
	case "none":
		out.Mode = dialect.None
	case "any":
		out.Mode = dialect.Required
	case "tool":
		out.Mode, out.Only = dialect.Required, []string{c.Name}
	default:
		return out, dialect.Wrong("tool_choice.type", "%s is not one of auto, any, tool and none", wire.Quoted(c.Type))
	}
	return out, nil
}

// limits are Anthropic's. The sources are the server's messages: "String should match pattern
// '^[a-zA-Z0-9_-]{1,128}$'" for names of tools, "'^[a-zA-Z0-9_-]+$'" for ids, "text content blocks must contain
// non-whitespace text", "each stop sequence must contain non-whitespace", "at least one message is required"; and the
// comment on Temperature in anthropic-sdk-go.
var limits = dialect.Limits{Format: "anthropic", MaxCallID: 64, MaxToolName: 128, NoBlanks: true, Thoughts: dialect.Claude, MaxTemperature: 1, MaxChoices: 1}

// Limits returns the format's limits.
func (Format) Limits() dialect.Limits { return limits }

// limitsOf returns the limits of a model.
func limitsOf(model string) dialect.Limits {
	l := limits
	if takesInstructions(model) {
		l.Instructions = dialect.BehindUser
	}
	return l
}

// WriteRequest writes a request for a message.
func (Format) WriteRequest(asked *dialect.Request, _ dialect.Traits) ([]byte, error) {
	r, err := asked.Fit(limitsOf(asked.Model))
	if err != nil {
		return nil, err
	}
	if r, err = FitClaude(r); err != nil {
		return nil, err
	}
	out := request{
		Model: r.Model, MaxTokens: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, TopK: r.TopK,
		StopSequences: r.Stop, Stream: r.Stream,
	}
	const longestUser = 256
	if r.User != "" && len(r.User) <= longestUser && !strings.Contains(r.User, "@") { // not an email address
		out.Metadata = &metadata{r.User}
	}
	if len(r.System) > 0 {
		blocks, err := writeBlocks(r.System)
		if err != nil {
			return nil, err
		}
		out.System = wire.WriteParts(blocks)
	}
	if out.Messages, err = writeMessages(r.Messages); err != nil {
		return nil, err
	}
	for _, t := range r.AllowedTools() {
		schema, err := Arguments(t)
		if err != nil {
			return nil, err
		}
		out.Tools = append(out.Tools, tool{Name: t.Name, Description: t.Description, InputSchema: schema, Strict: t.Strict, Cache: writeCache(t.Cache)})
	}
	if len(out.Tools) > 0 {
		out.ToolChoice = writeChoice(r.ToolChoice)
	}
	if out.MaxTokens == nil {
		out.MaxTokens = usualLimit(r)
	}
	out.Thinking = WriteThinking(r.Thinking)
	if out.OutputConfig, err = WriteOutput(r); err != nil {
		return nil, err
	}
	return wire.Marshal(out), nil
}

func writeChoice(c dialect.ToolChoice) *choice {
	out := &choice{Type: "auto", DisableParallel: c.Single}
	switch {
	case c.Mode == dialect.None:
		out.Type, out.DisableParallel = "none", false
	case c.Mode == dialect.Required && len(c.Only) == 1:
		out.Type, out.Name = "tool", c.Only[0]
	case c.Mode == dialect.Required:
		out.Type = "any"
	case c.Mode == "" && !c.Single:
		return nil
	}
	return out
}
