package upstream

import (
	"strconv"
	"strings"
)

// What OpenAI rejects in combinations of values, and for other reasons than types.

var chatCombinationRules = []rule{
	{"openai.metadata-store", func(c *call) *refusal {
		// Accounts differ in what they store by default.
		if store := c.request.get("store"); len(c.request.get("metadata").fields) == 0 || !store.there() || store.isTrue() {
			return nil
		}
		return openAIRefusal("metadata", "", "The 'metadata' parameter is only allowed when 'store' is enabled.")
	}},
	{"openai.logit-bias", func(c *call) *refusal {
		biases := c.request.get("logit_bias")
		for _, bias := range biases.fields {
			if _, err := strconv.ParseUint(bias.name, 10, 64); err != nil {
				return openAIRefusal("logit_bias", "", "Invalid key in 'logit_bias': %s. You should only be submitting non-negative integers.", bias.name)
			}
			if n, ok := bias.value.number(); ok && (n < -100 || n > 100) {
				return openAIRefusal("logit_bias", "", "Invalid value in 'logit_bias': %s. Expected a value between -100 and 100.", bias.value.raw)
			}
		}
		if len(biases.fields) > 0 && c.reasons() {
			return unsupported("logit_bias")
		}
		return nil
	}},
	{"openai.tool-call-id-unique", func(c *call) *refusal {
		messages := c.request.get("messages").items
		for i := range messages {
			id := messages[i].get("tool_call_id")
			for j := i - 1; id.there() && j >= 0 && messages[j].get("tool_call_id").there(); j-- {
				if string(messages[j].get("tool_call_id").raw) == string(id.raw) {
					param := "messages.[" + strconv.Itoa(i) + "].tool_call_id"
					return openAIRefusal(param, "", "Invalid parameter: Duplicate value for 'tool_call_id' of '%s', in messages[%d] and messages[%d].", id.text(), j, i)
				}
			}
		}
		return nil
	}},
	{"openai.file-data", func(c *call) *refusal {
		return c.eachBlock(func(i, j int, part value) *refusal {
			data := part.get("file", "file_data")
			if !data.isString() || strings.HasPrefix(data.text(), "data:") {
				return nil
			}
			param := "messages[" + strconv.Itoa(i) + "].content[" + strconv.Itoa(j) + "].file.file_data"
			return openAIRefusal(param, "invalid_value", "Invalid file data: '%s'. Expected a base64-encoded data URL with an application/pdf MIME type "+
				"(e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ=='), but got a value without the 'data:' prefix.", param)
		})
	}},
}

var responsesCombinationRules = []rule{
	{"openai.stream-options", (*call).streamOptions},
	{"openai.one-history", func(c *call) *refusal {
		if !c.request.get("conversation").there() || !c.request.get("previous_response_id").there() {
			return nil
		}
		return openAIRefusal("previous_response_id", "mutually_exclusive_parameters",
			"Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only providing one of them.")
	}},
	{"openai.item-unique", func(c *call) *refusal {
		var seen map[string]bool // allocated when an item has an id
		for _, item := range c.request.get("input").items {
			id := item.get("id")
			if !id.isString() {
				continue
			}
			if seen[id.text()] {
				return openAIRefusal("input", "", "Duplicate item found with id %s. Remove duplicate items from your input and try again.", id.text())
			}
			if seen == nil {
				seen = map[string]bool{}
			}
			seen[id.text()] = true
		}
		return nil
	}},
	{"openai.unknown-parameter", func(c *call) *refusal { // other items may have it, and SDKs write it as null
		for i, item := range c.request.get("input").items {
			if item.get("type").text() == "reasoning" && hasNull(item, "status") {
				param := "input[" + strconv.Itoa(i) + "].status"
				return openAIRefusal(param, "unknown_parameter", "Unknown parameter: '%s'.", param)
			}
		}
		return nil
	}},
	{"openai.minimal-tools", func(c *call) *refusal {
		if c.request.get("reasoning", "effort").text() != "minimal" {
			return nil
		}
		for _, tool := range c.request.get("tools").items {
			if kind := tool.get("type").text(); strings.HasPrefix(kind, "web_search") {
				return openAIRefusal("tools", "", "The following tools cannot be used with reasoning.effort 'minimal': %s.", kind)
			}
		}
		return nil
	}},
}

func (c *call) streamOptions() *refusal {
	if !c.request.get("stream_options").there() || c.request.get("stream").isTrue() {
		return nil
	}
	return openAIRefusal("stream_options", "", "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
}
