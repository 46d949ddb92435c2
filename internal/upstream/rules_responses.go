package upstream

import (
	"fmt"
	"strings"
)

// What OpenAI's responses API rejects, in addition to what chat completions reject.

var responsesRules = []rule{
	{"openai.metadata", (*call).metadata},
	{"openai.unknown-parameter", func(c *call) *refusal {
		for _, f := range c.request.fields {
			if responsesFields.fields[f.name] == nil && moved[f.name] == "" {
				return openAIRefusal(f.name, "unknown_parameter", "Unknown parameter: '%s'.", f.name)
			}
		}
		return nil
	}},
	{"openai.moved-parameter", func(c *call) *refusal {
		for _, f := range c.request.fields {
			if to := moved[f.name]; to != "" {
				return openAIRefusal("", "unsupported_parameter", "Unsupported parameter: '%s'. In the Responses API, this parameter has moved to '%s'. Try again with the new parameter. "+
					"See the API documentation for more information: https://platform.openai.com/docs/api-reference/responses/create.", f.name, to)
			}
		}
		return nil
	}},
	{"openai.item-id", func(c *call) *refusal {
		for i, item := range c.request.get("input").items {
			kind, id := item.get("type").text(), item.get("id").text()
			if prefix := itemPrefixes[kind]; prefix != "" && id != "" && !strings.HasPrefix(id, prefix) {
				param := fmt.Sprintf("input[%d].id", i)
				return openAIRefusal(param, "invalid_value", "Invalid '%s': '%s'. Expected an ID that begins with '%s'.", param, id, prefix)
			}
		}
		return nil
	}},
	{"openai.reasoning-followed", func(c *call) *refusal {
		input := c.request.get("input").items
		for i, item := range input {
			if id := item.get("id").text(); item.get("type").text() == "reasoning" && id != "" && (i+1 == len(input) || !isModels(input[i+1])) {
				return openAIRefusal("input", "", "Item '%s' of type 'reasoning' was provided without its required following item.", id)
			}
		}
		return nil
	}},
	{"openai.input", func(c *call) *refusal {
		for _, name := range [...]string{"input", "previous_response_id", "prompt", "conversation"} {
			if c.request.get(name).there() {
				return nil
			}
		}
		return openAIRefusal("", "missing_required_parameter", "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be provided.")
	}},
	{"openai.tool-calls-answered", func(c *call) *refusal {
		if c.request.get("conversation").there() {
			return nil
		}
		calls, outputs := map[string]bool{}, map[string]bool{}
		for _, item := range c.request.get("input").items {
			if item.get("type").text() == "item_reference" {
				return nil
			}
			if strings.HasSuffix(item.get("type").text(), "_call_output") {
				outputs[item.get("call_id").text()] = true
			} else {
				calls[item.get("call_id").text()] = true
			}
		}
		if previous := c.request.get("previous_response_id").text(); previous != "" {
			r, _ := recall[storedResponse](c, previous)
			for _, id := range r.calls {
				if !outputs[id] {
					return openAIRefusal("input", "", "No tool output found for function call %s.", id)
				}
			}
			return nil // earlier calls are not known here
		}
		for _, item := range c.request.get("input").items {
			switch id := item.get("call_id").text(); item.get("type").text() {
			case "function_call":
				if !outputs[id] {
					return openAIRefusal("input", "", "No tool output found for function call %s.", id)
				}
			case "function_call_output":
				if !calls[id] {
					return openAIRefusal("input", "", "No tool call found for function call output with call_id %s.", id)
				}
			}
		}
		return nil
	}},
	{"openai.content-type", func(c *call) *refusal {
		for i, item := range c.request.get("input").items {
			for j, part := range item.get("content").items {
				if kind := part.get("type").text(); kind == "text" || kind == "image_url" {
					return openAIRefusal(fmt.Sprintf("input[%d].content[%d].type", i, j), "invalid_value",
						"Invalid value: '%s'. Supported values are: 'input_text', 'input_image', 'output_text', 'refusal', 'input_file', 'computer_screenshot', and 'summary_text'.", kind)
				}
			}
		}
		return nil
	}},
	{"openai.function-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if tool.get("type").text() != "function" {
				continue
			}
			if broken := functionSchema(tool, "tools[%d].parameters", i); broken != nil {
				return broken
			}
		}
		return nil
	}},
	{"openai.strict-schema", func(c *call) *refusal {
		for i, tool := range c.request.get("tools").items {
			if broken := strictFunction(tool, "tools[%d].parameters", i); broken != nil {
				return broken
			}
		}
		return strictFormat(c.request.get("text", "format"), "text.format.schema", "invalid_json_schema")
	}},
	{"openai.json-word", func(c *call) *refusal {
		if c.request.get("text", "format", "type").text() != "json_object" || mentionsJSON(c.request.get("input")) || mentionsJSON(c.request.get("instructions")) ||
			c.request.get("previous_response_id").there() || c.request.get("conversation").there() || c.request.get("prompt").there() {
			return nil
		}
		return openAIRefusal("input", "", "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.")
	}},
}

var itemPrefixes = map[string]string{"function_call": "fc", "message": "msg", "reasoning": "rs"}

// moved are parameters of chat completions with another name here.
var moved = map[string]string{"messages": "input", "response_format": "text.format", "reasoning_effort": "reasoning.effort",
	"max_completion_tokens": "max_output_tokens"}

// isModels reports whether an item is the model's, or may replace one of the model's.
func isModels(item value) bool {
	role := item.get("role").text()
	return (role == "" || role == "assistant") && !strings.HasSuffix(item.get("type").text(), "_output")
}
