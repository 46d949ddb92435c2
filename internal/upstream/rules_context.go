package upstream

import (
	"fmt"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What does not fit into a model's window, according to the catalog's numbers and the fakes' token estimate.

var (
	chatContextRules = []rule{{"openai.context-window", func(c *call) *refusal {
		prompt, window, tooLong := c.overflow()
		if !tooLong {
			return nil
		}
		return openAIRefusal("messages", "context_length_exceeded",
			"This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. Please reduce the length of the messages.", window, prompt)
	}}}
	claudeContextRules = []rule{{"anthropic.context-window", func(c *call) *refusal {
		if c.withBeta("context-1m") {
			return nil
		}
		if prompt, window, tooLong := c.overflow(); tooLong {
			return refused(fmt.Sprintf("prompt is too long: %d tokens > %d maximum", prompt, window))
		}
		return nil
	}}}
	googleContextRules = []rule{{"google.context-window", func(c *call) *refusal {
		if prompt, window, tooLong := c.overflow(); tooLong {
			return refused(fmt.Sprintf("The input token count (%d) exceeds the maximum number of tokens allowed (%d).", prompt, window))
		}
		return nil
	}}}
	bedrockContextRules = []rule{{"bedrock.context-window", func(c *call) *refusal {
		if _, _, tooLong := c.overflow(); tooLong && claudeAtBedrock(c.Model) != "" {
			return refused("Input is too long for requested model.")
		}
		return nil
	}}}
)

// overflow reports whether the prompt exceeds the model's window, with both numbers.
func (c *call) overflow() (prompt, window int64, tooLong bool) {
	m, ok := c.provider.Model(c.Model)
	if !ok || m.Context == 0 {
		return 0, 0, false
	}
	window = m.Context
	if million := int64(1_000_000); window == million && c.provider.ID == "google" {
		window = 1 << 20 // which the catalog rounds for some models
	}
	if int64(len(c.body))/2 <= window { // it can't be more, so most requests need no count
		return 0, window, false
	}
	prompt = dialect.EstimateTokens(c.PromptCharacters())
	return prompt, window, prompt > window
}
