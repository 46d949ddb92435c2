package anthropic

import (
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What is here is Claude's own, wherever it runs: Bedrock takes these settings in
// the same shape.

// Thinking is the setting of how much Claude thinks.
type Thinking struct {
	Type    string `json:"type"`
	Budget  int64  `json:"budget_tokens,omitempty"`
	Display string `json:"display,omitempty"`
}

// Output is the setting of how hard Claude tries, and of what it writes.
type Output struct {
	Effort dialect.Effort `json:"effort,omitempty"`
	Format *schema        `json:"format,omitempty"`
}

// Read returns what a client has set; nil is nothing.
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

// WriteThinking returns the settings of a request's thinking, and sets the limit of
// tokens, which holds the thoughts too. The effort is set only where it stands
// beside the thinking, as it does at Anthropic, and not for it, as at OpenAI.
func WriteThinking(r *dialect.Request, limit **int64) (*Thinking, dialect.Effort) {
	effort := r.Thinking.Effort
	if r.Thinking.Mode == dialect.ThinkingOn && r.Thinking.Budget == 0 {
		effort = ""
	}
	return writeThinking(allowedThinking(r), limit), effort
}

func writeThinking(t dialect.Thinking, limit **int64) *Thinking {
	const least = 1024
	tokens := int64(0)
	if t.Mode == dialect.ThinkingOn {
		tokens = t.Tokens()
	}
	if *limit == nil {
		n := defaultMaxTokens + tokens
		*limit = &n
	}
	var out *Thinking
	switch {
	case t.Mode == dialect.ThinkingOff:
		return &Thinking{Type: "disabled"}
	case t.Mode == dialect.ThinkingAdaptive:
		out = &Thinking{Type: "adaptive"}
	case tokens > 0 && min(tokens, **limit-1) >= least:
		out = &Thinking{Type: "enabled", Budget: min(tokens, **limit-1)}
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

// allowedThinking is what a request asks for, less what Claude would refuse and
// clients of other formats can't know: it does not think where a tool must be
// called, nor in the middle of work whose thoughts were lost.
func allowedThinking(r *dialect.Request) dialect.Thinking {
	forced := r.Thinking.Budget == 0 && len(r.Tools) > 0 && r.ToolChoice.Mode == dialect.Required
	if forced || !keepsThoughts(r.Messages) {
		return dialect.Thinking{}
	}
	return r.Thinking
}

// keepsThoughts reports whether a conversation that goes on after tool calls holds
// the signed thoughts that led to them. Formats such as OpenAI's lose them.
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
