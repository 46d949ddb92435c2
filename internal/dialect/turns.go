package dialect

import (
	"slices"
	"strings"
)

// SystemText is the system prompt as one text.
func (r *Request) SystemText() string {
	var texts []string
	for _, p := range r.System {
		if t, ok := p.(Text); ok {
			texts = append(texts, t.Text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// AllowedTools returns the tools less those that the choice leaves out, for
// formats that can only choose one or all.
func (r *Request) AllowedTools() []Tool {
	if len(r.ToolChoice.Only) == 0 || len(r.ToolChoice.Only) == 1 && r.ToolChoice.Mode == Required {
		return r.Tools
	}
	var list []Tool
	for _, t := range r.Tools {
		if slices.Contains(r.ToolChoice.Only, t.Name) {
			list = append(list, t)
		}
	}
	return list
}

// JoinTurns returns the messages with those of the same role joined.
func JoinTurns(messages []Message) []Message {
	var out []Message
	for _, m := range messages {
		if n := len(out); n > 0 && out[n-1].Role == m.Role {
			out[n-1].Parts = append(slices.Clip(out[n-1].Parts), m.Parts...)
			continue
		}
		out = append(out, m)
	}
	return out
}

// TextOf joins the text of parts.
func TextOf(list []Part) string {
	var b strings.Builder
	for _, p := range list {
		switch p := p.(type) {
		case Text:
			b.WriteString(p.Text)
		case JSON:
			b.Write(p.Value)
		}
	}
	return b.String()
}
