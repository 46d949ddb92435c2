package upstream

import (
	"net/http"

	"github.com/lavapayments/lava-go/internal/catalog"
	"github.com/lavapayments/lava-go/internal/dialect"
)

// openAIFake responds as in OpenAI's API reference: text completions are in this file, others in chat.go,
// responses.go and media.go.
type openAIFake struct{}

func (openAIFake) respond(c *call, r Reply) (response, bool) {
	if c.providerID() == "mistral" {
		if a, ok := c.mistral(r); ok {
			return a, true
		}
	}
	switch c.Operation {
	case dialect.ChatCompletions:
		return c.chat(r), true
	case dialect.Completions:
		return c.completion(r), true
	case dialect.Responses:
		return c.responses(r), true
	case dialect.Embeddings:
		return c.embeddings(r), true
	case dialect.Embed:
		return c.ownEmbeddings(r), true
	case dialect.Images:
		return c.images(r), true
	case dialect.Speech:
		return c.speech(r), true
	case dialect.Transcription:
		return c.transcription(r), true
	case dialect.Moderation:
		return c.moderations(), true
	case dialect.CountTokens:
		return jsonResponse(object{"object": "response.input_tokens", "input_tokens": dialect.EstimateTokens(c.PromptCharacters())}), true
	}
	return response{}, false
}

func (openAIFake) failure(c *call, status int, message string) response {
	h := c.habits()
	body := marshal(h.failure(status, message))
	if h.listed {
		body = arrayOf(body)
	}
	return response{body: body}
}

func (openAIFake) model(c *call, m catalog.Model) object {
	return object{"id": m.ID, "object": "model", "created": modelCreated, "owned_by": c.providerID()}
}

func (openAIFake) models(list []object) any { return object{"object": "list", "data": list} }

const streamFault = "The server had an error while processing your request."

// completion is the older endpoint, which only supports text.
func (c *call) completion(r Reply) response {
	all := c.thinkAll(prompt{last: textOf(c.parsed().get("prompt"))}, r)
	usage := openAIUsage(all.usage(r))
	body := func(choices ...object) object {
		return object{"id": c.id("cmpl-", 0), "object": "text_completion", "created": c.created(), "model": c.Model, "choices": choices}
	}
	choice := func(i int, text string, finish any) object {
		return object{"index": i, "text": text, "logprobs": nil, "finish_reason": finish}
	}
	if !c.Stream {
		choices := make([]object, len(all))
		for i, t := range all {
			choices[i] = choice(i, t.text, chatFinish.of(t.finish))
		}
		b := body(choices...)
		if !r.NoUsage {
			b["usage"] = usage
		}
		return jsonResponse(b)
	}
	a := eventResponse()
	said, rounds := all.pieces(r.ChunkSize)
	for round := range rounds {
		for i := range said {
			if round < len(said[i]) {
				a.text(a.data(body(choice(i, said[i][round], nil))))
			}
		}
	}
	for i, t := range all {
		a.closing = append(a.closing, a.data(body(choice(i, "", chatFinish.of(t.finish)))))
	}
	if c.WantsUsage && !r.NoUsage {
		b := body()
		b["choices"], b["usage"] = []object{}, usage
		a.closing = append(a.closing, a.data(b))
	}
	a.closing = append(a.closing, doneEvent)
	a.failure = a.data(c.habits().streamFailure())
	return a
}

func openAIError(status int, message string) object {
	var code any
	kind := errorType(status)
	switch status {
	case http.StatusUnauthorized:
		kind, code = "invalid_request_error", "invalid_api_key"
	case http.StatusTooManyRequests:
		kind, code = "requests", "rate_limit_exceeded"
	case http.StatusNotFound:
		kind = "invalid_request_error"
	}
	if status >= 500 {
		kind = "server_error"
	}
	return object{"error": object{"message": message, "type": kind, "param": nil, "code": code}}
}

func eventResponse() response { return response{kind: "text/event-stream; charset=utf-8"} }

var doneEvent = []byte("data: [DONE]\n\n")

// data writes an event without a name.
func (a *response) data(v any) []byte {
	return a.event(func(b []byte) []byte { return append(appendValue(append(b, "data: "...), v), "\n\n"...) })
}

// named writes an event with a name.
func (a *response) named(name string, v any) []byte {
	return a.event(func(b []byte) []byte {
		b = append(append(append(b, "event: "...), name...), "\ndata: "...)
		return append(appendValue(b, v), "\n\n"...)
	})
}
