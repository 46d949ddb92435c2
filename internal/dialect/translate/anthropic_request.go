package translate

import (
	"encoding/json"
	"strings"
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

type anthropicMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

type anthropicBlock struct {
	Type      string           `json:"type"`
	Text      *string          `json:"text,omitempty"`
	Source    *anthropicSource `json:"source,omitempty"`
	Title     string           `json:"title,omitempty"`
	ID        string           `json:"id,omitempty"`
	Name      string           `json:"name,omitempty"`
	Input     json.RawMessage  `json:"input,omitempty"`
	ToolUseID string           `json:"tool_use_id,omitempty"`
	Content   json.RawMessage  `json:"content,omitempty"`
	IsError   bool             `json:"is_error,omitempty"`
	Thinking  *string          `json:"thinking,omitempty"`
	Signature *string          `json:"signature,omitempty"`
	Data      string           `json:"data,omitempty"`
	Cache     *anthropicCache  `json:"cache_control,omitempty"`
}

func (b *anthropicBlock) setText(text string) { b.Type, b.Text = "text", &text }

func (b *anthropicBlock) plainText() (string, bool) {
	if b.Type != "text" || b.Text == nil || b.Cache != nil {
		return "", false
	}
	return *b.Text, true
}

type anthropicCache struct {
	Type string `json:"type"`
	TTL  string `json:"ttl,omitempty"`
}

type anthropicSource struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type,omitempty"`
	Data      string `json:"data,omitempty"`
	URL       string `json:"url,omitempty"`
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

func (c *anthropicCache) read() *CachePoint {
	if c == nil {
		return nil
	}
	return &CachePoint{TTL: c.TTL}
}

func (c *CachePoint) anthropic() *anthropicCache {
	if c == nil {
		return nil
	}
	return &anthropicCache{Type: "ephemeral", TTL: c.TTL}
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

// readAnthropicContent reads content of a request or an answer.
func readAnthropicContent(raw json.RawMessage, at string) ([]Part, error) {
	blocks, err := readParts[anthropicBlock](raw)
	if err != nil {
		return nil, wrong(at+".content", "must be a string or a list of blocks")
	}
	var list []Part
	for i, b := range blocks {
		part, err := b.read(at + "." + index("content", i))
		if err != nil {
			return nil, err
		}
		if t, ok := part.(Text); !ok || t.Text != "" {
			list = append(list, part)
		}
		if b.Cache != nil {
			list = append(list, *b.Cache.read())
		}
	}
	return list, nil
}

func (b anthropicBlock) read(at string) (Part, error) {
	switch {
	case b.Type == "text":
		return Text{value(b.Text)}, nil
	case b.Type == "image" && b.Source != nil, b.Type == "document" && b.Source != nil:
		return b.Source.read(at, b)
	case b.Type == "tool_use":
		return ToolCall{ID: b.ID, Name: b.Name, Arguments: objectOf(b.Input)}, nil
	case b.Type == "tool_result":
		content, err := readAnthropicContent(b.Content, at)
		return ToolResult{ID: b.ToolUseID, Parts: content, Failed: b.IsError}, err
	case b.Type == "thinking":
		return Thought{Text: value(b.Thinking), Signature: value(b.Signature)}, nil
	case b.Type == "redacted_thinking":
		return Thought{Redacted: b.Data}, nil
	}
	return nil, untranslated(at+".type", "a block of type "+quoted(b.Type), "other providers")
}

func (s *anthropicSource) read(at string, b anthropicBlock) (Part, error) {
	switch s.Type {
	case "base64":
		return Media{Type: s.MediaType, Data: s.Data, Name: b.Title}, nil
	case "text":
		return plainDocument(s.Data, b.Title), nil
	case "url":
		m := Media{URL: s.URL, Type: typeByName(s.URL), Name: b.Title}
		if b.Type == "document" {
			m.Type = "application/pdf"
		} else if m.Type == "" {
			m.Image = true
		}
		return m, nil
	}
	return nil, untranslated(at+".source.type", "a source of type "+quoted(s.Type), "other providers")
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
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
	thinking := r.Thinking
	if !canThink(r.Messages) {
		thinking = Thinking{}
	}
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

// noArguments is the schema of a tool that takes none.
var noArguments = json.RawMessage(`{"type":"object","properties":{}}`)

// onlyAllowedTools returns the tools less those that the choice leaves out, for
// formats that can only choose one or all.
func (r *Request) onlyAllowedTools() []Tool {
	if len(r.ToolChoice.Only) == 0 || len(r.ToolChoice.Only) == 1 && r.ToolChoice.Mode == Required {
		return r.Tools
	}
	var list []Tool
	for _, t := range r.Tools {
		for _, name := range r.ToolChoice.Only {
			if t.Name == name {
				list = append(list, t)
				break
			}
		}
	}
	return list
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

// writeAnthropicMessages joins messages of the same role, because the results of
// all tools must be in one, at its beginning.
func writeAnthropicMessages(messages []Message) ([]anthropicMessage, error) {
	out := []anthropicMessage{}
	for _, m := range joinedTurns(messages) {
		blocks, err := writeAnthropicBlocks(signedOnly(m.Parts), m.At)
		if err != nil {
			return nil, err
		}
		if len(blocks) > 0 {
			out = append(out, anthropicMessage{Role: string(m.Role), Content: writeParts(blocks)})
		}
	}
	return out, nil
}

// joinedTurns returns the messages with those of the same role joined, and
// results of tools before what else the user says.
func joinedTurns(messages []Message) []Message {
	var out []Message
	for _, m := range messages {
		if n := len(out); n > 0 && out[n-1].Role == m.Role {
			out[n-1].Parts = append(out[n-1].Parts[:len(out[n-1].Parts):len(out[n-1].Parts)], m.Parts...)
			continue
		}
		out = append(out, m)
	}
	for i := range out {
		var results, rest []Part
		cached := false // what a cache point follows
		for _, p := range out[i].Parts {
			switch p.(type) {
			case ToolResult:
				results, cached = append(results, p), true
			case CachePoint:
				if cached {
					results = append(results, p)
				} else {
					rest = append(rest, p)
				}
			default:
				rest, cached = append(rest, p), false
			}
		}
		if len(results) > 0 {
			out[i].Parts = append(results, rest...)
		}
	}
	return out
}

// signedOnly leaves out thoughts that no provider takes back.
func signedOnly(list []Part) []Part {
	var out []Part
	for _, p := range list {
		if t, ok := p.(Thought); ok && t.Signature == "" && t.Redacted == "" {
			continue
		}
		out = append(out, p)
	}
	return out
}

func writeAnthropicBlocks(list []Part, at string) ([]anthropicBlock, error) {
	out := []anthropicBlock{}
	for _, p := range list {
		switch p := p.(type) {
		case Text:
			var b anthropicBlock
			b.setText(p.Text)
			out = append(out, b)
		case JSON:
			var b anthropicBlock
			b.setText(string(p.Value))
			out = append(out, b)
		case Thought:
			if p.Redacted != "" {
				out = append(out, anthropicBlock{Type: "redacted_thinking", Data: p.Redacted})
			} else {
				out = append(out, anthropicBlock{Type: "thinking", Thinking: &p.Text, Signature: &p.Signature})
			}
		case ToolCall:
			out = append(out, anthropicBlock{Type: "tool_use", ID: p.ID, Name: p.Name, Input: p.Arguments})
		case ToolResult:
			content, err := writeAnthropicBlocks(p.Parts, at)
			if err != nil {
				return nil, err
			}
			b := anthropicBlock{Type: "tool_result", ToolUseID: p.ID, IsError: p.Failed}
			if len(content) > 0 {
				b.Content = writeParts(content)
			}
			out = append(out, b)
		case Media:
			b, err := p.anthropic(at)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		case CachePoint:
			if n := len(out); n > 0 {
				out[n-1].Cache = p.anthropic()
			}
		}
	}
	return out, nil
}

func (m Media) anthropic(at string) (anthropicBlock, error) {
	b := anthropicBlock{Type: "document", Title: m.Name, Source: &anthropicSource{Type: "base64", MediaType: m.Type, Data: m.Data}}
	if m.isImage() {
		b.Type, b.Title = "image", ""
	}
	switch {
	case strings.HasPrefix(m.URL, "http") && (b.Type == "image" || m.Type == "application/pdf"):
		b.Source = &anthropicSource{Type: "url", URL: m.URL}
		return b, nil
	case m.URL != "":
		return b, untranslated(at, "a file at "+quoted(m.URL), "anthropic")
	case b.Type == "image" || m.Type == "application/pdf":
		return b, nil
	case strings.HasPrefix(m.Type, "text/"):
		if text, ok := m.text(); ok {
			b.Source = &anthropicSource{Type: "text", MediaType: "text/plain", Data: text}
			return b, nil
		}
	}
	return b, untranslated(at, "a file of type "+quoted(m.Type), "anthropic")
}
