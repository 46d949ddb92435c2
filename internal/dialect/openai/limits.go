package openai

import "github.com/lavapayments/lava-go/internal/dialect"

// limits are OpenAI's own, which other servers of the format have adopted or exceed. The sources are the comments on
// FunctionDefinition.Name, Stop, Temperature and N in openai-go, and for ids the servers' message: "string too long.
// Expected a string with maximum length 40" (github.com/BerriAI/litellm/issues/17343).
var limits = dialect.Limits{Format: "openai", MaxCallID: 40, MaxToolName: 64, SystemAlone: true, Instructions: dialect.Anywhere, MaxStops: 4, MaxTemperature: 2, MaxChoices: 128}

// Limits returns the format's limits.
func (Format) Limits() dialect.Limits { return limits }

// limitsOf returns the limits of a server.
func limitsOf(traits dialect.Traits) dialect.Limits {
	l := limits
	if traits.CallIDLength > 0 {
		l.MaxCallID, l.ExactCallID = traits.CallIDLength, true
	}
	if traits.ResultsLast || traits.Alternates { // instructions may not be the last message or a turn, either
		l.Instructions = dialect.InNoTurn
	}
	if traits.MaxTemperature > 0 {
		l.MaxTemperature = traits.MaxTemperature
	}
	if traits.OneChoice {
		l.MaxChoices = 1
	}
	l.UserFirst = traits.Alternates // "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s)" (Perplexity)
	return l
}
