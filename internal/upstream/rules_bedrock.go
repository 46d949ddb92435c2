package upstream

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// What Bedrock's Converse rejects.

var converseRules = []rule{
	{"bedrock.first-message", func(c *call) *refusal {
		messages := c.request.get("messages").items
		if !c.managedPrompt() && (len(messages) == 0 || messages[0].get("role").text() == "assistant") {
			return refused("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
		}
		return nil
	}},
	{"bedrock.role", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if role := m.get("role"); role.isString() && role.text() != "user" && role.text() != "assistant" {
				return invalidMember(role.text(), fmt.Sprintf("messages.%d.member.role", i+1), "Member must satisfy enum value set: [user, assistant]")
			}
		}
		return nil
	}},
	{"bedrock.alternation", func(c *call) *refusal {
		before := ""
		for _, m := range c.request.get("messages").items {
			role := m.get("role").text()
			if role != "" && role == before {
				return refused("A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.")
			}
			before = role
		}
		return nil
	}},
	{"bedrock.tool-use-id", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			for _, kind := range [...]string{"toolUse", "toolResult"} {
				if id := block.get(kind, "toolUseId"); id.there() {
					if broken := memberName(id, fmt.Sprintf("messages.%d.member.content.%d.member.%s.toolUseId", i+1, j+1, kind), "_.:-"); broken != nil {
						return broken
					}
				}
			}
			return nil
		})
	}},
	{"bedrock.tool-name", func(c *call) *refusal {
		for i, tool := range c.request.get("toolConfig", "tools").items {
			if broken := memberName(tool.get("toolSpec", "name"), fmt.Sprintf("toolConfig.tools.%d.member.toolSpec.name", i+1), "_-"); broken != nil {
				return broken
			}
		}
		return c.eachBlock(func(i, j int, block value) *refusal {
			if !block.get("toolUse").there() {
				return nil
			}
			return memberName(block.get("toolUse", "name"), fmt.Sprintf("messages.%d.member.content.%d.member.toolUse.name", i+1, j+1), "_-")
		})
	}},
	{"bedrock.tool-description", func(c *call) *refusal {
		for i, tool := range c.request.get("toolConfig", "tools").items {
			if description := tool.get("toolSpec", "description"); description.isString() && description.text() == "" {
				return invalidMember("", fmt.Sprintf("toolConfig.tools.%d.member.toolSpec.description", i+1), "Member must have length greater than or equal to 1")
			}
		}
		return nil
	}},
	{"bedrock.input-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("toolConfig", "tools").items {
			schema := tool.get("toolSpec", "inputSchema", "json")
			place := fmt.Sprintf("toolConfig.tools.%d.toolSpec.inputSchema.json", i)
			switch {
			case !schema.there():
			case !schema.isObject():
				return refused("The format of the value at " + place + " is invalid. Provide a json object for the field and try again.")
			case schema.get("type").text() != "object":
				return refused("The value at " + place + ".type must be one of the following: object.")
			}
		}
		return nil
	}},
	{"bedrock.input-schema-union", func(c *call) *refusal {
		if claudeAtBedrock(c.Model) == "" {
			return nil
		}
		for i, tool := range c.request.get("toolConfig", "tools").items {
			if hasUnion(tool.get("toolSpec", "inputSchema", "json")) {
				return refused(fmt.Sprintf("The model returned the following errors: tools.%d.custom.input_schema: "+noUnion, i))
			}
		}
		return nil
	}},
	{"bedrock.block-fields", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			kinds := 0
			for _, f := range block.fields {
				if blockKinds[f.name] && f.value.there() {
					kinds++
				}
			}
			if kinds == 0 && block.isObject() && !block.get("guardContent").there() && !block.get("audio").there() && !block.get("toolAddition").there() && !block.get("toolRemoval").there() {
				return refused(fmt.Sprintf("The ContentBlock object at messages.%d.content.%d must set one of the following keys: "+
					"text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent, citationsContent, searchResult.", i, j))
			}
			if kinds > 1 {
				return refused(fmt.Sprintf("ContentBlock object at messages.%d.content.%d can only set one of the following keys: "+
					"text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent, citationsContent, searchResult.", i, j))
			}
			return nil
		})
	}},
	{"bedrock.cache-after-reasoning", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			blocks := m.get("content").items
			for j := 1; j < len(blocks); j++ {
				if blocks[j].get("cachePoint").there() && blocks[j-1].get("reasoningContent").there() {
					return refused("Cache point cannot be inserted after reasoning block. Please remove the invalid cache point and try again.")
				}
			}
		}
		return nil
	}},
	{"bedrock.cache-ttl-order", func(c *call) *refusal {
		if claudeAtBedrock(c.Model) == "" {
			return nil
		}
		short := false
		late := func(blocks value, place string) *refusal {
			before := -1 // for Claude, the block to which the point is added
			for _, block := range blocks.items {
				point := block.get("cachePoint")
				hour := point.get("ttl").text() == "1h"
				switch {
				case !point.there():
					before++
				case hour && short:
					return refused(fmt.Sprintf("The model returned the following errors: %s.%d.cache_control.ttl"+lateHour, place, before))
				case !hour:
					short = true
				}
			}
			return nil
		}
		broken := late(c.request.get("system"), "system") // an example by Amazon has a short point among its tools
		for i, m := range c.request.get("messages").items {
			if broken == nil {
				broken = late(m.get("content"), fmt.Sprintf("messages.%d.content", i))
			}
		}
		return broken
	}},
	{"bedrock.tool-result-content", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			result := block.get("toolResult")
			content := result.get("content")
			switch {
			case result.isObject() && !content.there():
				return refused(fmt.Sprintf("1 validation error detected: Value null at 'messages.%d.member.content.%d.member.toolResult.content' failed to satisfy constraint: Member must not be null", i+1, j+1))
			case content.isArray() && len(content.items) == 0 && result.get("status").text() == "error":
				return refused(fmt.Sprintf("The content field at messages.%d.content.%d.toolResult cannot be empty when status value is error.", i, j))
			}
			return nil
		})
	}},
	{"bedrock.tool-result-json", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			for k, part := range block.get("toolResult", "content").items {
				if json := part.get("json"); json.there() && !json.isObject() {
					return refused(fmt.Sprintf("The format of the value at messages.%d.content.%d.toolResult.content.%d.json is invalid. Provide a json object for the field and try again.", i, j, k))
				}
			}
			return nil
		})
	}},
	{"bedrock.tool-result-image", func(c *call) *refusal {
		if c.managedPrompt() || !slices.ContainsFunc(noImagesInResults, func(maker string) bool { return strings.Contains(c.Model, maker) }) {
			return nil
		}
		return c.eachBlock(func(_, _ int, block value) *refusal {
			for _, part := range block.get("toolResult", "content").items {
				if part.get("image").there() {
					return refused("This model doesn't support the image field for user messages. Remove image and try again.")
				}
			}
			return nil
		})
	}},
	{"bedrock.output-limit", func(c *call) *refusal {
		most, known := c.mostOutput()
		if n, ok := c.request.get("inferenceConfig", "maxTokens").number(); known && ok && n > float64(most) {
			return refused(fmt.Sprintf("The maximum tokens you requested exceeds the model limit of %d. Try again with a maximum tokens value that is lower than %d.", most, most))
		}
		return nil
	}},
	{"bedrock.sampling", func(c *call) *refusal {
		config := c.request.get("inferenceConfig")
		if name := notSampled(claudeAtBedrock(c.Model), config.get("temperature"), config.get("topP")); name != "" {
			return refused("The model returned the following errors: `" + name + "` is deprecated for this model.")
		}
		return nil
	}},
	{"bedrock.tools", func(c *call) *refusal {
		if tools := c.request.get("toolConfig", "tools"); tools.isArray() && len(tools.items) == 0 {
			return invalidMember("[]", "toolConfig.tools", "Member must have length greater than or equal to 1")
		}
		return nil
	}},
	{"bedrock.inference-config", func(c *call) *refusal {
		for _, limit := range inferenceLimits {
			v := c.request.get("inferenceConfig", limit.name)
			n, ok := v.number()
			place := "inferenceConfig." + limit.name
			switch {
			case ok && n < limit.low:
				return invalidMember(string(v.raw), place, fmt.Sprintf("Member must have value greater than or equal to %v", limit.low))
			case ok && limit.high > 0 && n > limit.high:
				return invalidMember(string(v.raw), place, fmt.Sprintf("Member must have value less than or equal to %v", limit.high))
			}
		}
		return nil
	}},
	{"bedrock.image-format", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			if format := block.get("image", "format"); format.isString() && !imageFormats[format.text()] {
				return invalidMember(format.text(), fmt.Sprintf("messages.%d.member.content.%d.member.image.format", i+1, j+1),
					"Member must satisfy enum value set: [jpeg, png, gif, webp]")
			}
			return nil
		})
	}},
	{"bedrock.document-name", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			name := block.get("document", "name")
			if !name.isString() {
				return nil
			}
			if n := utf8.RuneCountInString(name.text()); n == 0 || n > 200 {
				bound := "less than or equal to 200"
				if n == 0 {
					bound = "greater than or equal to 1"
				}
				return invalidMember(name.text(), fmt.Sprintf("messages.%d.member.content.%d.member.document.name", i+1, j+1), "Member must have length "+bound)
			}
			if !isName(name.text(), " \t\n-()[]") || strings.Contains(name.text(), "  ") {
				return refused("The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. " +
					"The name can't contain more than one consecutive whitespace character.")
			}
			return nil
		})
	}},
	{"bedrock.content-empty", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if content := m.get("content"); content.isArray() && len(content.items) == 0 {
				return refused(fmt.Sprintf("The content field in the Message object at messages.%d is empty. Add a ContentBlock object to the content field and try again.", i))
			}
		}
		return nil
	}},
	{"bedrock.text-blank", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, block value) *refusal {
			if block.get("text").blank() {
				return refused(fmt.Sprintf("The text field in the ContentBlock object at messages.%d.content.%d is blank. Add text to the text field, and try again.", i, j))
			}
			return nil
		})
	}},
	{"bedrock.document-text", func(c *call) *refusal {
		for _, m := range c.request.get("messages").items {
			blocks := m.get("content").items
			has := func(kind string) bool {
				return slices.ContainsFunc(blocks, func(block value) bool { return block.get(kind).there() })
			}
			if has("document") && !has("text") && !has("guardContent") {
				return refused("A text block must be included when using documents.")
			}
		}
		return nil
	}},
	{"bedrock.tool-config", func(c *call) *refusal {
		if c.request.get("toolConfig").there() {
			return nil
		}
		return c.eachBlock(func(_, _ int, block value) *refusal {
			if block.get("toolUse").there() || block.get("toolResult").there() {
				return refused("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
			}
			return nil
		})
	}},
	{"bedrock.tool-use-ids-unique", func(c *call) *refusal {
		for i, m := range c.request.get("messages").items {
			if id := duplicateID(m, "toolUse"); id != "" {
				return refused(fmt.Sprintf("The toolUse blocks at messages.%d.content contain duplicate Ids: %s", i, id))
			}
		}
		return nil
	}},
	{"bedrock.tool-results", func(c *call) *refusal {
		var open []string
		messages := c.request.get("messages").items
		for i, m := range messages {
			if id := duplicateID(m, "toolResult"); id != "" {
				return refused(fmt.Sprintf("The toolResult blocks at messages.%d.content contain duplicate Ids: %s", i, id))
			}
			results, missing := 0, slices.Clone(open)
			for _, block := range m.get("content").items {
				if result := block.get("toolResult"); result.there() {
					results++
					id := result.get("toolUseId").text()
					missing = slices.DeleteFunc(missing, func(s string) bool { return s == id })
				}
			}
			switch {
			case len(missing) > 0:
				return refused(fmt.Sprintf("Expected toolResult blocks at messages.%d.content for the following Ids: %s", i, strings.Join(missing, ", ")))
			case results > len(open):
				return refused(fmt.Sprintf("The number of toolResult blocks at messages.%d.content exceeds the number of toolUse blocks of previous turn.", i))
			}
			open = nil
			for _, block := range m.get("content").items {
				if use := block.get("toolUse"); use.there() {
					open = append(open, use.get("toolUseId").text())
				}
			}
		}
		return nil
	}},
}

// noImagesInResults are makers whose models accept images from the user but not from tools. One of Meta's models
// accepts both.
var noImagesInResults = []string{"openai.", "mistral."}

// claudeAtBedrock returns Anthropic's name of a model, or "" for other makers'.
func claudeAtBedrock(model string) string {
	_, name, _ := strings.Cut(model, "anthropic.")
	name, _, _ = strings.Cut(name, "-v1")
	return name
}

var (
	blockKinds      = words("text image toolUse toolResult document video cachePoint reasoningContent citationsContent searchResult")
	imageFormats    = words("png jpeg gif webp")
	inferenceLimits = []struct {
		name      string
		low, high float64 // a high of 0 means no limit
	}{{"maxTokens", 1, 0}, {"temperature", 0, 1}, {"topP", 0, 1}}
)

// managedPrompt reports whether the model is a prompt of Prompt management, which has its own messages before those
// of the request.
func (c *call) managedPrompt() bool { return strings.Contains(c.Model, ":prompt/") }

// duplicateID returns an id that two blocks of the same kind in a message share, or "".
func duplicateID(message value, kind string) string {
	seen := map[string]bool{}
	for _, block := range message.get("content").items {
		id := block.get(kind, "toolUseId").text()
		if seen[id] {
			return id
		}
		seen[id] = id != ""
	}
	return ""
}

// eachBlock iterates over the blocks of all messages until one breaks a rule. Anthropic and OpenAI use the same names
// for messages and their content.
func (c *call) eachBlock(check func(i, j int, block value) *refusal) *refusal {
	for i, m := range c.request.get("messages").items {
		for j, block := range m.get("content").items {
			if broken := check(i, j, block); broken != nil {
				return broken
			}
		}
	}
	return nil
}

// invalidMember is the response of Amazon's services to values that their models don't allow. It repeats neither
// lists nor the content of messages.
func invalidMember(v, place, constraint string) *refusal {
	shown := "Value '" + v + "'"
	if strings.Contains(place, ".content.") || v == "[]" {
		shown = "Value"
	}
	return refused(fmt.Sprintf("1 validation error detected: %s at '%s' failed to satisfy constraint: %s", shown, place, constraint))
}

// memberName is the rule for names and ids of ASCII letters, digits and some other characters.
func memberName(v value, place, others string) *refusal {
	switch name := v.text(); {
	case !v.isString():
		return nil
	case len(name) > 64:
		return invalidMember(name, place, "Member must have length less than or equal to 64")
	case !isName(name, others):
		return invalidMember(name, place, "Member must satisfy regular expression pattern: [a-zA-Z0-9"+others+"]+")
	}
	return nil
}
