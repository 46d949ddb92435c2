package upstream

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// What some of OpenAI's models reject and others accept.

var (
	chatModelRules = []rule{
		{"openai.max-tokens", func(c *call) *refusal {
			if !c.request.get("max_tokens").there() || !c.reasons() && !c.mayReason() {
				return nil
			}
			return openAIRefusal("max_tokens", "unsupported_parameter",
				"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.")
		}},
		{"openai.output-limit", func(c *call) *refusal {
			most, known := c.mostOutput()
			n, ok := c.request.get("max_tokens").number()
			if !known || !ok || n <= float64(most) {
				return nil
			}
			return openAIRefusal("max_tokens", "invalid_value",
				"max_tokens is too large: %.0f. This model supports at most %d completion tokens, whereas you provided %.0f.", n, most, n)
		}},
		{"openai.temperature", func(c *call) *refusal {
			temperature := c.request.get("temperature")
			n, ok := temperature.number()
			if !ok || n == 1 || !c.thinksWith(c.request.get("reasoning_effort")) {
				return nil
			}
			return openAIRefusal("temperature", "unsupported_value",
				"Unsupported value: 'temperature' does not support %s with this model. Only the default (1) value is supported.", temperature.raw)
		}},
		{"openai.sampling", func(c *call) *refusal {
			if !c.thinksWith(c.request.get("reasoning_effort")) {
				return nil
			}
			return firstRefusal(unsampled(c.request, "top_p", 1), unsampled(c.request, "presence_penalty", 0), unsampled(c.request, "frequency_penalty", 0))
		}},
		{"openai.effort-with-tools", func(c *call) *refusal {
			effort, functions := c.request.get("reasoning_effort"), 0
			for _, tool := range c.request.get("tools").items {
				if tool.get("type").text() == "function" {
					functions++
				}
			}
			late := strings.HasPrefix(c.Model, "gpt-5.6")
			if functions == 0 || effort.text() == "none" || !late && !effort.there() || !late && !strings.HasPrefix(c.Model, "gpt-5.4") && !strings.HasPrefix(c.Model, "gpt-5.5") {
				return nil
			}
			advice := "Please use /v1/responses instead."
			if late {
				advice = "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
			}
			return openAIRefusal("reasoning_effort", "", "Function tools with reasoning_effort are not supported for %s in /v1/chat/completions. %s", c.Model, advice)
		}},
		{"openai.stop-reasoning", func(c *call) *refusal {
			if !c.request.get("stop").there() || !c.reasons() || strings.HasPrefix(c.Model, "o1") {
				return nil
			}
			return unsupported("stop")
		}},
		{"openai.reasoning-effort", func(c *call) *refusal {
			effort := c.request.get("reasoning_effort")
			if effort.there() && c.neverReasons() {
				return openAIRefusal("", "", "Unrecognized request argument supplied: reasoning_effort")
			}
			if efforts := c.efforts(); effort.there() && efforts != nil && !slices.Contains(efforts, effort.text()) {
				return openAIRefusal("reasoning_effort", "unsupported_value",
					"Unsupported value: 'reasoning_effort' does not support '%s' with this model. Supported values are: %s.", effort.text(), listed(efforts))
			}
			return nil
		}},
	}

	responsesModelRules = []rule{
		{"openai.temperature", func(c *call) *refusal {
			if n, ok := c.request.get("temperature").number(); !ok || n == 1 || !c.thinksWith(c.request.get("reasoning", "effort")) {
				return nil
			}
			return unsupported("temperature")
		}},
		{"openai.sampling", func(c *call) *refusal {
			if !c.thinksWith(c.request.get("reasoning", "effort")) {
				return nil
			}
			return unsampled(c.request, "top_p", 1)
		}},
		{"openai.reasoning-effort", func(c *call) *refusal {
			effort := c.request.get("reasoning", "effort")
			if effort.there() && c.neverReasons() {
				return unsupported("reasoning.effort")
			}
			if efforts := c.efforts(); effort.there() && efforts != nil && !slices.Contains(efforts, effort.text()) {
				return openAIRefusal("reasoning.effort", "unsupported_value",
					"Unsupported value: '%s' is not supported with the '%s' model. Supported values are: %s.", effort.text(), c.Model, listed(efforts))
			}
			return nil
		}},
	}
)

var (
	lateEfforts = []string{"none", "low", "medium", "high"}
	// efforts are the efforts of the models whose documentation lists them.
	efforts = []struct {
		models, efforts []string
	}{
		{[]string{"o1", "o3", "o3-mini", "o4-mini"}, lateEfforts[1:]},
		{[]string{"gpt-5", "gpt-5-mini", "gpt-5-nano"}, []string{"minimal", "low", "medium", "high"}},
		{[]string{"gpt-5.1"}, lateEfforts},
		{[]string{"gpt-5.2"}, append(slices.Clone(lateEfforts), "xhigh")},
	}
)

// efforts returns the efforts that the model accepts; nil if unknown.
func (c *call) efforts() []string {
	for _, e := range efforts {
		if isOneOf(c.Model, e.models) {
			return e.efforts
		}
	}
	return nil
}

// reasons reports whether the model always reasons.
func (c *call) reasons() bool {
	return isOneOf(c.Model, []string{"o1", "o1-mini", "o3", "o3-mini", "o4-mini", "gpt-5", "gpt-5-mini", "gpt-5-nano"})
}

// mayReason reports whether the model reasons on request: GPT-5.1 and later.
func (c *call) mayReason() bool {
	return strings.HasPrefix(c.Model, "gpt-5.") && !strings.Contains(c.Model, "chat")
}

// thinksWith reports whether the model reasons with an effort.
func (c *call) thinksWith(effort value) bool {
	return c.reasons() || c.mayReason() && effort.text() != "" && effort.text() != "none"
}

// neverReasons reports whether the model is older than reasoning.
func (c *call) neverReasons() bool {
	return isOneOf(c.Model, []string{"gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4-turbo", "gpt-3.5-turbo"})
}

// unsampled rejects a setting that isn't the default.
func unsampled(request value, name string, usual float64) *refusal {
	if n, ok := request.get(name).number(); !ok || n == usual {
		return nil
	}
	return unsupported(name)
}

func unsupported(param string) *refusal {
	return openAIRefusal(param, "unsupported_parameter", "Unsupported parameter: '%s' is not supported with this model.", param)
}

// listed formats a list as OpenAI does.
func listed(words []string) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = quoted(word)
	}
	last := len(all) - 1
	switch last {
	case 0:
		return all[0]
	case 1:
		return all[0] + " and " + all[1]
	}
	return strings.Join(all[:last], ", ") + ", and " + all[last]
}

// requiredModelRules are checked before all others.
var requiredModelRules = []rule{{"openai.model", func(c *call) *refusal {
	if c.Model != "" {
		return nil
	}
	return openAIRefusal("", "", "you must provide a model parameter")
}}}

// chatEndpointRules are checked before the values of a request.
var chatEndpointRules = []rule{
	{"openai.chat-model", func(c *call) *refusal {
		switch c.modelIsFor() {
		case "", dialect.ChatCompletions:
			return nil
		case dialect.Responses:
			return wrongEndpoint("This model is only supported in v1/responses and not in v1/chat/completions.")
		}
		return wrongEndpoint("This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?")
	}},
}

// The features that not all models have.

var chatFeatureRules = []rule{
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

var responsesFeatureRules = []rule{
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
