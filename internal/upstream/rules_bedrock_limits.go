package upstream

import (
	"fmt"
	"strings"
)

// What Bedrock rejects: features that models don't have, large files, and bodies for InvokeModel.

var bedrockLimitRules = []rule{
	{"bedrock.system", func(c *call) *refusal {
		if len(c.request.get("system").items) > 0 && isOfMaker(c.Model, noSystem) {
			return refused("This model doesn't support system messages. Try again without a system message or use a model that supports system messages.")
		}
		return nil
	}},
	{"bedrock.tool-use", func(c *call) *refusal {
		switch {
		case !c.request.get("toolConfig").there() || c.managedPrompt():
		case c.Stream && isOfMaker(c.Model, noToolStreams):
			return refused("This model doesn't support tool use in streaming mode.")
		case isOfMaker(c.Model, noTools):
			return refused("This model doesn't support tool use.")
		}
		return nil
	}},
	{"bedrock.stop-sequences", func(c *call) *refusal {
		if len(c.request.get("inferenceConfig", "stopSequences").items) > 0 && isOfMaker(c.Model, noStops) {
			return refused("This model doesn't support the stopSequences field. Remove stopSequences and try again.")
		}
		return nil
	}},
	{"bedrock.reasoning-content", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			if m.get("role").text() == "assistant" && !isOfMaker(c.Model, noReasoning) {
				continue
			}
			for _, block := range m.get("content").items {
				if block.get("reasoningContent").there() {
					return refused("User messages cannot contain reasoning content. Please remove the reasoning content and try again.")
				}
			}
		}
		return nil
	}},
	{"bedrock.cache-count", func(c *call) *refusal {
		if claudeAtBedrock(c.Model) == "" {
			return nil
		}
		points := pointsAmong(c.request.get("system")) + pointsAmong(c.request.get("toolConfig", "tools"))
		for _, m := range c.request.get("messages").items {
			points += pointsAmong(m.get("content"))
		}
		if points > 4 {
			return refused(fmt.Sprintf(ofTheModel+"A maximum of 4 blocks with cache_control may be provided. Found %d.", points))
		}
		return nil
	}},
	{"bedrock.extra-inputs", func(c *call) *refusal {
		if claudeAtBedrock(c.Model) == "" {
			return nil
		}
		for _, f := range c.request.get("additionalModelRequestFields").fields {
			if messagesBody.fields[f.name] == nil && !extraOfClaude[f.name] {
				return refused(ofTheModel + f.name + ": Extra inputs are not permitted")
			}
		}
		return nil
	}},
	{"bedrock.nova-schema", func(c *call) *refusal {
		if !strings.Contains(c.Model, "amazon.nova") {
			return nil
		}
		for i, tool := range c.request.get("toolConfig", "tools").items {
			for _, f := range tool.get("toolSpec", "inputSchema", "json").fields {
				if f.name == "$defs" || f.name == "definitions" {
					return refused(fmt.Sprintf(ofTheModel+"Malformed input request: #/toolConfig/tools/%d/toolSpec/inputSchema/json: extraneous key [%s] is not permitted, please reformat your input and try again.", i, f.name))
				}
			}
		}
		return nil
	}},
	{"bedrock.file-size", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			for _, file := range fileSizes {
				held := block.get(file.kind)
				n := len(held.get("source", "bytes").inner()) / 4 * 3
				if n > file.most && file.limits(c.Model, held.get("format").text()) {
					return refused(fmt.Sprintf("The %s at messages.%d.content.%d has %d bytes, which is more than the maximum of %d.", file.kind, i, j, n, file.most))
				}
			}
			return nil
		})
	}},
}

// extraOfClaude are additional fields of Claude's that the body of Anthropic's API doesn't have. The last is an older
// name of thinking (github.com/aws-samples/bedrock-access-gateway).
var extraOfClaude = words("anthropic_beta anthropic_version reasoning_config")

// fileSizes are the maximum sizes of files: 3.75 MB for images, 4.5 MB for documents, with the exceptions of
// docs.aws.amazon.com/bedrock/latest/userguide/inference-api-restrictions.html.
var fileSizes = []struct {
	kind   string
	most   int
	limits func(model, format string) bool
}{
	{"image", 15 * megabyte / 4, func(model, _ string) bool { return claudeAtBedrock(model) != "" }},
	{"document", 9 * megabyte / 2, func(model, format string) bool {
		claude := claudeAtBedrock(model)
		isClaude4 := claude != "" && !strings.HasPrefix(claude, "claude-3") && !strings.HasPrefix(claude, "claude-v") && !strings.HasPrefix(claude, "claude-instant")
		switch format {
		case "pdf":
			return !isClaude4 && !strings.Contains(model, "amazon.nova")
		case "docx":
			return !strings.Contains(model, "amazon.nova")
		}
		return true
	}},
}

// The features that models lack, by a part of their ids. The table is in docs.aws.amazon.com at
// bedrock/latest/userguide/conversation-inference-supported-models-features.html.
var (
	noSystem      = []string{"amazon.titan-text", "mistral.mistral-7b", "mistral.mixtral-8x7b", "cohere.command-text", "cohere.command-light", "ai21.j2"}
	noTools       = append([]string{"deepseek.r1", "meta.llama2", "meta.llama3-8b", "meta.llama3-70b"}, noSystem...)
	noToolStreams = append([]string{"meta.llama3-1", "meta.llama3-2", "meta.llama3-3", "meta.llama4"}, noTools...)
	noStops       = []string{"openai.gpt-oss", "qwen.qwen3"}
	noReasoning   = []string{"amazon.nova-micro-v1", "amazon.nova-lite-v1", "amazon.nova-pro-v1", "amazon.nova-premier-v1"}
)

func pointsAmong(blocks value) int {
	n := 0
	for _, block := range blocks.items {
		if block.get("cachePoint").there() {
			n++
		}
	}
	return n
}

var invokeRules = []rule{
	{"bedrock.invoke-messages", func(c *call) *refusal {
		model := claudeAtBedrock(c.Model)
		if model == "" || !c.request.isObject() {
			return nil
		}
		asked := *c
		asked.Model = model
		for _, r := range invokedMessagesRules {
			if broken := r.check(&asked); broken != nil {
				return broken
			}
		}
		return nil
	}},
	{"bedrock.invoke-embeddings", func(c *call) *refusal {
		var wrong []string
		switch {
		case strings.Contains(c.Model, "titan-embed-text"):
			known := words("inputText")
			if !strings.Contains(c.Model, "text-v1") {
				known = titanFields
			}
			input := c.request.get("inputText")
			if !input.there() {
				wrong = append(wrong, "#: required key [inputText] not found")
			}
			for _, f := range c.request.fields {
				if !known[f.name] {
					wrong = append(wrong, "#: extraneous key ["+f.name+"] is not permitted")
				}
			}
			if n := len([]rune(input.text())); n > 50_000 {
				wrong = append(wrong, fmt.Sprintf("#/inputText: expected maxLength: 50000, actual: %d", n))
			}
		case strings.Contains(c.Model, "cohere.embed") && !strings.Contains(c.Model, "v4"):
			texts := c.request.get("texts")
			if !texts.there() && !c.request.get("images").there() {
				wrong = append(wrong, "#: required key [texts] not found")
			}
			if !c.request.get("input_type").there() {
				wrong = append(wrong, "#: required key [input_type] not found")
			}
			if c.request.get("inputText").there() {
				wrong = append(wrong, "#: extraneous key [inputText] is not permitted")
			}
			if n := len(texts.items); n > 96 {
				wrong = append(wrong, fmt.Sprintf("#/texts: expected maximum item count: 96, found: %d", n))
			}
			for i, one := range texts.items {
				if n := len(one.inner()); n > 2048 && len([]rune(one.text())) > 2048 {
					wrong = append(wrong, fmt.Sprintf("#/texts/%d: expected maxLength: 2048, actual: %d", i, len([]rune(one.text()))))
				}
			}
		}
		return malformed(wrong)
	}},
	{"bedrock.invoke-images", func(c *call) *refusal {
		switch {
		case strings.Contains(c.Model, "titan-image"), strings.Contains(c.Model, "nova-canvas"):
			return malformed(c.malformedImages())
		case isOfMaker(c.Model, drawsFromPrompts) && !c.request.get("prompt").there():
			return malformed([]string{"#: required key [prompt] not found"})
		}
		return nil
	}},
	{"bedrock.invoke-rerank", func(c *call) *refusal {
		if !strings.Contains(c.Model, ".rerank-") {
			return nil
		}
		var wrong []string
		needed, version := []string{"query", "documents", "api_version"}, c.request.get("api_version")
		if isAmazon := strings.Contains(c.Model, "amazon."); isAmazon {
			needed = needed[:2]
			if version.there() {
				wrong = append(wrong, "extraneous key [api_version] is not permitted")
			}
		} else if n, ok := version.number(); ok && n < 2 {
			wrong = append(wrong, fmt.Sprintf("#/api_version: %s is not greater or equal to 2", version.raw))
		}
		for _, name := range needed {
			if !c.request.get(name).there() {
				wrong = append(wrong, "#: required key ["+name+"] not found")
			}
		}
		return malformed(wrong)
	}},
}

// drawsFromPrompts are the models of Stability AI that draw from a prompt alone: others edit an image.
var drawsFromPrompts = []string{"stability.sd3", "stability.stable-image-core", "stability.stable-image-ultra"}

// malformed returns Amazon's error about a body that does not follow the model's schema. Older reports have no commas.
func malformed(wrong []string) *refusal {
	if len(wrong) == 0 {
		return nil
	}
	return refused("Malformed input request: " + strings.Join(wrong, ", ") + ", please reformat your input and try again.")
}

var titanFields = words("inputText dimensions normalize embeddingTypes")

// invokedMessagesRules are the rules of Anthropic's own API that Bedrock passes on: it checks the header and the size
// itself.
var invokedMessagesRules = without(allMessagesRules, "anthropic.version-header", "anthropic.request-size", "anthropic.context-window", "anthropic.output-limit")

// invokeBody returns a body for Claude without model and stream, which are in the path.
var invokeBody = func() *shape {
	s := messagesBody.with(fields{"anthropic_version": aText, "anthropic_beta": aList})
	delete(s.fields, "model")
	delete(s.fields, "stream")
	s.needed = []string{"anthropic_version"}
	s.beta = nil
	return s
}()
