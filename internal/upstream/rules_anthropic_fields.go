package upstream

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// The fields of Anthropic's messages API, from anthropic-sdk-go, with the limits documented at platform.claude.com.

var (
	fieldRules = claudeShaped(messagesShape)
	// The parameters of a batch's requests are checked later.
	claudeBatchRules = append(claudeShaped(func(*call) *shape { return batchBody }), rule{"anthropic.batch-ids", func(c *call) *refusal {
		seen := map[string]bool{}
		for i, request := range c.request.get("requests").items {
			id := request.get("custom_id").text()
			if seen[id] {
				return refused(fmt.Sprintf("requests.%d.custom_id: `custom_id` values must be unique, but '%s' is repeated", i, id))
			}
			seen[id] = true
		}
		return nil
	}})
)

// claudeShaped returns the rules that the shape of a request may break.
func claudeShaped(of func(*call) *shape) []rule {
	return []rule{
		shaped("anthropic.extra-inputs", of, claudeFault, oneOfProblems(unknown)),
		shaped("anthropic.field-required", of, claudeFault, oneOfProblems(missing)),
		shaped("anthropic.field-type", of, claudeFault, oneOfProblems(mistyped)),
		shaped("anthropic.field-value", of, claudeFault, oneOfProblems(misspoken, untagged, under, over, mismatched)),
	}
}

func messagesShape(c *call) *shape {
	switch c.Operation {
	case dialect.CountTokens:
		return countBody
	case dialect.Invoke:
		return invokeBody
	default:
		return messagesBody
	}
}

var (
	messagesBody = &shape{kind: record, fields: messageFieldsWith(fields{
		"max_tokens": aWhole, "metadata": fieldsOf("", fields{"user_id": aText}), "stop_sequences": someTexts, "stream": aTruth,
		"temperature": aNumber, "top_p": between(number, 0, 1), "top_k": between(whole, 0, 0), "service_tier": wordOf("auto", "standard_only"),
		"inference_geo": aText, "diagnostics": anObject, "container": aText.orElse(anObject), "fallbacks": whatever, "fallback_credit_token": whatever,
	}), beta: words("context_management mcp_servers compaction output_format fallbacks fallback_credit_token")}
	batchBody = fieldsOf("requests", fields{"requests": {kind: list, bounded: true, least: 1, most: 100_000,
		item: fieldsOf("custom_id params", fields{"params": anObject,
			"custom_id": named("^[a-zA-Z0-9_-]{1,64}$", func(id string) bool { return len(id) <= 64 && isName(id, "_-") })})}})
	countBody = &shape{kind: record, needed: []string{"messages"}, fields: messageFieldsWith(nil), beta: messagesBody.beta}
)

// messageFieldsWith returns the fields shared with token counting, and others.
func messageFieldsWith(others fields) fields {
	all := fields{
		"model": between(text, 1, 256), "messages": several(claudeMessage), "system": aText.orList(systemBlock), "tools": several(claudeTool),
		"tool_choice": claudeChoice, "thinking": claudeThinking, "cache_control": cacheControl, "speed": wordOf("standard", "fast"),
		"output_config": fieldsOf("", fields{"effort": aText, "format": outputFormat, "task_budget": anObject}),
		"output_format": outputFormat, "context_management": fieldsOf("", fields{"edits": aList}), "mcp_servers": several(mcpServer), "compaction": whatever,
	}
	maps.Copy(all, others)
	return all
}

var (
	cacheControl = tagged(fields{"ephemeral": {kind: record, beta: words("scope"),
		fields: fields{"type": aText, "ttl": wordOf("5m", "1h"), "scope": aText}}}, "ephemeral")
	outputFormat = fieldsOf("type schema", fields{"type": wordOf("json_schema"), "schema": anObject})
	mcpServer    = fieldsOf("name url", fields{"type": wordOf("url"), "name": aText, "url": aText, "authorization_token": aText, "tool_configuration": anObject})

	claudeMessage = fieldsOf("content", fields{"role": aText, "content": aText.orList(claudeBlock), "clear_at": whatever, "output_config": whatever})
	systemBlock   = fieldsOf("type", fields{"type": wordOf("text"), "text": aText, "cache_control": cacheControl, "citations": whatever})

	claudeChoice = tagged(fields{
		"auto": choiceWith(""), "any": choiceWith(""), "tool": choiceWith("name"), "none": fieldsOf("", fields{"type": aText}),
	})
	claudeThinking = tagged(fields{
		"enabled":  thinkingWith("budget_tokens"),
		"disabled": fieldsOf("", fields{"type": aText}),
		"adaptive": thinkingWith(""), "between_tools": thinkingWith(""),
	}, "adaptive", "disabled", "enabled")

	claudeBlock = claudeBlocks()

	base64Source = fieldsOf("data media_type", fields{"type": aText, "data": aText, "media_type": aText})
	urlSource    = fieldsOf("url", fields{"type": aText, "url": aText})
	fileSource   = fieldsOf("file_id", fields{"type": aText, "file_id": aText})
	imageSource  = tagged(fields{"base64": base64Source, "url": urlSource, "file": fileSource}, "base64", "url")
	citations    = fieldsOf("", fields{"enabled": aTruth})

	serverToolID = named("^srvtoolu_[a-zA-Z0-9_]+$", func(s string) bool {
		rest, ok := strings.CutPrefix(s, "srvtoolu_")
		return ok && isName(rest, "_")
	})
	usedToolName = &shape{kind: text, bounded: true, least: 1, most: 200}
)

func choiceWith(needed string) *shape {
	s := fieldsOf(needed, fields{"type": aText, "disable_parallel_tool_use": aTruth})
	if needed != "" {
		s.fields[needed] = aText
	}
	return s
}

func thinkingWith(needed string) *shape {
	s := fieldsOf(needed, fields{"type": aText, "display": wordOf("summarized", "omitted"), "block_binding": whatever})
	s.beta = words("block_binding")
	if needed != "" {
		s.fields[needed] = aWhole
	}
	return s
}

// claudeBlocks are the blocks of messages and of tool results.
func claudeBlocks() *shape {
	textBlock := blockWith("", fields{"text": aText, "citations": whatever})
	image := blockWith("", fields{"source": imageSource, "transformations": whatever})
	result := blockWith("source title content", fields{"source": aText, "title": aText, "content": several(fieldsOf("type text", fields{"type": wordOf("text"), "text": aText, "cache_control": cacheControl, "citations": whatever})), "citations": citations})
	document := blockWith("", fields{"title": aText, "context": aText, "citations": citations, "source": tagged(fields{
		"base64": base64Source, "text": fieldsOf("data", base64Source.fields), "url": urlSource, "file": fileSource,
		"content": fieldsOf("content", fields{"type": aText, "content": aText.orList(nil)}),
	}, "base64", "content", "text", "url")})
	inResult := tagged(fields{"text": textBlock, "image": image, "document": document, "search_result": result,
		"tool_reference": blockWith("tool_name", fields{"tool_name": aText})})
	uncached := func(s *shape) *shape { delete(s.fields, "cache_control"); return s }
	return tagged(fields{
		"text": textBlock, "image": image, "document": document, "search_result": result,
		"thinking":               uncached(blockWith("", fields{"thinking": aText, "signature": aText})),
		"redacted_thinking":      uncached(blockWith("", fields{"data": aText})),
		"tool_use":               blockWith("", fields{"id": aText, "name": usedToolName, "input": whatever, "caller": whatever, "toolset_name": aText}),
		"tool_result":            blockWith("", fields{"tool_use_id": aText, "content": aText.orList(inResult), "is_error": aTruth, "toolset_name": aText}),
		"server_tool_use":        blockWith("id name input", fields{"id": serverToolID, "name": aText, "input": anObject, "caller": whatever}),
		"web_search_tool_result": blockWith("tool_use_id content", fields{"tool_use_id": serverToolID, "content": whatever, "caller": whatever}),
		"web_fetch_tool_result":  blockWith("tool_use_id content", fields{"tool_use_id": serverToolID, "content": whatever, "caller": whatever}),
	})
}

// blockWith returns a block with fields in addition to the common ones.
func blockWith(needed string, more fields) *shape {
	return fieldsOf(needed, fields{"type": aText, "cache_control": cacheControl}).with(more)
}

// claudeTool is a tool: the client's own, or one of Anthropic's with a dated type.
var claudeTool = func() *shape {
	all := func(s *shape) *shape {
		for name, of := range (fields{"type": aText, "name": aText, "cache_control": cacheControl, "defer_loading": aTruth, "strict": aTruth, "allowed_callers": aList}) {
			if s.fields[name] == nil {
				s.fields[name] = of
			}
		}
		return s
	}
	own := all(fieldsOf("name", fields{"description": aText, "input_schema": anObject, "eager_input_streaming": aTruth, "input_examples": aList}))
	tags := fields{"": own, "custom": own}
	for _, date := range []string{"20250305", "20260209", "20260318"} {
		tags["web_search_"+date] = all(fieldsOf("name", fields{"name": wordOf("web_search"), "max_uses": between(whole, 1, 0), "allowed_domains": aList, "blocked_domains": aList,
			"user_location": anObject, "response_inclusion": whatever}))
	}
	for _, date := range []string{"20250910", "20260209", "20260309", "20260318"} {
		tags["web_fetch_"+date] = all(fieldsOf("name", fields{"name": wordOf("web_fetch"), "max_uses": between(whole, 1, 0), "allowed_domains": aList, "blocked_domains": aList,
			"max_content_tokens": aWhole, "citations": citations, "url_sources": whatever, "use_cache": aTruth, "response_inclusion": whatever}))
	}
	for kind, name := range map[string]string{"bash_20250124": "bash", "text_editor_20250124": "str_replace_editor", "text_editor_20250429": "str_replace_based_edit_tool",
		"text_editor_20250728": "str_replace_based_edit_tool", "code_execution_20250522": "code_execution", "code_execution_20250825": "code_execution", "memory_20250818": "memory"} {
		tags[kind] = all(fieldsOf("name", fields{"name": wordOf(name), "input_examples": aList, "max_characters": aWhole}))
	}
	for kind := range words(`advisor_20260301 bash_20241022 browser_toolset_20260801 code_execution_20260120 code_execution_20260521 computer_20241022
		computer_20250124 computer_20251124 computer_toolset_20260801 mcp_toolset text_editor_20241022 tool_search_tool_bm25 tool_search_tool_bm25_20251119
		tool_search_tool_regex tool_search_tool_regex_20251119`) {
		tags[kind] = anObject
	}
	return tagged(tags, "bash_20250124", "code_execution_20250522", "code_execution_20250825", "code_execution_20260120", "custom", "memory_20250818",
		"text_editor_20250124", "text_editor_20250429", "text_editor_20250728", "tool_search_tool_bm25", "tool_search_tool_bm25_20251119",
		"tool_search_tool_regex", "tool_search_tool_regex_20251119", "web_fetch_20250910", "web_fetch_20260209", "web_search_20250305", "web_search_20260209")
}()

// claudePath formats the path of a value as in Anthropic's errors: messages.0.content.1.text.text. A tool without a
// type is the client's own.
func (f *fault) claudePath() string {
	var b strings.Builder
	for _, at := range slices.Backward(f.path) {
		name := at.name
		switch {
		case at.kind == list:
			name = strconv.Itoa(at.index)
		case at.kind == text && name == "":
			name = "custom"
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}

var claudeKinds = map[kind]string{text: "a valid string", number: "a valid number", whole: "a valid integer", truth: "a valid boolean", list: "a valid list", record: "an object"}

// claudeFault returns Anthropic's message about a fault.
func claudeFault(_ *call, f *fault) *refusal {
	return refused(f.claudePath() + ": " + f.inputShould())
}

// inputShould describes a fault in the words of pydantic.
func (f *fault) inputShould() string {
	s := f.shape
	switch f.problem {
	case unknown:
		return "Extra inputs are not permitted"
	case missing:
		return "Field required"
	case mistyped:
		expected := s
		if s.or != nil && s.or.kind == list {
			expected = s.or
		}
		return "Input should be " + claudeKinds[expected.kind]
	case misspoken:
		if n := len(s.words) - 1; n > 0 {
			return "Input should be " + quotedList(s.words[:n]) + " or '" + s.words[n] + "'"
		}
		return "Input should be '" + s.words[0] + "'"
	case untagged:
		return fmt.Sprintf("Input tag '%s' found using 'type' does not match any of the expected tags: %s", f.value.text(), quotedList(s.expected))
	case mismatched:
		return "String should match pattern '" + s.pattern + "'"
	case under, over:
	}
	bound, relation, length := s.least, "greater than or equal to", "at least"
	if f.problem == over {
		bound, relation, length = s.most, "less than or equal to", "at most"
	}
	n := strconv.FormatFloat(bound, 'f', -1, 64)
	if s.kind == list {
		items := "items"
		if bound == 1 {
			items = "item"
		}
		return fmt.Sprintf("List should have %s %s %s after validation, not %d", length, n, items, len(f.value.items))
	}
	if s.kind != text {
		return "Input should be " + relation + " " + n
	}
	if bound == 1 {
		return fmt.Sprintf("String should have %s 1 character", length)
	}
	return fmt.Sprintf("String should have %s %s characters", length, n)
}
