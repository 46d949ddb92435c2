package lavaotel

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/lavapayments/lava-go"
)

// completion is the metadata in a model's response, read as a whole or event by event. OpenAI's, Anthropic's,
// Google's, Amazon's and Cohere's formats are parsed in the same way, because no two of them use the same name for
// different things.
type completion struct {
	id, model     string
	finishReasons []string // by choice
	documents     int      // read so far: events of a stream, or a whole response
	ended         bool     // a terminal event was read
	failed        bool     // an error event was read
	code          string   // the code of an error

	input, output tally
	cached        tally // included in the input
	read, written tally // cached, in addition to the input: Anthropic's and Amazon's
	promptTokens  bool  // the input is OpenAI's, which includes everything
	toolUse       tally // in addition to the input: Google's
	thoughts      tally // in addition to the output: Google's
}

// tally is a number of tokens, if it is known.
type tally struct {
	tokens int64
	known  bool
}

// set sets a count. The counts in a stream's events are cumulative: they must not be added up, and they never
// decrease.
func (t *tally) set(value []byte) {
	if n, ok := count(value); ok {
		t.tokens, t.known = max(t.tokens, n), true
	}
}

// inputTokens returns all tokens of the input, including cached ones.
func (c *completion) inputTokens() tally {
	t := c.input
	t.tokens += c.toolUse.tokens
	if !c.promptTokens {
		t.tokens += c.read.tokens + c.written.tokens
	}
	return t
}

// cachedTokens returns the tokens of the input that came from a cache.
func (c *completion) cachedTokens() tally {
	if c.read.known {
		return c.read
	}
	return c.cached
}

// outputTokens returns all tokens of the output, including reasoning.
func (c *completion) outputTokens() tally {
	return tally{c.output.tokens + c.thoughts.tokens, c.output.known || c.thoughts.known}
}

// document parses a whole response, or an event of a stream.
func (c *completion) document(data []byte) {
	c.documents++
	if opening(data, '[') < 0 {
		c.object(data)
		return
	}
	for event := range elements(data) { // Google's stream, if events were not requested
		c.object(event)
	}
}

func (c *completion) object(data []byte) {
	for key, value := range members(data) {
		switch string(key) {
		case "id", "responseId":
			setOnce(&c.id, value)
		case "model", "modelVersion":
			setOnce(&c.model, value)
		case "usage", "usageMetadata":
			c.usage(value)
		case "amazon-bedrock-invocationMetrics": // repeats the counts, if the model's own format has them
			if !c.input.known {
				c.usage(value)
			}
		case "choices", "candidates":
			for choice := range elements(value) {
				c.choice(choice)
			}
		case "finish_reason", "stop_reason", "stopReason":
			c.finish(0, text(value))
		case "status", "incomplete_details": // of OpenAI's Responses
			c.finish(0, statusReason(value))
		case "promptFeedback": // Google's: there won't be a candidate
			c.ended = true
		case "message", "response", "delta", "x_groq": // in events of Anthropic, OpenAI, Cohere and Groq
			c.object(value)
		case "bytes": // Amazon's, wrapping the event of another format
			if event, err := base64.StdEncoding.DecodeString(text(value)); err == nil {
				c.object(event)
			}
		case "type":
			c.ended = c.ended || string(value) == `"message_stop"`
			c.failed = c.failed || string(value) == `"error"`
		case "error":
			c.failed = c.failed || opening(value, '{') >= 0
			for key, value := range members(value) {
				c.problem(key, value)
			}
		case "code", "__type":
			c.problem(key, value)
		}
	}
}

// setOnce sets a name that all events of a stream repeat.
func setOnce(name *string, value []byte) {
	if *name == "" {
		*name = clean(text(value))
	}
}

// choice reads one of OpenAI's choices or Google's candidates. The index of the first may be omitted.
func (c *completion) choice(data []byte) {
	index, reason := int64(0), ""
	for key, value := range members(data) {
		switch string(key) {
		case "index":
			index, _ = count(value)
		case "finish_reason", "finishReason":
			reason = text(value)
		case "usage": // some providers with OpenAI's format have it here
			c.usage(value)
		}
	}
	c.finish(index, reason)
}

const maxChoices = 128 // the most that a request may ask for

func (c *completion) finish(choice int64, reason string) {
	if reason == "" || choice >= maxChoices {
		return
	}
	for int64(len(c.finishReasons)) <= choice {
		c.finishReasons = append(c.finishReasons, "")
	}
	c.finishReasons[choice], c.ended = clean(reason), true
}

// statusReason returns how a response of OpenAI's Responses ended: its final status, or why it is incomplete.
func statusReason(value []byte) string {
	switch status := text(value); status {
	case "completed", "failed", "cancelled":
		return status
	}
	for key, value := range members(value) {
		if string(key) == "reason" {
			return text(value)
		}
	}
	return ""
}

func (c *completion) usage(data []byte) {
	for key, value := range members(data) {
		switch string(key) {
		case "prompt_tokens":
			c.promptTokens = true
			c.input.set(value)
		case "input_tokens", "inputTokens", "promptTokenCount", "inputTokenCount", "inputTextTokenCount":
			c.input.set(value)
		case "completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount", "outputTokenCount":
			c.output.set(value)
		case "thoughtsTokenCount":
			c.thoughts.set(value)
		case "toolUsePromptTokenCount":
			c.toolUse.set(value)
		case "cached_tokens", "cachedContentTokenCount":
			c.cached.set(value)
		case "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount":
			c.read.set(value)
		case "cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount":
			c.written.set(value)
		case "prompt_tokens_details", "input_tokens_details", "billed_units":
			c.usage(value)
		}
	}
}

// problem reads the kind of an error: Google's status rather than its number, and the code rather than the type.
func (c *completion) problem(key, value []byte) {
	switch string(key) {
	case "code", "status":
		c.code = cmp.Or(word(text(value)), c.code)
	case "type", "__type":
		kind := text(value)
		_, after, found := strings.Cut(kind, "#") // Amazon's kind follows a namespace
		if found {
			kind = after
		}
		c.code = cmp.Or(c.code, word(kind))
	}
}

const maxText = 256

// clean returns a text that may be recorded. A long text isn't a name.
func clean(s string) string {
	if len(s) > maxText {
		return ""
	}
	return lava.Redact(s)
}

// word returns the code of an error if it is a word without digits: no credential looks like that, and there are few
// of them.
func word(s string) string {
	for _, c := range s {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && c != '_' && c != '-' && c != '.' {
			return ""
		}
	}
	if len(s) > 64 {
		return ""
	}
	return s
}
