package upstream

import (
	"maps"
	"net/http"
	"strings"
)

// habits are a provider's deviations from OpenAI, whose format it uses, according to its API reference and the types
// of its SDKs.
type habits struct {
	id         string // the prefix of ids of chat completions
	calls      int    // the length of tool call ids; 0 for OpenAI's
	usage      place  // where streams report usage
	usageOf    func(Usage) any
	thoughts   thoughts
	wholeCalls bool // a stream has each tool call in a single chunk
	plain      bool // without refusal, logprobs and fingerprint
	comment    string
	fields     object // of each response and chunk, in addition to OpenAI's
	native     bool   // a choice also has the model's own finish reason
	failure    func(status int, message string) object
	listed     bool // errors are elements of an array

	embeddingID    bool                   // embeddings have an id
	embeddingUsage func(tokens int64) any // the usage of embeddings
}

// place is where a stream reports usage.
type place int

const (
	ownChunk    place = iota // after the end, if requested
	finish                   // in the chunk with the finish reason, always
	finalChoice              // in the choice with the finish reason, always
	eachChunk                // the usage so far
	groqUsage                // in x_groq of the chunk with the finish reason, always; and in a separate chunk if requested
	always                   // in a separate chunk with an empty choice, always
)

// thoughts is the place of the model's thoughts in a message.
type thoughts int

const (
	reasoningContent thoughts = iota
	reasoning
	contentParts     // a list of parts, as at Mistral
	reasoningDetails // "reasoning", and also a list
)

var openAIHabits = habits{id: "chatcmpl-"}.complete()

// providerHabits are the habits by catalog id. Unlisted providers behave like OpenAI, with reasoning_content.
var providerHabits = func() map[string]*habits {
	all := make(map[string]*habits, len(listedHabits))
	for id, h := range listedHabits {
		all[id] = h.complete()
	}
	return all
}()

var listedHabits = map[string]habits{
	"mistral": {calls: 9, usage: finish, usageOf: bareUsage, thoughts: contentParts, wholeCalls: true, plain: true, failure: mistralError,
		embeddingID: true, embeddingUsage: func(tokens int64) any { return bareUsage(Usage{InputTokens: tokens}) }},
	"deepseek": {usage: finish, usageOf: cacheHitUsage},
	"xai":      {usageOf: apartUsage, wholeCalls: true, failure: xaiError},
	"groq": {id: "chatcmpl-", usage: groqUsage, usageOf: timedUsage, thoughts: reasoning, wholeCalls: true,
		fields: object{"service_tier": "on_demand"}},
	"google":    {id: "chatcmpl-", failure: googleError, listed: true}, // github.com/0xsline/OpenChatCut/issues/6
	"together":  {usage: finish, usageOf: bareUsage, thoughts: reasoning, fields: object{"prompt": []object{}}},
	"fireworks": {usage: finish},
	"cerebras": {id: "chatcmpl-", usage: finish, thoughts: reasoning, failure: flatError,
		fields: object{"time_info": object{"queue_time": 0.001, "prompt_time": 0.001, "completion_time": 0.01, "total_time": 0.012}}},
	"moonshot": {id: "chatcmpl-", usage: finalChoice},
	"zai":      {usage: finish},
	"cohere":   {id: "chatcmpl-", failure: messageError},
	"voyage":   {embeddingUsage: func(tokens int64) any { return object{"total_tokens": tokens} }},
	"perplexity": {usage: eachChunk, usageOf: costUsage, plain: true, failure: numberedError,
		fields: object{"citations": []string{}, "search_results": []object{}}},
	"openrouter": {id: "gen-", usage: always, usageOf: creditUsage, thoughts: reasoningDetails, failure: openRouterError,
		comment: ": OPENROUTER PROCESSING\n\n", fields: object{"provider": "OpenAI"}, native: true},
}

func (c *call) habits() *habits {
	if c.provider == nil {
		return openAIHabits
	}
	h, ok := providerHabits[c.provider.ID]
	if !ok {
		h = openAIHabits
	}
	if c.provider.ReportsUsage && h.usage == ownChunk {
		changed := *h
		changed.usage = always
		return &changed
	}
	return h
}

// complete fills in OpenAI's behavior.
func (h habits) complete() *habits {
	if h.usageOf == nil {
		h.usageOf = func(u Usage) any { return openAIUsage(u) }
	}
	if h.embeddingUsage == nil {
		h.embeddingUsage = func(tokens int64) any { return object{"prompt_tokens": tokens, "total_tokens": tokens} }
	}
	if h.failure == nil {
		h.failure = openAIError
	}
	return &h
}

// null returns the value of a field that only OpenAI and the most similar providers have.
func (h *habits) null() any {
	if h.plain {
		return nil
	}
	return null
}

// refuses reports whether a turn's text is a refusal, which has a separate field.
func (h *habits) refuses(t turn) bool { return t.finish == FinishRefusal && !h.plain }

// think adds the model's thoughts to a message, or to a part of one. Call it after the content was set.
func (h *habits) think(m *chatMessage, text string) {
	if text == "" {
		return
	}
	switch h.thoughts {
	case reasoningContent:
		m.ReasoningContent = text
	case reasoning:
		m.Reasoning = text
	case reasoningDetails:
		m.Reasoning = text
		m.ReasoningDetails = []object{{"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}}
	case contentParts:
		parts := []object{{"type": "thinking", "thinking": []object{{"type": "text", "text": text}}}}
		if said, ok := m.Content.(string); ok && said != "" {
			parts = append(parts, object{"type": "text", "text": said})
		}
		m.Content = parts
	}
}

func (h *habits) choiceOf(i int, message, delta *chatMessage, finish any) chatChoice {
	c := chatChoice{Index: i, Message: message, Delta: delta, Logprobs: h.null(), FinishReason: finish}
	if h.native {
		if c.NativeReason = finish; finish == nil {
			c.NativeReason = null
		}
	}
	return c
}

// streamFailure is an error in a stream, which a field named error distinguishes from other events.
func (h *habits) streamFailure() object {
	e := h.failure(http.StatusInternalServerError, streamFault)
	if e["error"] == nil {
		e = openAIError(http.StatusInternalServerError, streamFault)
	}
	return e
}

// upTo returns the usage after the given number of chunks.
func (u Usage) upTo(sent, chunks int) Usage {
	u.OutputTokens = u.OutputTokens * int64(sent) / int64(chunks)
	return u
}

// The usage in the responses of different providers.

func bareUsage(u Usage) any {
	return object{"prompt_tokens": u.InputTokens, "completion_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens}
}

func usageWith(u Usage, more object) any {
	o := object{
		"prompt_tokens": u.InputTokens, "completion_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
		"prompt_tokens_details":     object{"cached_tokens": u.CachedTokens},
		"completion_tokens_details": object{"reasoning_tokens": u.ReasoningTokens},
	}
	maps.Copy(o, more)
	return o
}

// cacheHitUsage is DeepSeek's usage.
func cacheHitUsage(u Usage) any {
	return usageWith(u, object{"prompt_cache_hit_tokens": u.CachedTokens, "prompt_cache_miss_tokens": max(0, u.InputTokens-u.CachedTokens)})
}

// apartUsage is xAI's usage, which counts reasoning separately from the completion.
func apartUsage(u Usage) any {
	return usageWith(u, object{
		"completion_tokens":     u.OutputTokens - u.ReasoningTokens,
		"num_sources_used":      0,
		"prompt_tokens_details": object{"text_tokens": u.InputTokens, "audio_tokens": 0, "image_tokens": 0, "cached_tokens": u.CachedTokens},
		"completion_tokens_details": object{"reasoning_tokens": u.ReasoningTokens, "audio_tokens": 0,
			"accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
	})
}

// timedUsage is Groq's usage.
func timedUsage(u Usage) any {
	return usageWith(u, object{"queue_time": 0.001, "prompt_time": 0.001, "completion_time": 0.01, "total_time": 0.011})
}

// costUsage is Perplexity's usage.
func costUsage(u Usage) any {
	return object{
		"prompt_tokens": u.InputTokens, "completion_tokens": u.OutputTokens, "total_tokens": u.InputTokens + u.OutputTokens,
		"search_context_size": "low",
		"cost":                object{"input_tokens_cost": 0.0, "output_tokens_cost": 0.0, "request_cost": 0.005, "total_cost": 0.005},
	}
}

// creditUsage is OpenRouter's usage.
func creditUsage(u Usage) any { return usageWith(u, object{"cost": 0.0001, "is_byok": false}) }

// The errors in the responses of different providers.

// mistralError is the error in Mistral's error glossary and, for 422, the one that its SDKs read as a validation
// error.
func mistralError(status int, message string) object {
	kind := "invalid_request_error"
	switch {
	case status == http.StatusUnprocessableEntity:
		return object{"detail": []object{{"type": "value_error", "loc": []string{"body"}, "msg": message, "input": nil}}}
	case status == http.StatusUnauthorized:
		kind = "authentication_error"
	case status == http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case status >= 500:
		kind = "server_error"
	}
	return object{"object": "error", "message": message, "type": kind, "param": nil, "code": nil}
}

func xaiError(status int, message string) object {
	return object{"code": http.StatusText(status), "error": message}
}

// messageError is Cohere's error.
func messageError(_ int, message string) object { return object{"message": message} }

// flatError is Cerebras's error.
func flatError(status int, message string) object {
	return object{"message": message, "type": errorType(status), "param": "", "code": strings.TrimSuffix(errorType(status), "_error")}
}

// numberedError is Perplexity's error.
func numberedError(status int, message string) object {
	return object{"error": object{"message": message, "type": errorType(status), "code": status}}
}

func openRouterError(status int, message string) object {
	return object{"error": object{"message": message, "code": status}, "user_id": "user_mock"}
}
