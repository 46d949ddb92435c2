package translate

import (
	"encoding/json"
	"strings"
)

// bedrockMessage is a message of a request; answers have its content.
type bedrockMessage struct {
	Role    string         `json:"role"`
	Content []bedrockBlock `json:"content"`
}

// bedrockBlock is any block: the one field that is set says which.
type bedrockBlock struct {
	Text       *string            `json:"text,omitempty"`
	JSON       json.RawMessage    `json:"json,omitempty"` // in results of tools
	Image      *bedrockMedia      `json:"image,omitempty"`
	Document   *bedrockMedia      `json:"document,omitempty"`
	Video      *bedrockMedia      `json:"video,omitempty"`
	Audio      *bedrockMedia      `json:"audio,omitempty"`
	ToolUse    *bedrockCall       `json:"toolUse,omitempty"`
	ToolResult *bedrockToolResult `json:"toolResult,omitempty"`
	Reasoning  *bedrockReasoning  `json:"reasoningContent,omitempty"`
	CachePoint *bedrockCachePoint `json:"cachePoint,omitempty"`
}

type bedrockMedia struct {
	Format string        `json:"format,omitempty"`
	Name   string        `json:"name,omitempty"`
	Source bedrockSource `json:"source"`
}

type bedrockSource struct {
	Bytes string `json:"bytes,omitempty"`
	Text  string `json:"text,omitempty"`
	S3    *struct {
		URI string `json:"uri"`
	} `json:"s3Location,omitempty"`
}

type bedrockCall struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

type bedrockToolResult struct {
	ID      string         `json:"toolUseId"`
	Content []bedrockBlock `json:"content"`
	Status  string         `json:"status,omitempty"`
}

type bedrockReasoning struct {
	Text *struct {
		Text      string `json:"text"`
		Signature string `json:"signature,omitempty"`
	} `json:"reasoningText,omitempty"`
	Redacted string `json:"redactedContent,omitempty"`
}

type bedrockCachePoint struct {
	Type string `json:"type"`
	TTL  string `json:"ttl,omitempty"`
}

func readBedrockBlocks(blocks []bedrockBlock, at string) ([]Part, error) {
	var list []Part
	for i, b := range blocks {
		p, err := b.read(index(at, i))
		if err != nil {
			return nil, err
		}
		if t, ok := p.(Text); !ok || t.Text != "" {
			list = append(list, p)
		}
	}
	return list, nil
}

func (b bedrockBlock) read(at string) (Part, error) {
	switch {
	case b.Text != nil:
		return Text{*b.Text}, nil
	case isSet(b.JSON):
		return JSON{b.JSON}, nil
	case b.Image != nil:
		return b.Image.read("image"), nil
	case b.Document != nil:
		return b.Document.read(""), nil
	case b.Video != nil:
		return b.Video.read("video"), nil
	case b.Audio != nil:
		return b.Audio.read("audio"), nil
	case b.ToolUse != nil:
		return ToolCall{ID: b.ToolUse.ID, Name: b.ToolUse.Name, Arguments: objectOf(b.ToolUse.Input)}, nil
	case b.ToolResult != nil:
		content, err := readBedrockBlocks(b.ToolResult.Content, at+".toolResult.content")
		return ToolResult{ID: b.ToolResult.ID, Parts: content, Failed: b.ToolResult.Status == "error"}, err
	case b.Reasoning != nil && b.Reasoning.Text != nil:
		return Thought{Text: b.Reasoning.Text.Text, Signature: b.Reasoning.Text.Signature}, nil
	case b.Reasoning != nil:
		return Thought{Redacted: b.Reasoning.Redacted}, nil
	case b.CachePoint != nil:
		return CachePoint{TTL: b.CachePoint.TTL}, nil
	}
	return nil, untranslated(at, "a block of this type", "other providers")
}

func (m *bedrockMedia) read(family string) Part {
	out := Media{Type: typeOfFormat(family, m.Format), Data: m.Source.Bytes, Name: m.Name}
	switch {
	case m.Source.Text != "":
		out = plainDocument(m.Source.Text, m.Name)
	case m.Source.S3 != nil:
		out.URL = m.Source.S3.URI
	}
	return out
}

func writeBedrockBlocks(list []Part, at string) ([]bedrockBlock, error) {
	var out []bedrockBlock
	for _, p := range list {
		var b bedrockBlock
		switch p := p.(type) {
		case Text:
			b.Text = &p.Text
		case JSON:
			b.JSON = p.Value
		case Media:
			var err error
			if b, err = p.bedrock(at); err != nil {
				return nil, err
			}
		case ToolCall:
			b.ToolUse = &bedrockCall{p.ID, p.Name, p.Arguments}
		case ToolResult:
			content, err := writeBedrockBlocks(p.Parts, at)
			if err != nil {
				return nil, err
			}
			if content == nil {
				content = []bedrockBlock{{Text: new(string)}}
			}
			b.ToolResult = &bedrockToolResult{ID: p.ID, Content: content}
			if p.Failed {
				b.ToolResult.Status = "error"
			}
		case Thought:
			b.Reasoning = &bedrockReasoning{Redacted: p.Redacted}
			if p.Redacted == "" {
				b.Reasoning.Text = &struct {
					Text      string `json:"text"`
					Signature string `json:"signature,omitempty"`
				}{p.Text, p.Signature}
			}
		case CachePoint:
			b.CachePoint = &bedrockCachePoint{"default", p.TTL}
		}
		out = append(out, b)
	}
	return out, nil
}

func (m Media) bedrock(at string) (bedrockBlock, error) {
	source := bedrockSource{Bytes: m.Data}
	if strings.HasPrefix(m.URL, "s3:") {
		source.S3 = &struct {
			URI string `json:"uri"`
		}{m.URL}
	} else if m.URL != "" {
		return bedrockBlock{}, untranslated(at, "a file at "+quoted(m.URL), "bedrock")
	}
	if format := formatOfType(m.Type, "png", "jpeg", "gif", "webp"); format != "" {
		return bedrockBlock{Image: &bedrockMedia{Format: format, Source: source}}, nil
	}
	if format := formatOfType(m.Type, "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"); format != "" {
		name := m.Name
		if name == "" {
			name = "document"
		}
		return bedrockBlock{Document: &bedrockMedia{Format: format, Name: bedrockName(name), Source: source}}, nil
	}
	if format := formatOfType(m.Type, "mp4", "mov", "webm"); format != "" {
		return bedrockBlock{Video: &bedrockMedia{Format: format, Source: source}}, nil
	}
	if format := formatOfType(m.Type, "mp3", "wav"); format != "" {
		return bedrockBlock{Audio: &bedrockMedia{Format: format, Source: source}}, nil
	}
	return bedrockBlock{}, untranslated(at, "a file of type "+quoted(m.Type), "bedrock")
}

// bedrockName has only what Bedrock allows in the name of a document.
func bedrockName(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" -()[]", r) {
			return r
		}
		return '-'
	}, name)
}
