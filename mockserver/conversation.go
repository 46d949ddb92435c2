package mockserver

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// Conversation is the input of a model, independent of the provider's format.
// The body of a [ProviderCall] has the rest.
type Conversation struct {
	Model    string
	Stream   bool
	System   string // the instructions, as paragraphs
	Messages []Message
	Tools    []Tool // that the model may call
}

// Message is one turn of a conversation.
type Message struct {
	Role        string // "user" or "assistant"; tool results have the role "user"
	Text        string
	ToolCalls   []ToolCall   // by the assistant
	ToolResults []ToolResult // of earlier calls
	Media       []Media
}

// ToolResult is what a called tool returned.
type ToolResult struct {
	ID     string // of the call
	Name   string // of the tool; empty if the format does not have it
	Text   string // the result; data as JSON
	Failed bool
}

// Media is an image, a document or a recording in a message.
type Media struct {
	Type string // such as "image/png"; empty if it is not known
	URL  string // empty if the data was sent
	Data string // in base64
}

// text returns the text of a text document, and "" for other media.
func (m Media) text() string {
	if !strings.HasPrefix(m.Type, "text/") {
		return ""
	}
	text, _ := base64.StdEncoding.DecodeString(m.Data) // as far as it is valid
	return string(text)
}

// Tool is a function that a model is offered.
type Tool struct {
	Name        string
	Description string
	Schema      json.RawMessage // JSON Schema of the arguments
}

// LastUserText returns the text of the last user message that has text.
func (c Conversation) LastUserText() string {
	for _, v := range slices.Backward(c.Messages) {
		if m := v; m.Role == string(dialect.User) && m.Text != "" {
			return m.Text
		}
	}
	return ""
}

// ToolNames returns the names of the tools that are offered to the model, in order.
func (c Conversation) ToolNames() []string {
	names := make([]string, len(c.Tools))
	for i, t := range c.Tools {
		names[i] = t.Name
	}
	return names
}

// conversationOf reads the conversation in a request to a provider. If the body can't be parsed, at most the model is
// set.
func conversationOf(method string, u *url.URL, body []byte) Conversation {
	endpoint := formats.Find(method, u)
	facts, _ := endpoint.ReadFacts("application/json", body)
	c := Conversation{Model: facts.Model, Stream: facts.Stream}
	if endpoint.Operation == dialect.Responses {
		c.readResponse(body)
		return c
	}
	chat, ok := endpoint.Format.(dialect.Chat)
	if !ok || !endpoint.Converses {
		return c
	}
	req, err := chat.ReadRequest(body)
	if err != nil {
		return c
	}
	c.System = textOf(req.System)
	for _, m := range req.Messages {
		c.Messages = append(c.Messages, messageOf(m))
	}
	for _, t := range req.Tools {
		c.Tools = append(c.Tools, Tool{t.Name, t.Description, t.Schema})
	}
	return c
}

// maskConversation masks secrets in all texts of a conversation, which the caller must not share. They are masked
// after decoding, because escapes would hide a secret.
func (s *Server) maskConversation(c Conversation) Conversation {
	mask := func(texts ...*string) {
		for _, text := range texts {
			*text = s.maskText(*text)
		}
	}
	mask(&c.Model, &c.System)
	for i := range c.Messages {
		m := &c.Messages[i]
		mask(&m.Role, &m.Text)
		for j := range m.ToolCalls {
			mask(&m.ToolCalls[j].Name, &m.ToolCalls[j].Arguments)
		}
		for j := range m.ToolResults {
			mask(&m.ToolResults[j].ID, &m.ToolResults[j].Name, &m.ToolResults[j].Text)
		}
		for j := range m.Media {
			if text := m.Media[j].text(); s.maskText(text) != text {
				m.Media[j].Data = base64.StdEncoding.EncodeToString([]byte(s.maskText(text)))
			}
			mask(&m.Media[j].Type, &m.Media[j].Data)
			m.Media[j].URL = s.maskURL(m.Media[j].URL)
		}
	}
	for i := range c.Tools {
		mask(&c.Tools[i].Name, &c.Tools[i].Description)
		c.Tools[i].Schema = s.maskBody(nil, c.Tools[i].Schema)
	}
	return c
}

func messageOf(m dialect.Message) Message {
	out := Message{Role: string(m.Role), Text: textOf(m.Parts)}
	for _, part := range m.Parts {
		switch p := part.(type) {
		case dialect.ToolCall:
			out.ToolCalls = append(out.ToolCalls, ToolCall{Name: p.Name, Arguments: string(p.Arguments)})
		case dialect.ToolResult:
			out.ToolResults = append(out.ToolResults, ToolResult{p.ID, p.Name, textOf(p.Parts), p.Failed})
		case dialect.Media:
			out.Media = append(out.Media, Media{p.Type, p.URL, p.Data})
		}
	}
	return out
}

// textOf joins the texts of parts as paragraphs. Data counts as text too.
func textOf(parts []dialect.Part) string {
	var texts []string
	for _, part := range parts {
		switch p := part.(type) {
		case dialect.Text:
			texts = append(texts, p.Text)
		case dialect.JSON:
			texts = append(texts, string(p.Value))
		}
	}
	return strings.Join(texts, "\n\n")
}
