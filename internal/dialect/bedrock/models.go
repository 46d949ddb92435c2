package bedrock

import "github.com/lavapayments/lava-go/internal/dialect"

// What some models at Bedrock do not have, by what is in their ids: the user guide's table
// "Supported models and model features", and the reports next to each.
var (
	// "This model doesn't support system messages" (github.com/Mintplex-Labs/anything-llm/issues/2486)
	withoutSystem = []string{"amazon.titan-text", "mistral.mistral-7b", "mistral.mixtral-8x7b", "cohere.command-text", "cohere.command-light", "ai21.j2"}
	// "This model doesn't support tool use" (github.com/langchain-ai/langchain-aws/issues/447)
	withoutTools = append([]string{"deepseek.r1", "meta.llama2", "meta.llama3-8b", "meta.llama3-70b"}, withoutSystem...)
	// "This model doesn't support tool use in streaming mode" (github.com/obot-platform/obot/issues/6740)
	withoutToolStreams = []string{"meta.llama3-1", "meta.llama3-2", "meta.llama3-3", "meta.llama4"}
	// "This model doesn't support the stopSequences field" (github.com/crewAIInc/crewAI/issues/4046)
	withoutStops = []string{"openai.gpt-oss", "qwen.qwen3"}
	// "User messages cannot contain reasoning content", though it was the assistant's
	withoutThoughts = []string{"amazon.nova-micro-v1", "amazon.nova-lite-v1", "amazon.nova-pro-v1", "amazon.nova-premier-v1"}
)

// fitFeatures leaves out what is of no use to a model, and rejects what it needs to have.
func fitFeatures(r *dialect.Request) error {
	model := r.Model
	switch {
	case len(r.Stop) > 0 && dialect.ContainsOneOf(model, withoutStops...):
		return dialect.Untranslated("stop", "stop sequences for this model", "bedrock")
	case offersTools(r) && (dialect.ContainsOneOf(model, withoutTools...) || r.Stream && dialect.ContainsOneOf(model, withoutToolStreams...)):
		return dialect.Untranslated("tools", "tools for this model", "bedrock")
	}
	if len(r.System) > 0 && len(r.Messages) > 0 && dialect.ContainsOneOf(model, withoutSystem...) {
		first := r.Messages[0]
		first.Parts = append(append([]dialect.Part{}, r.System...), first.Parts...)
		r.Messages = append([]dialect.Message{first}, r.Messages[1:]...)
		r.System = nil
	}
	if dialect.ContainsOneOf(model, withoutThoughts...) {
		r.Messages = withoutThought(r.Messages)
	}
	return nil
}

// withoutThought returns messages without what was thought; a message that was that alone goes.
func withoutThought(list []dialect.Message) []dialect.Message {
	var out []dialect.Message
	for _, m := range list {
		var parts []dialect.Part
		for _, p := range m.Parts {
			if _, thought := p.(dialect.Thought); !thought {
				parts = append(parts, p)
			}
		}
		if m.Parts = parts; len(parts) > 0 {
			out = append(out, m)
		}
	}
	return out
}
