package dialect

import (
	"encoding/json"
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

// NoArguments is the schema of a tool that takes none.
var NoArguments = json.RawMessage(`{"type":"object","properties":{}}`)

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

// JoinTurns returns the messages with those of the same role joined, and results
// of tools before what else the user says.
func JoinTurns(messages []Message) []Message {
	var out []Message
	for _, m := range messages {
		if n := len(out); n > 0 && out[n-1].Role == m.Role {
			out[n-1].Parts = append(slices.Clip(out[n-1].Parts), m.Parts...)
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
			out[i].Parts = slices.Concat(results, rest)
		}
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
