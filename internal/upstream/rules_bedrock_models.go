package upstream

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What some models at Bedrock reject and others accept.

// ofTheModel is Converse's prefix of a model's own message.
const ofTheModel = "The model returned the following errors: "

var bedrockModelRules = []rule{
	{"bedrock.tool-choice", func(c *call) *refusal {
		choice := c.request.get("toolConfig", "toolChoice")
		for _, kind := range [...]string{"any", "tool"} {
			if choice.get(kind).there() && isOfMaker(c.Model, notForced) {
				return refused(fmt.Sprintf("This model doesn't support the toolConfig.toolChoice.%s field. Remove toolConfig.toolChoice.%s and try again.", kind, kind))
			}
		}
		return nil
	}},
	{"bedrock.cache-points", func(c *call) *refusal {
		if !isOfMaker(c.Model, notCached) {
			return nil
		}
		hasPoint := func(blocks value) bool {
			return slices.ContainsFunc(blocks.items, func(block value) bool { return block.get("cachePoint").there() })
		}
		found := hasPoint(c.request.get("system")) || hasPoint(c.request.get("toolConfig", "tools"))
		for _, m := range c.request.get("messages").items {
			found = found || hasPoint(m.get("content"))
		}
		if !found {
			return nil
		}
		broken := refused("You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.")
		broken.status = http.StatusForbidden
		return broken
	}},
	{"bedrock.prefill", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if len(messages) > 0 && messages[len(messages)-1].get("role").text() == "assistant" && isOneOf(claudeAtBedrock(c.Model), noPrefill) {
			return refused(ofTheModel + noPrefillHere)
		}
		return nil
	}},
	{"bedrock.temperature-and-top-p", func(c *call) *refusal {
		config := c.request.get("inferenceConfig")
		if config.get("temperature").there() && config.get("topP").there() && isOneOf(claudeAtBedrock(c.Model), oneOfTwo) {
			return refused(ofTheModel + oneOfTwoOnly)
		}
		return nil
	}},
	{"bedrock.thinking", func(c *call) *refusal {
		model, settings, more := claudeAtBedrock(c.Model), c.request.get("inferenceConfig"), c.request.get("additionalModelRequestFields")
		if model == "" {
			return nil
		}
		thinking, choice := more.get("thinking"), c.request.get("toolConfig", "toolChoice")
		enabled := thinking.get("type").text() == "enabled"
		problem := thinkingType(model, thinking.get("type").text())
		if problem == "" {
			problem = thinkingBudget(thinking, settings.get("maxTokens"), more.get("anthropic_beta").there())
		}
		if problem == "" {
			problem = thinkingSettings(thinking, settings.get("temperature"), more.get("top_k"), settings.get("topP"))
		}
		if problem == "" && enabled && (choice.get("any").there() || choice.get("tool").there()) {
			problem = thinkingForced
		}
		if problem == "" {
			return nil
		}
		return refused(ofTheModel + problem)
	}},
	{"bedrock.results-alone", func(c *call) *refusal {
		if !isOfMaker(c.Model, resultsAlone) {
			return nil
		}
		for i, m := range c.request.get("messages").items {
			blocks := m.get("content").items
			isResult := func(block value) bool { return block.get("toolResult").there() }
			if slices.ContainsFunc(blocks, isResult) && slices.ContainsFunc(blocks, func(block value) bool { return !isResult(block) }) {
				return refused(fmt.Sprintf("messages.%d.content: Conversation blocks and tool result blocks cannot be provided in the same turn.", i))
			}
		}
		return nil
	}},
	{"bedrock.property-names", func(c *call) *refusal {
		if claudeAtBedrock(c.Model) == "" {
			return nil
		}
		for i, tool := range c.request.get("toolConfig", "tools").items {
			if !namesProperties(tool.get("toolSpec", "inputSchema", "json")) {
				return refused(fmt.Sprintf(ofTheModel+"tools.%d.custom.input_schema.properties: "+propertyNames, i))
			}
		}
		return nil
	}},
	{"bedrock.additional-fields", func(c *call) *refusal {
		if !strings.Contains(c.Model, "amazon.nova") {
			return nil
		}
		for _, f := range c.request.get("additionalModelRequestFields").fields {
			if f.name != "inferenceConfig" && f.name != "reasoningConfig" {
				return refused("Malformed input request: #: extraneous key [" + f.name + "] is not permitted, please reformat your input and try again.")
			}
		}
		return nil
	}},
	{"bedrock.tool-input", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			if use := block.get("toolUse"); use.there() && use.get("input").there() && !use.get("input").isObject() {
				return refused(fmt.Sprintf("The format of the value at messages.%d.content.%d.toolUse.input is invalid. Provide a json object for the field and try again.", i, j))
			}
			return nil
		})
	}},
	{"bedrock.system-blank", func(c *call) *refusal {
		for i, block := range c.request.get("system").items {
			if block.get("text").blank() {
				return refused(fmt.Sprintf("The text field in the SystemContentBlock object at system.%d is blank. Add text to the text field, and try again.", i))
			}
		}
		return nil
	}},
}

// notForced and notCached are makers whose models don't support forced tool calls, and whose models don't cache.
var (
	notForced = []string{"meta.", "cohere.", "ai21.", "amazon.titan", "deepseek."}
	notCached = append([]string{"mistral.", "qwen.", "nvidia.", "openai."}, notForced...)
)

// resultsAlone are makers whose models accept nothing in a turn besides the results of tools.
var resultsAlone = []string{"meta.", "mistral."}

// isOfMaker reports whether a model is by one of the makers, from its id.
func isOfMaker(model string, makers []string) bool {
	return slices.ContainsFunc(makers, func(maker string) bool { return strings.Contains(model, maker) })
}
