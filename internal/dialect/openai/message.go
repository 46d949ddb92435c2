package openai

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// message is a message of a request.
type message struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
	Refusal string          `json:"refusal,omitempty"`
	thoughts
	ToolCalls []toolCall `json:"tool_calls,omitempty"`
	CallID    string     `json:"tool_call_id,omitempty"`
	Prefix    bool       `json:"prefix,omitempty"` // the response continues this message

	Cache        *cache          `json:"cache_control,omitempty"` // after the whole message
	Audio        json.RawMessage `json:"audio,omitempty"`
	FunctionCall json.RawMessage `json:"function_call,omitempty"`
}

type part struct {
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	Refusal  string `json:"refusal,omitempty"`
	ImageURL *image `json:"image_url,omitempty"`
	Audio    *audio `json:"input_audio,omitempty"`
	File     *file  `json:"file,omitempty"`
	Cache    *cache `json:"cache_control,omitempty"`
}

// cache is an addition to the format by OpenRouter and LiteLLM, for models that must be told what to cache
// (openrouter.ai/docs/features/prompt-caching, docs.litellm.ai/docs/completion/prompt_caching).
type cache struct {
	Type string `json:"type"`
	TTL  string `json:"ttl,omitempty"`
}

// point returns the cache point, or nil.
func (c *cache) point() *dialect.CachePoint {
	if c == nil {
		return nil
	}
	return &dialect.CachePoint{TTL: c.TTL}
}

type image struct {
	URL    string `json:"url"`
	Detail string `json:"detail,omitempty"`
}

// imageDetails are those that the API knows. Without one it chooses itself.
var imageDetails = []string{"auto", "low", "high", "original"}

type audio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

type file struct {
	Data string `json:"file_data,omitempty"`
	ID   string `json:"file_id,omitempty"`
	Name string `json:"filename,omitempty"`
}

func (p *part) SetText(text string) { p.Type, p.Text = "text", text }

func (p *part) PlainText() (string, bool) { return p.Text, p.Type == "text" && p.Cache == nil }

type toolCall struct {
	Index    *int     `json:"index,omitempty"` // in streams
	ID       string   `json:"id,omitempty"`
	Type     string   `json:"type,omitempty"`
	Function function `json:"function"`
	Extra    *extra   `json:"extra_content,omitempty"`
}

type function struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// readInto adds a message to a request. Consecutive tool results become one message.
func (m message) readInto(r *dialect.Request, at string) error {
	list, err := m.read(at)
	if err != nil {
		return err
	}
	placeCalls(list, at+".tool_calls")
	switch m.Role {
	case "system", "developer":
		r.Instruct(list, at)
		return nil
	case "user":
		r.Messages = append(r.Messages, dialect.Message{Role: dialect.User, Parts: list, At: at})
		return nil
	case "assistant":
		r.Messages = append(r.Messages, dialect.Message{Role: dialect.Assistant, Parts: list, At: at})
		return nil
	case "tool":
		result := dialect.ToolResult{ID: m.CallID, Parts: list, At: at}
		if n := len(r.Messages); n > 0 && r.Messages[n-1].Role == dialect.User && onlyResults(r.Messages[n-1].Parts) {
			r.Messages[n-1].Parts = append(r.Messages[n-1].Parts, result)
			return nil
		}
		r.Messages = append(r.Messages, dialect.Message{Role: dialect.User, Parts: []dialect.Part{result}, At: at})
		return nil
	}
	return dialect.Wrong(at+".role", "%s is not one of system, developer, user, assistant and tool", wire.Quoted(m.Role))
}

// placeCalls records the fields of calls in the client's request.
func placeCalls(list []dialect.Part, at string) {
	n := 0
	for i, p := range list {
		if _, ok := p.(dialect.ToolCall); ok {
			list[i] = dialect.At(p, wire.Index(at, n))
			n++
		}
	}
}

func onlyResults(list []dialect.Part) bool {
	for _, p := range list {
		if _, ok := p.(dialect.ToolResult); !ok {
			return false
		}
	}
	return len(list) > 0
}

// read returns the content of a message.
func (m message) read(at string) ([]dialect.Part, error) {
	var list []dialect.Part
	if wire.IsSet(m.Audio) {
		return nil, dialect.Untranslated(at+".audio", "audio", "other providers")
	}
	if wire.IsSet(m.FunctionCall) {
		return nil, dialect.Untranslated(at+".function_call", "function_call", "other providers")
	}
	list = m.readThoughts(list)
	content, err := wire.ReadParts[part](m.Content, at+".content", "parts")
	if err != nil {
		return nil, err
	}
	for i, p := range content {
		part, err := p.read(at + "." + wire.Index("content", i))
		if err != nil {
			return nil, err
		}
		if t, ok := part.(dialect.Text); !ok || t.Text != "" {
			list = append(list, dialect.At(part, at+"."+wire.Index("content", i)))
		}
		if point := p.Cache.point(); point != nil {
			list = append(list, *point)
		}
	}
	if point := m.Cache.point(); point != nil {
		list = append(list, *point)
	}
	if m.Refusal != "" {
		list = append(list, dialect.Text{Text: m.Refusal})
	}
	list = m.geminiExtra().signed(list)
	for i, c := range m.ToolCalls {
		if c.Type != "function" && c.Type != "" {
			return nil, dialect.Untranslated(at+"."+wire.Index("tool_calls", i)+".type", "a call of type "+wire.Quoted(c.Type), "other providers")
		}
		list = m.readBefore(list, i)
		list = c.Extra.signed(list)
		list = append(list, dialect.ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: dialect.ArgumentsOf(c.Function.Arguments)})
	}
	return list, nil
}

func (p part) read(at string) (dialect.Part, error) {
	switch {
	case p.Type == "text":
		return dialect.Text{Text: p.Text}, nil
	case p.Type == "refusal":
		return dialect.Text{Text: p.Refusal}, nil
	case p.Type == "image_url" && p.ImageURL != nil:
		m, ok := dialect.MediaFromURL(p.ImageURL.URL)
		if !ok {
			return nil, dialect.Wrong(at+".image_url.url", "is neither a URL nor a data URL")
		}
		m.Detail, m.Image = p.ImageURL.Detail, m.Type == ""
		return m, nil
	case p.Type == "input_audio" && p.Audio != nil:
		return dialect.Media{Type: dialect.TypeOfFormat("audio", p.Audio.Format), Data: p.Audio.Data}, nil
	case p.Type == "file" && p.File != nil && p.File.ID != "":
		return nil, dialect.Untranslated(at+".file.file_id", "a file stored at OpenAI", "other providers")
	case p.Type == "file" && p.File != nil:
		m, ok := dialect.MediaFromURL(p.File.Data)
		if ok && m.URL != "" && !strings.Contains(m.URL, ":") { // "the base64 encoded file data", without its type
			m = dialect.Media{Type: dialect.TypeByName(p.File.Name), Data: p.File.Data}
			ok = m.Type != ""
		}
		if !ok || m.URL != "" {
			return nil, dialect.Wrong(at+".file.file_data", "must be a data URL, or data with a file name that shows its type")
		}
		m.Name = p.File.Name
		return m, nil
	}
	return nil, dialect.Untranslated(at+".type", "a part of type "+wire.Quoted(p.Type), "other providers")
}

// lastIsUsers is why a conversation that ends with the assistant's message can't be sent: "Last message must have role
// `user`" (github.com/BerriAI/litellm/issues/3918).
const lastIsUsers = "the last message must be the user's"

// writeConversation writes the instructions and the messages.
func writeConversation(r *dialect.Request, traits dialect.Traits) ([]message, error) {
	out, err := writeSystem(r, traits)
	if err != nil {
		return nil, err
	}
	messages := dialect.MoveMedia(r.Messages, noMedia) // results can only be text
	if traits.Alternates {
		messages = dialect.JoinTurns(messages)
		if last := len(messages) - 1; last >= 0 && messages[last].Role == dialect.Assistant {
			return nil, dialect.Wrong(messages[last].At, lastIsUsers)
		}
	}
	for _, m := range messages {
		list, err := writeMessages(m, traits)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	if traits.ResultsLast {
		out = joinResults(out)
	}
	if last := len(out) - 1; traits.MarksPrefix && last >= 0 {
		out[last].Prefix = out[last].Role == "assistant"
	}
	if traits.Thoughts == inDetails {
		keepOwn(out, r.Model)
	}
	if traits.NeedsThoughts {
		standIn(out)
	}
	if dialect.NeedsSignatures(r.Model) {
		signCalls(out, traits.Thoughts)
	}
	return out, nil
}

func noMedia(dialect.ToolResult, dialect.Media) bool { return false }

// writeSystem writes the instructions before the conversation, as one text if none of them is to be cached.
func writeSystem(r *dialect.Request, traits dialect.Traits) ([]message, error) {
	text := r.SystemText()
	switch {
	case text == "":
		return nil, nil
	case traits.CachePoints && dialect.HasCachePoint(r.System):
		return writeMessages(dialect.Message{Role: dialect.Instructor, Parts: r.System}, traits)
	}
	return []message{{Role: "system", Content: wire.Marshal(text)}}, nil
}

// writeMessages writes a message: tool results are separate messages, before the rest of its content.
func writeMessages(m dialect.Message, traits dialect.Traits) ([]message, error) {
	var list []message
	var content []part
	own := message{Role: string(m.Role)}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case dialect.ToolResult:
			list = append(list, message{Role: "tool", CallID: p.ID, Content: wire.Marshal(dialect.TextOf(p.Parts))})
		case dialect.Media:
			part, err := writeMedia(p)
			if err != nil {
				return nil, err
			}
			if traits.NoMedia && part.Type != "text" {
				return nil, dialect.Wrong(p.At, "the provider accepts only text")
			}
			content = append(content, part)
		case dialect.Text:
			content = append(content, part{Type: "text", Text: p.Text})
		case dialect.CachePoint:
			if n := len(content); traits.CachePoints && n > 0 && content[n-1].Type == "text" {
				content[n-1].Cache = &cache{Type: "ephemeral", TTL: p.TTL}
			}
		}
	}
	own.thoughts, own.ToolCalls = writeState(m.Parts, traits.Thoughts)
	switch {
	case len(content) > 0:
		if slices.Contains(traits.PlainRoles, own.Role) && !hasMedia(content) {
			content = []part{{Type: "text", Text: dialect.TextOf(m.Parts)}}
		}
		own.Content = wire.WriteParts(content)
	case len(own.ToolCalls) > 0:
		own.Content = json.RawMessage("null")
	case len(list) > 0, own.none() && (len(m.Parts) > 0 || m.Role == dialect.Assistant):
		// Nothing is left. Mistral rejects empty messages of the assistant.
		return list, nil
	default:
		own.Content = json.RawMessage(`""`)
	}
	return append(list, own), nil
}

// hasMedia reports whether not all parts are texts.
func hasMedia(list []part) bool {
	return slices.ContainsFunc(list, func(p part) bool { return p.Type != "text" })
}

// joinResults moves the user's text after tool results into the last of them. Mistral says "Unexpected role 'user'
// after role 'tool'" (github.com/langchain-ai/langchain/issues/25150); its results may have parts, including images
// (ToolMessage in docs.mistral.ai/api).
func joinResults(list []message) []message {
	out := list[:0]
	for _, m := range list {
		if n := len(out); n > 0 && m.Role == "user" && out[n-1].Role == "tool" {
			last := &out[n-1]
			last.Content = wire.WriteParts(append(written(last.Content), written(m.Content)...))
			continue
		}
		out = append(out, m)
	}
	return out
}

// written returns the parts of content that was written here.
func written(content json.RawMessage) []part {
	list, _ := wire.ReadParts[part](content, "", "")
	return slices.DeleteFunc(list, func(p part) bool { return p.Type == "text" && p.Text == "" })
}

func writeCall(c dialect.ToolCall) toolCall {
	return toolCall{ID: c.ID, Type: "function", Function: function{Name: c.Name, Arguments: wire.ArgumentText(c.Arguments)}}
}

// writeMedia writes an image, a recording or a file. The types are from the comments on the parts in openai-go and
// from the guides to images and files.
func writeMedia(m dialect.Media) (part, error) {
	var p part
	format := dialect.FormatOfType(m.Type, "png", "jpeg", "gif", "webp")
	switch {
	case strings.HasPrefix(m.URL, "s3:") || strings.HasPrefix(m.URL, "gs:"):
		return p, dialect.Untranslated(m.At, "a file in a cloud's storage", "openai")
	case m.URL != "" && !strings.HasPrefix(strings.ToLower(m.URL), "http"):
		return p, dialect.Untranslated(m.At, "a file at "+wire.Quoted(m.URL), "openai")
	case m.IsImage() && (format != "" || m.URL != ""):
		p.Type = "image_url"
		p.ImageURL = &image{URL: m.DataURL()}
		if slices.Contains(imageDetails, m.Detail) {
			p.ImageURL.Detail = m.Detail
		}
		return p, nil
	case m.IsAudio() && m.URL == "":
		if format = dialect.FormatOfType(m.Type, "wav", "mp3"); format != "" {
			p.Type = "input_audio"
			p.Audio = &audio{m.Data, format}
			return p, nil
		}
	case m.URL != "":
		return p, dialect.Untranslated(m.At, "a document by its URL, or a video,", "openai")
	case m.Type == "application/pdf":
		p.Type = "file"
		p.File = &file{Data: m.DataURL(), Name: m.FileName()}
		return p, nil
	case strings.HasPrefix(m.Type, "text/"): // PDF is the only accepted type of file
		if text, ok := m.Content(); ok {
			p.SetText(text)
			return p, nil
		}
	}
	return p, dialect.Untranslated(m.At, "a file of type "+wire.Quoted(m.Type), "openai")
}
