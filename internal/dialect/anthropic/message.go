package anthropic

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// message is a message of a request; responses have the same content.
type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

type block struct {
	Type      string          `json:"type"`
	Text      *string         `json:"text,omitempty"`
	Source    *source         `json:"source,omitempty"`
	Title     string          `json:"title,omitempty"`
	ID        string          `json:"id,omitempty"`
	Name      string          `json:"name,omitempty"`
	Input     json.RawMessage `json:"input,omitempty"`
	ToolUseID string          `json:"tool_use_id,omitempty"`
	ToolName  string          `json:"tool_name,omitempty"`
	Content   json.RawMessage `json:"content,omitempty"`
	IsError   bool            `json:"is_error,omitempty"`
	Thinking  *string         `json:"thinking,omitempty"`
	Signature *string         `json:"signature,omitempty"`
	Data      string          `json:"data,omitempty"`
	Cache     *cache          `json:"cache_control,omitempty"`
}

func (b *block) SetText(text string) { b.Type, b.Text = "text", &text }

func (b *block) PlainText() (string, bool) {
	if b.Type != "text" || b.Text == nil || b.Cache != nil {
		return "", false
	}
	return *b.Text, true
}

type cache struct {
	Type string `json:"type"`
	TTL  string `json:"ttl,omitempty"`
}

type source struct {
	Type      string          `json:"type"`
	MediaType string          `json:"media_type,omitempty"`
	Data      string          `json:"data,omitempty"`
	URL       string          `json:"url,omitempty"`
	Content   json.RawMessage `json:"content,omitempty"`
}

// UnmarshalJSON also accepts a text, the source of a search result.
func (s *source) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return json.Unmarshal(b, &s.URL)
	}
	type plain source
	return json.Unmarshal(b, (*plain)(s))
}

func (c *cache) read() *dialect.CachePoint {
	if c == nil {
		return nil
	}
	return &dialect.CachePoint{TTL: c.TTL}
}

func writeCache(c *dialect.CachePoint) *cache {
	if c == nil {
		return nil
	}
	return &cache{Type: "ephemeral", TTL: c.TTL}
}

// readContent reads the content of a request or response.
func readContent(raw json.RawMessage, at string) ([]dialect.Part, error) {
	blocks, err := wire.ReadParts[block](raw, at, "blocks")
	if err != nil {
		return nil, err
	}
	var list []dialect.Part
	for i, b := range blocks {
		part, err := b.read(wire.Index(at, i))
		if err != nil {
			return nil, err
		}
		if t, ok := part.(dialect.Text); !ok || t.Text != "" {
			list = append(list, dialect.At(part, wire.Index(at, i)))
		}
		if b.Cache != nil {
			list = append(list, *b.Cache.read())
		}
	}
	return list, nil
}

func (b block) read(at string) (dialect.Part, error) {
	switch {
	case b.Type == "text":
		return dialect.Text{Text: wire.Value(b.Text)}, nil
	case b.Type == "image" && b.Source != nil, b.Type == "document" && b.Source != nil:
		return b.Source.read(at, b)
	case b.Type == "tool_use":
		return dialect.ToolCall{ID: b.ID, Name: b.Name, Arguments: wire.ObjectOf(b.Input)}, nil
	case b.Type == "tool_result":
		content, err := readContent(b.Content, at+".content")
		return dialect.ToolResult{ID: b.ToolUseID, Parts: content, Failed: b.IsError}, err
	case b.Type == "thinking":
		return dialect.Thought{Text: wire.Value(b.Thinking), Signature: dialect.ReadSignature(wire.Value(b.Signature), dialect.Claude)}, nil
	case b.Type == "redacted_thinking":
		return dialect.Thought{Redacted: b.Data}, nil
	case b.Type == "compaction", b.Type == "mid_conv_system": // a summary of the conversation, and a system prompt
		content, err := readContent(b.Content, at+".content")
		return dialect.Text{Text: dialect.TextOf(content)}, err
	case b.Type == "search_result" && b.Source != nil:
		content, err := readContent(b.Content, at+".content")
		return dialect.Text{Text: strings.Join([]string{b.Title, b.Source.URL, dialect.TextOf(content)}, "\n")}, err
	case b.Type == "tool_reference":
		return dialect.Text{Text: b.ToolName}, nil
	case isServers(b.Type):
		return dialect.Text{}, nil
	}
	return nil, dialect.Untranslated(at+".type", "a block of type "+wire.Quoted(b.Type), "other providers")
}

// isServers reports whether a block belongs to a tool that the provider ran: its outcome is in the following text.
func isServers(kind string) bool {
	return kind == "server_tool_use" || kind != "tool_result" && kind != "mcp_tool_result" && strings.HasSuffix(kind, "_tool_result")
}

func (s *source) read(at string, b block) (dialect.Part, error) {
	switch s.Type {
	case "base64":
		return dialect.Media{Type: s.MediaType, Data: s.Data, Name: b.Title}, nil
	case "text":
		return dialect.PlainDocument(s.Data, b.Title), nil
	case "content":
		content, err := readContent(s.Content, at+".source.content")
		if i := slices.IndexFunc(content, isMedia); i >= 0 {
			return nil, dialect.Untranslated(wire.Index(at+".source.content", i), "an image within a document", "other providers")
		}
		return dialect.PlainDocument(dialect.TextOf(content), b.Title), err
	case "url":
		m := dialect.Media{URL: s.URL, Type: dialect.TypeByName(s.URL), Name: b.Title}
		if b.Type == "document" {
			m.Type = "application/pdf"
		} else if m.Type == "" {
			m.Image = true
		}
		return m, nil
	}
	return nil, dialect.Untranslated(at+".source.type", "a source of type "+wire.Quoted(s.Type), "other providers")
}

func isMedia(p dialect.Part) bool {
	_, ok := p.(dialect.Media)
	return ok
}

// writeMessages joins messages of the same role, because the results of all tools must be at the beginning of one
// message.
func writeMessages(messages []dialect.Message) ([]message, error) {
	out := []message{}
	for _, m := range dialect.JoinTurns(messages) {
		blocks, err := writeBlocks(m.Parts)
		if err != nil {
			return nil, err
		}
		out = append(out, message{Role: string(m.Role), Content: wire.WriteParts(blocks)})
	}
	return out, nil
}

// silentFailure replaces the empty result of a failed tool: "content cannot be empty if is_error is true".
const silentFailure = "The tool failed without a message."

func writeBlocks(list []dialect.Part) ([]block, error) {
	out := []block{}
	for _, p := range list {
		switch p := p.(type) {
		case dialect.Text:
			var b block
			b.SetText(p.Text)
			out = append(out, b)
		case dialect.JSON:
			var b block
			b.SetText(string(p.Value))
			out = append(out, b)
		case dialect.Thought:
			if p.Redacted != "" {
				out = append(out, block{Type: "redacted_thinking", Data: p.Redacted})
			} else {
				signature := p.Signature.In(dialect.Claude)
				out = append(out, block{Type: "thinking", Thinking: &p.Text, Signature: &signature})
			}
		case dialect.ToolCall:
			out = append(out, block{Type: "tool_use", ID: p.ID, Name: p.Name, Input: p.Arguments})
		case dialect.ToolResult:
			content, err := writeBlocks(p.Parts)
			if err != nil {
				return nil, err
			}
			b := block{Type: "tool_result", ToolUseID: p.ID, IsError: p.Failed}
			if p.Failed && len(content) == 0 {
				content = []block{{}}
				content[0].SetText(silentFailure)
			}
			if len(content) > 0 {
				b.Content = wire.WriteParts(content)
			}
			out = append(out, b)
		case dialect.Media:
			b, err := writeMedia(p)
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		case dialect.CachePoint:
			if b := lastCacheable(out); b != nil {
				b.Cache = writeCache(&p)
			}
		}
	}
	return out, nil
}

// lastCacheable returns the last block that accepts a cache point, or nil. Thoughts don't: "thinking.cache_control:
// Extra inputs are not permitted".
func lastCacheable(blocks []block) *block {
	for i := range slices.Backward(blocks) {
		if !strings.HasSuffix(blocks[i].Type, "thinking") {
			return &blocks[i]
		}
	}
	return nil
}

func writeMedia(m dialect.Media) (block, error) {
	b := block{Type: "document", Title: m.Name, Source: &source{Type: "base64", MediaType: m.Type, Data: m.Data}}
	if m.IsImage() {
		b.Type, b.Title = "image", ""
	}
	switch {
	case strings.HasPrefix(strings.ToLower(m.URL), "http:"):
		return b, dialect.Wrong(m.At, "Anthropic fetches files at https URLs only, not %s", wire.Quoted(m.URL))
	case strings.HasPrefix(strings.ToLower(m.URL), "https:") && (b.Type == "image" || m.Type == "application/pdf"):
		b.Source = &source{Type: "url", URL: m.URL}
		return b, nil
	case m.URL != "":
		return b, dialect.Untranslated(m.At, "a file at "+wire.Quoted(m.URL), "anthropic")
	case m.Type == "application/pdf" || dialect.FormatOfType(m.Type, "jpeg", "png", "gif", "webp") != "":
		return b, nil
	case strings.HasPrefix(m.Type, "text/"):
		if text, ok := m.Content(); ok {
			b.Source = &source{Type: "text", MediaType: "text/plain", Data: text}
			return b, nil
		}
	}
	return b, dialect.Untranslated(m.At, "a file of type "+wire.Quoted(m.Type), "anthropic")
}
