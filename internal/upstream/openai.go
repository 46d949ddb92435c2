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
	switch c.Operation {
	case dialect.ChatCompletions:
		return c.chat(r), true
	case dialect.Completions:
		return c.completion(r), true
	case dialect.Responses:
		return c.responses(r), true
	case dialect.Embeddings:
		return c.embeddings(r), true
	case dialect.Images:
		return c.images(r), true
	case dialect.Speech:
		return c.speech(r), true
	case dialect.Transcription:
		return c.transcription(r), true
	}
	return c.native(r)
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
				a.text(dataEvent(body(choice(i, said[i][round], nil))))
			}
		}
	}
	for i, t := range all {
		a.closing = append(a.closing, dataEvent(body(choice(i, "", chatFinish.of(t.finish)))))
	}
	if c.WantsUsage && !r.NoUsage {
		b := body()
		b["choices"], b["usage"] = []object{}, usage
		a.closing = append(a.closing, dataEvent(b))
	}
	a.closing = append(a.closing, doneEvent)
	a.failure = c.habits().streamFailure()
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

func dataEvent(v any) []byte { return dataBytes(marshal(v)) }

func dataBytes(data []byte) []byte {
	b := make([]byte, 0, len("data: ")+len(data)+len("\n\n"))
	b = append(append(b, "data: "...), data...)
	return append(b, "\n\n"...)
}

func namedEvent(name string, v any) []byte {
	b := append([]byte("event: "+name+"\ndata: "), marshal(v)...)
	return append(b, "\n\n"...)
}
