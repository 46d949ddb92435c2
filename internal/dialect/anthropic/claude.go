package anthropic

import (
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
	"github.com/lavapayments/lava-go/internal/dialect/wire"
)

// This file is about Claude itself, wherever it runs: Bedrock accepts these settings in the same shape.

// Thinking is the setting of how much Claude thinks.
type Thinking struct {
	Type    string `json:"type"`
	Budget  int64  `json:"budget_tokens,omitempty"`
	Display string `json:"display,omitempty"`
}

// Output is Claude's effort and output format.
type Output struct {
	Effort dialect.Effort `json:"effort,omitempty"`
	Format *schema        `json:"format,omitempty"`
}

// Read returns the client's settings; nil means none.
func (t *Thinking) Read() dialect.Thinking {
	if t == nil {
		return dialect.Thinking{}
	}
	var out dialect.Thinking
	switch t.Type {
	case "enabled":
		out = dialect.Thinking{Mode: dialect.ThinkingOn, Budget: t.Budget}
	case "adaptive":
		out.Mode = dialect.ThinkingAdaptive
	case "disabled":
		out.Mode = dialect.ThinkingOff
	}
	if t.Display != "" {
		show := t.Display != "omitted"
		out.Show = &show
	}
	return out
}

// WriteThinking returns the setting of a request that [FitClaude] has returned.
func WriteThinking(t dialect.Thinking) *Thinking {
	var out *Thinking
	switch t.Mode {
	case dialect.ThinkingOff:
		return &Thinking{Type: "disabled"}
	case dialect.ThinkingAdaptive:
		out = &Thinking{Type: "adaptive"}
	case dialect.ThinkingOn:
		out = &Thinking{Type: "enabled", Budget: t.Budget}
	default:
		return nil
	}
	if t.Show != nil && !*t.Show {
		out.Display = "omitted"
	} else if t.Show != nil {
		out.Display = "summarized"
	}
	return out
}

// ReadInto adds the client's settings to a request; nil means none. at is their field in the client's request.
func (o *Output) ReadInto(r *dialect.Request, at string) {
	if o == nil {
		return
	}
	r.Thinking.Effort = o.Effort
	if o.Format != nil {
		r.Output = &dialect.Output{Schema: wire.NonNull(o.Format.Schema), At: at + ".format.schema"}
	}
}

// FitClaude returns a request that its model accepts. It drops settings that exclude each other, and thinking that
// Claude would reject for reasons that clients of other formats can't know. A request to another model is unchanged.
//
// The sources are platform.claude.com/docs/en/build-with-claude/extended-thinking ("Feature compatibility", "Max
// tokens"), the same site's about-claude/models/migration-guide, and the server's messages: "`temperature` and
// `top_p` cannot both be specified for this model", "`temperature` may only be set to 1 when thinking is enabled or
// in adaptive mode", "`temperature` is deprecated for this model".
func FitClaude(r *dialect.Request) (*dialect.Request, error) {
	v := versionOf(r.Model)
	out := *r
	out.Messages = dialect.MoveMedia(r.Messages, mayBeResult)
	last := &r.Messages[len(r.Messages)-1]
	if last.Role == dialect.Assistant {
		if v.refusesPrefill() {
			return nil, dialect.Wrong(last.At, "the last message must be the user's: %s does not continue an assistant turn", r.Model)
		}
		out.Messages = trimEnd(out.Messages)
	}
	if len(out.Messages) == 0 {
		return nil, dialect.Wrong(last.At, "Claude can't continue from thoughts alone")
	}
	if dialect.RefusesForce(r.Model) && len(r.Tools) > 0 {
		out.AskForCall()
	}
	fitCachePoints(&out)
	fitHours(&out)
	fitThinking(&out, v)
	if t := out.Thinking.Mode; t == dialect.ThinkingOn || t == dialect.ThinkingAdaptive {
		const leastTopP = 0.95
		out.Temperature, out.TopK = nil, nil
		if out.TopP != nil && *out.TopP < leastTopP {
			out.TopP = nil
		}
	}
	if v.samplesOneWay() && out.Temperature != nil {
		out.TopP = nil
	}
	if v.refusesSampling() {
		out.Temperature, out.TopP, out.TopK = nil, nil, nil
	}
	if r.Output != nil && !v.writesSchemas() {
		return nil, dialect.Untranslated("response_format", "JSON with a schema", r.Model)
	}
	return &out, nil
}

// trimEnd removes thoughts and white space from the end of a message that Claude must continue: "The final block in
// an assistant message cannot be `thinking`", "final assistant content cannot end with trailing whitespace".
func trimEnd(messages []dialect.Message) []dialect.Message {
	out := slices.Clone(messages)
	m := &out[len(out)-1]
	m.Parts = slices.Clone(m.Parts)
	for len(m.Parts) > 0 {
		if _, ok := m.Parts[len(m.Parts)-1].(dialect.Thought); !ok {
			break
		}
		m.Parts = m.Parts[:len(m.Parts)-1]
	}
	if len(m.Parts) == 0 {
		return out[:len(out)-1]
	}
	if text, ok := m.Parts[len(m.Parts)-1].(dialect.Text); ok {
		text.Text = strings.TrimRight(text.Text, " \t\r\n")
		m.Parts[len(m.Parts)-1] = text
	}
	return out
}

// mayBeResult reports whether media may stay in a result: "all content must be type `text`
// if `is_error` is true" (github.com/vellum-ai/vellum-assistant/pull/18387).
func mayBeResult(result dialect.ToolResult, _ dialect.Media) bool { return !result.Failed }

// fitThinking sets the thinking that the model supports, if any, and a limit of tokens that includes the thoughts.
func fitThinking(r *dialect.Request, v version) {
	const least, usual = 1024, 8192
	t := &r.Thinking
	if t.Mode == dialect.ThinkingOn || t.Mode == dialect.ThinkingAdaptive {
		if !v.thinks() || !mayThink(r) {
			if t.Mode == dialect.ThinkingOn && t.Budget == 0 { // the effort was for thinking
				t.Effort = ""
			}
			t.Mode, t.Show = "", nil
		}
	} else if !v.thinks() {
		t.Mode, t.Show = "", nil
	}
	switch {
	case t.Mode == dialect.ThinkingAdaptive && !v.adapts():
		t.Mode, t.Budget = dialect.ThinkingOn, max(t.Tokens(), usual)
	case t.Mode == dialect.ThinkingOn && t.Budget == 0:
		t.Budget = t.Tokens()
		if !v.onlyAdapts() {
			t.Effort = ""
		}
	}
	if t.Mode == dialect.ThinkingOn {
		if r.MaxTokens == nil {
			r.MaxTokens = usualLimit(r)
			t.Budget = min(t.Budget, max(least, *r.MaxTokens-usualOutput))
		}
		if t.Budget = min(t.Budget, *r.MaxTokens-1); t.Budget < least && !v.onlyAdapts() {
			t.Mode = ""
		}
	}
	if t.Mode == dialect.ThinkingOn && v.onlyAdapts() {
		t.Mode, t.Effort = dialect.ThinkingAdaptive, t.AsEffort()
	}
	if t.Mode == dialect.ThinkingOff && alwaysThinks(r.Model) {
		t.Mode, t.Effort = "", dialect.EffortLow
	}
	t.Effort = v.effort(t.Effort)
	if v == 45 && !strings.Contains(r.Model, "opus") { // "This model does not support the effort parameter."
		t.Effort = ""
	}
}

// alwaysThinks reports whether a model's thinking can't be turned off: "thinking.type.disabled
// is not supported for this model".
func alwaysThinks(model string) bool {
	return dialect.ContainsOneOf(model, "claude-opus-5-5", "claude-fable", "claude-mythos")
}

// usualOutput is the output limit if nothing else is known.
const usualOutput = 4096

// usualLimit is the limit of tokens for clients that set none, if one is required: as with other providers, the
// model's own (assumption default-max-tokens).
func usualLimit(r *dialect.Request) *int64 {
	limit := r.MaxOutput
	if limit == 0 {
		limit = usualOutput
		if r.Thinking.Mode == dialect.ThinkingOn {
			limit += r.Thinking.Budget
		}
	}
	return &limit
}

// mayThink reports whether Claude may think before it responds: not if a tool call is forced, if its response has
// already begun, or in the middle of work whose thoughts were lost.
func mayThink(r *dialect.Request) bool {
	forced := len(r.Tools) > 0 && r.ToolChoice.Mode == dialect.Required
	return !forced && r.Messages[len(r.Messages)-1].Role != dialect.Assistant && keepsThoughts(r.Messages)
}

// keepsThoughts reports whether a conversation that continues after tool calls contains the signed thoughts that led
// to them. Formats such as OpenAI's lose them.
func keepsThoughts(messages []dialect.Message) bool {
	for _, message := range slices.Backward(messages) {
		calls, signed, results := false, false, false
		for _, p := range message.Parts {
			switch p := p.(type) {
			case dialect.ToolCall:
				calls = true
			case dialect.Thought:
				signed = signed || p.IsBy(dialect.Claude)
			case dialect.ToolResult:
				results = true
			}
		}
		if calls && !signed {
			return false
		}
		if message.Role == dialect.User && !results { // the turn began here
			return true
		}
	}
	return true
}

// ReadStop reads why Claude stopped.
func ReadStop(reason string) dialect.Stop {
	switch s := dialect.Stop(reason); s {
	case dialect.MaxTokens, dialect.StopSequence, dialect.ToolUse, dialect.Refusal, dialect.ContextWindow:
		return s
	default:
		return dialect.EndTurn
	}
}
