// Package ending knows how the streams of LLM providers end and fail.
//
// There is one list for all wire formats, because a client does not know the
// format of a stream. Both the gateway and the client of this module use it, so
// it imports only a JSON scanner.
package ending

import (
	"bytes"
	"encoding/base64"
	"strings"

	"github.com/lavapayments/lava-go/internal/jsonscan"
)

// Class is what an event means for who passes the stream on.
type Class int

// The classes.
const (
	// Content is part of the response, and anything unknown.
	Content Class = iota
	// Heartbeat carries nothing: it only keeps the connection alive.
	Heartbeat
	// UsageOnly is an event that an OpenAI stream contains only because usage was requested.
	UsageOnly
	// Last may be the last event: the format has no terminal event.
	Last
	// Terminal is the last event, at which clients stop reading.
	Terminal
	// Failure is an error reported by the provider inside the stream; it ends the response.
	Failure
)

// OfEvent returns the class of a server-sent event: its type, which may be empty,
// and its data.
func OfEvent(kind string, data []byte) Class {
	if class := ofType(kind); class != Content {
		return class
	}
	if len(data) == 0 || data[0] != '{' { // rarely
		switch data = bytes.TrimSpace(data); {
		case len(data) == 0:
			return Heartbeat
		case IsDone(data):
			return Terminal
		}
	}
	if named := kind != "" && kind != "message"; named && !bytes.Contains(data, []byte(`"error"`)) {
		return Content // the type is enough: no need to read the data
	}
	return ofData(data)
}

// BareError returns an error that a provider writes into a stream of server-sent events as it is, without "data:", or
// nil: "the connection closes with a raw (non-SSE) JSON error tail" (github.com/theopenco/llmgateway/pull/3616, about
// Gemini without capacity). raw is what stands in the place of an event.
func BareError(raw []byte) []byte {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' || !jsonscan.Valid(raw) || OfEvent("", raw) != Failure {
		return nil
	}
	return raw
}

// OfFrame returns the class of a message in Amazon's binary streams: its event
// type or exception type, or "error", and its payload.
func OfFrame(kind string, payload []byte) Class {
	switch {
	case kind == "metadata": // after the end of the message
		return Terminal
	case strings.HasSuffix(kind, "Exception"), kind == "error":
		return Failure
	case kind == "chunk" && hasMetrics(Invoked(payload)):
		return Last
	}
	return Content
}

// hasMetrics reports whether an event of a model is the last, which has Amazon's counts.
func hasMetrics(event []byte) bool {
	for key := range jsonscan.Fields(event) {
		if string(key) == "amazon-bedrock-invocationMetrics" {
			return true
		}
	}
	return false
}

// Invoked returns the event of a model inside a chunk of InvokeModel's streams, in the model's own format, or nil.
func Invoked(payload []byte) []byte {
	for key, value := range jsonscan.Fields(payload) {
		if text, ok := jsonscan.String(value, 0); ok && string(key) == "bytes" {
			event := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
			n, err := base64.StdEncoding.Decode(event, text)
			if err != nil {
				return nil
			}
			return event[:n]
		}
	}
	return nil
}

// IsDone reports whether data is OpenAI's mark for the end, which is not an event of
// the response.
func IsDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

// ofType classifies events by type: those that end a stream or report an error.
func ofType(kind string) Class {
	switch kind {
	case "message_stop", // Anthropic
		"response.completed", "response.incomplete", // OpenAI, this and the following
		"speech.audio.done", "transcript.text.done",
		"image_generation.completed", "image_edit.completed":
		return Terminal
	case "message-end", "stream-end": // Cohere; some send [DONE] after it
		return Last
	case "error", "response.failed":
		return Failure
	}
	return Content
}

// ofData classifies an event by its JSON object.
func ofData(data []byte) Class {
	class := Content
	var usage, noChoices, candidates, feedback bool
	for key, value := range jsonscan.Fields(data) {
		switch string(key) {
		case "error":
			if isError(value) {
				return Failure
			}
		case "object": // Mistral and vLLM: the event is an error in their usual form
			if string(value) == `"error"` {
				return Failure
			}
		case "done": // Ollama
			if string(value) == "true" {
				class = max(class, Last)
			}
		case "type", "event_type": // instead of or in addition to the event's name
			if kind, ok := jsonscan.String(value, 0); ok {
				class = max(class, ofType(string(kind)))
			}
		case "usage":
			usage = value[0] == '{'
		case "choices":
			if allErrors(value) {
				return Failure
			}
			noChoices = isEmpty(value)
		case "candidates":
			candidates = !isEmpty(value)
			if isFinished(value) {
				class = max(class, Last)
			}
		case "promptFeedback":
			feedback = value[0] == '{'
		}
	}
	switch {
	case class != Content:
		return class
	case usage && noChoices:
		return UsageOnly
	case feedback && !candidates: // the prompt was blocked: there won't be candidates
		return Last
	}
	return Content
}

// isError reports whether the value of the field error is an error. Many servers write the field into every event,
// with null or an empty string.
func isError(value []byte) bool {
	return value[0] == '{' || value[0] == '"' && string(value) != `""`
}

// allErrors reports whether there are choices, and each contains an error instead of a message, as at OpenRouter.
func allErrors(choices []byte) bool {
	found := false
	for choice := range jsonscan.Elements(choices) {
		failed := false
		for key, value := range jsonscan.Fields(choice) {
			failed = failed || string(key) == "error" && isError(value)
		}
		if !failed {
			return false
		}
		found = true
	}
	return found
}

// isEmpty reports whether a value isn't a list, or is an empty one.
func isEmpty(list []byte) bool {
	for range jsonscan.Elements(list) {
		return false
	}
	return true
}

// isFinished reports whether one of Google's candidates has a reason to finish.
func isFinished(candidates []byte) bool {
	for candidate := range jsonscan.Elements(candidates) {
		for key, value := range jsonscan.Fields(candidate) {
			if string(key) == "finishReason" && value[0] == '"' && string(value) != `""` {
				return true
			}
		}
	}
	return false
}
