package google

import (
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// generationOf returns the number in the name of a Gemini model: 2 for gemini-2.5-flash. A model without one, such as
// a tuned model, counts as the newest.
func generationOf(model string) int {
	const newest = 99
	_, rest, ok := strings.Cut(model, "gemini-")
	if !ok || rest == "" {
		return newest
	}
	if n, err := strconv.Atoi(rest[:1]); err == nil {
		return n
	}
	return newest
}

// thinks reports whether thinking can be turned on for a model: Gemini 2.5 and later, except those that paint, speak
// or listen.
func thinks(model string) bool {
	return !dialect.ContainsOneOf(model, "gemini-1", "gemini-2.0", "gemma", "-image", "-tts", "-live", "gemini-pro", "gemini-flash-1")
}

// writeThinking returns Google's setting: Gemini 2.5 accepts a budget in a range that depends on the model, later
// models a level. Thoughts are shown if there is thinking, as elsewhere. Source:
// ai.google.dev/gemini-api/docs/thinking.
func writeThinking(t dialect.Thinking, model string) *thinking {
	if !thinks(model) {
		return nil
	}
	var out thinking
	switch {
	case !strings.Contains(model, "gemini-"):
		out = writeEither(t)
	case generationOf(model) < 3:
		out.Budget = budgetFor(t, model)
	default:
		out.Level = levelFor(t, model)
	}
	show := t.Mode == dialect.ThinkingOn || t.Mode == dialect.ThinkingAdaptive
	switch {
	case out.Budget != nil && *out.Budget == 0: // "include_thoughts is only enabled when thinking is enabled"
	case t.Show != nil:
		out.Include = t.Show
	case show && (out.Budget != nil || out.Level != ""):
		out.Include = &show
	case out.Budget == nil && out.Level == "":
		return nil
	}
	return &out
}

// writeEither is for unknown models: the settings are passed on.
func writeEither(t dialect.Thinking) thinking {
	if t.Effort != "" && t.Budget == 0 && t.Mode != dialect.ThinkingAdaptive {
		return thinking{Level: level(t.Effort)}
	}
	return thinking{Budget: budget(t)}
}

// budget converts t to a budget; nil if unset.
func budget(t dialect.Thinking) *int64 {
	tokens := t.Tokens()
	switch t.Mode {
	case dialect.ThinkingOff:
		tokens = 0
	case dialect.ThinkingAdaptive:
		tokens = -1
	default:
		if tokens == 0 {
			return nil
		}
	}
	return &tokens
}

// budgetFor limits a budget to the range of a model.
func budgetFor(t dialect.Thinking, model string) *int64 {
	least, most := int64(1), int64(24_576)
	switch {
	case strings.Contains(model, "pro"):
		least, most = 128, 32_768
	case strings.Contains(model, "lite"):
		least = 512
	}
	tokens := budget(t)
	if tokens == nil || *tokens < 0 {
		return tokens
	}
	if *tokens > 0 || strings.Contains(model, "pro") { // these models can't turn off thinking
		*tokens = min(max(*tokens, least), most)
	}
	return tokens
}

// levelFor returns the level for a model that accepts no budget. The model's default is left unset.
func levelFor(t dialect.Thinking, model string) string {
	effort := t.AsEffort()
	if t.Mode == dialect.ThinkingOff {
		effort = dialect.EffortMinimal
	}
	if t.Mode == dialect.ThinkingAdaptive || effort == "" {
		return ""
	}
	if effort == dialect.EffortMinimal && strings.Contains(model, "pro") {
		effort = dialect.EffortLow
	}
	if effort == dialect.EffortMedium && strings.Contains(model, "gemini-3-pro") {
		effort = dialect.EffortHigh
	}
	return level(effort)
}

func level(e dialect.Effort) string {
	if e == dialect.EffortXHigh || e == dialect.EffortMax {
		e = dialect.EffortHigh
	}
	return strings.ToUpper(string(e))
}
