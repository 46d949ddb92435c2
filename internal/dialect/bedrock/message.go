package bedrock

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"unicode"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// message is a message of a request; responses have the same content.
type message struct {
	Role    string  `json:"role"`
	Content []block `json:"content"`
}

// block is any block: the field that is set determines its kind.
type block struct {
	Text       *string         `json:"text,omitempty"`
	JSON       json.RawMessage `json:"json,omitempty"` // in tool results
	Image      *media          `json:"image,omitempty"`
	Document   *media          `json:"document,omitempty"`
	Video      *media          `json:"video,omitempty"`
	Audio      *media          `json:"audio,omitempty"`
	ToolUse    *call           `json:"toolUse,omitempty"`
	ToolResult *toolResult     `json:"toolResult,omitempty"`
	Reasoning  *reasoning      `json:"reasoningContent,omitempty"`
	CachePoint *cachePoint     `json:"cachePoint,omitempty"`
	Cited      *cited          `json:"citationsContent,omitempty"` // read only: it is written as text
}

// cited is text with its sources, which are left out.
type cited struct {
	Content []struct {
		Text string `json:"text"`
	} `json:"content"`
}

func (c *cited) text() string {
	var b strings.Builder
	for _, part := range c.Content {
		b.WriteString(part.Text)
	}
	return b.String()
}

type media struct {
	Format string `json:"format,omitempty"`
	Name   string `json:"name,omitempty"`
	Source source `json:"source"`
}

type source struct {
	Bytes string `json:"bytes,omitempty"`
	Text  string `json:"text,omitempty"`
	S3    *struct {
		URI string `json:"uri"`
	} `json:"s3Location,omitempty"`
}

type call struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

type toolResult struct {
	ID      string  `json:"toolUseId"`
	Content []block `json:"content"`
	Status  string  `json:"status,omitempty"`
}

type reasoning struct {
	Text *struct {
		Text      string `json:"text"`
		Signature string `json:"signature,omitempty"`
	} `json:"reasoningText,omitempty"`
	Redacted string `json:"redactedContent,omitempty"`
}

type cachePoint struct {
	Type string `json:"type"`
	TTL  string `json:"ttl,omitempty"`
}

func readBlocks(blocks []block, at string) ([]dialect.Part, error) {
	var list []dialect.Part
	for i, b := range blocks {
		p, err := b.read(wire.Index(at, i))
		if err != nil {
			return nil, err
		}
		if t, ok := p.(dialect.Text); !ok || t.Text != "" {
			list = append(list, dialect.At(p, wire.Index(at, i)))
		}
	}
	return list, nil
}

func (b block) read(at string) (dialect.Part, error) {
	switch {
	case b.Text != nil:
		return dialect.Text{Text: *b.Text}, nil
	case wire.IsSet(b.JSON):
		return dialect.JSON{Value: b.JSON}, nil
	case b.Image != nil:
		return b.Image.read("image"), nil
	case b.Document != nil:
		return b.Document.read(""), nil
	case b.Video != nil:
		return b.Video.read("video"), nil
	case b.Audio != nil:
		return b.Audio.read("audio"), nil
	case b.ToolUse != nil:
		return dialect.ToolCall{ID: b.ToolUse.ID, Name: b.ToolUse.Name, Arguments: wire.ObjectOf(b.ToolUse.Input)}, nil
	case b.ToolResult != nil:
		content, err := readBlocks(b.ToolResult.Content, at+".toolResult.content")
		return dialect.ToolResult{ID: b.ToolResult.ID, Parts: content, Failed: b.ToolResult.Status == "error"}, err
	case b.Reasoning != nil && b.Reasoning.Text != nil:
		return dialect.Thought{Text: b.Reasoning.Text.Text, Signature: dialect.ReadSignature(b.Reasoning.Text.Signature, dialect.Claude)}, nil
	case b.Reasoning != nil:
		return dialect.Thought{Redacted: b.Reasoning.Redacted}, nil
	case b.CachePoint != nil:
		return dialect.CachePoint{TTL: b.CachePoint.TTL}, nil
	case b.Cited != nil:
		return dialect.Text{Text: b.Cited.text()}, nil
	}
	return nil, dialect.Untranslated(at, "a block of this type", "other providers")
}

func (m *media) read(family string) dialect.Part {
	out := dialect.Media{Type: dialect.TypeOfFormat(family, m.Format), Data: m.Source.Bytes, Name: m.Name}
	switch {
	case m.Source.Text != "":
		out = dialect.PlainDocument(m.Source.Text, m.Name)
	case m.Source.S3 != nil:
		out.URL = m.Source.S3.URI
	}
	return out
}

// documentNames are the names of the documents in a request.
type documentNames map[string]bool

func (names documentNames) writeBlocks(list []dialect.Part) ([]block, error) {
	var out []block
	for _, p := range list {
		var b block
		switch p := p.(type) {
		case dialect.Text:
			b.Text = &p.Text
		case dialect.JSON:
			if text := string(p.Value); text[0] == '{' {
				b.JSON = p.Value
			} else { // "Provide a json object for the field and try again."
				b.Text = &text
			}
		case dialect.Media:
			var err error
			if b, err = names.writeMedia(p); err != nil {
				return nil, err
			}
		case dialect.ToolCall:
			b.ToolUse = &call{p.ID, p.Name, p.Arguments}
		case dialect.ToolResult:
			content, err := names.writeBlocks(p.Parts)
			if err != nil {
				return nil, err
			}
			if content == nil { // a blank text would be rejected
				content = []block{{JSON: json.RawMessage("{}")}}
			}
			b.ToolResult = &toolResult{ID: p.ID, Content: content}
			if p.Failed {
				b.ToolResult.Status = "error"
			}
		case dialect.Thought:
			b.Reasoning = &reasoning{Redacted: p.Redacted}
			if p.Redacted == "" {
				b.Reasoning.Text = &struct {
					Text      string `json:"text"`
					Signature string `json:"signature,omitempty"`
				}{p.Text, p.Signature.In(dialect.Claude)}
			}
		case dialect.CachePoint:
			b.CachePoint = &cachePoint{"default", p.TTL}
		}
		out = append(out, b)
	}
	return out, nil
}

// Both are from the API reference of Message.
const (
	mostDocuments = 5
	mostImages    = 20 // per message
)

// checkImages rejects messages with too many images.
func checkImages(list []dialect.Part) error {
	n := 0
	for _, p := range list {
		m, ok := p.(dialect.Media)
		if !ok || !m.IsImage() {
			continue
		}
		if n++; n > mostImages {
			return dialect.Wrong(m.At, "bedrock takes at most %d images in a message", mostImages)
		}
	}
	return nil
}

func (names documentNames) writeMedia(m dialect.Media) (block, error) {
	source := source{Bytes: m.Data}
	if strings.HasPrefix(m.URL, "s3:") {
		source.S3 = &struct {
			URI string `json:"uri"`
		}{m.URL}
	} else if m.URL != "" {
		return block{}, dialect.Untranslated(m.At, "a file at "+wire.Quoted(m.URL), "bedrock")
	}
	if format := dialect.FormatOfType(m.Type, "png", "jpeg", "gif", "webp"); format != "" {
		return block{Image: &media{Format: format, Source: source}}, nil
	}
	if format := dialect.FormatOfType(m.Type, "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"); format != "" {
		if len(names) == mostDocuments {
			return block{}, dialect.Wrong(m.At, "bedrock takes at most %d documents in a request", mostDocuments)
		}
		return block{Document: &media{Format: format, Name: names.give(m.Name), Source: source}}, nil
	}
	if format := dialect.FormatOfType(m.Type, "mp4", "mov", "webm"); format != "" {
		return block{Video: &media{Format: format, Source: source}}, nil
	}
	if format := dialect.FormatOfType(m.Type, "mp3", "wav"); format != "" {
		return block{Audio: &media{Format: format, Source: source}}, nil
	}
	return block{}, dialect.Untranslated(m.At, "a file of type "+wire.Quoted(m.Type), "bedrock")
}

// give returns a name for a document, unchanged as far as Bedrock allows: according to the API reference of
// DocumentBlock, at most 200 letters, digits, hyphens, parentheses, square brackets and single spaces, and unique in
// a request. The file extension is left out, because the format says it.
func (names documentNames) give(name string) string {
	const longest = 200
	if dialect.TypeByName(name) != "" {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-()[]", r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return '-'
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		name = "document"
	}
	given := strings.TrimSpace(name[:min(len(name), longest)])
	for n := 2; names[given]; n++ {
		tail := fmt.Sprintf(" (%d)", n)
		given = strings.TrimSpace(name[:min(len(name), longest-len(tail))]) + tail
	}
	names[given] = true
	return given
}
