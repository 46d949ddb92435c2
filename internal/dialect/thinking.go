package dialect

// Thinking is how much a model thinks before it responds. The zero value leaves it to the provider.
//
// OpenAI accepts an effort, Anthropic a budget in tokens (and an effort in addition), Google either. To convert one
// into the other, the budgets are those that Google documents for OpenAI's efforts, and twice the highest for an
// effort it doesn't list (assumption thinking-budgets).
type Thinking struct {
	Mode   ThinkingMode
	Budget int64  // in tokens; 0 means unset
	Effort Effort // "" means unset
	Show   *bool  // whether thoughts are part of the response; nil is the default
}

// ThinkingMode is whether a model thinks.
type ThinkingMode string

// The modes.
const (
	ThinkingOff      ThinkingMode = "off"
	ThinkingOn       ThinkingMode = "on"
	ThinkingAdaptive ThinkingMode = "adaptive" // as the model decides
)

// Effort is how hard a model tries.
type Effort string

// The efforts.
const (
	EffortMinimal Effort = "minimal"
	EffortLow     Effort = "low"
	EffortMedium  Effort = "medium"
	EffortHigh    Effort = "high"
	EffortXHigh   Effort = "xhigh"
	EffortMax     Effort = "max"
)

var budgets = []struct {
	effort Effort
	tokens int64
}{
	{EffortMinimal, 1024}, {EffortLow, 1024}, {EffortMedium, 8192}, {EffortHigh, 24_576}, {EffortXHigh, 49_152}, {EffortMax, 49_152},
}

// known reports whether e is a known effort, or unset.
func (e Effort) known() bool { return e == "" || e.budget() > 0 }

// budget returns the budget for an effort; 0 if unset.
func (e Effort) budget() int64 {
	for _, b := range budgets {
		if b.effort == e {
			return b.tokens
		}
	}
	return 0
}

// effortOf returns the effort whose budget covers the given number of tokens.
func effortOf(tokens int64) Effort {
	for _, b := range budgets[1:] {
		if tokens <= b.tokens {
			return b.effort
		}
	}
	return EffortXHigh
}

// AsEffort converts t to OpenAI's terms; "" if unset. Thinking that is off is included only if a client with efforts
// said so: models that can't think reject the field.
func (t Thinking) AsEffort() Effort {
	switch {
	case t.Effort == EffortMax:
		return EffortXHigh
	case t.Effort != "":
		return t.Effort
	case t.Mode == ThinkingOn && t.Budget > 0:
		return effortOf(t.Budget)
	}
	return ""
}

// Tokens returns the budget of t; 0 if unset.
func (t Thinking) Tokens() int64 {
	if t.Budget > 0 {
		return t.Budget
	}
	return t.Effort.budget()
}
