package openai

import (
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// family describes the models whose names have a common prefix: how their accepted settings differ from those of
// models that don't reason.
type family struct {
	prefix  string
	efforts []dialect.Effort // values of reasoning_effort, lowest first; nil for none
	// fixed means that temperature, top_p and the penalties can't be set.
	fixed bool
	// noPenalties means that the penalties are rejected, with any value.
	noPenalties bool
	// pinned means that top_p and n are fixed too, and that temperature is 1 only while the model thinks.
	pinned bool
	// unnamed means that a call of any tool can be forced, but not of a certain one.
	unnamed bool
	// noStop means that stop sequences are rejected.
	noStop bool
	// oneCall means that parallel_tool_calls is rejected.
	oneCall bool
	// toolsOrThoughts means that functions are rejected unless reasoning is turned off.
	toolsOrThoughts bool
	// noSystem means that instructions are only accepted from the user.
	noSystem bool
	// makersOnly means that this applies only to the maker's own servers, not to resellers.
	makersOnly bool
}

var (
	lowToHigh     = []dialect.Effort{dialect.EffortLow, dialect.EffortMedium, dialect.EffortHigh}
	toXHigh       = append(slices.Clone(lowToHigh), dialect.EffortXHigh)
	minimalToHigh = append([]dialect.Effort{dialect.EffortMinimal}, lowToHigh...)
)

// families are searched for the first match. Unlisted models accept no effort: models that don't reason reject the
// field.
//
// Sources: OpenAI's guide to reasoning (developers.openai.com/api/docs/guides/reasoning) and the comments on Stop and
// ReasoningEffort in openai-go; the servers' messages are quoted in github.com/QwenLM/qwen-code/issues/921 and
// github.com/danny-avila/LibreChat/issues/10737. Grok's are from docs.x.ai/docs/guides/reasoning,
// github.com/BerriAI/litellm/issues/12635 ("Argument not supported on this model: stop") and
// github.com/n8n-io/n8n/issues/14581, and github.com/miaoxworld/NativeTavern/issues/83 has penalties of 0; Kimi's from
// platform.kimi.ai/docs/api/models-overview, github.com/NousResearch/hermes-agent/issues/9125 ("only 1 is allowed for
// this model") and github.com/UKGovernmentBEIS/inspect_ai/pull/5152 (K3 can be forced to call, but not by name). GPT-5.4 and later accept functions in chat completions only with the effort none:
// github.com/BerriAI/litellm/pull/34569, github.com/openai/openai-openapi/issues/541.
var families = []family{
	{prefix: "gpt-5-chat"},
	{prefix: "gpt-5-pro", efforts: []dialect.Effort{dialect.EffortHigh}, fixed: true, noStop: true},
	{prefix: "gpt-5.1", efforts: lowToHigh, fixed: true, noStop: true},
	{prefix: "gpt-5.2", efforts: toXHigh, fixed: true, noStop: true},
	{prefix: "gpt-5.3", efforts: toXHigh, fixed: true, noStop: true},
	{prefix: "gpt-5.", toolsOrThoughts: true, efforts: toXHigh, fixed: true, noStop: true},
	{prefix: "gpt-5", efforts: minimalToHigh, fixed: true, noStop: true},
	{prefix: "gpt-6", efforts: toXHigh, fixed: true, noStop: true},
	{prefix: "gpt-oss", efforts: lowToHigh},
	{prefix: "o1-mini", fixed: true, oneCall: true, noSystem: true},
	{prefix: "o1-preview", fixed: true, oneCall: true, noSystem: true},
	{prefix: "o1", efforts: lowToHigh, fixed: true, oneCall: true},
	{prefix: "o3", efforts: lowToHigh, fixed: true, noStop: true, oneCall: true},
	{prefix: "o4", efforts: lowToHigh, fixed: true, noStop: true, oneCall: true},
	{prefix: "gemini-2.5-pro", efforts: minimalToHigh},
	{prefix: "gemini-2.5", efforts: append([]dialect.Effort{"none"}, minimalToHigh...)},
	{prefix: "gemini-3", efforts: minimalToHigh},
	{prefix: "grok-3-mini", efforts: []dialect.Effort{dialect.EffortLow, dialect.EffortHigh}, noPenalties: true, noStop: true},
	{prefix: "grok-3", noPenalties: true},
	{prefix: "grok-4.20", noPenalties: true, noStop: true},
	{prefix: "grok-4.1", noPenalties: true, noStop: true},
	{prefix: "grok-4.", efforts: append([]dialect.Effort{"none"}, lowToHigh...), noPenalties: true, noStop: true},
	{prefix: "grok-4", noPenalties: true, noStop: true},
	{prefix: "grok-code", noPenalties: true, noStop: true},
	{prefix: "llama-3"},
	{prefix: "kimi-k2.", fixed: true, pinned: true, makersOnly: true},
	{prefix: "kimi-k3", fixed: true, pinned: true, unnamed: true, makersOnly: true},
}

// familyAt returns the family of a model at a provider, which may accept efforts of its own.
func familyAt(model string, traits dialect.Traits) family {
	f := familyOf(model)
	for _, own := range traits.Efforts {
		if strings.HasPrefix(model, own.Models) {
			f.prefix, f.efforts = own.Models, own.Efforts
			break
		}
	}
	return f
}

// familyOf returns the family of a model, whose name may include its maker: "openai/o3".
func familyOf(model string) family {
	name := strings.ToLower(model[strings.LastIndexByte(model, '/')+1:])
	if strings.Contains(name, "-chat") {
		return family{} // as in ChatGPT, without effort
	}
	for _, f := range families {
		if strings.HasPrefix(name, f.prefix) && (!f.makersOnly || name == strings.ToLower(model)) {
			f.noStop = f.noStop && !strings.Contains(name, "non-reasoning")
			return f
		}
	}
	return family{}
}

// order lists the efforts, lowest first.
var order = []dialect.Effort{"none", dialect.EffortMinimal, dialect.EffortLow, dialect.EffortMedium, dialect.EffortHigh, dialect.EffortXHigh, dialect.EffortMax}

// nearest returns the highest effort of the family that isn't above the requested one, or else the lowest.
func (f family) nearest(asked dialect.Effort) dialect.Effort {
	if asked == "" || len(f.efforts) == 0 {
		return ""
	}
	if slices.Contains(f.efforts, asked) {
		return asked
	}
	best := dialect.Effort("")
	for _, e := range f.efforts {
		if e == "none" { // less is not nothing
			continue
		}
		if best == "" || slices.Index(order, e) <= slices.Index(order, asked) {
			best = e
		}
	}
	return best
}

// apply removes from a request hints that the family rejects, and rejects other fields.
func (f family) apply(out *request) error {
	out.Effort = f.nearest(out.Effort)
	if f.toolsOrThoughts && len(out.Tools) > 0 && !strings.Contains(out.Model, "/") { // not at resellers
		out.Effort = "none"
	}
	if f.fixed {
		out.Temperature, out.TopP = nil, nil
	}
	if f.fixed || f.noPenalties {
		out.FrequencyPenalty, out.PresencePenalty = nil, nil
	}
	if f.pinned && out.N > 1 {
		return refused("n")
	}
	if f.noSystem { // "'messages[0].role' does not support 'system' with this model"
		for i := range out.Messages {
			if out.Messages[i].Role == "system" {
				out.Messages[i].Role = "user"
			}
		}
	}
	if f.oneCall {
		out.Parallel = nil
	}
	if f.noStop && len(out.Stop) > 0 {
		return f.refusesStop(out.Model)
	}
	return nil
}

func (family) refusesStop(model string) error {
	return dialect.Wrong("stop", "%s does not accept stop sequences", model)
}
