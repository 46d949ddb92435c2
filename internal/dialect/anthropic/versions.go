package anthropic

import (
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// version is a version of Claude, times ten: 47 is Claude 4.7. What a model accepts depends on it.
type version int

const (
	notClaude version = -1
	newest    version = 1 << 30 // for a name without a version
)

// versionOf returns the version in a model's name, at Anthropic, Bedrock or elsewhere: claude-3-7-sonnet-latest,
// anthropic.claude-opus-4-20250514-v1:0.
func versionOf(model string) version {
	_, name, ok := strings.Cut(strings.ToLower(model), "claude")
	if !ok {
		return notClaude
	}
	parts := strings.FieldsFunc(name, func(c rune) bool { return strings.ContainsRune("-.:@", c) })
	for i, p := range parts {
		major, ok := shortNumber(strings.TrimPrefix(p, "v"))
		if !ok {
			continue
		}
		v := version(major) * 10
		if i+1 < len(parts) {
			if minor, ok := shortNumber(parts[i+1]); ok && minor < 10 {
				v += version(minor)
			}
		}
		return v
	}
	return newest
}

// shortNumber reads a number that isn't a date.
func shortNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && len(s) <= 2
}

// The versions since which models accept or reject something, from the sources of [FitClaude] and from
// build-with-claude/effort and build-with-claude/structured-outputs on the same site.

func (v version) since(first version) bool { return v >= first }

// thinks reports whether thinking can be turned on.
func (v version) thinks() bool { return v == notClaude || v.since(37) }

// adapts reports whether the model can decide how much it thinks.
func (v version) adapts() bool { return v == notClaude || v.since(46) }

// onlyAdapts reports whether the model rejects budgets.
func (v version) onlyAdapts() bool { return v.since(47) }

// refusesPrefill reports whether the model can't continue its own turn.
func (v version) refusesPrefill() bool { return v.since(46) }

// samplesOneWay reports whether the model rejects temperature together with top_p.
func (v version) samplesOneWay() bool { return v.since(41) }

// refusesSampling reports whether the model rejects temperature, top_p and top_k.
func (v version) refusesSampling() bool { return v.since(47) }

// takesInstructions reports whether a model accepts messages with the role "system", each after the user's turn:
// Claude Opus 4.8 and later, and the models above it, but not Sonnet 5
// (platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages,
// github.com/elgorro/aiquila/issues/413, github.com/UKGovernmentBEIS/inspect_ai/pull/4221).
func takesInstructions(model string) bool {
	if strings.Contains(model, "fable") || strings.Contains(model, "mythos-5") {
		return true
	}
	v := versionOf(model)
	return strings.Contains(model, "opus") && v.since(48) && v != newest
}

// writesSchemas reports whether the model's response can follow a schema.
func (v version) writesSchemas() bool { return v == notClaude || v.since(41) }

// effort returns the model's equivalent of an effort, or "".
func (v version) effort(e dialect.Effort) dialect.Effort {
	switch {
	case e == "" || v != notClaude && !v.since(45):
		return ""
	case e == dialect.EffortMinimal:
		return dialect.EffortLow
	case e == dialect.EffortXHigh && !v.since(47), e == dialect.EffortMax && v != notClaude && !v.since(46):
		return dialect.EffortHigh
	}
	return e
}
