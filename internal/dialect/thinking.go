package dialect

// Thinking is how much a model thinks before it responds. The zero value leaves
// it to the provider.
//
// OpenAI takes an effort, Anthropic a budget in tokens (and an effort beside
// it), Google either. Where one has to become the other, the budgets are those
// that Google documents for OpenAI's efforts, and twice the greatest for what
// it has no word for (assumption thinking-budgets).
type Thinking struct {
	Mode   ThinkingMode
	Budget int64  // in tokens; 0 means none is given
	Effort Effort // "" means none is given
	Show   *bool  // whether thoughts are part of the response; nil is as usual
}

// ThinkingMode is whether a model thinks.
type ThinkingMode string

// The modes.
const (
	ThinkingOff      ThinkingMode = "off"
	ThinkingOn       ThinkingMode = "on"
	ThinkingAdaptive ThinkingMode = "adaptive" // as the model sees fit
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

// known reports whether e is an effort, or none is given.
func (e Effort) known() bool { return e == "" || e.budget() > 0 }

// budget is what an effort may cost; 0 if there is none.
func (e Effort) budget() int64 {
	for _, b := range budgets {
		if b.effort == e {
			return b.tokens
		}
	}
	return 0
}

// effortOf is the effort whose budget covers so many tokens.
func effortOf(tokens int64) Effort {
	for _, b := range budgets[1:] {
		if tokens <= b.tokens {
			return b.effort
		}
	}
	return EffortXHigh
}

// AsEffort is what t is in OpenAI's terms; "" if nothing is said. That thinking is
// off is said only where a client of an effort said it: models that can't think
// refuse the word.
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

// Tokens is the budget of t; 0 if nothing is said.
func (t Thinking) Tokens() int64 {
	if t.Budget > 0 {
		return t.Budget
	}
	return t.Effort.budget()
}
