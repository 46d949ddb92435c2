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

// AllowedTools returns the tools less those that the choice leaves out, for
// formats that can only choose one or all.
func (r *Request) AllowedTools() []Tool {
	if len(r.ToolChoice.Only) == 0 || len(r.ToolChoice.Only) == 1 && r.ToolChoice.Mode == Required {
		return r.Tools
	}
	return r.ChosenTools()
}

// ChosenTools are the tools that the choice names.
func (r *Request) ChosenTools() []Tool {
	return slices.DeleteFunc(slices.Clone(r.Tools), func(t Tool) bool { return !slices.Contains(r.ToolChoice.Only, t.Name) })
}

// AskForCall replaces a forced tool call by a request in the prompt, for models that can't be forced. Only the chosen
// tools are offered (assumption forced-tools).
func (r *Request) AskForCall() {
	if r.ToolChoice.Mode != Required || len(r.Tools) == 0 {
		return
	}
	if len(r.ToolChoice.Only) > 0 {
		r.Tools = r.ChosenTools()
	}
	r.ToolChoice = ToolChoice{Mode: Auto, Single: r.ToolChoice.Single}
	var names []string
	for _, t := range r.Tools {
		names = append(names, t.Name)
	}
	r.System = append(slices.Clip(r.System), Text{Text: CallPrompt(names)})
}

// CallPrompt asks for a call of one of the tools that are offered.
func CallPrompt(tools []string) string {
	if len(tools) == 1 {
		return "Respond with a call of the tool " + tools[0] + "."
	}
	return "Respond with a call of one of the tools that are offered."
}

// RefusesForce reports whether a model rejects forced tool calls
// (platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5, "Forced tool use is not supported": Claude Opus
// 5.5 and Fable 5.1, also at resellers; "Thinking mode does not support this tool_choice": models that think by default
// at DeepSeek itself; "tool_choice 'required' is incompatible with thinking enabled": Kimi before K3 at Moonshot itself).
func RefusesForce(model string) bool {
	model = strings.ReplaceAll(strings.ToLower(model), ".", "-")
	return ContainsOneOf(model, "opus-5-5", "fable-5-1", "mythos-5-1") ||
		BeginsWithOneOf(model, "deepseek-v4", "deepseek-reasoner", "kimi-k2-5", "kimi-k2-6", "kimi-k2-7", "kimi-k2-thinking")
}

// AskForJSON asks in the prompt for JSON that follows a schema, for servers that write JSON but don't support schemas
// (assumption told-schemas).
func (r *Request) AskForJSON() {
	if r.Output == nil {
		return
	}
	r.System = append(slices.Clip(r.System), Text{Text: JSONPrompt(r.Output.Schema)})
	r.Output = &Output{}
}

// JSONPrompt asks for JSON that follows a schema, or for any if there is none.
func JSONPrompt(schema json.RawMessage) string {
	if schema == nil {
		return "Respond with JSON."
	}
	return "Respond with JSON that follows this JSON Schema:\n" + string(schema)
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
