package translate

import (
	"encoding/json"
	"strings"
)

// openAIMessage is a message of a request, or the one in an answer.
type openAIMessage struct {
	Role      string           `json:"role"`
	Content   json.RawMessage  `json:"content"`
	Refusal   string           `json:"refusal,omitempty"`
	Reasoning string           `json:"reasoning_content,omitempty"` // not OpenAI's own, but usual
	ToolCalls []openAIToolCall `json:"tool_calls,omitempty"`
	CallID    string           `json:"tool_call_id,omitempty"`

	Audio        json.RawMessage `json:"audio,omitempty"`
	FunctionCall json.RawMessage `json:"function_call,omitempty"`
}

type openAIPart struct {
	Type     string       `json:"type"`
	Text     string       `json:"text,omitempty"`
	Refusal  string       `json:"refusal,omitempty"`
	ImageURL *openAIImage `json:"image_url,omitempty"`
	Audio    *openAIAudio `json:"input_audio,omitempty"`
	File     *openAIFile  `json:"file,omitempty"`
}

type openAIImage struct {
	URL    string `json:"url"`
	Detail string `json:"detail,omitempty"`
}

type openAIAudio struct {
	Data   string `json:"data"`
	Format string `json:"format"`
}

type openAIFile struct {
	Data string `json:"file_data,omitempty"`
	ID   string `json:"file_id,omitempty"`
	Name string `json:"filename,omitempty"`
}

func (p *openAIPart) setText(text string) { p.Type, p.Text = "text", text }

func (p *openAIPart) plainText() (string, bool) { return p.Text, p.Type == "text" }

type openAIToolCall struct {
	Index    *int           `json:"index,omitempty"` // in streams
	ID       string         `json:"id,omitempty"`
	Type     string         `json:"type,omitempty"`
	Function openAIFunction `json:"function"`
	Extra    *openAIExtra   `json:"extra_content,omitempty"`
}

type openAIFunction struct {
	Name      string `json:"name,omitempty"`
	Arguments string `json:"arguments"`
}

// openAIExtra is where Google puts the signature of a thought when it speaks
// OpenAI's format.
type openAIExtra struct {
	Google struct {
		Signature string `json:"thought_signature"`
	} `json:"google"`
}

// readInto adds a message to a request. Instructions go to the beginning
// wherever they stand, and results of tools that follow each other make one
// message.
func (m openAIMessage) readInto(r *Request, at string) error {
	list, err := m.read(at)
	if err != nil {
		return err
	}
	switch m.Role {
	case "system", "developer":
		r.System = append(r.System, list...)
		return nil
	case "user":
		r.Messages = append(r.Messages, Message{Role: User, Parts: list, At: at})
		return nil
	case "assistant":
		r.Messages = append(r.Messages, Message{Role: Assistant, Parts: list, At: at})
		return nil
	case "tool":
		result := ToolResult{ID: m.CallID, Parts: list}
		if n := len(r.Messages); n > 0 && r.Messages[n-1].Role == User && onlyResults(r.Messages[n-1].Parts) {
			r.Messages[n-1].Parts = append(r.Messages[n-1].Parts, result)
			return nil
		}
		r.Messages = append(r.Messages, Message{Role: User, Parts: []Part{result}, At: at})
		return nil
	}
	return wrong(at+".role", "%s is not one of system, developer, user, assistant and tool", quoted(m.Role))
}

func onlyResults(list []Part) bool {
	for _, p := range list {
		if _, ok := p.(ToolResult); !ok {
			return false
		}
	}
	return len(list) > 0
}

// read returns what a message says, of a request or an answer.
func (m openAIMessage) read(at string) ([]Part, error) {
	var list []Part
	if isSet(m.Audio) {
		return nil, untranslated(at+".audio", "audio", "other providers")
	}
	if isSet(m.FunctionCall) {
		return nil, untranslated(at+".function_call", "function_call", "other providers")
	}
	if m.Reasoning != "" {
		list = append(list, Thought{Text: m.Reasoning})
	}
	content, err := readParts[openAIPart](m.Content)
	if err != nil {
		return nil, wrong(at+".content", "must be a string or a list of parts")
	}
	for i, p := range content {
		part, err := p.read(at + "." + index("content", i))
		if err != nil {
			return nil, err
		}
		if t, ok := part.(Text); !ok || t.Text != "" {
			list = append(list, part)
		}
	}
	if m.Refusal != "" {
		list = append(list, Text{m.Refusal})
	}
	for i, c := range m.ToolCalls {
		if c.Type != "function" && c.Type != "" {
			return nil, untranslated(at+"."+index("tool_calls", i)+".type", "a call of type "+quoted(c.Type), "other providers")
		}
		call := ToolCall{ID: c.ID, Name: c.Function.Name, Arguments: argumentsOf(c.Function.Arguments)}
		if c.Extra != nil {
			call.Signature = c.Extra.Google.Signature
		}
		list = append(list, call)
	}
	return list, nil
}

func (p openAIPart) read(at string) (Part, error) {
	switch {
	case p.Type == "text":
		return Text{p.Text}, nil
	case p.Type == "refusal":
		return Text{p.Refusal}, nil
	case p.Type == "image_url" && p.ImageURL != nil:
		m, ok := mediaFromURL(p.ImageURL.URL)
		if !ok {
			return nil, wrong(at+".image_url.url", "is neither a URL nor a data URL")
		}
		m.Detail, m.Image = p.ImageURL.Detail, m.Type == ""
		return m, nil
	case p.Type == "input_audio" && p.Audio != nil:
		return Media{Type: typeOfFormat("audio", p.Audio.Format), Data: p.Audio.Data}, nil
	case p.Type == "file" && p.File != nil && p.File.ID != "":
		return nil, untranslated(at+".file.file_id", "a file stored at OpenAI", "other providers")
	case p.Type == "file" && p.File != nil:
		m, ok := mediaFromURL(p.File.Data)
		if !ok || m.URL != "" {
			return nil, wrong(at+".file.file_data", "is not a data URL")
		}
		m.Name = p.File.Name
		return m, nil
	}
	return nil, untranslated(at+".type", "a part of type "+quoted(p.Type), "other providers")
}

// writeOpenAIMessages writes a message: results of tools are messages of their
// own, before what else it says.
func writeOpenAIMessages(m Message) ([]openAIMessage, error) {
	var list []openAIMessage
	var content []openAIPart
	own := openAIMessage{Role: string(m.Role)}
	for _, p := range m.Parts {
		switch p := p.(type) {
		case ToolResult:
			for _, part := range p.Parts {
				if _, ok := part.(Media); ok {
					return nil, untranslated(m.At, "an image or document in the result of a tool", "openai")
				}
			}
			list = append(list, openAIMessage{Role: "tool", CallID: p.ID, Content: marshal(textOf(p.Parts))})
		case ToolCall:
			own.ToolCalls = append(own.ToolCalls, writeOpenAICall(p))
		case Media:
			part, err := writeOpenAIMedia(p, m.At)
			if err != nil {
				return nil, err
			}
			content = append(content, part)
		case Text:
			content = append(content, openAIPart{Type: "text", Text: p.Text})
		case Thought: // OpenAI's own models take none back
		}
	}
	switch {
	case len(content) > 0:
		own.Content = writeParts(content)
	case len(own.ToolCalls) > 0:
		own.Content = json.RawMessage("null")
	case len(list) > 0:
		return list, nil
	default:
		own.Content = json.RawMessage(`""`)
	}
	return append(list, own), nil
}

func writeOpenAICall(c ToolCall) openAIToolCall {
	call := openAIToolCall{ID: c.ID, Type: "function", Function: openAIFunction{Name: c.Name, Arguments: argumentText(c.Arguments)}}
	if c.Signature != "" {
		call.Extra = &openAIExtra{}
		call.Extra.Google.Signature = c.Signature
	}
	return call
}

func writeOpenAIMedia(m Media, at string) (openAIPart, error) {
	var p openAIPart
	switch {
	case strings.HasPrefix(m.URL, "s3:") || strings.HasPrefix(m.URL, "gs:"):
		return p, untranslated(at, "a file in a cloud's storage", "openai")
	case m.isImage():
		p.Type = "image_url"
		p.ImageURL = &openAIImage{m.dataURL(), m.Detail}
	case m.isAudio() && m.URL == "":
		format := formatOfType(m.Type, "wav", "mp3")
		if format == "" {
			_, format, _ = strings.Cut(m.Type, "/")
		}
		p.Type = "input_audio"
		p.Audio = &openAIAudio{m.Data, format}
	case m.URL == "" && !strings.HasPrefix(m.Type, "video/"):
		p.Type = "file"
		p.File = &openAIFile{Data: m.dataURL(), Name: m.Name}
	default:
		return p, untranslated(at, "a document by its URL, or a film,", "openai")
	}
	return p, nil
}
