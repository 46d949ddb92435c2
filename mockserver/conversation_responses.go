package mockserver

import (
	"encoding/json"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// responseInput is what a request to OpenAI's Responses API asks the model. The gateway does not translate such
// requests, so this is only for inspection: what has no place in a conversation, such as the calls of OpenAI's own
// tools, is left out.
type responseInput struct {
	Instructions json.RawMessage // a text or items
	Input        json.RawMessage // a text or items
	Tools        []responseTool
}

type responseTool struct {
	Type, Name, Description string
	Parameters              json.RawMessage
	Tools                   []responseTool // of a namespace
}

type responseItem struct {
	Type, Role, Name string
	CallID           string `json:"call_id"`
	Arguments        string
	Input            string          // of a custom tool
	Content, Output  json.RawMessage // a text or parts
	Text, Refusal    string          // of a part
	ImageURL         string          `json:"image_url"`
	FileURL          string          `json:"file_url"`
	FileData         string          `json:"file_data"`
}

// readResponse sets the parts of the conversation that a request to the Responses API has in its body. It leaves them
// empty if the body can't be parsed.
func (c *Conversation) readResponse(body []byte) {
	var in responseInput
	if json.Unmarshal(body, &in) != nil {
		return
	}
	calls := map[string]string{} // the names of tools by the ids of their calls
	for _, item := range itemsOf(in.Instructions, "developer") {
		c.addItem(item, calls)
	}
	for _, item := range itemsOf(in.Input, "user") {
		c.addItem(item, calls)
	}
	c.addTools(in.Tools)
}

func (c *Conversation) addTools(tools []responseTool) {
	for _, t := range tools {
		switch t.Type {
		case "function", "custom":
			c.Tools = append(c.Tools, Tool{t.Name, t.Description, t.Parameters})
		case "namespace":
			c.addTools(t.Tools)
		}
	}
}

// addItem adds an item to the conversation. Calls and results that follow each other share a message, as in other
// formats.
func (c *Conversation) addItem(item responseItem, calls map[string]string) {
	switch item.Type {
	case "", "message":
		text, media := readParts(item.Content)
		switch item.Role {
		case "system", "developer":
			c.System = strings.TrimPrefix(c.System+"\n\n"+text, "\n\n")
		case string(dialect.User), string(dialect.Assistant):
			c.Messages = append(c.Messages, Message{Role: item.Role, Text: text, Media: media})
		}
	case "function_call", "custom_tool_call":
		calls[item.CallID] = item.Name
		m := c.turn(dialect.Assistant)
		m.ToolCalls = append(m.ToolCalls, ToolCall{item.Name, item.Arguments + item.Input})
	case "function_call_output", "custom_tool_call_output":
		text, media := readParts(item.Output)
		m := c.turn(dialect.User)
		m.ToolResults = append(m.ToolResults, ToolResult{ID: item.CallID, Name: calls[item.CallID], Text: text})
		m.Media = append(m.Media, media...)
	}
}

// turn returns the last message if it has the role, or else a new one.
func (c *Conversation) turn(role dialect.Role) *Message {
	if n := len(c.Messages); n == 0 || c.Messages[n-1].Role != string(role) {
		c.Messages = append(c.Messages, Message{Role: string(role)})
	}
	return &c.Messages[len(c.Messages)-1]
}

// itemsOf returns the items in a value. A text is one message with the role.
func itemsOf(value json.RawMessage, role string) (items []responseItem) {
	if json.Unmarshal(value, &items) == nil {
		return items
	}
	return []responseItem{{Role: role, Content: value}}
}

// readParts returns the texts of a message's content or a tool's output, as paragraphs, and its media.
func readParts(value json.RawMessage) (text string, media []Media) {
	if json.Unmarshal(value, &text) == nil {
		return text, nil
	}
	var parts []responseItem
	_ = json.Unmarshal(value, &parts)
	var texts []string
	for _, part := range parts {
		if said := part.Text + part.Refusal; said != "" {
			texts = append(texts, said)
		}
		if m, ok := dialect.MediaFromURL(part.ImageURL + part.FileURL + part.FileData); ok {
			media = append(media, Media{m.Type, m.URL, m.Data})
		}
	}
	return strings.Join(texts, "\n\n"), media
}
