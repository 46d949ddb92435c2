package upstream

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What some of OpenAI's models can't do and others can.

// modelRules are checked first.
var modelRules = []rule{{"openai.model", func(c *call) *refusal {
	if c.Model != "" {
		return nil
	}
	return openAIRefusal("", "", "you must provide a model parameter")
}}}

var chatAbleRules = []rule{
	{"openai.chat-model", func(c *call) *refusal {
		switch c.modelIsFor() {
		case "", dialect.ChatCompletions:
			return nil
		case dialect.Responses:
			return wrongEndpoint("This model is only supported in v1/responses and not in v1/chat/completions.")
		}
		return wrongEndpoint("This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?")
	}},
	{"openai.search-model", func(c *call) *refusal {
		if !strings.Contains(c.Model, "-search-preview") {
			return nil
		}
		var refused []string
		for _, name := range [...]string{"frequency_penalty", "presence_penalty", "temperature", "top_p"} {
			if c.request.get(name).there() {
				refused = append(refused, name)
			}
		}
		switch len(refused) {
		case 0:
			return nil
		case 1:
			return openAIRefusal("", "", "Model incompatible request argument supplied: %s", refused[0])
		}
		return openAIRefusal("", "", "Model incompatible request arguments supplied: %s", strings.Join(refused, ", "))
	}},
	{"openai.audio-model", func(c *call) *refusal {
		speaks := slices.Contains(slices.Collect(c.request.get("modalities").texts()), "audio")
		if speaks && !c.request.get("audio").there() {
			return missingParameter("audio")
		}
		if speaks || !strings.HasPrefix(c.Model, "gpt-4o-audio") && !strings.HasPrefix(c.Model, "gpt-4o-mini-audio") && !strings.HasPrefix(c.Model, "gpt-audio") {
			return nil
		}
		listens := c.eachBlock(func(_, _ int, part value) *refusal {
			if part.get("type").text() == "input_audio" {
				return &refusal{} // found
			}
			return nil
		})
		if listens != nil {
			return nil
		}
		return openAIRefusal("model", "invalid_value", "This model requires that either input content or output modality contain audio.")
	}},
	{"openai.structured-model", func(c *call) *refusal {
		if c.request.get("response_format", "type").text() != "json_schema" || !c.isUnstructured() {
			return nil
		}
		return openAIRefusal("", "", "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "+
			"Learn more about supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs")
	}},
	{"openai.logprobs", func(c *call) *refusal {
		if !c.request.get("logprobs").isTrue() || !c.thinksWith(c.request.get("reasoning_effort")) {
			return nil
		}
		broken := openAIRefusal("", "", "You are not allowed to request logprobs from this model")
		broken.status = http.StatusForbidden
		return broken
	}},
	{"openai.verbosity", func(c *call) *refusal {
		if wordy := c.request.get("verbosity"); wordy.there() && c.neverReasons() && wordy.text() != "medium" {
			return openAIRefusal("verbosity", "unsupported_value",
				"Unsupported value: 'verbosity' does not support '%s' with this model. Supported values are: 'medium'.", wordy.text())
		}
		return nil
	}},
}

var responsesAbleRules = []rule{
	{"openai.verbosity", func(c *call) *refusal {
		if wordy := c.request.get("text", "verbosity"); wordy.there() && c.neverReasons() && wordy.text() != "medium" {
			return openAIRefusal("text.verbosity", "unsupported_value",
				"Unsupported value: '%s' is not supported with the '%s' model. Supported values are: 'medium'.", wordy.text(), c.Model)
		}
		return nil
	}},
}

// modelIsFor returns the purpose of the model from the catalog; "" if unknown.
func (c *call) modelIsFor() dialect.Operation {
	m, ok := c.provider.Model(c.Model)
	if !ok {
		return ""
	}
	return m.Operation
}

// wrongEndpoint is OpenAI's error about a model at the wrong endpoint.
func wrongEndpoint(message string) *refusal {
	broken := openAIRefusal("model", "", "%s", message)
	broken.status = http.StatusNotFound
	return broken
}

// isUnstructured reports whether the model is older than structured output.
func (c *call) isUnstructured() bool {
	return c.Model == "gpt-4" || strings.HasPrefix(c.Model, "gpt-4-") || strings.HasPrefix(c.Model, "gpt-3.5-") ||
		slices.Contains([]string{"gpt-4o-2024-05-13", "chatgpt-4o-latest"}, c.Model) || isOneOf(c.Model, []string{"o1-mini", "o1-preview"})
}
