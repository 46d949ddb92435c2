package translate

import (
	"encoding/json"
	"strings"
)

// anthropicMessage is a message of a request; answers have its content.
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
