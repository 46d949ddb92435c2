package translate

import (
	"encoding/json"
)

// anthropic is the format of Anthropic's messages.
type anthropic struct{}

// defaultMaxTokens is what max_tokens is, which Anthropic insists on, for
// clients that set no limit (assumption default-max-tokens).
const defaultMaxTokens = 4096

type anthropicRequest struct {
	Model         string             `json:"model"`
	MaxTokens     *int64             `json:"max_tokens"`
	System        json.RawMessage    `json:"system,omitempty"`
	Messages      []anthropicMessage `json:"messages"`
	Tools         []anthropicTool    `json:"tools,omitempty"`
	ToolChoice    *anthropicChoice   `json:"tool_choice,omitempty"`
	Temperature   *float64           `json:"temperature,omitempty"`
	TopP          *float64           `json:"top_p,omitempty"`
	TopK          *int64             `json:"top_k,omitempty"`
	StopSequences []string           `json:"stop_sequences,omitempty"`
	Stream        bool               `json:"stream,omitempty"`
	Thinking      *anthropicThinking `json:"thinking,omitempty"`
	OutputConfig  *anthropicOutput   `json:"output_config,omitempty"`
	OutputFormat  *anthropicSchema   `json:"output_format,omitempty"` // its name in the beta
	Metadata      *anthropicMetadata `json:"metadata,omitempty"`

	Container  json.RawMessage `json:"container,omitempty"`
	MCPServers json.RawMessage `json:"mcp_servers,omitempty"`
}

type anthropicMetadata struct {
	UserID string `json:"user_id,omitempty"`
}

type anthropicTool struct {
	Type        string          `json:"type,omitempty"`
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	InputSchema json.RawMessage `json:"input_schema"`
	Strict      *bool           `json:"strict,omitempty"`
	Cache       *anthropicCache `json:"cache_control,omitempty"`
}

type anthropicChoice struct {
	Type            string `json:"type"`
	Name            string `json:"name,omitempty"`
	DisableParallel bool   `json:"disable_parallel_tool_use,omitempty"`
}

// Bedrock takes these two in the same shape, for Claude.

type anthropicThinking struct {
	Type    string `json:"type"`
	Budget  int64  `json:"budget_tokens,omitempty"`
	Display string `json:"display,omitempty"`
}

type anthropicOutput struct {
	Effort Effort           `json:"effort,omitempty"`
	Format *anthropicSchema `json:"format,omitempty"`
}

type anthropicSchema struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// ReadRequest reads a request for a message.
func (anthropic) ReadRequest(body []byte) (*Request, error) {
	var in anthropicRequest
	if err := decode(body, &in); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		raw  json.RawMessage
	}{{"container", in.Container}, {"mcp_servers", in.MCPServers}} {
		if isSet(f.raw) && string(f.raw) != "[]" {
			return nil, untranslated(f.name, f.name, "other providers")
		}
	}
	r := &Request{
		Model: in.Model, Stream: in.Stream, MaxTokens: in.MaxTokens, Temperature: in.Temperature, TopP: in.TopP, TopK: in.TopK,
		Stop: in.StopSequences, WantsUsage: true,
	}
	if in.Metadata != nil {
		r.User = in.Metadata.UserID
	}
	var err error
	if r.System, err = readAnthropicContent(in.System, "system"); err != nil {
		return nil, err
	}
	for i, m := range in.Messages {
		at := index("messages", i)
		list, err := readAnthropicContent(m.Content, at)
		if err != nil {
			return nil, err
		}
		switch m.Role {
		case "system":
			r.System = append(r.System, list...)
		case "user", "assistant":
			r.Messages = append(r.Messages, Message{Role: Role(m.Role), Parts: list, At: at})
		default:
			return nil, wrong(at+".role", "%s is not one of user and assistant", quoted(m.Role))
		}
	}
	for i, t := range in.Tools {
		if t.Type != "" && t.Type != "custom" {
			return nil, untranslated(index("tools", i)+".type", "Anthropic's own tool "+quoted(t.Type), "other providers")
		}
		r.Tools = append(r.Tools, Tool{Name: t.Name, Description: t.Description, Schema: nonNull(t.InputSchema), Strict: t.Strict, Cache: t.Cache.read()})
	}
	if r.ToolChoice, err = in.ToolChoice.read(); err != nil {
		return nil, err
	}
	r.Thinking = in.Thinking.read()
	format := in.OutputFormat
	if in.OutputConfig != nil {
		r.Thinking.Effort = in.OutputConfig.Effort
		if in.OutputConfig.Format != nil {
			format = in.OutputConfig.Format
		}
	}
	if format != nil {
		r.Output = &Output{Schema: nonNull(format.Schema)}
	}
	return r, nil
}

func (t *anthropicThinking) read() Thinking {
	if t == nil {
		return Thinking{}
	}
	var out Thinking
	switch t.Type {
	case "enabled":
		out = Thinking{Mode: ThinkingOn, Budget: t.Budget}
	case "adaptive":
		out.Mode = ThinkingAdaptive
	case "disabled":
		out.Mode = ThinkingOff
	}
	if t.Display != "" {
		show := t.Display != "omitted"
		out.Show = &show
	}
	return out
}

func (c *anthropicChoice) read() (ToolChoice, error) {
	if c == nil {
		return ToolChoice{}, nil
	}
	out := ToolChoice{Single: c.DisableParallel}
	switch c.Type {
	case "auto":
		out.Mode = Auto
	case "none":
		out.Mode = None
	case "any":
		out.Mode = Required
	case "tool":
		out.Mode, out.Only = Required, []string{c.Name}
	default:
		return out, wrong("tool_choice.type", "%s is not one of auto, any, tool and none", quoted(c.Type))
	}
	return out, nil
}

// WriteRequest writes a request for a message.
func (anthropic) WriteRequest(r *Request) ([]byte, error) {
	switch {
	case r.Choices > 1:
		return nil, untranslated("n", "more than one answer", "anthropic")
	case r.Temperature != nil && *r.Temperature > 1:
		return nil, wrong("temperature", "%g is more than 1, which is the most at Anthropic", *r.Temperature)
	case r.Output != nil && r.Output.Schema == nil:
		return nil, untranslated("response_format", "JSON without a schema", "anthropic")
	}
	out := anthropicRequest{
		Model: r.Model, MaxTokens: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, TopK: r.TopK,
		StopSequences: r.Stop, Stream: r.Stream,
	}
	if r.User != "" {
		out.Metadata = &anthropicMetadata{r.User}
	}
	if len(r.System) > 0 {
		blocks, err := writeAnthropicBlocks(r.System, "system")
		if err != nil {
			return nil, err
		}
		out.System = writeParts(blocks)
	}
	var err error
	if out.Messages, err = writeAnthropicMessages(r.Messages); err != nil {
		return nil, err
	}
	for _, t := range r.onlyAllowedTools() {
		schema := t.Schema
		if schema == nil {
			schema = noArguments
		}
		out.Tools = append(out.Tools, anthropicTool{Name: t.Name, Description: t.Description, InputSchema: schema, Strict: t.Strict, Cache: t.Cache.anthropic()})
	}
	if len(out.Tools) > 0 {
		out.ToolChoice = r.ToolChoice.anthropic()
	}
	thinking := r.claudeThinking()
	out.Thinking = thinking.anthropic(&out.MaxTokens)
	if r.Output != nil {
		out.OutputConfig = &anthropicOutput{Format: &anthropicSchema{"json_schema", r.Output.Schema}}
	}
	if effort := r.Thinking.Effort; effort != "" && r.Thinking.fromAnthropic() {
		if out.OutputConfig == nil {
			out.OutputConfig = &anthropicOutput{}
		}
		out.OutputConfig.Effort = effort
	}
	return marshal(out), nil
}

func (c ToolChoice) anthropic() *anthropicChoice {
	out := &anthropicChoice{Type: "auto", DisableParallel: c.Single}
	switch {
	case c.Mode == None:
		out.Type, out.DisableParallel = "none", false
	case c.Mode == Required && len(c.Only) == 1:
		out.Type, out.Name = "tool", c.Only[0]
	case c.Mode == Required:
		out.Type = "any"
	case c.Mode == "" && !c.Single:
		return nil
	}
	return out
}

// fromAnthropic says whether the effort stands beside the thinking, as it does at
// Anthropic, and not for it, as at OpenAI.
func (t Thinking) fromAnthropic() bool { return t.Mode != ThinkingOn || t.Budget > 0 }

// anthropic returns Anthropic's setting, and sets the limit of tokens, which
// holds the thoughts too.
func (t Thinking) anthropic(limit **int64) *anthropicThinking {
	const least = 1024
	tokens := int64(0)
	if t.Mode == ThinkingOn {
		tokens = t.tokens()
	}
	if *limit == nil {
		n := defaultMaxTokens + tokens
		*limit = &n
	}
	var out *anthropicThinking
	switch {
	case t.Mode == ThinkingOff:
		return &anthropicThinking{Type: "disabled"}
	case t.Mode == ThinkingAdaptive:
		out = &anthropicThinking{Type: "adaptive"}
	case tokens > 0 && min(tokens, **limit-1) >= least:
		out = &anthropicThinking{Type: "enabled", Budget: min(tokens, **limit-1)}
	default:
		return nil
	}
	if t.Show != nil && !*t.Show {
		out.Display = "omitted"
	} else if t.Show != nil {
		out.Display = "summarized"
	}
	return out
}
